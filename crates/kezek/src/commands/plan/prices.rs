//! `prices.csv` beside a plan: what a MWh more of headroom is worth, for people, and for planning again from there.

use crate::output::Output;
use kezek_model::case::Case;
use kezek_planner::solve::MarginalPrice;
use std::path::Path;

/// Its name.
pub(super) const FILE: &str = "prices.csv";

/// Its columns: MWh of headroom, MW that return from the interval before.
const COLUMNS: [&str; 4] = ["interval_start", "zone", "balance_per_mwh", "restore_per_mw"];

/// The file; no rows where prices prove no bound.
///
/// # Errors
/// When a row cannot be written.
pub(super) fn csv(prices: &[MarginalPrice]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    prices.iter().try_for_each(|row| writer.serialize(row))?;
    writer.into_inner().map_err(|error| anyhow::anyhow!("cannot write {FILE}: {error}"))
}

/// The prices beside a plan; none, with a remark, where there is no such file or it is another one.
pub(super) fn beside(plan: &Path, case: &Case, output: &Output) -> Vec<MarginalPrice> {
    let path = plan.with_file_name(FILE);
    read(&path, case).unwrap_or_else(|why| {
        output.say(&format!("note: planning again without {} ({why}), which takes longer", path.display()));
        Vec::new()
    })
}

fn read(path: &Path, case: &Case) -> Result<Vec<MarginalPrice>, String> {
    if !path.exists() {
        return Err("there is none".to_owned());
    }
    let rows = csv::Reader::from_path(path).and_then(|mut reader| reader.deserialize().collect());
    let rows: Vec<MarginalPrice> = rows.map_err(|error: csv::Error| error.to_string())?;
    let is_of_case = |row: &MarginalPrice| {
        case.zone_index(&row.zone).is_some() && case.grid.index_of(row.interval_start).is_some()
    };
    if rows.iter().any(is_of_case) {
        Ok(rows)
    } else {
        Err("it has none of the case's zones and hours".into())
    }
}
