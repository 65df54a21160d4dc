//! `kezek thaw`: two people let orders leave again.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use crate::two_people::TwoPeople;

/// Let orders leave again after a freeze, as two people
///
/// What waited goes at once.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek thaw --reason \"the plan is of today\" --second-token-file chief.token"
)]
pub(crate) struct Args {
    #[command(flatten)]
    people: TwoPeople,
    #[command(flatten)]
    remote: Remote,
}

/// Thaws.
///
/// # Errors
/// When it is not frozen, both are one person, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let second = args.people.second_token()?;
    args.remote.ask(|client| async move { client.thaw(&args.people.reason, &second).await })?;
    output.data("thawed: orders leave again\n")?;
    Ok(Exit::Done)
}
