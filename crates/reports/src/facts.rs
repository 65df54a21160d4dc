//! What must be known of a study to read its figures: on the page, in the workbook and in the foot of every figure.

use crate::Report;
use crate::season::draws;
use crate::words::{FigureWords, PageWords};
use kezek_pages::figures::{date, fill, number};
use kezek_study::lab::results::{Results, Shard};

/// Version of the tables: a column that comes anew goes to the end, anything else raises it.
pub const TABLES: u32 = 1;
/// Digits of a digest that name it for eyes.
const SHORT: usize = 16;

/// Facts with what they are called.
#[must_use]
pub fn facts(report: &Report<'_>) -> Vec<(&'static str, String)> {
    let (header, language, w) = (&report.results.header, report.language, PageWords::of(report.language));
    vec![
        (w.study, header.study.clone()),
        (w.digest, header.study_digest.clone()),
        (w.engine, format!("Kezek {}", header.engine)),
        (w.seed, header.seed.to_string()),
        (w.draws, drawn(report)),
        (w.gap, number(header.gap * 100.0, 2, language)),
        (w.season, fill(w.days, &[&date(header.first_day, language), &header.days.to_string()])),
        (w.time_zone, header.time_zone.clone()),
        (w.interval, number(header.interval_hours, 2, language)),
        (w.zones, header.zones.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        (w.facilities, header.facilities.len().to_string()),
        (w.currency, header.currency.clone()),
        (w.income, number(header.income_per_mwh, 0, language)),
        (w.scenarios, scenarios(report)),
    ]
}

fn drawn(report: &Report<'_>) -> String {
    let (header, w) = (&report.results.header, PageWords::of(report.language));
    let count = draws(report.results).to_string();
    match header.shard {
        Shard::WHOLE => count,
        part => fill(w.part, &[&count, &header.draws.to_string(), &format!("{}/{}", part.index, part.count)]),
    }
}

fn scenarios(report: &Report<'_>) -> String {
    let about = |at: usize| {
        let (name, about) = (name(report, at), &report.results.header.scenarios[at].1);
        if about.is_empty() { name } else { format!("{name} ({about})") }
    };
    (0..report.results.header.scenarios.len()).map(about).collect::<Vec<_>>().join("; ")
}

/// What people call a scenario: its own name; the base, which nobody named, has a word.
#[must_use]
pub fn name(report: &Report<'_>, scenario: usize) -> String {
    match scenario {
        0 => FigureWords::of(report.language).base.to_owned(),
        _ => report.results.header.scenarios[scenario].0.clone(),
    }
}

/// The digest, as far as eyes compare it.
#[must_use]
pub fn short_digest(results: &Results) -> String {
    let digits = results.header.study_digest.trim_start_matches("sha256:");
    digits.chars().take(SHORT).collect()
}

/// The foot of a figure.
#[must_use]
pub fn foot(report: &Report<'_>) -> String {
    let header = &report.results.header;
    let figures = [
        header.study.clone(),
        draws(report.results).to_string(),
        header.seed.to_string(),
        short_digest(report.results),
        header.engine.clone(),
    ];
    fill(FigureWords::of(report.language).foot, &figures.each_ref().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::results;

    #[test]
    fn a_part_says_that_it_is_one() {
        let mut results = results();
        let drawn = |results: &Results| drawn(&Report { results, language: Language::En });
        assert_eq!(drawn(&results), "20");
        results.header.shard = Shard { index: 3, count: 8 };
        assert_eq!(drawn(&results), "20 of 20 (part 3/8)");
    }

    #[test]
    fn a_foot_says_where_a_figure_comes_from() {
        let results = results();
        let foot = foot(&Report { results: &results, language: Language::En });
        let digest = short_digest(&results);
        assert!(foot.contains("20 draws · seed 7") && foot.contains(&digest) && digest.len() == 16, "{foot}");
    }
}
