//! `kezek schedule show FILE`: a standing order in plain words.

use crate::clock;
use crate::exit::Exit;
use crate::input;
use crate::output::Output;
use chrono::{DateTime, Utc};
use kezek_model::schedule::StandingOrder;
use std::path::PathBuf;

/// Standing orders: what they mean
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Show(Show),
}

/// Say in plain words and in UTC what a standing order means
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Show {
    /// The standing order, a TOML file
    file: PathBuf,
    /// Whether it holds at this instant, until when, or when next
    #[arg(long, value_name = "INSTANT", value_parser = clock::instant)]
    at: Option<DateTime<Utc>>,
    /// Whether it means this grid zone; or the same instants on the clock of this IANA time zone
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  kezek schedule show schedules/2022-01-24-suspension.toml
  kezek schedule show schedules/evening-window.toml --at 2024-02-29T23:30+06:00
  kezek schedule show schedules/2026-01-24-west.toml --zone west
  kezek schedule show schedules/2022-01-24-suspension.toml --zone Asia/Oral";

/// Shows an order.
///
/// # Errors
/// When the file is no standing order; all that is wrong with it.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let Verb::Show(show) = &args.verb;
    let text = input::text(&show.file, "a standing order in TOML")?;
    let order = StandingOrder::parse(&show.file.display().to_string(), &text)?;
    output.data(&format!("{}\n", order.describe(show.at, show.zone.as_deref())))?;
    Ok(Exit::Done)
}
