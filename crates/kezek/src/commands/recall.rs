//! `kezek recall ORDER_NO`: an order is withdrawn.

use crate::commands::orders::shown;
use crate::confirm::confirm;
use crate::exit::Exit;
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use chrono_tz::Tz;
use kezek_model::ids::OrderNo;

/// Withdraw an order; what held below it holds again
///
/// The facility gets an order that withdraws, with a number and an answer of its own. Its load may return then: at once,
/// or in the slots that the order names where the zone limits what returns.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek recall 2026-0115-N1-v1 --reason \"unit 3 is back\"")]
pub(crate) struct Args {
    /// The number of the order
    order_no: String,
    /// Why; the facility reads it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Form of the answer
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// Withdraws an order.
///
/// # Errors
/// When there is no such order, nobody says yes, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let order_no = OrderNo::from(args.order_no.clone());
    if !args.yes {
        let asked = order_no.clone();
        let (detail, now) = args
            .remote
            .ask(|client| async move { Ok((client.order(&asked).await?, client.status().await?.now)) })?;
        output.complain(&shown(&detail, Tz::UTC, now));
    }
    confirm(args.yes, "Withdraw this order, so that its load may return?", output)?;
    let reason = args.reason.clone();
    let recalled = args.remote.ask(|client| async move { client.recall(&order_no, &reason).await })?;
    output.data(&match args.format {
        Format::Json => json(&recalled)?,
        _ => format!("{} is withdrawn by {}\n", args.order_no, recalled.recall_order_no),
    })?;
    Ok(Exit::Done)
}
