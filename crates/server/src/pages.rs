//! The pages: what `kezek_pages` draws, filled from the room; and the forms on them, which go the way of the API's routes.

mod day;
mod door;
mod frame;
mod issuing;
mod live;
mod look;
mod my;
mod order;
mod orders;
mod plan;
mod plans;
mod problem;
mod session;
mod week;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::limits::MAX_FORM_BYTES;
use crate::routes::Room;

pub(crate) use live::Lookers;

/// The routes of the pages.
pub(crate) fn router() -> Router<Room> {
    Router::new()
        .route("/", get(door::home))
        .route("/day", get(day::day))
        .route("/plans", get(plans::plans))
        .route("/plans/{digest}", get(plan::plan))
        .route("/plans/{digest}/plan.json", get(plan::file))
        .route("/plans/{digest}/plan.pdf", get(plan::paper))
        .route("/plans/{digest}/approve", post(plan::approve))
        .route("/plans/{digest}/return", post(plan::send_back))
        .route("/issuing", get(issuing::show))
        .route("/issuing/freeze", post(issuing::freeze))
        .route("/issuing/thaw", post(issuing::thaw))
        .route("/issuing/resume", post(issuing::resume))
        .route("/my", get(my::my))
        .route("/my/orders.ics", get(my::calendar))
        .route("/my/orders/{file}", get(my::file))
        .route("/orders", get(orders::orders))
        .route("/orders/{order_no}", get(order::show))
        .route("/orders/{order_no}/order.pdf", get(order::paper))
        .route("/orders/{order_no}/called", post(order::called))
        .route("/orders/{order_no}/resend", post(order::resend))
        .route("/orders/{order_no}/recall", post(order::recall))
        .route("/sign-in", get(door::show).post(door::sign_in))
        .route("/sign-out", post(door::sign_out))
        .route("/look", get(look::look))
        .route("/assets/{file}", get(look::asset))
        .route("/live", get(live::live))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
