//! A revised forecast planned again from the plan before: seconds and changes beside those of a plan made anew.
//!
//! The plan before comes with its prices, as `kezek plan --out` writes them. `./dev bench --bench replan` prints Markdown rows for `benches/README.md`.

use kezek_model::case::Case;
use kezek_model::plan::Plan;
use kezek_planner::replan::replan;
use kezek_planner::solve::{Settings, Watch, solve, solve_priced};
use kezek_study::made::{Goal, Horizon};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;

fn main() {
    println!(
        "| case | gap asked | noise | first s | anew s | again s | again over first | facilities moved, anew / again |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (facilities, gap, limit_s) in [(100, 0.01, 20.0), (1_000, 0.001, 30.0)] {
        for noise in [0.02, 0.1] {
            for seed in SEEDS {
                row(facilities, seed, noise, Settings { gap, time_limit_s: limit_s, threads: 2, seed: 1 });
            }
        }
    }
}

fn row(facilities: usize, seed: u64, noise: f64, settings: Settings) {
    let made = Case::parse(&Goal::new(seed, facilities, Horizon::of_steps(24)).files());
    let Ok(mut case) = made else { panic!("a made case is a case") };
    let (first_s, (before, prices)) =
        timed(|watch| solve_priced(&case, settings, watch).map_err(|error| error.to_string()));
    revise(&mut case, noise, seed);
    let (anew_s, anew) = timed(|watch| solve(&case, settings, watch).map_err(|error| error.to_string()));
    let again = |watch: &mut Watch<'_>| {
        replan(&case, &before, &prices, settings, watch).map_err(|error| error.to_string())
    };
    let (again_s, again) = timed(again);
    println!(
        "| {facilities} x 24, {seed} | {} | {noise} | {first_s:.2} | {anew_s:.2} | {again_s:.2} | {:.2} | {} / {} |",
        settings.gap,
        again_s / first_s,
        moved(&before, &anew),
        again.moved.facilities,
    );
}

/// Every headroom up or down by at most a share of it.
fn revise(case: &mut Case, noise: f64, mut seed: u64) {
    for mw in case.scenarios[0].headroom_mw.iter_mut().flatten() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *mw *= 1.0 + noise * ((seed >> 11) as f64 / (1_u64 << 53) as f64 * 2.0 - 1.0);
    }
}

fn timed<T>(run: impl FnOnce(&mut Watch<'_>) -> Result<T, String>) -> (f64, T) {
    let (began, stop) = (Instant::now(), AtomicBool::new(false));
    let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
    let found = run(&mut watch).unwrap_or_else(|error| panic!("{error}"));
    (began.elapsed().as_secs_f64(), found)
}

fn moved(before: &Plan, after: &Plan) -> usize {
    let pairs = before.allocations.iter().zip(&after.allocations);
    let names: BTreeSet<&str> =
        pairs.filter(|(a, b)| a.cut != b.cut).map(|(a, _)| a.facility.as_str()).collect();
    names.len()
}
