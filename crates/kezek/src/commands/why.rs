//! `kezek why CASE PLAN FACILITY [TIME]`: what a plan does with one facility, and what would be otherwise.

mod summary;

use crate::clock;
use crate::exit::{Exit, Refusal};
use crate::input;
use crate::interrupt;
use crate::output::{self, Format, Output};
use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone as _, Utc};
use kezek_model::case::Case;
use kezek_model::ids::FacilityId;
use kezek_model::plan::utc_text;
use kezek_planner::why::{Patience, Question, WhyError, why};
use std::path::PathBuf;
use std::time::Instant;

/// Why a facility is cut, or spared
///
/// For the interval that has TIME in it, or without TIME for every event of the facility: the marginal price of its zone,
/// its place in the merit order (or that of burdens), the rule that forced or spared it, who would be cut instead and
/// what that would cost, and how much more headroom would have spared it. The case is planned again for this, with the
/// cut forbidden and with other headrooms; what is proven is told apart from what is only the best found. Any plan that
/// passes `kezek check` can be asked about, wherever it was made.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// The plan, a plan.json
    plan: PathBuf,
    /// The facility
    facility: String,
    /// An instant, RFC 3339, or civil time in the case's time zone without offset; else all events of the horizon
    time: Option<String>,
    /// Seconds for all plans that are made again; what is found by then is told
    #[arg(long, default_value = "20", value_parser = super::plan::effort::seconds, value_name = "SECONDS")]
    time_limit: f64,
    /// Form of the answer
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek why examples/small plans/small/plan.json N1
  kezek why examples/small plans/small/plan.json N1 2026-01-15T17:00
  kezek why examples/small plans/small/plan.json N1 2026-01-15T12:00Z --format json

Exit codes: 0 answered; 3 the case or the plan cannot be read, or has no such facility or time; 9 the
plan does not hold.";

/// Answers.
///
/// # Errors
/// When case or plan cannot be read, or the plan does not hold.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (case, plan) = input::both(Case::read(&args.case), input::plan(&args.plan))?;
    let interval = args.time.as_deref().map(|text| interval(&case, text)).transpose()?;
    let facility = FacilityId::from(args.facility.as_str());
    let (stop, start) = (interrupt::stop_signal()?, Instant::now());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let patience = Patience {
        time_limit_s: args.time_limit,
        threads: case.solver.threads.unwrap_or(u32::try_from(threads).unwrap_or(1)),
        seed: case.solver.seed.unwrap_or(1),
        elapsed: &|| start.elapsed(),
        stop: &stop,
    };
    let question = Question { case: &case, plan: &plan, facility: &facility, interval };
    let answer = match why(question, &patience) {
        Ok(answer) => answer,
        Err(error @ WhyError::Plan(_)) => {
            output.complain(&error.to_string());
            return Ok(Exit::NotVerified);
        }
        Err(error @ WhyError::Facility(..)) => return Err(Refusal::rejected(error.to_string())),
        Err(WhyError::Planning(error)) => return Err(error.into()),
    };
    output.data(&match args.format {
        Format::Json => output::json(&answer)?,
        _ => summary::text(&case, &answer, interval, output.paint()),
    })?;
    Ok(Exit::Done)
}

/// The interval that has an instant in it.
fn interval(case: &Case, text: &str) -> anyhow::Result<usize> {
    let at = instant(case, text).map_err(Refusal::rejected)?;
    let grid = &case.grid;
    (0..grid.len).find(|&t| grid.instant(t) <= at && at < grid.instant(t + 1)).ok_or_else(|| {
        let (start, end) = (utc_text(grid.start), utc_text(grid.end()));
        Refusal::rejected(format!("{text} is not within the horizon, from {start} until before {end}"))
    })
}

fn instant(case: &Case, text: &str) -> Result<DateTime<Utc>, String> {
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let civil = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let Some(civil) = civil else {
        return clock::instant(text).map_err(|_| {
            format!("found {text:?}; expected an instant such as 2022-01-23T18:00Z, or civil time such as 2022-01-24T00:00")
        });
    };
    let zone = case.grid.time_zone;
    match zone.from_local_datetime(&civil) {
        LocalResult::Single(at) => Ok(at.to_utc()),
        LocalResult::Ambiguous(first, second) => Err(format!(
            "{text} comes twice on the clock of {zone}: say {} or {}",
            utc_text(first.to_utc()),
            utc_text(second.to_utc())
        )),
        LocalResult::None => {
            Err(format!("{text} does not exist on the clock of {zone}: it is skipped there"))
        }
    }
}
