//! A miner's page, filled: nothing of any other facility.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::Signed;
use kezek_engine::State as Known;
use kezek_engine::comply::MeterState;
use kezek_engine::query::{AnswerState, Delivery, Life, OrderView, order};
use kezek_model::canonical::digest_of;
use kezek_model::ids::FacilityId;
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::receipt::{Answer, Compliance, Response as Word};
use kezek_model::registry::Language;
use kezek_pages::my::{Fate, Judged, Kind, LastReading, My, MyWords, Notice, PastRow, Said, Stand, Way};
use kezek_pages::{Frame, Place, qr};

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use super::week::{self, stretches};
use crate::access::Role;
use crate::notice::Notice as Text;
use crate::notice::folder::Texts;
use crate::routes::Room;
use crate::routes::orders;
use crate::routes::refusal::ApiError;
use crate::view;

/// How far back orders are listed.
const PAST_DAYS: i64 = 30;
/// How far back the last reading is sought.
const READING_DAYS: i64 = 7;

/// Whose page it is.
fn own(visitor: &Visitor) -> Result<FacilityId, ApiError> {
    visitor.caller.require(&[Role::Facility])?;
    let own = visitor.caller.confined_to().cloned();
    own.ok_or_else(|| ApiError::absent("facility of", &visitor.caller.name))
}

/// The page.
pub(super) async fn my(State(room): State<Room>, visitor: Visitor) -> Response {
    let facility = match own(&visitor) {
        Ok(facility) => facility,
        Err(error) => return problem(&room, &visitor, error, "/").await,
    };
    let frame = frame(&room, &visitor, Some(Place::Mine)).await;
    let (texts, _) = room.texts.current();
    let page = room.look(|book| My {
        frame: &frame,
        w: MyWords::of(frame.language),
        facility: facility.as_str(),
        contact: &room.config().notice.contact,
        notices: notices(&book.state, &facility, &frame, &texts),
        week: week::days(&book.state, &facility, &frame),
        past: past(&book.state, &facility, frame.now),
        reading: reading(&book.state, &facility, frame.now),
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
        code: qr::code(&qr::of_order(order.order_no.as_str(), &digest)),
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

fn reading(state: &Known, facility: &FacilityId, now: DateTime<Utc>) -> Option<LastReading> {
    let known = state.readings(facility, now - TimeDelta::days(READING_DAYS), now);
    known.last().map(|reading| LastReading {
        mean: reading.mean,
        from: reading.interval_start,
        to: reading.interval_end,
        quality: reading.quality,
    })
}
