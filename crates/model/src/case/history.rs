//! `state.csv` and `ledger.csv`: what was before the horizon.

use super::known::{Known, Reference};
use super::log::FaultLog;
use super::series::shown;
use super::table::{Columns, Row, Table};
use super::value::{self, COUNT, ENERGY, POWER, quoted};
use super::{Ledger, State};
use crate::grid::TimeGrid;
use crate::units::Kw;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The name of the state's file.
pub(super) const STATE: &str = "state.csv";
/// The name of the ledger's file.
pub(super) const LEDGER: &str = "ledger.csv";

const STATE_COLUMNS: Columns =
    Columns { required: &["facility", "cut_mw", "cut_since", "last_cut_end"], optional: &["events_today"] };
const LEDGER_COLUMNS: Columns =
    Columns { required: &["facility", "nominated_mwh", "cut_mwh"], optional: &[] };

/// Reads what holds at the start of the horizon, by position of the facility.
pub(super) fn states(
    bytes: &[u8],
    grid: Option<&TimeGrid>,
    known: Option<&Known>,
    log: &FaultLog,
) -> BTreeMap<usize, State> {
    match Table::open(STATE, bytes, STATE_COLUMNS, log) {
        Some(table) => by_facility(table, known, |row| state(row, grid)),
        None => BTreeMap::new(),
    }
}

/// Reads the energy that fairness looks back on, by position of the facility.
pub(super) fn ledgers(bytes: &[u8], known: Option<&Known>, log: &FaultLog) -> BTreeMap<usize, Ledger> {
    match Table::open(LEDGER, bytes, LEDGER_COLUMNS, log) {
        Some(table) => by_facility(table, known, ledger),
        None => BTreeMap::new(),
    }
}

/// One value a facility, by position; a second row of a facility is told.
pub(super) fn by_facility<T>(
    table: Table<'_>,
    known: Option<&Known>,
    read: impl Fn(&Row<'_>) -> T,
) -> BTreeMap<usize, T> {
    let mut found: BTreeMap<usize, (u64, T)> = BTreeMap::new();
    table.each(|row| {
        let facility = Known::find(known, row, "facility");
        let value = read(row);
        let Reference::To(facility) = facility else { return };
        match found.get(&facility) {
            Some((earlier, _)) => {
                let name = quoted(row.cell("facility").unwrap_or_default());
                row.tell_duplicate("facility", &name, *earlier);
            }
            None => _ = found.insert(facility, (row.number, value)),
        }
    });
    found.into_iter().map(|(facility, (_, value))| (facility, value)).collect()
}

fn ledger(row: &Row<'_>) -> Ledger {
    let energy = |column| row.required(column, |text| value::number(text, ENERGY)).unwrap_or_default();
    Ledger { nominated_mwh: energy("nominated_mwh"), cut_mwh: energy("cut_mwh") }
}

fn state(row: &Row<'_>, grid: Option<&TimeGrid>) -> State {
    let cut_kw = row.required("cut_mw", |text| value::kw(text, POWER)).unwrap_or_default();
    if cut_kw > Kw::ZERO && row.cell("cut_since").is_some_and(str::is_empty) {
        let expected = "the instant at which the running cut began, as cut_mw is above 0";
        row.head.tell(Some(row.number), Some("cut_since"), "a blank cell", expected);
    }
    State {
        cut_kw,
        cut_since: past(row, "cut_since", grid),
        last_cut_end: past(row, "last_cut_end", grid),
        events_today: row.whole("events_today", COUNT).and_then(|count| u32::try_from(count).ok()),
    }
}

fn past(row: &Row<'_>, column: &str, grid: Option<&TimeGrid>) -> Option<DateTime<Utc>> {
    let instant = row.instant(column)?;
    if let Some(grid) = grid.filter(|grid| instant > grid.start) {
        row.tell(
            column,
            format!("an instant not later than the start of the horizon, {}", shown(grid.start)),
        );
    }
    Some(instant)
}
