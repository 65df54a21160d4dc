//! Suspending a licence on a page, and letting it hold again.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::facilities::after;
use super::session::{Visitor, encoded};
use crate::api::ReasonBody;
use crate::routes::Room;
use crate::routes::gate::Body;
use crate::routes::refusal::ApiError;
use crate::routes::standing as route;

/// What stands in the forms about a licence.
#[derive(Deserialize)]
pub(super) struct LicenceForm {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    reason: String,
    /// The page of which facility the form stands on; the registry's where it is empty.
    #[serde(default)]
    facility: String,
}

impl LicenceForm {
    fn page(&self) -> String {
        match self.facility.as_str() {
            "" => "/facilities".into(),
            facility => format!("/facilities/{}", encoded(facility)),
        }
    }

    /// What the route is told, from this person.
    fn told(self, visitor: &Visitor) -> Result<(Path<String>, Body<ReasonBody>), ApiError> {
        visitor.require_seal(&self.seal)?;
        Ok((Path(self.licence), Body(ReasonBody { reason: self.reason })))
    }
}

/// Keeps that a licence is suspended.
pub(super) async fn suspend(
    State(room): State<Room>,
    visitor: Visitor,
    Form(form): Form<LicenceForm>,
) -> Response {
    let page = form.page();
    let suspending = async {
        let (licence, body) = form.told(&visitor)?;
        route::suspend(State(room.clone()), visitor.caller.clone(), licence, body).await.map(|_| ())
    };
    let done = suspending.await;
    after(&room, &visitor, done, &page).await
}

/// Keeps that it holds again.
pub(super) async fn reinstate(
    State(room): State<Room>,
    visitor: Visitor,
    Form(form): Form<LicenceForm>,
) -> Response {
    let page = form.page();
    let reinstating = async {
        let (licence, body) = form.told(&visitor)?;
        route::reinstate(State(room.clone()), visitor.caller.clone(), licence, body).await.map(|_| ())
    };
    let done = reinstating.await;
    after(&room, &visitor, done, &page).await
}
