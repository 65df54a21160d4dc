//! `kezek auction CASE`: who wins how much of the quota, what it pays, and what stays unsold.

mod summary;
mod tables;

use crate::exit::Exit;
use crate::figures;
use crate::files;
use crate::output::{Format, Output, json};
use kezek_model::amount::Wh;
use kezek_model::case::Auction;
use kezek_planner::auction::{Outcome, hold};
use serde::Serialize;
use std::path::PathBuf;

/// Hold the quota auction: who wins, what it pays, what stays unsold and why
///
/// CASE is a folder with case.toml, facilities.csv, bids.csv, quota.csv and prepaid.csv; ties.csv is read where it is
/// there, for the residual transfer between zones that are traded jointly. Nothing else in the folder is looked at.
///
/// Every interval is an auction of its own, in order of time, with the prepaid money that is left. Whole lots are
/// accepted from the highest price down as long as the zone's quota, or that of another zone and the ties between, still
/// serves all that was accepted. Winners pay what they bid. Bids below the start price and bids without a valid licence
/// are refused. Equal prices: first by time of bid, then in proportion to the MWh bid.
///
/// The result is quotas.csv, which makes the winners' entitlement part of the case when it is copied there.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the case
    case: PathBuf,
    /// Also write quotas.csv (for the plan), register.csv (the winners), refused.csv (what was bid for and not won, and
    /// why) and unsold.csv (what is left of the quota, and why) into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of the result on stdout: table for people, json with everything, csv as in quotas.csv
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  kezek auction examples/auction-north-south
  kezek auction examples/auction-north-south --out auctions/today
  kezek auction examples/auction-north-south --format json > auction.json

  Plan the day with what was won:
    kezek auction cases/tomorrow --out auctions/tomorrow
    cp auctions/tomorrow/quotas.csv cases/tomorrow/
    kezek plan cases/tomorrow --out plans/tomorrow

bids.csv     interval_start,facility,mwh,price_per_mwh and, where it is known, bid_at
quota.csv    interval_start,zone,mwh: a row for every interval of each zone that takes part
prepaid.csv  facility,amount: who is not listed has prepaid nothing
case.toml    [auction] lot_mwh = 1.0, start_price_per_mwh = 0.0, both may be left out

Exit codes: 0 held, also where something stays unsold; 3 the input has faults, all are told.";

/// The outcome as JSON.
#[derive(Serialize)]
struct Document<'a> {
    case: &'a str,
    auction_digest: String,
    engine: &'static str,
    currency: &'a str,
    lot_mwh: Wh,
    start_price_per_mwh: kezek_model::amount::Price,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// Holds an auction.
///
/// # Errors
/// When the input has faults or the result cannot be written.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let auction = Auction::read(&args.case)?;
    tracing::info!(
        case = auction.name,
        facilities = auction.bidders.len(),
        bids = auction.bids.len(),
        intervals = auction.grid.len,
        "auction read"
    );
    let outcome = hold(&auction);
    let written = args.out.as_ref().map_or(Ok(()), |folder| write(folder, &auction, &outcome));
    output.data(&match args.format {
        Format::Json | Format::Jsonl => json(&document(&auction, &outcome)?)?,
        Format::Csv => tables::quotas(&outcome)?,
        Format::Table => summary::table(&auction, &outcome, output.paint())?,
    })?;
    written?;
    tell_rounding(&outcome, output);
    Ok(Exit::Done)
}

fn document<'a>(auction: &'a Auction, outcome: &'a Outcome) -> anyhow::Result<Document<'a>> {
    Ok(Document {
        case: &auction.name,
        auction_digest: auction.digest()?,
        engine: env!("CARGO_PKG_VERSION"),
        currency: &auction.currency,
        lot_mwh: auction.lot_mwh,
        start_price_per_mwh: auction.start_price_per_mwh,
        outcome,
    })
}

fn write(folder: &std::path::Path, auction: &Auction, outcome: &Outcome) -> anyhow::Result<()> {
    let step = auction.grid.step_minutes;
    let (quotas, register) = (tables::quotas(outcome)?, tables::register(outcome, step)?);
    let (refused, unsold) = (tables::refused(outcome, step)?, tables::unsold(outcome, step)?);
    let contents = [
        ("quotas.csv", quotas.as_bytes()),
        ("register.csv", register.as_bytes()),
        ("refused.csv", refused.as_bytes()),
        ("unsold.csv", unsold.as_bytes()),
    ];
    files::write_all(folder, &contents)
}

/// Says where lots over hours are no whole kW.
fn tell_rounding(outcome: &Outcome, output: &Output) {
    let rounded = outcome.quotas.iter().filter(|quota| quota.rounded_off_mwh > Wh::ZERO);
    let (rows, lost) = rounded.fold((0, Wh::ZERO), |(n, sum), quota| (n + 1, sum + quota.rounded_off_mwh));
    if rows > 0 {
        let rows = figures::count(rows, "row of quotas.csv is", "rows of quotas.csv are");
        output.say(&format!("note: {rows} rounded down to whole kW, {lost} MWh together"));
    }
}
