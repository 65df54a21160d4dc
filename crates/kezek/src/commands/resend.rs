//! `kezek resend ORDER_NO`: what an alarm was about has been mended.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use kezek_model::ids::OrderNo;

/// Let delivery of an order begin anew, after an alarm was seen to
///
/// The same order goes again, under the same number: a facility that has it already does nothing twice.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek resend 2026-0115-N1-v1")]
pub(crate) struct Args {
    /// The number of the order
    order_no: String,
    #[command(flatten)]
    remote: Remote,
}

/// Lets delivery begin anew.
///
/// # Errors
/// When there is no such order, it has arrived, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let order_no = OrderNo::from(args.order_no.clone());
    args.remote.ask(|client| async move { client.resend(&order_no).await })?;
    output.data(&format!("{} goes out again\n", args.order_no))?;
    Ok(Exit::Done)
}
