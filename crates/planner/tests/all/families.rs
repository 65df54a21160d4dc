//! Each family of rules on a case of its own, worked by hand.

use crate::builder::*;
use chrono::TimeDelta;
use kezek_model::case::{Case, Policy};
use kezek_model::plan::{Plan, Status};
use kezek_model::schedule::{Budget, DepthBase, DepthKind};
use kezek_model::units::Kw;
use kezek_planner::check::{Rule, check};

/// One facility of 10 MW in a zone that has enough.
fn one(len: usize) -> Case {
    let mut case = case(&[vec![10_000; len]]);
    case.facilities = vec![facility("F0", 10_000, len)];
    case
}

/// A running cut of 4 MW that began some minutes before the horizon.
fn running(len: usize, minutes: i64) -> Case {
    let mut case = one(len);
    case.facilities[0].state.cut_kw = Kw(4_000);
    case.facilities[0].state.cut_since = Some(instant(START) - TimeDelta::minutes(minutes));
    case
}

#[track_caller]
fn one_holds(case: &Case, cut_kw: &[i64]) {
    holds(case, &[cut_kw.to_vec()]);
}

#[track_caller]
fn one_breaks(case: &Case, cut_kw: &[i64], rule: Rule, t: usize) {
    breaks(case, &[cut_kw.to_vec()], rule, "F0", t);
}

mod identity_and_rows {
    use super::*;

    #[track_caller]
    fn refused(change: impl FnOnce(&mut Plan), rule: Rule) {
        let mut case = case(&[vec![5_000; 2], vec![5_000; 2]]);
        case.facilities = vec![facility("F0", 10_000, 2), facility("F1", 3_000, 2)];
        case.ties = vec![tie(1_000, 2)];
        let mut plan = plan(&case, &[vec![0; 2], vec![0; 2]]);
        change(&mut plan);
        let report = check(&case, &plan, None);
        assert!(report.findings.iter().any(|finding| finding.rule == rule), "{report}");
    }

    #[test]
    fn a_plan_of_another_case_is_refused() {
        refused(|plan| plan.case = "other".into(), Rule::Identity);
        refused(|plan| plan.case_digest = "00".into(), Rule::Identity);
        refused(|plan| plan.engine = " ".into(), Rule::Identity);
        refused(|plan| plan.policy = Policy::Rotation, Rule::Identity);
        refused(|plan| plan.parent = Some("a parent".into()), Rule::Identity);
    }

    #[test]
    fn every_row_is_there_once_and_in_order() {
        refused(|plan| drop(plan.allocations.remove(1)), Rule::Rows);
        refused(|plan| plan.allocations.push(plan.allocations[0].clone()), Rule::Rows);
        refused(|plan| plan.allocations.swap(0, 2), Rule::Rows);
        refused(|plan| plan.zones.swap(0, 1), Rule::Rows);
        refused(|plan| plan.flows.clear(), Rule::Rows);
        refused(|plan| plan.flows[0].tie = "nowhere".into(), Rule::Rows);
        refused(|plan| plan.zones[3].interval_start += TimeDelta::seconds(1), Rule::Rows);
    }

    #[test]
    fn no_plan_makes_the_judge_panic() {
        refused(|plan| plan.allocations[0].cut = Kw(i64::MIN), Rule::Rows);
        refused(|plan| plan.allocations[0].limit = Kw(i64::MAX), Rule::Rows);
        refused(|plan| plan.flows[0].mw = f64::NAN, Rule::Rows);
        refused(|plan| plan.flows[0].mw = f64::MAX, Rule::Rows);
        refused(|plan| plan.zones[0].headroom_mw = f64::NAN, Rule::ZoneFigure);
        refused(|plan| plan.totals.cost = f64::INFINITY, Rule::Total);
        refused(|plan| plan.objective = f64::NAN, Rule::Objective);
        refused(|plan| plan.bound = Some(f64::NAN), Rule::Bound);
        refused(|plan| plan.zones[0].interval_start = chrono::DateTime::<chrono::Utc>::MAX_UTC, Rule::Rows);
        refused(|plan| plan.flows[0].interval_start = chrono::DateTime::<chrono::Utc>::MIN_UTC, Rule::Rows);
        let far = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        let row = || kezek_model::plan::Overridden {
            facility: "F0".into(),
            interval_start: far,
            rule: "notice_min".into(),
            by: "state".into(),
        };
        refused(|plan| plan.overridden.extend([row(), row()]), Rule::Overridden);
    }
}

mod nonsense {
    use super::*;
    use crate::scenes::{Dice, random};
    use chrono::{DateTime, Utc};

    /// Puts something impossible, or another row's values, somewhere into a plan.
    fn spoil(plan: &mut Plan, dice: &mut Dice) {
        let number = dice.pick(&[f64::NAN, f64::INFINITY, -f64::MAX, 1e300, -1.0, 0.0, 0.1]);
        let kw = Kw(dice.pick(&[i64::MIN, i64::MAX, -1, 1, 1_000_000_000_000, -1_000_000_000_000]));
        let at = dice.pick(&[DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, instant(START)]);
        let row = dice.below(plan.allocations.len().max(1) as i64) as usize;
        match (dice.below(13), plan.allocations.get_mut(row), plan.zones.first_mut()) {
            (0, Some(row), _) => row.cut = kw,
            (1, Some(row), _) => (row.limit, row.nominated) = (kw, kw),
            (2, Some(row), _) => row.interval_start = at,
            (3, Some(row), _) => row.facility = "".into(),
            (4, _, Some(row)) => (row.headroom_mw, row.import_mw) = (number, number),
            (5, _, Some(row)) => row.interval_start = at,
            (6, _, _) => plan.flows.iter_mut().for_each(|row| row.mw = number),
            (7, _, _) => plan.flows.iter_mut().for_each(|row| row.interval_start = at),
            (8, _, _) => (plan.objective, plan.bound, plan.gap) = (number, Some(number), Some(number)),
            (9, _, _) => plan.totals.cost = number,
            (10, _, _) => plan.allocations.truncate(row),
            (11, _, _) => plan.zones.clear(),
            _ => plan.stages = Some(vec![]),
        }
    }

    #[test]
    fn never_makes_the_judge_panic_and_never_passes() {
        let mut dice = Dice(5);
        for seed in 1..600 {
            let case = random(seed).case;
            let mut plan = plan(&case, &vec![vec![0; case.grid.len]; case.facilities.len()]);
            plan.case_digest.clear();
            for _ in 0..=dice.below(3) {
                spoil(&mut plan, &mut dice);
            }
            let report = check(&case, &plan, None);
            assert!(!report.passed() && !report.to_string().is_empty());
        }
    }
}

mod nomination {
    use super::*;

    #[test]
    fn quota_floor_and_licence() {
        let mut case = one(2);
        let f = &mut case.facilities[0];
        (f.floor_kw, f.quota_kw[0], f.quota_kw[1]) = (Kw(2_000), Some(Kw(1_000)), Some(Kw(4_000)));
        one_holds(&case, &[0, 2_000]);
        let plan = plan(&case, &[vec![0, 0]]);
        assert_eq!(plan.allocations.iter().map(|row| row.nominated.0).collect::<Vec<_>>(), [2_000, 4_000]);
        case.facilities[0].licence_to = instant(START).date_naive().pred_opt();
        one_holds(&case, &[0, 0]);
        one_breaks(&case, &[0, 1_000], Rule::Range, 1);
    }

    #[test]
    fn a_wrong_nomination_or_limit_is_found() {
        let case = one(1);
        let mut wrong = plan(&case, &[vec![1_000]]);
        wrong.allocations[0].nominated = Kw(9_000);
        assert!(finds(&case, &wrong, Rule::Nomination, "F0", Some(0)));
        assert!(finds(&case, &wrong, Rule::Limit, "F0", Some(0)));
        wrong.allocations[0].reason.clear();
        assert_eq!(check(&case, &wrong, None).findings.len(), 3);
    }

    #[test]
    fn the_protected_are_never_cut() {
        let mut case = one(1);
        case.facilities[0].protected = true;
        case.schedules = vec![order("A/1", DepthKind::Full, 0.0, "00:00", "24:00")];
        one_holds(&case, &[0]);
        one_breaks(&case, &[10_000], Rule::Range, 0);
    }
}

mod range {
    use super::*;

    #[test]
    fn smallest_cut_blocks_and_full_cut() {
        let mut case = one(1);
        (case.facilities[0].min_cut_kw, case.facilities[0].block_kw) = (Kw(4_000), Some(Kw(3_000)));
        for cut in [0, 6_000, 9_000, 10_000] {
            one_holds(&case, &[cut]);
        }
        for cut in [-3_000, 1, 3_000, 4_000, 7_000, 9_999, 12_000] {
            one_breaks(&case, &[cut], Rule::Range, 0);
        }
    }

    #[test]
    fn the_full_cut_is_allowed_below_the_smallest_too() {
        let mut case = one(1);
        case.facilities[0].min_cut_kw = Kw(20_000);
        one_holds(&case, &[10_000]);
        one_breaks(&case, &[9_000], Rule::Range, 0);
    }
}

mod standing_orders {
    use super::*;

    /// The least cut that the judge asks of facilities of 10 and 20 MW (quota 8 and none, maximum 12 and none).
    fn demands(kind: DepthKind, of: DepthBase, value: f64) -> Vec<i64> {
        let mut case = case(&[vec![30_000]]);
        let (mut first, second) = (facility("F0", 10_000, 1), facility("F1", 20_000, 1));
        (first.quota_kw[0], first.twelve_month_max_kw) = (Some(Kw(12_000)), Some(Kw(16_000)));
        let mut protected = facility("F2", 5_000, 1);
        protected.protected = true;
        case.facilities = vec![first, second, protected];
        let mut order = order("A/1", kind, value, "00:00", "24:00");
        order.depth.of = of;
        case.schedules = vec![order];
        least_cuts(&case)
    }

    fn least_cuts(case: &Case) -> Vec<i64> {
        let least = |i: usize| {
            let breaks = |&cut: &i64| {
                let mut cuts: Vec<Vec<i64>> = case
                    .facilities
                    .iter()
                    .map(|f| vec![if f.protected { 0 } else { f.nomination_kw[0].0 }])
                    .collect();
                cuts[i][0] = cut;
                finds(case, &plan(case, &cuts), Rule::StandingOrder, "", None)
            };
            (0..=20_000)
                .step_by(1_000)
                .flat_map(|cut| [cut - 1, cut, cut + 1])
                .find(|cut| !breaks(cut))
                .unwrap()
        };
        (0..case.facilities.len()).filter(|&i| !case.facilities[i].protected).map(least).collect()
    }

    #[test]
    fn every_kind_of_depth() {
        use DepthBase::{Nominated, Quota, TwelveMonthMax};
        use DepthKind::{ByMw, ByPercent, Full, None, ToMw, ToPercent};
        assert_eq!(demands(Full, Nominated, 0.0), [10_000, 20_000]);
        assert_eq!(demands(None, Nominated, 0.0), [-1, -1]);
        assert_eq!(demands(ToPercent, Nominated, 60.0), [4_000, 8_000]);
        assert_eq!(demands(ByPercent, Nominated, 60.0), [6_000, 12_000]);
        assert_eq!(demands(ToPercent, Quota, 50.0), [4_000, 10_000]);
        assert_eq!(demands(ToPercent, TwelveMonthMax, 50.0), [2_000, 10_000]);
        assert_eq!(demands(ToMw, Nominated, 15.0), [5_000, 10_000]);
        assert_eq!(demands(ByMw, Nominated, 15.0), [5_000, 10_000]);
        // 16 of 36 MW and 20 of 36 MW: 8 and 10 MW are left of 18.
        assert_eq!(demands(ToMw, TwelveMonthMax, 18.0), [2_000, 10_000]);
    }

    #[test]
    fn limits_round_down_to_kw_and_not_below_the_floor() {
        let mut case = one(1);
        // 33.33333 % of 10 MW is 3333.333 kW.
        case.schedules = vec![order("A/1", DepthKind::ToPercent, 33.333_33, "00:00", "24:00")];
        one_holds(&case, &[6_667]);
        one_breaks(&case, &[6_666], Rule::StandingOrder, 0);
        case.facilities[0].floor_kw = Kw(4_000);
        one_holds(&case, &[6_000]);
        one_breaks(&case, &[5_999], Rule::StandingOrder, 0);
    }

    #[test]
    fn the_lowest_limit_wins_and_then_the_other_applies_again() {
        let mut case = one(4);
        case.schedules = vec![
            order("A/1", DepthKind::ToPercent, 50.0, "00:00", "03:00"),
            order("B/1", DepthKind::Full, 0.0, "01:00", "02:00"),
        ];
        one_holds(&case, &[5_000, 10_000, 5_000, 0]);
        one_breaks(&case, &[5_000, 5_000, 5_000, 0], Rule::StandingOrder, 1);
        one_breaks(&case, &[5_000, 10_000, 0, 0], Rule::StandingOrder, 2);
    }

    #[test]
    fn a_superseded_order_is_void_and_scope_is_every_list() {
        let mut case = one(1);
        let mut release = order("B/1", DepthKind::None, 0.0, "00:00", "24:00");
        release.supersedes = Some("A/1".into());
        case.schedules = vec![order("A/1", DepthKind::Full, 0.0, "00:00", "24:00"), release];
        one_holds(&case, &[0]);
        case.schedules.truncate(1);
        one_breaks(&case, &[0], Rule::StandingOrder, 0);
        case.schedules[0].scope.zones = vec!["z1".into()];
        one_holds(&case, &[0]);
        case.schedules[0].scope.zones = vec!["z0".into()];
        case.schedules[0].scope.regions = vec!["Atyrau".into()];
        one_holds(&case, &[0]);
        case.facilities[0].region = Some("Atyrau".into());
        one_breaks(&case, &[0], Rule::StandingOrder, 0);
        case.schedules[0].scope.except = vec!["F0".into()];
        one_holds(&case, &[0]);
    }

    #[test]
    fn a_window_touches_every_interval_it_overlaps() {
        let mut case = one(3);
        case.schedules = vec![order("A/1", DepthKind::Full, 0.0, "01:30", "02:00")];
        one_holds(&case, &[0, 10_000, 0]);
        one_breaks(&case, &[0, 0, 0], Rule::StandingOrder, 1);
    }
}

mod time {
    use super::*;

    #[test]
    fn events_have_their_minimum_unless_horizon_or_room_ends() {
        let mut case = one(5);
        case.facilities[0].min_cut_minutes = 90;
        one_holds(&case, &[0, 1, 2, 0, 1]);
        one_breaks(&case, &[0, 1, 0, 0, 0], Rule::MinCut, 1);
        case.facilities[0].nomination_kw[2] = Kw(0);
        one_holds(&case, &[0, 1, 0, 0, 0]);
    }

    #[test]
    fn a_running_event_counts_from_when_it_began() {
        let mut case = running(3, 90);
        case.facilities[0].min_cut_minutes = 120;
        one_breaks(&case, &[0, 0, 0], Rule::MinCut, 0);
        one_holds(&case, &[1, 0, 0]);
        case.facilities[0].state.cut_since = Some(instant(START) - TimeDelta::minutes(120));
        one_holds(&case, &[0, 0, 0]);
    }

    #[test]
    fn events_stay_within_their_maximum() {
        let mut case = one(4);
        case.facilities[0].max_cut_minutes = Some(150);
        one_holds(&case, &[0, 1, 1, 0]);
        one_breaks(&case, &[0, 1, 1, 1], Rule::MaxCut, 1);
    }

    #[test]
    fn what_outlasts_the_maximum_is_overrun_and_priced() {
        let mut case = running(3, 60);
        case.facilities[0].max_cut_minutes = Some(120);
        case.facilities[0].ramp_up_kw_per_h = Some(Kw(2_000));
        let plan = plan(&case, &[vec![4_000, 2_000, 0]]);
        let report = check(&case, &plan, None);
        assert!(report.passed(), "{report}");
        // 6 MWh of cut at 50; 2 MWh of it, after the maximum, at 5000 more; no event starts.
        assert!(
            (plan.objective - 10_300.0).abs() < 1e-9 && plan.totals.cost == 300.0 && plan.totals.events == 0
        );
        assert_eq!((plan.overridden.len(), plan.overridden[0].by.as_str()), (1, "state"));
    }

    #[test]
    fn a_gap_is_kept_to_events_of_the_past_too() {
        let mut case = one(5);
        case.facilities[0].min_gap_minutes = 90;
        one_holds(&case, &[1, 0, 0, 1, 0]);
        one_breaks(&case, &[1, 0, 1, 0, 0], Rule::MinGap, 2);
        case.facilities[0].state.last_cut_end = Some(instant(START) - TimeDelta::minutes(31));
        one_breaks(&case, &[1, 0, 0, 0, 0], Rule::MinGap, 0);
        one_holds(&case, &[0, 1, 0, 0, 0]);
        let mut case = running(4, 90);
        case.facilities[0].min_gap_minutes = 120;
        one_breaks(&case, &[0, 1, 1, 0], Rule::MinGap, 1);
        one_holds(&case, &[0, 0, 1, 0]);
    }

    #[test]
    fn a_long_day_is_one_day() {
        let mut case = case(&[vec![10_000; 27]]);
        case.grid.start = instant("2024-02-28T18:00:00Z");
        case.issued_at = case.grid.start;
        case.facilities = vec![facility("F0", 10_000, 27)];
        case.facilities[0].time_zone = "Asia/Almaty".parse().unwrap();
        case.facilities[0].max_events_per_day = Some(1);
        let cuts = |at: &[usize]| (0..27).map(|t| i64::from(at.contains(&t))).collect::<Vec<_>>();
        one_breaks(&case, &cuts(&[2, 24]), Rule::MaxEvents, 24);
        one_holds(&case, &cuts(&[2, 25]));
        case.facilities[0].state.events_today = Some(1);
        one_breaks(&case, &cuts(&[2]), Rule::MaxEvents, 2);
        one_holds(&case, &cuts(&[25]));
    }

    #[test]
    fn an_event_that_runs_since_today_is_a_start_of_today() {
        let mut case = running(4, 90);
        case.facilities[0].max_events_per_day = Some(1);
        one_holds(&case, &[1, 0, 1, 0]);
        case.facilities[0].time_zone = "Asia/Almaty".parse().unwrap();
        one_breaks(&case, &[1, 0, 1, 0], Rule::MaxEvents, 2);
    }

    #[test]
    fn hours_are_counted_and_forced_ones_with_them() {
        let mut case = one(5);
        case.facilities[0].max_cut_hours = Some(2.5);
        one_holds(&case, &[1, 0, 1, 0, 0]);
        one_breaks(&case, &[1, 0, 1, 0, 1], Rule::MaxHours, 4);
        case.schedules = vec![order("A/1", DepthKind::Full, 0.0, "00:00", "02:00")];
        one_breaks(&case, &[10_000, 10_000, 0, 0, 1], Rule::MaxHours, 4);
    }

    #[test]
    fn a_programme_is_tighter_in_its_period_only() {
        let mut case = one(30);
        let mut programme = order("P/1", DepthKind::None, 0.0, "08:00", "09:00");
        programme.budget = Some(Budget {
            min_gap_minutes: Some(240),
            max_events_per_day: Some(2),
            max_cut_hours: Some(3.0),
            notice_minutes: None,
        });
        case.schedules = vec![programme];
        let cuts = |at: &[usize]| (0..30).map(|t| i64::from(at.contains(&t))).collect::<Vec<_>>();
        one_holds(&case, &cuts(&[0, 5, 24, 26, 28]));
        one_breaks(&case, &cuts(&[0, 4]), Rule::MinGap, 4);
        one_breaks(&case, &cuts(&[0, 5, 10]), Rule::MaxEvents, 10);
        one_breaks(&case, &cuts(&[0, 1, 2, 3]), Rule::MaxHours, 3);
        one_holds(&case, &cuts(&[0, 1, 2, 26, 27, 28]));
    }
}

mod notice {
    use super::*;

    #[test]
    fn a_frozen_interval_has_the_cut_of_the_state_or_the_one_ordered() {
        let mut case = running(4, 60);
        case.issued_at = instant(START);
        case.facilities[0].notice_minutes = 120;
        one_holds(&case, &[4_000, 4_000, 0, 0]);
        one_breaks(&case, &[4_000, 3_999, 0, 0], Rule::Notice, 1);
        case.facilities[0].kept_kw[1] = Some(Kw(6_000));
        one_holds(&case, &[4_000, 6_000, 0, 0]);
        case.facilities[0].nomination_kw[1] = Kw(5_000);
        one_holds(&case, &[4_000, 5_000, 0, 0]);
        case.facilities[0].kept_kw[0] = Some(Kw(0));
        case.facilities[0].kept_kw[1] = None;
        one_holds(&case, &[0, 0, 0, 0]);
        one_breaks(&case, &[0, 4_000, 0, 0], Rule::Notice, 1);
        // What was ordered ends the running event before its time: that gave way, and is named.
        case.facilities[0].min_cut_minutes = 120;
        one_holds(&case, &[0, 0, 0, 0]);
        assert_eq!(plan(&case, &[vec![0; 4]]).overridden[0].rule, "min_cut_min");
    }

    #[test]
    fn an_order_ends_the_freeze_and_is_named() {
        let mut case = one(4);
        case.issued_at = instant(START);
        case.facilities[0].notice_minutes = 180;
        case.schedules = vec![order("A/1", DepthKind::Full, 0.0, "01:00", "02:00")];
        one_breaks(&case, &[1, 10_000, 10_000, 0], Rule::Notice, 0);
        let named = plan(&case, &[vec![0, 10_000, 5_000, 0]]).overridden;
        assert_eq!(
            named.iter().map(|row| (row.rule.as_str(), row.by.as_str())).collect::<Vec<_>>(),
            [("notice_min", "A/1"); 2]
        );
        one_holds(&case, &[0, 10_000, 5_000, 0]);
    }

    #[test]
    fn a_programme_may_ask_for_longer_notice() {
        let mut case = one(3);
        case.issued_at = instant(START);
        one_holds(&case, &[1, 0, 0]);
        let mut programme = order("P/1", DepthKind::None, 0.0, "00:00", "24:00");
        programme.budget = Some(Budget { notice_minutes: Some(61), ..Budget::default() });
        case.schedules = vec![programme];
        one_breaks(&case, &[0, 1, 0], Rule::Notice, 1);
        one_holds(&case, &[0, 0, 1]);
    }
}

mod restore {
    use super::*;

    #[test]
    fn a_ramp_or_the_smallest_cut_and_what_the_nomination_falls() {
        let mut case = one(3);
        case.facilities[0].ramp_up_kw_per_h = Some(Kw(2_000));
        one_holds(&case, &[5_000, 3_000, 1_000]);
        one_breaks(&case, &[5_000, 2_999, 1_000], Rule::Ramp, 1);
        case.facilities[0].block_kw = Some(Kw(5_000));
        one_holds(&case, &[10_000, 5_000, 0]);
        one_breaks(&case, &[10_000, 0, 0], Rule::Ramp, 1);
        case.facilities[0].nomination_kw[1] = Kw(5_000);
        one_holds(&case, &[10_000, 0, 0]);
    }

    #[test]
    fn rounding_may_cost_less_than_one_kw() {
        let mut case = one(9);
        case.grid.step_minutes = 15;
        case.facilities[0].ramp_up_kw_per_h = Some(Kw(1_001));
        // 250.25 kW per interval: 251 is rounding, 252 is not.
        one_holds(&case, &[1_000, 749, 498, 247, 0, 0, 0, 0, 0]);
        one_breaks(&case, &[1_000, 748, 498, 247, 0, 0, 0, 0, 0], Rule::Ramp, 1);
    }

    #[test]
    fn the_first_interval_follows_the_state() {
        let mut case = running(2, 60);
        case.facilities[0].ramp_up_kw_per_h = Some(Kw(1_000));
        one_holds(&case, &[3_000, 2_000]);
        one_breaks(&case, &[2_999, 2_000], Rule::Ramp, 0);
        case.facilities[0].nomination_kw[0] = Kw(1_500);
        one_holds(&case, &[500, 0]);
    }

    /// Two facilities of 10 MW in a zone that may return 3 MW per interval.
    fn pair(len: usize) -> Case {
        let mut case = case(&[vec![20_000; len]]);
        case.facilities = vec![facility("F0", 10_000, len), facility("F1", 10_000, len)];
        case.zones[0].restore_limit_mw = Some(3.0);
        case
    }

    #[test]
    fn a_zone_returns_net_of_what_deepens() {
        let case = pair(2);
        holds(&case, &[vec![5_000, 3_000], vec![5_000, 4_000]]);
        breaks(&case, &[vec![5_000, 3_000], vec![5_000, 3_998]], Rule::ZoneRestore, "z0", 1);
        // Two under cut: rounding may cost less than 2 kW.
        holds(&case, &[vec![5_000, 3_000], vec![5_000, 3_999]]);
        holds(&case, &[vec![5_000, 0], vec![5_000, 7_000]]);
    }

    #[test]
    fn only_falls_of_those_under_cut_help() {
        let mut case = pair(2);
        case.facilities[0].nomination_kw[1] = Kw(6_000);
        holds(&case, &[vec![8_000, 4_000], vec![5_000, 2_000]]);
        breaks(&case, &[vec![0, 0], vec![5_000, 1_000]], Rule::ZoneRestore, "z0", 1);
    }

    #[test]
    fn what_notice_dictates_is_not_judged_but_others_may_not_add_to_it() {
        let mut case = pair(2);
        case.issued_at = instant(START);
        case.facilities[0].notice_minutes = 120;
        case.facilities[0].kept_kw = vec![Some(Kw(9_000)), Some(Kw(0))];
        holds(&case, &[vec![9_000, 0], vec![5_000, 5_000]]);
        breaks(&case, &[vec![9_000, 0], vec![5_000, 4_000]], Rule::ZoneRestore, "z0", 1);
    }
}

mod figures {
    use super::*;

    fn short() -> (Case, Plan) {
        let mut case = case(&[vec![6_000; 2], vec![1_000; 2]]);
        case.facilities = vec![facility("F0", 10_000, 2), facility("F1", 2_000, 2)];
        case.facilities[1].zone = "z1".into();
        case.ties = vec![tie(1_000, 2)];
        case.tier_adder_per_mwh = [(1, 20.0)].into();
        let plan = plan(&case, &[vec![3_000, 0], vec![0, 0]]);
        (case, plan)
    }

    #[test]
    fn a_short_case_by_hand() {
        let (case, plan) = short();
        let report = check(&case, &plan, None);
        assert!(report.passed(), "{report}");
        // First interval: 7 of 6 and 2 of 1 MW, 2 MW short; second: 4 and 1 MW short. One event of 3 MWh at 50 + 20.
        assert!((plan.totals.uncovered_mwh - 7.0).abs() < 1e-9);
        assert!((plan.totals.cost - 211.0).abs() < 1e-9);
        assert!((plan.objective - 35_211.0).abs() < 1e-9);
        assert!((plan.totals.max_burden - 0.15).abs() < 1e-12);
    }

    #[test]
    fn tolerances_of_zones_and_ties() {
        let (case, mut plan) = short();
        plan.zones[0].allocated_mw += 0.0004;
        assert!(check(&case, &plan, None).passed());
        plan.zones[0].allocated_mw += 0.0002;
        assert!(finds(&case, &plan, Rule::ZoneFigure, "z0", Some(0)));
        let over = plan_with_flows(&case, &[vec![3_000, 0], vec![0, 0]], &[1.000_000_5, 0.0]);
        assert!(check(&case, &over, None).passed());
        let over = plan_with_flows(&case, &[vec![3_000, 0], vec![0, 0]], &[1.000_002, 0.0]);
        assert!(finds(&case, &over, Rule::Tie, "z0-z1", Some(0)));
    }

    #[test]
    fn burdens_by_policy() {
        let (mut case, _) = short();
        (case.facilities[0].ledger.nominated_mwh, case.facilities[0].ledger.cut_mwh) = (20.0, 17.0);
        let cuts = [vec![3_000, 0], vec![0, 0]];
        assert!((plan(&case, &cuts).totals.max_burden - 0.15).abs() < 1e-12);
        case.objective.policy = Policy::Rotation;
        assert!((plan(&case, &cuts).totals.max_burden - 0.5).abs() < 1e-12);
        let burdens = kezek_planner::check::burdens(&case, &plan(&case, &cuts));
        let first = burdens[0].unwrap();
        assert_eq!((first.nominated_mwh, first.cut_mwh, first.share()), (40.0, 20.0, 0.5), "the past counts");
        assert_eq!(burdens[1].map(|burden| burden.share()), Some(0.0));
        holds(&case, &cuts);
        case.objective.policy = Policy::EqualShare;
        assert!((plan(&case, &cuts).totals.max_burden - 0.15).abs() < 1e-12);
        holds(&case, &cuts);
    }

    #[test]
    fn stages_are_there_for_lexicographic_policies_only() {
        let (mut case, mut least) = short();
        least.stages = Some(vec![]);
        assert!(finds(&case, &least, Rule::Stage, "", None));
        case.objective.policy = Policy::Rotation;
        let cuts = [vec![3_000, 0], vec![0, 0]];
        let mut without = plan(&case, &cuts);
        without.stages.as_mut().unwrap().pop();
        assert!(finds(&case, &without, Rule::Stage, "", None));
        without.stages = None;
        assert!(finds(&case, &without, Rule::Stage, "", None));
        let mut other = plan(&case, &cuts);
        prove(&mut other, 0.01);
        (other.bound, other.gap) = (None, None);
        assert!(finds(&case, &other, Rule::Bound, "", None) && finds(&case, &other, Rule::Gap, "", None));
    }
}

mod status {
    use super::*;

    /// Whether a status is accepted with this gap when this one was asked for; rounding can have added 7e-8.
    fn accepted(status: Status, gap: f64, asked_gap: Option<f64>) -> bool {
        let mut case = case(&[vec![100_000; 1]]);
        case.facilities = vec![facility("F0", 1_000_000, 1)];
        case.facilities[0].cut_cost_per_mwh = 0.000_1;
        let mut plan = plan(&case, &[vec![899_000]]);
        prove(&mut plan, gap);
        plan.status = status;
        check(&case, &plan, asked_gap).passed()
    }

    #[test]
    fn the_gap_decides_the_status() {
        use Status::{Optimal, TimeLimit, WithinGap};
        let cases = [
            (0.0, None, Optimal),
            (1e-6, None, Optimal),
            (2e-6, None, WithinGap),
            (0.000_9, None, WithinGap),
            (0.001_1, None, TimeLimit),
            (0.001_1, Some(0.01), WithinGap),
            (0.000_5, Some(0.000_1), TimeLimit),
        ];
        for (gap, asked, right) in cases {
            for status in [Optimal, WithinGap, TimeLimit] {
                assert_eq!(
                    accepted(status, gap, asked),
                    status == right,
                    "{status:?} with {gap} of {asked:?}"
                );
            }
        }
    }

    #[test]
    fn rounding_may_have_widened_the_gap() {
        let mut case = one(1);
        case.scenarios[0].headroom_mw[0][0] = 5.0;
        let mut plan = plan(&case, &[vec![5_000]]);
        // A kW costs 0.05 of 251: up to 2e-4 may be rounding.
        prove(&mut plan, 1.5e-4);
        for (status, right) in
            [(Status::Optimal, true), (Status::WithinGap, true), (Status::TimeLimit, false)]
        {
            plan.status = status;
            assert_eq!(check(&case, &plan, None).passed(), right, "{status:?}");
        }
    }

    #[test]
    fn without_a_bound_nothing_is_proven() {
        let case = one(1);
        let mut plan = plan(&case, &[vec![0]]);
        (plan.bound, plan.gap, plan.status) = (None, None, Status::TimeLimit);
        assert!(check(&case, &plan, None).passed());
        plan.status = Status::Optimal;
        assert!(finds(&case, &plan, Rule::Status, "", None));
        plan.gap = Some(0.0);
        assert!(finds(&case, &plan, Rule::Gap, "", None));
        (plan.bound, plan.gap) = (Some(1.0), Some(-1.0));
        assert!(finds(&case, &plan, Rule::Bound, "", None));
    }
}
