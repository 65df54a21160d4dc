//! How near a plan is proven within a time, and what the judge costs beside reading the plan it judges.
//!
//! `./dev bench --bench plan` prints Markdown rows for `benches/README.md`.

use kezek_model::case::Case;
use kezek_model::plan::Plan;
use kezek_planner::check::check;
use kezek_planner::solve::{Settings, Watch, solve};
use kezek_study::made::Recipe;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;
const ROUNDS: usize = 15;

fn main() {
    println!(
        "| case | limit s | gap % min / median / max | fallback over plan, median | check over reading plan.json, median (spread) |"
    );
    println!("|---|---|---|---|---|");
    for (name, limit_s, recipe) in [
        ("45 x 24", 10.0, Recipe::day as fn(u64, usize) -> Recipe),
        ("40 x 25", 10.0, Recipe::long_day),
        ("100 x 24", 30.0, Recipe::day),
    ] {
        let facilities = name.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(45);
        row(name, limit_s, &|seed| recipe(seed, facilities));
    }
}

fn row(name: &str, limit_s: f64, recipe: &dyn Fn(u64) -> Recipe) {
    let (mut gaps, mut fallbacks, mut checks) = (Vec::new(), Vec::new(), Vec::new());
    for seed in SEEDS {
        let Ok(case) = Case::parse(&recipe(seed).files()) else { panic!("a made case is a case") };
        let (plan, fallback) = planned(&case, limit_s);
        gaps.push(plan.gap.unwrap_or(f64::INFINITY) * 100.0);
        fallbacks.push(fallback / plan.objective.max(1.0));
        checks.extend(check_ratios(&case, &plan));
    }
    let (gap, fallback, check) = (spread(gaps), spread(fallbacks), spread(checks));
    println!(
        "| {name} | {limit_s} | {:.2} / {:.2} / {:.2} | {:.3} | {:.1} ({:.1}-{:.1}) |",
        gap.0, gap.1, gap.2, fallback.1, check.1, check.0, check.2
    );
}

/// The plan, and the objective of the first one.
fn planned(case: &Case, limit_s: f64) -> (Plan, f64) {
    let began = Instant::now();
    let mut first = None;
    let mut progress = |at: kezek_planner::solve::Progress| {
        first.get_or_insert(at.incumbent);
    };
    let stop = AtomicBool::new(false);
    let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut progress };
    let settings = Settings { gap: 0.001, time_limit_s: limit_s, threads: 2, seed: 1 };
    match solve(case, settings, &mut watch) {
        Ok(plan) => (plan, first.unwrap_or(f64::INFINITY)),
        Err(error) => panic!("{error}"),
    }
}

/// Seconds of a check over seconds of reading the same plan, in turns.
fn check_ratios(case: &Case, plan: &Plan) -> Vec<f64> {
    let text = serde_json::to_string(plan).unwrap_or_default();
    let once = || {
        let began = Instant::now();
        std::hint::black_box(Plan::from_json(&text).is_ok());
        let reading = began.elapsed().as_secs_f64();
        let began = Instant::now();
        std::hint::black_box(check(case, plan, None).passed());
        began.elapsed().as_secs_f64() / reading
    };
    (0..ROUNDS).map(|_| once()).collect()
}

/// Least, median, greatest.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[0], values[values.len() / 2], values[values.len() - 1])
}
