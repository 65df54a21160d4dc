//! `kezek scenarios CASE --errors FILE --out DIR`: scenarios of the headroom, drawn from past forecast errors.

use crate::clock::instant;
use crate::exit::{Exit, Refusal};
use crate::figures::{change, count, one};
use crate::files;
use crate::input;
use crate::output::Output;
use crate::table::Columns as Table;
use kezek_model::case::{Case, CaseFiles};
use kezek_model::ids::ZoneId;
use kezek_model::plan::utc_text;
use kezek_study::derived::portable;
use kezek_study::errors::{Columns, Day, Drawn, Series, draw, forecast_csv};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Draw scenarios of the headroom from past forecast errors
///
/// CASE is a folder with one forecast. FILE is a table of past forecasts of the demand: a column with the start of each
/// interval (RFC 3339, with offset) and two columns in MW, what was forecast and what came. Errors are taken as shares of
/// the forecast, by the hour of the clock of the case. For every scenario, and every civil day of the horizon, one past
/// day is drawn with replacement, the same for all zones, and its errors are laid over the forecast:
///
///   headroom = forecast headroom - demand x (actual - forecast) / forecast
///
/// The demand of a zone is what its facilities nominate, unless --demand-mw says more: the errors are those of the whole
/// demand, of which mining may be a small part.
///
/// Writes a copy of the case into DIR whose forecast.csv has the columns scenario and probability. `kezek plan DIR` then
/// plans one cut for all of them. Where case.toml has no [risk], --known-at adds it.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// The table of past forecasts
    #[arg(long, value_name = "FILE")]
    errors: PathBuf,
    /// How many scenarios to draw, all with the same probability
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=1000))]
    count: u16,
    /// Seed of what is drawn; the same case, table and seed give the same scenarios
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The folder for the copy of the case; it must not hold a case yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Demand of a zone in MW that the errors are a share of; else what its facilities nominate
    #[arg(long, value_name = "ZONE=MW", value_parser = demand)]
    demand_mw: Vec<(ZoneId, f64)>,
    /// Column with the start of the interval
    #[arg(long, default_value = "time", value_name = "NAME")]
    time_column: String,
    /// Column with the demand as it was forecast, in MW
    #[arg(long, default_value = "forecast_mw", value_name = "NAME")]
    forecast_column: String,
    /// Column with the demand as it was, in MW
    #[arg(long, default_value = "actual_mw", value_name = "NAME")]
    actual_column: String,
    /// When it is known which scenario holds; writes [risk] where case.toml has none
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    known_at: Option<chrono::DateTime<chrono::Utc>>,
    /// With --known-at: the tail is the worst 1 - ALPHA
    #[arg(long, default_value_t = 0.95, value_name = "ALPHA", value_parser = alpha, requires = "known_at")]
    alpha: f64,
    /// With --known-at: price of a MWh of the tail's mean uncovered energy
    #[arg(long, default_value_t = 0.0, value_name = "PRICE", value_parser = weight, requires = "known_at")]
    weight: f64,
}

const EXAMPLES: &str = "\
Examples:
  kezek scenarios examples/small --errors past.csv --out cases/drawn --known-at 2026-01-15T13:00:00Z
  kezek scenarios cases/tomorrow --errors opsd.csv --count 50 --seed 7 --out cases/drawn \\
    --time-column utc_timestamp --forecast-column GR_load_forecast_entsoe_transparency \\
    --actual-column GR_load_actual_entsoe_transparency --demand-mw north=9000 --demand-mw south=3000
  kezek plan cases/drawn

Exit codes: 0 drawn; 3 the case or the table was refused, nothing is written.";

/// Most rows of the table that is printed.
const MOST_ROWS: usize = 50;

fn demand(text: &str) -> Result<(ZoneId, f64), String> {
    let read = text.split_once('=').and_then(|(zone, mw)| Some((zone, mw.parse::<f64>().ok()?)));
    match read {
        Some((zone, mw)) if !zone.is_empty() && mw.is_finite() && mw >= 0.0 => Ok((zone.into(), mw)),
        _ => Err("name a zone and its demand, for instance north=9000".into()),
    }
}

fn alpha(text: &str) -> Result<f64, String> {
    let alpha: f64 = text.parse().map_err(|_| "a share is a number, for instance 0.95")?;
    if (0.0..=0.999_999).contains(&alpha) { Ok(alpha) } else { Err("from 0 to 0.999999".into()) }
}

fn weight(text: &str) -> Result<f64, String> {
    let weight: f64 = text.parse().map_err(|_| "a price is a number, for instance 1500")?;
    if (0.0..=1e9).contains(&weight) { Ok(weight) } else { Err("a price of at least 0".into()) }
}

/// Draws scenarios.
///
/// # Errors
/// When the case or the table is refused, or the copy cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let files = CaseFiles::from_folder(&args.case)?;
    let case = Case::parse(&files)?;
    let days = args.days(&case)?;
    args.refuse(&case, &days)?;
    let base: BTreeMap<ZoneId, f64> = args.demand_mw.iter().cloned().collect();
    let drawn = draw(&case, &days, usize::from(args.count), args.seed, &base);
    let copy = args.copy(&case, files, &drawn)?;
    // Whatever is written can be read: the faults of a copy are told before anything stands there.
    Case::parse(&copy)?;
    files::write_case(&args.out, &copy)?;
    output.data(&account(&case, &days, &drawn))?;
    if case.risk.is_none() && args.known_at.is_none() {
        output.say("case.toml has no [risk]: no scenario will be known before the horizon is over, and risk has no price");
    }
    Ok(Exit::Done)
}

impl Args {
    fn days(&self, case: &Case) -> anyhow::Result<Vec<Day>> {
        let columns = Columns {
            time: self.time_column.clone(),
            forecast: self.forecast_column.clone(),
            actual: self.actual_column.clone(),
        };
        let text = input::text(&self.errors, "a table of past forecasts")?;
        let series = Series::parse(&text, &columns)
            .map_err(|fault| Refusal::rejected(format!("{}, {fault}", self.errors.display())))?;
        Ok(series.days(case.grid.time_zone))
    }

    fn refuse(&self, case: &Case, days: &[Day]) -> anyhow::Result<()> {
        files::refuse_existing(&self.out.join("case.toml"))?;
        if case.scenarios.len() > 1 {
            return Err(Refusal::rejected(
                "the case has scenarios already; draw from one with a single forecast",
            ));
        }
        if days.is_empty() {
            let why = "has no civil day with a value for every hour; a day of the clock of the case is drawn as a whole";
            return Err(Refusal::rejected(format!("{} {why}", self.errors.display())));
        }
        if let Some((zone, _)) = self.demand_mw.iter().find(|(zone, _)| case.zone_index(zone).is_none()) {
            return Err(Refusal::rejected(format!(
                "--demand-mw names the zone {zone}, which the case does not have"
            )));
        }
        if case.risk.is_some() && self.known_at.is_some() {
            return Err(Refusal::rejected("case.toml has [risk] already; leave --known-at out"));
        }
        Ok(())
    }

    /// The files of the case with another forecast; schedules come along, as their paths lead out of the folder.
    fn copy(&self, case: &Case, files: CaseFiles, drawn: &[Drawn]) -> anyhow::Result<CaseFiles> {
        let mut copy = portable(files)?;
        let settings = copy.files.remove("case.toml").unwrap_or_default();
        let mut toml = String::from_utf8_lossy(&settings).into_owned();
        if let Some(known_at) = self.known_at {
            let (alpha, weight) = (self.alpha, self.weight);
            let at = utc_text(known_at);
            toml += &format!("\n[risk]\nalpha = {alpha:?}\nweight = {weight:?}\nknown_at = {at}\n");
        }
        copy.files.insert("case.toml".to_owned(), toml.into_bytes());
        copy.files.insert("forecast.csv".to_owned(), forecast_csv(case, drawn).into_bytes());
        Ok(copy)
    }
}

/// What was drawn, for a planner's eyes.
fn account(case: &Case, days: &[Day], drawn: &[Drawn]) -> String {
    let (first, last) = (days.first().map(|day| day.date), days.last().map(|day| day.date));
    let span = first.zip(last).map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
    let scenarios = count(drawn.len(), "scenario", "scenarios");
    let mut text = format!("{scenarios} from {}{span}\n\n", count(days.len(), "whole day", "whole days"));
    let mut table =
        Table::new(2, &["scenario", "drawn from", "headroom against the forecast, MWh", "worst, MW"]);
    for own in drawn.iter().take(MOST_ROWS) {
        let moved = moved_mw(case, own);
        let mwh: f64 = moved.iter().sum::<f64>() * case.grid.hours();
        let worst = moved.iter().copied().fold(f64::INFINITY, f64::min);
        let dates: Vec<String> = own.days.iter().take(2).map(ToString::to_string).collect();
        let more = own.days.len().checked_sub(3).map(|_| format!(", and {} more", own.days.len() - 2));
        table.row([
            own.id.clone(),
            dates.join(", ") + &more.unwrap_or_default(),
            change(mwh, 1),
            change(worst, 1),
        ]);
    }
    text += &table.text();
    if drawn.len() > MOST_ROWS {
        text += &format!("  and {} more\n", drawn.len() - MOST_ROWS);
    }
    let all: Vec<f64> = drawn.iter().flat_map(|own| moved_mw(case, own)).collect();
    let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
    let spread = (all.iter().map(|mw| (mw - mean).powi(2)).sum::<f64>() / all.len().max(1) as f64).sqrt();
    text + &format!(
        "\nall zones together: {} MW on the mean, {} MW standard deviation\n",
        change(mean, 1),
        one(spread)
    )
}

/// By how much the headroom of all zones is another one than forecast, per interval.
fn moved_mw(case: &Case, own: &Drawn) -> Vec<f64> {
    let forecast = &case.scenarios[0].headroom_mw;
    let zones = || own.headroom_mw.iter().zip(forecast);
    (0..case.grid.len).map(|t| zones().map(|(drawn, forecast)| drawn[t] - forecast[t]).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_is_a_zone_and_a_number() {
        assert_eq!(demand("north=9000"), Ok(("north".into(), 9000.0)));
        for wrong in ["north", "=5", "north=", "north=-1", "north=inf"] {
            assert!(demand(wrong).is_err(), "{wrong}");
        }
    }
}
