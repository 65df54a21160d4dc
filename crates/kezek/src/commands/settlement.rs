//! `kezek settlement`: what orders brought by the meter, and what it costs.

use crate::clock::Clock;
use crate::exit::Exit;
use crate::output::{Format, Output, json};
use crate::picked::Picked;
use crate::remote::Remote;
use crate::table::Columns;
use chrono_tz::Tz;
use kezek_server::api::{Line, SettlementBody};
use kezek_server::tables;

/// Lines of which a table shows no more.
const MOST_ROWS: usize = 200;

/// Settle orders: penalty and credit lines by the prices that held in each hour
///
/// Prices stand under [settlement] in the standing orders of a case. Lines are split where one version gives way to the
/// next. A penalty is for energy above the limit in intervals in breach; a credit for the cut achieved against the
/// baseline of the settings, at most what was ordered in the metered time. What no meter tells is neither. Amounts are
/// what the facility owes, in whole minor units; below zero: what it is owed. A price that no law gives is marked as
/// assumed.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    picked: Picked,
    /// Form of the settlement; csv holds the lines, with frozen columns
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

const EXAMPLES: &str = "\
Examples:
  kezek settlement
  kezek settlement --facility N1 --zone Asia/Almaty
  kezek settlement --format csv > lines.csv
  kezek schedule show schedules/penalty-assumed.toml    # the prices, in words";

/// Prints the settlement.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (order, facility) = (args.picked.order.clone(), args.picked.facility.clone());
    let question = |client: kezek_server::Client| async move {
        client.settlement(order.as_deref(), facility.as_deref()).await
    };
    let body = args.remote.ask(question)?;
    output.data(&match args.format {
        Format::Json => json(&body)?,
        Format::Csv => tables::lines(&body.lines),
        Format::Table | Format::Jsonl => table(&body, args.picked.zone),
    })?;
    if body.is_cut_off {
        output.complain("there are more lines than the control room gives at once; ask for one facility");
    }
    Ok(Exit::Done)
}

fn table(body: &SettlementBody, zone: Tz) -> String {
    if body.orders.is_empty() {
        return "no order that limits anything\n".to_owned();
    }
    let mut text = compliance(body);
    match body.lines.is_empty() {
        true => {
            text += "\nno line: no standing order says a price for it, or there is nothing to be priced\n"
        }
        false => text = text + "\n" + &lines(&body.lines, zone) + "\n" + &sums(body),
    }
    if body.lines.iter().any(|line| line.assumed) {
        text += "\nprices marked `assumed` are nobody's law: see the source in their standing order\n";
    }
    text + &format!("\nsettings {}\n", body.settings)
}

fn compliance(body: &SettlementBody) -> String {
    let header = [
        "facility",
        "orders",
        "within",
        "drifting",
        "breach",
        "unknown",
        "ordered MWh",
        "achieved MWh",
        "above MWh",
        "unknown min",
    ];
    let mut table = Columns::new(1, &header);
    for row in &body.facilities {
        table.row([
            row.facility.to_string(),
            row.orders.to_string(),
            row.within.to_string(),
            row.drifting.to_string(),
            row.breach.to_string(),
            row.unknown.to_string(),
            row.ordered.to_string(),
            row.achieved.map_or_else(|| "unknown".to_owned(), |achieved| achieved.to_string()),
            row.above_limit.to_string(),
            row.unknown_minutes.to_string(),
        ]);
    }
    table.text()
}

fn lines(lines: &[Line], zone: Tz) -> String {
    let clock = Clock::covering(zone, lines.iter().flat_map(|line| [line.from, line.to]));
    let window = format!("window ({})", clock.heading());
    let header = ["order", "line", "schedule", window.as_str(), "MWh", "price per MWh", "amount", ""];
    let mut table = Columns::new(4, &header);
    for line in lines.iter().take(MOST_ROWS) {
        table.row([
            line.order_no.to_string(),
            tables::line_kind(line.kind).to_owned(),
            line.schedule.clone() + if line.assumed { " (assumed)" } else { "" },
            clock.window(line.from, line.to),
            line.energy.to_string(),
            line.price_per_mwh.to_string(),
            line.amount.to_string(),
            line.currency.clone(),
        ]);
    }
    match lines.len().saturating_sub(MOST_ROWS) {
        0 => table.text(),
        more => format!("{}  and {more} more: --format csv lists all\n", table.text()),
    }
}

fn sums(body: &SettlementBody) -> String {
    let mut table = Columns::new(2, &["facility", "currency", "penalty", "credit", "owes"]);
    for sum in &body.sums {
        table.row([
            sum.facility.to_string(),
            sum.currency.clone() + if sum.assumed { " (assumed)" } else { "" },
            sum.penalty.to_string(),
            sum.credit.to_string(),
            sum.amount.to_string(),
        ]);
    }
    table.text()
}
