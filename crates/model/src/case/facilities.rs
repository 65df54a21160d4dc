//! `facilities.csv`: the register.

use super::known::Known;
use super::log::FaultLog;
use super::table::{Columns, Row, Table};
use super::value::{self, COUNT, HOURS, MINUTES, MONEY, POWER};
use super::{Facility, Ledger, State};
use crate::units::Kw;
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// The name of the file.
pub(super) const FILE: &str = "facilities.csv";

/// Its columns.
pub(super) const COLUMNS: Columns = Columns {
    required: &[
        "facility",
        "name",
        "licensee",
        "licence_no",
        "licence_from",
        "licence_to",
        "zone",
        "time_zone",
        "tier",
        "protected",
        "nominated_mw",
        "quota_mw",
        "floor_mw",
        "min_cut_mw",
        "block_mw",
        "cut_cost_per_mwh",
        "event_cost",
        "notice_min",
        "min_cut_min",
        "max_cut_min",
        "min_gap_min",
        "max_events_per_day",
        "max_cut_hours",
        "ramp_up_mw_per_h",
    ],
    optional: &["class", "region", "twelve_month_max_mw"],
};

/// Most facilities of a case.
const MOST: usize = 50_000;

/// One row: a facility whose series are not spread yet.
pub(super) struct Entry {
    /// The row it comes from.
    pub(super) row: u64,
    /// The facility, its series empty.
    pub(super) facility: Facility,
    /// The constant nomination.
    pub(super) nominated_kw: Option<Kw>,
    /// Whether the nomination was left to `nominations.csv`.
    pub(super) nomination_is_blank: bool,
    /// The constant quota.
    pub(super) quota_kw: Option<Kw>,
}

/// All facilities.
#[derive(Default)]
pub(super) struct Register {
    /// Sorted by name.
    pub(super) entries: Vec<Entry>,
    /// Their names; `None` where a name could not be read.
    pub(super) known: Option<Known>,
}

/// Reads the register and tells its faults.
pub(super) fn read(bytes: &[u8], zones: Option<&Known>, log: &FaultLog) -> Register {
    let Some(table) = Table::open(FILE, bytes, COLUMNS, log) else { return Register::default() };
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut all_named = table.head.has("facility");
    let mut count = 0;
    let broken = table.each(|row| {
        count += 1;
        if count > MOST {
            all_named = false;
            return tell_too_many(row, count);
        }
        let entry = entry(row, zones);
        let Some(id) = row.required("facility", value::name) else {
            all_named = false;
            return;
        };
        match entries.get(id) {
            Some(earlier) => {
                // One of the two may be a slip for a name that other files use.
                all_named = false;
                row.tell_duplicate("facility", &value::quoted(id), earlier.row);
            }
            None => _ = entries.insert(id.to_owned(), entry),
        }
    });
    if count + broken == 0 {
        log.tell(crate::fault::Fault {
            file: FILE.to_owned(),
            row: None,
            column: None,
            found: "only a header row".to_owned(),
            expected: "a row for each facility, at least one".to_owned(),
        });
    }
    let what = "a facility of facilities.csv";
    let known = (all_named && broken == 0).then(|| Known::new(what, entries.keys().map(String::as_str)));
    Register { entries: entries.into_values().collect(), known }
}

fn tell_too_many(row: &Row<'_>, count: usize) {
    if count == MOST + 1 {
        row.head.tell(Some(row.number), None, "one facility more", format!("at most {MOST} facilities"));
    }
}

fn entry(row: &Row<'_>, zones: Option<&Known>) -> Entry {
    let nomination_is_blank = row.cell("nominated_mw").is_some_and(str::is_empty);
    Known::find(zones, row, "zone");
    check_order(row);
    Entry {
        row: row.number,
        facility: facility(row),
        nominated_kw: row.kw("nominated_mw", POWER),
        nomination_is_blank,
        quota_kw: row.kw("quota_mw", POWER),
    }
}

/// The facility of a row. Where a fault was told, a stand-in takes the place of the value: the case is refused anyway.
fn facility(row: &Row<'_>) -> Facility {
    let text = |column| row.cell(column).unwrap_or_default().to_owned();
    let power = |column| row.kw(column, POWER).unwrap_or_default();
    let money = |column| row.number(column, MONEY).unwrap_or_default();
    let minutes = |column| row.whole(column, MINUTES).unwrap_or_default();
    let class = Some(text("class")).filter(|class| !class.is_empty());
    Facility {
        id: text("facility").into(),
        name: text("name"),
        licensee: text("licensee"),
        licence_no: text("licence_no"),
        licence_from: row.optional("licence_from", value::date),
        licence_to: row.optional("licence_to", value::date),
        zone: text("zone").into(),
        time_zone: time_zone(row),
        tier: row.whole("tier", COUNT).unwrap_or(1),
        protected: row.optional("protected", value::truth).unwrap_or_default(),
        nomination_kw: Vec::new(),
        quota_kw: Vec::new(),
        floor_kw: power("floor_mw"),
        min_cut_kw: power("min_cut_mw"),
        block_kw: row.kw("block_mw", POWER).filter(|block| *block > Kw::ZERO),
        cut_cost_per_mwh: money("cut_cost_per_mwh"),
        event_cost: money("event_cost"),
        notice_minutes: minutes("notice_min"),
        min_cut_minutes: minutes("min_cut_min"),
        max_cut_minutes: row.whole("max_cut_min", MINUTES),
        min_gap_minutes: minutes("min_gap_min"),
        max_events_per_day: row
            .whole("max_events_per_day", COUNT)
            .and_then(|count| u32::try_from(count).ok()),
        max_cut_hours: row.number("max_cut_hours", HOURS),
        ramp_up_kw_per_h: row.kw("ramp_up_mw_per_h", POWER),
        class: class.unwrap_or_else(|| "digital-mining".to_owned()),
        region: Some(text("region")).filter(|region| !region.is_empty()),
        twelve_month_max_kw: row.kw("twelve_month_max_mw", POWER),
        ledger: Ledger::default(),
        state: State::default(),
        kept_kw: Vec::new(),
    }
}

fn time_zone(row: &Row<'_>) -> Tz {
    if row.cell("time_zone").is_none_or(str::is_empty) {
        return row.required("time_zone", value::time_zone).unwrap_or(Tz::UTC);
    }
    let Some(name) = row.required("time_zone", value::name) else { return Tz::UTC };
    name.parse().unwrap_or_else(|_| {
        row.tell_name("time_zone", || value::time_zone(name).err().unwrap_or_default());
        Tz::UTC
    })
}

/// Pairs of cells of which one must not come before the other.
fn check_order(row: &Row<'_>) {
    let date = |column| row.peek(column, value::date);
    if let (Some(from), Some(to)) = (date("licence_from"), date("licence_to"))
        && to < from
    {
        row.tell("licence_to", format!("a day not before licence_from, {from}"));
    }
    let minutes = |column| row.peek(column, |text| value::whole(text, MINUTES));
    if let (Some(least), Some(most)) = (minutes("min_cut_min"), minutes("max_cut_min"))
        && most < least
    {
        row.tell("max_cut_min", format!("at least min_cut_min, {least}, or a blank cell for no such limit"));
    }
}
