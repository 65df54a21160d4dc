//! The report as one page that needs nothing beside it: no script, no network, its letters and figures inside.

use crate::facts::{facts, name};
use crate::figures::{Figure, letters};
use crate::season::draws;
use crate::words::{MetricWords, PageWords, by_key};
use crate::{Report, ReportError};
use askama::Template;
use kezek_pages::figures::{fill, number};
use kezek_pages::words::code;
use kezek_study::lab::compare::{METRICS, Metric, Summary, summary};

/// The page.
#[derive(Debug, Template)]
#[template(path = "report.html")]
struct Page<'p> {
    report: &'p Report<'p>,
    w: &'static PageWords,
    language: &'static str,
    /// The letters of the figures.
    letters: String,
    facts: Vec<(&'static str, String)>,
    /// The mean of every metric, and what lies about it.
    summary: Vec<Abreast<[String; 2]>>,
    /// The differences from the base.
    differences: Vec<Abreast<String>>,
    figures: &'p [Figure],
}

/// Scenarios beside each other, as many as a sheet of paper holds.
#[derive(Debug)]
struct Abreast<C> {
    scenarios: Vec<String>,
    /// The worst draw of each.
    worst: Vec<String>,
    /// A row for every metric: its name, and a cell for every scenario.
    rows: Vec<(String, Vec<C>)>,
}

/// Scenarios in one table.
const ABREAST: usize = 4;

/// The page as HTML.
///
/// # Errors
/// When the template can't be filled.
pub fn html(report: &Report<'_>, figures: &[Figure]) -> Result<String, ReportError> {
    let scenarios: Vec<usize> = (0..report.results.header.scenarios.len()).collect();
    let page = Page {
        report,
        w: PageWords::of(report.language),
        language: code(report.language),
        letters: letters(),
        facts: facts(report),
        summary: abreast(report, &scenarios, mean),
        differences: abreast(report, &scenarios[1..], difference),
        figures,
    };
    Ok(page.render()?)
}

fn abreast<C>(
    report: &Report<'_>,
    scenarios: &[usize],
    cell: fn(&Report<'_>, &Metric, &Summary) -> C,
) -> Vec<Abreast<C>> {
    let table = |some: &[usize]| Abreast {
        scenarios: some.iter().map(|&own| name(report, own)).collect(),
        worst: some.iter().map(|&own| worst(report, own)).collect(),
        rows: rows(report, some, cell),
    };
    scenarios.chunks(ABREAST).map(table).collect()
}

fn rows<C>(
    report: &Report<'_>,
    scenarios: &[usize],
    cell: fn(&Report<'_>, &Metric, &Summary) -> C,
) -> Vec<(String, Vec<C>)> {
    let currency = report.results.header.currency.as_str();
    let row = |metric: &Metric| {
        let cells = scenarios.iter().filter_map(|&own| summary(report.results, own, metric));
        let cells = cells.map(|own| cell(report, metric, &own)).collect();
        (fill(by_key(MetricWords::TABLE, metric.key, report.language), &[currency]), cells)
    };
    METRICS.iter().map(row).collect()
}

/// The mean with its interval, and between which values nine draws of ten lie.
fn mean(report: &Report<'_>, metric: &Metric, own: &Summary) -> [String; 2] {
    let number = |value: f64| number(value, metric.decimals, report.language);
    let within = own.mean_within.map_or_else(String::new, |within| format!(" ± {}", number(within)));
    [number(own.mean) + &within, format!("{} … {}", number(own.low), number(own.high))]
}

/// In brackets what chance alone may have made.
fn difference(report: &Report<'_>, metric: &Metric, own: &Summary) -> String {
    let number = |value: f64| number(value, metric.decimals, report.language);
    let (mean, within) = own.from_base.unwrap_or_default();
    let sign = if mean > 0.0 { "+" } else { "" };
    match within {
        Some(within) if mean.abs() <= within => format!("({sign}{} ± {})", number(mean), number(within)),
        Some(within) => format!("{sign}{} ± {}", number(mean), number(within)),
        None => format!("({sign}{})", number(mean)),
    }
}

fn worst(report: &Report<'_>, scenario: usize) -> String {
    let uncovered = Metric::named("uncovered_mwh");
    let worst = uncovered.and_then(|metric| summary(report.results, scenario, metric));
    worst.map_or_else(String::new, |own| own.worst.1.to_string())
}

impl Page<'_> {
    fn is_single(&self) -> bool {
        draws(self.report.results) == 1
    }

    fn differences_from(&self) -> String {
        fill(self.w.differences, &[&name(self.report, 0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::figures::all;
    use crate::made::{results, with_scenarios};
    use kezek_study::lab::results::Results;

    fn page(results: &Results, language: Language) -> String {
        let report = Report { results, language };
        html(&report, &all(&report)).unwrap()
    }

    #[test]
    fn the_page_needs_nothing_beside_it() {
        let page = page(&results(), Language::Kk);
        for outside in ["<script", "<link", "src=", "@import", "style=", "onload"] {
            assert!(!page.contains(outside), "{outside}");
        }
        let addresses = page.matches("http").count();
        assert_eq!(
            addresses,
            page.matches("http-equiv").count() + page.matches("www.w3.org/2000/svg").count()
        );
        assert!(page.contains("lang=\"kk\"") && page.contains("default-src 'none'"));
    }

    #[test]
    fn every_figure_has_a_table_beside_it() {
        let page = page(&results(), Language::Ru);
        assert_eq!(page.matches("<svg").count(), 8);
        assert_eq!(page.matches("<details").count(), 8);
        assert_eq!(page.matches("<table").count(), 2 + 8);
    }

    #[test]
    fn many_scenarios_stand_in_several_tables() {
        let page = page(&with_scenarios(7), Language::En);
        assert_eq!(page.matches("<table").count(), 2 + 2 + 12);
        assert_eq!(page.matches(">second-circuit</th>").count(), 2 + 1, "both tables, and that of burdens");
    }

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
    fn a_single_draw_says_that_it_is_one() {
        let mut results = with_scenarios(1);
        results.lived.retain(|(draw, _), _| *draw == 0);
        let page = page(&results, Language::En);
        assert!(page.contains(PageWords::of(Language::En).single) && !page.contains(" ± "), "no intervals");
    }

    #[test]
    fn names_are_text_and_no_markup() {
        let mut results = results();
        results.header.scenarios[1].0 = "<img>".into();
        results.header.study = "a & <b>".into();
        let page = page(&results, Language::En);
        assert!(!page.contains("<img>") && !page.contains("<b>"));
    }
}
