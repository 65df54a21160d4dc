//! What `why` says, held against the brute force: with the cut forbidden, with the headroom changed, with a rule lifted.

use crate::brute::{courses, objective, solved};
use crate::builder::plan as written;
use crate::reference::{Course, Frame, frame};
use crate::scenes::{Scene, random};
use kezek_model::plan::Plan;
use kezek_planner::why::{Cause, Lifted, Patience, Question, Why, why};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What sums of money may differ by.
const MONEY: f64 = 0.02;
/// More combinations than this are not tried.
const MOST_COMBINATIONS: usize = 20_000;

fn asked(scene: &Scene, plan: &Plan, i: usize, interval: Option<usize>) -> Why {
    let (start, stop) = (Instant::now(), AtomicBool::new(false));
    let patience =
        Patience { time_limit_s: 60.0, threads: 1, seed: 1, elapsed: &|| start.elapsed(), stop: &stop };
    let facility = &scene.case.facilities[i].id;
    why(Question { case: &scene.case, plan, facility, interval }, &patience).unwrap()
}

fn frames(scene: &Scene) -> Vec<Frame> {
    (0..scene.case.facilities.len()).map(|i| frame(scene, i)).collect()
}

/// All courses of all facilities; `None` where there are too many combinations to try.
fn all_courses(scene: &Scene) -> Option<Vec<Vec<Course>>> {
    let frames = frames(scene);
    let all: Vec<Vec<Course>> = (0..frames.len()).map(|i| courses(scene, i, &frames[i])).collect();
    (all.iter().map(Vec::len).product::<usize>() <= MOST_COMBINATIONS).then_some(all)
}

/// The least objective of the combinations that are wanted.
fn least(scene: &Scene, all: &[Vec<Course>], wanted: impl Fn(&[&Course]) -> bool) -> Option<f64> {
    let frames = frames(scene);
    let combinations: usize = all.iter().map(Vec::len).product();
    let chosen = |mut number: usize| -> Vec<&Course> {
        let mut pick = |of: &'_ [Course]| {
            let at = number % of.len();
            number /= of.len();
            at
        };
        all.iter().map(|of| &of[pick(of)]).collect()
    };
    let all = (0..combinations).map(chosen).filter(|chosen| wanted(chosen));
    all.filter_map(|chosen| objective(scene, &frames, &chosen)).min_by(f64::total_cmp)
}

fn cut_kw(plan: &Plan, scene: &Scene, i: usize, t: usize) -> i64 {
    plan.allocations[i * scene.case.grid.len + t].cut.0
}

fn cuts(plan: &Plan, scene: &Scene) -> Vec<Vec<i64>> {
    let len = scene.case.grid.len;
    plan.allocations.chunks(len).map(|rows| rows.iter().map(|row| row.cut.0).collect()).collect()
}

/// Every cut that nothing dictates, in scenes that can be tried in full.
fn each_cut(
    seeds: std::ops::Range<u64>,
    mut tell: impl FnMut(u64, &Scene, &Plan, &[Vec<Course>], usize, usize),
) {
    for seed in seeds {
        let scene = random(seed);
        let Some(all) = all_courses(&scene) else { continue };
        let plan = solved(&scene).unwrap();
        for i in 0..all.len() {
            for t in 0..scene.case.grid.len {
                if cut_kw(&plan, &scene, i, t) > 0 {
                    tell(seed, &scene, &plan, &all, i, t);
                }
            }
        }
    }
}

#[test]
fn what_would_be_instead_is_what_the_brute_force_finds_with_the_cut_forbidden() {
    let (mut possible, mut held, mut missed) = (0, 0, 0);
    each_cut(1..150, |seed, scene, plan, all, i, t| {
        let place = format!("seed {seed}, facility {i}, interval {t}");
        let span = &asked(scene, plan, i, Some(t)).spans[0];
        let instead = span.instead.as_ref().unwrap();
        if matches!(span.causes[0].cause, Cause::Notice | Cause::Order { .. }) {
            assert_eq!(instead.possible, Some(false), "{place}");
            return;
        }
        match least(scene, all, |chosen| chosen[i].cut_kw[t] == 0) {
            Some(_) if instead.possible.is_none() => missed += 1,
            Some(expected) => {
                assert_eq!(instead.possible, Some(true), "{place}: possible at {expected}");
                let (found, bound) = (instead.cost_found.unwrap(), instead.cost_at_least.unwrap());
                let expected = expected - plan.objective;
                assert!((found - expected).abs() < MONEY, "{place}: {found} instead of {expected}");
                assert!(bound <= expected + MONEY, "{place}: {bound} is no bound of {expected}");
                let own = instead.relieved.iter().find(|own| own.facility == scene.case.facilities[i].id);
                let spared = own.map_or(0.0, |own| -own.mwh_there) * 1000.0;
                assert!(own.is_none() || (spared - cut_kw(plan, scene, i, t) as f64).abs() < 1e-6, "{place}");
                possible += 1;
            }
            None => {
                assert_ne!(instead.possible, Some(true), "{place}: {instead:?}");
                held += 1;
            }
        }
    });
    println!("{possible} cuts could be spared, {held} could not, {missed} could and were not found");
    assert!(possible > 80 && missed * 30 < possible);
}

#[test]
fn the_headroom_that_spares_is_the_smallest_one() {
    let (mut found, mut none) = (0, 0);
    each_cut(300..370, |seed, scene, plan, _, i, t| {
        let place = format!("seed {seed}, facility {i}, interval {t}");
        let span = &asked(scene, plan, i, Some(t)).spans[0];
        if matches!(span.causes[0].cause, Cause::Notice | Cause::Order { .. }) {
            return;
        }
        let headroom = span.headroom.unwrap();
        assert!(headroom.proven);
        // What sparing costs above the optimum, with so much more headroom.
        let price_at = |rise_mw: f64| {
            let mut risen = Scene { case: scene.case.clone(), percent: scene.percent.clone() };
            let z = risen.case.zone_index(&risen.case.facilities[i].zone).unwrap();
            risen.case.scenarios[0].headroom_mw[z][t] += rise_mw;
            let all = all_courses(&risen).unwrap();
            let best = least(&risen, &all, |_| true).unwrap();
            let spared = least(&risen, &all, |chosen| chosen[i].cut_kw[t] == 0);
            (spared.map_or(f64::INFINITY, |spared| spared - best), best)
        };
        let allowed = 1e-6 * plan.objective.abs().max(1.0) + MONEY;
        if let Some(rise_mw) = headroom.at_most_mw {
            let (price, _) = price_at(rise_mw);
            assert!(price <= allowed, "{place}: at {rise_mw} MW more sparing costs {price}");
            found += 1;
        }
        if let Some(rise_mw) = headroom.above_mw {
            let (price, _) = price_at(rise_mw);
            assert!(
                price > 1e-7 * plan.objective.abs(),
                "{place}: at {rise_mw} MW more sparing costs {price}"
            );
            none += usize::from(headroom.at_most_mw.is_none());
        }
    });
    println!("{found} headrooms found, {none} cuts that none spares");
    assert!(found > 30);
}

/// A scene without one rule of one facility.
fn without(scene: &Scene, i: usize, rule: Lifted) -> Option<Scene> {
    let mut case = scene.case.clone();
    let facility = &mut case.facilities[i];
    match rule {
        Lifted::MinCutMin => facility.min_cut_minutes = 0,
        Lifted::MaxCutMin => facility.max_cut_minutes = None,
        Lifted::MinGapMin => facility.min_gap_minutes = 0,
        Lifted::MaxEventsPerDay => facility.max_events_per_day = None,
        Lifted::MaxCutHours => facility.max_cut_hours = None,
        Lifted::RampUpMwPerH => facility.ramp_up_kw_per_h = None,
        Lifted::BlockMw => facility.block_kw = None,
        Lifted::MinCutMw => facility.min_cut_kw = kezek_model::units::Kw(0),
        Lifted::EventCost => facility.event_cost = 0.0,
        Lifted::RestoreLimitMw => case.zones.iter_mut().for_each(|zone| zone.restore_limit_mw = None),
    }
    Some(Scene { case, percent: scene.percent.clone() })
}

#[test]
fn a_rule_forces_a_cut_only_where_without_it_sparing_costs_nothing() {
    let (mut forced, mut needed, mut chance) = (0, 0, 0);
    each_cut(1..300, |seed, scene, plan, _, i, t| {
        let place = format!("seed {seed}, facility {i}, interval {t}");
        let at = scene.case.grid.instant(t);
        let answer = asked(scene, plan, i, None);
        let mut causes = answer.spans.iter().flat_map(|span| &span.causes);
        let cause = &causes.find(|run| run.start <= at && at < run.end).unwrap().cause;
        let cuts = cuts(plan, scene);
        // What sparing the interval costs in some scene, all other facilities staying.
        let price_in = |scene: &Scene| {
            let frames = frames(scene);
            let fixed = |j: usize| Course { cut_kw: cuts[j].clone(), price: 0.0 };
            let others: Vec<Course> = (0..cuts.len()).map(fixed).collect();
            let own = courses(scene, i, &frames[i]);
            let least = |wanted: &dyn Fn(&Course) -> bool| {
                let with = |own: &Course| {
                    let chosen: Vec<&Course> = others
                        .iter()
                        .enumerate()
                        .map(|(j, other)| if j == i { own } else { other })
                        .collect();
                    objective(scene, &frames, &chosen)
                };
                own.iter().filter(|own| wanted(own)).filter_map(with).min_by(f64::total_cmp)
            };
            let best = least(&|_| true)?;
            Some(least(&|own| own.cut_kw[t] == 0).map_or(f64::INFINITY, |spared| spared - best))
        };
        match cause {
            Cause::Forced { rules } => {
                for &rule in rules {
                    let price = price_in(&without(scene, i, rule).unwrap()).unwrap();
                    assert!(price < MONEY, "{place}: without {rule:?} sparing costs {price}");
                }
                assert!(price_in(scene).unwrap() > 0.004, "{place}: sparing costs nothing with all rules");
                forced += 1;
            }
            Cause::Chance => {
                assert!(price_in(scene).unwrap() < MONEY, "{place}");
                chance += 1;
            }
            Cause::Needed { short_mw } => {
                let mut spared = cuts.clone();
                spared[i][t] = 0;
                let more = written(&scene.case, &spared).totals.uncovered_mwh
                    - written(&scene.case, &cuts).totals.uncovered_mwh;
                assert!((more - short_mw).abs() < 1e-9, "{place}: {more} MW instead of {short_mw}");
                assert!(price_in(scene).unwrap() > 0.004, "{place}");
                needed += 1;
            }
            _ => {}
        }
    });
    println!("{forced} forced by a rule, {needed} needed, {chance} by chance");
    assert!(forced > 15 && needed > 40);
}
