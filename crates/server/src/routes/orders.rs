//! Orders: to see, to fetch, to withdraw, to send again.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use kezek_courier::Signed;
use kezek_engine::Event;
use kezek_engine::query::{order, orders};
use kezek_model::canonical::canonical_json;
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Head, Order};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Room;
use super::gate::{Body, Filter, STAFF, words};
use super::refusal::ApiError;
use crate::access::{Caller, ROLES, Role};
use crate::api::{CalledBody, ErrorBody, OrderDetail, OrderRow, ReasonBody, RecalledBody, TakenBody};
use crate::error::ServerError;
use crate::limits::MAX_ROWS;
use crate::view::{self, urgency};

/// Which orders.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// A word of their life, for instance `silent` or `in effect`.
    state: Option<String>,
    /// For whom.
    facility: Option<String>,
}

/// Orders, worst first. A facility sees its own.
#[utoipa::path(get, path = "/orders", params(Which), responses((status = 200, body = Vec<OrderRow>)))]
pub(crate) async fn list(
    State(room): State<Room>,
    caller: Caller,
    Filter(which): Filter<Which>,
) -> Result<Json<Vec<OrderRow>>, ApiError> {
    caller.require(&ROLES)?;
    let is_meant = |row: &OrderRow| {
        let facility = which.facility.as_deref().is_none_or(|wanted| row.facility.as_str() == wanted);
        let state = which.state.as_ref().is_none_or(|wanted| row.words.contains(wanted));
        facility && state && caller.may_see(&row.facility)
    };
    let mut rows = order_rows(&room);
    rows.retain(is_meant);
    rows.truncate(MAX_ROWS);
    Ok(Json(rows))
}

/// All orders, worst first, the newer above.
pub(crate) fn order_rows(room: &Room) -> Vec<OrderRow> {
    let now = room.now();
    let mut rows: Vec<OrderRow> =
        room.look(|book| orders(&book.state, now).map(|seen| view::order_row(&book.state, &seen)).collect());
    rows.sort_by_cached_key(|row| {
        (urgency(row), std::cmp::Reverse(row.issued_at), row.facility.clone(), row.sequence)
    });
    rows
}

/// Everything about one order.
#[utoipa::path(get, path = "/orders/{order_no}", params(("order_no" = String, Path)), responses(
    (status = 200, body = OrderDetail),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn detail(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
) -> Result<Json<OrderDetail>, ApiError> {
    caller.require(&ROLES)?;
    let (now, number) = (room.now(), OrderNo::from(order_no));
    let found =
        room.look(|book| order(&book.state, &number, now).map(|seen| view::order_detail(&book.state, &seen)));
    let found = found.ok_or_else(|| ApiError::absent("order", number.as_str()))?;
    caller.require_sight(&found.row.facility)?;
    Ok(Json(found))
}

/// Exactly what was signed, to confirm it or to carry it by hand.
#[utoipa::path(get, path = "/orders/{order_no}/order", params(("order_no" = String, Path)), responses(
    (status = 200, description = "{body: Order, key_id, signature}", body = Object),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn bundle(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
) -> Result<Json<Signed<Order>>, ApiError> {
    caller.require(&ROLES)?;
    let number = OrderNo::from(order_no);
    let found = room.bundle(&number)?.ok_or_else(|| ApiError::absent("order", number.as_str()))?;
    caller.require_sight(&found.body.facility)?;
    Ok(Json(found))
}

/// All that is known of an order, in one file that `kezek evidence verify` checks without the server: canonical JSON,
/// signed. It holds the whole plan, so it is for people of the control room.
#[utoipa::path(get, path = "/orders/{order_no}/evidence", params(("order_no" = String, Path)), responses(
    (status = 200, description = "{body: Evidence, key_id, signature}", body = Object),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn evidence(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
) -> Result<Response, ApiError> {
    caller.require(&STAFF)?;
    let number = OrderNo::from(order_no);
    let found = room.evidence(&number, &caller.name).await?;
    let found = found.ok_or_else(|| ApiError::absent("order", number.as_str()))?;
    let unwritten = |_| ServerError::NotUnderstood { what: "the evidence has no canonical form".into() };
    let bytes = canonical_json(&found).map_err(unwritten)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes).into_response())
}

/// The order on paper: PDF, A4, Kazakh and Russian side by side. The same bytes as long as the legal text is the same.
#[utoipa::path(get, path = "/orders/{order_no}/paper", params(("order_no" = String, Path)), responses(
    (status = 200, description = "the order as PDF", content_type = "application/pdf"),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn paper(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
) -> Result<Response, ApiError> {
    caller.require(&ROLES)?;
    let number = OrderNo::from(order_no);
    let absent = || ApiError::absent("order", number.as_str());
    let facility = room.look(|book| book.state.record(&number).map(|record| record.order.facility.clone()));
    caller.require_sight(&facility.ok_or_else(absent)?)?;
    let bytes = room.order_paper(&number).await?.ok_or_else(absent)?;
    Ok(pdf(bytes, number.as_str()))
}

/// A PDF as an answer, with the name under which it is kept.
pub(crate) fn pdf(bytes: Vec<u8>, name: &str) -> Response {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let name: String = name.chars().filter(|letter| plain(*letter)).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// The orders that a facility has not received yet, lowest sequence first.
#[utoipa::path(get, path = "/facilities/{id}/orders/pending", params(("id" = String, Path)), responses(
    (status = 200, description = "a list of {body: Order, key_id, signature}", body = Vec<Object>),
))]
pub(crate) async fn pending(
    State(room): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<Signed<Order>>>, ApiError> {
    caller.require(&[Role::Facility, Role::Dispatcher, Role::Administrator])?;
    let (now, facility) = (room.now(), FacilityId::from(id));
    caller.require_sight(&facility)?;
    let mut waiting: Vec<(u64, OrderNo)> = room.look(|book| {
        let numbers = book.state.records_of(&facility).map(|record| &record.order.order_no);
        let views = numbers.filter_map(|number| order(&book.state, number, now));
        let due = views.filter(|seen| view::is_pending(seen) && now < seen.record.order.expires);
        due.map(|seen| (seen.record.order.sequence, seen.record.order.order_no.clone())).collect()
    });
    waiting.sort();
    let bundles = waiting.iter().map(|(_, number)| room.bundle(number));
    let bundles = bundles.collect::<Result<Vec<_>, _>>()?;
    Ok(Json(bundles.into_iter().flatten().collect()))
}

/// Withdraws an order: another order, delivered and answered like any other.
#[utoipa::path(post, path = "/orders/{order_no}/recall", request_body = ReasonBody,
    params(("order_no" = String, Path)), responses(
    (status = 200, body = RecalledBody),
    (status = 404, body = ErrorBody),
    (status = 409, body = ErrorBody),
))]
pub(crate) async fn recall(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<RecalledBody>, ApiError> {
    caller.require(&[Role::Dispatcher])?;
    let reason = words("reason", &body.reason)?;
    let number = OrderNo::from(order_no);
    let event = Event::Recalled {
        order_no: number.clone(),
        person: caller.name,
        reason,
        journal_head: Head::empty(),
    };
    room.happen(vec![event.into()]).await?;
    let recall = room.look(|book| {
        book.state.record(&number).and_then(|record| record.recalled.as_ref()).map(|recall| recall.by.clone())
    });
    let stopped = || ApiError::absent("recall of order", number.as_str());
    Ok(Json(RecalledBody { recall_order_no: recall.ok_or_else(stopped)? }))
}

/// Keeps what was said when the facility was called about an order.
#[utoipa::path(post, path = "/orders/{order_no}/called", request_body = CalledBody,
    params(("order_no" = String, Path)), responses(
    (status = 200, body = TakenBody),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn called(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
    Body(body): Body<CalledBody>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&[Role::Dispatcher])?;
    let answer = words("answer", &body.answer)?;
    let event = Event::Called { order_no: order_no.into(), person: caller.name, answer };
    room.happen(vec![event.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}

/// Lets delivery begin anew, once what an alarm was about has been mended.
#[utoipa::path(post, path = "/orders/{order_no}/resend", params(("order_no" = String, Path)), responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody),
))]
pub(crate) async fn resend(
    State(room): State<Room>,
    caller: Caller,
    Path(order_no): Path<String>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&[Role::Dispatcher])?;
    let event = Event::Resend { order_no: order_no.into(), person: caller.name };
    room.happen(vec![event.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}
