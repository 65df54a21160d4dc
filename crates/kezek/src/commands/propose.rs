//! `kezek propose CASE PLAN`: a plan goes before the approvers.

use crate::commands::plan::effort::gap;
use crate::exit::Exit;
use crate::input;
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use kezek_model::case::CaseFiles;
use kezek_model::order::Priority;
use kezek_server::api::ProposeBody;
use std::path::PathBuf;

/// Lay a plan before the approvers
///
/// The control room reads the case itself and checks the plan anew; a plan that fails is refused, with every broken
/// rule. Prints the digest by which it is approved, by another person than you and before its window begins; in an emergency
/// by you as well, and until its window ends.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// The plan, a plan.json
    plan: PathBuf,
    /// What the approvers should know
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    comment: String,
    /// The relative gap that was asked for when the plan was made, if not that of the case
    #[arg(long, value_parser = gap, value_name = "GAP")]
    gap: Option<f64>,
    /// One person lets the orders leave at once, you too; another must approve within 15 minutes, else what has not left
    /// waits
    #[arg(long, conflicts_with = "drill")]
    emergency: bool,
    /// The orders are an exercise: they are delivered and answered, and move no load
    #[arg(long)]
    drill: bool,
    /// Form of the answer
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

impl Args {
    /// As the settings of the control room say, where nothing is said here.
    fn priority(&self) -> Option<Priority> {
        match (self.emergency, self.drill) {
            (true, _) => Some(Priority::Emergency),
            (_, true) => Some(Priority::Drill),
            _ => None,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  kezek propose cases/tomorrow plans/tomorrow/plan.json --comment \"the evening\"
  kezek propose cases/tomorrow plans/tomorrow/plan.json --token-file my.token
  kezek propose cases/now plans/now/plan.json --emergency --comment \"unit 3 has tripped\"

Exit codes: 0 proposed; 3 the case has faults; 7 you may not, the plan fails its check, or its
window has begun; 8 no answer.";

/// Proposes a plan.
///
/// # Errors
/// When case or plan cannot be read, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (case, plan) = input::both(CaseFiles::from_folder(&args.case), input::plan(&args.plan))?;
    let (comment, asked_gap) = (args.comment.clone(), args.gap);
    let body = ProposeBody { case, plan, comment, asked_gap, priority: args.priority() };
    let (proposed, status) = args.remote.ask(|client| async move {
        let proposed = client.propose(&body).await?;
        let status = client.proposal(&proposed.plan_digest).await?.row.status;
        Ok((proposed, status))
    })?;
    if args.format == Format::Json {
        output.data(&json(&proposed)?)?;
    } else {
        output.data(&format!("{}\n", proposed.plan_digest))?;
        output.say(next_step(&status));
    }
    Ok(Exit::Done)
}

fn next_step(status: &str) -> &'static str {
    match status {
        "clash" => {
            "proposed and the check holds, but it cannot be approved: another plan was approved for this time \
             (`kezek proposals` lists them)"
        }
        _ => "proposed; the check holds. Another person approves it: kezek approve DIGEST",
    }
}
