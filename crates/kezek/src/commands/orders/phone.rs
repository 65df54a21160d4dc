//! `kezek orders phone`: whom to call, the most pressing first.

use crate::clock::Clock;
use crate::exit::Exit;
use crate::output::{Format, Output, json};
use crate::remote::Remote;
use crate::table::Columns;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_server::api::{CallRow, OrderRow};
use serde::Serialize;

/// Whom to call: orders that have not arrived, were refused, or have no answer
///
/// An order that has not arrived stands here from four fifths of its lead time on. The most MW per minute left stands
/// first. `kezek called ORDER_NO` keeps what was said.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  kezek orders phone --zone Asia/Almaty\n  kezek orders phone --format csv > calls.csv"
)]
pub(super) struct Args {
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    zone: Tz,
    /// Form of the list
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Csv]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// An order to call about, and the last call.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    row: OrderRow,
    last_call: Option<CallRow>,
}

/// Lists.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (entries, now) = args.remote.ask(|client| async move {
        let now = client.status().await?.now;
        let mut entries = Vec::new();
        for row in client.orders(None, None).await?.into_iter().filter(|row| row.call.is_some()) {
            let last_call = client.order(&row.order_no).await?.calls.pop();
            entries.push(Entry { row, last_call });
        }
        Ok((entries, now))
    })?;
    let entries = most_pressing_first(entries, now);
    output.data(&match args.format {
        Format::Json => json(&entries)?,
        Format::Csv => csv(&entries)?,
        _ => table(&entries, now, args.zone),
    })?;
    Ok(Exit::Done)
}

fn most_pressing_first(mut entries: Vec<Entry>, now: DateTime<Utc>) -> Vec<Entry> {
    let pressure = |entry: &Entry| entry.row.cut_mw.mw() / minutes_left(entry, now).max(1) as f64;
    entries.sort_by(|a, b| {
        pressure(b).total_cmp(&pressure(a)).then_with(|| a.row.order_no.cmp(&b.row.order_no))
    });
    entries
}

/// Minutes until the cut begins; 0 once it has.
fn minutes_left(entry: &Entry, now: DateTime<Utc>) -> i64 {
    (entry.row.from.unwrap_or(entry.row.window_from) - now).num_minutes().max(0)
}

fn table(entries: &[Entry], now: DateTime<Utc>, zone: Tz) -> String {
    if entries.is_empty() {
        return "nobody need be called\n".to_owned();
    }
    let times = entries.iter().flat_map(|entry| {
        [
            entry.row.from.unwrap_or(entry.row.window_from),
            entry.last_call.as_ref().map_or(now, |call| call.at),
        ]
    });
    let clock = Clock::covering(zone, times);
    let from = format!("from ({})", clock.heading());
    let mut table =
        Columns::new(5, &["facility", "order", "why", from.as_str(), "last call", "cut MW", "min left"]);
    for entry in entries {
        let row = &entry.row;
        let said = |call: &CallRow| format!("{} {}: {}", clock.moment(call.at), call.person, call.answer);
        table.row([
            row.facility.to_string(),
            row.order_no.to_string(),
            row.call.clone().unwrap_or_default(),
            clock.moment(row.from.unwrap_or(row.window_from)),
            entry.last_call.as_ref().map(said).unwrap_or_default(),
            row.cut_mw.to_string(),
            minutes_left(entry, now).to_string(),
        ]);
    }
    table.text()
}

fn csv(entries: &[Entry]) -> anyhow::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "facility",
        "order_no",
        "why",
        "starts_at",
        "cut_mw",
        "called_at",
        "called_by",
        "answer",
    ])?;
    for entry in entries {
        let (row, call) = (&entry.row, entry.last_call.as_ref());
        table.write_record([
            row.facility.to_string(),
            row.order_no.to_string(),
            row.call.clone().unwrap_or_default(),
            row.from.unwrap_or(row.window_from).to_rfc3339(),
            row.cut_mw.to_string(),
            call.map(|call| call.at.to_rfc3339()).unwrap_or_default(),
            call.map(|call| call.person.clone()).unwrap_or_default(),
            call.map(|call| call.answer.clone()).unwrap_or_default(),
        ])?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}
