//! The tracking board, filled.

use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{Days, NaiveDate};
use kezek_model::order::Priority;
use kezek_pages::Place;
use kezek_pages::day::Urgency;
use kezek_pages::figures::fill;
use kezek_pages::orders::{Call, Contact, Orders, OrdersWords, Row, Section, Standing, Tally};
use kezek_pages::states::StateWords;
use kezek_pages::{Frame, Language};
use serde::Deserialize;

use super::alarm::alarm;
use super::course::course;
use super::day::midnight;
use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::api::{CallRow, ContactRow, OrderRow};
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::orders::order_rows;
use crate::routes::refusal::ApiError;
use crate::view::urgency;

/// Rows under one heading: more are for a list, not for eyes.
const MAX_SHOWN: usize = 500;

/// Which orders.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
    #[serde(default)]
    facility: String,
    #[serde(default)]
    day: String,
}

/// A civil day as it is written: what is not one is refused rather than passed over.
fn civil_day(text: &str) -> Result<Option<NaiveDate>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    let refused = || ApiError::bad(format!("the day is {text:?}"), "write it as 2026-01-24");
    day.map(Some).ok_or_else(refused)
}

/// All orders, or those of a state, a facility or a day.
pub(super) async fn orders(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let day = match civil_day(which.day.trim()) {
        Ok(day) => day,
        Err(error) => return problem(&room, &visitor, error, "/orders").await,
    };
    let frame = frame(&room, &visitor, Some(Place::Orders)).await;
    let mut rows = order_rows(&room);
    let alarm = alarm(&room, &visitor, &rows);
    if let Some(day) = day {
        let (from, to) = (midnight(day, frame.zone), midnight(day + Days::new(1), frame.zone));
        rows.retain(|row| row.window_from < to && from < row.window_to);
    }
    let (state, facility) = (which.state.trim(), which.facility.trim());
    let standing: Vec<&OrderRow> = rows.iter().filter(|row| row.life == "live").collect();
    let is_meant = |row: &&OrderRow| {
        let facility = facility.is_empty() || row.facility.as_str().eq_ignore_ascii_case(facility);
        facility && (state.is_empty() || is_in(row, state))
    };
    let shown: Vec<&OrderRow> = rows.iter().filter(is_meant).collect();
    // Of a day that is over all are past: nothing else is there to be seen first.
    let is_chosen = !state.is_empty() || (day.is_some() && standing.is_empty());
    html(&Orders {
        frame: &frame,
        w: OrdersWords::of(frame.language),
        s: StateWords::of(frame.language),
        standing: sum(&standing),
        tallies: tallies(&standing, state, frame.language),
        state,
        facility,
        day,
        alarm,
        sections: sections(&room, &shown, is_chosen, &frame),
    })
}

/// Whether an order is in a state. `call` means that somebody must see to its arrival; of the words of an order's life
/// those count while it stands, and those of its end.
fn is_in(row: &OrderRow, state: &str) -> bool {
    let ends = ["superseded", "recalled", "expired"].contains(&state);
    match state {
        _ if !ends && row.life != "live" => false,
        "none" => row.answer == "none",
        "call" => must_arrive(row),
        _ => row.words.iter().any(|word| word == state),
    }
}

/// Whether it has not arrived, and a person must see to it.
fn must_arrive(row: &OrderRow) -> bool {
    let is_about_arrival = |cause: &str| !matches!(cause, "refused" | "silent");
    matches!(row.delivery.as_str(), "alarm" | "gave-up") || row.call.as_deref().is_some_and(is_about_arrival)
}

/// A drill moves no load.
fn power<'a>(rows: impl Iterator<Item = &'a &'a OrderRow>) -> kezek_model::units::Kw {
    rows.filter(|row| row.priority != Priority::Drill).map(|row| row.cut_mw).sum()
}

pub(super) fn sum(standing: &[&OrderRow]) -> Standing {
    let accepted = || standing.iter().filter(|row| row.answer == "accepted");
    Standing {
        orders: standing.len(),
        accepted: accepted().count(),
        drills: standing.iter().filter(|row| row.priority == Priority::Drill).count(),
        power: power(standing.iter()),
        certain: power(accepted()),
    }
}

fn tallies(standing: &[&OrderRow], chosen: &str, language: Language) -> Vec<Tally> {
    let (w, s) = (OrdersWords::of(language), StateWords::of(language));
    let tally = |state: &'static str, word, urgency| {
        let kept: Vec<&OrderRow> = standing.iter().copied().filter(|row| is_in(row, state)).collect();
        let (count, power) = (kept.len(), power(kept.iter()));
        Tally { word, state, count, power, urgency, is_chosen: state == chosen }
    };
    vec![
        tally("accepted", s.accepted, None),
        tally("silent", s.silent, Some(Urgency::Urgent)),
        tally("refused", s.refused, Some(Urgency::Soon)),
        tally("none", w.awaited, Some(Urgency::Waits)),
        tally("call", w.undelivered, Some(Urgency::Urgent)),
        tally("in effect", w.in_effect, None),
        tally("breach", s.breach, Some(Urgency::Urgent)),
    ]
}

/// What needs somebody stands open, what was accepted and what is past is folded; what was asked for is never folded.
fn sections(room: &Room, shown: &[&OrderRow], is_chosen: bool, frame: &Frame) -> Vec<Section> {
    let w = OrdersWords::of(frame.language);
    let section = |id, heading: &str, folded: bool, keep: &dyn Fn(&OrderRow) -> bool| {
        let kept: Vec<&OrderRow> = shown.iter().copied().filter(|row| keep(row)).collect();
        let figures = [kept.len().to_string(), frame.mw(&power(kept.iter()))];
        let folded = folded && !is_chosen;
        let drawn = |row: &OrderRow| match folded {
            true => None,
            false => room.look(|book| course(book, &row.order_no, frame.now)),
        };
        let row = |row: &&OrderRow| Row { course: drawn(row), ..filled(row, frame.language) };
        Section {
            id,
            heading: fill(heading, &figures.each_ref().map(String::as_str)),
            folded,
            rows: kept.iter().take(MAX_SHOWN).map(row).collect(),
            more: kept.len().saturating_sub(MAX_SHOWN),
        }
    };
    let is_quiet = |row: &OrderRow| row.life == "live" && row.answer == "accepted" && mark(row).is_none();
    let sections = [
        section("standing", w.standing, false, &|row| row.life == "live" && !is_quiet(row)),
        section("accepted", w.accepted, true, &is_quiet),
        section("past", w.past, true, &|row| row.life != "live"),
    ];
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

/// How badly an order waits for a person.
pub(super) fn mark(row: &OrderRow) -> Option<Urgency> {
    match urgency(row) {
        0 | 1 | 3 | 4 => Some(Urgency::Urgent),
        2 | 5 => Some(Urgency::Soon),
        6..=8 if row.call.is_some() => Some(Urgency::Soon),
        6..=8 if row.answer == "none" => Some(Urgency::Waits),
        _ => None,
    }
}

/// An order in short, in a language.
pub(super) fn filled(row: &OrderRow, language: Language) -> Row {
    let s = StateWords::of(language);
    Row {
        order_no: row.order_no.to_string(),
        facility: row.facility.to_string(),
        urgency: mark(row),
        kind: row.kind,
        priority: row.priority,
        limit: row.limit_mw,
        cut: row.cut_mw,
        from: row.from,
        until: row.until,
        ack_by: row.ack_by,
        delivery: s.delivery(&row.delivery),
        answer: s.answer(&row.answer),
        is_answered: matches!(row.answer.as_str(), "accepted" | "refused"),
        refusal: row.refusal.clone().unwrap_or_default(),
        meter: s.meter(&row.meter),
        life: s.life(&row.life),
        stands: row.life == "live",
        is_gone: matches!(row.life.as_str(), "superseded" | "recalled"),
        successor: row.successor.as_ref().map(ToString::to_string),
        call: row.call.as_deref().map(|cause| s.call(cause)),
        contacts: row.contacts.iter().map(|one| contact(one, language)).collect(),
        last_call: row.last_call.as_ref().map(call),
        course: None,
    }
}

pub(super) fn contact(row: &ContactRow, language: Language) -> Contact {
    let spoken = StateWords::of(language).language(row.language);
    Contact { role: row.role.clone(), name: row.name.clone(), language: spoken, phone: row.phone.clone() }
}

pub(super) fn call(row: &CallRow) -> Call {
    Call { person: row.person.clone(), at: row.at, answer: row.answer.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_engine::query::{Delivery, Life};
    use serde_json::to_value;

    #[test]
    fn a_day_is_written_as_a_day_or_refused() {
        let day = |text: &str| civil_day(text).map(|day| day.map(|day| day.to_string()));
        assert_eq!(day("").unwrap(), None);
        assert_eq!(day("2026-02-28").unwrap().as_deref(), Some("2026-02-28"));
        for wrong in ["2026-02-30", "24.01.2026", "yesterday", "+12026-01-1", "2026-1-4"] {
            let (error, hint, _) = day(wrong).unwrap_err().words();
            assert!(error.contains(wrong) && hint.contains("2026-01-24"), "{error}: {hint}");
        }
    }

    #[test]
    fn every_state_of_the_engine_has_words() {
        let s = StateWords::of(Language::Ru);
        let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        use Delivery::{Alarm, GaveUp, Received, Relayed, Sending, Waiting};
        for state in [Waiting, Sending, Relayed, Received, Alarm, GaveUp] {
            assert_ne!(s.delivery(&name(to_value(state).unwrap())), s.unknown, "{state:?}");
        }
        use kezek_engine::comply::MeterState::{Breach, Complying, Drifting, NoLimit, Unknown};
        for state in [NoLimit, Unknown, Complying, Drifting, Breach] {
            assert_ne!(s.meter(&name(to_value(state).unwrap())), s.unknown, "{state:?}");
        }
        for state in [Life::Live, Life::Expired] {
            assert_ne!(s.life(&name(to_value(&state).unwrap())), s.unknown, "{state:?}");
        }
        for cause in ["no-address", "unconfirmed", "relayed", "alarm", "not-received", "refused", "silent"] {
            assert_ne!(s.call(cause), s.unknown, "{cause}");
        }
    }
}
