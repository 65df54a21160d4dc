//! What time itself brings. Each rule says when it falls due, so "is it due" and "what is next" cannot differ.

use crate::comply;
use crate::deliver;
use crate::emergency;
use crate::event::{Event, Mark};
use crate::meter;
use crate::notice;
use crate::permit::permit;
use crate::refusal::Refusal;
use crate::stack;
use crate::state::{OrderRecord, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::OrderNo;

/// The events that time has brought by `now`, oldest first, at most `limit`.
///
/// Append them to the journal and step them: what is due has then been done, and the next call returns nothing (or
/// what `limit` left) until time goes on or something happens.
#[must_use]
pub fn due(state: &State, now: DateTime<Utc>, limit: usize) -> Vec<Event> {
    let now = state.time(now);
    let mut moments: Vec<_> = agenda(state).filter(|(at, _)| *at <= now).collect();
    moments.sort_by_key(|(at, _)| *at);
    let events = moments.into_iter().filter_map(|(_, brought)| brought.event(state));
    events.filter(|event| permit(state, event, now).is_ok()).take(limit).collect()
}

/// The next instant at which [`due`] has something; in the past where it has something already.
#[must_use]
pub fn next_due(state: &State) -> Option<DateTime<Utc>> {
    agenda(state).map(|(at, _)| at).min()
}

/// What a moment brings; a verdict is counted only when it is asked for.
enum Brought {
    Event(Event),
    Verdict(OrderNo),
}

impl Brought {
    fn event(self, state: &State) -> Option<Event> {
        match self {
            Self::Event(event) => Some(event),
            Self::Verdict(order_no) => {
                let tally = comply::tally(state, &order_no)?;
                Some(Event::Judged { order_no, tally })
            }
        }
    }
}

fn agenda(state: &State) -> impl Iterator<Item = (DateTime<Utc>, Brought)> {
    let attempts = state.lanes.keys().filter_map(|facility| deliver::agenda(state, facility));
    let records = || state.open.iter().filter_map(|number| state.orders.get(number));
    let moments = records().flat_map(|record| moments(state, record));
    let notices = records().flat_map(|record| notice::agenda(state, record));
    let verdicts = records().filter(|record| record.unjudged).map(|record| {
        let order = &record.order;
        (meter::judged_from(state, order), Brought::Verdict(order.order_no.clone()))
    });
    attempts
        .chain(moments)
        .chain(notices)
        .chain(emergency::agenda(state))
        .map(|(at, event)| (at, Brought::Event(event)))
        .chain(verdicts)
}

/// What time brings to an order beside attempts and verdict.
fn moments(state: &State, record: &OrderRecord) -> Vec<(DateTime<Utc>, Event)> {
    let order_no = record.order.order_no.clone();
    let expiry = (record.order.expires, Event::Expired { order_no });
    let expiry = (!record.expired).then_some(expiry);
    silence(state, record).into_iter().chain(warnings(state, record)).chain(expiry).collect()
}

/// An order that was withdrawn, or that newer ones cover, asks for no answer any more.
fn silence(state: &State, record: &OrderRecord) -> Option<(DateTime<Utc>, Event)> {
    let asks = record.recalled.is_none() && !stack::is_covered(state, record);
    let quiet = record.answers.is_empty() && record.silent_at.is_none();
    (asks && quiet).then(|| (record.order.ack_by, Event::Silent { order_no: record.order.order_no.clone() }))
}

fn warnings(state: &State, record: &OrderRecord) -> Vec<(DateTime<Utc>, Event)> {
    let order = &record.order;
    if record.received_at.is_some() || deliver::has_ended(state, record) {
        return Vec::new();
    }
    let ahead = [Mark::Half, Mark::Ladder].into_iter().filter(|mark| record.warned < Some(*mark));
    ahead.map(|mark| (mark.of(order), Event::Warned { order_no: order.order_no.clone(), mark })).collect()
}

/// What time brings may happen exactly when it is due.
pub(crate) fn permit_moment(
    state: &State,
    order_no: &OrderNo,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    match moments(state, record).iter().any(|(at, brought)| *at <= now && brought == event) {
        true => Ok(()),
        false => Err(Refusal::NotNow { order_no: order_no.clone(), why: "time has not brought this" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Room, full, hour};

    #[test]
    fn a_room_that_slept_past_the_end_catches_up_one_event_at_a_time() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6), full("F2", 0, 6)]);
        room.now = hour(10);
        let mut told = Vec::new();
        while let Some(event) = due(&room.state, room.now, 1).pop() {
            room.tell(event.clone());
            told.push(event);
        }
        let attempts = told.iter().filter(|event| matches!(event, Event::AttemptIntended { .. }));
        assert_eq!(attempts.count(), 0, "an order that is over is not sent");
        let expired = told.iter().filter(|event| matches!(event, Event::Expired { .. }));
        assert_eq!((expired.count(), next_due(&room.state)), (2, None));
    }

    #[test]
    fn nothing_is_due_in_a_room_without_orders() {
        let room = Room::new();
        assert_eq!((due(&room.state, hour(99), 10), next_due(&room.state)), (vec![], None));
    }
}
