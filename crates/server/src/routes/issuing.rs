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
pub(crate) const WATCH: [Role; 3] = [Role::Dispatcher, Role::Approver, Role::Administrator];
/// Who may let issuing go on after a broken promise.
pub(crate) const MENDERS: [Role; 2] = [Role::Approver, Role::Administrator];

/// Who, with whom, why.
pub(crate) type Agreed = (String, String, String);

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
    let agreed = two_people(&room, caller, &body, &WATCH)?;
    thawed(&room, agreed).await
}

/// What two people who agreed let leave again.
pub(crate) async fn thawed(
    room: &Room,
    (by, confirmed_by, reason): Agreed,
) -> Result<Json<TakenBody>, ApiError> {
    happened(room, Event::Thawed { by, confirmed_by, reason }).await
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
    let agreed = two_people(&room, caller, &body, &MENDERS)?;
    resumed(&room, agreed).await
}

/// What two people who agreed let go on.
pub(crate) async fn resumed(
    room: &Room,
    (by, confirmed_by, reason): Agreed,
) -> Result<Json<TakenBody>, ApiError> {
    happened(room, Event::Resumed { by, confirmed_by, reason }).await
}

/// The caller, the owner of the second token, and their reason.
pub(crate) fn two_people(
    room: &Room,
    caller: Caller,
    body: &TwoPeopleBody,
    roles: &[Role],
) -> Result<Agreed, ApiError> {
    caller.require(roles)?;
    let unknown = || ApiError::new(StatusCode::UNAUTHORIZED, "nobody has the second token", "");
    let second = room.callers.find(&body.second_token).ok_or_else(unknown)?;
    agreed(caller, second, &body.reason, roles)
}

/// Both may do it and they say why. That they are two, the engine asks.
pub(crate) fn agreed(
    first: Caller,
    second: &Caller,
    reason: &str,
    roles: &[Role],
) -> Result<Agreed, ApiError> {
    first.require(roles)?;
    second.require(roles)?;
    Ok((first.name, second.name.clone(), words("reason", reason)?))
}

async fn happened(room: &Room, event: Event) -> Result<Json<TakenBody>, ApiError> {
    room.happen(vec![event.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}
