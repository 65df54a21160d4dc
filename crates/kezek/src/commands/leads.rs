//! `kezek leads CASE --totals FILE`: load that began in a zone and that nobody has declared.

mod table;

use crate::exit::Exit;
use crate::figures::count;
use crate::input;
use crate::output::{Format, Output, json};
use crate::table::Columns;
use kezek_model::case::Case;
use kezek_model::fault::Faults;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::lead::Lead;
use kezek_model::readings;
use kezek_model::receipt::Reading;
use kezek_study::leads::{LEAST_DAYS, Prepared, Search, Total, leads, prepare};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Find load that nobody has declared: leads, never accusations
///
/// From the metered total of each zone the readings of its registered facilities are taken off. What is left is
/// regressed on weekday, season, and temperature and expected load where they are given; a lead is a step up of the rest
/// that stays and is alike in all quarters of the day, as a load is that runs around the clock.
///
/// Its confidence says how seldom the noise of this zone alone shows such a step anywhere in these days; its size is
/// told with the range that nine of ten estimates of noise keep to. A new lawful consumer, a feeder switched over, a power
/// plant behind a meter that has stopped or a meter that was exchanged look the same: a lead is a place to look. Load that
/// was there before the table begins, or that grows slowly, is not seen.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case: its zones, registered facilities and civil clock
    case: PathBuf,
    /// What zones drew: zone, interval_start (whole hours, with offset), total_mw; temperature_c, expected_mw if known
    #[arg(long, value_name = "FILE")]
    totals: PathBuf,
    /// Readings of the registered facilities, as `kezek readings` takes them
    #[arg(long, value_name = "FILE")]
    readings: Option<PathBuf>,
    /// Tell no lead of less confidence
    #[arg(long, default_value_t = 0.8, value_name = "SHARE", value_parser = share)]
    least_confidence: f64,
    /// How many draws of noise the confidence rests on
    #[arg(long, default_value_t = 199, value_name = "N", value_parser = clap::value_parser!(u32).range(19..=9999))]
    draws: u32,
    /// Seed of the draws; the same tables and seed give the same leads
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Form of the leads
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek leads cases/tomorrow --totals zones.csv --readings meters.csv
  kezek leads cases/tomorrow --totals zones.csv --least-confidence 0.95 --format csv

A row of the totals:
  south,2026-01-15T17:00:00+05:00,4210.5,-14.2

Exit codes: 0 searched, whatever was found; 3 the case or a table was refused.";

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| (0.0..1.0).contains(share));
    share.ok_or_else(|| "a share from 0 to below 1, for instance 0.9".to_owned())
}

/// What was found, and what it rests on.
#[derive(Serialize)]
struct Found {
    leads: Vec<Lead>,
    zones: Vec<Searched>,
    seed: u64,
    draws: u32,
}

/// A zone, and what was known of it.
#[derive(Serialize)]
struct Searched {
    zone: ZoneId,
    days: usize,
    hours_left_out: usize,
    unmetered_facilities: Vec<FacilityId>,
}

/// Prints the leads.
///
/// # Errors
/// When the case or a table has faults.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let case = Case::read(&args.case)?;
    let zones = case.zones.iter().map(|zone| zone.id.clone()).collect();
    let totals = input::text(&args.totals, table::EXPECTED)
        .and_then(|text| table::read(&args.totals.display().to_string(), &text, &zones));
    let (totals, readings) = input::both(totals, read(args.readings.as_deref()))?;
    let found = searched(args, &case, &totals, &readings);
    output.data(&match args.format {
        Format::Json => json(&found)?,
        Format::Csv => csv(&found.leads)?,
        Format::Table | Format::Jsonl => text(&found),
    })?;
    Ok(Exit::Done)
}

fn read(path: Option<&Path>) -> Result<Vec<Reading>, Faults> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = input::text(path, readings::EXPECTED)?;
    readings::read(&path.display().to_string(), &text)
}

fn searched(args: &Args, case: &Case, totals: &BTreeMap<ZoneId, Vec<Total>>, readings: &[Reading]) -> Found {
    let (least_confidence, draws, seed) = (args.least_confidence, args.draws, args.seed);
    let search = Search { seed, draws, least_confidence, ..Search::default() };
    let mut found = Found { leads: Vec::new(), zones: Vec::new(), seed, draws };
    for (zone, hours) in totals {
        let own = case.facilities.iter().filter(|facility| facility.zone == *zone);
        let own: Vec<FacilityId> = own.map(|facility| facility.id.clone()).collect();
        let Prepared { days, hours_left_out, unmetered } =
            prepare(hours, readings, &own, case.grid.time_zone);
        found.leads.extend(leads(zone, &days, &search));
        let (days, unmetered_facilities) = (days.len(), unmetered);
        found.zones.push(Searched { zone: zone.clone(), days, hours_left_out, unmetered_facilities });
    }
    found
        .leads
        .sort_by(|one, other| other.confidence.total_cmp(&one.confidence).then(other.power.cmp(&one.power)));
    found
}

fn text(found: &Found) -> String {
    let mut text = match found.leads.is_empty() {
        true => "no lead\n".to_owned(),
        false => table(&found.leads),
    };
    text += "\n";
    for zone in &found.zones {
        let days = count(zone.days, "day", "days");
        text += &format!("{}: {days} searched", zone.zone);
        if zone.days < LEAST_DAYS {
            text += &format!(", too few: {LEAST_DAYS} at least");
        }
        if zone.hours_left_out > 0 {
            let hours = count(zone.hours_left_out, "hour", "hours");
            text += &format!(", {hours} left out as a meter says nothing of them");
        }
        if !zone.unmetered_facilities.is_empty() {
            let names: Vec<String> = zone.unmetered_facilities.iter().map(ToString::to_string).collect();
            text += &format!("; without any reading, so not taken off: {}", names.join(", "));
        }
        text += "\n";
    }
    text + "a lead is a place to look, not an accusation: a new lawful consumer or an exchanged meter look the same\n"
}

fn table(leads: &[Lead]) -> String {
    let header =
        ["zone", "since about", "MW", "from", "to", "confidence", "night", "morning", "day", "evening"];
    let mut table = Columns::new(2, &header);
    for lead in leads {
        let [night, morning, day, evening] = lead.quarters.map(|power| format!("{:.0}", power.mw()));
        table.row([
            lead.zone.to_string(),
            lead.since.to_string(),
            format!("{:.0}", lead.power.mw()),
            format!("{:.0}", lead.low.mw()),
            format!("{:.0}", lead.high.mw()),
            format!("{:.3}", lead.confidence),
            night,
            morning,
            day,
            evening,
        ]);
    }
    table.text()
}

const COLUMNS: [&str; 10] = [
    "zone",
    "since",
    "power_mw",
    "low_mw",
    "high_mw",
    "confidence",
    "night_mw",
    "morning_mw",
    "day_mw",
    "evening_mw",
];

fn csv(leads: &[Lead]) -> anyhow::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for lead in leads {
        let powers = [lead.power, lead.low, lead.high].map(|power| power.to_string());
        let mut row = vec![lead.zone.to_string(), lead.since.to_string()];
        row.extend(powers);
        row.push(lead.confidence.to_string());
        row.extend(lead.quarters.map(|power| power.to_string()));
        table.write_record(row)?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}
