//! One table of a TOML file: typed keys are taken out of it, faults noted with line and key, and at the end the keys
//! that nobody asked for are named.

use crate::fault::Fault;
use chrono::NaiveDate;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file that is read, and what is wrong with it so far.
pub(super) struct Notes<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) faults: Vec<Fault>,
}

impl Notes<'_> {
    pub(super) fn add(&mut self, span: Option<Range<usize>>, key: &str, found: String, expected: String) {
        let row = span.map(|span| {
            let before = self.text.get(..span.start).unwrap_or_default();
            before.bytes().filter(|&byte| byte == b'\n').count() as u64 + 1
        });
        let column = (!key.is_empty()).then(|| key.to_owned());
        self.faults.push(Fault { file: self.file.to_owned(), row, column, found, expected });
    }

    /// What stands in the file there, on one line and not too long.
    fn quote(&self, span: &Range<usize>) -> String {
        const MOST: usize = 60;
        let text = self.text.get(span.clone()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let cut = line.char_indices().nth(MOST).map_or(line.len(), |(at, _)| at);
        let more = if cut < text.trim_end().len() { "..." } else { "" };
        format!("{}{more}", &line[..cut])
    }
}

/// A table, the keys it may hold and where it stands.
pub(super) struct Section<'t, 'i, 'n, 'a> {
    name: &'static str,
    table: &'t DeTable<'i>,
    span: Option<Range<usize>>,
    keys: &'static [&'static str],
    notes: &'n mut Notes<'a>,
}

impl<'t, 'i, 'n, 'a> Section<'t, 'i, 'n, 'a> {
    /// Opens a table of the given name (empty for the whole file) and notes every key that it may not hold.
    pub(super) fn open(
        name: &'static str,
        table: &'t DeTable<'i>,
        span: Option<Range<usize>>,
        keys: &'static [&'static str],
        notes: &'n mut Notes<'a>,
    ) -> Self {
        let mut section = Self { name, table, span, keys, notes };
        section.note_unknown_keys();
        section
    }

    fn note_unknown_keys(&mut self) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.keys.contains(&name) {
                let nearest = nearest(name, self.keys).map(|key| format!(", the nearest is {key}"));
                let known = format!("one of {}{}", self.keys.join(", "), nearest.unwrap_or_default());
                self.notes.add(Some(key.span()), &self.path(name), "an unknown key".into(), known);
            }
        }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// The value of a key, if there is one.
    pub(super) fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.table.get(key)
    }

    /// Notes that a key has not what it should have.
    pub(super) fn note(&mut self, key: &str, expected: &str) {
        let value = self.value(key).map(Spanned::span);
        let found = value.as_ref().map_or_else(|| "nothing".into(), |span| self.notes.quote(span));
        self.notes.add(value.or_else(|| self.span.clone()), &self.path(key), found, expected.to_owned());
    }

    /// The value of a key as `read` understands it; a fault and nothing where it does not. A key that is not there is
    /// no fault.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        let result = read(self.value(key)?.get_ref());
        if result.is_none() {
            self.note(key, expected);
        }
        result
    }

    /// As [`Self::optional`], but a missing key is a fault.
    pub(super) fn required<T>(
        &mut self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        if self.value(key).is_none() {
            self.note(key, expected);
        }
        self.optional(key, expected, read)
    }

    /// A table below this one, opened; a fault where the key is something else, or is missing though required.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        keys: &'static [&'static str],
        required: bool,
    ) -> Option<Section<'t, 'i, '_, 'a>> {
        let value = self.value(key);
        let table = value.and_then(|value| value.get_ref().as_table());
        if table.is_none() && (required || value.is_some()) {
            self.note(key, &format!("a table [{key}]"));
        }
        Some(Section::open(key, table?, value.map(Spanned::span), keys, self.notes))
    }
}

/// Text that is not blank and has no line breaks, without blanks around it.
pub(super) fn line(value: &DeValue<'_>) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// A list of such texts, sorted and each once: a list here is a set.
pub(super) fn names(value: &DeValue<'_>) -> Option<Vec<String>> {
    let mut names: Vec<String> =
        value.as_array()?.iter().map(|entry| line(entry.get_ref())).collect::<Option<_>>()?;
    names.sort();
    names.dedup();
    Some(names)
}

/// A date, as a TOML date or as text `YYYY-MM-DD`.
pub(super) fn date(value: &DeValue<'_>) -> Option<NaiveDate> {
    if let Some(text) = value.as_str() {
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        return plain.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?.filter(in_calendar);
    }
    let stamp = value.as_datetime()?;
    let date = stamp.date.filter(|_| stamp.time.is_none() && stamp.offset.is_none())?;
    let (year, month, day) = (i32::from(date.year), u32::from(date.month), u32::from(date.day));
    NaiveDate::from_ymd_opt(year, month, day).filter(in_calendar)
}

fn in_calendar(day: &NaiveDate) -> bool {
    (1..=9999).contains(&chrono::Datelike::year(day))
}

/// A finite number, whole or not.
pub(super) fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        #[allow(clippy::cast_precision_loss)]
        DeValue::Integer(_) => whole(value).map(|whole| whole as f64),
        DeValue::Float(float) => float.as_str().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// A whole number.
pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The known word that a wrong one was probably meant to be.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_lowercase();
    let measured = known.iter().map(|&key| (distance(&word, &key.to_lowercase()), key));
    measured.min().filter(|(steps, key)| *steps <= key.chars().count().max(3) / 2).map(|(_, key)| key)
}

/// Letters to add, drop or change on the way from one word to another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_strange_one_is_not() {
        assert_eq!(nearest("fist_day", &["first_day", "last_day"]), Some("first_day"));
        assert_eq!(nearest("Daily_From", &["daily_from", "daily_to"]), Some("daily_from"));
        assert_eq!(nearest("zone", &["zones", "regions"]), Some("zones"));
        assert_eq!(nearest("quux", &["first_day", "last_day"]), None);
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
