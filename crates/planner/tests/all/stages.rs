//! Lexicographic policies, held against everything tried.

use crate::brute::{GAP, all_patterns, solved, uncovered_kw};
use crate::builder::is_entitled;
use crate::reference::{Course, Frame, course, frame, levels, zone_excess};
use crate::scenes::{Dice, Scene, random};
use kezek_model::case::{Facility, Ledger, Policy};
use kezek_model::plan::{Plan, Status};
use kezek_model::units::Kw;
use kezek_planner::check::check;

/// More combinations than this are not tried.
const MOST_COMBINATIONS: usize = 60_000;
/// What later stages may give back: MWh (all scenes are small enough for it to be this) and burden.
const SLACK_MWH: f64 = 0.1;
const SLACK_BURDEN: f64 = 0.001;
/// Dust of sums: MWh and burden, money.
const DUST: f64 = 1e-6;
const MONEY_DUST: f64 = 0.01;

/// A scene of the brute force in MW instead of kW and in blocks of a MW at least, so that what may be given back of the
/// first stage is less than one step of a cut; with a past and with dear or cheap shortage.
fn in_mw(seed: u64, policy: Policy) -> Scene {
    let mut scene = random(seed);
    let mut dice = Dice(seed.wrapping_mul(0xD134_2543_DE82_EF95) | 1);
    for _ in 0..8 {
        dice.below(2);
    }
    let case = &mut scene.case;
    case.objective.policy = policy;
    case.objective.uncovered_cost_per_mwh = dice.pick(&[1000.0, 1000.0, 30.0]);
    let thousandfold = |mw: &mut f64| *mw *= 1000.0;
    case.scenarios[0].headroom_mw.iter_mut().flatten().for_each(thousandfold);
    case.zones.iter_mut().filter_map(|zone| zone.restore_limit_mw.as_mut()).for_each(thousandfold);
    for tie in &mut case.ties {
        tie.limit_mw.iter_mut().chain(&mut tie.reverse_limit_mw).flatten().for_each(thousandfold);
    }
    case.facilities.iter_mut().for_each(|facility| enlarge(facility, &mut dice));
    scene
}

fn enlarge(f: &mut Facility, dice: &mut Dice) {
    let block = f.block_kw.unwrap_or(Kw(1));
    f.block_kw = Some(block);
    let own = [&mut f.floor_kw, &mut f.min_cut_kw, &mut f.state.cut_kw].into_iter();
    let series = f.nomination_kw.iter_mut().chain(f.quota_kw.iter_mut().flatten());
    let other = series.chain(f.kept_kw.iter_mut().flatten()).chain(&mut f.block_kw);
    own.chain(other).chain(&mut f.ramp_up_kw_per_h).for_each(|kw| kw.0 *= 1000);
    f.cut_cost_per_mwh /= 1000.0;
    let nominated_mwh = dice.pick(&[0.0, 7.5, 40.0]);
    f.ledger = Ledger { nominated_mwh, cut_mwh: nominated_mwh * dice.pick(&[0.0, 0.1, 0.5]) };
}

/// One course of a facility, with what the stages count.
struct Choice {
    course: Course,
    overrun_mwh: f64,
    burden: f64,
}

fn choices(scene: &Scene, i: usize, frame: &Frame) -> Vec<Choice> {
    let mut free = Scene { case: scene.case.clone(), percent: scene.percent.clone() };
    free.case.objective.uncovered_cost_per_mwh = 0.0;
    let price = scene.case.objective.uncovered_cost_per_mwh;
    let choice = |cut: &Vec<i64>| {
        let course = course(scene, i, frame, cut)?;
        let without = self::course(&free, i, frame, cut)?.price;
        let overrun_mwh = (course.price - without) / price;
        Some(Choice { burden: burden(scene, i, frame, cut), course, overrun_mwh })
    };
    all_patterns(scene, i, frame).iter().filter_map(choice).collect()
}

fn burden(scene: &Scene, i: usize, frame: &Frame, cut: &[i64]) -> f64 {
    let (case, f) = (&scene.case, &scene.case.facilities[i]);
    let entitled: Vec<usize> = (0..cut.len()).filter(|&t| is_entitled(case, f, t)).collect();
    if f.protected || entitled.is_empty() {
        return 0.0;
    }
    let past = if case.objective.policy == Policy::Rotation { f.ledger } else { Ledger::default() };
    let mwh = |kw: &[i64]| entitled.iter().map(|&t| kw[t] as f64 / 1000.0).sum::<f64>();
    let whole = past.nominated_mwh + mwh(&frame.nominated);
    if whole > 0.0 { (past.cut_mwh + mwh(cut)) / whole } else { 0.0 }
}

/// Missing MWh, highest burden and objective of every allowed combination; nothing where they are too many.
fn everything(scene: &Scene) -> Option<Vec<[f64; 3]>> {
    let facilities = 0..scene.case.facilities.len();
    let frames: Vec<Frame> = facilities.clone().map(|i| frame(scene, i)).collect();
    let space: usize = facilities
        .clone()
        .map(|i| (0..frames[i].room.len()).map(|t| levels(scene, i, &frames[i], t).len()).product::<usize>())
        .max()?;
    if space > 20_000 {
        return None;
    }
    let own: Vec<Vec<Choice>> = facilities.map(|i| choices(scene, i, &frames[i])).collect();
    let combinations: usize = own.iter().map(Vec::len).product();
    (combinations <= MOST_COMBINATIONS).then(|| {
        (0..combinations).filter_map(|number| values(scene, &frames, &picked(&own, number))).collect()
    })
}

fn picked(own: &[Vec<Choice>], mut number: usize) -> Vec<&Choice> {
    let pick = |of: &'_ Vec<Choice>, number: &mut usize| {
        let at = *number % of.len();
        *number /= of.len();
        at
    };
    own.iter().map(|of| &of[pick(of, &mut number)]).collect()
}

fn values(scene: &Scene, frames: &[Frame], chosen: &[&Choice]) -> Option<[f64; 3]> {
    let cuts: Vec<Vec<i64>> = chosen.iter().map(|choice| choice.course.cut_kw.clone()).collect();
    let slices: Vec<&[i64]> = cuts.iter().map(Vec::as_slice).collect();
    let mut places = (0..scene.case.zones.len()).flat_map(|z| (0..scene.case.grid.len).map(move |t| (z, t)));
    if places.any(|(z, t)| zone_excess(scene, frames, &slices, z, t) > 0) {
        return None;
    }
    let uncovered: f64 =
        (0..scene.case.grid.len).map(|t| uncovered_kw(scene, &cuts, t)).sum::<f64>() / 1000.0;
    let overrun: f64 = chosen.iter().map(|choice| choice.overrun_mwh).sum();
    let price: f64 = chosen.iter().map(|choice| choice.course.price).sum();
    let burden = chosen.iter().map(|choice| choice.burden).fold(0.0, f64::max);
    Some([uncovered + overrun, burden, price + scene.case.objective.uncovered_cost_per_mwh * uncovered])
}

/// The lexicographic optimum, stage by stage.
fn lexicographic(all: &[[f64; 3]]) -> [f64; 3] {
    let least = |stage: usize, most: [f64; 2]| {
        let kept = all.iter().filter(|v| v[0] <= most[0] + DUST && v[1] <= most[1] + DUST);
        kept.map(|v| v[stage]).fold(f64::INFINITY, f64::min)
    };
    let missing = least(0, [f64::INFINITY; 2]);
    let allowed = missing + SLACK_MWH;
    let burden = least(1, [allowed, f64::INFINITY]);
    [missing, burden, least(2, [allowed, burden + SLACK_BURDEN])]
}

/// What is wrong with a plan whose stages should reach these values.
fn fault(scene: &Scene, plan: &Plan, expected: [f64; 3]) -> Option<String> {
    let report = check(&scene.case, plan, Some(GAP));
    if !report.passed() {
        return Some(report.to_string());
    }
    let stages = plan.stages.as_deref().unwrap_or_default();
    let slack = [SLACK_MWH + DUST, SLACK_BURDEN + DUST, MONEY_DUST];
    let dust = [DUST, DUST, MONEY_DUST];
    for (at, stage) in stages.iter().enumerate() {
        let found = stage.value;
        if found < expected[at] - dust[at] || found > expected[at] + slack[at] {
            return Some(format!("{} {found} instead of {}", stage.stage, expected[at]));
        }
        if stage.bound.is_none_or(|bound| bound > expected[at] + dust[at]) {
            return Some(format!("{} has bound {:?} above {}", stage.stage, stage.bound, expected[at]));
        }
    }
    (plan.status != Status::Optimal).then(|| format!("{:?}: {stages:?} instead of {expected:?}", plan.status))
}

fn small_scenes(seeds: std::ops::Range<u64>, policy: Policy) -> impl Iterator<Item = (u64, Scene, [f64; 3])> {
    seeds.filter_map(move |seed| {
        let scene = in_mw(seed, policy);
        everything(&scene).map(|all| (seed, scene, lexicographic(&all)))
    })
}

#[track_caller]
fn assert_lexicographic(seeds: std::ops::Range<u64>, policy: Policy) {
    let (mut scenes, mut apart, mut faults) = (0, 0, Vec::new());
    for (seed, scene, expected) in small_scenes(seeds, policy) {
        scenes += 1;
        apart += usize::from(expected[1] > 0.0 && expected[0] > 0.0);
        let fault = solved(&scene).map_or_else(Some, |plan| fault(&scene, &plan, expected));
        faults.extend(fault.map(|fault| format!("seed {seed}: {fault}")));
    }
    println!("{scenes} scenes solved, {apart} with a shortage and a burden");
    assert!(scenes > 150 && apart > 50);
    assert!(faults.is_empty(), "{} of {scenes}\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn equal_share_finds_the_lexicographic_optimum() {
    assert_lexicographic(1..500, Policy::EqualShare);
}

#[test]
fn rotation_finds_the_lexicographic_optimum() {
    assert_lexicographic(500..1000, Policy::Rotation);
}

/// Facilities in another order are the same case: the same plan row by row.
#[test]
fn the_order_of_facilities_changes_nothing() {
    let mut scenes = 0;
    for (seed, scene, _) in small_scenes(1000..1080, Policy::Rotation) {
        if scene.case.facilities.len() < 2 {
            continue;
        }
        scenes += 1;
        let plan = solved(&scene).unwrap();
        let mut renamed = Scene { case: scene.case.clone(), percent: scene.percent.clone() };
        renamed.case.facilities.reverse();
        let ids: Vec<_> = scene.case.facilities.iter().map(|f| f.id.clone()).collect();
        renamed.case.facilities.iter_mut().zip(ids).for_each(|(f, id)| f.id = id);
        let other = solved(&renamed).unwrap();
        let values =
            |plan: &Plan| plan.stages.clone().unwrap().into_iter().map(|s| s.value).collect::<Vec<_>>();
        let (one, two) = (values(&plan), values(&other));
        assert!(
            (one[2] - two[2]).abs() < MONEY_DUST && (one[1] - two[1]).abs() < SLACK_BURDEN,
            "seed {seed}: {one:?} {two:?}"
        );
    }
    assert!(scenes > 30);
}

/// Without any time there is still a plan that passes, and no bound that is none.
#[test]
fn every_stage_is_completed_by_what_stands() {
    for (seed, scene, expected) in small_scenes(1..150, Policy::Rotation) {
        let plan = crate::brute::solved_within(&scene, 0.0).unwrap();
        let report = check(&scene.case, &plan, Some(GAP));
        assert!(report.passed(), "seed {seed}: {report}");
        let stages = plan.stages.unwrap();
        assert_eq!(stages.len(), 3);
        let bounds = stages.iter().zip(expected).zip([DUST, DUST, MONEY_DUST]);
        for ((stage, expected), dust) in bounds {
            assert!(stage.bound.is_none_or(|bound| bound <= expected + dust), "seed {seed}: {stage:?}");
        }
    }
}
