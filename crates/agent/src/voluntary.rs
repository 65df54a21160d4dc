//! A voluntary cut: the facility says before it begins that it will draw less, in its own signed words.

use crate::config::AgentConfig;
use crate::error::AgentError;
use crate::pins::Pins;
use kezek_courier::{CourierError, GuardedClient, PrivateKey, Purpose, Signed, Timeouts};
use kezek_model::receipt::Voluntary;
use serde::Deserialize;

#[derive(Deserialize)]
struct Taken {
    taken: bool,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Signs a voluntary cut with the facility's key and hands it to the control room; says whether it was new there. It moves
/// no load: who declares it keeps it.
///
/// # Errors
/// When the facility is not enrolled, its key can't be read, or the control room refuses or does not answer. Then nothing
/// is declared, and it may be said again.
pub async fn volunteer(config: &AgentConfig, declared: Voluntary) -> Result<bool, AgentError> {
    config.check()?;
    Pins::load(&config.state_file)?;
    let signed = Signed::new(Purpose::Voluntary, declared, &PrivateKey::load(&config.key_file)?)?;
    let body = serde_json::to_vec(&signed).map_err(CourierError::NotJson)?;
    let client = GuardedClient::with_tls(config.addresses.clone(), Timeouts::default(), &config.tls)?;
    let answer = client.post(&config.api("voluntary/signed"), &[], body).await?;
    let refused = |said: String| AgentError::VoluntaryRefused { status: answer.status, said };
    if !(200..300).contains(&answer.status) {
        let raw = || String::from_utf8_lossy(&answer.body).chars().take(500).collect();
        let said = serde_json::from_slice::<Refused>(&answer.body);
        return Err(refused(said.map_or_else(|_| raw(), |refused| refused.error)));
    }
    let taken = serde_json::from_slice::<Taken>(&answer.body);
    taken.map(|answer| answer.taken).map_err(|error| refused(format!("not a receipt ({error})")))
}
