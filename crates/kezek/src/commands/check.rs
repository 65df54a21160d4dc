//! `kezek check CASE PLAN`: the independent judge.

use crate::commands::plan::effort::gap;
use crate::exit::Exit;
use crate::figures;
use crate::input;
use crate::output::{Format, Output};
use kezek_model::case::Case;
use kezek_model::plan::Plan;
use kezek_planner::check::{Finding, Report, check};
use serde::Serialize;
use std::path::PathBuf;

/// Judge any plan of a case, wherever it comes from
///
/// Everything is computed again from the case, without the code that plans. Ends with 0 when the plan holds and with 9
/// when not, with every broken rule, its facility and interval.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// The plan, a plan.json
    plan: PathBuf,
    /// The relative gap that was asked for when the plan was made, if not that of the case
    #[arg(long, value_parser = gap, value_name = "GAP")]
    gap: Option<f64>,
    /// Form of the judgement
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Jsonl]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek check examples/small plans/small/plan.json
  kezek check examples/small plans/small/plan.json --format json
  kezek check examples/small plans/small/plan.json --format jsonl   (one finding per line)";

#[derive(Serialize)]
struct Judgement<'a> {
    case: &'a str,
    case_digest: String,
    plan_digest: String,
    holds: bool,
    findings: &'a [Finding],
}

/// Judges a plan.
///
/// # Errors
/// When the case or the plan cannot be read; the faults of both together.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (case, plan) = input::both(Case::read(&args.case), input::plan(&args.plan))?;
    let report = check(&case, &plan, args.gap);
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&judgement(&case, &plan, &report)?)? + "\n",
        Format::Jsonl => lines(&report.findings)?,
        Format::Table | Format::Csv => sentences(&case, &plan, &report)?,
    };
    output.data(&text)?;
    if report.passed() {
        return Ok(Exit::Done);
    }
    output.complain(&format!("{}; the plan does not hold", broken(&report)));
    Ok(Exit::NotVerified)
}

fn judgement<'a>(case: &'a Case, plan: &Plan, report: &'a Report) -> anyhow::Result<Judgement<'a>> {
    Ok(Judgement {
        case: &case.name,
        case_digest: case.digest()?,
        plan_digest: plan.digest()?,
        holds: report.passed(),
        findings: &report.findings,
    })
}

fn lines(findings: &[Finding]) -> anyhow::Result<String> {
    let line = |finding| Ok(serde_json::to_string(finding)? + "\n");
    findings.iter().map(line).collect()
}

fn sentences(case: &Case, plan: &Plan, report: &Report) -> anyhow::Result<String> {
    if report.passed() {
        let (name, digest) = (&case.name, plan.digest()?);
        let rows = figures::count(plan.allocations.len(), "allocation", "allocations");
        return Ok(format!("the plan holds: case {name}, {rows}, digest {digest}\n"));
    }
    Ok(report.findings.iter().map(|finding| format!("{finding}\n")).collect())
}

fn broken(report: &Report) -> String {
    figures::count(report.findings.len(), "broken rule", "broken rules")
}
