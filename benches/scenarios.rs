//! What planning for scenarios is worth beside planning for the point forecast, out of sample.
//!
//! Errors of the load forecast for Greece (Open Power System Data, time series) are split by week: scenarios are drawn
//! from the even weeks, and every plan is then played through days of the odd weeks, where cuts are deepened as soon
//! as notice allows once the day is known. `KEZEK_TEST_DATA` names the folder with the table; without it nothing is
//! measured. `./dev bench --bench scenarios` prints a Markdown table for `benches/README.md`.

use chrono::{Datelike as _, TimeDelta};
use kezek_model::case::{Case, Risk, Scenario};
use kezek_model::ids::ZoneId;
use kezek_model::plan::Plan;
use kezek_planner::scenarios::{Outcome, respond};
use kezek_planner::solve::{Settings, Watch, solve};
use kezek_study::errors::{Columns, Day, Series, draw, replay};
use kezek_study::made::{Goal, Horizon};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const TABLE: &str = "opsd/opsd_greece_load_forecast_actual_2019-10_2020-09.csv";
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;
const FACILITIES: usize = 45;
const SCENARIOS: usize = 20;
const TEST_DAYS: usize = 40;
/// ASSUMED: a zone's demand is four times what its miners nominate; the errors are shares of it.
const DEMAND_OVER_NOMINATED: f64 = 4.0;
/// The day is known so many hours after it began; facilities have 0 to 12 hours of notice on top.
const KNOWN_AFTER_HOURS: i64 = 6;
const ALPHA: f64 = 0.9;
/// Price of a MWh of the tail's mean, beside 3000 for every MWh uncovered.
const WEIGHT: f64 = 1500.0;
const LIMIT_S: f64 = 15.0;

fn main() {
    let Some(folder) = std::env::var_os("KEZEK_TEST_DATA") else {
        println!("skipped: KEZEK_TEST_DATA does not name the folder with {TABLE}");
        return;
    };
    let path = std::path::Path::new(&folder).join(TABLE);
    match std::fs::read_to_string(&path) {
        Ok(text) => measure(&text),
        Err(error) => println!("skipped: {}: {error}", path.display()),
    }
}

fn measure(text: &str) {
    let columns = Columns {
        time: "utc_timestamp".into(),
        forecast: "GR_load_forecast_entsoe_transparency".into(),
        actual: "GR_load_actual_entsoe_transparency".into(),
    };
    let series = Series::parse(text, &columns).unwrap_or_else(|fault| panic!("{TABLE}: {fault}"));
    let is_even = |day: &Day| day.date.iso_week().week().is_multiple_of(2);
    let (fit, test): (Vec<Day>, Vec<Day>) =
        series.days(chrono_tz::Europe::Athens).into_iter().partition(is_even);
    let test: Vec<Day> = test.iter().step_by(test.len().div_ceil(TEST_DAYS)).cloned().collect();
    println!("{} days to draw from, {} days to play\n", fit.len(), test.len());
    println!(
        "| instance | plan | realised objective, mean | uncovered MWh, mean | CVaR 0.9 of uncovered MWh | saved against the point plan, mean +- s.e. (days better / worse) |"
    );
    println!("|---|---|---|---|---|---|");
    let mut all: Vec<Vec<Outcome>> = vec![Vec::new(); 3];
    for seed in SEEDS {
        let played = play(seed, &fit, &test);
        row(&format!("45 x 24, {seed}"), &played);
        all.iter_mut().zip(played).for_each(|(all, own)| all.extend(own));
    }
    row("all", &all);
}

const PLANS: [&str; 3] = ["point forecast", "mean of the scenarios", "20 scenarios"];

/// What the three plans of an instance come to on every test day.
fn play(seed: u64, fit: &[Day], test: &[Day]) -> Vec<Vec<Outcome>> {
    let point = Case::parse(&Goal::new(seed, FACILITIES, Horizon::of_steps(24)).files());
    let Ok(mut point) = point else { panic!("a made case is a case") };
    let known_at = point.grid.start + TimeDelta::hours(KNOWN_AFTER_HOURS);
    point.risk = Some(Risk { alpha: ALPHA, weight: WEIGHT, known_at });
    let base = demand(&point);
    let scenarios: Vec<Scenario> = draw(&point, fit, SCENARIOS, seed, &base)
        .into_iter()
        .map(|own| Scenario { id: own.id, probability: 1.0 / SCENARIOS as f64, headroom_mw: own.headroom_mw })
        .collect();
    let stochastic = Case { scenarios, ..point.clone() };
    let cases = [point.clone(), mean(&stochastic), stochastic];
    let plans: Vec<Plan> = cases.iter().map(planned).collect();
    if let Some(gap) = plans[2].gap {
        eprintln!(
            "seed {seed}: the plan for scenarios took {:.1} s, gap {:.2} %",
            plans[2].seconds,
            gap * 100.0
        );
    }
    let outcome = |plan: &Plan, day: &Day| {
        let headroom = replay(&point, day, &base);
        respond(&point, &cuts(&point, plan), &headroom, 0.0).unwrap_or_else(|error| panic!("{error}"))
    };
    plans.iter().map(|plan| test.iter().map(|day| outcome(plan, day)).collect()).collect()
}

fn demand(case: &Case) -> BTreeMap<ZoneId, f64> {
    let nominated = |zone: &ZoneId| {
        let own = case.facilities.iter().filter(|facility| facility.zone == *zone);
        own.map(|facility| facility.nomination_kw[0].mw()).sum::<f64>()
    };
    case.zones.iter().map(|zone| (zone.id.clone(), DEMAND_OVER_NOMINATED * nominated(&zone.id))).collect()
}

/// The case with the mean of its scenarios for a forecast.
fn mean(case: &Case) -> Case {
    let mut only = Scenario { id: String::new(), probability: 1.0, ..case.scenarios[0].clone() };
    for (z, zone) in only.headroom_mw.iter_mut().enumerate() {
        for (t, mw) in zone.iter_mut().enumerate() {
            *mw = case.scenarios.iter().map(|own| own.probability * own.headroom_mw[z][t]).sum();
        }
    }
    Case { scenarios: vec![only], ..case.clone() }
}

fn planned(case: &Case) -> Plan {
    let began = Instant::now();
    let stop = AtomicBool::new(false);
    let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
    let settings = Settings { gap: 0.002, time_limit_s: LIMIT_S, threads: 2, seed: 1 };
    solve(case, settings, &mut watch).unwrap_or_else(|error| panic!("{error}"))
}

fn cuts(case: &Case, plan: &Plan) -> Vec<Vec<i64>> {
    plan.allocations.chunks(case.grid.len).map(|rows| rows.iter().map(|row| row.cut.0).collect()).collect()
}

fn row(instance: &str, played: &[Vec<Outcome>]) {
    for (name, own) in PLANS.iter().zip(played) {
        let objective = average(own.iter().map(|outcome| outcome.objective));
        let uncovered: Vec<f64> = own.iter().map(|outcome| outcome.uncovered_mwh).collect();
        let saved: Vec<f64> =
            played[0].iter().zip(own).map(|(point, own)| point.objective - own.objective).collect();
        let better = saved.iter().filter(|saved| **saved > 1.0).count();
        let worse = saved.iter().filter(|saved| **saved < -1.0).count();
        println!(
            "| {instance} | {name} | {objective:.0} | {:.1} | {:.1} | {:.0} +- {:.0} ({better} / {worse}) |",
            average(uncovered.iter().copied()),
            worst(&uncovered),
            average(saved.iter().copied()),
            standard_error(&saved),
        );
    }
}

fn average(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count().max(1);
    values.sum::<f64>() / count as f64
}

fn standard_error(values: &[f64]) -> f64 {
    let mean = average(values.iter().copied());
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len().max(2) - 1) as f64 / values.len() as f64).sqrt()
}

/// The mean of the worst tenth.
fn worst(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(|a, b| b.total_cmp(a));
    let count = ((1.0 - ALPHA) * values.len() as f64).round().max(1.0) as usize;
    average(values.into_iter().take(count))
}
