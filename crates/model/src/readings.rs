//! A table of readings, and everything that is wrong with it.

use crate::fault::{Fault, Faults};
use crate::receipt::{Quality, Reading};
use crate::units::Kw;
use chrono::{DateTime, Utc};
use csv::StringRecord;

/// What the file should be.
pub const EXPECTED: &str =
    "a table with the columns facility,interval_start,interval_end,mean_mw,quality,source";
const COLUMNS: [&str; 6] = ["facility", "interval_start", "interval_end", "mean_mw", "quality", "source"];

/// Reads the table.
///
/// # Errors
/// All faults, with row and column.
pub fn read(file: &str, text: &str) -> Result<Vec<Reading>, Faults> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes())
        .into_records();
    let mut log = Log { file, faults: Vec::new() };
    let header = rows.next().and_then(Result::ok).unwrap_or_default();
    let places = places(&header, &mut log)?;
    let mut readings = Vec::new();
    for row in rows {
        match row {
            Ok(cells) => readings.extend(Row { cells: &cells, places }.reading(header.len(), &mut log)),
            Err(error) => log.tell(None, None, error.to_string(), "text in UTF-8, cells between commas"),
        }
    }
    if readings.is_empty() && log.faults.is_empty() {
        log.tell(None, None, "only a header row".into(), "at least one reading");
    }
    if log.faults.is_empty() { Ok(readings) } else { Err(Faults(log.faults)) }
}

struct Log<'a> {
    file: &'a str,
    faults: Vec<Fault>,
}

impl Log<'_> {
    fn tell(&mut self, row: Option<u64>, column: Option<&str>, found: String, expected: &str) {
        let (file, column) = (self.file.to_owned(), column.map(str::to_owned));
        self.faults.push(Fault { file, row, column, found, expected: expected.to_owned() });
    }
}

/// Where each column stands.
fn places(header: &StringRecord, log: &mut Log<'_>) -> Result<[usize; COLUMNS.len()], Faults> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        match names.iter().filter(|name| **name == column).count() {
            1 => *place = names.iter().position(|name| *name == column).unwrap_or_default(),
            0 => log.tell(Some(1), Some(column), "no such column".into(), EXPECTED),
            times => log.tell(Some(1), Some(column), format!("this column {times} times"), EXPECTED),
        }
    }
    for name in names.iter().filter(|name| !COLUMNS.contains(name)) {
        log.tell(Some(1), None, format!("the unknown column {name:?}"), EXPECTED);
    }
    if log.faults.is_empty() { Ok(places) } else { Err(Faults(std::mem::take(&mut log.faults))) }
}

struct Row<'a> {
    cells: &'a StringRecord,
    places: [usize; COLUMNS.len()],
}

impl Row<'_> {
    fn reading(&self, width: usize, log: &mut Log<'_>) -> Option<Reading> {
        let row = self.cells.position().map(csv::Position::line);
        if self.cells.len() != width {
            log.tell(row, None, format!("{} cells", self.cells.len()), &format!("{width}, as in the header"));
            return None;
        }
        let mut cell = |column: usize, expected: &str, is_good: bool| {
            let found = self.cell(column);
            let shown = if found.is_empty() { "nothing".to_owned() } else { format!("{found:?}") };
            if !is_good {
                log.tell(row, Some(COLUMNS[column]), shown, expected);
            }
        };
        let (facility, source) = (self.cell(0), self.cell(5));
        let [from, to] = [1, 2].map(|column| instant(self.cell(column)));
        let mean = mean(self.cell(3));
        let quality = quality(self.cell(4));
        let in_order = !matches!((from, to), (Some(from), Some(to)) if to <= from);
        cell(0, "the name of a facility", !facility.is_empty());
        cell(1, AN_INSTANT, from.is_some());
        cell(2, AN_INSTANT, to.is_some());
        cell(2, "an end after interval_start", in_order);
        cell(3, "the mean power in MW, 0 or more, at most three decimals", mean.is_some());
        cell(4, "ok, estimated or bad", quality.is_some());
        cell(5, "who read the meter, for instance grid-company", !source.is_empty());
        if !in_order || facility.is_empty() || source.is_empty() {
            return None;
        }
        Some(Reading {
            facility: facility.into(),
            interval_start: from?,
            interval_end: to?,
            mean: mean?,
            quality: quality?,
            source: source.to_owned(),
        })
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(self.places[column]).unwrap_or_default().trim()
    }
}

/// An instant with its offset; the seconds may be left out.
#[must_use]
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let short = || DateTime::parse_from_str(&text.replace('Z', "+00:00"), "%Y-%m-%dT%H:%M%:z");
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|_| short());
    parsed.ok().map(|at| at.to_utc())
}

const AN_INSTANT: &str = "an instant with its offset, for instance 2026-01-15T17:00:00+05:00";

/// Digits and a point, as all tables here.
fn mean(text: &str) -> Option<Kw> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten().and_then(Kw::from_mw)
}

fn quality(text: &str) -> Option<Quality> {
    match text {
        "ok" => Some(Quality::Ok),
        "estimated" => Some(Quality::Estimated),
        "bad" => Some(Quality::Bad),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "facility,interval_start,interval_end,mean_mw,quality,source";

    #[test]
    fn a_table_is_read_whatever_the_order_of_its_columns() {
        let text = "\u{feff}source,quality,mean_mw,interval_end,interval_start,facility\r\n\
                    grid-company,ok,12.345,2026-01-15T13:00Z,2026-01-15T17:00:00+05:00,N1\r\n";
        let readings = read("m.csv", text).unwrap();
        assert_eq!((readings.len(), readings[0].mean, readings[0].facility.as_str()), (1, Kw(12_345), "N1"));
    }

    #[test]
    fn all_faults_come_together_with_row_and_column() {
        let text = format!(
            "{HEADER}\n,2026-01-15T17:00,2026-01-15T13:00Z,1,ok,x\n\
             N1,2026-01-15T13:00Z,2026-01-15T12:00Z,1.2345,fine,\nN1,1\n\
             N1,2026-01-15T12:00Z,2026-01-15T13:00Z,-1,ok,x\nN1,2026-01-15T12:00Z,2026-01-15T13:00Z,1e3,ok,x\n"
        );
        let faults = read("m.csv", &text).unwrap_err().0;
        let places: Vec<_> = faults.iter().map(|fault| (fault.row, fault.column.as_deref())).collect();
        let at = |row, column| (Some(row), Some(column));
        let expected = [
            at(2, "facility"),
            at(2, "interval_start"),
            at(3, "interval_end"),
            at(3, "mean_mw"),
            at(3, "quality"),
            at(3, "source"),
            (Some(4), None),
            at(5, "mean_mw"),
            at(6, "mean_mw"),
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn a_header_that_is_not_expected_is_told_whole() {
        let faults = read("m.csv", "facility,facility,mean\nN1,N1,1\n").unwrap_err().0;
        assert_eq!(faults.len(), 6 + 1, "{faults:?}");
        assert_eq!(read("m.csv", "").unwrap_err().0.len(), 6);
        assert_eq!(read("m.csv", HEADER).unwrap_err().0[0].found, "only a header row");
    }
}
