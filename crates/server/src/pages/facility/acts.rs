//! What people do on the page of a facility.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use kezek_model::ids::FacilityId;
use kezek_model::receipt::Voluntary as Declared;
use kezek_model::registry::{Channel, Endpoint, FETCHED};
use serde::Deserialize;

use super::super::door::{Refused, believe};
use super::super::facilities::after;
use super::super::frame::zone;
use super::super::issuing::disbelief;
use super::super::problem::problem;
use super::super::session::{Visitor, encoded};
use super::super::typed::{instant, power};
use super::page;
use crate::access::Caller;
use crate::api::{CodeBody, ConfirmBody};
use crate::routes::Room;
use crate::routes::facilities as route;
use crate::routes::gate::{Body, words};
use crate::routes::issuing::agreed;
use crate::routes::refusal::ApiError;
use crate::routes::standing;

/// An address, key and relay as they were shown.
#[derive(Deserialize)]
pub(in crate::pages) struct WayForm {
    #[serde(default)]
    seal: String,
    address: String,
    public_key: String,
    #[serde(default)]
    relay: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

impl WayForm {
    fn relay(&self) -> Option<String> {
        Some(self.relay.clone()).filter(|relay| !relay.is_empty())
    }

    fn endpoint(&self, facility: &FacilityId) -> Endpoint {
        let channel = if self.address == FETCHED { Channel::Fetch } else { Channel::Push };
        Endpoint {
            facility: facility.clone(),
            channel,
            address: self.address.clone(),
            public_key: self.public_key.clone(),
            relay: self.relay(),
        }
    }
}

/// A second person confirms the change that waits.
pub(in crate::pages) async fn confirm(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<WayForm>,
) -> Response {
    let page = format!("/facilities/{}", encoded(&id));
    let confirming = async {
        visitor.require_seal(&form.seal)?;
        let relay = form.relay();
        let body = Body(ConfirmBody { address: form.address, public_key: form.public_key, relay });
        route::confirm(State(room.clone()), visitor.caller.clone(), Path(id), body).await.map(|_| ())
    };
    let done = confirming.await;
    after(&room, &visitor, done, &page).await
}

/// Two people let the word of the file hold.
pub(in crate::pages) async fn adopt(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<WayForm>,
) -> Response {
    let back = format!("/facilities/{}", encoded(&id));
    let shown = match together(&room, &visitor, &id, form).await {
        Ok(Ok(())) => Ok(Redirect::to(&back).into_response()),
        Ok(Err(refused)) => {
            page(&room, &visitor, &id, None, Some(disbelief(refused))).await.map(|mut page| {
                refused.mark(&mut page);
                page
            })
        }
        Err(error) => Err(error),
    };
    match shown {
        Ok(shown) => shown,
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// Whoever may not do it learns nothing of anybody's password.
async fn together(
    room: &Room,
    visitor: &Visitor,
    id: &str,
    form: WayForm,
) -> Result<Result<(), Refused>, ApiError> {
    visitor.require_seal(&form.seal)?;
    visitor.caller.require(&route::ADOPTERS)?;
    // A code is good once: nothing else may be amiss before it is used.
    words("reason", &form.reason)?;
    let facility = FacilityId::from(id);
    let shown = form.endpoint(&facility);
    let second = match believe(room, &form.login, form.password, form.code).await? {
        Ok(account) => Caller::signed_in(&account),
        Err(refused) => return Ok(Err(refused)),
    };
    let agreed = agreed(visitor.caller.clone(), &second, &form.reason, &route::ADOPTERS)?;
    route::adopted(room, agreed, facility, Some(shown)).await.map(|_| Ok(()))
}

/// A form without words.
#[derive(Deserialize)]
pub(in crate::pages) struct Sealed {
    #[serde(default)]
    seal: String,
}

/// Makes a code and shows it, once.
pub(in crate::pages) async fn code(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<Sealed>,
) -> Response {
    let back = format!("/facilities/{}", encoded(&id));
    let making = async {
        visitor.require_seal(&form.seal)?;
        let body = Body(CodeBody { facility: FacilityId::from(id.as_str()) });
        let (_, made) = route::issue_code(State(room.clone()), visitor.caller.clone(), body).await?;
        page(&room, &visitor, &id, Some((made.0.code, made.0.expires)), None).await
    };
    match making.await {
        Ok(page) => page,
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// A voluntary cut as a dispatcher was told of it, on the clock of the page.
#[derive(Deserialize)]
pub(in crate::pages) struct Given {
    #[serde(default)]
    seal: String,
    from: String,
    to: String,
    limit_mw: String,
    cut_mw: String,
    by: String,
}

/// Enters a voluntary cut.
pub(in crate::pages) async fn declare(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Response {
    let back = format!("/facilities/{}", encoded(&id));
    let entering = async {
        visitor.require_seal(&form.seal)?;
        let zone = zone(&room).await;
        let wrong = |why: String| ApiError::bad(why, "nothing was entered; mend it");
        let declared = Declared {
            facility: FacilityId::from(id.as_str()),
            environment: room.config().environment.clone(),
            from: instant(&form.from, zone).map_err(wrong)?,
            to: instant(&form.to, zone).map_err(wrong)?,
            limit: power("limit", &form.limit_mw).map_err(wrong)?,
            cut: power("cut", &form.cut_mw).map_err(wrong)?,
            by: words("name of who says so", &form.by)?,
        };
        standing::enter(State(room.clone()), visitor.caller.clone(), Body(declared)).await.map(|_| ())
    };
    let done = entering.await;
    after(&room, &visitor, done, &back).await
}
