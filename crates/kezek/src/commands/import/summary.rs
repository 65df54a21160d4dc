//! What an import took, rejected and missed.

use super::Taken;
use super::coverage::Coverage;
use crate::clock::utc;
use crate::table::Columns;
use kezek_model::import::{Import, RejectKind};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The account as text.
pub(super) fn table(taken: &[Taken], coverage: &Coverage) -> String {
    if taken.is_empty() {
        return String::new();
    }
    let header = ["table", "zone", "intervals", "of them filled", "rejected", "outside", "missing"];
    let mut table = Columns::new(2, &header);
    for one in taken {
        let import = &one.import;
        let figures =
            [import.rows.len(), import.filled.len(), rejected(import), import.outside, import.missing.len()];
        let [rows, filled, rejected, outside, missing] = figures.map(|number| number.to_string());
        table.row([file_name(&one.pair.table), one.zone.clone(), rows, filled, rejected, outside, missing]);
    }
    format!("{}\n{}", table.text(), forecast(coverage)) + &reasons(taken)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn forecast(coverage: &Coverage) -> String {
    let Some((first, last)) = coverage.ends() else { return "no interval at all\n".into() };
    let zone = |(zone, number): (&str, usize)| format!("{zone} {number}");
    let zones: Vec<String> = coverage.zones().map(zone).collect();
    let (first, last, missing) = (utc(first), utc(last), coverage.missing());
    format!("intervals from {first} to that of {last}: {}; {missing} missing\n", zones.join(", "))
}

/// Rows of the tables that were not taken.
fn rejected(import: &Import) -> usize {
    let of_a_row = |kind| !matches!(kind, RejectKind::Gap | RejectKind::Filled);
    import.rejected.iter().filter(|reject| of_a_row(reject.kind)).count()
}

fn reasons(taken: &[Taken]) -> String {
    let mut kinds: BTreeMap<RejectKind, usize> = BTreeMap::new();
    for reject in taken.iter().flat_map(|table| &table.import.rejected) {
        *kinds.entry(reject.kind).or_default() += 1;
    }
    let words: Vec<String> =
        kinds.iter().map(|(kind, number)| format!("{} {number}", kind.as_str())).collect();
    if words.is_empty() { String::new() } else { format!("rejects by kind: {}\n", words.join(", ")) }
}

#[derive(Serialize)]
struct Account<'a> {
    forecast_written: bool,
    missing: usize,
    tables: Vec<TableAccount<'a>>,
}

#[derive(Serialize)]
struct TableAccount<'a> {
    profile: String,
    table: &'a str,
    zone: &'a str,
    taken: usize,
    filled: usize,
    rejected: usize,
    outside: usize,
    missing: usize,
}

/// The account as JSON.
///
/// # Errors
/// Never in practice: it holds texts and whole numbers.
pub(super) fn json(taken: &[Taken], coverage: &Coverage, forecast_written: bool) -> anyhow::Result<String> {
    let tables = taken.iter().map(|one| TableAccount {
        profile: one.pair.profile.display().to_string(),
        table: &one.import.file,
        zone: &one.zone,
        taken: one.import.rows.len(),
        filled: one.import.filled.len(),
        rejected: rejected(&one.import),
        outside: one.import.outside,
        missing: one.import.missing.len(),
    });
    let account = Account { forecast_written, missing: coverage.missing(), tables: tables.collect() };
    Ok(serde_json::to_string_pretty(&account)? + "\n")
}
