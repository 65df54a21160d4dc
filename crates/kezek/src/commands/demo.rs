//! `kezek demo`: a control room and forty pretend facilities play the week of 24 to 31 January 2022.

use crate::exit::Exit;
use crate::files;
use crate::output::{Format, Output};
use kezek_server::demo::{Counts, Options, play};
use std::io::Write as _;
use std::path::PathBuf;

/// Play the week of 24 to 31 January 2022 on a fast clock
///
/// A control room and forty pretend facilities on loopback, each running the agent's own code with its own key and
/// store over real HTTP: some slow, one offline, one that refuses, one that says yes and does not cut. The clock leaps
/// to the next due moment and stands while anything is in flight.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// End with the week instead of serving on until Ctrl-C
    #[arg(long)]
    once: bool,
    /// Form of the result on stdout; with json the story goes to stderr
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = Format::one_of(&[Format::Table, Format::Json]))]
    format: Format,
    /// Address and port of the control room; port 0 for any
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    /// A new folder for journal, keys and stores; without it one that is gone after --once
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  kezek demo
  kezek demo --listen 127.0.0.1:8080 --folder /tmp/kezek-demo
  kezek demo --once --format json";

/// Plays the demo.
///
/// # Errors
/// When the folder holds a journal already, or a part of it fails.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let own = std::env::temp_dir().join(format!("kezek-demo-{}", std::process::id()));
    let folder = args.folder.clone().unwrap_or_else(|| own.clone());
    files::refuse_existing(&folder.join("kezek.db"))?;
    let options = Options { folder, listen: args.listen.clone(), once: args.once };
    let json = args.format == Format::Json;
    let played = tokio::runtime::Runtime::new()?.block_on(tell(&options, json));
    if args.once && args.folder.is_none() {
        // What is left behind is only a temporary folder.
        let _ = std::fs::remove_dir_all(&own);
    }
    let counts = played?;
    if json {
        output.data(&format!("{}\n", serde_json::to_string(&counts)?))?;
    }
    Ok(if counts.journal_ok { Exit::Done } else { Exit::NotVerified })
}

async fn tell(options: &Options, json: bool) -> anyhow::Result<Counts> {
    let mut listener = |line: &str| {
        // A reader who has gone does not stop the week.
        let _ =
            if json { writeln!(std::io::stderr(), "{line}") } else { writeln!(std::io::stdout(), "{line}") };
    };
    let stop = async {
        // Without signals nothing but the end of the process stops it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    Ok(play(options, &mut listener, stop).await?)
}
