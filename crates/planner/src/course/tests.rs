//! The dynamic programme against everything a facility may do.

use super::*;
use crate::problem::{Before, HourBudget};
use crate::walk::walk;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A facility of few intervals and small powers, with any of the rules.
fn rows() -> impl Strategy<Value = FacilityRow> {
    let series = (
        prop::collection::vec(prop_oneof![4 => 3..8_i64, 1 => Just(0)], 5),
        prop::collection::vec(prop_oneof![6 => Just(0), 1 => 1..9_i64], 5),
        prop::collection::vec(0..3_i64, 5),
        prop::collection::vec(prop_oneof![3 => Just(None), 1 => (1..3_u32).prop_map(Some)], 2),
    );
    let own = (0..4_i64, 0..4_i64, 0..4_i64, prop::option::of(1..4_i64), prop::option::of(0..4_i64));
    let before = (0..6_i64, prop::bool::weighted(0.3), 1..150_i64, prop::option::of(0..150_i64), 0..2_u32);
    let budgets =
        prop::collection::vec((prop::collection::vec(prop::bool::weighted(0.8), 5), 0..4_usize), 0..3);
    let notice = (prop_oneof![3 => Just(0_usize), 1 => 1..4_usize], prop::collection::vec(0..6_i64, 3));
    (series, own, before, budgets, notice).prop_map(|(series, own, before, budgets, notice)| {
        let (room, demand, gaps, starts) = series;
        let mut row = crate::testing::row(5, 8);
        row.nominated = room.iter().map(|room| room + 1).collect();
        row.demand = room.iter().zip(demand).map(|(&room, demand)| demand.min(room)).collect();
        row.room = room;
        (row.min_cut, row.block) = (own.0, [0, 0, 2, 3][own.1 as usize]);
        (row.min_minutes, row.max_minutes, row.ramp) = (own.2 * 45, own.3.map(|n| n * 70), own.4);
        row.gap_minutes = gaps.into_iter().map(|gap| gap * 50).collect();
        row.day = vec![0, 0, 0, 1, 1];
        row.starts_per_day = vec![starts[0], starts[0], starts[0], starts[1], starts[1]];
        row.hour_budgets =
            budgets.into_iter().map(|(counts, max_intervals)| HourBudget { counts, max_intervals }).collect();
        row.before = Before {
            cut: if before.1 { before.0.min(row.room[0]) } else { 0 },
            running: before.1,
            age_minutes: if before.1 { before.2 } else { 0 },
            begun_minute: i64::from(before.1 && before.2 % 2 == 0),
            idle_minutes: before.3.filter(|_| !before.1),
            starts_today: before.4,
        };
        freeze(&mut row, notice.0, &notice.1);
        row
    })
}

/// A facility whose cuts may begin and end at any time, at no cost.
fn plain_rows() -> impl Strategy<Value = FacilityRow> {
    rows().prop_map(|mut row| {
        (row.min_minutes, row.max_minutes, row.hour_budgets) = (0, None, Vec::new());
        (row.gap_minutes, row.starts_per_day) = (vec![0; 5], vec![None; 5]);
        row
    })
}

/// The first intervals as notice dictates them: what they had, never growing.
fn freeze(row: &mut FacilityRow, intervals: usize, kept: &[i64]) {
    for t in (0..intervals.min(3)).take_while(|&t| row.demand[t] == 0).collect::<Vec<_>>() {
        let cut = if row.before.running { row.before.cut.min(kept[t]) } else { kept[t] / 4 * 4 };
        row.frozen[t] = Some(cut.min(row.room[t]));
        row.demand[t] = 0;
    }
}

/// The cheapest allowed cuts by trying all, where returns are the facility's own.
fn brute(row: &FacilityRow, allowed: &dyn Fn(&[i64]) -> bool, cost: &dyn Fn(&[i64]) -> f64) -> Option<f64> {
    let all = (0..row.room.len()).fold(vec![vec![]], |patterns: Vec<Vec<i64>>, t| {
        let levels: Vec<i64> = match row.frozen[t] {
            Some(dictated) => vec![dictated],
            None => {
                (0..=row.room[t]).filter(|&kw| row.cut_at_least(t, kw) == kw && kw >= row.demand[t]).collect()
            }
        };
        patterns.iter().flat_map(|own| levels.iter().map(move |&kw| [&own[..], &[kw]].concat())).collect()
    });
    all.iter().filter(|cuts| allowed(cuts)).map(|cuts| cost(cuts)).min_by(f64::total_cmp)
}

fn spans_of(drawn: Vec<Option<(i64, i64)>>) -> Vec<Span> {
    let span =
        |own: Option<(i64, i64)>| own.map_or(Span::FREE, |(least, most)| Span { least: least.max(0), most });
    drawn.into_iter().map(span).collect()
}

/// Whether cuts break no rule, return no more than the zone lets, and lie within their spans.
fn is_allowed(row: &FacilityRow, zone: Option<&[i64]>, spans: &[Span], cuts: &[i64]) -> bool {
    let before = |t: usize| if t == 0 { row.before.cut } else { cuts[t - 1] };
    let returns = |zone: &[i64], t: usize| {
        let fall = if before(t) > 0 { row.fall(t) } else { 0 };
        before(t) - cuts[t] <= zone[t] + fall
    };
    let in_zone = |zone: &[i64]| (0..cuts.len()).all(|t| row.frozen[t].is_some() || returns(zone, t));
    walk(row, cuts).broken.is_empty()
        && zone.is_none_or(in_zone)
        && spans.iter().zip(cuts).all(|(span, &kw)| span.has(kw))
}

fn price(row: &FacilityRow, cuts: &[i64], tariff: &Tariff<'_>) -> f64 {
    let walk = walk(row, cuts);
    let energy: f64 = (0..cuts.len()).filter(|&t| cuts[t] > 0).map(|t| (tariff.cost)(t, cuts[t])).sum();
    let overrun: i64 = walk.overrun.iter().map(|&t| cuts[t]).sum();
    energy + walk.starts.len() as f64 * tariff.event_cost + overrun as f64 * tariff.overrun_per_kw
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, ..ProptestConfig::default() })]

    #[test]
    fn is_the_cheapest_of_all_that_is_allowed(
        (row, event_cost) in prop_oneof![3 => (rows(), 0..12_i32), 1 => (plain_rows(), Just(0))],
        per_kw in prop::collection::vec(-5..4_i32, 5),
        need in prop::collection::vec(0..9_i64, 5),
        relief in 0..4_i32,
        zone in prop::option::weighted(0.4, prop::collection::vec(-2..7_i64, 5)),
        spans in prop::collection::vec(prop::option::weighted(0.2, (-2..6_i64, 0..9_i64)), 5),
    ) {
        // Beyond a need, a further kW saves less.
        let cost = |t: usize, kw: i64| f64::from(per_kw[t]) * kw as f64 + f64::from(relief) * (kw - need[t]).max(0) as f64;
        let tariff = Tariff { cost: &cost, event_cost: f64::from(event_cost), overrun_per_kw: 3.0 };
        let breaks: Vec<Vec<i64>> = need.iter().map(|&kw| vec![kw]).collect();
        let returns = zone.as_ref().map_or_else(|| Returns::own(&row), |zone| Returns::within(&row, zone));
        let spans = spans_of(spans);
        let allowed = |cuts: &[i64]| is_allowed(&row, zone.as_deref(), &spans, cuts);
        let expected = brute(&row, &allowed, &|cuts| price(&row, cuts, &tariff));
        let found = Lane::with(&row, returns, &breaks, &spans).cheapest(&tariff);
        match (&found, expected) {
            (Some(found), Some(expected)) => {
                prop_assert!(allowed(&found.cuts), "{:?} is not allowed: {:?}", found.cuts, walk(&row, &found.cuts));
                prop_assert!((found.cost - expected).abs() < 1e-9, "{found:?} instead of {expected}");
                prop_assert!((price(&row, &found.cuts, &tariff) - found.cost).abs() < 1e-9, "{found:?} costs otherwise");
            }
            (None, None) => {}
            (found, expected) => prop_assert!(false, "{found:?} where {expected:?} is the cheapest"),
        }
    }

    /// With few kW every sum of levels is a whole number of parts: the course is the cheapest of all.
    #[test]
    fn within_a_limit_of_energy_it_is_the_cheapest_too(
        row in rows(),
        per_kw in prop::collection::vec(-5..4_i32, 5),
        need in prop::collection::vec(0..9_i64, 5),
        relief in 0..4_i32,
        event_cost in 0..12_i32,
        zone in prop::option::weighted(0.4, prop::collection::vec(-2..7_i64, 5)),
        most in 0..24_i64,
        spans in prop::collection::vec(prop::option::weighted(0.2, (-2..6_i64, 0..9_i64)), 5),
    ) {
        let spans = spans_of(spans);
        let cost = |t: usize, kw: i64| f64::from(per_kw[t]) * kw as f64 + f64::from(relief) * (kw - need[t]).max(0) as f64;
        let tariff = Tariff { cost: &cost, event_cost: f64::from(event_cost), overrun_per_kw: 3.0 };
        let breaks: Vec<Vec<i64>> = need.iter().map(|&kw| vec![kw]).collect();
        let returns = zone.as_ref().map_or_else(|| Returns::own(&row), |zone| Returns::within(&row, zone));
        let allowed = |cuts: &[i64]| {
            cuts.iter().sum::<i64>() <= most && is_allowed(&row, zone.as_deref(), &spans, cuts)
        };
        let lane = Lane::with(&row, returns, &breaks, &spans);
        if !lane.is_its_own() {
            return Ok(());
        }
        let bounded = {
            let limited = Lane::with(&row, lane.returns.clone(), &breaks, &spans).limited(most, &spans);
            lane.bounded_beside(&limited, &tariff, most)
        };
        let lane = lane.limited(most, &spans);
        let expected = brute(&row, &allowed, &|cuts| price(&row, cuts, &tariff));
        let found = lane.cheapest_within(&tariff, most);
        prop_assert_eq!(found.is_some(), expected.is_some(), "{:?} instead of {:?}", found, expected);
        if let (Some(found), Some(expected)) = (&found, expected) {
            prop_assert!(allowed(&found.cuts), "{:?} is not allowed: {:?}", found.cuts, walk(&row, &found.cuts));
            prop_assert!((found.cost - expected).abs() < 1e-9, "{found:?} instead of {expected}");
            prop_assert!((price(&row, &found.cuts, &tariff) - found.cost).abs() < 1e-9, "{found:?} costs otherwise");
            let (course, bound) = bounded.unwrap();
            prop_assert!((course.cost - expected).abs() < 1e-9, "{course:?} instead of {expected}");
            prop_assert!(bound <= expected + 1e-9, "{bound} is no bound of {expected}");
        }
    }

    /// With many kW levels and parts are rounded: the limit and all rules are kept, and the bound stays below.
    #[test]
    fn a_limit_of_energy_is_kept_at_any_size(
        row in rows(),
        per_kw in prop::collection::vec(-5..2_i32, 5),
        most in 0..30_000_i64,
        factor in 300..2_000_i64,
    ) {
        let row = enlarged(row, factor);
        let cost = |t: usize, kw: i64| f64::from(per_kw[t]) * kw as f64;
        let tariff = Tariff { cost: &cost, event_cost: 100.0, overrun_per_kw: 3.0 };
        let lane = Lane::new(&row);
        if !lane.is_its_own() {
            return Ok(());
        }
        let found = lane.bounded_beside(&Lane::new(&row).limited(most, &[]), &tariff, most);
        if let Some((course, bound)) = found {
            prop_assert!(course.energy() <= most && walk(&row, &course.cuts).broken.is_empty(), "{course:?}");
            prop_assert!((price(&row, &course.cuts, &tariff) - course.cost).abs() < 1e-6, "{course:?} costs otherwise");
            prop_assert!(bound <= course.cost + 1e-6, "{bound} above {course:?}");
        }
    }
}

/// Where cuts stay outside of a window, the stretch about it is all that has to be planned.
#[test]
fn beside_cuts_that_stay_a_stretch_is_enough() {
    let (parts, asked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let prices = || prop::collection::vec(-5..4_i32, 10);
    let cases = (
        (rows(), prop::bool::weighted(0.8), prop::option::of(1..4_u32)),
        (prices(), prices()),
        (prop::collection::vec(0..9_i64, 10), 0..4_i32, 0..12_i32),
        prop::option::weighted(0.4, prop::collection::vec(-2..7_i64, 10)),
        prop::collection::vec(prop::option::weighted(0.2, (-2..6_i64, 0..9_i64)), 10),
        (0..10_usize, 1..6_usize),
    );
    let config = ProptestConfig { cases: 5_000, ..ProptestConfig::default() };
    let outcome = proptest::test_runner::TestRunner::new(config).run(&cases, |drawn| {
        let ((row, is_untied, starts), (old, new), (need, relief, event_cost), zone, spans, (from, length)) =
            drawn;
        let (row, window) = (doubled(row, is_untied, starts), from..(from + length).min(10));
        let returns = || zone.as_ref().map_or_else(|| Returns::own(&row), |zone| Returns::within(&row, zone));
        let cost = |per_kw: &[i32], t: usize, kw: i64| {
            f64::from(per_kw[t]) * kw as f64 + f64::from(relief) * (kw - need[t]).max(0) as f64
        };
        let breaks: Vec<Vec<i64>> = need.iter().map(|&kw| vec![kw]).collect();
        let (before, now) = (|t: usize, kw: i64| cost(&old, t, kw), |t: usize, kw: i64| cost(&new, t, kw));
        let tariff = |cost| Tariff { cost, event_cost: f64::from(event_cost), overrun_per_kw: 3.0 };
        let lane = Lane::with(&row, returns(), &breaks, &[]);
        let Some(Course { cuts, .. }) = lane.cheapest(&tariff(&before)) else { return Ok(()) };
        let staying = |(t, span): (usize, Span)| {
            if window.contains(&t) { span } else { Span { least: cuts[t], most: cuts[t] } }
        };
        let spans: Vec<Span> = spans_of(spans).into_iter().enumerate().map(staying).collect();
        let part = Lane::beside(&row, returns(), &breaks, &spans, (&cuts, &window));
        let found = part.cheapest(&tariff(&now));
        let expected = Lane::with(&row, returns(), &breaks, &spans).cheapest(&tariff(&now));
        prop_assert_eq!(found.is_some(), expected.is_some(), "{:?} instead of {:?}", found, expected);
        if let (Some(found), Some(expected)) = (&found, &expected) {
            prop_assert!(is_allowed(&row, zone.as_deref(), &spans, &found.cuts), "{found:?} is not allowed");
            prop_assert!((found.cost - expected.cost).abs() < 1e-9, "{found:?} instead of {expected:?}");
            let price = price(&row, &found.cuts, &tariff(&now));
            prop_assert!((price - found.cost).abs() < 1e-9, "{found:?} costs {price}");
        }
        parts.fetch_add(usize::from(part.steps() < 10), Ordering::Relaxed);
        asked.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    let (parts, asked) = (parts.into_inner(), asked.into_inner());
    assert!(parts * 3 > asked, "{parts} of {asked}");
}

/// The same facility over twice the intervals and three days, or a single one of so many starts; where untied, nothing of it is
/// forced.
fn doubled(mut row: FacilityRow, is_untied: bool, starts: Option<u32>) -> FacilityRow {
    let twice = |values: &mut Vec<i64>| values.extend_from_within(..);
    [&mut row.nominated, &mut row.room, &mut row.demand, &mut row.gap_minutes].into_iter().for_each(twice);
    row.frozen.resize(10, None);
    row.starts_per_day.extend_from_within(..);
    row.day = vec![0, 0, 0, 1, 1, 1, 1, 1, 2, 2];
    if starts.is_some() {
        (row.day, row.starts_per_day) = (vec![0; 10], vec![starts; 10]);
    }
    row.hour_budgets.iter_mut().for_each(|budget| budget.counts.extend_from_within(..));
    if is_untied {
        (row.demand, row.frozen) = (vec![0; 10], vec![None; 10]);
        (row.before.running, row.before.cut, row.before.age_minutes) = (false, 0, 0);
        row.before.begun_minute = 0;
    }
    row
}

/// The same facility with so many times the kW.
fn enlarged(mut row: FacilityRow, factor: i64) -> FacilityRow {
    let own = [&mut row.min_cut, &mut row.block, &mut row.before.cut].into_iter();
    let series = row.room.iter_mut().chain(&mut row.nominated).chain(&mut row.demand);
    own.chain(series)
        .chain(&mut row.ramp)
        .chain(row.frozen.iter_mut().flatten())
        .for_each(|kw| *kw *= factor);
    row
}
