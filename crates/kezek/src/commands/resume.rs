//! `kezek resume`: two people let issuing go on after a promise was found broken.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use crate::two_people::TwoPeople;

/// Let issuing go on after the control room stopped it, as two people
///
/// The control room stops issuing when an order would break a promise; `kezek status` says which. Deliveries that were
/// approved before go on meanwhile.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek resume --reason \"the plan was wrong and is returned\" --second-token-file chief.token"
)]
pub(crate) struct Args {
    #[command(flatten)]
    people: TwoPeople,
    #[command(flatten)]
    remote: Remote,
}

/// Lets issuing go on.
///
/// # Errors
/// When issuing has not stopped, both are one person, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let second = args.people.second_token()?;
    args.remote.ask(|client| async move { client.resume(&args.people.reason, &second).await })?;
    output.data("issuing goes on\n")?;
    Ok(Exit::Done)
}
