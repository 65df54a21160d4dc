//! Bounds are bounds, whatever the prices; covers hold for every plan.

use super::aside::{Aside, Beside};
use super::cover::violated;
use super::fleet::Spans;
use super::lift::Lift;
use super::neighbourhood::{Part, plan_anew};
use super::tree::{Seen, Tree};
use super::*;
use crate::draft::Draft;
use crate::fallback::fallback;
use crate::formulation::Formulation;
use crate::island::Sets;
use crate::problem::{HourBudget, Problem, TieRow, ZoneRow};
use crate::solver::{Effort, Programme};
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) const STEPS: usize = 6;
/// Knots within which the trees of most of these problems end.
const MOST_KNOTS: usize = 1_000;

/// Two zones with a tie and a few facilities, in kW, with ramps, blocks, events at a price and a restore limit; over six
/// hours, or over three days in windows.
pub(crate) fn problems() -> impl Strategy<Value = Problem> {
    let facility =
        (0..2_usize, 500..9_000_i64, 0..4_i64, 0..3_000_i64, 10..90_i32, 0..300_i32, 1..4_usize, 0..3_i64);
    let headroom = prop::collection::vec(-9.0..4.0_f64, 2 * STEPS);
    let hours = prop_oneof![2 => Just(1.0), 1 => Just(12.0)];
    let numbers =
        (prop::collection::vec(facility, 1..7), headroom, 0.0..4.0_f64, prop::option::of(0.5..6.0_f64));
    (numbers, hours).prop_map(|((facilities, headroom, limit, restore), hours)| Problem {
        hours,
        ..problem(facilities, &headroom, limit, restore)
    })
}

/// Zone, room, number of blocks, least cut, cost of a MWh and of an event, hours and the ramp's divisor of a facility.
type Numbers = (usize, i64, i64, i64, i32, i32, usize, i64);

/// Headroom in MW is what is left of it beside all that is nominated in the zone.
fn problem(facilities: Vec<Numbers>, headroom: &[f64], limit: f64, restore: Option<f64>) -> Problem {
    let rows = facilities.into_iter().map(|(zone, room, blocks, min, cost, event, hours, ramp)| {
        let mut row = crate::testing::row(STEPS, room);
        (row.zone, row.min_cut) = (zone, min.min(room));
        row.block = if blocks > 1 { room / blocks } else { 0 };
        (row.cut_cost_per_mwh, row.event_cost) = (f64::from(cost), f64::from(event));
        row.min_minutes = 60 * (hours as i64 / 2 + 1);
        row.ramp = (ramp > 0).then(|| room / ramp);
        row.hour_budgets = vec![HourBudget { counts: vec![true; STEPS], max_intervals: hours + 1 }];
        row
    });
    let facilities: Vec<_> = rows.collect();
    let load = |z: usize| facilities.iter().filter(|row| row.zone == z).map(|row| row.nominated[0]).sum();
    let zone = |z: usize| ZoneRow {
        headroom_mw: (0..STEPS).map(|t| crate::problem::mw(load(z)) + headroom[z * STEPS + t]).collect(),
        restore_limit_mw: restore,
        facilities: (0..facilities.len()).filter(|&f| facilities[f].zone == z).collect(),
    };
    Problem {
        steps: STEPS,
        hours: 1.0,
        uncovered_cost_per_mwh: 500.0,
        zones: vec![zone(0), zone(1)],
        ties: vec![TieRow {
            from: 0,
            to: 1,
            limit_mw: vec![limit; STEPS],
            reverse_limit_mw: vec![limit / 2.0; STEPS],
        }],
        facilities,
    }
}

/// An ascent to its end, tightened by all covers.
fn ascended<'a>(fleet: &Fleet<'a>, draft: &Draft<'a>) -> (Ascent<'a>, f64) {
    let mut ascent = Ascent::from(fleet, &draft.cuts, Prices::zero(fleet.problem)).unwrap();
    while ascent.step().unwrap() {}
    let loose = ascent.bound;
    let sets = Sets::new(fleet.problem);
    for _ in 0..60 {
        if !ascent.tighten(&sets).unwrap() {
            break;
        }
        while ascent.step().unwrap() {}
    }
    (ascent, loose)
}

#[test]
fn a_small_rest_takes_a_whole_block() {
    let mut row = crate::testing::row(1, 10_000);
    row.block = 10_000;
    let problem = crate::testing::alone(row, 8.0);
    let draft = fallback(&problem, &|| false);
    let (ascent, loose) = ascended(&Fleet::whole(&problem), &draft);
    assert!((draft.objective() - 100.0).abs() < 1e-9);
    assert!((loose - 20.0).abs() < 1e-6 && (ascent.bound - 100.0).abs() < 1e-6, "{loose}, {}", ascent.bound);
}

#[test]
fn a_master_that_scaling_spoils_is_solved_as_it_is() {
    let facilities = vec![
        (1, 2_291, 0, 2_258, 79, 44, 2, 0),
        (0, 7_638, 0, 1_334, 76, 297, 3, 0),
        (0, 3_689, 0, 492, 76, 290, 2, 0),
        (1, 3_745, 3, 1_249, 42, 212, 3, 0),
        (0, 843, 0, 0, 10, 234, 1, 0),
        (1, 7_802, 0, 0, 19, 254, 1, 0),
    ];
    let headroom = [
        -5.727194311502435,
        -6.972478687965275,
        -7.177876145795139,
        -3.901434308699299,
        -0.6043723227847835,
        -6.276346887658722,
        -0.933615510201319,
        -3.7760140150166723,
        -8.223749743178706,
        2.619509327026295,
        -3.3334613555105257,
        -2.0075899101846897,
    ];
    let problem = problem(facilities, &headroom, 2.1783870715812506, None);
    let (ascent, _) = ascended(&Fleet::whole(&problem), &fallback(&problem, &|| false));
    assert!(ascent.gap() < 1e-5, "gap {}", ascent.gap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn no_prices_prove_more_than_a_plan_costs(
        problem in problems(),
        balance in prop::collection::vec(0.0..700.0_f64, 2 * STEPS),
        restore in prop::collection::vec(-50.0..300.0_f64, 2 * STEPS),
    ) {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| false));
        let mut prices = Prices::zero(&problem);
        prices.balance = balance.chunks(STEPS).map(<[f64]>::to_vec).collect();
        prices.restore = restore.chunks(STEPS).map(<[f64]>::to_vec).collect();
        let bound = fleet.answer(&prices.clamped(&fleet)).unwrap().bound;
        prop_assert!(draft.is_allowed());
        prop_assert!(bound <= draft.objective() + 1e-6, "{bound} above {}", draft.objective());
    }

    #[test]
    fn an_ascent_ends_where_blend_and_bound_meet_and_covers_only_raise_it(problem in problems()) {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| false));
        let (ascent, loose) = ascended(&fleet, &draft);
        let objective = draft.objective();
        prop_assert!(ascent.gap() < 1e-5, "gap {}", ascent.gap());
        prop_assert!(ascent.bound >= loose - 1e-6 * objective);
        prop_assert!(ascent.bound <= objective + 1e-6 * objective, "{} above {objective}", ascent.bound);
        prop_assert!(violated(&ascent.fleet, &Sets::new(&problem), &ascent.master, &ascent.blend).is_empty());
    }

    #[test]
    fn a_tree_aside_takes_a_knot_at_least_and_what_it_is_given(problem in problems(), toil in 0..20_000_u64) {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| false));
        prop_assume!(!fleet.members.is_empty());
        let mut ascent = Ascent::from(&fleet, &draft.cuts, Prices::zero(&problem)).unwrap();
        while ascent.step().unwrap() {}
        let (bound, objective) = (ascent.bound, draft.objective());
        let tree = Tree::new(ascent, Spans::new(), fleet.own(&draft.cuts));
        let before = tree.toil();
        let mut aside = Aside::Tree(Box::new(tree));
        aside.go_on(objective, Beside { is_planned: false, toil }, &|| false).unwrap();
        let Aside::Tree(mut tree) = aside else { panic!("a tree stays one") };
        let taken = tree.toil() - before;
        prop_assert!(bound >= objective || taken >= fleet.cells());
        prop_assert!(taken >= toil || tree.grow(objective).unwrap().is_none(), "{taken} of {toil}");
    }

    #[test]
    fn a_lift_aside_only_raises_the_bound_and_ends_with_cuts_near_its_blend(problem in problems()) {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| false));
        prop_assume!(!fleet.members.is_empty());
        let mut ascent = Ascent::from(&fleet, &draft.cuts, Prices::zero(&problem)).unwrap();
        while ascent.step().unwrap() {}
        let (loose, objective) = (ascent.bound, draft.objective());
        let beside = Beside { is_planned: true, toil: 0 };
        let mut aside = Aside::Lift(Box::new(Lift::new(ascent, 0.0)));
        let (mut bound, mut found) = (loose, Vec::new());
        for _ in 0..1_000 {
            found.extend(aside.go_on(objective, beside, &|| false).unwrap());
            if aside.is_nothing() {
                break;
            }
            prop_assert!(aside.bound() >= bound, "{} below {bound}", aside.bound());
            bound = aside.bound();
        }
        prop_assert!(aside.is_nothing() && bound <= objective + 1e-6 * objective, "{bound} above {objective}");
        prop_assert!(!found.is_empty(), "no cuts");
        for cuts in found {
            // Courses of several facilities may together return more than a zone takes: the search drops those.
            let near = draft.with(&fleet.members, cuts, &|| false);
            prop_assert!(!near.is_allowed() || near.objective() >= bound - 1e-6 * objective);
        }
    }

    #[test]
    fn a_cover_holds_for_every_plan(problem in problems(), share in prop::collection::vec(0.0..1.0_f64, 8)) {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| false));
        let (ascent, _) = ascended(&fleet, &draft);
        // Any cuts within the room, for a cover knows no other rule.
        let cuts: Vec<Vec<i64>> = (0..problem.facilities.len())
            .map(|f| problem.facilities[f].room.iter().map(|&room| (room as f64 * share[f % 8]) as i64).collect())
            .collect();
        let dispatch = crate::dispatch::dispatch(&problem, &cuts).unwrap();
        let members: Vec<usize> = (0..fleet.members.len()).collect();
        for cover in &ascent.fleet.covers {
            let short: f64 =
                (0..2).filter(|&z| cover.zones[z]).map(|z| dispatch.uncovered[z][cover.t]).sum();
            let covered = cover.covered_by(&ascent.fleet, &members, &cuts);
            let owed = cover.owed_mw();
            prop_assert!(covered + short >= owed - 1e-5, "{covered} + {short} < {owed}");
        }
    }

    #[test]
    fn a_search_keeps_every_rule_and_never_ends_above_the_fallback(problem in problems()) {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| false));
        let (first, mut best, mut bound) = (draft.objective(), draft.objective(), f64::NEG_INFINITY);
        let target = Target { gap: 1e-6, patience: Some(2), threads: 2, seed: 1 };
        let prices = first_prices(&fleet);
        let mut faults = Vec::new();
        let mut tell = |news: News<'_>| match news {
            News::Bound(raised) => bound = raised,
            News::Prices(_) => {}
            News::Better(draft) => {
                best = draft.objective();
                let costed = crate::assemble::Costed::new(&problem, draft.cuts.clone()).unwrap();
                let broken = costed.walks.iter().any(|walk| !walk.broken.is_empty());
                if broken || (costed.objective - best).abs() > 0.01 {
                    faults.push((broken, costed.objective, best));
                }
            }
        };
        search(&fleet, draft.clone(), prices, target, &|| false, &mut tell).unwrap();
        prop_assert!(faults.is_empty(), "{faults:?}");
        prop_assert!(best <= first && bound <= best + 1e-6 * best, "{bound} <= {best} <= {first}");
    }
}

/// What a tree proves, and the best cuts on its way; whether it ended.
fn grown(fleet: &Fleet<'_>) -> (f64, bool) {
    let mut best = fallback(fleet.problem, &|| false);
    let ascent = Ascent::from(fleet, &best.cuts, Prices::zero(fleet.problem)).unwrap();
    let mut tree = Tree::new(ascent, Spans::new(), fleet.own(&best.cuts));
    for _ in 0..MOST_KNOTS {
        let Some(seen) = tree.grow(best.objective() - 1e-6).unwrap() else {
            return (tree.bound().min(best.objective()), true);
        };
        if let Seen::Near(cuts) | Seen::Whole(cuts) = seen {
            let draft = best.with(&fleet.members, cuts, &|| false);
            if draft.is_allowed() && draft.objective() < best.objective() {
                best = draft;
            }
        }
    }
    (tree.bound().min(best.objective()), false)
}

#[test]
fn what_is_planned_between_draft_and_blend_keeps_every_rule_and_is_better() {
    let bettered = AtomicUsize::new(0);
    let config = ProptestConfig { cases: 120, ..ProptestConfig::default() };
    let outcome = proptest::test_runner::TestRunner::new(config).run(&problems(), |problem| {
        let (fleet, draft) = (Fleet::whole(&problem), fallback(&problem, &|| true));
        prop_assume!(!fleet.members.is_empty());
        let ascent = Ascent::from(&fleet, &draft.cuts, first_prices(&fleet)).unwrap();
        let prices = ascent.best.clone();
        let mut tree = Tree::new(ascent, Spans::new(), fleet.own(&draft.cuts));
        tree.grow(draft.objective()).unwrap();
        let part = Part::between(&fleet, &draft, &tree.shares());
        let found = part.and_then(|part| plan_anew(&fleet, &draft, &part, &prices, &|| false).unwrap().0);
        if let Some(found) = found {
            bettered.fetch_add(1, Ordering::Relaxed);
            prop_assert!(found.is_allowed() && found.objective() < draft.objective());
            for (row, cuts) in problem.facilities.iter().zip(&found.cuts) {
                prop_assert!(crate::walk::walk(row, cuts).broken.is_empty());
            }
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(bettered.into_inner() > 0, "nothing was ever bettered");
}

/// The optimum of the plain programme.
fn optimum(problem: &Problem) -> f64 {
    let effort = Effort { gap: 0.0, threads: 1, seed: 1 };
    let programme = Programme::new(Formulation::new(problem), effort).unwrap();
    programme.minimise(&HashMap::new(), 60.0).unwrap().reached.unwrap()
}

#[test]
fn a_knot_that_is_not_divided_is_priced_to_its_end() {
    let facilities = vec![(0, 5_775, 0, 78, 25, 87, 2, 0), (0, 4_524, 0, 0, 32, 155, 2, 2)];
    let headroom = [3.131, -2.41, -6.293, -2.983, -5.05, -2.644, 0.0, -7.898, -6.207, 0.0, -5.602, -5.274];
    let problem = problem(facilities, &headroom, 2.621, None);
    let ((proven, is_grown), optimum) = (grown(&Fleet::whole(&problem)), optimum(&problem));
    assert!(is_grown && (proven - optimum).abs() < 1.0, "{proven} proven, {optimum} found");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_proves_what_the_plain_programme_finds(problem in problems()) {
        let fleet = Fleet::whole(&problem);
        prop_assume!(!fleet.members.is_empty());
        let ((proven, is_grown), optimum) = (grown(&fleet), optimum(&problem));
        // Whole kW cost a little.
        let dust = 1e-5 * optimum + 0.5 * problem.hours * (fleet.members.len() * STEPS) as f64;
        prop_assert!(proven <= optimum + dust, "{proven} proven, {optimum} found");
        // A return that is a little too fast has but a price in the master, so that a limit can leave a gap.
        let is_free = problem.zones.iter().all(|zone| zone.restore_limit_mw.is_none());
        prop_assert!(!(is_grown && is_free) || proven >= optimum - dust, "{proven} proven, {optimum} found");
    }
}
