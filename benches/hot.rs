//! The hot paths of the planner, by criterion: the course of one facility, of which a plan asks millions, the reading
//! of a case as mathematics, the plan of a country's day to one percent, and the judge of a plan.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kezek_model::case::Case;
use kezek_planner::check::check;
use kezek_planner::course::{Lane, Tariff};
use kezek_planner::problem::Problem;
use kezek_planner::solve::{Settings, Watch, solve};
use kezek_study::made::{Goal, Horizon};
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

fn case(facilities: usize, steps: usize) -> Case {
    let made = Case::parse(&Goal::new(1, facilities, Horizon::of_steps(steps)).files());
    made.unwrap_or_else(|faults| panic!("a made case is a case: {faults}"))
}

/// Prices that make the evening worth a cut.
fn course(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("course");
    for steps in [24, 96, 192] {
        let Ok(problem) = Problem::new(&case(45, steps)) else { panic!("a made case is plannable") };
        let lanes: Vec<Lane<'_>> = problem.facilities.iter().map(Lane::new).collect();
        let per_kw = |t: usize| if t % 24 > 16 { -0.05 } else { 0.03 };
        let cost = |t: usize, kw: i64| per_kw(t) * kw as f64;
        let tariff = Tariff { cost: &cost, event_cost: 200.0, overrun_per_kw: 3.0 };
        group.bench_function(format!("45 facilities x {steps}"), |bench| {
            bench.iter(|| lanes.iter().filter_map(|lane| black_box(lane.cheapest(&tariff))).count());
        });
    }
    group.finish();
}

fn problem(criterion: &mut Criterion) {
    let case = case(1_000, 24);
    criterion.bench_function("problem of 1000 x 24", |bench| {
        bench.iter(|| black_box(Problem::new(&case).is_ok()))
    });
}

fn plan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let case = case(100, 24);
    let planned = || {
        let (began, stop) = (Instant::now(), AtomicBool::new(false));
        let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
        let settings = Settings { gap: 0.01, time_limit_s: 30.0, threads: 2, seed: 1 };
        solve(&case, settings, &mut watch).unwrap_or_else(|error| panic!("{error}"))
    };
    group.bench_function("100 x 24 to 1 %", |bench| bench.iter(planned));
    let made = planned();
    group.bench_function("check of 100 x 24", |bench| {
        bench.iter_batched(
            || made.clone(),
            |plan| black_box(check(&case, &plan, None).passed()),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(hot, course, problem, plan);
criterion_main!(hot);
