//! What facilities say about orders, and what their silence says.

use crate::event::{Effect, Effects, Mark, WarningKind};
use crate::meter::AHEAD_S;
use crate::refusal::Refusal;
use crate::state::{OrderRecord, RECEIPTS_KEPT, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::receipt::{Act, Answer, Report, Response};

/// The order that a receipt is about, if it is about exactly this one.
fn addressed<'a>(
    state: &'a State,
    (order_no, sequence): (&OrderNo, u64),
    environment: &str,
    facility: &FacilityId,
) -> Result<&'a OrderRecord, Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    Refusal::unless_equal("the environment", environment, &record.order.environment)?;
    Refusal::unless_equal("the facility", facility.as_str(), record.order.facility.as_str())?;
    Refusal::unless_equal("the sequence", &sequence.to_string(), &record.order.sequence.to_string())?;
    Ok(record)
}

/// Whether an order may have one more receipt of a kind.
pub(crate) fn room(order_no: &OrderNo, kept: usize) -> Result<(), Refusal> {
    match kept < RECEIPTS_KEPT {
        true => Ok(()),
        false => {
            Err(Refusal::Implausible(format!("order {order_no} has {kept} receipts of this kind already")))
        }
    }
}

/// What a clock that runs ahead says would stand above everything that is said later.
fn not_ahead(what: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    match at <= now + TimeDelta::seconds(AHEAD_S) {
        true => Ok(()),
        false => Err(Refusal::Implausible(format!(
            "{what} is of {at}, but it is {now}; set the clock of the facility right"
        ))),
    }
}

pub(crate) fn permit_answer(state: &State, answer: &Answer, now: DateTime<Utc>) -> Result<(), Refusal> {
    let number = (&answer.order_no, answer.sequence);
    let record = addressed(state, number, &answer.environment, &answer.facility)?;
    if record.answers.contains(answer) {
        return Err(Refusal::Duplicate(format!("this answer to order {}", answer.order_no)));
    }
    not_ahead("the answer", answer.at, now)?;
    room(&answer.order_no, record.answers.len())
}

/// Answers stand in the order of the facility's clock, so that the order of arrival does not matter; at the same
/// instant a refusal stands above an acceptance. What a person has entered on a page shows no arrival: the facility's
/// machine, which holds the limit, may not know of the order yet.
pub(crate) fn answer(state: &mut State, answer: Answer, is_signed: bool, now: DateTime<Utc>) -> Effects {
    let shows_arrival = state.config.word_shows_arrival;
    let Some(record) = state.orders.get_mut(&answer.order_no) else { return Effects::new() };
    if is_signed {
        heard(record, shows_arrival, now);
    }
    let before = record.answer().cloned();
    let place = record.answers.partition_point(|known| answer_key(known) <= answer_key(&answer));
    record.answers.insert(place, answer);
    let stands = record.answer().filter(|stands| Some(*stands) != before.as_ref());
    stands.and_then(|stands| refused(record, stands)).into_iter().collect()
}

/// An order has arrived when the facility itself speaks of it, though every 2xx was lost or only a relay's came: nobody
/// can sign in its name.
fn heard(record: &mut OrderRecord, shows_arrival: bool, now: DateTime<Utc>) {
    if shows_arrival || record.relayed_at.is_some() {
        record.received_at.get_or_insert(now);
    }
}

fn answer_key(answer: &Answer) -> (DateTime<Utc>, Option<&str>, &str) {
    let reason = match &answer.answer {
        Response::Accepted => None,
        Response::Refused { reason } => Some(reason.as_str()),
    };
    (answer.at, reason, &answer.by)
}

fn refused(record: &OrderRecord, answer: &Answer) -> Option<Effect> {
    let Response::Refused { reason } = &answer.answer else { return None };
    let text = format!("{} refuses order {}: {reason}. Call it.", answer.facility, answer.order_no);
    Some(Effect::warn(WarningKind::Refused, &record.order, text))
}

pub(crate) fn permit_report(state: &State, report: &Report, now: DateTime<Utc>) -> Result<(), Refusal> {
    let number = (&report.order_no, report.sequence);
    let record = addressed(state, number, &report.environment, &report.facility)?;
    if record.reports.contains(report) {
        return Err(Refusal::Duplicate(format!("this report on order {}", report.order_no)));
    }
    not_ahead("the report", report.at, now)?;
    room(&report.order_no, record.reports.len())
}

pub(crate) fn report(state: &mut State, report: Report, now: DateTime<Utc>) -> Effects {
    let shows_arrival = state.config.word_shows_arrival;
    let Some(record) = state.orders.get_mut(&report.order_no) else { return Effects::new() };
    heard(record, shows_arrival, now);
    let failed = (report.act == Act::Failed).then(|| {
        let text = format!(
            "The driver of {} failed on order {}; what held before holds. Call it.",
            report.facility, report.order_no
        );
        Effect::warn(WarningKind::DriverFailed, &record.order, text)
    });
    let place = record.reports.partition_point(|known| report_key(known) <= report_key(&report));
    record.reports.insert(place, report);
    failed.into_iter().collect()
}

fn report_key(report: &Report) -> (DateTime<Utc>, DateTime<Utc>, bool, Option<i64>) {
    (report.at, report.due_at, report.act == Act::Restored, report.limit.map(|limit| limit.0))
}

pub(crate) fn silent(state: &mut State, order_no: &OrderNo, now: DateTime<Utc>) -> Effects {
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    record.silent_at = Some(now);
    let text = format!(
        "{} has not answered order {order_no}. Call it (`kezek orders phone`).",
        record.order.facility
    );
    vec![Effect::warn(WarningKind::Silent, &record.order, text)]
}

pub(crate) fn warned(state: &mut State, order_no: &OrderNo, mark: Mark) -> Effects {
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    record.warned = Some(mark);
    let facility = &record.order.facility;
    let (kind, text) = match mark {
        Mark::Half => (
            WarningKind::HalfLead,
            format!("Half of the lead time of order {order_no} is gone: {facility} has not received it."),
        ),
        Mark::Ladder => (
            WarningKind::Ladder,
            format!(
                "Order {order_no} has not arrived. Call {facility} (`kezek orders phone`): second channel, e-mail, \
                 phone list, regional grid company."
            ),
        ),
    };
    vec![Effect::warn(kind, &record.order, text)]
}

pub(crate) fn expire(state: &mut State, order_no: &OrderNo) -> Effects {
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    record.expired = true;
    if record.is_closed() {
        state.open.remove(order_no);
    }
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::event::Outcome;
    use crate::query::{self, AnswerState};
    use crate::testing::{
        RECEIVED, Room, answer as says, enters, failed, full, hour, kinds, minute, report as reports,
    };

    const NO: &str = "2022-0124-F1-v1";

    fn room(outcome: &Outcome) -> Room {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(minute(-359), |_| outcome.clone());
        room
    }

    fn refusal() -> Response {
        Response::Refused { reason: "heating".into() }
    }

    fn standing(room: &Room) -> AnswerState {
        query::order(&room.state, &NO.into(), room.now).unwrap().answer
    }

    #[test]
    fn a_signed_word_shows_that_an_order_has_arrived_and_lets_the_next_one_go() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(room.now, |_| failed(None));
        let first = room.order("2022-0124-F1-v1");
        room.tell(says(&first, Response::Accepted, room.now));
        assert_eq!(room.record("2022-0124-F1-v1").received_at, Some(room.now));
        room.issue("p2", Some("p1"), vec![full("F1", 4, 12)]);
        let effects = room.run(hour(-5), |_| RECEIVED);
        let sent = effects.iter().filter_map(|effect| match effect {
            Effect::Send { order_no, .. } => Some(order_no.as_str()),
            _ => None,
        });
        assert_eq!(sent.collect::<Vec<_>>(), ["2022-0124-F1-v2"], "the first is not sent again");
    }

    #[test]
    fn what_a_person_enters_is_an_answer_but_shows_no_arrival() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(room.now, |_| failed(None));
        let first = room.order(NO);
        room.tell(enters(&first, Response::Accepted, room.now));
        assert_eq!((standing(&room), room.record(NO).received_at), (AnswerState::Accepted, None));
        let effects = room.run(minute(-336), |_| failed(None));
        assert!(kinds(&effects).contains(&WarningKind::Ladder), "the machine is still sought for");
        let call = |room: &Room| query::order(&room.state, &NO.into(), room.now).unwrap().call;
        assert!(call(&room).is_some());
        room.tell(says(&first, Response::Accepted, room.now));
        assert_eq!((room.record(NO).received_at, call(&room)), (Some(room.now), None));
    }

    #[test]
    fn before_a_word_showed_arrival_it_did_not() {
        let mut room = Room::with(Config { word_shows_arrival: false, ..Config::default() });
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(room.now, |_| failed(None));
        let first = room.order("2022-0124-F1-v1");
        room.tell(says(&first, Response::Accepted, room.now));
        assert_eq!(room.record("2022-0124-F1-v1").received_at, None);
    }

    #[test]
    fn received_is_not_accepted() {
        let mut room = room(&RECEIVED);
        assert_eq!(room.words(NO), ["delivered"]);
        room.tell(says(&room.order(NO), Response::Accepted, room.now));
        assert_eq!(room.words(NO), ["delivered", "accepted"]);
    }

    #[test]
    fn no_answer_in_time_is_silence_and_a_late_answer_still_counts() {
        let mut room = room(&RECEIVED);
        let effects = room.run(minute(-330), |_| RECEIVED);
        assert_eq!(kinds(&effects), [WarningKind::Silent]);
        assert_eq!(standing(&room), AnswerState::Silent);
        room.tell(says(&room.order(NO), Response::Accepted, room.now));
        assert_eq!(standing(&room), AnswerState::Accepted);
        assert_eq!(query::summary(&room.state).silent, 1);
    }

    #[test]
    fn answers_count_once_and_in_the_order_of_the_facilitys_clock() {
        let mut room = room(&RECEIVED);
        let order = room.order(NO);
        let (early, late) = (minute(-340), minute(-335));
        room.now = late;
        assert_eq!(kinds(&room.tell(says(&order, refusal(), late))), [WarningKind::Refused]);
        let once = room.state.clone();
        assert!(room.ask(says(&order, refusal(), late)).is_err_and(|refusal| refusal.is_duplicate()));
        assert_eq!(room.state, once);
        assert_eq!(kinds(&room.tell(says(&order, Response::Accepted, early))), []);
        assert_eq!(standing(&room), AnswerState::Refused("heating".into()));
    }

    #[test]
    fn an_answer_of_a_clock_that_runs_ahead_does_not_stand_above_later_ones() {
        let mut room = room(&RECEIVED);
        let (order, tomorrow) = (room.order(NO), room.now + TimeDelta::days(1));
        let early = room.ask(says(&order, Response::Accepted, tomorrow));
        assert!(early.is_err_and(|refusal| !refusal.is_duplicate()));
        assert!(room.ask(reports(&order, Act::Restored, tomorrow)).is_err());
        assert_eq!(kinds(&room.tell(says(&order, refusal(), room.now))), [WarningKind::Refused]);
        assert_eq!(standing(&room), AnswerState::Refused("heating".into()));
    }

    #[test]
    fn an_answer_to_another_sequence_environment_or_facility_is_refused() {
        let mut room = room(&RECEIVED);
        let order = room.order(NO);
        for other in [
            Order { sequence: 2, ..order.clone() },
            Order { environment: "live".into(), ..order.clone() },
            Order { facility: "F2".into(), ..order.clone() },
            Order { order_no: "nothing".into(), ..order.clone() },
        ] {
            assert!(room.ask(says(&other, Response::Accepted, room.now)).is_err());
            assert!(room.ask(reports(&other, Act::Limited, room.now)).is_err());
        }
    }

    #[test]
    fn an_order_that_does_not_arrive_warns_at_half_and_at_four_fifths_of_the_lead_time() {
        let mut room = room(&failed(None));
        assert_eq!(kinds(&room.run(minute(-345), |_| failed(None))), [WarningKind::HalfLead]);
        assert_eq!(kinds(&room.run(minute(-336), |_| failed(None))), [WarningKind::Ladder]);
    }

    #[test]
    fn a_failed_driver_is_for_the_phone_and_a_restore_counts_only_in_its_slot() {
        let mut room = room(&RECEIVED);
        let order = room.order(NO);
        room.now = hour(0);
        assert_eq!(kinds(&room.tell(reports(&order, Act::Failed, hour(0)))), [WarningKind::DriverFailed]);
        room.now = hour(6);
        assert!(room.words(NO).contains(&"restoring"));
        room.tell(reports(&order, Act::Restored, hour(6) - chrono::TimeDelta::seconds(1)));
        assert_eq!(query::summary(&room.state).restored, 0);
        room.now = minute(366);
        room.tell(reports(&order, Act::Restored, minute(366)));
        assert_eq!(query::summary(&room.state).restored, 0);
        room.tell(reports(&order, Act::Restored, minute(362)));
        assert_eq!(query::summary(&room.state).restored, 1);
        assert!(room.words(NO).contains(&"restored"));
    }

    use kezek_model::order::Order;
}
