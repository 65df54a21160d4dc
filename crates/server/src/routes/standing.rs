//! Where a facility stands beside its orders: what it gives of its own accord, and whether its licence holds.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use kezek_courier::{Peer, Purpose};
use kezek_engine::Event;
use kezek_engine::voluntary::voluntary;
use kezek_model::receipt::Voluntary;

use super::Room;
use super::gate::{Body, Raw, words};
use super::receipts::{Word, open, take};
use super::refusal::ApiError;
use crate::access::{Caller, ROLES, Role};
use crate::api::{ErrorBody, LicenceRow, ReasonBody, TakenBody, VoluntaryRow};
use crate::record::Input;
use crate::view;

impl Word for Voluntary {
    const PURPOSE: Purpose = Purpose::Voluntary;
    fn facility(&self) -> Option<kezek_model::ids::FacilityId> {
        Some(self.facility.clone())
    }
}

/// A facility's signed word that it will draw less of its own accord: no order, and nothing is restored after it.
#[utoipa::path(post, path = "/voluntary/signed",
    request_body(content = Object, description = "{body: Voluntary, key_id, signature}"), responses(
    (status = 200, body = TakenBody),
    (status = 401, body = ErrorBody, description = "not signed with the facility's key"),
    (status = 409, body = ErrorBody, description = "it has begun already"),
))]
pub(crate) async fn volunteer(
    State(room): State<Room>,
    peer: Option<Extension<Peer>>,
    Raw(bytes): Raw,
) -> Result<Json<TakenBody>, ApiError> {
    let declared: Voluntary = open(&room, peer.as_deref(), &bytes)?;
    let event = Event::Volunteered { declared, entered_by: None };
    take(&room, Input::from(event).with_document(bytes.to_vec())).await
}

/// The same, entered by a dispatcher who was told of it.
#[utoipa::path(post, path = "/voluntary", request_body(content = Object, description = "Voluntary"), responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody, description = "it has begun already"),
))]
pub(crate) async fn enter(
    State(room): State<Room>,
    caller: Caller,
    Body(declared): Body<Voluntary>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&[Role::Dispatcher])?;
    let event = Event::Volunteered { declared, entered_by: Some(caller.name) };
    take(&room, event.into()).await
}

/// Voluntary cuts and what the meters say of them. A facility sees its own.
#[utoipa::path(get, path = "/voluntary", responses((status = 200, body = Vec<VoluntaryRow>)))]
pub(crate) async fn list(
    State(room): State<Room>,
    caller: Caller,
) -> Result<Json<Vec<VoluntaryRow>>, ApiError> {
    caller.require(&ROLES)?;
    let rows = room.look(|book| {
        let seen = voluntary(&book.state).into_iter();
        let seen = seen.filter(|seen| caller.may_see(&seen.volunteered.declared.facility));
        seen.map(|seen| view::voluntary_row(&seen)).collect()
    });
    Ok(Json(rows))
}

/// Who may suspend a licence.
pub(crate) const SUSPENDERS: [Role; 2] = [Role::Administrator, Role::Dispatcher];

/// Keeps that a licence is suspended: no quota any more, which the next case must say; orders bind as before.
#[utoipa::path(post, path = "/licences/{licence}/suspend", request_body = ReasonBody,
    params(("licence" = String, Path)), responses(
    (status = 200, body = LicenceRow),
    (status = 409, body = ErrorBody, description = "it is suspended already"),
))]
pub(crate) async fn suspend(
    State(room): State<Room>,
    caller: Caller,
    Path(licence): Path<String>,
    Body(ReasonBody { reason }): Body<ReasonBody>,
) -> Result<Json<LicenceRow>, ApiError> {
    caller.require(&SUSPENDERS)?;
    let (licence, reason) = (words("licence", &licence)?, words("reason", &reason)?);
    let event = Event::LicenceSuspended { licence: licence.clone(), person: caller.name, reason };
    room.happen(vec![event.into()]).await?;
    let row =
        room.look(|book| view::licence_rows(&book.state).into_iter().find(|row| row.licence == licence));
    row.map(Json).ok_or_else(|| ApiError::absent("suspended licence", &licence))
}

/// Keeps that a licence holds again.
#[utoipa::path(post, path = "/licences/{licence}/reinstate", request_body = ReasonBody,
    params(("licence" = String, Path)), responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody, description = "it is not suspended"),
))]
pub(crate) async fn reinstate(
    State(room): State<Room>,
    caller: Caller,
    Path(licence): Path<String>,
    Body(ReasonBody { reason }): Body<ReasonBody>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&SUSPENDERS)?;
    let (licence, reason) = (words("licence", &licence)?, words("reason", &reason)?);
    room.happen(vec![Event::LicenceReinstated { licence, person: caller.name, reason }.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}

/// The licences that are suspended, with the facilities in which somebody works under them.
#[utoipa::path(get, path = "/licences", responses((status = 200, body = Vec<LicenceRow>)))]
pub(crate) async fn licences(
    State(room): State<Room>,
    caller: Caller,
) -> Result<Json<Vec<LicenceRow>>, ApiError> {
    caller.require(&ROLES)?;
    let mut rows = room.look(|book| view::licence_rows(&book.state));
    for row in &mut rows {
        row.facilities.retain(|facility| caller.may_see(facility));
    }
    rows.retain(|row| caller.confined_to().is_none() || !row.facilities.is_empty());
    Ok(Json(rows))
}
