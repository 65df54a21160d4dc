//! A TOML document whose values know their line.

use super::log::FaultLog;
use super::names::{self, suggestion};
use super::table::text_of;
use super::value::{self, Bounds, Expected, quoted};
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Largest `case.toml` or schedule, in bytes.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// Largest seed: beyond it two seeds would share a digest.
const MOST_SEED: u64 = (1 << 53) - 1;

/// The text of a document with the places of its lines.
pub(super) struct Document<'a> {
    file: &'a str,
    log: &'a FaultLog,
    line_starts: Vec<usize>,
}

/// A table of the document, its keys already compared with the known ones.
pub(super) struct Section<'a> {
    doc: &'a Document<'a>,
    path: &'static str,
    /// The line of its header; `None` for the root.
    pub(super) row: Option<u64>,
    table: &'a DeTable<'a>,
}

/// The keys that a section may have.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

/// The text of a TOML file, bounded.
pub(super) fn toml_text<'a>(file: &str, bytes: &'a [u8], log: &FaultLog) -> Option<&'a str> {
    if bytes.len() > MOST_BYTES {
        let (found, expected) = (format!("{} bytes", bytes.len()), "at most 1 MiB".to_owned());
        log.tell(Fault { file: file.to_owned(), row: None, column: None, found, expected });
        return None;
    }
    text_of(file, bytes, log)
}

impl<'a> Document<'a> {
    /// Counts the lines of a document.
    pub(super) fn new(file: &'a str, text: &str, log: &'a FaultLog) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { file, log, line_starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// Parses the text of the document; `None` where it is no TOML, which is told.
    pub(super) fn parse(&self, text: &'a str) -> Option<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut last_row = None;
        for error in &errors {
            let row = error.span().map(|span| self.row_of(span.start));
            if last_row != Some(row) {
                let expected = "TOML as in the documented example: mend this line";
                self.tell(row, None, error.message(), expected);
            }
            last_row = Some(row);
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// The root of the parsed document.
    pub(super) fn root(&'a self, table: &'a DeTable<'a>, keys: Keys) -> Section<'a> {
        Section::open(self, "", None, table, keys)
    }

    fn row_of(&self, byte: usize) -> u64 {
        self.line_starts.partition_point(|start| *start <= byte) as u64
    }

    fn tell(
        &self,
        row: Option<u64>,
        column: Option<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.log.tell(self.fault(row, column, found, expected));
    }

    fn fault(
        &self,
        row: Option<u64>,
        column: Option<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Fault {
        Fault { file: self.file.to_owned(), row, column, found: found.into(), expected: expected.into() }
    }
}

impl<'a> Section<'a> {
    fn open(
        doc: &'a Document<'a>,
        path: &'static str,
        row: Option<u64>,
        table: &'a DeTable<'a>,
        keys: Keys,
    ) -> Self {
        let section = Self { doc, path, row, table };
        let found: Vec<(&str, usize)> =
            table.keys().map(|key| (key.get_ref().as_ref(), key.span().start)).collect();
        let key_names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        let check = names::check(&key_names, keys.required, keys.optional);
        for (place, near) in check.unknown {
            let (name, at) = found[place];
            let all: Vec<&str> = keys.required.iter().chain(keys.optional).copied().collect();
            let expected = format!("only {}{}", all.join(", "), suggestion(near));
            let column = section.column(&value::shortened(name));
            doc.tell(Some(doc.row_of(at)), Some(column), "an unknown key", expected);
        }
        for name in check.missing {
            doc.tell(row, Some(section.column(name)), "no such key", "this key: add it");
        }
        section
    }

    /// The key as messages name it.
    fn column(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &str) -> Option<(&'a DeValue<'a>, u64)> {
        let value = self.table.get(key)?;
        Some((value.get_ref(), self.doc.row_of(value.span().start)))
    }

    /// Whether the section has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Tells a fault of a value.
    pub(super) fn tell(&self, key: &str, found: impl Into<String>, expected: impl Into<String>) {
        let row = self.get(key).map(|(_, row)| row).or(self.row);
        self.doc.tell(row, Some(self.column(key)), found, expected);
    }

    fn read<T>(&self, key: &str, read: impl FnOnce(&'a DeValue<'a>) -> Result<T, Expected>) -> Option<T> {
        let (value, _) = self.get(key)?;
        read(value).map_err(|expected| self.tell(key, shown(value), expected)).ok()
    }

    /// A text that is not blank, read further.
    pub(super) fn text<T>(&self, key: &str, read: impl FnOnce(&'a str) -> Result<T, Expected>) -> Option<T> {
        self.read(key, |value| match value {
            DeValue::String(text) if !text.trim().is_empty() => read(text.trim()),
            _ => Err("a text in quotation marks that is not blank".to_owned()),
        })
    }

    /// A number, whole or not.
    pub(super) fn number(&self, key: &str, bounds: Bounds) -> Option<f64> {
        self.read(key, |value| number_of(value, bounds))
    }

    /// A whole number.
    pub(super) fn whole(&self, key: &str, bounds: Bounds) -> Option<i64> {
        self.read(key, |value| value::whole_of(number_of(value, bounds)?, bounds))
    }

    /// A whole number that JSON keeps exactly.
    pub(super) fn seed(&self, key: &str) -> Option<u64> {
        self.read(key, |value| {
            let digits = value.as_integer().filter(|integer| integer.radix() == 10);
            let seed =
                digits.and_then(|integer| integer.as_str().parse().ok()).filter(|seed| *seed <= MOST_SEED);
            seed.ok_or_else(|| format!("a whole number from 0 to {MOST_SEED}"))
        })
    }

    /// An instant with offset, without quotation marks.
    pub(super) fn instant(&self, key: &str) -> Option<DateTime<Utc>> {
        self.read(key, |value| match value {
            DeValue::Datetime(instant) => value::instant(&instant.to_string()),
            _ => Err("an instant with offset and without quotation marks, for example 2022-01-22T12:00:00Z"
                .to_owned()),
        })
    }

    /// A list of texts, each with its row.
    pub(super) fn texts(&self, key: &str) -> Vec<(&'a str, u64)> {
        let text = |item: &'a Spanned<DeValue<'a>>| {
            Some((item.get_ref().as_str()?, self.doc.row_of(item.span().start)))
        };
        let texts = self.read(key, |value| {
            let texts = value.as_array().and_then(|list| list.iter().map(text).collect());
            texts.ok_or_else(|| "a list of texts: [\"one.toml\", \"two.toml\"]".to_owned())
        });
        texts.unwrap_or_default()
    }

    /// `[key]` below the root.
    pub(super) fn section(&self, key: &'static str, keys: Keys) -> Option<Section<'a>> {
        let (value, row) = self.get(key)?;
        let Some(table) = value.as_table() else {
            self.tell(key, shown(value), format!("a table: [{key}]"));
            return None;
        };
        Some(Self::open(self.doc, key, Some(row), table, keys))
    }

    /// All `[[key]]` below the root; `None` where the list is something else, which is told.
    pub(super) fn sections(&self, key: &'static str, keys: Keys) -> Option<Vec<Section<'a>>> {
        let Some((value, _)) = self.get(key) else { return Some(Vec::new()) };
        let tables = value.as_array().and_then(|list| list.iter().map(as_table).collect::<Option<Vec<_>>>());
        let Some(tables) = tables else {
            self.tell(key, shown(value), format!("tables under [[{key}]], with two brackets"));
            return None;
        };
        let open = |(table, at)| Self::open(self.doc, key, Some(self.doc.row_of(at)), table, keys);
        Some(tables.into_iter().map(open).collect())
    }
}

fn as_table<'a>(item: &'a Spanned<DeValue<'a>>) -> Option<(&'a DeTable<'a>, usize)> {
    Some((item.get_ref().as_table()?, item.span().start))
}

fn number_of(value: &DeValue<'_>, bounds: Bounds) -> Result<f64, Expected> {
    match value {
        DeValue::Integer(integer) if integer.radix() == 10 => value::number(integer.as_str(), bounds),
        DeValue::Float(float) => value::number(float.as_str(), bounds),
        DeValue::String(text) => Err(value::number(text, bounds)
            .err()
            .unwrap_or_else(|| format!("the number without quotation marks: {text}"))),
        _ => bounds.accept(f64::NAN),
    }
}

fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(instant) => instant.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
