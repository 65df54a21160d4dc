//! What is urgent and nobody has seen to, filled; and the sound of it, which a person may mute for a while.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::TimeDelta;
use kezek_model::order::Priority;
use kezek_pages::alarm::{Alarm, MUTE_MINUTES};
use kezek_pages::day::Urgency;
use serde::Deserialize;

use super::orders::mark;
use super::problem::problem;
use super::session::{Visitor, local};
use crate::api::OrderRow;
use crate::record::DeskEvent;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::refusal::ApiError;

/// One group for all orders that stand, are urgent, and about which nobody has called.
pub(super) fn alarm(room: &Room, visitor: &Visitor, rows: &[OrderRow]) -> Option<Alarm> {
    let is_unseen =
        |row: &&OrderRow| row.life == "live" && mark(row) == Some(Urgency::Urgent) && row.last_call.is_none();
    let unseen: Vec<&OrderRow> = rows.iter().filter(is_unseen).collect();
    let moves_load = |row: &&&OrderRow| row.priority != Priority::Drill;
    (!unseen.is_empty()).then(|| Alarm {
        orders: unseen.iter().map(|row| row.order_no.to_string()).collect(),
        power: unseen.iter().filter(moves_load).map(|row| row.cut_mw).sum(),
        muted_until: room.look(|book| book.muted.get(&visitor.caller.name).copied()),
    })
}

/// Which page the button stands on.
#[derive(Deserialize)]
pub(super) struct Muting {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    back: String,
}

/// Mutes the sound for whoever asks, and writes down that it was muted.
pub(super) async fn mute(State(room): State<Room>, visitor: Visitor, Form(form): Form<Muting>) -> Response {
    match muted(&room, &visitor, &form.seal).await {
        Ok(()) => Redirect::to(local(&form.back)).into_response(),
        Err(error) => problem(&room, &visitor, error, local(&form.back)).await,
    }
}

/// While it is muted nothing is written again: a button is easily pressed twice.
async fn muted(room: &Room, visitor: &Visitor, seal: &str) -> Result<(), ApiError> {
    visitor.require_seal(seal)?;
    visitor.caller.require(&STAFF)?;
    let (now, person) = (room.now(), visitor.caller.name.clone());
    if room.look(|book| book.muted.get(&person).is_some_and(|until| now < *until)) {
        return Ok(());
    }
    let until = now + TimeDelta::minutes(MUTE_MINUTES);
    room.happen(vec![DeskEvent::SoundMuted { person, until }.into()]).await?;
    Ok(())
}
