//! `kezek send-back DIGEST`: a plan goes back to its author.

use crate::commands::approve::fetch;
use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;

/// Send a plan back to its author, with the reason
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek send-back 3f1c0a7be2d4 --comment \"the west tie is out of service\""
)]
pub(crate) struct Args {
    /// The digest of the plan, 8 or more of its first digits, or `latest` for the newest that waits
    digest: String,
    /// Why, for the author
    #[arg(long, value_name = "TEXT")]
    comment: String,
    #[command(flatten)]
    remote: Remote,
}

/// Sends a plan back.
///
/// # Errors
/// When there is no such plan, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let row = fetch(&args.remote, &args.digest)?.row;
    let (digest, comment) = (row.plan_digest.clone(), args.comment.clone());
    args.remote.ask(|client| async move { client.send_back(&digest, &comment).await })?;
    output.data(&format!("{} is sent back to {}\n", row.plan_digest, row.author))?;
    Ok(Exit::Done)
}
