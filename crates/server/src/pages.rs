//! The pages: what `kezek_pages` draws, filled from the room; and the forms on them, which go the way of the API's routes.

mod alarm;
mod audit;
mod burden;
mod clash;
mod compare;
mod course;
mod day;
mod door;
mod drills;
mod edit;
mod facilities;
mod facility;
mod feeds;
mod frame;
mod handover;
mod issuing;
mod licences;
mod live;
mod look;
mod my;
mod openid;
mod order;
mod orders;
mod plan;
mod plans;
mod problem;
mod registry;
mod session;
mod studies;
mod typed;
mod verdicts;
mod waves;
mod week;
mod why;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::limits::{MAX_FORM_BYTES, MAX_TABLE_BYTES};
use crate::routes::Room;

pub(crate) use live::Lookers;

/// The routes of the pages.
pub(crate) fn router() -> Router<Room> {
    Router::new()
        .route("/", get(door::home))
        .route("/day", get(day::day))
        .route("/plans", get(plans::plans))
        .route("/plans/compare", get(compare::compare))
        .route("/plans/{digest}", get(plan::plan))
        .route("/plans/{digest}/plan.json", get(plan::file))
        .route("/plans/{digest}/plan.pdf", get(plan::paper))
        .route("/plans/{digest}/approve", post(plan::approve))
        .route("/plans/{digest}/why", get(why::why))
        .route("/plans/{digest}/edit", post(edit::edit))
        .route("/plans/{digest}/return", post(plan::send_back))
        .route("/facilities", get(facilities::facilities))
        .route("/registry", get(registry::registry))
        .route(
            "/registry/{file}",
            get(registry::file).post(registry::import).layer(DefaultBodyLimit::max(MAX_TABLE_BYTES)),
        )
        .route("/facilities/{id}", get(facility::show))
        .route("/facilities/{id}/confirm", post(facility::acts::confirm))
        .route("/facilities/{id}/adopt", post(facility::acts::adopt))
        .route("/facilities/{id}/code", post(facility::acts::code))
        .route("/facilities/{id}/voluntary", post(facility::acts::declare))
        .route("/licences/suspend", post(licences::suspend))
        .route("/licences/reinstate", post(licences::reinstate))
        .route("/alarm/mute", post(alarm::mute))
        .route("/audit", get(audit::audit))
        .route("/handover", get(handover::handover))
        .route("/drills", get(drills::drills).post(drills::launch))
        .route("/feeds", get(feeds::feeds))
        .route("/feeds/readings", post(feeds::enter).layer(DefaultBodyLimit::max(MAX_TABLE_BYTES)))
        .route("/verdicts", get(verdicts::verdicts))
        .route("/verdicts/verdicts.csv", get(verdicts::verdict_file))
        .route("/verdicts/settlement.csv", get(verdicts::settlement_file))
        .route("/burden", get(burden::burden))
        .route("/studies", get(studies::studies))
        .route("/studies/compare", get(studies::compare))
        .route("/studies/replays/{folder}", get(day::replayed))
        .route("/studies/{file}/{part}", get(studies::part))
        .route("/issuing", get(issuing::show))
        .route("/issuing/freeze", post(issuing::freeze))
        .route("/issuing/thaw", post(issuing::thaw))
        .route("/issuing/resume", post(issuing::resume))
        .route("/my", get(my::my))
        .route("/my/contacts/test", post(my::contacts::trial_message))
        .route("/my/orders.ics", get(my::calendar))
        .route("/my/orders/{file}", get(my::file))
        .route("/my/orders/{order_no}/answer", post(my::answer))
        .route("/orders", get(orders::orders))
        .route("/orders/{order_no}", get(order::show))
        .route("/orders/{order_no}/order.pdf", get(order::paper))
        .route("/orders/{order_no}/evidence.json", get(verdicts::evidence))
        .route("/orders/{order_no}/called", post(order::called))
        .route("/orders/{order_no}/resend", post(order::resend))
        .route("/orders/{order_no}/recall", post(order::recall))
        .route("/restore", get(waves::waves))
        .route("/sign-in", get(door::show).post(door::sign_in))
        .route("/sign-in/openid", get(openid::leave))
        .route(crate::openid::BACK, get(openid::back))
        .route("/sign-out", post(door::sign_out))
        .route("/look", get(look::look))
        .route("/assets/{file}", get(look::asset))
        .route("/live", get(live::live))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
