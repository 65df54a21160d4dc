//! `kezek freeze`: one person stops everything that leaves.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;

/// Stop everything that leaves, until two people thaw it
///
/// No approval, no recall, no delivery. It holds within a second and outlives a restart. What facilities were told before holds, and nothing restores by it;
/// answers, readings and warnings go on, and so does the phone.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  kezek freeze --reason \"the forecast is of yesterday\"\n  kezek thaw --help"
)]
pub(crate) struct Args {
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// Freezes.
///
/// # Errors
/// When it is frozen already, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    args.remote.ask(|client| async move { client.freeze(&args.reason).await })?;
    output.data("frozen: nothing leaves until two people thaw it (kezek thaw)\n")?;
    Ok(Exit::Done)
}
