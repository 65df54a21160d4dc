//! Whom the control room tells at a facility, and a message to try it out.

use std::time::Instant;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use kezek_engine::{NoticeOutcome, SecondChannel, State as Known};
use kezek_model::ids::FacilityId;
use kezek_model::registry::Contact;
use kezek_pages::my::{Channels, Person, trial};
use serde::Deserialize;

use super::super::problem::problem;
use super::super::session::Visitor;
use super::own;
use crate::routes::Room;
use crate::routes::refusal::ApiError;

/// Everybody of the facility, as the registry has them.
pub(super) fn people(state: &Known, facility: &FacilityId) -> Vec<Person> {
    let person = |one: &Contact| Person {
        role: one.role.clone(),
        name: one.name.clone(),
        phone: one.phone.clone(),
        sms: one.sms.clone(),
        email: one.email.clone(),
    };
    state.registry().contacts_of(facility).iter().map(person).collect()
}

/// What messages go over.
pub(super) fn channels(room: &Room) -> Channels {
    let settings = &room.config().second_channel;
    Channels { sms: settings.sms.is_some(), email: settings.email.is_some() }
}

/// Over what to which address of the registry a message shall go.
#[derive(Deserialize)]
pub(in crate::pages) struct TrialForm {
    #[serde(default)]
    seal: String,
    /// `sms` or `email`.
    #[serde(default)]
    channel: String,
    #[serde(default)]
    to: String,
}

/// Sends the message. It is no order: nothing is kept of it but a line in the log.
pub(in crate::pages) async fn trial_message(
    State(room): State<Room>,
    visitor: Visitor,
    Form(form): Form<TrialForm>,
) -> Response {
    match send(&room, &visitor, &form).await {
        Ok(()) => Redirect::to("/my?told=yes#contacts").into_response(),
        Err(error) => problem(&room, &visitor, error, "/my#contacts").await,
    }
}

async fn send(room: &Room, visitor: &Visitor, form: &TrialForm) -> Result<(), ApiError> {
    let facility = own(visitor)?;
    visitor.require_seal(&form.seal)?;
    let (channel, contact) = room.look(|book| meant(&book.state, &facility, form)).ok_or_else(|| {
        ApiError::bad("there is no such contact of yours", "the control room keeps contacts; call it")
    })?;
    if room.look(|book| book.state.frozen().is_some()) {
        let error = "the control room is frozen: nothing leaves";
        return Err(ApiError::new(StatusCode::CONFLICT, error, "try again once it is thawed"));
    }
    room.trials.take(&facility.to_string(), Instant::now()).map_err(|wait| {
        let hint = format!("try again in {} s", wait.as_secs() + 1);
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "enough tests for now", hint)
    })?;
    let config = room.config();
    let phone = &config.notice.contact.phone;
    let text = trial(contact.language, facility.as_str(), &config.environment, phone);
    tracing::info!(person = %visitor.caller.name, %facility, ?channel, "a test message leaves");
    match room.teller.trial(channel, &contact, &text, room.now()).await {
        NoticeOutcome::Told { .. } => Ok(()),
        NoticeOutcome::Failed { reason } | NoticeOutcome::Alarm { reason } => {
            let error = format!("the message did not leave: {reason}");
            Err(ApiError::new(StatusCode::BAD_GATEWAY, error, "call the control room"))
        }
    }
}

/// Only what the registry has can be written to.
fn meant(state: &Known, facility: &FacilityId, form: &TrialForm) -> Option<(SecondChannel, Contact)> {
    let of = |contact: &Contact| match form.channel.as_str() {
        "sms" => (contact.sms == form.to).then_some(SecondChannel::Sms),
        "email" => (contact.email == form.to).then_some(SecondChannel::Email),
        _ => None,
    };
    let contacts = state.registry().contacts_of(facility);
    let mut known = contacts.iter().filter(|_| !form.to.is_empty());
    known.find_map(|contact| Some((of(contact)?, Contact::clone(contact))))
}
