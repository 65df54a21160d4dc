//! `kezek resume`: two people let issuing go on after a promise was found broken.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::{Remote, token_in};
use std::path::PathBuf;

/// Let issuing go on after the control room stopped it, as two people
///
/// The control room stops issuing when an order would break a promise; `kezek status` says which. Deliveries that were
/// approved before go on meanwhile.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek resume --reason \"the plan was wrong and is returned\" --second-token-file chief.token"
)]
pub(crate) struct Args {
    /// Why it is safe
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The file with the token of the second person
    #[arg(long, value_name = "FILE")]
    second_token_file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Lets issuing go on.
///
/// # Errors
/// When issuing has not stopped, both are one person, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let second = token_in(&args.second_token_file)?;
    args.remote.ask(|client| async move { client.resume(&args.reason, &second).await })?;
    output.data("issuing goes on\n")?;
    Ok(Exit::Done)
}
