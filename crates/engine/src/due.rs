//! What time itself brings. Each rule says when it falls due, so "is it due" and "what is next" cannot differ.

use crate::comply;
use crate::deliver::{self, Turn};
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

/// What a moment brings. Made into an event only when it has come: of ten thousand orders few are due.
enum Brought<'a> {
    Turn(Turn<'a>),
    Moment(&'a OrderNo, Moment),
    Event(Event),
    Verdict(&'a OrderNo),
}

impl Brought<'_> {
    fn event(self, state: &State) -> Option<Event> {
        match self {
            Self::Turn(turn) => Some(turn.event()),
            Self::Moment(order_no, moment) => Some(moment.event(order_no.clone())),
            Self::Event(event) => Some(event),
            Self::Verdict(order_no) => {
                let tally = comply::tally(state, order_no)?;
                Some(Event::Judged { order_no: order_no.clone(), tally })
            }
        }
    }
}

fn agenda(state: &State) -> impl Iterator<Item = (DateTime<Utc>, Brought<'_>)> {
    let turns = state.lanes.keys().filter_map(|facility| deliver::agenda(state, facility));
    let of_orders = state.open.iter().filter_map(|number| state.orders.get(number));
    let orders = of_orders.flat_map(|record| {
        let order_no = &record.order.order_no;
        let moments = moments(state, record).map(move |(at, moment)| (at, Brought::Moment(order_no, moment)));
        let notices =
            notice::agenda(state, record).into_iter().map(|(at, event)| (at, Brought::Event(event)));
        let judged_from = record.unjudged.then(|| meter::judged_from(state, &record.order));
        moments.chain(notices).chain(judged_from.map(|at| (at, Brought::Verdict(order_no))))
    });
    let emergencies = emergency::agenda(state).map(|(at, event)| (at, Brought::Event(event)));
    turns.map(|(at, turn)| (at, Brought::Turn(turn))).chain(orders).chain(emergencies)
}

/// What time brings to an order beside attempts, messages and the verdict.
#[derive(Clone, Copy)]
enum Moment {
    Silent,
    Warned(Mark),
    Expired,
}

impl Moment {
    fn event(self, order_no: OrderNo) -> Event {
        match self {
            Self::Silent => Event::Silent { order_no },
            Self::Warned(mark) => Event::Warned { order_no, mark },
            Self::Expired => Event::Expired { order_no },
        }
    }
}

fn moments(state: &State, record: &OrderRecord) -> impl Iterator<Item = (DateTime<Utc>, Moment)> {
    let order = &record.order;
    let silence = asks(state, record).then_some((order.ack_by, Moment::Silent));
    let warned = record.warned;
    let ahead = [Mark::Half, Mark::Ladder].into_iter().filter(move |mark| warned < Some(*mark));
    let warnings = ahead.map(|mark| (mark.of(order), Moment::Warned(mark)));
    let warnings = may_be_late(state, record).then_some(warnings).into_iter().flatten();
    let expiry = (!record.expired).then_some((order.expires, Moment::Expired));
    silence.into_iter().chain(warnings).chain(expiry)
}

/// An order that was withdrawn, or that newer ones cover, asks for no answer any more.
fn asks(state: &State, record: &OrderRecord) -> bool {
    let quiet = record.answers.is_empty() && record.silent_at.is_none();
    quiet && record.recalled.is_none() && !stack::is_covered(state, record)
}

fn may_be_late(state: &State, record: &OrderRecord) -> bool {
    record.received_at.is_none() && !deliver::has_ended(state, record)
}

/// What time brings may happen exactly when it is due.
pub(crate) fn permit_moment(
    state: &State,
    order_no: &OrderNo,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    let is_this = |(at, moment): (_, Moment)| at <= now && moment.event(order_no.clone()) == *event;
    match moments(state, record).any(is_this) {
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
