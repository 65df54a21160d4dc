use super::*;
use kezek_planner::solve::{Settings, Watch, solve};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The two days of the island in the West, whose order the plan instead goes without.
fn west() -> Case {
    Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/west-island")).unwrap()
}

fn planned(case: &Case) -> Plan {
    let stop = AtomicBool::new(false);
    let watch = &mut Watch { elapsed: &|| Duration::ZERO, stop: &stop, progress: &mut |_| {} };
    solve(case, Settings::of(case, 1), watch).unwrap()
}

fn both() -> (Case, Instead) {
    let case = west();
    let (ordered, instead) = (planned(&case), planned(&without_orders(&case, Policy::LeastCost)));
    let both = compare(&case, &ordered, Policy::LeastCost, &instead).unwrap();
    (case, both)
}

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn the_island_needs_no_order_for_the_same_relief() {
    let (case, both) = both();
    assert_eq!(both.orders, [case.schedules[0].number.clone()]);
    assert_near(both.ordered.cut_mwh, 2464.8);
    assert_near(both.instead.cut_mwh, 1745.2);
    assert_near(both.ordered.uncovered_mwh, 82.8);
    assert!(both.relief.is_kept && both.relief.more_mwh.abs() < 1e-6, "{:?}", both.relief);
    assert!(both.ordered.met_mwh <= both.ordered.cut_mwh, "no cut meets more than it takes");
    assert_near(both.ordered.met_mwh, both.need_mwh - 82.8);
}

#[test]
fn days_zones_hours_and_facilities_add_up_to_the_whole() {
    let (_, both) = both();
    for (whole, part, zone, own) in [
        (
            both.ordered,
            (|day| day.ordered) as fn(&Day) -> Part,
            (|zone| zone.ordered) as fn(&Zone) -> OfZone,
            (|own| own.ordered) as fn(&Facility) -> OfFacility,
        ),
        (both.instead, |day| day.instead, |zone| zone.instead, |own| own.instead),
    ] {
        let days = || both.days.iter().map(part);
        assert_near(days().map(|day| day.cut_mwh).sum(), whole.cut_mwh);
        assert_near(days().map(|day| day.met_mwh).sum(), whole.met_mwh);
        assert_near(both.zones.iter().map(|row| zone(row).uncovered_mwh).sum(), whole.uncovered_mwh);
        let facilities = || both.facilities.iter().map(own);
        assert_near(facilities().map(|own| own.cost).sum(), whole.cost);
        assert_near(facilities().map(|own| own.hours).sum(), whole.facility_hours);
        assert_eq!(facilities().map(|own| own.events as u64).sum::<u64>(), whole.events);
        let highest = facilities().filter_map(|own| own.burden).fold(0.0, f64::max);
        assert_near(highest, whole.burden.highest);
    }
    assert_eq!(both.days.len(), 2);
    assert_near(both.hours.iter().map(|hour| hour.instead_cut_mw).sum(), both.instead.cut_mwh);
    assert_near(both.days.iter().map(|day| day.need_mwh).sum(), both.need_mwh);
}

#[test]
fn a_plan_that_covers_less_is_told_with_its_zones_and_hours() {
    let case = west();
    let ordered = planned(&case);
    let mut nobody = without_orders(&case, Policy::LeastCost);
    nobody.objective.uncovered_cost_per_mwh = 0.0;
    let both = compare(&case, &ordered, Policy::LeastCost, &planned(&nobody)).unwrap();
    assert_eq!(both.instead.cut_mwh, 0.0);
    assert_near(both.relief.more_mwh, both.need_mwh - 82.8);
    assert!(!both.relief.is_kept && both.relief.hours_with_more > 0.0 && both.relief.most_mw > 0.0);
    let zones: Vec<&str> = both.relief.zones.iter().map(|more| more.zone.as_str()).collect();
    assert_eq!(zones, ["west"]);
}
