//! The workbook: a sheet for every table, and one that explains them. Names of columns are the same in all languages.

use crate::facts::{TABLES, facts};
use crate::season::{Spread, burden_percent, by_day, by_facility};
use crate::words::{DayWords, MetricWords, PageWords, by_key};
use crate::{Report, ReportError};
use kezek_pages::figures::fill;
use kezek_study::lab::compare::{METRICS, Summary, ZONE_METRICS, summary, zone_summaries};
use kezek_study::lab::outcome::{DAY_FIGURES, Outcome};
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// The sheets after the first.
const SHEETS: [&str; 5] = ["Summary", "Days", "Facilities", "Draws", "Zones"];

/// The workbook.
///
/// # Errors
/// When a sheet would have more rows than a workbook may have.
pub fn xlsx(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    // Its date is that of the season: a clock would make other bytes every time.
    let created = report.results.header.first_day.and_time(chrono::NaiveTime::MIN);
    workbook.set_properties(&DocProperties::new().set_author("Kezek").set_creation_datetime(&created));
    readme(report, workbook.add_worksheet().set_name("README")?)?;
    let tables = [summaries(report), days(report), facilities(report), draws(report), zones(report)];
    for (name, table) in SHEETS.into_iter().zip(tables) {
        table.write(workbook.add_worksheet().set_name(name)?)?;
    }
    Ok(workbook.save_to_buffer()?)
}

enum Cell {
    Text(String),
    /// A number, with so many decimals.
    Number(f64, usize),
    Day(chrono::NaiveDate),
    None,
}

struct Table {
    head: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// Digits in threes, so many decimals.
fn format(decimals: usize) -> Format {
    let part = if decimals == 0 { String::new() } else { format!(".{}", "0".repeat(decimals)) };
    Format::new().set_num_format(format!("#,##0{part}"))
}

impl Table {
    fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (bold, day) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
        let numbers: [Format; 4] = std::array::from_fn(format);
        for (column, name) in (0_u16..).zip(&self.head) {
            sheet.write_string_with_format(0, column, name, &bold)?;
            sheet.set_column_width(column, (name.chars().count() as f64 + 2.0).max(12.0))?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Number(value, decimals) => {
                        sheet.write_number_with_format(row, column, *value, &numbers[*decimals])?
                    }
                    Cell::Day(date) => sheet.write_datetime_with_format(row, column, date, &day)?,
                    Cell::None => sheet,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        let (last, columns) = (self.rows.len() as u32, self.head.len() as u16);
        sheet.autofilter(0, 0, last, columns.saturating_sub(1))?;
        Ok(())
    }
}

fn readme(report: &Report<'_>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (w, language) = (PageWords::of(report.language), report.language);
    let currency = report.results.header.currency.as_str();
    let mut lines: Vec<(&str, String)> = vec![(w.report, String::new())];
    lines.extend(facts(report));
    lines.push((w.form, TABLES.to_string()));
    lines.push(("", w.units.to_owned()));
    lines.push((w.sheets, String::new()));
    let explained = [w.sheet_summary, w.sheet_days, w.sheet_facilities, w.sheet_draws, w.sheet_zones];
    lines.extend(SHEETS.into_iter().zip(explained.map(str::to_owned)));
    lines.push((w.seasons, String::new()));
    let metric = |key| (key, fill(by_key(MetricWords::TABLE, key, language), &[currency]));
    lines.extend(METRICS.map(|own| metric(own.key)));
    lines.push((w.of_days, String::new()));
    lines.extend(DAY_FIGURES.map(|key| (key, by_key(DayWords::TABLE, key, language).to_owned())));
    let (bold, top) = (Format::new().set_bold(), Format::new().set_align(FormatAlign::Top));
    let text = top.clone().set_text_wrap();
    for (row, (what, value)) in (0_u32..).zip(&lines) {
        let style = if value.is_empty() { &bold } else { &top };
        sheet.write_string_with_format(row, 0, *what, style)?;
        sheet.write_string_with_format(row, 1, value, &text)?;
    }
    sheet.set_column_width(0, 34)?.set_column_width(1, 90)?;
    Ok(())
}

fn scenarios<'r>(report: &Report<'r>) -> impl Iterator<Item = (usize, &'r str)> + use<'r> {
    report.results.header.scenarios.iter().enumerate().map(|(at, (name, _))| (at, name.as_str()))
}

fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What a summary says, in the order of [`SUMMARY`].
fn summarised(own: &Summary, decimals: usize) -> [Cell; 9] {
    let number = |value: f64| Cell::Number(value, decimals);
    let maybe = |value: Option<f64>| value.map_or(Cell::None, number);
    [
        number(own.mean),
        maybe(own.mean_within),
        number(own.low),
        number(own.median),
        number(own.high),
        number(own.worst.0),
        Cell::Number(f64::from(own.worst.1), 0),
        maybe(own.from_base.map(|(mean, _)| mean)),
        maybe(own.from_base.and_then(|(_, within)| within)),
    ]
}

const SUMMARY: [&str; 9] = [
    "mean",
    "mean_within",
    "low",
    "median",
    "high",
    "worst",
    "worst_draw",
    "difference",
    "difference_within",
];

fn summaries(report: &Report<'_>) -> Table {
    let head = head(&[&["scenario", "metric"][..], &SUMMARY].concat());
    let mut rows = Vec::new();
    for (scenario, name) in scenarios(report) {
        for metric in &METRICS {
            let Some(own) = summary(report.results, scenario, metric) else { continue };
            let words = [name, metric.key].map(|text| Cell::Text(text.to_owned()));
            rows.push(words.into_iter().chain(summarised(&own, metric.decimals)).collect());
        }
    }
    Table { head, rows }
}

fn zones(report: &Report<'_>) -> Table {
    let head = head(&[&["scenario", "zone", "metric"][..], &SUMMARY].concat());
    let mut rows = Vec::new();
    for (scenario, name) in scenarios(report) {
        for (at, zone) in report.results.header.zones.iter().enumerate() {
            let Some(all) = zone_summaries(report.results, scenario, at) else { continue };
            for (metric, own) in ZONE_METRICS.iter().zip(&all) {
                let words = [name, zone.as_str(), metric.key].map(|text| Cell::Text(text.to_owned()));
                rows.push(words.into_iter().chain(summarised(own, 1)).collect());
            }
        }
    }
    Table { head, rows }
}

fn quantiles(own: &Spread, decimals: usize) -> [Cell; 6] {
    [own.mean, own.low, own.quarter, own.median, own.three_quarters, own.high]
        .map(|value| Cell::Number(value, decimals))
}

const QUANTILES: [&str; 6] = ["mean", "q05", "q25", "q50", "q75", "q95"];

fn days(report: &Report<'_>) -> Table {
    let head = head(&[&["scenario", "day", "figure"][..], &QUANTILES].concat());
    let header = &report.results.header;
    let mut rows = Vec::new();
    for (scenario, name) in scenarios(report) {
        let figures = (0..DAY_FIGURES.len()).map(|at| by_day(report.results, scenario, |day| day[at] as f64));
        let figures: Vec<Vec<Spread>> = figures.collect();
        for day in 0..header.days {
            let date = header.first_day + chrono::TimeDelta::days(day as i64);
            for (key, own) in DAY_FIGURES.into_iter().zip(&figures) {
                let words = [Cell::Text(name.to_owned()), Cell::Day(date), Cell::Text(key.to_owned())];
                rows.push(words.into_iter().chain(quantiles(&own[day], 0)).collect());
            }
        }
    }
    Table { head, rows }
}

fn facilities(report: &Report<'_>) -> Table {
    let burdens = QUANTILES.map(|own| format!("burden_percent_{own}"));
    let words = ["scenario", "facility", "zone", "nominated_mwh_mean", "cut_mwh_mean", "events_mean"];
    let head = head(&words).into_iter().chain(burdens).collect();
    let mut rows = Vec::new();
    for (scenario, name) in scenarios(report) {
        let of = |figure: fn(&Outcome, usize) -> Option<f64>| by_facility(report.results, scenario, figure);
        let nominated = of(|own, at| Some(*own.nominated_kwh.get(at)? as f64 / 1000.0));
        let cut = of(|own, at| Some(*own.cut_kwh.get(at)? as f64 / 1000.0));
        let events = of(|own, at| Some(*own.events.get(at)? as f64));
        let burden = of(burden_percent);
        for (at, own) in report.results.header.facilities.iter().enumerate() {
            let words = [name, own.id.as_str(), own.zone.as_str()].map(|text| Cell::Text(text.to_owned()));
            let means = [nominated[at].mean, cut[at].mean, events[at].mean].map(|mean| Cell::Number(mean, 1));
            rows.push(words.into_iter().chain(means).chain(quantiles(&burden[at], 2)).collect());
        }
    }
    Table { head, rows }
}

fn draws(report: &Report<'_>) -> Table {
    let names = METRICS.map(|metric| metric.key);
    let head = head(&[&["scenario", "draw"][..], &names].concat());
    let mut rows = Vec::new();
    for (scenario, name) in scenarios(report) {
        for (draw, outcome) in report.results.of(scenario) {
            let value = |metric: &kezek_study::lab::compare::Metric| {
                Cell::Number(metric.value(outcome, &report.results.header), metric.decimals)
            };
            let named = [Cell::Text(name.to_owned()), Cell::Number(f64::from(draw), 0)];
            rows.push(named.into_iter().chain(METRICS.iter().map(value)).collect());
        }
    }
    Table { head, rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::results;
    use calamine::{Data, Range, Reader as _, Xlsx};
    use std::io::Cursor;

    fn sheets(language: Language) -> Vec<(String, Range<Data>)> {
        let results = results();
        let bytes = xlsx(&Report { results: &results, language }).unwrap();
        Xlsx::new(Cursor::new(bytes)).unwrap().worksheets()
    }

    #[test]
    fn every_table_is_read_back_as_numbers() {
        let results = results();
        let sheets = sheets(Language::En);
        let names: Vec<&str> = sheets.iter().map(|own| own.0.as_str()).collect();
        assert_eq!(names, ["README", "Summary", "Days", "Facilities", "Draws", "Zones"]);
        let heights: Vec<usize> = sheets.iter().skip(1).map(|own| own.1.height() - 1).collect();
        let (scenarios, days) = (results.header.scenarios.len(), results.header.days);
        let facilities = results.header.facilities.len();
        assert_eq!(
            heights,
            [
                scenarios * METRICS.len(),
                scenarios * days * DAY_FIGURES.len(),
                scenarios * facilities,
                scenarios * 20,
                scenarios * results.header.zones.len() * ZONE_METRICS.len(),
            ]
        );
        let own = summary(&results, 1, &METRICS[0]).unwrap();
        let row: Vec<&Data> = sheets[1].1.rows().nth(METRICS.len() + 1).unwrap().iter().collect();
        assert_eq!((row[0], row[1]), (&Data::String("cold".into()), &Data::String("need_mwh".into())));
        assert_eq!((row[2], row[9]), (&Data::Float(own.mean), &Data::Float(own.from_base.unwrap().0)));
        assert!(matches!(sheets[2].1.get((1, 1)), Some(Data::DateTime(_))), "days are dates");
    }

    #[test]
    fn the_first_sheet_says_what_is_needed_to_read_the_others() {
        for language in [Language::Kk, Language::Ru, Language::En] {
            let readme = &sheets(language)[0].1;
            let cells: Vec<String> = readme.cells().map(|(_, _, cell)| cell.to_string()).collect();
            let results = results();
            let mut wanted = vec![results.header.study_digest.clone(), "7".into(), "Asia/Almaty".into()];
            wanted.extend(SHEETS.map(str::to_owned));
            wanted.extend(DAY_FIGURES.map(str::to_owned));
            let missing: Vec<&String> = wanted.iter().filter(|own| !cells.contains(own)).collect();
            assert!(missing.is_empty(), "{language:?} {missing:?}");
        }
    }

    #[test]
    fn the_same_results_make_the_same_bytes() {
        let results = results();
        let report = Report { results: &results, language: Language::Ru };
        assert!(xlsx(&report).unwrap() == xlsx(&report).unwrap());
    }
}
