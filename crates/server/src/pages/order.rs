//! The page of an order, filled, and what a dispatcher does on it.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use kezek_model::ids::FacilityId;
use kezek_model::order::OrderKind;
use kezek_model::receipt::{Act, Answer, Compliance, Report, Response as Said};
use kezek_pages::order::{OrderPage, OrderWords, Try, Verdict, Word};
use kezek_pages::orders::{Contact, OrdersWords};
use kezek_pages::states::StateWords;
use kezek_pages::{Frame, Language, Place};
use serde::Deserialize;

use super::frame::{frame, html};
use super::orders::{call, contact, filled};
use super::problem::problem;
use super::session::{Visitor, encoded};
use crate::api::{AttemptRow, CalledBody, NoticeRow, OrderDetail, OrderTotals, ReasonBody};
use crate::routes::Room;
use crate::routes::gate::{Body, STAFF};
use crate::routes::orders as route;
use crate::routes::refusal::ApiError;
use crate::view;

/// Everything about one order.
pub(super) async fn show(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
) -> Response {
    let found = match visitor.caller.require(&STAFF) {
        Ok(()) => route::detail(State(room.clone()), visitor.caller.clone(), Path(order_no)).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(axum::Json(detail)) => {
            let frame = frame(&room, &visitor, Some(Place::Orders)).await;
            html(&page(&room, &frame, &detail))
        }
        Err(error) => problem(&room, &visitor, error, "/orders").await,
    }
}

fn page<'a>(room: &Room, frame: &'a Frame, detail: &'a OrderDetail) -> OrderPage<'a> {
    let (row, s) = (&detail.row, StateWords::of(frame.language));
    OrderPage {
        frame,
        w: OrderWords::of(frame.language),
        b: OrdersWords::of(frame.language),
        s,
        row: filled(row, frame.language),
        order: &detail.order,
        check_mark: &detail.check_mark,
        contacts: contacts(room, &row.facility, frame.language),
        attempts_total: row.attempts,
        attempts: detail.attempt_rows.iter().map(|attempt| attempted(attempt, s)).collect(),
        messages: detail.notices.iter().map(|notice| sent(notice, s)).collect(),
        said: said(detail, frame, s),
        calls: detail.calls.iter().map(call).collect(),
        verdict: detail.totals.as_ref().map(|totals| verdict(totals, s)),
        may_resend: row.life == "live" && row.received_at.is_none(),
        may_recall: row.kind == OrderKind::Limit
            && row.life != "recalled"
            && frame.now < detail.order.expires,
    }
}

/// Everybody of the facility: a call may be needed before the engine asks for one.
fn contacts(room: &Room, facility: &FacilityId, language: Language) -> Vec<Contact> {
    room.look(|book| {
        let known = book.state.registry().contacts_of(facility);
        known.iter().map(|one| contact(&view::contact_row(one), language)).collect()
    })
}

fn attempted(row: &AttemptRow, s: &StateWords) -> Try {
    let (outcome, said) = s.outcome(row.outcome.as_deref());
    Try { number: row.number, at: row.at, to: String::new(), outcome, said }
}

fn sent(row: &NoticeRow, s: &StateWords) -> Try {
    let (outcome, said) = s.outcome(row.outcome.as_deref());
    let to = format!("{}: {} ({})", row.channel, row.to, row.name);
    Try { number: row.number, at: row.at, to, outcome, said }
}

fn said(detail: &OrderDetail, frame: &Frame, s: &StateWords) -> Vec<Word> {
    let answers = detail.answers.iter().map(|answer| answered(answer, s));
    let reports = detail.reports.iter().map(|report| reported(report, frame, s));
    let mut all: Vec<Word> = answers.chain(reports).collect();
    all.sort_by_key(|word| word.at);
    all
}

fn answered(answer: &Answer, s: &StateWords) -> Word {
    let (what, more) = match &answer.answer {
        Said::Accepted => (s.accepted, String::new()),
        Said::Refused { reason } => (s.refused, reason.clone()),
    };
    Word { at: answer.at, by: answer.by.clone(), what, more }
}

fn reported(report: &Report, frame: &Frame, s: &StateWords) -> Word {
    let what = match report.act {
        Act::Limited => s.limited,
        Act::Restored => s.restored,
        Act::Failed => s.failed,
    };
    let limit = report.limit.map(|limit| format!("{} {}", frame.mw(&limit), frame.words().mw));
    Word { at: report.at, by: report.facility.to_string(), what, more: limit.unwrap_or_default() }
}

/// What the meters say over the whole window.
pub(super) fn verdict_word(verdict: Option<Compliance>, s: &StateWords) -> &'static str {
    match verdict {
        Some(Compliance::Complying) => s.complied,
        Some(Compliance::Breach) => s.broken,
        Some(Compliance::Unknown) | None => s.unproven,
    }
}

fn verdict(totals: &OrderTotals, s: &StateWords) -> Verdict {
    Verdict {
        word: verdict_word(totals.verdict, s),
        so_far: !totals.is_final,
        intervals: [totals.complying, totals.breach, totals.unknown],
        energy: totals.energy.as_ref().map(|energy| [energy.ordered.mwh(), energy.above_limit.mwh()]),
    }
}

/// The order on paper.
pub(super) async fn paper(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
) -> Response {
    let found = match visitor.caller.require(&STAFF) {
        Ok(()) => route::paper(State(room.clone()), visitor.caller.clone(), Path(order_no)).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(file) => file,
        Err(error) => problem(&room, &visitor, error, "/orders").await,
    }
}

/// A form without words.
#[derive(Deserialize)]
pub(super) struct Sealed {
    #[serde(default)]
    seal: String,
}

/// What was said on the phone.
#[derive(Deserialize)]
pub(super) struct CallForm {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    answer: String,
}

/// Why an order is withdrawn.
#[derive(Deserialize)]
pub(super) struct RecallForm {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    reason: String,
}

/// Enters a call.
pub(super) async fn called(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
    Form(form): Form<CallForm>,
) -> Response {
    let (number, caller) = (Path(order_no.clone()), visitor.caller.clone());
    let entering = async {
        visitor.require_seal(&form.seal)?;
        let body = Body(CalledBody { answer: form.answer });
        route::called(State(room.clone()), caller, number, body).await.map(|_| ())
    };
    let done = entering.await;
    after(&room, &visitor, done, &order_no).await
}

/// Lets delivery begin anew.
pub(super) async fn resend(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
    Form(form): Form<Sealed>,
) -> Response {
    let (number, caller) = (Path(order_no.clone()), visitor.caller.clone());
    let resending = async {
        visitor.require_seal(&form.seal)?;
        route::resend(State(room.clone()), caller, number).await.map(|_| ())
    };
    let done = resending.await;
    after(&room, &visitor, done, &order_no).await
}

/// Withdraws the order.
pub(super) async fn recall(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
    Form(form): Form<RecallForm>,
) -> Response {
    let (number, caller) = (Path(order_no.clone()), visitor.caller.clone());
    let withdrawing = async {
        visitor.require_seal(&form.seal)?;
        let body = Body(ReasonBody { reason: form.reason });
        route::recall(State(room.clone()), caller, number, body).await.map(|_| ())
    };
    let done = withdrawing.await;
    after(&room, &visitor, done, &order_no).await
}

/// The page of the order again, or why nothing was done.
async fn after(room: &Room, visitor: &Visitor, done: Result<(), ApiError>, order_no: &str) -> Response {
    let page = format!("/orders/{}", encoded(order_no));
    match done {
        Ok(()) => Redirect::to(&page).into_response(),
        Err(error) => problem(room, visitor, error, &page).await,
    }
}
