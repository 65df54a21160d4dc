//! `kezek completions SHELL`.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::output::Output;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Print what a shell needs to complete the command line
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek completions bash > ~/.local/share/bash-completion/completions/kezek"
)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
///
/// # Errors
/// When stdout does not take them.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kezek", &mut script);
    output.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
