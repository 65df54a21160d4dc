//! `kezek orders phone`: whom to call, the most pressing first.

use crate::clock::Clock;
use crate::exit::Exit;
use crate::output::{Format, Output, csv_text, json};
use crate::remote::Remote;
use crate::table::Columns;
use chrono::SecondsFormat::Millis;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_model::registry::Language;
use kezek_server::api::{CallRow, ContactRow, OrderRow};
use std::collections::BTreeSet;

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

/// Lists.
pub(super) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (rows, now) = args
        .remote
        .ask(|client| async move { Ok((client.orders(None, None).await?, client.status().await?.now)) })?;
    let rows = most_pressing_first(rows, now);
    output.data(&match args.format {
        Format::Json => json(&rows)?,
        Format::Csv => csv(&rows)?,
        _ => table(&rows, now, args.zone),
    })?;
    Ok(Exit::Done)
}

fn most_pressing_first(mut rows: Vec<OrderRow>, now: DateTime<Utc>) -> Vec<OrderRow> {
    rows.retain(|row| row.call.is_some());
    let pressure = |row: &OrderRow| row.cut_mw.mw() / minutes_left(row, now).max(1) as f64;
    rows.sort_by(|a, b| pressure(b).total_cmp(&pressure(a)).then_with(|| a.order_no.cmp(&b.order_no)));
    rows
}

fn starts(row: &OrderRow) -> DateTime<Utc> {
    row.from.unwrap_or(row.window_from)
}

/// Minutes until the cut begins; 0 once it has.
fn minutes_left(row: &OrderRow, now: DateTime<Utc>) -> i64 {
    (starts(row) - now).num_minutes().max(0)
}

fn table(rows: &[OrderRow], now: DateTime<Utc>, zone: Tz) -> String {
    if rows.is_empty() {
        return "nobody need be called\n".to_owned();
    }
    let times = rows.iter().flat_map(|row| [Some(starts(row)), row.last_call.as_ref().map(|call| call.at)]);
    let clock = Clock::covering(zone, times.flatten());
    let from = format!("from ({})", clock.heading());
    let header = ["facility", "order", "why", from.as_str(), "last call", "cut MW", "min left"];
    let mut table = Columns::new(5, &header);
    let said = |call: &CallRow| format!("{} {}: {}", clock.moment(call.at), call.person, call.answer);
    for row in rows {
        table.row([
            row.facility.to_string(),
            row.order_no.to_string(),
            row.call.clone().unwrap_or_default(),
            clock.moment(starts(row)),
            row.last_call.as_ref().map(said).unwrap_or_default(),
            row.cut_mw.to_string(),
            minutes_left(row, now).to_string(),
        ]);
    }
    let mut text = table.text();
    let mut named = BTreeSet::new();
    for row in rows.iter().filter(|row| named.insert(row.facility.clone())) {
        text += &whom(row);
    }
    text
}

/// The people of a facility, a line each, in the order in which they are called.
fn whom(row: &OrderRow) -> String {
    let line = |contact: &ContactRow| {
        let ContactRow { role, name, language, phone } = contact;
        let phone = if phone.is_empty() { "no number" } else { phone };
        format!("{}: {phone}  {name}, {role}, speaks {}\n", row.facility, word(*language))
    };
    match row.contacts.is_empty() {
        true => format!("{}: nobody stands in contacts.csv\n", row.facility),
        false => row.contacts.iter().map(line).collect(),
    }
}

fn word(language: Language) -> &'static str {
    match language {
        Language::Kk => "Kazakh",
        Language::Ru => "Russian",
        Language::En => "English",
    }
}

const COLUMNS: [&str; 12] = [
    "facility",
    "order_no",
    "why",
    "interval_start",
    "cut_mw",
    "called_at",
    "called_by",
    "answer",
    "role",
    "name",
    "language",
    "phone",
];

fn csv(rows: &[OrderRow]) -> anyhow::Result<String> {
    let at = |at: DateTime<Utc>| at.to_rfc3339_opts(Millis, true);
    let rows = rows.iter().map(|row| {
        let (call, first) = (row.last_call.as_ref(), row.contacts.first());
        let of = |take: fn(&ContactRow) -> String| first.map(take).unwrap_or_default();
        [
            row.facility.to_string(),
            row.order_no.to_string(),
            row.call.clone().unwrap_or_default(),
            at(starts(row)),
            row.cut_mw.to_string(),
            call.map(|call| at(call.at)).unwrap_or_default(),
            call.map(|call| call.person.clone()).unwrap_or_default(),
            call.map(|call| call.answer.clone()).unwrap_or_default(),
            of(|contact| contact.role.clone()),
            of(|contact| contact.name.clone()),
            of(|contact| word(contact.language).to_owned()),
            of(|contact| contact.phone.clone()),
        ]
    });
    csv_text(COLUMNS, rows)
}
