//! `kezek adopt FACILITY`: two people let the address and key of endpoints.csv hold.

use crate::commands::facilities::fingerprint;
use crate::confirm::confirm;
use crate::exit::Exit;
use crate::output::Output;
use crate::remote::Remote;
use crate::two_people::TwoPeople;
use kezek_model::ids::FacilityId;
use kezek_model::registry::Endpoint;
use kezek_server::api::FacilityRow;

/// Let what endpoints.csv says of a facility hold, as two people
///
/// That is its address, key and relay. The file alone changes nothing: what it says is shown beside what holds first, as
/// `kezek facilities` shows it too.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  kezek adopt F012 --reason \"the supplier passes orders on from May\" --second-token-file chief.token"
)]
pub(crate) struct Args {
    /// Whose
    facility: String,
    #[command(flatten)]
    people: TwoPeople,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Adopts.
///
/// # Errors
/// When the file names no such facility, what it says holds already, both are one person, nobody says yes, or the control
/// room refuses or does not answer.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<Exit> {
    let (facility, second) = (FacilityId::from(args.facility.clone()), args.people.second_token()?);
    let reason = &args.people.reason;
    let asked = &facility;
    let (endpoint, rows) = args
        .remote
        .ask(|client| async move { Ok((client.endpoint(asked).await?, client.facilities().await?)) })?;
    let change = change(&rows, &endpoint);
    match args.yes {
        true => output.say(&change),
        // Whoever is asked must see what is asked, however quiet it is to be.
        false => output.complain(&change),
    }
    confirm(args.yes, "Let this hold, so that orders go there?", output)?;
    let rows = args.remote.ask(|client| async move {
        client.adopt(&facility, &endpoint, reason, &second).await?;
        client.facilities().await
    })?;
    let held = rows.iter().find(|row| row.facility.as_str() == args.facility);
    let address = held.map_or("where endpoints.csv says", |row| row.address.as_str());
    output.data(&format!("orders for {} go to {address} from now on\n", args.facility))?;
    Ok(Exit::Done)
}

/// What holds, and what would.
fn change(rows: &[FacilityRow], endpoint: &Endpoint) -> String {
    let by = |relay: &Option<String>| relay.as_ref().map(|relay| format!(", by {relay}")).unwrap_or_default();
    let held = rows.iter().find(|row| row.facility == endpoint.facility);
    let before = held.map_or_else(
        || "not enrolled".to_owned(),
        |row| format!("{}, key {}{}", row.address, fingerprint(&row.public_key), by(&row.relay)),
    );
    let (address, key) = (&endpoint.address, fingerprint(&endpoint.public_key));
    let after = format!("{address}, key {key}{}", by(&endpoint.relay));
    format!("{}\n  holds          {before}\n  endpoints.csv  {after}", endpoint.facility)
}
