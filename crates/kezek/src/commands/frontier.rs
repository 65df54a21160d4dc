//! `kezek frontier CASE`: what it costs to spread the burden.

mod chart;
mod summary;

use crate::commands::plan::effort::Effort;
use crate::commands::plan::progress::Reporter;
use crate::exit::Exit;
use crate::files;
use crate::interrupt;
use crate::output::{Format, Output, json};
use kezek_model::case::{Case, Policy};
use kezek_planner::frontier::{Frontier, frontier};
use kezek_planner::solve::Watch;
use std::path::PathBuf;
use std::time::Instant;

/// Draw the price of fairness: cost against highest burden
///
/// The burden of a facility is the share of its energy that it has had cut. The least-cost plan cuts the cheapest
/// facilities again and again; with a limit on the highest burden others take their part, which costs more. The frontier
/// has the best plan found under one limit after the other, each with a proven bound: from the floor, below which more
/// than the least shortage would stay uncovered, to the burden of the least-cost plan. At the floor itself a little more
/// may stay uncovered: it is proven by prices, and facilities that move in blocks may not quite reach it.
///
/// The shadow price says by how much the bound falls where the limit rises by one percentage point: what the last point
/// of fairness costs there. Uncovered energy is priced as in the case, also where the case's policy is another.
///
/// The gap is that of each point; the seconds are shared out among the points.
///
/// Ctrl-C stops the search and keeps the points so far; twice ends at once.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// Limits that are tried, the floor and the least-cost plan among them
    #[arg(long, default_value = "10", value_parser = clap::value_parser!(u32).range(2..=200), value_name = "N")]
    points: u32,
    /// Whose burden: equal-share that of this horizon, rotation with the past of ledger.csv; else that of the case's policy
    /// (of equal-share for least-cost)
    #[arg(long, value_name = "POLICY", value_parser = policy)]
    policy: Option<Policy>,
    #[command(flatten)]
    effort: Effort,
    /// Also write the frontier to this file: JSON where it ends in .json, else CSV
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Form of the frontier on stdout: table with a curve for people, json with everything, csv one row a point
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek frontier examples/rotation-almaty
  kezek frontier examples/rotation-almaty --policy equal-share --points 5
  kezek frontier examples/west-island --format csv --out frontier.json

Columns of the csv: limit,burden,objective,bound,gap,cost,uncovered_mwh,shadow_price. Burdens are shares,
objective is cost with uncovered energy at its price, shadow_price is money per percentage point.

Exit codes: 0 all points within the gap asked for; 3 the case has faults, all are told; 6 some point
is missing or its gap is wider, all that was found is shown.";

/// Draws a frontier.
///
/// # Errors
/// When the case has faults or the frontier cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let mut case = Case::read(&args.case)?;
    case.objective.policy = args.policy.unwrap_or(case.objective.policy);
    let frontier = search(args, &case, output)?;
    let written = args.out.as_ref().map_or(Ok(()), |path| write(path, &frontier));
    output.data(&match args.format {
        Format::Json | Format::Jsonl => json(&frontier)?,
        Format::Csv => summary::csv(&frontier),
        Format::Table => summary::table(&frontier, output.paint()),
    })?;
    written?;
    if frontier.is_complete {
        return Ok(Exit::Done);
    }
    let code = Exit::Stopped.code();
    output.say(&format!("not all points are there and within the gap asked for (exit code {code})"));
    Ok(Exit::Stopped)
}

fn search(args: &Args, case: &Case, output: &Output) -> anyhow::Result<Frontier> {
    let settings = args.effort.settings(case);
    let stop = interrupt::stop_signal()?;
    let start = Instant::now();
    let mut reporter = Reporter::new(output, case, settings);
    let mut progress = |progress| reporter.tell(progress);
    let mut watch = Watch { elapsed: &|| start.elapsed(), stop: &stop, progress: &mut progress };
    let frontier = frontier(case, args.points as usize, settings, &mut watch);
    reporter.finish();
    Ok(frontier?)
}

fn write(path: &std::path::Path, frontier: &Frontier) -> anyhow::Result<()> {
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let text = if is_json { json(frontier)? } else { summary::csv(frontier) };
    files::write(path, text.as_bytes())
}

fn policy(text: &str) -> Result<Policy, String> {
    match text {
        "equal-share" => Ok(Policy::EqualShare),
        "rotation" => Ok(Policy::Rotation),
        _ => Err("a burden is that of equal-share or of rotation".to_owned()),
    }
}
