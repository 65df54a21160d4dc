//! Orders for facilities that nobody can reach: each request, signed with the facility's own key, waits for the next one
//! and says what became of the one before.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use kezek_courier::delivery::judge_word;
use kezek_courier::limits::{FETCH_WITHIN, TIMESTAMP_TOLERANCE_S};
use kezek_courier::{Peer, Purpose};
use kezek_engine::Event;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Fetch, Handover};

use super::Room;
use super::gate::Raw;
use super::receipts::{Word, open};
use super::refusal::ApiError;
use crate::api::ErrorBody;
use crate::error::ServerError;
use crate::hatch::Crowd;
use crate::post::outcome;
use crate::record::Input;

impl Word for Fetch {
    const PURPOSE: Purpose = Purpose::Fetch;
    fn facility(&self) -> Option<FacilityId> {
        Some(self.facility.clone())
    }

    fn texts(&self) -> Vec<&str> {
        self.previous.iter().map(|previous| previous.error.as_str()).collect()
    }
}

/// A facility's signed request for its next order. Waits for one up to `wait_s` seconds, 25 at most. The answer has the
/// headers and bytes of a pushed order. Only the next request makes it received: its `previous` says so.
#[utoipa::path(post, path = "/orders/fetch",
    request_body(content = Object, description = "{body: Fetch, key_id, signature}"), responses(
    (status = 200, description = "the order, as it would be pushed", body = Object),
    (status = 204, description = "nothing new in that time"),
    (status = 401, body = ErrorBody, description = "not signed with the facility's key, too old, or sent before"),
    (status = 503, body = ErrorBody, description = "too many wait"),
))]
pub(crate) async fn fetch(
    State(room): State<Room>,
    peer: Option<Extension<Peer>>,
    Raw(bytes): Raw,
) -> Result<Response, ApiError> {
    let asked: Fetch = open(&room, peer.as_deref(), &bytes)?;
    check(&room, &asked)?;
    if let Some(previous) = &asked.previous {
        hear(&room, &asked.facility, previous, bytes.to_vec()).await?;
    }
    let (waits, _turn) = room.hatch.wait(&asked.facility).map_err(crowded)?;
    let within = FETCH_WITHIN.min(Duration::from_secs(asked.wait_s.into()));
    let handed = tokio::select! {
        handed = waits => handed.ok(),
        () = tokio::time::sleep(within) => None,
        _ = room.deposed() => return Err(crowded(Crowd::Ending)),
    };
    Ok(match handed {
        Some(handed) => {
            (handed.headers, [(header::CONTENT_TYPE, "application/json")], handed.body).into_response()
        }
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

fn check(room: &Room, asked: &Fetch) -> Result<(), ApiError> {
    let environment = &room.config().environment;
    if asked.environment != *environment {
        let error = format!("this is environment {environment}, not {}", asked.environment);
        return Err(ApiError::new(StatusCode::CONFLICT, error, "ask the right control room"));
    }
    let now = room.now();
    let unproven = |error: String, hint: &str| Err(ApiError::new(StatusCode::UNAUTHORIZED, error, hint));
    if (asked.at - now).abs() > TimeDelta::seconds(TIMESTAMP_TOLERANCE_S) {
        let error = format!("the request is of {}, but it is {now}", asked.at);
        return unproven(error, "set the clock of the facility right");
    }
    match room.hatch.is_new(&asked.facility, asked.at) {
        true => Ok(()),
        false => unproven(
            format!("a request of {} of {} or a later one was taken before", asked.facility, asked.at),
            "sign a new one; two agents must not act for one facility",
        ),
    }
}

/// What the facility says of the order before is the outcome of the latest attempt at it. A word that changes nothing, or
/// is about an order that a restored journal no longer knows, must not keep the facility from its next order.
async fn hear(room: &Room, facility: &FacilityId, said: &Handover, bytes: Vec<u8>) -> Result<(), ApiError> {
    let order_no = &said.order_no;
    let attempt = room.look(|book| {
        let record = book.state.record(order_no).filter(|record| record.order.facility == *facility);
        record.map(|record| record.attempts_made)
    });
    let Some(attempt) = attempt else { return Ok(()) };
    let outcome = outcome(judge_word(said.status, &said.error));
    let ended = Event::AttemptEnded { order_no: order_no.clone(), attempt, outcome };
    match room.happen(vec![Input::from(ended).with_document(bytes)]).await {
        Ok(_) | Err(ServerError::Refused(_)) => room.hatch.spoken(facility, order_no),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn crowded(crowd: Crowd) -> ApiError {
    let error = match crowd {
        Crowd::Full => "as many facilities wait for orders as may",
        Crowd::Ending => "this control room is ending",
    };
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, error, "ask again").with_wait(2)
}
