//! Whether orders leave: freeze, thaw, and going on after a broken promise.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kezek_engine::Event;

use super::Room;
use super::gate::{Body, words};
use super::refusal::ApiError;
use crate::access::{Caller, Role};
use crate::api::{ErrorBody, ReasonBody, TakenBody, TwoPeopleBody};

/// Who may freeze and thaw.
const WATCH: [Role; 3] = [Role::Dispatcher, Role::Approver, Role::Administrator];

/// Stops everything that leaves: nothing is approved, recalled or sent until two people thaw it. Nothing restores by it.
#[utoipa::path(post, path = "/issuing/freeze", request_body = ReasonBody, responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody, description = "it is frozen already"),
))]
pub(crate) async fn freeze(
    State(room): State<Room>,
    caller: Caller,
    Body(ReasonBody { reason }): Body<ReasonBody>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&WATCH)?;
    let event = Event::Frozen { person: caller.name, reason: words("reason", &reason)? };
    happened(&room, event).await
}

/// Lets orders leave again: the caller and a second person together. What waited goes at once.
#[utoipa::path(post, path = "/issuing/thaw", request_body = TwoPeopleBody, responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody, description = "it is not frozen, or both are one person"),
))]
pub(crate) async fn thaw(
    State(room): State<Room>,
    caller: Caller,
    Body(body): Body<TwoPeopleBody>,
) -> Result<Json<TakenBody>, ApiError> {
    let (by, confirmed_by, reason) = two_people(&room, caller, &body, &WATCH)?;
    happened(&room, Event::Thawed { by, confirmed_by, reason }).await
}

/// Lets issuing go on after a promise was found broken: the caller and a second person together.
#[utoipa::path(post, path = "/issuing/resume", request_body = TwoPeopleBody, responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody, description = "issuing goes on, or both are one person"),
))]
pub(crate) async fn resume(
    State(room): State<Room>,
    caller: Caller,
    Body(body): Body<TwoPeopleBody>,
) -> Result<Json<TakenBody>, ApiError> {
    let roles = [Role::Approver, Role::Administrator];
    let (by, confirmed_by, reason) = two_people(&room, caller, &body, &roles)?;
    happened(&room, Event::Resumed { by, confirmed_by, reason }).await
}

/// The caller, the owner of the second token, and their reason.
pub(crate) fn two_people(
    room: &Room,
    caller: Caller,
    body: &TwoPeopleBody,
    roles: &[Role],
) -> Result<(String, String, String), ApiError> {
    caller.require(roles)?;
    let unknown = || ApiError::new(StatusCode::UNAUTHORIZED, "nobody has the second token", "");
    let second = room.callers.find(&body.second_token).ok_or_else(unknown)?;
    second.require(roles)?;
    Ok((caller.name, second.name.clone(), words("reason", &body.reason)?))
}

async fn happened(room: &Room, event: Event) -> Result<Json<TakenBody>, ApiError> {
    room.happen(vec![event.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}
