//! `kezek diff PLAN_A PLAN_B`: what another plan of the same case changes.

mod changes;
mod summary;

use crate::exit::{Exit, Refusal};
use crate::input;
use crate::output::{Format, Output};
use changes::{Changes, Course};
use std::path::PathBuf;

/// What changes from one plan of a case to another
///
/// Totals, and every facility that is newly cut, released or cut otherwise, with its windows before and after. Both plans
/// must be of the same case and horizon; where only the digest of the case differs this is said and the diff is made.
/// Plans carry no civil clock: windows are in UTC.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The plan before, a plan.json
    before: PathBuf,
    /// The plan after
    after: PathBuf,
    /// Form of the changes
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Jsonl, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek diff plans/before/plan.json plans/after/plan.json
  kezek diff plans/before/plan.json plans/after/plan.json --format csv   (one row per facility and interval)";

/// Compares two plans.
///
/// # Errors
/// When one cannot be read, or they are not of the same case and horizon.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (before, after) = input::both(input::plan(&args.before), input::plan(&args.after))?;
    let (before, after) = (Course::of(&before), Course::of(&after));
    if let Some(why) = before.unlike(&after) {
        let (a, b) = (args.before.display(), args.after.display());
        return Err(Refusal::rejected(format!("{a} and {b} cannot be compared: {why}")));
    }
    let changes = Changes::between(&before, &after)?;
    if !changes.same_case_digest {
        output.say(
            "note: the case was changed between these two plans (another case digest, the same horizon)",
        );
    }
    output.data(&match args.format {
        Format::Table => summary::table(&changes, output.paint()),
        Format::Json => serde_json::to_string_pretty(&changes)? + "\n",
        Format::Jsonl => summary::lines(&changes)?,
        Format::Csv => summary::rows(&before, &after)?,
    })?;
    Ok(Exit::Done)
}
