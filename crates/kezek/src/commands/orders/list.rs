//! `kezek orders list`: worst first.

use crate::clock::Clock;
use crate::exit::Exit;
use crate::output::{Format, Output, Paint, json, json_lines};
use crate::remote::Remote;
use crate::table::Columns;
use chrono::SecondsFormat::Millis;
use chrono_tz::Tz;
use kezek_model::order::OrderKind;
use kezek_server::api::OrderRow;
use kezek_server::tables::compliance as word;

/// List orders, worst first
///
/// Three questions are answered apart: has it arrived (a web server took it), will it be obeyed (the facility signed an
/// answer), is it obeyed (by the meter; drifting is above the limit, within its tolerance). The MW are those of the
/// deepest cut of the order; `kezek orders show` has every step.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only those of which this word is true; "delivered" is what the table calls received
    #[arg(long, value_name = "WORD", value_parser = WORDS)]
    state: Option<String>,
    /// Only those for this facility
    #[arg(long, value_name = "ID")]
    facility: Option<String>,
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    zone: Tz,
    /// Form of the list; csv with frozen columns
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Jsonl, Format::Csv]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// The words of an order's life, in the order in which they become true.
const WORDS: [&str; 15] = [
    "approved",
    "sent",
    "delivered",
    "accepted",
    "refused",
    "silent",
    "in effect",
    "complying",
    "drifting",
    "breach",
    "restoring",
    "restored",
    "superseded",
    "recalled",
    "expired",
];

const EXAMPLES: &str = "\
Examples:
  kezek orders list
  kezek orders list --state silent --zone Asia/Almaty
  kezek orders list --facility N1 --format csv > orders.csv";

/// Lists.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (state, facility) = (args.state.clone(), args.facility.clone());
    let question = |client: kezek_server::Client| async move {
        client.orders(state.as_deref(), facility.as_deref()).await
    };
    let rows = args.remote.ask(question)?;
    output.data(&match args.format {
        Format::Json => json(&rows)?,
        Format::Jsonl => json_lines(&rows)?,
        Format::Csv => csv(&rows)?,
        Format::Table => table(&rows, args.zone, output.paint()),
    })?;
    Ok(Exit::Done)
}

fn table(rows: &[OrderRow], zone: Tz, paint: Paint) -> String {
    if rows.is_empty() {
        return "no order, or none that is asked for\n".to_owned();
    }
    let clock = Clock::covering(zone, rows.iter().flat_map(|row| [row.from, row.until]).flatten());
    let window = format!("from, until ({})", clock.heading());
    let header = ["order", window.as_str(), "arrived?", "answered?", "metered?", "", "to MW", "cut MW"];
    let mut table = Columns::new(6, &header);
    for row in rows {
        table.row([
            row.order_no.to_string(),
            window_of(row, &clock),
            row.delivery.clone(),
            row.answer.clone(),
            meter(row),
            life(row),
            row.limit_mw.map(|limit| limit.to_string()).unwrap_or_default(),
            if row.from.is_some() { row.cut_mw.to_string() } else { String::new() },
        ]);
    }
    table.text() + &alarms(rows, paint)
}

fn window_of(row: &OrderRow, clock: &Clock) -> String {
    match (row.kind, row.from, row.until) {
        (OrderKind::Recall, ..) => {
            let withdrawn = row.supersedes.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("recalls {withdrawn}")
        }
        (OrderKind::Limit, Some(from), Some(until)) => clock.window(from, until),
        _ => "no cut".to_owned(),
    }
}

/// The verdict over the window where there is one, else what the meter says now.
fn meter(row: &OrderRow) -> String {
    match row.verdict {
        Some(verdict) => word(verdict).to_owned(),
        None => row.meter.clone(),
    }
}

fn life(row: &OrderRow) -> String {
    if row.life == "live" { String::new() } else { row.life.clone() }
}

/// What a person must see to, in full below the table.
fn alarms(rows: &[OrderRow], paint: Paint) -> String {
    let alarm = |row: &OrderRow| {
        let what = row.alarm.clone().or_else(|| row.refusal.as_ref().map(|why| format!("refused: {why}")))?;
        Some(format!("{} {what}\n", paint.alarm(row.order_no.as_str())))
    };
    rows.iter().filter_map(alarm).collect()
}

const COLUMNS: [&str; 20] = [
    "order_no",
    "facility",
    "kind",
    "priority",
    "sequence",
    "plan_digest",
    "supersedes",
    "issued_at",
    "interval_start",
    "interval_end",
    "limit_mw",
    "cut_mw",
    "ack_by",
    "delivery",
    "answer",
    "meter",
    "verdict",
    "life",
    "attempts",
    "received_at",
];

fn csv(rows: &[OrderRow]) -> anyhow::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for row in rows {
        let at = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map(|at| at.to_rfc3339_opts(Millis, true)).unwrap_or_default()
        };
        let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        table.write_record([
            row.order_no.to_string(),
            row.facility.to_string(),
            name(serde_json::to_value(row.kind)?),
            name(serde_json::to_value(row.priority)?),
            row.sequence.to_string(),
            row.plan_digest.clone(),
            row.supersedes.as_ref().map(ToString::to_string).unwrap_or_default(),
            at(Some(row.issued_at)),
            at(row.from),
            at(row.until),
            row.limit_mw.map(|limit| limit.to_string()).unwrap_or_default(),
            row.cut_mw.to_string(),
            at(Some(row.ack_by)),
            row.delivery.clone(),
            row.answer.clone(),
            row.meter.clone(),
            row.verdict.map(word).unwrap_or_default().to_owned(),
            row.life.clone(),
            row.attempts.to_string(),
            at(row.received_at),
        ])?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}
