//! What a study says, on stdout.

use crate::figures::{change, count, with_decimals};
use crate::output::{Format, json};
use crate::table::Columns;
use kezek_study::lab::compare::{METRICS, Metric, Summary, summary as summarise};
use kezek_study::lab::results::Results;
use serde::Serialize;
use std::fmt::Write as _;

/// Scenarios beside each other in one table.
const ABREAST: usize = 2;

/// The summary in a form.
///
/// # Errors
/// When it can't be written as JSON, which every summary can.
pub(super) fn summary(results: &Results, format: Format) -> anyhow::Result<String> {
    match format {
        Format::Json | Format::Jsonl => json(&rows(results)),
        Format::Csv => Ok(csv(results)),
        Format::Table => Ok(text(results)),
    }
}

#[derive(Serialize)]
struct Row<'r> {
    scenario: &'r str,
    metric: &'static str,
    mean: f64,
    mean_within: Option<f64>,
    low: f64,
    median: f64,
    high: f64,
    worst: f64,
    worst_draw: u32,
    difference: Option<f64>,
    difference_within: Option<f64>,
}

fn rows(results: &Results) -> Vec<Row<'_>> {
    let scenarios = results.header.scenarios.iter().enumerate();
    let pairs = scenarios.flat_map(|(at, (name, _))| METRICS.iter().map(move |metric| (at, name, metric)));
    let row = |(at, scenario, metric): (usize, _, &Metric)| {
        let own = summarise(results, at, metric)?;
        let plain = |value: f64| (value * 1e6).round() / 1e6 + 0.0;
        let (difference, difference_within) = own.from_base.unzip();
        Some(Row {
            scenario,
            metric: metric.key,
            mean: plain(own.mean),
            mean_within: own.mean_within.map(plain),
            low: plain(own.low),
            median: plain(own.median),
            high: plain(own.high),
            worst: plain(own.worst.0),
            worst_draw: own.worst.1,
            difference: difference.map(plain),
            difference_within: difference_within.flatten().map(plain),
        })
    };
    pairs.filter_map(|(at, name, metric)| row((at, name.as_str(), metric))).collect()
}

fn csv(results: &Results) -> String {
    let mut csv = String::from(
        "scenario,metric,mean,mean_within,low,median,high,worst,worst_draw,difference,difference_within\n",
    );
    let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for row in rows(results) {
        // Writing to a String can't fail.
        let _ = writeln!(
            csv,
            "{},{},{},{},{},{},{},{},{},{},{}",
            row.scenario,
            row.metric,
            row.mean,
            cell(row.mean_within),
            row.low,
            row.median,
            row.high,
            row.worst,
            row.worst_draw,
            cell(row.difference),
            cell(row.difference_within)
        );
    }
    csv
}

fn text(results: &Results) -> String {
    let header = &results.header;
    let draws = results.of(0).count();
    let mut text = format!(
        "{}: {} of {} days from {}, seed {}, gap {} %\n{}",
        header.study,
        count(draws, "draw", "draws"),
        header.days,
        header.first_day,
        header.seed,
        header.gap * 100.0,
        if draws > 1 { "mean (a twentieth of the draws lies below, and above)\n" } else { "" }
    );
    let all: Vec<usize> = (0..header.scenarios.len()).collect();
    for some in all.chunks(ABREAST) {
        text += &scenarios(results, some);
    }
    text += &differences(results);
    text
}

fn scenarios(results: &Results, some: &[usize]) -> String {
    let names = some.iter().map(|&at| results.header.scenarios[at].0.as_str());
    let mut table = Columns::new(1, &std::iter::once("").chain(names).collect::<Vec<_>>());
    for metric in &METRICS {
        let number = |value| with_decimals(value, metric.decimals);
        let cell = |own: Summary| match own.mean_within {
            Some(_) => format!("{} ({} - {})", number(own.mean), number(own.low), number(own.high)),
            None => number(own.mean),
        };
        let own = some.iter().map(|&at| summarise(results, at, metric).map_or_else(String::new, cell));
        table.row(std::iter::once(metric.key.to_owned()).chain(own));
    }
    let own = some.iter().map(|&at| summarise(results, at, Metric::named(WORST)?));
    let own = own.map(|own| own.map_or_else(String::new, |own| format!("draw {}", own.worst.1)));
    table.row(std::iter::once("most uncovered".to_owned()).chain(own));
    format!("\n{}", table.text())
}

/// What names the worst draw, and what differences are told of.
const WORST: &str = "uncovered_mwh";
const TOLD: [&str; 4] = ["cut_mwh", WORST, "income_lost_per_day", "highest_burden_percent"];

fn differences(results: &Results) -> String {
    if results.header.scenarios.len() < 2 {
        return String::new();
    }
    let mut table = Columns::new(1, &std::iter::once("from base").chain(TOLD).collect::<Vec<_>>());
    for (at, (name, _)) in results.header.scenarios.iter().enumerate().skip(1) {
        let cell = |key: &&str| {
            let metric = Metric::named(key)?;
            let (mean, within) = summarise(results, at, metric).and_then(|own| own.from_base)?;
            let mean = change(mean, metric.decimals);
            Some(within.map_or(mean.clone(), |within| {
                format!("{mean} \u{b1}{}", with_decimals(within, metric.decimals))
            }))
        };
        let cells = TOLD.iter().map(|metric| cell(metric).unwrap_or_default());
        table.row(std::iter::once(name.clone()).chain(cells));
    }
    let told = if results.of(0).nth(1).is_some() {
        "  mean of the draws' own differences, \u{b1} half of its 95 % interval\n"
    } else {
        ""
    };
    format!("\n{}{told}", table.text())
}
