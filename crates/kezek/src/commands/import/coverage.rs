//! Whether several tables together make one forecast: every zone, every interval, once.

use super::Taken;
use crate::clock::utc;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The intervals that each zone has, against those that one of them has.
pub(super) struct Coverage {
    zones: BTreeMap<String, BTreeSet<DateTime<Utc>>>,
    wanted: BTreeSet<DateTime<Utc>>,
}

impl Coverage {
    /// Of all tables together. Wanted is every interval from the first to the last that any table has or should have.
    pub(super) fn of(taken: &[Taken]) -> Self {
        let mut zones: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let mut wanted = BTreeSet::new();
        for table in taken {
            let starts = table.import.rows.iter().map(|row| row.interval_start);
            zones.entry(table.zone.clone()).or_default().extend(starts.clone());
            wanted.extend(starts.chain(table.import.missing.iter().copied()));
        }
        Self { zones, wanted: without_holes(&wanted) }
    }

    /// Whether there is no row at all.
    pub(super) fn is_empty(&self) -> bool {
        self.zones.values().all(BTreeSet::is_empty)
    }

    /// First and last interval start, where there are any.
    pub(super) fn ends(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((*self.wanted.first()?, *self.wanted.last()?))
    }

    /// The intervals that a zone has not.
    pub(super) fn missing_in(&self, zone: &str) -> Vec<DateTime<Utc>> {
        let Some(own) = self.zones.get(zone) else { return Vec::new() };
        self.wanted.difference(own).copied().collect()
    }

    /// How many zone-intervals are missing.
    pub(super) fn missing(&self) -> usize {
        self.zones.keys().map(|zone| self.missing_in(zone).len()).sum()
    }

    /// The zones and how many intervals each has.
    pub(super) fn zones(&self) -> impl Iterator<Item = (&str, usize)> {
        self.zones.iter().map(|(zone, starts)| (zone.as_str(), starts.len()))
    }

    /// What is missing where, in words.
    pub(super) fn missing_words(&self) -> String {
        let words = |zone: &String| {
            let missing = self.missing_in(zone);
            let first = utc(*missing.first()?);
            let number = crate::figures::count(missing.len(), "interval", "intervals");
            Some(format!("{number} missing in zone {zone}, first {first}"))
        };
        self.zones.keys().filter_map(words).collect::<Vec<_>>().join("; ")
    }
}

/// From the first to the last instant in the smallest step that occurs.
fn without_holes(starts: &BTreeSet<DateTime<Utc>>) -> BTreeSet<DateTime<Utc>> {
    let steps = starts.iter().zip(starts.iter().skip(1)).map(|(one, next)| *next - *one);
    let (Some(&first), Some(&last), Some(step)) = (starts.first(), starts.last(), steps.min()) else {
        return starts.clone();
    };
    let grid = std::iter::successors(Some(first), |&at| Some(at + step)).take_while(|&at| at <= last);
    grid.chain(starts.iter().copied()).collect()
}

/// An interval of a zone that two tables give.
pub(super) struct Doubled {
    zone: String,
    first: DateTime<Utc>,
    number: usize,
    tables: [String; 2],
}

impl Doubled {
    /// The first one, with how many there are.
    pub(super) fn first_of(taken: &[Taken]) -> Option<Self> {
        let mut seen = BTreeMap::new();
        let mut doubled: Option<Self> = None;
        for table in taken {
            for row in &table.import.rows {
                let Some(other) = seen.insert((&table.zone, row.interval_start), &table.import.file) else {
                    continue;
                };
                let tables = [other.clone(), table.import.file.clone()];
                let (zone, first) = (table.zone.clone(), row.interval_start);
                doubled.get_or_insert(Self { zone, first, number: 0, tables }).number += 1;
            }
        }
        doubled
    }
}

impl fmt::Display for Doubled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (zone, first, [one, two]) = (&self.zone, utc(self.first), &self.tables);
        let number = crate::figures::count(self.number, "interval is", "intervals are");
        write!(
            f,
            "{number} given twice, first zone {zone} at {first} by {one} and {two}: leave one of them out"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn holes_between_tables_are_found() {
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let starts = [0, 30, 120].map(|minutes| start + TimeDelta::minutes(minutes));
        assert_eq!(without_holes(&starts.into()).len(), 5);
    }
}
