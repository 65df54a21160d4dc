//! Series: one value per name and interval, from rows in any order.

use super::known::{Known, Reference};
use super::table::{Row, Table};
use super::value;
use crate::grid::TimeGrid;
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::BTreeMap;

/// Values by key (the position of a name) and interval.
pub(super) struct Series<T> {
    slots: BTreeMap<usize, Vec<Slot<T>>>,
    /// Rows of a key that have no interval of their own because of a fault; each may be the one that a gap misses.
    strays: BTreeMap<usize, usize>,
    /// Rows whose key is not known, which may belong anywhere.
    lost: usize,
}

#[derive(Clone, Default)]
struct Slot<T> {
    /// The row that filled it; 0 for none.
    row: u64,
    value: T,
}

/// An instant as messages show it.
pub(super) fn shown(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The interval of a row; `None` where a fault was told or the grid is not known.
pub(super) fn interval(row: &Row<'_>, grid: Option<&TimeGrid>) -> Option<usize> {
    let instant = row.required("interval_start", value::instant)?;
    let grid = grid?;
    let place = grid.index_of(instant);
    if place.is_none() {
        row.tell_name("interval_start", || on_grid(instant, grid));
    }
    place
}

fn on_grid(instant: DateTime<Utc>, grid: &TimeGrid) -> String {
    let (start, end) = (shown(grid.start), shown(grid.end()));
    if instant >= grid.start && instant < grid.end() {
        return format!(
            "the start of an interval: {start} and every {} minutes from there",
            grid.step_minutes
        );
    }
    format!("an instant within the horizon, from {start} until before {end}: delete the row or mend horizon")
}

impl<T: Clone + Default> Series<T> {
    /// A series without rows.
    pub(super) fn new() -> Self {
        Self { slots: BTreeMap::new(), strays: BTreeMap::new(), lost: 0 }
    }

    /// Reads a table with one key column.
    pub(super) fn read(
        table: Table<'_>,
        grid: Option<&TimeGrid>,
        known: Option<&Known>,
        key_column: &str,
        value: impl Fn(&Row<'_>) -> Option<T>,
    ) -> Self {
        let mut series = Self::new();
        let broken = table.each(|row| {
            let key = Known::find(known, row, key_column);
            let value = value(row).unwrap_or_default();
            series.put(row, grid, key, key_column, value);
        });
        series.lose(broken);
        series
    }

    /// Puts the value of a row where it belongs.
    pub(super) fn put(
        &mut self,
        row: &Row<'_>,
        grid: Option<&TimeGrid>,
        key: Reference,
        key_column: &str,
        value: T,
    ) {
        let (place, Reference::To(key)) = (interval(row, grid), key) else {
            self.lost += 1;
            return;
        };
        let (Some(t), Some(grid)) = (place, grid) else {
            *self.strays.entry(key).or_default() += 1;
            return;
        };
        let slots = self.slots.entry(key).or_insert_with(|| vec![Slot::default(); grid.len]);
        let earlier = slots[t].row;
        if earlier == 0 {
            slots[t] = Slot { row: row.number, value };
            return;
        }
        *self.strays.entry(key).or_default() += 1;
        let name = row.cell(key_column).unwrap_or_default();
        row.tell_duplicate(
            "interval_start",
            &format!("{} at {}", value::quoted(name), shown(grid.instant(t))),
            earlier,
        );
    }

    /// Counts rows that could not be understood at all.
    pub(super) fn lose(&mut self, rows: usize) {
        self.lost += rows;
    }

    /// Whether any row names this key.
    pub(super) fn names(&self, key: usize) -> bool {
        self.slots.contains_key(&key) || self.strays.contains_key(&key)
    }

    /// Whether rows were lost, so that what is not named may have been meant.
    pub(super) fn has_lost(&self) -> bool {
        self.lost > 0
    }

    /// The keys that are named.
    pub(super) fn keys(&self) -> Vec<usize> {
        let keys: std::collections::BTreeSet<usize> =
            self.slots.keys().chain(self.strays.keys()).copied().collect();
        keys.into_iter().collect()
    }

    /// Tells the gap of a key, unless rows that were told already may be what is missing.
    pub(super) fn tell_gap(&self, head: &Told<'_>, key: usize, name: &str) -> bool {
        let grid = head.grid;
        let missing: Vec<usize> = match self.slots.get(&key) {
            Some(slots) => (0..grid.len).filter(|t| slots[*t].row == 0).collect(),
            None => (0..grid.len).collect(),
        };
        let told = self.lost + self.strays.get(&key).copied().unwrap_or_default();
        let is_gap = missing.len() > told;
        if is_gap {
            head.tell(name, &missing);
        }
        is_gap
    }

    /// The values of a key that is complete.
    pub(super) fn values(&self, key: usize) -> Option<Vec<T>> {
        Some(self.slots.get(&key)?.iter().map(|slot| slot.value.clone()).collect())
    }

    /// The values of a key, each only where a row gave it.
    pub(super) fn sparse(&self, key: usize) -> Option<Vec<Option<T>>> {
        let given = |slot: &Slot<T>| (slot.row > 0).then(|| slot.value.clone());
        Some(self.slots.get(&key)?.iter().map(given).collect())
    }
}

/// Where gaps are told.
pub(super) struct Told<'a> {
    pub(super) log: &'a super::log::FaultLog,
    pub(super) file: &'a str,
    pub(super) grid: &'a TimeGrid,
}

impl Told<'_> {
    fn tell(&self, name: &str, missing: &[usize]) {
        let Some(first) = missing.first() else { return };
        let more = match missing.len() {
            1 => String::new(),
            count => format!(" and at {} further intervals", count - 1),
        };
        let found = format!("no row for {name} at {}{more}", shown(self.grid.instant(*first)));
        let expected =
            format!("a row for each of the {} intervals of the horizon: add what is missing", self.grid.len);
        let (file, column) = (self.file.to_owned(), Some("interval_start".to_owned()));
        self.log.tell(crate::fault::Fault { file, row: None, column, found, expected });
    }
}
