//! `kezek man`, for whoever packages Kezek.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::Context as _;
use clap::CommandFactory as _;
use std::path::PathBuf;

/// Print the man page, or write one per verb
#[derive(clap::Args, Debug)]
#[command(hide = true)]
pub(crate) struct Args {
    /// Write the pages of all verbs into this folder instead
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints or writes the pages.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        output.data(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Done);
    };
    let place = || format!("cannot write man pages into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(place)?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(place)?;
    Ok(Exit::Done)
}
