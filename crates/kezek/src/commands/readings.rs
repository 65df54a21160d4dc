//! `kezek readings FILE.csv`: meter values that a person or a grid company enters.

use crate::exit::Exit;
use crate::figures::count;
use crate::input;
use crate::output::Output;
use crate::remote::{Remote, runtime};
use anyhow::Context as _;
use kezek_model::readings;
use kezek_model::receipt::Reading;
use kezek_server::Client;
use kezek_server::limits::MAX_READINGS;
use std::path::PathBuf;

/// Enter meter readings from a table
///
/// The columns are facility, interval_start, interval_end (RFC 3339 with offset), mean_mw (the mean over the interval, at
/// most three decimals), quality (ok, estimated or bad) and source. All that is wrong with the table is said at once, and
/// nothing of it is entered then. Readings that are known already change nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The table
    file: PathBuf,
    /// Only read the table
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    remote: Remote,
}

const EXAMPLES: &str = "\
Examples:
  kezek readings meters.csv
  kezek readings meters.csv --dry-run

A row:
  N1,2026-01-15T17:00:00+05:00,2026-01-15T18:00:00+05:00,12.0,ok,grid-company";

/// Enters readings.
///
/// # Errors
/// When the table has faults, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let text = input::text(&args.file, readings::EXPECTED)?;
    let readings = readings::read(&args.file.display().to_string(), &text)?;
    let found = count(readings.len(), "reading", "readings");
    if args.dry_run {
        output.data(&format!("{found}, not entered\n"))?;
        return Ok(Exit::Done);
    }
    let client = args.remote.client()?;
    let news = runtime()?.block_on(enter(&client, &readings))?;
    output.data(&match news {
        true => format!("{found} entered\n"),
        false => format!("{found}, all of them known before\n"),
    })?;
    Ok(Exit::Done)
}

/// Enters them in pieces that the control room takes; says whether something was new.
async fn enter(client: &Client, readings: &[Reading]) -> anyhow::Result<bool> {
    let mut news = false;
    for (place, piece) in readings.chunks(MAX_READINGS).enumerate() {
        let before = || match place * MAX_READINGS {
            0 => "nothing was entered".to_owned(),
            entered => format!(
                "the first {entered} readings were entered; entering the whole table again is harmless"
            ),
        };
        news |= client.readings(piece.to_vec()).await.with_context(before)?.taken;
    }
    Ok(news)
}
