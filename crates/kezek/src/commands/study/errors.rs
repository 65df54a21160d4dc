//! `kezek study errors FILE`: how past forecast errors are best drawn again.

use crate::exit::{Exit, Refusal};
use crate::input;
use crate::output::Output;
use chrono_tz::Tz;
use kezek_study::errors::{Basis, Columns, Past, choose};
use std::path::PathBuf;

/// Choose how past forecast errors are drawn again, by how well it foretells weeks that it has not seen
///
/// Past days in blocks of one to seven, and normal numbers that remember the hour and the day before, are fitted to three
/// quarters of the weeks and scored on the fourth, in turn. A study whose [[errors]] says `model = "best"` does the same.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The table of past forecasts
    file: PathBuf,
    /// The civil clock of the days
    #[arg(long, value_name = "ZONE", default_value = "Asia/Almaty")]
    time_zone: Tz,
    /// The errors are of generation that may be forecast to be nothing, as wind: shares of the mean forecast
    #[arg(long)]
    supply: bool,
    /// Seed of what is drawn for the scores
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Column with the start of the interval
    #[arg(long, default_value = "time", value_name = "NAME")]
    time_column: String,
    /// Column with what was forecast, in MW
    #[arg(long, default_value = "forecast_mw", value_name = "NAME")]
    forecast_column: String,
    /// Column with what came, in MW
    #[arg(long, default_value = "actual_mw", value_name = "NAME")]
    actual_column: String,
}

const EXAMPLES: &str = "\
Examples:
  kezek study errors examples/winter-study/errors.csv
  kezek study errors opsd.csv --time-zone Europe/Athens --time-column utc_timestamp \\
    --forecast-column GR_load_forecast_entsoe_transparency \\
    --actual-column GR_load_actual_entsoe_transparency

Exit codes: 0 chosen; 3 the table can't be read, or is too short to choose by.";

/// Chooses a model.
///
/// # Errors
/// When the table can't be read or is too short.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let text = input::text(&args.file, "a table of past forecasts")?;
    let columns = Columns {
        time: args.time_column.clone(),
        forecast: args.forecast_column.clone(),
        actual: args.actual_column.clone(),
    };
    let basis = if args.supply { Basis::MeanForecast } else { Basis::Forecast };
    let refused = |error: String| Refusal::rejected(format!("{}, {error}", args.file.display()));
    let past = Past::read(&text, &columns, basis, args.time_zone);
    let past = past.map_err(|error| refused(error.to_string()))?;
    past.left_out().iter().for_each(|told| output.say(told));
    let choice = choose(&past.days, args.seed).map_err(|error| refused(error.to_string()))?;
    output.data(&format!("{choice}\n"))?;
    Ok(Exit::Done)
}
