//! `kezek verdicts`: what the meters say about orders.

use crate::clock::Clock;
use crate::exit::Exit;
use crate::output::{Format, Output, Paint, json};
use crate::picked::Picked;
use crate::remote::Remote;
use crate::table::Columns;
use chrono_tz::Tz;
use kezek_model::receipt::Verdict;
use kezek_server::api::{OrderTotals, VerdictsBody};
use kezek_server::tables;

/// Intervals of which a table shows no more.
const MOST_ROWS: usize = 200;

/// Say who complied: per order, and per interval of its meter
///
/// Unknown (no trusted reading) is neither complying nor breach. What lies ahead is unknown. The first table counts
/// intervals: within the limit, drifting (above it, within the tolerance), in breach, unknown. The second adds up
/// energy. What was achieved is told against two baselines: the nomination, and the mean of the same civil hour in the
/// last ten days without a cut of the facility that were over when the order was issued (with how many days there
/// were). Only metered time counts: `metered` is the energy that was ordered in it. What nobody knows is `unknown`,
/// never zero.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    picked: Picked,
    /// Form of the verdicts; csv holds the intervals, with frozen columns
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

const EXAMPLES: &str = "\
Examples:
  kezek verdicts
  kezek verdicts --order 2026-0115-N1-v1 --zone Asia/Almaty
  kezek verdicts --facility N1 --format csv > verdicts.csv";

/// Prints the verdicts.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (order, facility) = (args.picked.order.clone(), args.picked.facility.clone());
    let question = |client: kezek_server::Client| async move {
        client.verdicts(order.as_deref(), facility.as_deref()).await
    };
    let body = args.remote.ask(question)?;
    output.data(&match args.format {
        Format::Json => json(&body)?,
        Format::Csv => tables::verdicts(&body.verdicts),
        Format::Table | Format::Jsonl => table(&body, args.picked.zone, output.paint()),
    })?;
    if body.is_cut_off {
        output.complain(
            "there are more verdicts than the control room gives at once; ask for one order or facility",
        );
    }
    Ok(Exit::Done)
}

fn table(body: &VerdictsBody, zone: Tz, paint: Paint) -> String {
    if body.totals.is_empty() {
        return "no order that limits anything\n".to_owned();
    }
    let settings = format!("\nsettings {}\n", body.settings);
    let text = totals(&body.totals) + "\n" + &energies(&body.totals) + &settings;
    if body.verdicts.is_empty() { text } else { text + "\n" + &intervals(&body.verdicts, zone, paint) }
}

fn totals(totals: &[OrderTotals]) -> String {
    let header =
        ["order", "facility", "verdict", "", "within", "drifting", "breach", "unknown", "unknown min"];
    let mut table = Columns::new(4, &header);
    for row in totals {
        table.row([
            row.order_no.to_string(),
            row.facility.to_string(),
            row.verdict.map_or("never governed", tables::compliance).to_owned(),
            if row.is_final { "final".to_owned() } else { "so far".to_owned() },
            row.complying.saturating_sub(row.drifting).to_string(),
            row.drifting.to_string(),
            row.breach.to_string(),
            row.unknown.to_string(),
            row.energy.as_ref().map(|energy| energy.unknown_minutes.to_string()).unwrap_or_default(),
        ]);
    }
    table.text()
}

/// What was ordered and achieved, in MWh.
fn energies(totals: &[OrderTotals]) -> String {
    let header = ["MWh", "baseline", "ordered", "metered", "achieved", "days", "above limit"];
    let mut table = Columns::new(2, &header);
    for (row, energy) in totals.iter().filter_map(|row| Some((row, row.energy.as_ref()?))) {
        for (place, against) in energy.against.iter().enumerate() {
            let once = |text: String| if place == 0 { text } else { String::new() };
            table.row([
                once(row.order_no.to_string()),
                against.baseline.as_str().to_owned(),
                once(energy.ordered.to_string()),
                against.ordered.to_string(),
                against.achieved.map_or_else(|| "unknown".to_owned(), |achieved| achieved.to_string()),
                against.days.map(|days| days.to_string()).unwrap_or_default(),
                once(energy.above_limit.to_string()),
            ]);
        }
    }
    table.text()
}

fn intervals(verdicts: &[Verdict], zone: Tz, paint: Paint) -> String {
    let times = verdicts.iter().flat_map(|verdict| [verdict.interval_start, verdict.interval_end]);
    let clock = Clock::covering(zone, times);
    let interval = format!("interval ({})", clock.heading());
    let header = ["order", interval.as_str(), "verdict", "limit MW", "metered MW", "tolerance MW"];
    let mut table = Columns::new(3, &header);
    for row in verdicts.iter().take(MOST_ROWS) {
        table.row([
            row.order_no.to_string(),
            clock.window(row.interval_start, row.interval_end),
            tables::compliance(row.compliance).to_owned(),
            row.limit.to_string(),
            row.metered.map(|metered| metered.to_string()).unwrap_or_default(),
            row.tolerance.to_string(),
        ]);
    }
    let text = table.text();
    match verdicts.len().saturating_sub(MOST_ROWS) {
        0 => text,
        more => text + &paint.heading(&format!("  and {more} more: --format csv lists all")) + "\n",
    }
}
