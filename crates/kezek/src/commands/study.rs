//! `kezek study`: what planners simulate, and questions to a case that nobody carries out.

mod errors;
mod gather;
mod instead;
mod progress;
mod replay;
mod report;
mod run;
mod stress;
mod table;

use crate::commands::plan;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use kezek_model::case::{Case, CaseFiles};
use kezek_model::plan::{Plan, Status};
use kezek_study::derived::files_of;
use std::path::Path;

/// Simulate seasons, and ask what would have been and what if
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Run(run::Args),
    Replay(replay::Args),
    Gather(gather::Args),
    Report(report::Args),
    Errors(errors::Args),
    Instead(instead::Args),
    Stress(stress::Args),
}

/// Makes a study.
///
/// # Errors
/// When the case has faults, or what was found cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Run(args) => run::run(args, output),
        Verb::Replay(args) => replay::run(args, output),
        Verb::Gather(args) => gather::run(args, output),
        Verb::Report(args) => report::run(args, output),
        Verb::Errors(args) => errors::run(args, output),
        Verb::Instead(args) => instead::run(args, output),
        Verb::Stress(args) => stress::run(args, output),
    }
}

/// A changed case and its plan, each as any other verb reads it: the case is the folder itself.
fn write(folder: &Path, files: CaseFiles, changed: &Case, plan: &Plan) -> anyhow::Result<()> {
    let mut copy = files_of(files, changed)?;
    copy.files.insert("plan.json".to_owned(), (serde_json::to_string_pretty(plan)? + "\n").into_bytes());
    copy.files.insert("plan.csv".to_owned(), plan.to_csv(changed.grid.step_minutes).into_bytes());
    files::write_case(folder, &copy)
}

/// The exit code of several plans: that of the worst.
fn verdict(plans: &[&Plan], output: &Output) -> Exit {
    let badness = |plan: &&&Plan| (plan.status == Status::TimeLimit, plan::is_uncovered(plan));
    plans.iter().max_by_key(badness).map_or(Exit::Done, |worst| plan::verdict(worst, output))
}

/// A figure of a file: whole kW or kWh, without the dust of sums.
fn figure(value: f64) -> String {
    ((value * 1000.0).round() / 1000.0 + 0.0).to_string()
}
