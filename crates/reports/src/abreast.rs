//! Scenarios beside each other, figure by figure: what the report and the pages of a control room show of them.

use crate::Report;
use crate::facts::name;
use crate::words::{MetricWords, by_key};
use kezek_pages::figures::{fill, number};
use kezek_study::lab::compare::{METRICS, Metric, Summary, summary};

/// A table.
#[derive(Debug)]
pub struct Abreast<C> {
    /// What people call the scenarios.
    pub scenarios: Vec<String>,
    /// The worst draw of each by uncovered energy.
    pub worst: Vec<u32>,
    /// A row for every metric: its name, and a cell for every scenario.
    pub rows: Vec<(String, Vec<C>)>,
}

/// Writes what a scenario's draws say of a figure.
pub type Cell<C> = fn(&Report<'_>, &Metric, &Summary) -> C;

impl<C> Abreast<C> {
    /// The table of some scenarios.
    #[must_use]
    pub fn new(report: &Report<'_>, scenarios: &[usize], cell: Cell<C>) -> Self {
        let worst = |own: &usize| Some(uncovered(report, *own)?.worst.1);
        Self {
            scenarios: scenarios.iter().map(|&own| name(report, own)).collect(),
            worst: scenarios.iter().filter_map(worst).collect(),
            rows: METRICS.iter().map(|metric| row(report, scenarios, metric, cell)).collect(),
        }
    }
}

fn row<C>(report: &Report<'_>, scenarios: &[usize], metric: &Metric, cell: Cell<C>) -> (String, Vec<C>) {
    let summaries = scenarios.iter().filter_map(|&own| summary(report.results, own, metric));
    let cells = summaries.map(|own| cell(report, metric, &own)).collect();
    let currency = report.results.header.currency.as_str();
    (fill(by_key(MetricWords::TABLE, metric.key, report.language), &[currency]), cells)
}

/// What scenarios are first judged by.
const FIRST: &str = "uncovered_mwh";

fn uncovered(report: &Report<'_>, scenario: usize) -> Option<Summary> {
    summary(report.results, scenario, Metric::named(FIRST)?)
}

/// The scenario that leaves most uncovered on the mean, with its mean and its difference from the base in words; that is
/// none of the base itself.
#[must_use]
pub fn worst(report: &Report<'_>, scenarios: &[usize]) -> Option<(usize, String, Option<String>)> {
    let all = scenarios.iter().filter_map(|&own| Some((own, uncovered(report, own)?)));
    let (worst, own) = all.max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)))?;
    let metric = Metric::named(FIRST)?;
    let [mean, _] = mean(report, metric, &own);
    Some((worst, mean, own.from_base.is_some().then(|| difference(report, metric, &own))))
}

/// The mean with its interval, and between which values nine draws of ten lie.
#[must_use]
pub fn mean(report: &Report<'_>, metric: &Metric, own: &Summary) -> [String; 2] {
    let number = |value: f64| number(value, metric.decimals, report.language);
    let within = own.mean_within.map_or_else(String::new, |within| format!(" ± {}", number(within)));
    [number(own.mean) + &within, format!("{} … {}", number(own.low), number(own.high))]
}

/// The difference from the base; in brackets what chance alone may have made.
#[must_use]
pub fn difference(report: &Report<'_>, metric: &Metric, own: &Summary) -> String {
    signed(report, metric.decimals, own)
}

/// The same with so many decimals.
pub(crate) fn signed(report: &Report<'_>, decimals: usize, own: &Summary) -> String {
    let number = |value: f64| number(value, decimals, report.language);
    let (mean, within) = own.from_base.unwrap_or_default();
    let sign = if mean > 0.0 { "+" } else { "" };
    match within {
        Some(within) if mean.abs() <= within => format!("({sign}{} ± {})", number(mean), number(within)),
        Some(within) => format!("{sign}{} ± {}", number(mean), number(within)),
        None => format!("({sign}{})", number(mean)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::{results, with_scenarios};

    #[test]
    fn what_chance_may_have_made_stands_in_brackets() {
        let results = results();
        let report = Report { results: &results, language: Language::En };
        let metric = &METRICS[1];
        let mut own = summary(&results, 1, metric).unwrap();
        own.from_base = Some((3.0, Some(4.0)));
        assert_eq!(difference(&report, metric, &own), "(+3.0 ± 4.0)");
        own.from_base = Some((-5.0, Some(4.0)));
        assert_eq!(difference(&report, metric, &own), "\u{2212}5.0 ± 4.0");
    }

    #[test]
    fn the_worst_is_named_and_none_of_the_base_is_against_itself() {
        let results = with_scenarios(3);
        let report = Report { results: &results, language: Language::En };
        let value = |own: usize| uncovered(&report, own).unwrap().mean;
        let (at, mean, against) = worst(&report, &[0, 1, 2]).unwrap();
        assert!((0..3).all(|own| value(own) <= value(at)), "{at}");
        assert!(mean.contains(" ± ") && against.is_some() == (at > 0), "{mean} {against:?}");
        assert_eq!(worst(&report, &[0]).unwrap().2, None);
    }
}
