//! The report as one page that needs nothing beside it: no script, no network, its letters and figures inside.

use crate::abreast::{Abreast, Cell, difference, mean};
use crate::facts::{facts, name};
use crate::figures::{Figure, letters};
use crate::season::draws;
use crate::words::PageWords;
use crate::{Report, ReportError};
use askama::Template;
use kezek_pages::figures::fill;
use kezek_pages::words::code;

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

/// Scenarios in one table: as many as a sheet of paper holds.
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
        summary: tables(report, &scenarios, mean),
        differences: tables(report, &scenarios[1..], difference),
        figures,
    };
    Ok(page.render()?)
}

/// Scenarios in tables of a few.
fn tables<C>(report: &Report<'_>, scenarios: &[usize], cell: Cell<C>) -> Vec<Abreast<C>> {
    scenarios.chunks(ABREAST).map(|some| Abreast::new(report, some, cell)).collect()
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
        assert_eq!(page.matches("<svg").count(), 9);
        assert_eq!(page.matches("<details").count(), 9);
        assert_eq!(page.matches("<table").count(), 2 + 9);
    }

    #[test]
    fn many_scenarios_stand_in_several_tables() {
        let page = page(&with_scenarios(7), Language::En);
        assert_eq!(page.matches("<table").count(), 2 + 2 + 13);
        assert_eq!(page.matches(">second-circuit</th>").count(), 2 + 1, "both tables, and that of burdens");
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
