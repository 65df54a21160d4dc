//! Several scenarios: the optimum of tiny cases by trying every plan with every answer to it, and what the search makes
//! of it.

use crate::brute::{GAP, courses, solved};
use crate::builder::{START, best_flow_mw, instant, spare_kw};
use crate::reference::{Course, Frame, frame, zone_excess};
use crate::scenes::{Dice, Scene, random};
use chrono::TimeDelta;
use kezek_model::case::{Risk, Scenario};
use kezek_model::plan::Plan;
use kezek_planner::check::check;

/// More combinations of courses than this are not tried with each other.
const MOST_COMBINATIONS: usize = 250;
const NOISE: f64 = 0.01;

/// A tiny case with two or three scenarios, known before, within or after the horizon.
fn stochastic(seed: u64) -> Scene {
    let mut scene = random(seed);
    let mut dice = Dice(seed.wrapping_mul(0xD134_2543_DE82_EF95) | 1);
    let base = scene.case.scenarios[0].headroom_mw.clone();
    let probability = dice.pick(&[&[0.5, 0.5][..], &[0.8, 0.2], &[0.25, 0.25, 0.5], &[0.6, 0.3, 0.1]]);
    let mut scenario = |(s, &probability): (usize, &f64)| {
        let mut moved = |mw: &f64| mw + 0.001 * (dice.below(7) - 3) as f64;
        let headroom_mw = base.iter().map(|zone| zone.iter().map(&mut moved).collect()).collect();
        Scenario { id: format!("s{s}"), probability, headroom_mw }
    };
    scene.case.scenarios = probability.iter().enumerate().map(&mut scenario).collect();
    let known_at = instant(START) + TimeDelta::minutes(dice.pick(&[-2880, -60, 0, 60, 90, 120, 600]));
    let (alpha, weight) = (dice.pick(&[0.0, 0.5, 0.7, 0.95]), dice.pick(&[0.0, 2e5, 3e6]));
    scene.case.risk = Some(Risk { alpha, weight, known_at });
    scene
}

/// The case as it is in one scenario.
fn facing(scene: &Scene, s: usize) -> Scene {
    let mut case = scene.case.clone();
    case.scenarios = vec![Scenario { probability: 1.0, ..case.scenarios[s].clone() }];
    Scene { case, percent: scene.percent.clone() }
}

/// Every combination of courses that zones let return, facility by facility.
fn combinations(scene: &Scene, frames: &[Frame]) -> Option<Vec<Vec<Course>>> {
    let each: Vec<Vec<Course>> = (0..frames.len()).map(|i| courses(scene, i, &frames[i])).collect();
    if each.iter().map(Vec::len).product::<usize>() > MOST_COMBINATIONS {
        return None;
    }
    let all = each.iter().fold(vec![vec![]], |all, own| {
        let longer = |some: &Vec<Course>| {
            let some = some.clone();
            own.iter().map(move |course| [some.clone(), vec![course.clone()]].concat())
        };
        all.iter().flat_map(longer).collect::<Vec<_>>()
    });
    let returns = |chosen: &Vec<Course>| {
        let cuts: Vec<&[i64]> = chosen.iter().map(|course| course.cut_kw.as_slice()).collect();
        let (zones, steps) = (scene.case.zones.len(), scene.case.grid.len);
        (0..zones).all(|z| (0..steps).all(|t| zone_excess(scene, frames, &cuts, z, t) <= 0))
    };
    Some(all.into_iter().filter(returns).collect())
}

fn uncovered_mwh(scene: &Scene, chosen: &[Course]) -> f64 {
    let cuts: Vec<Vec<i64>> = chosen.iter().map(|course| course.cut_kw.clone()).collect();
    let short = |t: usize| {
        let flow_kw = best_flow_mw(&scene.case, &cuts, t).unwrap_or(0.0) * 1000.0;
        let import = |z: usize| if scene.case.ties.is_empty() { 0.0 } else { [-flow_kw, flow_kw][z] };
        let zones = 0..scene.case.zones.len();
        zones.map(|z| (-spare_kw(&scene.case, &cuts, z, t) - import(z)).max(0.0)).sum::<f64>() / 1000.0
    };
    (0..scene.case.grid.len).map(short).sum()
}

/// Whether cuts may follow a plan: deeper only, and the same before the scenario is known.
fn may_follow(scene: &Scene, plan: &[Course], chosen: &[Course]) -> bool {
    let known_at = scene.case.risk.as_ref().unwrap().known_at;
    scene.case.facilities.iter().zip(plan).zip(chosen).all(|((facility, plan), chosen)| {
        let free = known_at.max(scene.case.issued_at) + TimeDelta::minutes(facility.notice_minutes);
        (0..scene.case.grid.len).all(|t| {
            let (planned, cut) = (plan.cut_kw[t], chosen.cut_kw[t]);
            if scene.case.grid.instant(t) < free { cut == planned } else { cut >= planned }
        })
    })
}

/// The worst `1 - alpha`, straight from its definition.
fn tail_mean(mut outcomes: Vec<(f64, f64)>, alpha: f64) -> f64 {
    outcomes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (mut left, mut sum) = (1.0 - alpha, 0.0);
    for (probability, mwh) in outcomes {
        let taken = probability.min(left);
        sum += taken * mwh;
        left -= taken;
    }
    sum / (1.0 - alpha)
}

/// The least objective of all plans, each with its best answers; nothing where there are too many to try.
fn optimum(scene: &Scene) -> Option<f64> {
    let frames: Vec<Frame> = (0..scene.case.facilities.len()).map(|i| frame(scene, i)).collect();
    let all = combinations(scene, &frames)?;
    let price = |chosen: &Vec<Course>| chosen.iter().map(|course| course.price).sum::<f64>();
    let scenes: Vec<Scene> = (0..scene.case.scenarios.len()).map(|s| facing(scene, s)).collect();
    let short: Vec<Vec<f64>> =
        scenes.iter().map(|scene| all.iter().map(|chosen| uncovered_mwh(scene, chosen)).collect()).collect();
    let mut least = f64::INFINITY;
    for plan in &all {
        let follow: Vec<usize> = (0..all.len()).filter(|&c| may_follow(scene, plan, &all[c])).collect();
        let answers =
            |short: &Vec<f64>| sensible(follow.iter().map(|&c| (price(&all[c]), short[c])).collect());
        let answers: Vec<Vec<(f64, f64)>> = short.iter().map(answers).collect();
        least = least.min(best_of(scene, &answers));
    }
    Some(least)
}

/// Answers of which no other one is better in both money and shortage.
fn sensible(mut answers: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    answers.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for answer in answers {
        if kept.last().is_none_or(|last| answer.1 < last.1 - 1e-9) {
            kept.push(answer);
        }
    }
    kept
}

/// The least objective over every choice of one answer a scenario.
fn best_of(scene: &Scene, answers: &[Vec<(f64, f64)>]) -> f64 {
    let (case, risk) = (&scene.case, scene.case.risk.as_ref().unwrap());
    let choices: usize = answers.iter().map(Vec::len).product();
    let objective = |mut number: usize| {
        let (mut expected, mut outcomes) = (0.0, Vec::new());
        for (answers, scenario) in answers.iter().zip(&case.scenarios) {
            let (price, mwh) = answers[number % answers.len()];
            number /= answers.len();
            expected += scenario.probability * (price + case.objective.uncovered_cost_per_mwh * mwh);
            outcomes.push((scenario.probability, mwh));
        }
        expected + risk.weight * tail_mean(outcomes, risk.alpha)
    };
    (0..choices).map(objective).fold(f64::INFINITY, f64::min)
}

fn tried(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (u64, Scene, f64)> {
    seeds.filter_map(|seed| {
        let scene = stochastic(seed);
        optimum(&scene).map(|objective| (seed, scene, objective))
    })
}

/// The figures of the scenarios, one from the other.
fn figures_hold(scene: &Scene, plan: &Plan) -> bool {
    let (case, said) = (&scene.case, plan.uncertainty.as_ref().unwrap());
    let risk = case.risk.as_ref().unwrap();
    let outcomes: Vec<(f64, f64)> =
        said.scenarios.iter().map(|own| (own.probability, own.uncovered_mwh)).collect();
    let expected: f64 = said.scenarios.iter().map(|own| own.probability * own.objective).sum();
    let tail = tail_mean(outcomes, risk.alpha);
    (expected - said.expected_objective).abs() < NOISE
        && (tail - said.cvar_uncovered_mwh).abs() < 1e-9
        && (expected + risk.weight * tail - plan.objective).abs() < NOISE
        && said.shortage.len() == case.grid.len
}

#[test]
fn tiny_cases_with_scenarios_are_solved_to_the_brute_force_optimum() {
    let (mut scenes, mut faults) = (0, Vec::new());
    for (seed, scene, optimum) in tried(1..220) {
        scenes += 1;
        let plan = match solved(&scene) {
            Ok(plan) => plan,
            Err(fault) => {
                faults.push(format!("seed {seed}: {fault}"));
                continue;
            }
        };
        let (found, bound) = (plan.objective, plan.bound.unwrap_or(f64::NEG_INFINITY));
        let report = check(&scene.case, &plan, Some(GAP));
        if bound > optimum + NOISE
            || (found - optimum).abs() > NOISE
            || !report.passed()
            || !figures_hold(&scene, &plan)
        {
            faults.push(format!("seed {seed}: {found} (bound {bound}) against {optimum} {report}"));
        }
    }
    println!("{scenes} scenes tried in full");
    assert!(scenes > 60);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
