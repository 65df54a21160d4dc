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

const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;
/// Share of the first solve within which a revised forecast is to be planned.
const AIM: f64 = 0.2;

/// What one case came to.
struct Row {
    first_s: f64,
    anew_s: f64,
    again_s: f64,
    /// Facilities that are cut otherwise than in the first plan, planned anew and again.
    moved: [usize; 2],
}

fn main() {
    println!(
        "| cases | gap asked | noise | first s | anew s | again s | again over first: least / median / greatest | \
         within {AIM} | facilities moved, anew / again |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (facilities, gap, limit_s) in [(100, 0.01, 20.0), (1_000, 0.001, 30.0)] {
        let settings = Settings { gap, time_limit_s: limit_s, threads: 2, seed: 1 };
        for noise in [0.02, 0.1] {
            let rows: Vec<Row> = SEEDS.map(|seed| row(facilities, seed, noise, settings)).collect();
            let seconds = |of: fn(&Row) -> f64| median(rows.iter().map(of).collect());
            let mut ratios: Vec<f64> = rows.iter().map(|row| row.again_s / row.first_s).collect();
            ratios.sort_by(f64::total_cmp);
            println!(
                "| {} of {facilities} x 24 | {gap} | {noise} | {:.2} | {:.2} | {:.2} | {:.2} / {:.2} / {:.2} | {} | {} / {} |",
                rows.len(),
                seconds(|row| row.first_s),
                seconds(|row| row.anew_s),
                seconds(|row| row.again_s),
                ratios[0],
                median(ratios.clone()),
                ratios[ratios.len() - 1],
                ratios.iter().filter(|ratio| **ratio <= AIM).count(),
                rows.iter().map(|row| row.moved[0]).sum::<usize>(),
                rows.iter().map(|row| row.moved[1]).sum::<usize>(),
            );
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
}

fn row(facilities: usize, seed: u64, noise: f64, settings: Settings) -> Row {
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
    Row { first_s, anew_s, again_s, moved: [moved(&before, &anew), again.moved.facilities] }
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
