use super::*;
use kezek_model::units::Kw;
use kezek_planner::check::check;
use kezek_planner::replan::replan;
use kezek_planner::solve::{Settings, Watch, solve};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The evening worked by hand: a tie carries power from north to south.
fn small() -> Case {
    Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small")).unwrap()
}

fn blow(case: &Case, interval: usize) -> Blow {
    Blow {
        at: case.grid.instant(interval) - chrono::TimeDelta::minutes(1),
        until: None,
        islands: vec!["south".into()],
        change_mw: BTreeMap::new(),
    }
}

fn struck(blow: &Blow) -> (Case, Plan, Case, Plan, Stress) {
    let case = small();
    let stop = AtomicBool::new(false);
    let mut watch = Watch { elapsed: &|| Duration::ZERO, stop: &stop, progress: &mut |_| {} };
    let settings = Settings::of(&case, 1);
    let plan = solve(&case, settings, &mut watch).unwrap();
    let left = blow.strike(&case, &plan).unwrap();
    let again = replan(&left, &plan, &[], settings, &mut watch).unwrap();
    let stress = tell(blow, (&case, &plan), (&left, &again.plan), again.moved).unwrap();
    (case, plan, left, again.plan, stress)
}

#[test]
fn what_was_carried_is_uncovered_until_it_is_shed() {
    let (_, plan, left, again, stress) = struck(&blow(&small(), 2));
    let sum = stress.sum;
    let ties_mwh = |plan: &Plan| plan.flows.iter().map(|flow| flow.mw.abs()).sum::<f64>();
    assert!(ties_mwh(&plan) > ties_mwh(&again), "the tie carries less now");
    assert!(sum.standing_uncovered_mwh > sum.planned_uncovered_mwh, "{sum:?}");
    assert!(sum.again_uncovered_mwh < sum.standing_uncovered_mwh, "{sum:?}");
    assert!(sum.shed_uncovered_mwh <= sum.again_uncovered_mwh + 1e-6, "nothing covers more than to shed all");
    assert!((sum.drawn_mwh - sum.kept_mwh - sum.in_notice_mwh - sum.can_be_shed_mwh).abs() < 1e-9);
    assert!(check(&left, &again, None).passed());
}

#[test]
fn cuts_for_a_zone_that_can_no_longer_be_reached_are_idle() {
    let (_, plan, _, _, stress) = struck(&blow(&small(), 2));
    let zone = |name: &str| stress.zones.iter().find(|zone| zone.zone.as_str() == name).unwrap().sum;
    let north = zone("north");
    assert!(north.cut_mwh > 0.0, "the plan cuts the north for the south");
    assert_eq!(north.idle_mwh, north.cut_mwh, "{north:?}");
    assert_eq!(zone("south").idle_mwh, 0.0);
    let facilities = || stress.facilities.iter();
    assert_eq!(facilities().map(|own| own.idle_mwh).sum::<f64>(), stress.sum.idle_mwh);
    let after = |row: &&kezek_model::plan::Allocation| row.interval_start >= stress.from;
    let cut: Kw = plan.allocations.iter().filter(after).map(|row| row.cut).sum();
    assert_eq!(facilities().map(|own| own.cut_mwh).sum::<f64>(), cut.mw());
}

#[test]
fn what_notice_keeps_comes_from_the_plan_of_that_moment() {
    let (case, plan, left, again, _) = struck(&blow(&small(), 2));
    assert_eq!((case.issued_at < left.issued_at, left.issued_at), (true, blow(&case, 2).at));
    let mut kept = 0;
    for (f, facility) in left.facilities.iter().enumerate() {
        for t in (0..left.grid.len).filter(|&t| facility.kept_kw[t].is_some()) {
            let at = f * left.grid.len + t;
            assert_eq!(again.allocations[at].cut, plan.allocations[at].cut);
            kept += 1;
        }
    }
    assert!(kept > 0);
}

#[test]
fn the_blow_strikes_its_own_intervals_only() {
    let case = small();
    let blow = Blow {
        until: Some(case.grid.instant(4)),
        change_mw: [("north".into(), -2.5)].into(),
        ..blow(&case, 2)
    };
    let (_, _, left, _, stress) = struck(&blow);
    let changed = |t: &usize| left.scenarios[0].headroom_mw[0][*t] != case.scenarios[0].headroom_mw[0][*t];
    assert_eq!((0..case.grid.len).filter(changed).collect::<Vec<usize>>(), [2, 3]);
    let cut_off = |t: &usize| left.ties[0].limit_mw[*t] == Some(0.0);
    assert_eq!((0..case.grid.len).filter(cut_off).collect::<Vec<usize>>(), [2, 3]);
    assert_eq!((stress.from, stress.to), (case.grid.instant(2), case.grid.instant(4)));
    assert_eq!(stress.hours.len(), 4);
}

#[test]
fn a_blow_that_strikes_nothing_is_told() {
    let case = small();
    let plan = struck(&blow(&case, 2)).1;
    let told = |blow: Blow| blow.strike(&case, &plan).unwrap_err().to_string();
    let zone = |zone: &str| Blow { islands: vec![zone.into()], ..blow(&case, 2) };
    assert!(told(zone("east")).contains("no zone east"));
    let at = case.grid.start - chrono::TimeDelta::minutes(1);
    for (at, until) in
        [(at, None), (case.grid.end(), None), (case.grid.instant(2), Some(case.grid.instant(2)))]
    {
        assert!(told(Blow { at, until, ..zone("south") }).contains("no interval"), "{at}");
    }
}
