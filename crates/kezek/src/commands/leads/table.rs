//! A table of what zones drew, hour by hour, and everything that is wrong with it.

use crate::clock::instant;
use csv::StringRecord;
use kezek_model::fault::{Fault, Faults};
use kezek_model::ids::ZoneId;
use kezek_study::leads::Total;
use std::collections::{BTreeMap, BTreeSet};

/// What the file should be.
pub(super) const EXPECTED: &str =
    "a table with the columns zone,interval_start,total_mw and perhaps temperature_c,expected_mw";
const REQUIRED: [&str; 3] = ["zone", "interval_start", "total_mw"];
const OPTIONAL: [&str; 2] = ["temperature_c", "expected_mw"];

/// Beyond it a value is a slip of the pen.
const MOST: f64 = 1e6;

/// Reads the table, each zone's hours in order of time.
///
/// # Errors
/// All faults, with row and column.
pub(super) fn read(
    file: &str,
    text: &str,
    zones: &BTreeSet<ZoneId>,
) -> Result<BTreeMap<ZoneId, Vec<Total>>, Faults> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut rows = rows.records();
    let header = rows.next().and_then(Result::ok).unwrap_or_default();
    let mut reading = Reading { file, zones, places: BTreeMap::new(), faults: Vec::new() };
    reading.places(&header)?;
    let mut told: BTreeMap<ZoneId, Vec<Total>> = BTreeMap::new();
    for row in rows {
        match row {
            Ok(cells) => {
                if let Some((zone, total)) = reading.row(&cells, header.len()) {
                    told.entry(zone).or_default().push(total);
                }
            }
            Err(error) => {
                reading.tell(None, None, error.to_string(), "text in UTF-8, cells between commas");
            }
        }
    }
    for (zone, hours) in &mut told {
        hours.sort_by_key(|hour| hour.at);
        let twice = hours.windows(2).find(|pair| pair[0].at == pair[1].at);
        if let Some(pair) = twice {
            let found = format!("{zone} at {} twice", pair[0].at);
            reading.tell(None, Some("interval_start"), found, "every hour of a zone once");
        }
    }
    if told.is_empty() && reading.faults.is_empty() {
        reading.tell(None, None, "only a header row".into(), "at least one hour");
    }
    if reading.faults.is_empty() { Ok(told) } else { Err(Faults(reading.faults)) }
}

struct Reading<'a> {
    file: &'a str,
    zones: &'a BTreeSet<ZoneId>,
    places: BTreeMap<&'static str, usize>,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn tell(&mut self, row: Option<u64>, column: Option<&str>, found: String, expected: &str) {
        let (file, column) = (self.file.to_owned(), column.map(str::to_owned));
        self.faults.push(Fault { file, row, column, found, expected: expected.to_owned() });
    }

    fn places(&mut self, header: &StringRecord) -> Result<(), Faults> {
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        for column in REQUIRED.into_iter().chain(OPTIONAL) {
            let times = names.iter().filter(|name| **name == column).count();
            match names.iter().position(|name| *name == column).filter(|_| times == 1) {
                Some(place) => _ = self.places.insert(column, place),
                None if times == 0 && OPTIONAL.contains(&column) => {}
                None if times == 0 => self.tell(Some(1), Some(column), "no such column".into(), EXPECTED),
                None => self.tell(Some(1), Some(column), format!("this column {times} times"), EXPECTED),
            }
        }
        let is_known = |name: &&str| REQUIRED.contains(name) || OPTIONAL.contains(name);
        for name in names.iter().filter(|name| !is_known(name)) {
            self.tell(Some(1), None, format!("the unknown column {name:?}"), EXPECTED);
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Faults(std::mem::take(&mut self.faults))) }
    }

    fn row(&mut self, cells: &StringRecord, width: usize) -> Option<(ZoneId, Total)> {
        let row = cells.position().map(csv::Position::line);
        if cells.len() != width {
            let expected = format!("{width}, as in the header");
            self.tell(row, None, format!("{} cells", cells.len()), &expected);
            return None;
        }
        let places = self.places.clone();
        let cell =
            |column: &str| places.get(column).and_then(|place| cells.get(*place)).unwrap_or_default().trim();
        let mut good = |column: &str, expected: &str, is_good: bool| {
            if !is_good {
                let found = cell(column);
                let found = if found.is_empty() { "nothing".to_owned() } else { format!("{found:?}") };
                self.faults.push(Fault {
                    file: self.file.to_owned(),
                    row,
                    column: Some(column.to_owned()),
                    found,
                    expected: expected.to_owned(),
                });
            }
        };
        let zone = ZoneId::from(cell("zone"));
        let at = instant(cell("interval_start")).ok().filter(|at| at.timestamp() % 3600 == 0);
        let numbers = ["total_mw", "temperature_c", "expected_mw"].map(|column| number(cell(column)));
        good("zone", "a zone of the case", self.zones.contains(&zone));
        good(
            "interval_start",
            "the start of a whole hour, with offset: 2026-01-15T17:00:00+05:00",
            at.is_some(),
        );
        good("total_mw", "the mean power of the hour in MW", matches!(numbers[0], Some(Some(_))));
        good("temperature_c", "degrees Celsius, or nothing", numbers[1].is_some());
        good("expected_mw", "the load that was expected, in MW, or nothing", numbers[2].is_some());
        let [total_mw, temperature_c, expected_mw] = numbers;
        let total =
            Total { at: at?, total_mw: total_mw??, temperature_c: temperature_c?, expected_mw: expected_mw? };
        self.zones.contains(&zone).then_some((zone, total))
    }
}

/// A number, or nothing where nothing stands; `None` where something else does.
fn number(text: &str) -> Option<Option<f64>> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte));
    match text.is_empty() {
        true => Some(None),
        false => text.parse().ok().filter(|number: &f64| plain && number.abs() <= MOST).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones() -> BTreeSet<ZoneId> {
        BTreeSet::from(["north".into(), "south".into()])
    }

    #[test]
    fn hours_are_read_by_zone_in_order_of_time() {
        let text = "zone,interval_start,total_mw,temperature_c\n\
                    south,2026-01-15T18:00:00+05:00,1500.5,-12\nsouth,2026-01-15T12:00Z,1400,\n";
        let told = read("t.csv", text, &zones()).unwrap();
        let hours = &told[&ZoneId::from("south")];
        assert_eq!((hours.len(), hours[0].total_mw, hours[1].temperature_c), (2, 1400.0, Some(-12.0)));
        assert_eq!(hours[0].temperature_c, None);
    }

    #[test]
    fn all_faults_come_together() {
        let text = "zone,interval_start,total_mw\nwest,2026-01-15T12:30Z,\nsouth,2026-01-15T12:00Z,1e3\n\
                    south,2026-01-15T12:00Z\n";
        let faults = read("t.csv", text, &zones()).unwrap_err().0;
        let places: Vec<_> = faults.iter().map(|fault| (fault.row, fault.column.as_deref())).collect();
        let at = |row, column| (Some(row), Some(column));
        assert_eq!(
            places,
            [at(2, "zone"), at(2, "interval_start"), at(2, "total_mw"), at(3, "total_mw"), (Some(4), None)]
        );
        let twice = "zone,interval_start,total_mw\nnorth,2026-01-15T12:00Z,1\nnorth,2026-01-15T12:00Z,2\n";
        assert!(read("t.csv", twice, &zones()).unwrap_err().to_string().contains("twice"));
        assert_eq!(read("t.csv", "zone,total\n", &zones()).unwrap_err().0.len(), 3);
        assert_eq!(read("t.csv", "zone,interval_start,total_mw\n", &zones()).unwrap_err().0.len(), 1);
    }
}
