//! Freezing and thawing on a page. The second person proves who they are on the same page.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use kezek_pages::Place;
use kezek_pages::issuing::{Count, Deed, Disbelief, Frozen, Issuing, IssuingWords};
use serde::Deserialize;

use super::door::{Refused, believe};
use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::access::{Caller, Role};
use crate::api::{OrderRow, ReasonBody};
use crate::routes::Room;
use crate::routes::gate::{Body, STAFF, words};
use crate::routes::issuing::{MENDERS, WATCH, agreed, freeze as freeze_route, resumed, thawed};
use crate::routes::orders::order_rows;
use crate::routes::refusal::ApiError;

const HERE: &str = "/issuing";

/// What stands in the form that freezes.
#[derive(Deserialize)]
pub(super) struct Freezing {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    reason: String,
}

/// What stands in the form of two people.
#[derive(Deserialize)]
pub(super) struct Together {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// The page.
pub(super) async fn show(State(room): State<Room>, visitor: Visitor) -> Response {
    match visitor.caller.require(&STAFF) {
        Ok(()) => page(&room, &visitor, None, "").await,
        Err(error) => problem(&room, &visitor, error, "/").await,
    }
}

async fn page(room: &Room, visitor: &Visitor, tried: Option<(Deed, Disbelief)>, reason: &str) -> Response {
    let frame = frame(room, visitor, Some(Place::Issuing)).await;
    let standing: Vec<OrderRow> = order_rows(room).into_iter().filter(|row| row.life == "live").collect();
    let undelivered: Vec<&OrderRow> = standing.iter().filter(|row| row.delivery != "received").collect();
    let (frozen, stopped) =
        room.look(|book| (book.state.frozen().cloned(), book.state.stopped().map(ToString::to_string)));
    let frozen = frozen.map(|one| Frozen { by: one.person, reason: one.reason, since: one.since });
    let may = |roles: &[Role]| visitor.caller.require(roles).is_ok();
    html(&Issuing {
        frame: &frame,
        w: IssuingWords::of(frame.language),
        frozen,
        stopped,
        standing: count(standing.iter()),
        undelivered: count(undelivered.into_iter()),
        may_freeze: may(&WATCH),
        may_resume: may(&MENDERS),
        tried,
        reason,
    })
}

fn count<'a>(rows: impl Iterator<Item = &'a OrderRow> + Clone) -> Count {
    Count { orders: rows.clone().count(), cut: rows.map(|row| row.cut_mw).sum() }
}

/// Stops everything that leaves.
pub(super) async fn freeze(
    State(room): State<Room>,
    visitor: Visitor,
    Form(form): Form<Freezing>,
) -> Response {
    if let Err(error) = visitor.require_seal(&form.seal) {
        return problem(&room, &visitor, error, HERE).await;
    }
    let body = Body(ReasonBody { reason: form.reason });
    match freeze_route(State(room.clone()), visitor.caller.clone(), body).await {
        Ok(_) => Redirect::to(HERE).into_response(),
        Err(error) => problem(&room, &visitor, error, HERE).await,
    }
}

/// Lets orders leave again.
pub(super) async fn thaw(State(room): State<Room>, visitor: Visitor, Form(form): Form<Together>) -> Response {
    together(&room, &visitor, form, Deed::Thaw).await
}

/// Lets issuing go on after a broken promise.
pub(super) async fn resume(
    State(room): State<Room>,
    visitor: Visitor,
    Form(form): Form<Together>,
) -> Response {
    together(&room, &visitor, form, Deed::Resume).await
}

async fn together(room: &Room, visitor: &Visitor, form: Together, deed: Deed) -> Response {
    let reason = form.reason.clone();
    match attempt(room, visitor, form, deed).await {
        Ok(Ok(())) => Redirect::to(HERE).into_response(),
        Ok(Err(refused)) => {
            let mut page = page(room, visitor, Some((deed, disbelief(refused))), &reason).await;
            refused.mark(&mut page);
            page
        }
        Err(error) => problem(room, visitor, error, HERE).await,
    }
}

pub(super) fn disbelief(refused: Refused) -> Disbelief {
    match refused {
        Refused::Wrong => Disbelief::Wrong,
        Refused::Locked { minutes } => Disbelief::Locked { minutes },
    }
}

/// Whoever may not do it learns nothing of anybody's password.
async fn attempt(
    room: &Room,
    visitor: &Visitor,
    form: Together,
    deed: Deed,
) -> Result<Result<(), Refused>, ApiError> {
    visitor.require_seal(&form.seal)?;
    let roles: &[Role] = match deed {
        Deed::Thaw => &WATCH,
        Deed::Resume => &MENDERS,
    };
    visitor.caller.require(roles)?;
    // A code is good once: nothing else may be amiss before it is used.
    words("reason", &form.reason)?;
    let second = match believe(room, &form.login, form.password, form.code).await? {
        Ok(account) => Caller::signed_in(&account),
        Err(refused) => return Ok(Err(refused)),
    };
    let agreed = agreed(visitor.caller.clone(), &second, &form.reason, roles)?;
    let done = match deed {
        Deed::Thaw => thawed(room, agreed).await,
        Deed::Resume => resumed(room, agreed).await,
    };
    done.map(|_| Ok(()))
}
