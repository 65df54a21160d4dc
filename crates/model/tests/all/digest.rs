//! The digest says what the case says, whatever the order of rows and the spelling of values.

use crate::sample::{edit, files, put, stochastic, text};
use chrono::{DateTime, FixedOffset};
use kezek_model::case::{Case, CaseFiles};
use proptest::prelude::*;

fn digest(files: &CaseFiles) -> String {
    Case::parse(files).unwrap().digest().unwrap()
}

/// Another spelling of a cell that means the same, picked by a number.
fn respelt(cell: &str, pick: u32) -> String {
    if let Ok(instant) = DateTime::parse_from_rfc3339(cell) {
        let hours = i32::try_from(pick % 25).unwrap() - 12;
        return instant.with_timezone(&FixedOffset::east_opt(hours * 3600).unwrap()).to_rfc3339();
    }
    match cell.parse::<f64>() {
        Ok(number) => [
            cell.to_owned(),
            number.to_string(),
            format!("{number:.3}"),
            format!("{number:e}"),
            format!("+{number:.5}"),
        ][pick as usize % 5]
            .replace("+-", "-"),
        Err(_) => cell.to_owned(),
    }
}

/// The table with its rows and columns in another order and its cells in another spelling.
fn rewritten(table: &str, order: &[u32]) -> String {
    let pick = |n: usize| order[n % order.len()].wrapping_add(n as u32).wrapping_mul(2_654_435_761);
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut columns: Vec<usize> = (0..header.len()).collect();
    columns.sort_by_key(|column| pick(*column));
    let mut rows: Vec<(u32, Vec<&str>)> =
        lines.enumerate().map(|(n, row)| (pick(n), row.split(',').collect())).collect();
    rows.sort_by_key(|(key, _)| *key);
    let mut text = columns.iter().map(|column| header[*column]).collect::<Vec<_>>().join(",") + "\n";
    for (n, (key, cells)) in rows.iter().enumerate() {
        let cells =
            columns.iter().map(|column| respelt(cells[*column], pick(n + column) ^ key)).collect::<Vec<_>>();
        text += &(cells.join(",") + "\r\n");
    }
    text
}

proptest! {
    #[test]
    fn rows_columns_and_spellings_do_not_matter(order in prop::collection::vec(any::<u32>(), 1..40), many: bool) {
        let original = if many { stochastic() } else { files() };
        let mut changed = original.clone();
        for name in original.files.keys().filter(|name| name.ends_with(".csv")) {
            put(&mut changed, name, &rewritten(&text(&original, name), &order));
        }
        prop_assert_eq!(digest(&changed), digest(&original));
    }
}

#[test]
fn what_is_said_does_matter() {
    let original = digest(&files());
    let changes = [
        ("case.toml", "least-cost", "rotation"),
        ("case.toml", "restore_limit_mw = 150.0", ""),
        ("case.toml", "adder_per_mwh = 200.0", "adder_per_mwh = 201"),
        ("facilities.csv", "20.0", "20.001"),
        ("facilities.csv", "1,false,", "1,true,"),
        ("facilities.csv", "Pavlodar", ""),
        ("forecast.csv", "-16.0", "-16.000001"),
        ("nominations.csv", "7.125", "7.126"),
        ("quotas.csv", "10.0", ""),
        ("ties.csv", "90.0", ""),
        ("ledger.csv", "1000.5", "1000.6"),
        ("state.csv", "17:30:00Z", "17:31:00Z"),
        ("kept.csv", "F1,4.0", "F1,4.5"),
    ];
    for (file, old, new) in changes {
        let mut case = files();
        edit(&mut case, file, old, new);
        assert_ne!(digest(&case), original, "{file}: {old} -> {new}");
    }
    let mut case = files();
    edit(&mut case, "case.toml", "restore_limit_mw = 150.0", "restore_limit_mw = 150 # MW");
    edit(&mut case, "case.toml", "2022-01-23T12:00:00Z", "2022-01-23T18:00:00+06:00");
    assert_eq!(digest(&case), original);
}
