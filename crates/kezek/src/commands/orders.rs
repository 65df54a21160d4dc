//! `kezek orders list|phone|show|watch`: what was ordered, and what became of it.

mod list;
mod phone;
mod show;
mod watch;

use crate::exit::Exit;
use crate::output::Output;

/// Orders: received, accepted, achieved
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    List(list::Args),
    Phone(phone::Args),
    Show(show::Args),
    Watch(watch::Args),
}

/// Lists, shows or watches orders.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list::run(args, output),
        Verb::Phone(args) => phone::run(args, output),
        Verb::Show(args) => show::run(args, output),
        Verb::Watch(args) => watch::run(args, output),
    }
}

/// Shows an order as [`show`] does.
pub(super) use show::text as shown;
