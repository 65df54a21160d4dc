//! The foreign table as text: encoding, lines, header, cells.

use super::profile::Profile;
use super::{ImportError, fault_of_file, json};
use crate::fault::{Fault, Faults};

/// A table with its cells still as they were written.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) records: Vec<Record>,
}

pub(super) struct Record {
    /// Line of the file in which the record begins, from 1.
    pub(super) row: u64,
    pub(super) cells: Vec<String>,
}

impl Table {
    /// Splits the bytes of a file into cells.
    pub(super) fn read(profile: &Profile, file: &str, bytes: &[u8]) -> Result<Self, ImportError> {
        let text = decode(file, bytes)?;
        let table =
            if json::is_json(text) { json::read(file, text)? } else { Self::cut(profile, file, text)? };
        let found = match (table.header.is_empty(), table.records.is_empty()) {
            (true, _) => "nothing",
            (false, true) => "only a header row",
            (false, false) => return Ok(table),
        };
        let expected = "a header row and rows with values";
        Err(ImportError::Table(Faults(vec![fault_of_file(file, found, expected)])))
    }

    /// Cuts lines into cells.
    fn cut(profile: &Profile, file: &str, text: &str) -> Result<Self, ImportError> {
        let mut lines = Lines::new(text);
        let body = lines.after(profile.skip_lines);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(profile.separator)
            .from_reader(body.as_bytes());
        let offset = text.len() - body.len();
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|source| ImportError::Csv { file: file.to_owned(), source })?;
            let byte = record.position().map_or(0, |position| position.byte() as usize);
            records.push(Record {
                row: lines.row_of(offset + byte),
                cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
            });
        }
        let header = if records.is_empty() { Vec::new() } else { records.remove(0).cells };
        Ok(Self { header, records })
    }

    /// The place of a column that the profile names.
    pub(super) fn column(&self, file: &str, name: &str, faults: &mut Vec<Fault>) -> usize {
        let places: Vec<usize> =
            (0..self.header.len()).filter(|place| self.header[*place] == name.trim()).collect();
        if places.len() == 1 {
            return places[0];
        }
        let found = match (places.len(), &self.header[..]) {
            (0, [single]) => format!("a header with the one cell `{single}`"),
            (0, header) => format!("the columns {}", header.join(", ")),
            (times, _) => format!("this column {times} times"),
        };
        let expected = "exactly one column of that name: correct the profile (name, `separator`, `skip_lines`) or the table";
        let column = name.to_owned();
        faults.push(Fault {
            file: file.to_owned(),
            row: None,
            column: Some(column),
            found,
            expected: expected.to_owned(),
        });
        0
    }
}

/// UTF-8 text without its byte order mark.
fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, ImportError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let row = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64;
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            let expected = "UTF-8 text: save the table as \"CSV UTF-8\", or convert it, from Windows Cyrillic with \
                            `iconv -f CP1251 -t UTF-8`, from UTF-16 with `iconv -f UTF-16 -t UTF-8`";
            let found = format!("the byte {byte:#04x}");
            let fault = Fault {
                file: file.to_owned(),
                row: Some(row),
                column: None,
                found,
                expected: expected.to_owned(),
            };
            Err(ImportError::Table(Faults(vec![fault])))
        }
    }
}

/// Finds the line of a byte; the bytes must be asked for in ascending order.
struct Lines<'a> {
    text: &'a str,
    seen: usize,
    row: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, seen: 0, row: 1 }
    }

    fn after(&self, skipped: usize) -> &'a str {
        let line_ends = self.text.match_indices('\n').map(|(place, _)| place + 1);
        match skipped.checked_sub(1) {
            None => self.text,
            Some(last) => line_ends.into_iter().nth(last).map_or("", |start| &self.text[start..]),
        }
    }

    fn row_of(&mut self, byte: usize) -> u64 {
        let bytes = self.text.as_bytes();
        // The csv reader lets a record begin with the blank lines before it.
        let blank = bytes[byte..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let start = (byte + blank).max(self.seen);
        self.row += bytes[self.seen..start].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.seen = start;
        self.row
    }
}
