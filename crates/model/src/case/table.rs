//! A CSV table with named columns, read row by row.

use super::log::FaultLog;
use super::names::{self, suggestion};
use super::value::{self, Bounds, Expected, quoted};
use crate::fault::Fault;
use crate::units::Kw;
use chrono::{DateTime, Utc};
use csv::StringRecord;

/// Largest file of a case, in bytes.
pub(super) const MOST_BYTES: usize = 512 << 20;

/// Longest line of a table, in bytes.
const MOST_LINE_BYTES: usize = 1 << 16;

/// The columns that a file may have.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

/// The name of a file and its header.
pub(super) struct Head<'a> {
    /// The file as it is called in the case.
    pub(super) file: &'a str,
    /// Where faults go.
    pub(super) log: &'a FaultLog,
    columns: Vec<&'static str>,
    places: Vec<usize>,
    width: usize,
    /// Whether a column is unknown, which may be one that is missing.
    pub(super) has_strangers: bool,
}

/// A table whose header has been read.
pub(super) struct Table<'a> {
    pub(super) head: Head<'a>,
    rows: csv::StringRecordsIntoIter<&'a [u8]>,
    lines: LineCount<'a>,
}

/// One row of a table.
pub(super) struct Row<'a> {
    /// The head of its table.
    pub(super) head: &'a Head<'a>,
    /// The row as an editor counts it.
    pub(super) number: u64,
    cells: &'a StringRecord,
}

impl<'a> Table<'a> {
    /// Reads the header; `None` where no row could be understood.
    pub(super) fn open(file: &'a str, bytes: &'a [u8], columns: Columns, log: &'a FaultLog) -> Option<Self> {
        let mut head =
            Head { file, log, columns: Vec::new(), places: Vec::new(), width: 0, has_strangers: false };
        let text = text_of(file, bytes, log)?;
        if text.trim().is_empty() {
            head.tell(None, None, "an empty file", format!("a header row: {}", columns.required.join(",")));
            return None;
        }
        if let Some(row) = endless_line(text) {
            let expected = format!("rows of at most {MOST_LINE_BYTES} bytes, each on a line of its own");
            head.tell(Some(row), None, "an endless line", expected);
            return None;
        }
        let mut lines = LineCount { text, at: 0, row: 1 };
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .into_records();
        let header = rows.next()?.ok()?;
        head.read_header(lines.row_of(&header), &header, columns).then_some(Self { head, rows, lines })
    }

    /// Goes through the rows that have as many cells as the header. Gives the number of the others, which are told.
    pub(super) fn each(self, mut read: impl FnMut(&Row<'_>)) -> usize {
        let Self { head, rows, mut lines } = self;
        let mut broken = 0;
        for cells in rows.map_while(Result::ok) {
            let row = Row { head: &head, number: lines.row_of(&cells), cells: &cells };
            if row.is_whole() {
                read(&row);
            } else {
                broken += 1;
            }
        }
        broken
    }
}

/// The row of a line so long that its cells could exhaust the memory.
fn endless_line(text: &str) -> Option<u64> {
    let line = text.split(['\n', '\r']).find(|line| line.len() > MOST_LINE_BYTES)?;
    let before = &text[..line.as_ptr().addr() - text.as_ptr().addr()];
    Some(1 + before.matches('\n').count() as u64)
}

/// The text of a file, without the mark that some programs put before it.
pub(super) fn text_of<'a>(file: &str, bytes: &'a [u8], log: &FaultLog) -> Option<&'a str> {
    let fault = |row, found: String, expected: &str| {
        log.tell(Fault { file: file.to_owned(), row, column: None, found, expected: expected.to_owned() });
        None
    };
    if bytes.len() > MOST_BYTES {
        return fault(None, format!("{} bytes", bytes.len()), "at most 512 MiB: shorten the horizon");
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let row = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
            let found = format!("the byte 0x{:02X}, which is not UTF-8", bytes[before.len()]);
            let how = "UTF-8: save it so (a spreadsheet calls it \"CSV UTF-8\"), or convert it: iconv -f CP1251 -t UTF-8 OLD > NEW";
            fault(Some(row), found, how)
        }
    }
}

/// Finds the row in which a record begins; the csv crate counts lines otherwise after CR LF and blank lines.
struct LineCount<'a> {
    text: &'a str,
    at: usize,
    row: u64,
}

impl LineCount<'_> {
    fn row_of(&mut self, record: &StringRecord) -> u64 {
        let bytes = self.text.as_bytes();
        let start = record.position().map_or(0, |position| position.byte() as usize).min(bytes.len());
        while self.at < start || matches!(bytes.get(self.at), Some(b'\r' | b'\n')) {
            let lone_return = bytes[self.at] == b'\r' && bytes.get(self.at + 1) != Some(&b'\n');
            self.row += u64::from(bytes[self.at] == b'\n' || lone_return);
            self.at += 1;
        }
        self.row
    }
}

impl Head<'_> {
    /// Tells a fault of this file.
    pub(super) fn tell(
        &self,
        row: Option<u64>,
        column: Option<&str>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.log.tell(self.fault(row, column, found, expected));
    }

    /// A fault of this file.
    pub(super) fn fault(
        &self,
        row: Option<u64>,
        column: Option<&str>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Fault {
        let (file, column) = (self.file.to_owned(), column.map(str::to_owned));
        Fault { file, row, column, found: found.into(), expected: expected.into() }
    }

    /// Whether the table has this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    fn read_header(&mut self, row: u64, header: &StringRecord, columns: Columns) -> bool {
        let found: Vec<&str> = header.iter().map(str::trim).collect();
        self.width = found.len();
        if !found.iter().any(|name| columns.knows(name)) {
            return self.tell_foreign_header(row, &found, columns);
        }
        let check = names::check(&found, columns.required, columns.optional);
        for (place, near) in &check.unknown {
            let expected = format!("only {}{}", columns.all().join(", "), suggestion(*near));
            match value::shortened(found[*place]) {
                name if name.is_empty() => {
                    self.tell(Some(row), None, format!("column {} without a name", place + 1), expected);
                }
                name => self.tell(Some(row), Some(&name), "an unknown column", expected),
            }
        }
        self.has_strangers = !check.unknown.is_empty();
        for name in &check.missing {
            self.tell(
                Some(row),
                Some(name),
                "no such column",
                "this column: add it to the header and to every row",
            );
        }
        self.place_columns(row, &found, columns);
        true
    }

    fn place_columns(&mut self, row: u64, found: &[&str], columns: Columns) {
        for (place, name) in found.iter().enumerate() {
            let Some(known) = columns.all().into_iter().find(|known| known == name) else { continue };
            if self.has(known) {
                self.tell(
                    Some(row),
                    Some(known),
                    "this column a second time",
                    "every column once: delete one of them",
                );
            } else {
                self.columns.push(known);
                self.places.push(place);
            }
        }
    }

    fn tell_foreign_header(&self, row: u64, found: &[&str], columns: Columns) -> bool {
        let cut = found.len() == 1 && found[0].contains([';', '\t']);
        let hint = if cut { " separated by commas, not by semicolons or tabs" } else { "" };
        let expected = format!("a header row{hint}: {}", columns.required.join(","));
        self.tell(Some(row), None, format!("no known column in {}", quoted(&found.join(","))), expected);
        false
    }
}

impl Columns {
    fn all(self) -> Vec<&'static str> {
        self.required.iter().chain(self.optional).copied().collect()
    }

    fn knows(self, name: &str) -> bool {
        self.required.iter().chain(self.optional).any(|known| *known == name)
    }
}

impl<'a> Row<'a> {
    /// Whether the row has a cell for every column; tells it where not.
    fn is_whole(&self) -> bool {
        if self.cells.len() == self.head.width {
            let blank = self.cells.iter().all(|cell| cell.trim().is_empty());
            if blank {
                self.head.tell(
                    Some(self.number),
                    None,
                    "a row of blank cells",
                    "values: fill the row in or delete it",
                );
            }
            return !blank;
        }
        let found = format!("{} cells", self.cells.len());
        let expected = format!("{} cells as in the header{}", self.head.width, self.width_hint());
        self.head.tell(Some(self.number), None, found, expected);
        false
    }

    fn width_hint(&self) -> &'static str {
        if self.cells.iter().any(|cell| cell.contains('\n')) {
            return ": a quotation mark may be opened here and not closed";
        }
        if self.cells.len() > self.head.width {
            return ": look for a comma inside a name or for a decimal comma";
        }
        ": a row may be cut off; write a comma also before a blank cell"
    }

    /// The cell; `None` where the table has no such column.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        let place = self.head.columns.iter().position(|known| *known == column)?;
        self.cells.get(self.head.places[place]).map(str::trim)
    }

    /// Tells a fault of a cell.
    pub(super) fn tell(&self, column: &str, expected: impl Into<String>) {
        let found = self.cell(column).map_or_else(|| "no such column".to_owned(), quoted);
        self.head.tell(Some(self.number), Some(column), found, expected);
    }

    /// Tells that a cell names something unknown.
    pub(super) fn tell_name(&self, column: &str, expected: impl FnOnce() -> Expected) {
        let found = self.cell(column).map_or_else(|| "no such column".to_owned(), quoted);
        self.head.log.tell_name(self.head.fault(Some(self.number), Some(column), found, ""), expected);
    }

    /// Tells that a row repeats the key of an earlier one.
    pub(super) fn tell_duplicate(&self, column: &str, key: &str, earlier: u64) {
        let found = format!("{key} a second time (first in row {earlier})");
        let expected = format!("one row for each: delete row {earlier} or row {}", self.number);
        self.head.tell(Some(self.number), Some(column), found, expected);
    }

    /// The value of a cell that may be blank; `None` where it is, or where a fault was told.
    pub(super) fn optional<T>(
        &self,
        column: &str,
        read: impl FnOnce(&'a str) -> Result<T, Expected>,
    ) -> Option<T> {
        let text = self.cell(column).filter(|text| !text.is_empty())?;
        read(text).map_err(|expected| self.tell(column, expected)).ok()
    }

    /// The value of a cell that is read again elsewhere: `None` where it is blank or faulty, without telling it.
    pub(super) fn peek<T>(
        &self,
        column: &str,
        read: impl FnOnce(&'a str) -> Result<T, Expected>,
    ) -> Option<T> {
        self.cell(column).and_then(|text| read(text).ok())
    }

    /// The value of a cell that must not be blank; `None` where a fault was told.
    pub(super) fn required<T>(
        &self,
        column: &str,
        read: impl FnOnce(&'a str) -> Result<T, Expected>,
    ) -> Option<T> {
        let text = self.cell(column)?;
        if text.is_empty() {
            let what = read("").err().unwrap_or_else(|| "a name".to_owned());
            self.head.tell(Some(self.number), Some(column), "a blank cell", what);
            return None;
        }
        self.optional(column, read)
    }

    /// Power that may be blank.
    pub(super) fn kw(&self, column: &str, bounds: Bounds) -> Option<Kw> {
        self.optional(column, |text| value::kw(text, bounds))
    }

    /// A number that may be blank.
    pub(super) fn number(&self, column: &str, bounds: Bounds) -> Option<f64> {
        self.optional(column, |text| value::number(text, bounds))
    }

    /// A whole number that may be blank.
    pub(super) fn whole(&self, column: &str, bounds: Bounds) -> Option<i64> {
        self.optional(column, |text| value::whole(text, bounds))
    }

    /// An instant that may be blank.
    pub(super) fn instant(&self, column: &str) -> Option<DateTime<Utc>> {
        self.optional(column, value::instant)
    }
}
