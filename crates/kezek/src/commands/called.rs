//! `kezek called ORDER_NO`: what was said on the phone.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use kezek_model::ids::OrderNo;

/// Keep what was said when a facility was called about an order
///
/// It is written down with your name and the time. A call is no answer of the facility: only a signed one is.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  kezek called 2026-0115-N1-v1 --answer \"shift leader reduces by hand\"\n  kezek called 2026-0115-N1-v1 --answer \"no reply\""
)]
pub(crate) struct Args {
    /// The number of the order
    order_no: String,
    /// What was said, or that nobody answered
    #[arg(long, value_name = "TEXT")]
    answer: String,
    #[command(flatten)]
    remote: Remote,
}

/// Keeps a call.
///
/// # Errors
/// When there is no such order, nothing was said, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let order_no = OrderNo::from(args.order_no.clone());
    args.remote.ask(|client| async move { client.called(&order_no, &args.answer).await })?;
    output.data(&format!("the call about {} is kept\n", args.order_no))?;
    Ok(Exit::Done)
}
