//! `--from PLAN`: planning again from a plan, and the cuts of frozen hours that the case has to know of.

use super::progress::Reporter;
use crate::exit::Refusal;
use crate::figures::{count, one};
use crate::files;
use crate::interrupt;
use crate::output::Output;
use anyhow::Context as _;
use kezek_model::case::{Case, Policy};
use kezek_model::plan::{Plan, utc_text};
use kezek_planner::replan::{Frozen, Moved, Replanned, contrary, missing, replan};
use kezek_planner::solve::{MarginalPrice, PlanError, Settings, Watch};
use std::path::Path;
use std::time::Instant;

const KEPT: &str = "kept.csv";
/// Columns of `kept.csv`.
const COLUMNS: [&str; 3] = ["interval_start", "facility", "cut_mw"];
/// Most rows that are named one by one.
const MOST_NAMED: usize = 5;

/// The case with all that notice has frozen of the plan before: as it is, or with rows added to its `kept.csv`.
///
/// # Errors
/// When rows are missing and may not be added, or cannot be written.
pub(super) fn frozen(
    folder: &Path,
    case: Case,
    before: &Plan,
    keep: bool,
    output: &Output,
) -> anyhow::Result<Case> {
    let other = contrary(&case, before).map_err(PlanError::from)?;
    if !other.is_empty() {
        let rows = count(other.len(), "row says", "rows say");
        output.say(&format!(
            "note: {rows} in {KEPT} something else than the plan before; the case holds: {}",
            named(&other)
        ));
    }
    let rows = missing(&case, before).map_err(PlanError::from)?;
    if rows.is_empty() {
        return Ok(case);
    }
    let what = count(rows.len(), "cut", "cuts");
    if !keep {
        return Err(Refusal::rejected(format!(
            "{what} of the plan before lie in hours that notice has frozen, and the case does not know of them: {}; \
             a plan is judged by the case, so add them to {KEPT} there, or run again with --keep to have them added",
            named(&rows)
        )));
    }
    let path = folder.join(KEPT);
    files::write(&path, &with_rows(&path, &rows)?)?;
    output.say(&format!("{what} that notice keeps added to {}", path.display()));
    Ok(Case::read(folder)?)
}

fn named(rows: &[Frozen]) -> String {
    let words = |row: &Frozen| format!("{} {} {} MW", row.facility, utc_text(row.interval_start), row.cut);
    let first: Vec<String> = rows.iter().take(MOST_NAMED).map(words).collect();
    let more = rows.len().saturating_sub(MOST_NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    first.join(", ") + &rest
}

/// The file with rows at its end, in the order of its own columns.
fn with_rows(path: &Path, rows: &[Frozen]) -> anyhow::Result<Vec<u8>> {
    let old = if path.exists() {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?
    } else {
        Vec::new()
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut reader = csv::Reader::from_reader(old.as_slice());
    let header = reader.headers()?.clone();
    let header = if header.is_empty() { csv::StringRecord::from(COLUMNS.to_vec()) } else { header };
    writer.write_record(&header)?;
    for record in reader.records() {
        writer.write_record(&record?)?;
    }
    for row in rows {
        let cell = |column: &str| match column.trim().trim_start_matches('\u{feff}') {
            "interval_start" => utc_text(row.interval_start),
            "facility" => row.facility.to_string(),
            _ => row.cut.to_string(),
        };
        writer.write_record(header.iter().map(cell))?;
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))
}

/// Plans again from a plan.
///
/// # Errors
/// When there is no plan.
pub(crate) fn search(
    case: &Case,
    before: &Plan,
    prices: &[MarginalPrice],
    settings: Settings,
    output: &Output,
) -> anyhow::Result<Replanned> {
    let (stop, start) = (interrupt::stop_signal()?, Instant::now());
    let mut reporter = Reporter::new(output, case, settings);
    let mut progress = |progress| reporter.tell(progress);
    let mut watch = Watch { elapsed: &|| start.elapsed(), stop: &stop, progress: &mut progress };
    let planned = replan(case, before, prices, settings, &mut watch);
    reporter.finish();
    Ok(planned?)
}

/// Whether prices prove the bounds of a case's plans.
pub(super) fn is_priced(case: &Case) -> bool {
    case.objective.policy == Policy::LeastCost
}

/// What changed, in a line.
pub(crate) fn changes(moved: &Moved) -> String {
    let facilities = count(moved.facilities, "facility is", "facilities are");
    let fewest = if moved.fewest.is_some() { ", proven the fewest within the gap" } else { "" };
    let events = |number: usize| count(number, "event", "events");
    format!(
        "changed    {facilities} cut otherwise than in the plan before{fewest}: {} MWh, {} new, {} removed\n",
        one(moved.mwh),
        events(moved.new_events),
        events(moved.removed_events),
    )
}
