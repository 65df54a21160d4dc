//! Planning again from a plan, held against the brute force: the fewest changes among all plans within the gap.

use crate::brute::{courses, objective, solved};
use crate::reference::{Course, Frame, frame};
use crate::scenes::{Dice, Scene, random};
use kezek_model::plan::Plan;
use kezek_planner::check::check;
use kezek_planner::replan::{Replanned, contrary, missing, replan};
use kezek_planner::solve::{MarginalPrice, Settings, Watch};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const GAP: f64 = 0.05;
/// More combinations than this are not tried.
const MOST_COMBINATIONS: usize = 20_000;

fn replanned(scene: &Scene, before: &Plan, prices: &[MarginalPrice]) -> Replanned {
    let (started, stop) = (Instant::now(), AtomicBool::new(false));
    let elapsed = || started.elapsed();
    let mut watch = Watch { elapsed: &elapsed, stop: &stop, progress: &mut |_| {} };
    let settings = Settings { gap: GAP, time_limit_s: 60.0, threads: 1, seed: 1 };
    replan(&scene.case, before, prices, settings, &mut watch).unwrap()
}

/// The scene with another forecast.
fn revised(scene: &Scene, seed: u64) -> Scene {
    let (mut case, mut dice) = (scene.case.clone(), Dice(seed | 1));
    for mw in case.scenarios[0].headroom_mw.iter_mut().flatten() {
        *mw += 0.001 * (dice.below(3) - 1) as f64;
    }
    Scene { case, percent: scene.percent.clone() }
}

/// Prices that have nothing to do with the scene; none for every other seed.
fn any_prices(scene: &Scene, seed: u64) -> Vec<MarginalPrice> {
    let (case, mut dice) = (&scene.case, Dice(seed | 1));
    let places = case.zones.iter().flat_map(|zone| (0..case.grid.len).map(move |t| (zone, t)));
    let mut row = |(zone, t): (&kezek_model::case::Zone, usize)| MarginalPrice {
        interval_start: case.grid.instant(t),
        zone: zone.id.clone(),
        balance_per_mwh: (dice.below(300) - 50) as f64,
        restore_per_mw: (dice.below(20) - 5) as f64,
    };
    if seed.is_multiple_of(2) { places.map(&mut row).collect() } else { Vec::new() }
}

fn cuts(scene: &Scene, plan: &Plan) -> Vec<Vec<i64>> {
    plan.allocations
        .chunks(scene.case.grid.len)
        .map(|rows| rows.iter().map(|row| row.cut.0).collect())
        .collect()
}

fn moved_kw(now: &[i64], before: &[i64]) -> i64 {
    now.iter().zip(before).map(|(now, before)| (now - before).abs()).sum()
}

/// Fewest facilities, then kW, that change in any plan of at most this objective; `None` where there are too many.
fn fewest(scene: &Scene, before: &[Vec<i64>], most: f64) -> Option<(usize, i64)> {
    let frames: Vec<Frame> = (0..before.len()).map(|i| frame(scene, i)).collect();
    let all: Vec<Vec<Course>> = (0..before.len()).map(|i| courses(scene, i, &frames[i])).collect();
    let combinations: usize = all.iter().map(Vec::len).product();
    if combinations > MOST_COMBINATIONS {
        return None;
    }
    let chosen = |mut number: usize| -> Vec<&Course> {
        let mut pick = |of: &'_ [Course]| {
            let at = number % of.len();
            number /= of.len();
            at
        };
        all.iter().map(|of| &of[pick(of)]).collect()
    };
    let within = |chosen: &Vec<&Course>| objective(scene, &frames, chosen).is_some_and(|cost| cost <= most);
    let moved = |chosen: Vec<&Course>| {
        let each = chosen.iter().zip(before).map(|(own, before)| moved_kw(&own.cut_kw, before));
        each.filter(|kw| *kw > 0).fold((0, 0), |sum, kw| (sum.0 + 1, sum.1 + kw))
    };
    (0..combinations).map(chosen).filter(within).map(moved).min()
}

#[test]
fn no_plan_within_the_gap_changes_less() {
    let (mut scenes, mut changed, mut proven) = (0, 0, 0);
    for seed in 1..260 {
        let scene = random(seed);
        let before = solved(&scene).unwrap();
        let scene = revised(&scene, seed);
        let again = replanned(&scene, &before, &any_prices(&scene, seed));
        assert_eq!(again.plan.parent.as_ref(), Some(&before.digest().unwrap()));
        let old = cuts(&scene, &before);
        let bound = again.plan.bound.unwrap();
        let within = if bound / (1.0 - GAP) >= 1.0 { bound / (1.0 - GAP) } else { (bound + GAP).min(1.0) };
        let Some(expected) = fewest(&scene, &old, within.max(again.plan.objective) + 1e-6) else { continue };
        let each = cuts(&scene, &again.plan).into_iter().zip(&old).map(|(now, old)| moved_kw(&now, old));
        let found = each.filter(|kw| *kw > 0).fold((0, 0), |sum, kw| (sum.0 + 1, sum.1 + kw));
        assert_eq!(found, expected, "seed {seed}: {:?}", again.moved);
        assert_eq!(again.moved.facilities, expected.0, "seed {seed}");
        assert!((again.moved.mwh * 1000.0 - expected.1 as f64).abs() < 1e-6, "seed {seed}");
        scenes += 1;
        changed += usize::from(expected.0 > 0);
        if let Some(fewest) = again.moved.fewest {
            assert_eq!(fewest, expected.0, "seed {seed}");
            proven += 1;
        }
    }
    println!("{scenes} scenes planned again, {changed} with changes, {proven} proven");
    assert!(scenes > 150 && changed > 40 && proven * 10 > scenes * 9);
}

/// Whatever prices it begins with, what is proven of all plans holds for the best one.
#[test]
fn prices_of_another_case_do_no_harm() {
    let mut changed = 0;
    for seed in (2..160).step_by(2) {
        let scene = random(seed);
        let before = solved(&scene).unwrap();
        let scene = revised(&scene, seed);
        let again = replanned(&scene, &before, &any_prices(&scene, seed));
        let best = solved(&scene).unwrap();
        let bound = again.plan.bound.unwrap();
        assert!(bound <= best.objective + 1e-6 * best.objective.max(1.0), "seed {seed}: {bound}");
        let report = check(&scene.case, &again.plan, Some(GAP));
        assert!(report.passed(), "seed {seed}: {report}");
        // What it tells in turn, it takes up itself: the same plan within the gap of the same bound.
        let kept = replanned(&scene, &again.plan, &again.prices);
        assert_eq!(kept.moved.facilities, 0, "seed {seed}");
        changed += usize::from(again.moved.facilities > 0);
    }
    assert!(changed > 10, "{changed}");
}

#[test]
fn the_same_case_is_not_changed() {
    for seed in 1..60 {
        let scene = random(seed);
        let before = solved(&scene).unwrap();
        let again = replanned(&scene, &before, &[]);
        assert_eq!((again.moved.facilities, again.moved.new_events, again.moved.removed_events), (0, 0, 0));
        assert_eq!(cuts(&scene, &again.plan), cuts(&scene, &before), "seed {seed}");
    }
}

#[test]
fn hours_that_notice_has_frozen_stay_once_the_case_knows_of_them() {
    let (mut added, mut frozen) = (0, 0);
    for seed in 1..200 {
        let scene = random(seed);
        let before = solved(&scene).unwrap();
        let mut later = revised(&scene, seed);
        later.case.issued_at = later.case.grid.instant(1);
        later.case.facilities.iter_mut().for_each(|facility| facility.notice_minutes = 60);
        let rows = missing(&later.case, &before).unwrap();
        for row in &rows {
            let f = later.case.facility_index(&row.facility).unwrap();
            let t = later.case.grid.index_of(row.interval_start).unwrap();
            assert!(later.case.facilities[f].kept_kw[t].is_none());
            later.case.facilities[f].kept_kw[t] = Some(row.cut);
        }
        added += rows.len();
        assert_eq!(missing(&later.case, &before).unwrap(), []);
        let again = replanned(&later, &before, &[]);
        let report = check(&later.case, &again.plan, Some(GAP));
        assert!(report.passed(), "seed {seed}: {report}");
        if !contrary(&later.case, &before).unwrap().is_empty() {
            continue;
        }
        let (now, old) = (cuts(&later, &again.plan), cuts(&later, &before));
        for (i, facility) in later.case.facilities.iter().enumerate() {
            // Where an order has ended the freeze, or a cut that was kept is no longer in the room, it is another story.
            let is_ordered = later.percent.iter().any(Option::is_some);
            for t in (0..2).filter(|_| !is_ordered && !facility.protected) {
                assert_eq!(now[i][t], old[i][t], "seed {seed}, facility {i}, interval {t}");
                frozen += usize::from(old[i][t] > 0);
            }
        }
    }
    println!("{added} rows added to kept.csv, {frozen} cuts stayed");
    assert!(added > 20 && frozen > 20);
}
