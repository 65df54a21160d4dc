//! The door for orders.

use crate::agent::Agent;
use crate::check::{self, Admission};
use crate::record::Record;
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kezek_courier::limits::MAX_MESSAGE_BYTES;
use kezek_model::ids::OrderNo;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// How long the control room may take to send an order; its own attempt is over sooner.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// The receipt of an order: it is verified and durably stored. It is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Received {
    /// The order.
    pub order_no: OrderNo,
    /// Whether it was stored before.
    pub duplicate: bool,
}

impl Agent {
    /// `POST /orders` and `GET /healthz`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/orders", post(take_order))
            .route("/healthz", get(health))
            .layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES))
            .with_state(self.clone())
    }

    /// Takes an order as it came over a wire: every check, then the store.
    ///
    /// # Errors
    /// Why it is not taken; then nothing was stored and no load moves.
    pub async fn receive(&self, headers: HeaderMap, body: Bytes) -> Result<Received, Refusal> {
        let now = self.now();
        // Before the ledger is taken: what proves nothing must not keep anybody waiting.
        let signed = check::open(&headers, &body, &self.0.pins, now)?;
        let taken = self.with_ledger(move |_, ledger| {
            let order_no = signed.body.order_no.clone();
            if check::admit(&ledger.memory.holdings, &signed.body, now)? == Admission::Duplicate {
                return Ok(Received { order_no, duplicate: true });
            }
            let (key_id, signature, order) = (signed.key_id, signed.signature, Box::new(signed.body));
            let record = Record::Received { at: now, key_id, signature, order };
            ledger.record(vec![record]).map_err(not_stored)?;
            Ok(Received { order_no, duplicate: false })
        });
        let received = taken.await.map_err(not_stored)??;
        self.0.news.notify_waiters();
        Ok(received)
    }
}

fn not_stored(error: crate::error::AgentError) -> Refusal {
    Refusal::NotStored { why: kezek_courier::error::describe(&error) }
}

async fn take_order(
    State(agent): State<Agent>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Received>, Refusal> {
    let reading = tokio::time::timeout(BODY_WITHIN, Bytes::from_request(request, &()));
    let body = reading.await.map_err(|_| Refusal::TooSlow { seconds: BODY_WITHIN.as_secs() })?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLong { limit: MAX_MESSAGE_BYTES },
        _ => Refusal::Malformed { why: rejection.body_text() },
    })?;
    let received = agent.receive(headers, body).await;
    received.map(Json).inspect_err(|refusal| tracing::warn!(%refusal, "an order was not taken"))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Json(json!({ "error": self.to_string(), "hint": self.hint() }));
        match self {
            Self::TooSlow { .. } | Self::TooLong { .. } | Self::NotStored { .. } => {
                (status, [(header::RETRY_AFTER, "1")], body).into_response()
            }
            _ => (status, body).into_response(),
        }
    }
}

async fn health(State(agent): State<Agent>) -> (StatusCode, Json<serde_json::Value>) {
    let version = env!("CARGO_PKG_VERSION");
    match agent.ledger().is_closed() {
        true => {
            let hint = "make room on the disk and start the agent again";
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ok": false, "hint": hint, "version": version })))
        }
        false => (StatusCode::OK, Json(json!({ "ok": true, "version": version }))),
    }
}
