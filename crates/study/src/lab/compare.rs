//! What a study says of its scenarios, and how sure it is: means and quantiles over the draws, differences from the base
//! draw by draw, and which draw was the worst.

use super::outcome::Outcome;
use super::results::{Header, Results};

/// A figure of a season.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name in files, with the unit.
    pub key: &'static str,
    /// Decimals that make sense.
    pub decimals: usize,
    of: fn(&Outcome, &Header) -> f64,
}

/// Positions in [`super::outcome::DAY_FIGURES`].
const NEED: usize = 0;
const CUT: usize = 4;
const UNCOVERED: usize = 6;
const UNCOVERED_PEAK: usize = 7;
const SHORT: usize = 8;
const EVENTS: usize = 9;
const ORDERS: usize = 10;
const COST: usize = 11;
const BY_WORK: usize = 13;

fn mwh(outcome: &Outcome, figure: usize) -> f64 {
    outcome.sum(figure) as f64 / 1000.0
}

fn loss(outcome: &Outcome, header: &Header) -> f64 {
    mwh(outcome, CUT) * header.income_per_mwh
}

fn highest(outcome: &Outcome) -> f64 {
    outcome.burdens().fold(0.0, f64::max)
}

fn lowest(outcome: &Outcome) -> f64 {
    outcome.burdens().fold(f64::INFINITY, f64::min).min(highest(outcome))
}

/// The figures of a season that are compared. Money is in the currency of the case.
pub static METRICS: [Metric; 13] = [
    Metric { key: "need_mwh", decimals: 1, of: |own, _| mwh(own, NEED) },
    Metric { key: "cut_mwh", decimals: 1, of: |own, _| mwh(own, CUT) },
    Metric { key: "uncovered_mwh", decimals: 1, of: |own, _| mwh(own, UNCOVERED) },
    Metric {
        key: "uncovered_peak_mw",
        decimals: 1,
        of: |own, _| own.days.iter().map(|day| day[UNCOVERED_PEAK]).max().unwrap_or(0) as f64 / 1000.0,
    },
    Metric { key: "short_hours", decimals: 1, of: |own, _| own.sum(SHORT) as f64 / 60.0 },
    Metric { key: "events", decimals: 0, of: |own, _| own.sum(EVENTS) as f64 },
    Metric { key: "orders", decimals: 0, of: |own, _| own.sum(ORDERS) as f64 },
    Metric { key: "miners_cost", decimals: 0, of: |own, _| own.sum(COST) as f64 / 100.0 },
    Metric { key: "income_lost", decimals: 0, of: loss },
    Metric {
        key: "income_lost_per_day",
        decimals: 0,
        of: |own, header| loss(own, header) / header.days.max(1) as f64,
    },
    Metric { key: "highest_burden_percent", decimals: 2, of: |own, _| 100.0 * highest(own) },
    Metric { key: "burden_spread_points", decimals: 2, of: |own, _| 100.0 * (highest(own) - lowest(own)) },
    Metric { key: "plans_ended_by_work", decimals: 0, of: |own, _| own.sum(BY_WORK) as f64 },
];

/// A figure of a zone in a season.
#[derive(Clone, Copy, Debug)]
pub struct ZoneMetric {
    /// Its name in files, with the unit.
    pub key: &'static str,
    /// Of what is kept in [`Outcome::zones`].
    unit: f64,
}

/// The figures of a zone that are compared, in the order of [`super::outcome::ZONE_FIGURES`].
pub static ZONE_METRICS: [ZoneMetric; 4] = [
    ZoneMetric { key: "nominated_mwh", unit: 1000.0 },
    ZoneMetric { key: "cut_mwh", unit: 1000.0 },
    ZoneMetric { key: "uncovered_mwh", unit: 1000.0 },
    ZoneMetric { key: "uncovered_hours", unit: 60.0 },
];

impl Metric {
    /// The figure of a name.
    #[must_use]
    pub fn named(key: &str) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.key == key)
    }

    /// Its value in a season.
    #[must_use]
    pub fn value(&self, outcome: &Outcome, header: &Header) -> f64 {
        (self.of)(outcome, header)
    }
}

/// What the draws of a scenario say of a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The mean over the draws.
    pub mean: f64,
    /// Half of the width of its 95 % confidence interval; `None` for a single draw.
    pub mean_within: Option<f64>,
    /// Quantiles over the draws.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// 95 % of the draws are not above.
    pub high: f64,
    /// The greatest, and the draw that had it.
    pub worst: (f64, u32),
    /// Mean of the difference from the base in the same draw, with half of the width of its interval; of the base none.
    pub from_base: Option<(f64, Option<f64>)>,
}

/// Quantiles that a summary gives.
pub const LOW: f64 = 0.05;
/// See [`LOW`].
pub const HIGH: f64 = 0.95;

/// The summary of a figure in a scenario; `None` without draws.
#[must_use]
pub fn summary(results: &Results, scenario: usize, metric: &Metric) -> Option<Summary> {
    summary_of(results, scenario, |own| metric.value(own, &results.header))
}

/// The summaries of a zone by its place, in the order of [`ZONE_METRICS`]; `None` without draws.
#[must_use]
pub fn zone_summaries(results: &Results, scenario: usize, zone: usize) -> Option<[Summary; 4]> {
    let of = |at: usize| {
        let value =
            |own: &Outcome| own.zones.get(zone).map_or(0.0, |own| own[at] as f64 / ZONE_METRICS[at].unit);
        summary_of(results, scenario, value)
    };
    Some([of(0)?, of(1)?, of(2)?, of(3)?])
}

fn summary_of(results: &Results, scenario: usize, value: impl Fn(&Outcome) -> f64) -> Option<Summary> {
    let values = |scenario: usize| -> Vec<(u32, f64)> {
        results.of(scenario).map(|(draw, own)| (draw, value(own))).collect()
    };
    let own = values(scenario);
    let worst = own.iter().copied().reduce(|worst, next| if next.1 > worst.1 { next } else { worst })?;
    let plain: Vec<f64> = own.iter().map(|(_, value)| *value).collect();
    let paired = || -> Vec<f64> {
        let base = values(0);
        let pairs = own.iter().zip(&base).filter(|(own, base)| own.0 == base.0);
        pairs.map(|(own, base)| own.1 - base.1).collect()
    };
    let from_base = (scenario > 0).then(|| mean(&paired()));
    let (mean, mean_within) = mean(&plain);
    let mut sorted = plain;
    sorted.sort_by(f64::total_cmp);
    Some(Summary {
        mean,
        mean_within,
        low: quantile(&sorted, LOW),
        median: quantile(&sorted, 0.5),
        high: quantile(&sorted, HIGH),
        worst: (worst.1, worst.0),
        from_base,
    })
}

/// The mean, and half of the width of its 95 % interval by Student's t.
fn mean(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    let square = |value: &f64| (value - mean) * (value - mean);
    let within = (values.len() > 1).then(|| {
        let variance = values.iter().map(square).sum::<f64>() / (count - 1.0);
        student(values.len() - 1) * (variance / count).sqrt()
    });
    (mean, within)
}

/// 97.5 % quantile of Student's t: from the usual tables up to 30 degrees of freedom, then by the first two terms
/// of its expansion about the normal one (Fisher and Cornish, 1960), good to 0.001.
fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
        2.045, 2.042,
    ];
    let normal = 1.959_964_f64;
    let expanded = || {
        let (one, n) = (normal, freedom as f64);
        let second = 5.0 * one.powi(5) + 16.0 * one.powi(3) + 3.0 * one;
        one + (one.powi(3) + one) / (4.0 * n) + second / (96.0 * n * n)
    };
    freedom.checked_sub(1).and_then(|at| TABLE.get(at).copied()).unwrap_or_else(expanded)
}

/// A quantile of sorted values, between two of them in proportion.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let at = |at: usize| sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0);
    at(below) + part * (at(below + 1) - at(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values() {
        let sorted = [1.0, 2.0, 4.0];
        assert_eq!(
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(&sorted, share)),
            [1.0, 1.5, 2.0, 3.0, 4.0]
        );
    }

    #[test]
    fn a_mean_of_few_is_less_sure() {
        let (middle, within) = mean(&[1.0, 3.0]);
        assert_eq!(middle, 2.0);
        assert!((within.unwrap() - 12.706).abs() < 1e-9);
        assert_eq!(mean(&[5.0]), (5.0, None));
        assert!((student(31) - 2.040).abs() < 0.001 && (student(1000) - 1.962).abs() < 0.001);
    }
}
