//! `kezek facilities`: who is enrolled, and where orders go.

use crate::clock::utc;
use crate::exit::Exit;
use crate::output::{Format, Output, json, json_lines};
use crate::remote::Remote;
use crate::table::{Columns, shortened};
use kezek_courier::PublicKey;
use kezek_server::api::FacilityRow;

const SHOWN_ADDRESS: usize = 40;

/// List the facilities that are enrolled, and where their orders go
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  kezek facilities\n  kezek facilities --format json")]
pub(crate) struct Args {
    /// Form of the list
    #[arg(long, default_value = "table", value_name = "FORMAT",
        value_parser = Format::one_of(&[Format::Table, Format::Json, Format::Jsonl]))]
    format: Format,
    #[command(flatten)]
    remote: Remote,
}

/// Lists facilities.
///
/// # Errors
/// When the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let rows = args.remote.ask(|client| async move { client.facilities().await })?;
    output.data(&match args.format {
        Format::Json => json(&rows)?,
        Format::Jsonl => json_lines(&rows)?,
        Format::Table | Format::Csv => table(&rows),
    })?;
    Ok(Exit::Done)
}

fn table(rows: &[FacilityRow]) -> String {
    if rows.is_empty() {
        return "no facility is enrolled; `kezek enrolment-code FACILITY` lets one in\n".to_owned();
    }
    let mut table = Columns::new(4, &["facility", "address", "key", "since (UTC)", "orders"]);
    for row in rows {
        let (address, since) = (shortened(&row.address, SHOWN_ADDRESS), utc(row.since));
        table.row([
            row.facility.to_string(),
            address,
            fingerprint(&row.public_key),
            since,
            row.orders.to_string(),
        ]);
    }
    let further = rows.iter().flat_map(|row| [relayed(row), pending(row), proposed(row)]);
    table.text() + &further.flatten().collect::<String>()
}

/// What people compare by telephone.
pub(super) fn fingerprint(key: &str) -> String {
    key.parse::<PublicKey>().map_or_else(|_| "unreadable".to_owned(), |key| key.key_id())
}

fn relayed(row: &FacilityRow) -> Option<String> {
    let relay = row.relay.as_ref()?;
    Some(format!(
        "{} stands behind {relay}: its own answer alone says that an order has arrived\n",
        row.facility
    ))
}

/// The file proposes; two people let it hold.
fn proposed(row: &FacilityRow) -> Option<String> {
    let endpoint = row.proposed.as_ref()?;
    let relay = endpoint.relay.as_ref().map(|relay| format!(", by {relay}")).unwrap_or_default();
    let (address, key) = (&endpoint.address, fingerprint(&endpoint.public_key));
    let name = &row.facility;
    Some(format!(
        "endpoints.csv says otherwise of {name}: {address}, key {key}{relay}; `kezek adopt {name}` takes two people\n"
    ))
}

fn pending(row: &FacilityRow) -> Option<String> {
    let change = row.pending.as_ref()?;
    let (key, by, at) = (fingerprint(&change.public_key), &change.by, utc(change.at));
    let relay = change.relay.as_ref().map(|relay| format!(", by {relay}")).unwrap_or_default();
    let address = &change.address;
    Some(format!(
        "{} waits for a second person: {address}, key {key}{relay}, entered by {by} {at}\n",
        row.facility
    ))
}
