//! The optimum of tiny cases by trying everything, and what judge and search make of it.

use crate::builder::{best_flow_mw, plan, spare_kw};
use crate::reference::{Course, Frame, course, frame, levels, zone_excess};
use crate::scenes::{Scene, random};
use kezek_model::plan::{Plan, Status};
use kezek_planner::check::{Rule, check};
use kezek_planner::solve::{Settings, Watch, solve};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// More combinations than this are not tried.
const MOST_COMBINATIONS: usize = 150_000;

/// The gap that the search is asked for.
pub const GAP: f64 = 1e-6;
/// What sums of money may differ by in their last digits.
const MONEY_NOISE: f64 = 0.01;

/// Every pattern of one facility over its allowed cuts that keeps its own rules.
pub fn courses(scene: &Scene, i: usize, frame: &Frame) -> Vec<Course> {
    all_patterns(scene, i, frame).iter().filter_map(|cut| course(scene, i, frame, cut)).collect()
}

/// Every pattern of one facility over its allowed cuts.
pub fn all_patterns(scene: &Scene, i: usize, frame: &Frame) -> Vec<Vec<i64>> {
    (0..scene.case.grid.len).fold(vec![vec![]], |patterns, t| {
        let levels = levels(scene, i, frame, t);
        let longer = |pattern: &Vec<i64>| {
            let pattern = pattern.clone();
            levels.clone().into_iter().map(move |cut| [pattern.clone(), vec![cut]].concat())
        };
        patterns.iter().flat_map(longer).collect()
    })
}

/// What a combination costs, or nothing where a zone returns too fast.
pub fn objective(scene: &Scene, frames: &[Frame], chosen: &[&Course]) -> Option<f64> {
    let (zones, intervals) = (0..scene.case.zones.len(), 0..scene.case.grid.len);
    let cuts: Vec<&[i64]> = chosen.iter().map(|course| course.cut_kw.as_slice()).collect();
    let mut places = zones.flat_map(|z| intervals.clone().map(move |t| (z, t)));
    if places.any(|(z, t)| zone_excess(scene, frames, &cuts, z, t) > 0) {
        return None;
    }
    let cuts: Vec<Vec<i64>> = chosen.iter().map(|course| course.cut_kw.clone()).collect();
    let uncovered_kw: f64 = intervals.map(|t| uncovered_kw(scene, &cuts, t)).sum();
    let price = scene.case.objective.uncovered_cost_per_mwh / 1000.0;
    Some(chosen.iter().map(|course| course.price).sum::<f64>() + price * uncovered_kw)
}

pub fn uncovered_kw(scene: &Scene, cuts: &[Vec<i64>], t: usize) -> f64 {
    let flow_kw = best_flow_mw(&scene.case, cuts, t).unwrap_or(0.0) * 1000.0;
    let import = |z: usize| if scene.case.ties.is_empty() { 0.0 } else { [-flow_kw, flow_kw][z] };
    (0..scene.case.zones.len()).map(|z| (-spare_kw(&scene.case, cuts, z, t) - import(z)).max(0.0)).sum()
}

/// The cheapest combination, or nothing where there are too many to try.
pub fn optimum(scene: &Scene) -> Option<(f64, Vec<Vec<i64>>)> {
    let facilities = 0..scene.case.facilities.len();
    let frames: Vec<Frame> = facilities.clone().map(|i| frame(scene, i)).collect();
    let courses: Vec<Vec<Course>> = facilities.map(|i| courses(scene, i, &frames[i])).collect();
    let combinations: usize = courses.iter().map(Vec::len).product();
    if combinations > MOST_COMBINATIONS {
        return None;
    }
    assert!(combinations > 0, "a case is always feasible");
    let mut best: Option<(f64, Vec<Vec<i64>>)> = None;
    for mut number in 0..combinations {
        let pick = |of: &'_ [Course], number: &mut usize| {
            let at = *number % of.len();
            *number /= of.len();
            at
        };
        let chosen: Vec<&Course> = courses.iter().map(|of| &of[pick(of, &mut number)]).collect();
        let Some(objective) = objective(scene, &frames, &chosen) else { continue };
        if best.as_ref().is_none_or(|(least, _)| objective < *least - 1e-9) {
            best = Some((objective, chosen.iter().map(|course| course.cut_kw.clone()).collect()));
        }
    }
    best
}

/// Scenes that are small enough to be tried in full.
pub fn small_scenes(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (u64, Scene, f64, Vec<Vec<i64>>)> {
    seeds.filter_map(|seed| {
        let scene = random(seed);
        optimum(&scene).map(|(objective, cuts)| (seed, scene, objective, cuts))
    })
}

#[test]
fn every_pattern_is_judged_as_the_reference_judges_it() {
    let (mut allowed, mut refused) = (0, 0);
    for seed in 1..120 {
        let scene = random(seed);
        let frames: Vec<Frame> = (0..scene.case.facilities.len()).map(|i| frame(&scene, i)).collect();
        let best: Vec<Vec<i64>> =
            (0..frames.len()).map(|i| courses(&scene, i, &frames[i])[0].cut_kw.clone()).collect();
        for (i, frame) in frames.iter().enumerate() {
            let patterns = all_patterns(&scene, i, frame);
            for cut in patterns.iter().step_by(1 + patterns.len() / 60) {
                let mut cuts = best.clone();
                cuts[i].clone_from(cut);
                let expected = course(&scene, i, frame, cut).is_some();
                let report = check(&scene.case, &plan(&scene.case, &cuts), None);
                let found = report.findings.iter().all(|finding| finding.rule == Rule::ZoneRestore);
                assert_eq!(found, expected, "seed {seed}, facility {i}, cuts {cuts:?}: {report}");
                if expected { allowed += 1 } else { refused += 1 }
            }
        }
    }
    println!("{allowed} patterns allowed, {refused} refused");
    assert!(allowed > 1000 && refused > 1000);
}

#[test]
fn the_judge_passes_every_brute_force_optimum_and_agrees_on_its_price() {
    let mut scenes = 0;
    for (seed, scene, objective, cuts) in small_scenes(1..200) {
        let plan = plan(&scene.case, &cuts);
        let report = check(&scene.case, &plan, None);
        assert!(report.passed(), "seed {seed}, cuts {cuts:?}: {report}");
        assert!(
            (plan.objective - objective).abs() < 1e-6,
            "seed {seed}: {} is not {objective}",
            plan.objective
        );
        scenes += 1;
    }
    println!("{scenes} scenes tried in full");
    assert!(scenes > 100);
}

/// The search, held against the brute force.
#[test]
fn the_search_finds_the_brute_force_optimum() {
    let (mut scenes, mut faults) = (0, Vec::new());
    for (seed, scene, objective, cuts) in small_scenes(200..700) {
        scenes += 1;
        if let Err(fault) = search(&scene, objective) {
            faults.push(format!("seed {seed}: {fault}; the brute force has {cuts:?}"));
        }
    }
    println!("{scenes} scenes solved");
    assert!(scenes > 300);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Without any time to search there is still a plan, it passes the check, and its bound is one.
#[test]
fn the_fallback_always_has_a_plan_that_passes() {
    let (mut scenes, mut faults) = (0, Vec::new());
    for (seed, scene, objective, _) in small_scenes(1..700) {
        scenes += 1;
        let fault = match solved_within(&scene, 0.0) {
            Err(fault) => fault,
            Ok(plan) if plan.objective < objective - MONEY_NOISE => {
                format!("{} is too cheap", plan.objective)
            }
            Ok(plan) if plan.bound.is_some_and(|bound| bound <= objective + MONEY_NOISE) => continue,
            Ok(plan) => format!("bound {:?}", plan.bound),
        };
        faults.push(format!("seed {seed}: {fault}; the optimum is {objective}"));
    }
    println!("{scenes} scenes planned without a search");
    assert!(scenes > 400);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The plan of the search, to a gap of 1e-6.
pub fn solved(scene: &Scene) -> Result<Plan, String> {
    solved_within(scene, 30.0)
}

pub fn solved_within(scene: &Scene, time_limit_s: f64) -> Result<Plan, String> {
    let started = Instant::now();
    let elapsed = || -> Duration { started.elapsed() };
    let stop = AtomicBool::new(false);
    let mut watch = Watch { elapsed: &elapsed, stop: &stop, progress: &mut |_| {} };
    let settings = Settings { gap: GAP, time_limit_s, threads: 1, seed: 1 };
    solve(&scene.case, settings, &mut watch).map_err(|error| error.to_string())
}

/// Solves a scene and says how its plan differs from an optimum with this objective.
fn search(scene: &Scene, objective: f64) -> Result<(), String> {
    let found = solved(scene)?;
    let report = check(&scene.case, &found, Some(GAP));
    let bound = found.bound.unwrap_or(f64::NEG_INFINITY);
    let said = format!("{} (bound {bound}, {:?}) against {objective}", found.objective, found.status);
    match () {
        () if !report.passed() => Err(report.to_string()),
        () if bound > objective + MONEY_NOISE => Err(format!("a bound above the optimum: {said}")),
        () if found.status != Status::Optimal => Err(format!("not proven: {said}")),
        () if found.objective > objective + MONEY_NOISE => Err(format!("too dear: {said}")),
        () if found.objective < objective - MONEY_NOISE => Err(format!("too cheap: {said}")),
        () => Ok(()),
    }
}
