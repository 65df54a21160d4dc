//! What comes back: answers, reports, readings; and the verdicts on them.

use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use kezek_courier::error::describe;
use kezek_courier::{Peer, PublicKey, Purpose, Signed, open_signed};
use kezek_engine::Event;
use kezek_engine::comply::verdicts as verdicts_of;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Answer, Reading, Report, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::Room;
use super::gate::{Filter, Raw};
use super::refusal::ApiError;
use crate::access::{Caller, ROLES, Role};
use crate::api::{ErrorBody, ReadingsBody, TakenBody, VerdictsBody};
use crate::error::ServerError;
use crate::limits::{MAX_READINGS, MAX_ROWS, MAX_WORD};
use crate::porter::require_certificate;
use crate::record::{Input, Remark};
use crate::view;

/// The source of what a facility reads at its own meter.
const OWN_SOURCE: &str = "agent";

/// A body that names the facility whose word it is.
pub(crate) trait Word: DeserializeOwned {
    const PURPOSE: Purpose;
    fn facility(&self) -> Option<FacilityId>;

    /// The texts of a person in it.
    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Word for Answer {
    const PURPOSE: Purpose = Purpose::Answer;
    fn facility(&self) -> Option<FacilityId> {
        Some(self.facility.clone())
    }

    fn texts(&self) -> Vec<&str> {
        match &self.answer {
            Response::Accepted => vec![&self.by],
            Response::Refused { reason } => vec![&self.by, reason],
        }
    }
}

impl Word for Report {
    const PURPOSE: Purpose = Purpose::Report;
    fn facility(&self) -> Option<FacilityId> {
        Some(self.facility.clone())
    }
}

impl Word for ReadingsBody {
    const PURPOSE: Purpose = Purpose::Report;
    /// None where they are of several.
    fn facility(&self) -> Option<FacilityId> {
        let first = &self.readings.first()?.facility;
        self.readings.iter().all(|reading| reading.facility == *first).then(|| first.clone())
    }
}

/// Opens a signed body with the key that its facility is enrolled with. Who it claims to be only picks the key.
pub(crate) fn open<T: Word>(room: &Room, peer: Option<&Peer>, bytes: &[u8]) -> Result<T, ApiError> {
    let not_json = |error: serde_json::Error| {
        ApiError::bad(
            format!("the body is not {{body, key_id, signature}}: {error}"),
            "see /api/v1/openapi.json",
        )
    };
    let claimed: Signed<T> = serde_json::from_slice(bytes).map_err(not_json)?;
    let several = || ApiError::bad("a signed body is about one facility, the signer", "send one for each");
    let facility = claimed.body.facility().ok_or_else(several)?;
    require_certificate(room, peer, facility.as_str())?;
    let unsigned = |error: String| {
        ApiError::new(StatusCode::UNAUTHORIZED, error, "sign with the key the facility is enrolled with")
    };
    let key = room.look(|book| book.state.enrolment(&facility).map(|held| held.public_key.clone()));
    let key = key.ok_or_else(|| unsigned(format!("facility {facility} is not enrolled")))?;
    let key: PublicKey = key.parse().map_err(|error| unsigned(describe(&error)))?;
    let signed = open_signed::<T>(T::PURPOSE, bytes, &[key]).map_err(|error| unsigned(describe(&error)))?;
    room.porter.count(facility.as_str())?;
    let is_strange = |text: &&str| text.chars().count() > MAX_WORD || text.chars().any(char::is_control);
    match signed.body.texts().iter().any(is_strange) {
        true => {
            let error = format!("a text has control characters or more than {MAX_WORD} characters");
            Err(ApiError::bad(error, "shorten it"))
        }
        false => Ok(signed.body),
    }
}

/// Lets it happen; a sender who repeats itself is told that it is done.
pub(crate) async fn take(room: &Room, input: Input) -> Result<Json<TakenBody>, ApiError> {
    match room.happen(vec![input]).await {
        Ok(_) => Ok(Json(TakenBody { taken: true })),
        Err(ServerError::Refused(refusal)) if refusal.is_duplicate() => Ok(Json(TakenBody { taken: false })),
        Err(error) => Err(error.into()),
    }
}

/// A facility's signed answer to an order.
#[utoipa::path(post, path = "/answers",
    request_body(content = Object, description = "{body: Answer, key_id, signature}"), responses(
    (status = 200, body = TakenBody),
    (status = 401, body = ErrorBody, description = "not signed with the facility's key"),
))]
pub(crate) async fn answer(
    State(room): State<Room>,
    peer: Option<Extension<Peer>>,
    Raw(bytes): Raw,
) -> Result<Json<TakenBody>, ApiError> {
    let answer: Answer = open(&room, peer.as_deref(), &bytes)?;
    take(&room, Input::from(Event::Answered { answer, entered_by: None }).with_document(bytes.to_vec())).await
}

/// A facility's signed word on what it did.
#[utoipa::path(post, path = "/reports",
    request_body(content = Object, description = "{body: Report, key_id, signature}"), responses(
    (status = 200, body = TakenBody),
    (status = 401, body = ErrorBody, description = "not signed with the facility's key"),
))]
pub(crate) async fn report(
    State(room): State<Room>,
    peer: Option<Extension<Peer>>,
    Raw(bytes): Raw,
) -> Result<Json<TakenBody>, ApiError> {
    let report: Report = open(&room, peer.as_deref(), &bytes)?;
    take(&room, Input::from(Event::Reported { report }).with_document(bytes.to_vec())).await
}

/// Meter values: with a token `{readings}`, or signed by the facility
/// `{body: {environment, readings}, key_id, signature}`.
#[utoipa::path(post, path = "/readings", request_body = ReadingsBody, responses(
    (status = 200, body = TakenBody),
    (status = 401, body = ErrorBody),
))]
pub(crate) async fn readings(
    State(room): State<Room>,
    request: Request,
) -> Result<Json<TakenBody>, ApiError> {
    let (mut parts, body) = request.into_parts();
    let caller = match parts.headers.contains_key(axum::http::header::AUTHORIZATION) {
        true => Some(Caller::from_request_parts(&mut parts, &room).await?),
        false => None,
    };
    let peer = parts.extensions.get::<Peer>().cloned();
    let Raw(bytes) = Raw::from_request(Request::from_parts(parts, body), &room).await?;
    let input = match caller {
        Some(caller) => {
            let not_json = |error: serde_json::Error| {
                let error = format!("the body is not {{readings: [..]}}: {error}");
                ApiError::bad(error, "see /api/v1/openapi.json")
            };
            let ReadingsBody { readings, .. } = serde_json::from_slice(&bytes).map_err(not_json)?;
            entered(caller, readings)?
        }
        None => {
            let ReadingsBody { readings, environment } = open(&room, peer.as_ref(), &bytes)?;
            of_here(&room, environment.as_deref())?;
            bounded(&readings)?;
            own_source(&readings)?;
            Input::from(Event::Read { readings }).with_document(bytes.to_vec())
        }
    };
    take(&room, input).await
}

/// Readings that somebody enters who has proven a name.
pub(crate) fn entered(caller: Caller, readings: Vec<Reading>) -> Result<Input, ApiError> {
    caller.require(&[Role::Facility, Role::Dispatcher, Role::Auditor])?;
    bounded(&readings)?;
    readings.iter().try_for_each(|reading| caller.require_sight(&reading.facility))?;
    if caller.confined_to().is_some() {
        own_source(&readings)?;
    }
    let remark = Remark { entered_by: Some(caller.name), ..Remark::default() };
    Ok(Input::from(Event::Read { readings }).with_remark(remark))
}

/// The first value of a source stands, so a facility may not speak in the name of another reader of its meter.
fn own_source(readings: &[Reading]) -> Result<(), ApiError> {
    let foreign = readings.iter().find(|reading| reading.source != OWN_SOURCE);
    foreign.map_or(Ok(()), |reading| {
        let error =
            format!("the source is {:?}, expected {OWN_SOURCE:?} in a facility's word", reading.source);
        Err(ApiError::new(StatusCode::FORBIDDEN, error, "readings of others come from the control room"))
    })
}

/// A facility may have one key in two environments: what its meter says in an exercise is no reading of the real one.
fn of_here(room: &Room, environment: Option<&str>) -> Result<(), ApiError> {
    let own = &room.config().environment;
    match environment {
        Some(named) if named == own => Ok(()),
        other => {
            let found =
                other.map_or_else(|| "of no environment".into(), |named| format!("of environment {named}"));
            let error = format!("the readings are {found}, this is {own}");
            Err(ApiError::new(StatusCode::CONFLICT, error, "sign {environment, readings}; mend the agent"))
        }
    }
}

fn bounded(readings: &[Reading]) -> Result<(), ApiError> {
    if (1..=MAX_READINGS).contains(&readings.len()) {
        return Ok(());
    }
    let error = format!("{} readings, expected 1 to {MAX_READINGS}", readings.len());
    Err(ApiError::bad(error, "send them in several requests"))
}

/// Which verdicts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// On one order.
    pub(crate) order: Option<String>,
    /// On the orders of one facility.
    pub(crate) facility: Option<String>,
}

/// What the meters say about orders, up to this moment.
#[utoipa::path(get, path = "/verdicts", params(Which), responses((status = 200, body = VerdictsBody)))]
pub(crate) async fn verdicts(
    State(room): State<Room>,
    caller: Caller,
    Filter(which): Filter<Which>,
) -> Result<Json<VerdictsBody>, ApiError> {
    caller.require(&ROLES)?;
    let now = room.now();
    let body = room.look(|book| {
        let settings = book.state.config().tolerance.clone();
        let mut body = VerdictsBody { verdicts: Vec::new(), totals: Vec::new(), is_cut_off: false, settings };
        let is_meant = |order: &kezek_model::order::Order| {
            which.order.as_deref().is_none_or(|wanted| order.order_no.as_str() == wanted)
                && which.facility.as_deref().is_none_or(|wanted| order.facility.as_str() == wanted)
                && caller.may_see(&order.facility)
                && !order.segments.is_empty()
        };
        for record in book.state.records().filter(|record| is_meant(&record.order)) {
            body.totals.extend(view::totals(&book.state, record));
            let room_left = MAX_ROWS - body.verdicts.len();
            let rows = verdicts_of(&book.state, &record.order.order_no, now);
            body.is_cut_off |= rows.len() > room_left;
            body.verdicts.extend(rows.into_iter().take(room_left));
        }
        body
    });
    Ok(Json(body))
}
