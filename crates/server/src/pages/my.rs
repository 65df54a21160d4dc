//! A miner's page, filled: nothing of any other facility.

pub(super) mod contacts;
mod line;

use axum::Form;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::Signed;
use kezek_engine::comply::MeterState;
use kezek_engine::query::{AnswerState, Delivery, Life, OrderView, order};
use kezek_engine::{Event, State as Known};
use kezek_model::canonical::digest_of;
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::receipt::{Answer, Compliance, Response as Word};
use kezek_model::registry::Language;
use kezek_pages::my::{Fate, Judged, Kind, My, MyWords, Notice, PastRow, Said, Stand, Way};
use kezek_pages::{Frame, Place, qr};
use serde::Deserialize;

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use super::week::{self, stretches};
use crate::access::Role;
use crate::notice::Notice as Text;
use crate::notice::folder::Texts;
use crate::routes::Room;
use crate::routes::gate::words;
use crate::routes::orders;
use crate::routes::receipts::take;
use crate::routes::refusal::ApiError;
use crate::view;

/// How far back orders are listed.
const PAST_DAYS: i64 = 30;

/// Whose page it is.
fn own(visitor: &Visitor) -> Result<FacilityId, ApiError> {
    visitor.caller.require(&[Role::Facility])?;
    let own = visitor.caller.confined_to().cloned();
    own.ok_or_else(|| ApiError::absent("facility of", &visitor.caller.name))
}

/// Whether a message has just left.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    told: String,
}

/// The page.
pub(super) async fn my(State(room): State<Room>, visitor: Visitor, Query(told): Query<Told>) -> Response {
    let facility = match own(&visitor) {
        Ok(facility) => facility,
        Err(error) => return problem(&room, &visitor, error, "/").await,
    };
    let frame = frame(&room, &visitor, Some(Place::Mine)).await;
    let (texts, _) = room.texts.current();
    let burden = match line::burden(&room, &facility).await {
        Ok(burden) => burden,
        Err(error) => return problem(&room, &visitor, error.into(), "/").await,
    };
    let page = room.look(|book| My {
        frame: &frame,
        w: MyWords::of(frame.language),
        facility: facility.as_str(),
        contact: &room.config().notice.contact,
        notices: notices(&book.state, &facility, &frame, &texts),
        week: week::days(&book.state, &facility, &frame),
        past: past(&book.state, &facility, frame.now),
        reading: line::reading(&book.state, &facility, frame.now),
        metered: line::metered(&book.state, &facility, frame.now),
        link: book.state.enrolment(&facility).map(line::link),
        deliveries: line::deliveries(&book.state, &facility, &frame),
        people: contacts::people(&book.state, &facility),
        channels: contacts::channels(&room),
        is_told: told.told == "yes",
        burden,
    });
    html(&page)
}

/// The orders as a file for a calendar.
pub(super) async fn calendar(State(room): State<Room>, visitor: Visitor) -> Response {
    let facility = match own(&visitor) {
        Ok(facility) => facility,
        Err(error) => return problem(&room, &visitor, error, "/").await,
    };
    let frame = frame(&room, &visitor, Some(Place::Mine)).await;
    let text = room.look(|book| week::calendar(&book.state, &facility, &frame));
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"orders.ics\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

/// An order with the signature that proves it anywhere (`.json`), or on paper (`.pdf`).
pub(super) async fn file(State(room): State<Room>, visitor: Visitor, Path(file): Path<String>) -> Response {
    let found = async {
        own(&visitor)?;
        let (number, ending) = file.rsplit_once('.').unwrap_or_default();
        let (state, caller) = (State(room.clone()), visitor.caller.clone());
        match ending {
            "json" => orders::bundle(state, caller, Path(number.to_owned())).await.map(signed),
            "pdf" => orders::paper(state, caller, Path(number.to_owned())).await,
            _ => Err(ApiError::absent("file", &file)),
        }
    };
    match found.await {
        Ok(file) => file,
        Err(error) => problem(&room, &visitor, error, "/my").await,
    }
}

/// What somebody of the facility answers.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    reason: String,
}

impl AnswerForm {
    fn word(&self) -> Result<Word, ApiError> {
        match self.answer.as_str() {
            "accepted" => Ok(Word::Accepted),
            "refused" => Ok(Word::Refused { reason: words("reason", &self.reason)? }),
            other => Err(ApiError::bad(format!("the answer is {other:?}"), "send `accepted` or `refused`")),
        }
    }
}

/// Enters the answer.
pub(super) async fn answer(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Response {
    match enter(&room, &visitor, order_no.into(), &form).await {
        Ok(()) => Redirect::to("/my").into_response(),
        Err(error) => problem(&room, &visitor, error, "/my").await,
    }
}

/// What stands already is not entered again: a button is easily pressed twice.
async fn enter(room: &Room, visitor: &Visitor, order_no: OrderNo, form: &AnswerForm) -> Result<(), ApiError> {
    let facility = own(visitor)?;
    visitor.require_seal(&form.seal)?;
    let (word, at) = (form.word()?, room.now());
    let known = room.look(|book| {
        let record = book.state.record(&order_no).filter(|record| record.order.facility == facility)?;
        let stands = record.answer().is_some_and(|known| known.answer == word);
        Some((stands, record.order.sequence, record.order.environment.clone()))
    });
    let (stands, sequence, environment) =
        known.ok_or_else(|| ApiError::absent("order", order_no.as_str()))?;
    if stands {
        return Ok(());
    }
    let by = visitor.caller.name.clone();
    let entered_by = Some(by.clone());
    let answer = Answer { order_no, sequence, environment, facility, answer: word, by, at };
    let event = Event::Answered { answer, entered_by };
    take(room, event.into()).await.map(|_| ())
}

fn signed(bundle: Json<Signed<Order>>) -> Response {
    let name = format!("attachment; filename=\"{}.json\"", bundle.body.order_no);
    ([(header::CONTENT_DISPOSITION, name)], bundle).into_response()
}

fn views<'a>(
    state: &'a Known,
    facility: &'a FacilityId,
    now: DateTime<Utc>,
) -> impl Iterator<Item = OrderView<'a>> {
    let records = state.records_of(facility);
    records.filter_map(move |record| order(state, &record.order.order_no, now))
}

fn notices(state: &Known, facility: &FacilityId, frame: &Frame, texts: &Texts) -> Vec<Notice> {
    let standing = views(state, facility, frame.now).filter(|seen| matches!(seen.life, Life::Live));
    let mut notices: Vec<Notice> = standing.map(|seen| notice(&seen, frame, texts)).collect();
    notices.sort_by_key(|one| (one.stand as u8, one.window.0));
    notices
}

fn notice(seen: &OrderView<'_>, frame: &Frame, texts: &Texts) -> Notice {
    let order = &seen.record.order;
    let reason = match frame.language {
        Language::Kk => &order.notice.reason.kk,
        Language::Ru => &order.notice.reason.ru,
        Language::En => &order.notice.reason.en,
    };
    let legal = Text::new(order, frame.zone, texts, frame.language).map(|text| text.legal());
    let digest = digest_of(order).unwrap_or_default();
    Notice {
        order_no: order.order_no.to_string(),
        kind: kind(order),
        stand: stand(seen),
        is_in_effect: seen.meter != MeterState::NoLimit,
        window: (order.window_from, order.window_to),
        stretches: stretches(order),
        restore: order.restore.as_ref().map(|slot| (slot.from, slot.to)),
        ramp_up: order.ramp_up,
        supersedes: order.supersedes.as_ref().map(ToString::to_string),
        reason: reason.clone(),
        // A value that was issued has canonical bytes.
        legal: legal.unwrap_or_default(),
        code: qr::code(&qr::of_order(order, &digest)),
        issued_at: order.issued_at,
        ack_by: order.ack_by,
        check_mark: order.check_mark().unwrap_or_default(),
        way: way(seen),
        said: seen.record.answer().map(said),
    }
}

fn kind(order: &Order) -> Kind {
    match (order.kind, order.priority) {
        (OrderKind::Recall, _) => Kind::Recall,
        (OrderKind::Limit, Priority::Drill) => Kind::Drill,
        (OrderKind::Limit, _) if order.segments.is_empty() => Kind::Free,
        (OrderKind::Limit, Priority::Emergency) => Kind::Emergency,
        (OrderKind::Limit, Priority::Normal) => Kind::Cut,
    }
}

fn stand(seen: &OrderView<'_>) -> Stand {
    match &seen.answer {
        _ if seen.meter == MeterState::Breach => Stand::Above,
        AnswerState::Silent => Stand::Late,
        AnswerState::None => Stand::Waiting,
        AnswerState::Refused(_) => Stand::Refused,
        AnswerState::Accepted => Stand::Accepted,
    }
}

fn way(seen: &OrderView<'_>) -> Way {
    match (seen.delivery, seen.record.received_at) {
        (Delivery::Received, Some(at)) => Way::Delivered(at),
        (Delivery::Relayed, _) => Way::Relayed,
        (Delivery::Alarm | Delivery::GaveUp, _) => Way::Failed,
        _ => Way::NotYet,
    }
}

fn said(answer: &Answer) -> Said {
    let refusal = match &answer.answer {
        Word::Accepted => None,
        Word::Refused { reason } => Some(reason.clone()),
    };
    Said { by: answer.by.clone(), at: answer.at, refusal }
}

fn past(state: &Known, facility: &FacilityId, now: DateTime<Utc>) -> Vec<PastRow> {
    let recent = |seen: &OrderView<'_>| now - TimeDelta::days(PAST_DAYS) < seen.record.order.expires;
    let limits = views(state, facility, now).filter(|seen| seen.record.order.kind == OrderKind::Limit);
    let rows = limits.filter(recent).map(|seen| {
        let totals = view::totals(state, seen.record);
        let order = &seen.record.order;
        let limits = totals.as_ref().filter(|_| !order.segments.is_empty());
        let judged = limits.map(|totals| match totals.verdict {
            _ if order.priority == Priority::Drill => Judged::Drill,
            Some(Compliance::Complying) => Judged::Complying,
            Some(Compliance::Breach) => Judged::Breach,
            Some(Compliance::Unknown) => Judged::Unknown,
            None => Judged::Never,
        });
        PastRow {
            order_no: order.order_no.to_string(),
            window: (order.window_from, order.window_to),
            fate: fate(&seen.life),
            judged,
            is_final: totals.is_some_and(|totals| totals.is_final),
        }
    });
    rows.collect()
}

fn fate(life: &Life) -> Fate {
    match life {
        Life::Live => Fate::Stands,
        Life::Expired => Fate::Over,
        Life::Superseded(by) => Fate::Replaced(by.to_string()),
        Life::Recalled(by) => Fate::Withdrawn(by.to_string()),
    }
}
