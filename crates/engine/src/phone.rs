//! The phone list: every order about which a person must call, and what was said (S16).
//!
//! An order that has not arrived stands on it from four fifths of its lead time on, so before its `deliver_by`.

use crate::confirm::room;
use crate::emergency;
use crate::event::{Effects, Mark};
use crate::refusal::Refusal;
use crate::stack;
use crate::state::{Call, OrderRecord, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::receipt::Response;
use serde::Serialize;

/// Why a person must call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The facility has no address.
    NoAddress,
    /// Its emergency plan lacks the second person, so it does not leave: find one.
    Unconfirmed,
    /// A relay has taken it and most of the lead time is gone, but the facility has said nothing.
    Relayed,
    /// Delivery needs a person.
    Alarm,
    /// Most of the lead time is gone and the order has not arrived.
    NotReceived,
    /// The facility cannot obey.
    Refused,
    /// No answer by `ack_by`.
    Silent,
}

/// Why a person must call about an order now; `None` where nobody need.
pub(crate) fn cause(state: &State, record: &OrderRecord, now: DateTime<Utc>) -> Option<Cause> {
    let order = &record.order;
    if record.recalled.is_some() || now >= order.expires || stack::is_covered(state, record) {
        return None;
    }
    let answer = record.answer().map(|answer| &answer.answer);
    match () {
        () if matches!(answer, Some(Response::Refused { .. })) => Some(Cause::Refused),
        // An answer that a person entered on a page shows no arrival: the order goes on being sought for below.
        () if record.received_at.is_some() => {
            (answer.is_none() && record.silent_at.is_some()).then_some(Cause::Silent)
        }
        () if record.attempts_made == 0 && emergency::is_held(state, record, now) => Some(Cause::Unconfirmed),
        () if record.relayed_at.is_some() => (Mark::Ladder.of(order) <= now).then_some(Cause::Relayed),
        () if !state.enrolments.contains_key(&order.facility) => Some(Cause::NoAddress),
        () if record.alarm.is_some() => Some(Cause::Alarm),
        () => (Mark::Ladder.of(order) <= now).then_some(Cause::NotReceived),
    }
}

pub(crate) fn permit(state: &State, order_no: &OrderNo, answer: &str) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    if answer.trim().is_empty() {
        return Err(Refusal::Implausible(
            "what was said on the phone is empty; say it, or `no reply`".into(),
        ));
    }
    room(order_no, record.calls.len())
}

pub(crate) fn apply(
    state: &mut State,
    order_no: &OrderNo,
    person: String,
    answer: String,
    at: DateTime<Utc>,
) -> Effects {
    if let Some(record) = state.orders.get_mut(order_no) {
        record.calls.push(Call { person, at, answer });
    }
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Outcome};
    use crate::testing::{RECEIVED, Room, answer, failed, full, minute, recalled};

    const NO: &str = "2022-0124-F1-v1";

    fn called(room: &Room, number: &str) -> Option<Cause> {
        cause(&room.state, room.record(number), room.now)
    }

    #[test]
    fn what_has_not_arrived_is_on_the_list_before_its_deliver_by() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6), full("F9", 0, 6)]);
        assert_eq!(
            [NO, "2022-0124-F9-v1"].map(|number| called(&room, number)),
            [None, Some(Cause::NoAddress)]
        );
        room.run(minute(-337), |_| failed(None));
        assert_eq!(called(&room, NO), None);
        room.run(minute(-336), |_| failed(None));
        assert_eq!(called(&room, NO), Some(Cause::NotReceived));
        room.run(minute(-330), |_| RECEIVED);
        assert_eq!(called(&room, NO), Some(Cause::Silent));
        room.tell(answer(&room.order(NO), Response::Accepted, room.now));
        assert_eq!(called(&room, NO), None);
    }

    #[test]
    fn alarms_and_refusals_are_on_it_and_what_is_recalled_is_not() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6), full("F2", 0, 6)]);
        room.run(room.now, |order| match order.facility.as_str() {
            "F1" => Outcome::Alarm { reason: "410".into() },
            _ => RECEIVED,
        });
        let second = "2022-0124-F2-v1";
        room.tell(answer(&room.order(second), Response::Refused { reason: "heating".into() }, room.now));
        assert_eq!(
            [NO, second].map(|number| called(&room, number)),
            [Some(Cause::Alarm), Some(Cause::Refused)]
        );
        room.tell(recalled(NO));
        assert_eq!(called(&room, NO), None);
    }

    #[test]
    fn what_was_said_is_kept() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let said = |answer: &str| Event::Called {
            order_no: NO.into(),
            person: "dana".into(),
            answer: answer.into(),
        };
        assert!(room.ask(said("  ")).is_err());
        room.tell(said("no reply"));
        room.now = minute(-300);
        room.tell(said("is on it"));
        let kept: Vec<_> = room.record(NO).calls.iter().map(|call| (call.at, call.answer.as_str())).collect();
        assert_eq!(kept, [(minute(-360), "no reply"), (minute(-300), "is on it")]);
    }
}
