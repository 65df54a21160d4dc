//! `kezek study`: what planners simulate.

mod errors;
mod gather;
mod progress;
mod replay;
mod run;
mod table;

use crate::exit::Exit;
use crate::output::Output;

/// Simulate seasons: many futures, several scenarios, honest about noise
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
    Errors(errors::Args),
}

/// Does what a verb of studies says.
///
/// # Errors
/// Whatever keeps it from being done.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Run(args) => run::run(args, output),
        Verb::Replay(args) => replay::run(args, output),
        Verb::Gather(args) => gather::run(args, output),
        Verb::Errors(args) => errors::run(args, output),
    }
}
