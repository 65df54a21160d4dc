//! From an approved plan to what each facility will be told: no meaningful choice is left.

use crate::slots;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use kezek_model::case::{Case, Facility};
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::order::{Notice, Priority, RestoreSlot, Segment};
use kezek_model::plan::{Allocation, Plan};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All that an order needs except its number, sequence and journal head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// For whom.
    pub facility: FacilityId,
    /// Where it stands.
    pub zone: ZoneId,
    /// Never cut.
    pub protected: bool,
    /// Civil date of the window's start, for the order's number.
    pub day: NaiveDate,
    /// The facility's civil clock: its days and hours are compared with one another.
    #[serde(default = "utc")]
    pub time_zone: Tz,
    /// Start of the plan's horizon.
    pub window_from: DateTime<Utc>,
    /// Its end, exclusive.
    pub window_to: DateTime<Utc>,
    /// The limits; empty: free in this window.
    pub segments: Vec<Segment>,
    /// No limit is below it.
    #[serde(rename = "floor_mw")]
    pub floor: Kw,
    /// Fastest return in MW per hour.
    #[serde(rename = "ramp_up_mw_per_h")]
    pub ramp_up: Option<Kw>,
    /// When load may return, and to what; there exactly where segments are.
    pub restore: Option<RestoreSlot>,
    /// What the limits were measured from.
    pub depth_base: String,
    /// The texts.
    pub notice: Notice,
    /// How it is meant.
    pub priority: Priority,
    /// Minutes from issue to `ack_by`.
    pub ack_minutes: u32,
}

/// The clock of drafts that were written before they carried one.
fn utc() -> Tz {
    Tz::UTC
}

/// What the orders of a plan say beyond the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Issuer, signatory, legal basis, reason, contact.
    pub notice: Notice,
    /// How the orders are meant.
    pub priority: Priority,
    /// Minutes from issue to `ack_by`.
    pub ack_minutes: u32,
    /// What limits are measured from.
    pub depth_base: String,
    /// Restore limit per plan interval of zones whose case names none; `None`: all return at once.
    #[serde(rename = "restore_limit_mw")]
    pub restore_limit: Option<Kw>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            notice: Notice::default(),
            priority: Priority::Normal,
            ack_minutes: 30,
            depth_base: "nominated".into(),
            restore_limit: None,
        }
    }
}

/// One draft for every facility of the case, sorted by facility; without segments where nothing is cut.
///
/// Adjacent intervals with the same limit and cut are one segment. Loads whose last cut ends with the horizon
/// return in staggered slots within the zone's restore limit; inside the horizon the plan itself keeps it.
#[must_use]
pub fn drafts(case: &Case, plan: &Plan, terms: &Terms) -> Vec<Draft> {
    let mut rows: BTreeMap<&FacilityId, Vec<&Allocation>> = BTreeMap::new();
    for row in &plan.allocations {
        rows.entry(&row.facility).or_default().push(row);
    }
    let of = |facility: &Facility| rows.get(&facility.id).map_or(&[][..], Vec::as_slice);
    let mut drafts: Vec<Draft> =
        case.facilities.iter().map(|facility| draft(case, facility, of(facility), terms)).collect();
    slots::stagger(case, terms.restore_limit, &mut drafts);
    drafts
}

fn draft(case: &Case, facility: &Facility, rows: &[&Allocation], terms: &Terms) -> Draft {
    let segments = segments(case, facility, rows);
    let restore = segments.last().map(|last| RestoreSlot { from: last.to, to: nominated_at(rows, last.to) });
    Draft {
        facility: facility.id.clone(),
        zone: facility.zone.clone(),
        protected: facility.protected,
        day: case.grid.civil_date(0, case.grid.time_zone),
        time_zone: facility.time_zone,
        window_from: case.grid.start,
        window_to: case.grid.end(),
        segments,
        floor: facility.floor_kw,
        ramp_up: facility.ramp_up_kw_per_h,
        restore,
        depth_base: terms.depth_base.clone(),
        notice: terms.notice.clone(),
        priority: terms.priority,
        ack_minutes: terms.ack_minutes,
    }
}

/// Length of a plan interval.
pub(crate) fn step(case: &Case) -> TimeDelta {
    TimeDelta::minutes(i64::from(case.grid.step_minutes))
}

/// The limits of a facility that is cut at all: also where its licence is not valid, so that the end of a cut is
/// never an invitation to draw without one.
fn segments(case: &Case, facility: &Facility, rows: &[&Allocation]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    if rows.iter().all(|row| row.cut == Kw::ZERO) {
        return segments;
    }
    for row in rows.iter().filter(|row| row.cut > Kw::ZERO || !facility.is_licensed_at(row.interval_start)) {
        let (from, to) = (row.interval_start, row.interval_start + step(case));
        // Without a licence a facility may nominate less than its floor; no limit is below one.
        let (limit, cut) = (row.limit.max(facility.floor_kw), row.cut);
        match segments.last_mut() {
            Some(last) if (last.to, last.limit, last.cut) == (from, limit, cut) => last.to = to,
            _ => segments.push(Segment { from, to, limit, cut }),
        }
    }
    segments
}

/// What the facility may draw after its last cut: the nomination then, or the last one of the plan.
fn nominated_at(rows: &[&Allocation], instant: DateTime<Utc>) -> Kw {
    let after = rows.iter().find(|row| row.interval_start >= instant).or(rows.last());
    after.map_or(Kw::ZERO, |row| row.nominated)
}

/// Highest total cut of some drafts at an instant; it decides how many people must approve.
#[must_use]
pub fn peak_cut(drafts: &[Draft]) -> Kw {
    let segments = || drafts.iter().flat_map(|draft| &draft.segments);
    let mut changes: Vec<(DateTime<Utc>, i64)> = segments()
        .flat_map(|segment| [(segment.from, segment.cut.0), (segment.to, -segment.cut.0)])
        .collect();
    changes.sort_unstable();
    let (mut total, mut peak) = (0, 0);
    for (_, change) in changes {
        total += change;
        peak = peak.max(total);
    }
    Kw(peak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{full, hour};
    use kezek_model::case::{Objective, Policy, Scenario, SolverSettings, Zone};
    use kezek_model::grid::TimeGrid;
    use kezek_model::plan::{Status, Totals};
    use proptest::prelude::*;

    const HOURS: usize = 4;

    fn facility(id: &str, protected: bool) -> Facility {
        let nomination = vec![Kw(20_000); HOURS];
        Facility {
            protected,
            floor_kw: Kw(2_000),
            ramp_up_kw_per_h: Some(Kw(9_000)),
            ..Facility::unlimited(id.into(), "south".into(), chrono_tz::Asia::Almaty, nomination)
        }
    }

    fn case(restore_limit_mw: Option<f64>) -> Case {
        let grid =
            TimeGrid { start: hour(0), step_minutes: 60, len: HOURS, time_zone: chrono_tz::Asia::Almaty };
        Case {
            name: "test".into(),
            issued_at: hour(-6),
            grid,
            objective: Objective {
                policy: Policy::LeastCost,
                uncovered_cost_per_mwh: 1.0,
                currency: "USD".into(),
            },
            solver: SolverSettings::default(),
            zones: vec![Zone { id: "south".into(), restore_limit_mw }],
            ties: vec![],
            tier_adder_per_mwh: BTreeMap::new(),
            facilities: ["F1", "F2", "F3"].map(|id| facility(id, id == "F3")).into(),
            scenarios: vec![Scenario { id: String::new(), probability: 1.0, headroom_mw: vec![] }],
            risk: None,
            auction: None,
            schedules: vec![],
        }
    }

    fn plan(cuts_kw: &[(&str, [i64; HOURS])]) -> Plan {
        let row = |id: &str, t: usize, cut: i64| Allocation {
            facility: id.into(),
            interval_start: hour(i64::try_from(t).unwrap()),
            nominated: Kw(20_000 + i64::try_from(t).unwrap()),
            limit: Kw(20_000 + i64::try_from(t).unwrap() - cut),
            cut: Kw(cut),
            reason: "short".into(),
        };
        let rows = |(id, cuts): &(&str, [i64; HOURS])| -> Vec<Allocation> {
            cuts.iter().enumerate().map(|(t, &cut)| row(id, t, cut)).collect()
        };
        Plan {
            case: "test".into(),
            case_digest: "case".into(),
            engine: "0".into(),
            policy: Policy::LeastCost,
            seed: 1,
            parent: None,
            status: Status::Optimal,
            objective: 0.0,
            bound: None,
            gap: None,
            seconds: 0.0,
            totals: Totals::default(),
            stages: None,
            uncertainty: None,
            allocations: cuts_kw.iter().flat_map(rows).collect(),
            zones: vec![],
            flows: vec![],
            overridden: vec![],
        }
    }

    #[test]
    fn equal_neighbours_are_one_segment_and_only_cuts_are_told() {
        // Nominations rise by 1 kW an hour, so these cuts leave 10 MW, 10 MW, all, 5 MW.
        let plan = plan(&[("F1", [10_000, 10_001, 0, 15_003]), ("F2", [0, 7_000, 0, 0])]);
        let drafts = drafts(&case(None), &plan, &Terms::default());
        assert_eq!(drafts.len(), 3, "one per facility, cut or not");
        let of = |n: usize| -> Vec<_> {
            drafts[n].segments.iter().map(|s| (s.from, s.to, s.limit.0, s.cut.0)).collect()
        };
        let one = [
            (hour(0), hour(1), 10_000, 10_000),
            (hour(1), hour(2), 10_000, 10_001),
            (hour(3), hour(4), 5_000, 15_003),
        ];
        assert_eq!(of(0), one, "the cut beside a limit is never misstated");
        assert_eq!(of(2), []);
        let back = drafts[1].restore.clone().unwrap();
        assert_eq!((back.from, back.to), (hour(2), Kw(20_002)), "back to what is nominated then");
        assert_eq!(drafts[0].day.to_string(), "2022-01-24");
        assert_eq!((drafts[0].floor, drafts[0].ramp_up), (Kw(2_000), Some(Kw(9_000))));
    }

    #[test]
    fn equal_limits_and_cuts_merge() {
        let mut plan = plan(&[("F1", [9_000; HOURS])]);
        plan.allocations.iter_mut().for_each(|row| row.limit = Kw(11_000));
        let drafts = drafts(&case(None), &plan, &Terms::default());
        assert_eq!(drafts[0].segments.len(), 1);
        assert_eq!((drafts[0].segments[0].from, drafts[0].segments[0].to), (hour(0), hour(4)));
    }

    #[test]
    fn loads_that_return_at_the_end_are_staggered_within_the_zones_limit() {
        let plan = plan(&[("F1", [0, 0, 0, 9_000]), ("F2", [0, 0, 9_000, 2_000])]);
        let slots = |limit, terms: &Terms| -> Vec<_> {
            let drafts = drafts(&case(limit), &plan, terms);
            drafts.iter().filter_map(|draft| draft.restore.as_ref().map(|slot| slot.from)).collect()
        };
        let terms = Terms::default();
        assert_eq!(slots(None, &terms), [hour(4), hour(4)]);
        assert_eq!(slots(Some(11.0), &terms), [hour(4), hour(4)]);
        assert_eq!(slots(Some(10.999), &terms), [hour(4), hour(5)]);
        let limited = Terms { restore_limit: Some(Kw(10_000)), ..terms };
        assert_eq!(slots(None, &limited), [hour(4), hour(5)]);
    }

    #[test]
    fn inside_the_horizon_the_plan_itself_keeps_the_limit() {
        let plan = plan(&[("F1", [9_000, 0, 0, 0]), ("F2", [0, 0, 0, 9_000])]);
        let drafts = drafts(&case(Some(10.0)), &plan, &Terms::default());
        let slots: Vec<_> = drafts.iter().filter_map(|draft| draft.restore.as_ref()).collect();
        assert_eq!((slots[0].from, slots[1].from), (hour(1), hour(4)));
    }

    #[test]
    fn a_load_above_the_limit_returns_in_steps_and_what_cannot_is_named() {
        let plan = plan(&[("F1", [0, 0, 0, 18_000]), ("F2", [0, 0, 0, 3_000])]);
        let mut case = case(Some(8.0));
        let made = drafts(&case, &plan, &Terms::default());
        let hours = |at: DateTime<Utc>| (at - hour(0)).num_hours();
        let rows = made[0].segments.iter().map(|s| (hours(s.from), hours(s.to), s.limit.0, s.cut.0));
        let steps = [(3, 4, 2_003, 18_000), (4, 5, 10_003, 10_000), (5, 6, 18_003, 2_000)];
        assert_eq!(rows.collect::<Vec<_>>(), steps);
        assert_eq!(made[0].restore.clone().unwrap().from, hour(6));
        case.facilities[0].block_kw = Some(Kw(18_000));
        let whole = drafts(&case, &plan, &Terms::default());
        assert_eq!((whole[0].segments.len(), whole[0].restore.clone().unwrap().from), (1, hour(4)));
        let blocks = |drafts: &[Draft]| -> Vec<_> {
            let moves = crate::bounds(&case, &plan, &Terms::default(), drafts).zones.remove(0).moves;
            moves.iter().map(|moved| (moved.at, moved.block)).filter(|(_, block)| block.0 > 0).collect()
        };
        assert_eq!(blocks(&made), []);
        let block = blocks(&whole);
        assert_eq!(block, [(hour(4), Kw(18_000))]);
        let alone = |drafts: Vec<Draft>| {
            let bounds = Some(crate::bounds(&case, &plan, &Terms::default(), &drafts));
            let proposed = crate::Proposed { bounds, ..crate::testing::proposed("p1", None, drafts) };
            let found = crate::lone_returns(&proposed).into_iter();
            let told = |one: crate::LoneReturn<'_>| {
                (one.facility.to_string(), one.at, one.returns, one.restore_limit)
            };
            found.map(told).collect::<Vec<_>>()
        };
        assert_eq!(alone(made), []);
        assert_eq!(alone(whole), [("F1".to_owned(), hour(4), Kw(18_000), Kw(8_000))]);
    }

    fn last_cuts() -> impl Strategy<Value = (Vec<(i64, i64, Option<i64>)>, i64)> {
        let facility = (0_i64..18_000, 0_i64..9_000, proptest::option::of(1_000_i64..9_000));
        (proptest::collection::vec(facility, 2), 500_i64..20_000)
    }

    proptest! {
        #[test]
        fn whatever_is_cut_last_returns_within_the_limit((last, limit_kw) in last_cuts()) {
            let mut case = case(Some(limit_kw as f64 / 1000.0));
            for (facility, (_, min_cut, block)) in case.facilities.iter_mut().zip(&last) {
                (facility.min_cut_kw, facility.block_kw) = (Kw(*min_cut), block.map(Kw));
            }
            let cuts = |n: usize| [0, 0, 0, last[n].0];
            let plan = plan(&[("F1", cuts(0)), ("F2", cuts(1))]);
            let drafts = drafts(&case, &plan, &Terms::default());
            prop_assert!(drafts.iter().all(|draft| crate::guard::draft(draft).is_ok()));
            let bounds = crate::bounds(&case, &plan, &Terms::default(), &drafts);
            let proposed = crate::Proposed { bounds: Some(bounds), ..crate::testing::proposed("p1", None, drafts) };
            let judged = crate::swing::judge(&crate::State::new(), crate::swing::Act::Issue(&proposed), hour(-6));
            prop_assert!(judged.is_ok(), "{judged:?}");
        }
    }

    #[test]
    fn the_end_of_a_cut_is_no_invitation_to_draw_without_a_licence() {
        let mut case = case(None);
        // The licence ends with the civil day in Almaty, 24 hours after the start of the horizon.
        case.facilities[0].licence_to = Some(case.grid.civil_date(0, chrono_tz::Asia::Almaty));
        let mut plan = plan(&[("F1", [18_000, 0, 0, 0])]);
        for (t, row) in plan.allocations.iter_mut().enumerate().skip(1) {
            row.interval_start = hour(23 + i64::try_from(t).unwrap());
            (row.nominated, row.limit) = (Kw(1_500), Kw(1_500));
        }
        let drafts = drafts(&case, &plan, &Terms::default());
        let told: Vec<_> = drafts[0].segments.iter().map(|s| (s.from, s.to, s.limit, s.cut)).collect();
        let floor = Kw(2_000);
        assert_eq!(told, [(hour(0), hour(1), floor, Kw(18_000)), (hour(24), hour(27), floor, Kw(0))]);
    }

    #[test]
    fn the_peak_is_the_highest_sum_at_one_instant() {
        assert_eq!(peak_cut(&[full("F1", 0, 2), full("F2", 2, 4)]), Kw(18_000));
        assert_eq!(peak_cut(&[full("F1", 0, 3), full("F2", 2, 4)]), Kw(36_000));
        assert_eq!(peak_cut(&[]), Kw(0));
    }
}
