//! The facility's own people, on the facility's own machine: which orders there are, and the person's answer.

use crate::agent::Agent;
use crate::error::AgentError;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kezek_courier::error::describe;
use kezek_model::ids::OrderNo;
use kezek_model::order::Order;
use kezek_model::receipt::{Answer, Response as Word};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::IpAddr;

/// What a person answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonsAnswer {
    /// Who answers.
    pub by: String,
    /// What.
    pub answer: Word,
}

#[derive(Serialize)]
struct Page {
    #[serde(rename = "limit_mw")]
    limit: Option<Kw>,
    order_no: Option<OrderNo>,
    unsent: usize,
    orders: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    order: Order,
    answer: Option<Answer>,
}

impl Agent {
    /// `GET /orders` and `POST /orders/{order_no}/answer`, for a loopback address only: who can reach it speaks
    /// for the facility.
    pub fn admin_router(&self) -> Router {
        Router::new()
            .route("/orders", get(orders))
            .route("/orders/{order_no}/answer", post(answer))
            .layer(middleware::from_fn(only_this_machine))
            .with_state(self.clone())
    }
}

async fn orders(State(agent): State<Agent>) -> Json<Page> {
    let standing = agent.standing();
    let rows = standing.holdings.into_iter().rev();
    Json(Page {
        limit: standing.applied.limit,
        order_no: standing.applied.order_no,
        unsent: standing.unsent,
        orders: rows.map(|holding| Row { order: holding.order, answer: holding.answer }).collect(),
    })
}

async fn answer(
    State(agent): State<Agent>,
    Path(order_no): Path<String>,
    Json(said): Json<PersonsAnswer>,
) -> Result<Json<serde_json::Value>, (StatusCode, Json<serde_json::Value>)> {
    let answered = agent.answer(&order_no.into(), &said.by, said.answer).await;
    answered.map(|()| Json(json!({ "stored": true }))).map_err(|error| {
        let status = match &error {
            AgentError::UnknownOrder { .. } => StatusCode::NOT_FOUND,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(json!({ "error": describe(&error) })))
    })
}

/// A page of the web, opened at the facility, could let a name point to this machine and speak for its people.
async fn only_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    match host.is_some_and(is_this_machine) {
        true => next.run(request).await,
        false => {
            (StatusCode::FORBIDDEN, Json(json!({ "error": "only 127.0.0.1 and localhost are served here" })))
                .into_response()
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let Ok(uri) = format!("http://{host}/").parse::<Uri>() else { return false };
    let name = uri.host().unwrap_or_default();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_served() {
        for host in ["localhost", "localhost:7071", "127.0.0.1:7071", "[::1]:7071", "127.0.0.1"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["mine.example.kz", "127.0.0.1.example.kz", "10.0.0.1:7071", "", "localhost.example.kz"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
