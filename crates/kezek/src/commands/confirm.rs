//! `kezek confirm FACILITY`: a second person lets the change of an address or key hold.

use crate::exit::{Exit, Refusal};
use crate::output::Output;
use crate::remote::Remote;
use kezek_courier::PublicKey;
use kezek_model::ids::FacilityId;
use kezek_server::api::{ChangeRow, ConfirmBody, FacilityRow};

/// Confirm the change of a facility's address or key, as a second person
///
/// `kezek facilities` shows the change that waits. Ask the facility for the fingerprint of its new key by another way
/// than the network, and name it here: only exactly that change is confirmed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  kezek confirm N11 --key 5f0d2a91c3b7e846")]
pub(crate) struct Args {
    /// The facility
    facility: String,
    /// The fingerprint of the new key, as the facility tells it
    #[arg(long, value_name = "FINGERPRINT")]
    key: String,
    #[command(flatten)]
    remote: Remote,
}

/// Confirms a change.
///
/// # Errors
/// When no change waits, its key is another, or the control room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let facility = FacilityId::from(args.facility.clone());
    let rows = args.remote.ask(|client| async move { client.facilities().await })?;
    let change = waiting(&rows, &facility)?;
    let found = change.public_key.parse::<PublicKey>().map(|key| key.key_id())?;
    if found != args.key {
        let why = format!("the key that waits for {facility} has the fingerprint {found}, not {}", args.key);
        return Err(Refusal::not_allowed(why));
    }
    let (address, public_key, relay) =
        (change.address.clone(), change.public_key.clone(), change.relay.clone());
    let body = ConfirmBody { address, public_key, relay };
    args.remote.ask(|client| async move { client.confirm(&facility, &body).await })?;
    output.data(&format!("orders for {} go to {} from now on\n", args.facility, change.address))?;
    Ok(Exit::Done)
}

fn waiting<'a>(rows: &'a [FacilityRow], facility: &FacilityId) -> anyhow::Result<&'a ChangeRow> {
    let row = rows.iter().find(|row| row.facility == *facility);
    row.and_then(|row| row.pending.as_ref()).ok_or_else(|| {
        Refusal::rejected(format!("no change of {facility} waits; `kezek facilities` shows those that do"))
    })
}
