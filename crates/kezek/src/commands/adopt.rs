//! `kezek adopt FACILITY`: two people let the address and key of endpoints.csv hold.

use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use crate::two_people::TwoPeople;
use kezek_model::ids::FacilityId;

/// Let what endpoints.csv says of a facility hold, as two people
///
/// That is its address, key and relay. The file alone changes nothing: `kezek facilities` shows where it differs from what holds.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek adopt F012 --reason \"the supplier passes orders on from May\" --second-token-file chief.token"
)]
pub(crate) struct Args {
    /// Whose
    facility: String,
    #[command(flatten)]
    people: TwoPeople,
    #[command(flatten)]
    remote: Remote,
}

/// Adopts.
///
/// # Errors
/// When the file names no such facility, what it says holds already, both are one person, or the control room refuses or
/// does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (facility, second) = (FacilityId::from(args.facility.clone()), args.people.second_token()?);
    let reason = &args.people.reason;
    let rows = args.remote.ask(|client| async move {
        client.adopt(&facility, reason, &second).await?;
        client.facilities().await
    })?;
    let held = rows.iter().find(|row| row.facility.as_str() == args.facility);
    let address = held.map_or("where endpoints.csv says", |row| row.address.as_str());
    output.data(&format!("orders for {} go to {address} from now on\n", args.facility))?;
    Ok(Exit::Done)
}
