//! `kezek plan CASE`: from a folder to a plan that passes the check.

pub(crate) mod again;
pub(crate) mod effort;
mod prices;
pub(crate) mod progress;
mod scenarios;
mod shortage;
mod summary;

use crate::exit::Exit;
use crate::figures;
use crate::files;
use crate::input;
use crate::interrupt;
use crate::output::{Format, Output};
use effort::Effort;
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use kezek_planner::solve::{MarginalPrice, Settings, Watch, solve_priced};
use progress::Reporter;
use std::path::{Path, PathBuf};
use std::time::Instant;
pub(crate) use summary::is_uncovered;

/// Plan a case: who is cut, when, how deep, and what stays uncovered
///
/// CASE is a folder with case.toml, facilities.csv and forecast.csv. The plan is the best found that passes the check of
/// `kezek check`. It always exists: a shortage that no allowed cut covers stays uncovered, is reported and priced.
///
/// With `policy = "equal-share"` or `"rotation"` in case.toml cost comes last: first the least shortage, then the smallest
/// highest burden (the share of its energy that a facility has had cut; `rotation` counts ledger.csv too), then cost.
///
/// Ctrl-C stops the search and keeps the best plan so far; twice ends at once.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    #[command(flatten)]
    effort: Effort,
    /// The approved plan that this one replaces, a plan.json or its digest: it becomes the parent, without which a
    /// second plan for the same time is refused as a clash
    #[arg(long, value_name = "PLAN", value_parser = parent)]
    replaces: Option<String>,
    /// Plan again from this plan.json, for instance after a new forecast: hours that notice has frozen stay, and of the
    /// plans within the gap one is taken that changes few facilities, and these by few MWh; it becomes the parent. A
    /// prices.csv beside it makes that quicker
    #[arg(long, value_name = "PLAN", conflicts_with = "replaces")]
    from: Option<PathBuf>,
    /// With --from: add its cuts in frozen hours to kept.csv of the case where they are missing there
    #[arg(long, requires = "from", conflicts_with = "dry_run")]
    keep: bool,
    /// Also write plan.json, plan.csv (the allocations) and prices.csv (what a MWh more of headroom would save, where
    /// prices prove the bound) into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of the plan on stdout: table for people, json as in plan.json, csv as in plan.csv
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
    /// Only read the case and say what would be planned
    #[arg(long, conflicts_with = "out")]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  kezek plan examples/small
  kezek plan examples/kazakhstan-2022-01 --out plans/kz
  kezek plan examples/rotation-almaty
  kezek plan examples/small --gap 0 --time-limit 120 --format json > plan.json
  kezek plan examples/small --replaces plans/before/plan.json --out plans/after
  kezek plan cases/noon --from plans/morning/plan.json --keep --out plans/noon

Exit codes: 0 planned, all covered; 3 the case has faults, all are told; 4 some shortage stays
uncovered; 6 stopped before the gap asked for, best plan written. 6 goes before 4; the output says
both.";

/// Plans a case.
///
/// # Errors
/// When the case has faults or the plan cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let before = args.from.as_deref().map(input::plan);
    let (case, before) = input::both(Case::read(&args.case), before.transpose())?;
    tracing::info!(
        case = case.name,
        facilities = case.facilities.len(),
        intervals = case.grid.len,
        "case read"
    );
    if args.dry_run {
        output.data(&summary::outlook(&case, args.effort.settings(&case))?)?;
        return Ok(Exit::Done);
    }
    let (case, plan, prices, changes) = match before {
        Some(before) => {
            let case = again::frozen(&args.case, case, &before, args.keep, output)?;
            let prices = args.from.as_deref().filter(|_| again::is_priced(&case));
            let prices = prices.map(|plan| prices::beside(plan, &case, output)).unwrap_or_default();
            let again = again::search(&case, &before, &prices, args.effort.settings(&case), output)?;
            let changes = again::changes(&again.moved);
            (case, again.plan, again.prices, changes)
        }
        None => {
            let (plan, prices) = search(&case, args.effort.settings(&case), output)?;
            (case, Plan { parent: args.replaces.clone(), ..plan }, prices, String::new())
        }
    };
    let json = serde_json::to_string_pretty(&plan)? + "\n";
    let csv = plan.to_csv(case.grid.step_minutes);
    let prices = prices::csv(&prices)?;
    let contents = [("plan.json", json.as_bytes()), ("plan.csv", csv.as_bytes()), (prices::FILE, &prices)];
    let written = args.out.as_ref().map_or(Ok(()), |folder| files::write_all(folder, &contents));
    output.data(&match args.format {
        Format::Json | Format::Jsonl => json,
        Format::Csv => csv,
        Format::Table => summary::table(&case, &plan, output.paint())? + &changes,
    })?;
    if args.format != Format::Table && !changes.is_empty() {
        output.say(changes.trim_end());
    }
    written?;
    Ok(verdict(&plan, output))
}

/// Plans a case, telling where the search stands.
///
/// # Errors
/// When there is no plan.
pub(crate) fn search(
    case: &Case,
    settings: Settings,
    output: &Output,
) -> anyhow::Result<(Plan, Vec<MarginalPrice>)> {
    let stop = interrupt::stop_signal()?;
    let start = Instant::now();
    let mut reporter = Reporter::new(output, case, settings);
    let mut progress = |progress| reporter.tell(progress);
    let mut watch = Watch { elapsed: &|| start.elapsed(), stop: &stop, progress: &mut progress };
    let found = solve_priced(case, settings, &mut watch);
    reporter.finish();
    let (plan, prices) = found?;
    tracing::info!(objective = plan.objective, status = ?plan.status, seconds = plan.seconds, "planned and checked");
    Ok((plan, prices))
}

/// The exit code, with a word on stderr why it is not 0.
pub(crate) fn verdict(plan: &Plan, output: &Output) -> Exit {
    let stopped = plan.status == Status::TimeLimit;
    let uncovered = summary::is_uncovered(plan);
    let shortage = if let Some(said) = plan.uncertainty.as_ref().filter(|_| uncovered) {
        let chance =
            said.scenarios.iter().filter(|own| own.uncovered_mwh > 0.0).map(|own| own.probability).sum();
        format!("something stays uncovered with a probability of {}", figures::percent(chance))
    } else if uncovered {
        format!("{} MWh stay uncovered", figures::one(plan.totals.uncovered_mwh))
    } else {
        "nothing stays uncovered".to_owned()
    };
    let exit = match (stopped, uncovered) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Uncovered,
        (false, false) => return Exit::Done,
    };
    let why = if stopped { format!("stopped before the gap asked for; {shortage}") } else { shortage };
    output.say(&format!("{why} (exit code {})", exit.code()));
    exit
}

/// The digest of a plan that is named by its file or by its digest.
fn parent(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest {
        return Ok(text.to_owned());
    }
    let plan = input::plan(Path::new(text)).map_err(|faults| faults.to_string())?;
    plan.digest().map_err(|error| error.to_string())
}
