//! Passes a table through one test after another: columns, time, duplicates, values, gaps.

mod time;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::ImportError;
use super::outcome::{Amount, ForecastRow, Import, Reject, RejectKind};
use super::profile::{Fill, Profile};
use super::table::{Record, Table};
use super::value::{Sums, value};
use super::write::rfc3339;
use crate::fault::Faults;

/// Longest piece of a cell that is repeated in the reject file.
const MAX_FOUND_CHARS: usize = 60;

/// Where in a record the named columns are.
pub(super) struct Places {
    time: usize,
    period: Option<usize>,
    values: Vec<usize>,
}

impl Places {
    pub(super) fn find(profile: &Profile, file: &str, table: &Table) -> Result<Self, ImportError> {
        let mut faults = Vec::new();
        let mut place = |name: &str| table.column(file, name, &mut faults);
        let time = place(&profile.time.column);
        let period = profile.time.period_column.as_deref().map(&mut place);
        let values = profile.columns.iter().map(|column| place(&column.name)).collect();
        if faults.is_empty() {
            Ok(Self { time, period, values })
        } else {
            Err(ImportError::Table(Faults(faults)))
        }
    }
}

/// An interval start for each record of the table, where it has one.
pub(super) type Starts = Vec<Option<DateTime<Utc>>>;

/// Passes the table through one test after another and keeps what falls out.
pub(super) struct Sieve<'a> {
    pub(super) profile: &'a Profile,
    pub(super) file: &'a str,
    pub(super) places: Places,
    pub(super) rejected: Vec<Reject>,
}

impl Sieve<'_> {
    fn reject(
        &mut self,
        record: &Record,
        column: &str,
        start: Option<DateTime<Utc>>,
        kind: RejectKind,
        found: &str,
        reason: String,
    ) {
        self.rejected.push(Reject {
            file: self.file.to_owned(),
            row: Some(record.row),
            column: column.to_owned(),
            interval_start: start,
            kind,
            found: found.chars().take(MAX_FOUND_CHARS).collect(),
            reason,
        });
    }

    fn reject_stamp(&mut self, record: &Record, start: Option<DateTime<Utc>>, reason: String) {
        let column = self.profile.time.column.clone();
        let found = record.cells[self.places.time].clone();
        self.reject(record, &column, start, RejectKind::TimeStamp, &found, reason);
    }

    /// Rejects all rows of an interval that has more than one: none is better than the other.
    pub(super) fn doubled(&mut self, table: &Table, starts: &Starts) -> BTreeSet<DateTime<Utc>> {
        let mut rows: BTreeMap<DateTime<Utc>, Vec<u64>> = BTreeMap::new();
        for (record, start) in table.records.iter().zip(starts) {
            if let Some(at) = start {
                rows.entry(*at).or_default().push(record.row);
            }
        }
        rows.retain(|_, rows| rows.len() > 1);
        for (record, start) in table.records.iter().zip(starts) {
            let Some((at, rows)) = start.and_then(|at| rows.get_key_value(&at)) else { continue };
            let listed: Vec<String> = rows.iter().take(5).map(u64::to_string).collect();
            let more = if rows.len() > 5 { format!(" and {} more", rows.len() - 5) } else { String::new() };
            let reason =
                format!("the rows {}{more} are all about the interval {}", listed.join(", "), rfc3339(*at));
            let (column, found) = (self.profile.time.column.clone(), record.cells[self.places.time].clone());
            self.reject(record, &column, Some(*at), RejectKind::Duplicate, &found, reason);
        }
        rows.into_keys().collect()
    }

    /// The amounts of the intervals whose row is good in every column.
    pub(super) fn amounts(
        &mut self,
        table: &Table,
        starts: &Starts,
        doubled: &BTreeSet<DateTime<Utc>>,
    ) -> BTreeMap<DateTime<Utc>, Amount> {
        let mut amounts = BTreeMap::new();
        for (record, start) in table.records.iter().zip(starts) {
            let Some(at) = *start else { continue };
            if let Some(amount) = self.amount(record, at)
                && !doubled.contains(&at)
            {
                amounts.insert(at, amount);
            }
        }
        amounts
    }

    fn amount(&mut self, record: &Record, at: DateTime<Utc>) -> Option<Amount> {
        let profile = self.profile;
        let mut sums = Sums::of_constants(profile);
        let mut good = true;
        for (place, column) in profile.columns.iter().enumerate() {
            let cell = &record.cells[self.places.values[place]];
            match value(profile, column, cell) {
                Ok(power) => sums.add(column.part, power),
                Err(reason) => {
                    self.reject(record, &column.name, Some(at), RejectKind::Value, cell, reason);
                    good = false;
                }
            }
        }
        if !good {
            return None;
        }
        if let Some((part, kw)) = sums.negative() {
            let reason = format!("{part} comes to {kw} MW, which cannot be below 0");
            self.reject(record, part, Some(at), RejectKind::Value, &kw.to_string(), reason);
            return None;
        }
        Some(sums.amount(profile.gives_headroom()))
    }

    /// Sets the amounts on the expected intervals, names the gaps and fills them where the profile says so.
    pub(super) fn finish(
        mut self,
        expected: Vec<DateTime<Utc>>,
        starts: &Starts,
        amounts: BTreeMap<DateTime<Utc>, Amount>,
        outside: usize,
    ) -> Import {
        let claimed: BTreeSet<&DateTime<Utc>> = starts.iter().flatten().collect();
        let (mut rows, mut missing, mut filled) = (Vec::new(), Vec::new(), Vec::new());
        let mut last: Option<(DateTime<Utc>, Amount)> = None;
        for at in expected {
            let zone = self.profile.zone.clone();
            if let Some(amount) = amounts.get(&at) {
                last = Some((at, *amount));
                rows.push(ForecastRow { interval_start: at, zone, amount: *amount });
                continue;
            }
            if !claimed.contains(&at) {
                self.note(at, RejectKind::Gap, format!("expected interval {} missing", rfc3339(at)));
            }
            match (self.profile.fill, last) {
                (Some(Fill::Last), Some((source, amount))) => {
                    self.note(at, RejectKind::Filled, format!("carries the values of {}", rfc3339(source)));
                    filled.push(at);
                    rows.push(ForecastRow { interval_start: at, zone, amount });
                }
                _ => missing.push(at),
            }
        }
        self.rejected
            .sort_by_key(|reject| (reject.row.is_none(), reject.row, reject.interval_start, reject.kind));
        Import { file: self.file.to_owned(), rows, rejected: self.rejected, missing, filled, outside }
    }

    fn note(&mut self, at: DateTime<Utc>, kind: RejectKind, reason: String) {
        let (file, start) = (self.file.to_owned(), Some(at));
        self.rejected.push(Reject {
            file,
            row: None,
            column: String::new(),
            interval_start: start,
            kind,
            found: String::new(),
            reason,
        });
    }
}
