//! `kezek voluntary list|declare`: what facilities give of their own accord.

use crate::clock::{Clock, instant};
use crate::exit::{Exit, Refusal};
use crate::output::{Format, Output, csv_text, json};
use crate::remote::Remote;
use crate::table::Columns;
use chrono::SecondsFormat::Millis;
use chrono::{DateTime, Utc};
use kezek_model::ids::FacilityId;
use kezek_model::receipt::Voluntary;
use kezek_model::units::Kw;
use kezek_server::api::VoluntaryRow;
use std::collections::BTreeMap;

/// What facilities give of their own accord, credited by the meter
///
/// A voluntary cut is declared before it begins, credited where the meter bears it out, and never an order.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// List voluntary cuts, what the meters say of them, and the sum by zone
    List(List),
    /// Keep a voluntary cut that a facility has told of
    Declare(Declare),
}

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  kezek voluntary list\n  kezek voluntary list --format csv > voluntary.csv\n\n\
    Add credited_mwh to cut_mwh of ledger.csv: who has given has had a turn."
)]
struct List {
    /// Form of the list
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

#[derive(clap::Args, Debug)]
#[command(
    override_usage = "kezek voluntary declare [OPTIONS] --from <INSTANT> --to <INSTANT> --limit-mw <MW> \\\n           \
    --cut-mw <MW> --said-by <NAME> <FACILITY>",
    after_help = "Example:\n  kezek voluntary declare F012 --from 2026-01-15T18:00+05:00 --to 2026-01-15T20:00+05:00 \\\n      \
    --limit-mw 5 --cut-mw 15 --said-by \"A. Serik\""
)]
struct Declare {
    /// Whose
    facility: String,
    #[command(flatten)]
    cut: Cut,
    /// Who said so at the facility
    #[arg(long, value_name = "NAME")]
    said_by: String,
    #[command(flatten)]
    remote: Remote,
}

/// What is given.
#[derive(clap::Args, Debug)]
pub(crate) struct Cut {
    /// Its first instant, with offset
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    from: DateTime<Utc>,
    /// The first instant after it, with offset
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    to: DateTime<Utc>,
    /// It will draw at most so many MW
    #[arg(long, value_name = "MW")]
    limit_mw: f64,
    /// By so many MW that is less than it would have drawn
    #[arg(long, value_name = "MW")]
    cut_mw: f64,
}

impl Cut {
    /// In the words that are declared.
    ///
    /// # Errors
    /// When a power is no whole number of kW, zero or more.
    pub(crate) fn declared(
        &self,
        facility: FacilityId,
        environment: String,
        by: &str,
    ) -> anyhow::Result<Voluntary> {
        let (limit, cut) = (power(self.limit_mw)?, power(self.cut_mw)?);
        let (from, to, by) = (self.from, self.to, by.to_owned());
        Ok(Voluntary { facility, environment, from, to, limit, cut, by })
    }
}

/// Lists or keeps voluntary cuts.
///
/// # Errors
/// When a power is no whole number of kW, the time has begun, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(List { format, remote }) => {
            let rows = remote.ask(|client| async move { client.voluntary().await })?;
            output.data(&match format {
                Format::Json => json(&rows)?,
                Format::Csv => csv(&rows)?,
                _ => table(&rows),
            })?;
        }
        Verb::Declare(declare) => {
            let facility = declare.facility.as_str();
            let said = declare.cut.declared(facility.into(), String::new(), &declare.said_by)?;
            let answer = declare.remote.ask(|client| async move {
                let environment = client.status().await?.environment;
                client.volunteered(&Voluntary { environment, ..said }).await
            })?;
            output.data(&kept(facility, answer.taken))?;
        }
    }
    Ok(Exit::Done)
}

/// What became of it.
pub(crate) fn kept(facility: &str, is_new: bool) -> String {
    match is_new {
        true => format!("the voluntary cut of {facility} is kept; its meter will say what it was\n"),
        false => format!("this voluntary cut of {facility} was known already; nothing changes\n"),
    }
}

fn power(mw: f64) -> anyhow::Result<Kw> {
    let refused = || Refusal::rejected(format!("{mw} MW is no whole number of kW, zero or more"));
    Kw::from_mw(mw).filter(|kw| *kw >= Kw::ZERO).ok_or_else(refused)
}

fn table(rows: &[VoluntaryRow]) -> String {
    if rows.is_empty() {
        return "nobody has declared a voluntary cut\n".to_owned();
    }
    let clock = Clock::utc();
    let header = [
        "facility",
        "zone",
        "from, until (UTC)",
        "limit MW",
        "cut MW",
        "kept min",
        "missed min",
        "credited MWh",
    ];
    let mut table = Columns::new(3, &header);
    let mut zones: BTreeMap<String, f64> = BTreeMap::new();
    for row in rows {
        let zone = row.zone.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        *zones.entry(zone.clone()).or_default() += row.credited_mwh;
        table.row([
            row.facility.to_string(),
            zone,
            clock.window(row.from, row.to),
            row.limit_mw.to_string(),
            row.cut_mw.to_string(),
            row.kept_minutes.to_string(),
            row.missed_minutes.to_string(),
            format!("{:.3}", row.credited_mwh),
        ]);
    }
    let sums = zones.iter().map(|(zone, mwh)| format!("credited in zone {zone}: {mwh:.3} MWh\n"));
    table.text() + &sums.collect::<String>()
}

const COLUMNS: [&str; 11] = [
    "facility",
    "zone",
    "interval_start",
    "interval_end",
    "limit_mw",
    "cut_mw",
    "credited_mwh",
    "kept_minutes",
    "missed_minutes",
    "declared_at",
    "entered_by",
];

fn csv(rows: &[VoluntaryRow]) -> anyhow::Result<String> {
    let at = |at: DateTime<Utc>| at.to_rfc3339_opts(Millis, true);
    let rows = rows.iter().map(|row| {
        [
            row.facility.to_string(),
            row.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
            at(row.from),
            at(row.to),
            row.limit_mw.to_string(),
            row.cut_mw.to_string(),
            row.credited_mwh.to_string(),
            row.kept_minutes.to_string(),
            row.missed_minutes.to_string(),
            at(row.declared_at),
            row.entered_by.clone().unwrap_or_default(),
        ]
    });
    csv_text(COLUMNS, rows)
}
