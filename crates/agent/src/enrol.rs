//! Enrolment: each side pins the other's key, once, with a code that the control room gave by another way.

use crate::config::AgentConfig;
use crate::error::AgentError;
use crate::pins::Pins;
use crate::store::Store;
use kezek_courier::{GuardedClient, PrivateKey, PublicKey, Timeouts};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Enrolled {
    control_room_public_key: PublicKey,
    environment: String,
    /// False where a changed address or key waits for a second person.
    #[serde(default = "held_at_once")]
    holds: bool,
}

fn held_at_once() -> bool {
    true
}

/// Enrols the facility: makes its key if there is none, hands over the public half and the address, pins the
/// control room's key and environment, and makes the store if there is none.
///
/// # Errors
/// When the control room refuses, answers for another environment, or shows another key than the one named in the
/// configuration or pinned before; nothing is pinned then.
pub async fn enrol(config: &AgentConfig, code: &str) -> Result<Pins, AgentError> {
    config.check()?;
    let key = own_key(config)?;
    let client = GuardedClient::with_tls(config.addresses.clone(), Timeouts::default(), &config.tls)?;
    let enrolled = ask(config, code, &key, &client).await?;
    check(config, &enrolled)?;
    make_store(config)?;
    if !enrolled.holds {
        tracing::warn!(
            "the new address or key holds only when a second person at the control room confirms it"
        );
    }
    let pins = Pins {
        facility: config.facility.clone(),
        environment: enrolled.environment,
        control_room_keys: vec![enrolled.control_room_public_key],
        key_id: key.key_id(),
    };
    pins.save(&config.state_file)?;
    Ok(pins)
}

fn own_key(config: &AgentConfig) -> Result<PrivateKey, AgentError> {
    let path = &config.key_file;
    if path.try_exists().map_err(AgentError::file(path, "look for the key"))? {
        return Ok(PrivateKey::load(path)?);
    }
    let key = PrivateKey::generate()?;
    key.save(path)?;
    Ok(key)
}

async fn ask(
    config: &AgentConfig,
    code: &str,
    key: &PrivateKey,
    client: &GuardedClient,
) -> Result<Enrolled, AgentError> {
    let request = json!({
        "facility": config.facility,
        "code": code,
        "public_key": key.public(),
        "address": config.reach(),
        "environment": config.environment,
    });
    let answer = client.post(&config.api("enrol"), &[], request.to_string().into_bytes()).await?;
    let refused = |said: String| AgentError::EnrolmentRefused { status: answer.status, said };
    if !(200..300).contains(&answer.status) {
        return Err(refused(String::from_utf8_lossy(&answer.body).chars().take(500).collect()));
    }
    serde_json::from_slice(&answer.body).map_err(|error| refused(format!("not an enrolment ({error})")))
}

fn check(config: &AgentConfig, enrolled: &Enrolled) -> Result<(), AgentError> {
    let mismatch = |what, found: &str, expected: &str, hint| {
        let (found, expected) = (found.to_owned(), expected.to_owned());
        Err(AgentError::Mismatch { what, found, expected, hint })
    };
    if enrolled.environment != config.environment {
        let hint = "correct server_url or environment; nothing was pinned";
        return mismatch("the control room's environment", &enrolled.environment, &config.environment, hint);
    }
    let shown = enrolled.control_room_public_key.key_id();
    if let Some(expected) = &config.control_room_fingerprint {
        let hint = "call the control room: somebody may stand in between; nothing was pinned";
        return match shown == *expected {
            true => Ok(()),
            false => mismatch("the fingerprint of the control room's key", &shown, expected, hint),
        };
    }
    match pinned_before(config)? {
        Some(pinned) if pinned != shown => {
            let hint = "call the control room and, if its key has changed, set control_room_fingerprint";
            mismatch("the fingerprint of the control room's key", &shown, &pinned, hint)
        }
        _ => Ok(()),
    }
}

fn pinned_before(config: &AgentConfig) -> Result<Option<String>, AgentError> {
    match Pins::load(&config.state_file) {
        Ok(pins) => Ok(pins.control_room_keys.first().map(PublicKey::key_id)),
        Err(AgentError::NotEnrolled { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An existing store is kept: it holds the orders in force.
fn make_store(config: &AgentConfig) -> Result<(), AgentError> {
    let path = &config.store_file;
    let made = match path.try_exists().map_err(AgentError::file(path, "look for the store"))? {
        true => Store::open(path),
        false => Store::create(path, &config.facility, &config.environment),
    };
    made.map(|_| ())
}
