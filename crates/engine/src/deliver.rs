//! Delivery: one lane per facility, orders in the order of their sequence, one attempt at a time.
//!
//! All figures of the retry rule stand here.

use crate::emergency;
use crate::event::{Effect, Effects, Event, Outcome, WarningKind};
use crate::freeze;
use crate::guard;
use crate::issue;
use crate::refusal::Refusal;
use crate::stack;
use crate::state::{ATTEMPTS_KEPT, Attempt, InFlight, OrderRecord, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::canonical::sha256_hex;
use kezek_model::ids::{FacilityId, OrderNo};

/// Pauses after the first failures, in seconds: attempts at 0, 1, 2, 4, 8, 15, 30.
const FIRST_PAUSES_S: [i64; 6] = [1, 1, 2, 4, 7, 15];
/// Every further pause until `deliver_by`, in seconds.
const PAUSE_S: i64 = 30;
/// The pause after `deliver_by`, in seconds: a facility that comes back on day two of eight is told.
const SLOW_PAUSE_S: i64 = 300;
/// Pauses vary by so many thousandths either way, drawn from a hash of order and attempt.
const JITTER_PER_MILLE: i64 = 200;
/// An attempt without outcome for so long is taken as failed, in seconds; one takes at most 10.
pub(crate) const OUTCOME_OVERDUE_S: i64 = 120;

/// Whether an order is still to be sent. What a relay has taken is on its way, though not delivered.
fn is_undelivered(state: &State, record: &OrderRecord) -> bool {
    record.relayed_at.is_none() && may_leave(state, record) && is_missing(state, record)
}

/// Whether a facility lacks an order that it should have.
fn is_missing(state: &State, record: &OrderRecord) -> bool {
    let stands = !record.expired && record.recalled.is_none() && !stack::is_covered(state, record);
    record.received_at.is_none() && stands
}

/// Whether no newer order has left (S3).
fn may_leave(state: &State, record: &OrderRecord) -> bool {
    let sent = state.lanes.get(&record.order.facility).map_or(0, |lane| lane.highest_sent);
    record.order.sequence >= sent
}

/// The order of a facility that is to be delivered next: the oldest of those that still are.
fn undelivered<'a>(state: &'a State, facility: &FacilityId) -> Option<&'a OrderRecord> {
    state.newest_first(facility).filter(|record| is_undelivered(state, record)).last()
}

/// Whether retries of an order have ended without it having arrived.
pub(crate) fn has_ended(state: &State, record: &OrderRecord) -> bool {
    let hopes = is_missing(state, record) && (record.relayed_at.is_some() || may_leave(state, record));
    record.received_at.is_none() && !hopes
}

/// What time brings to a lane: the next attempt, or the end of one whose outcome never came.
#[derive(Clone, Copy)]
pub(crate) enum Turn<'a> {
    Overdue(&'a InFlight),
    Attempt(&'a OrderRecord),
}

impl Turn<'_> {
    pub(crate) fn event(self) -> Event {
        match self {
            Self::Overdue(flight) => {
                let reason = format!("no outcome within {OUTCOME_OVERDUE_S} s");
                let outcome = Outcome::Failed { reason, retry_after_s: None };
                Event::AttemptEnded { order_no: flight.order_no.clone(), attempt: flight.attempt, outcome }
            }
            Self::Attempt(record) => {
                let (order_no, attempt) = (record.order.order_no.clone(), record.attempts_made + 1);
                Event::AttemptIntended { order_no, attempt, at: record.next_attempt_at }
            }
        }
    }
}

/// The turn of a lane and its instant.
pub(crate) fn agenda<'a>(state: &'a State, facility: &FacilityId) -> Option<(DateTime<Utc>, Turn<'a>)> {
    let flight = state.lanes.get(facility).and_then(|lane| lane.in_flight.as_ref());
    match flight {
        Some(flight) => Some((flight.since + TimeDelta::seconds(OUTCOME_OVERDUE_S), Turn::Overdue(flight))),
        None => next_attempt(state, facility).map(|record| (record.next_attempt_at, Turn::Attempt(record))),
    }
}

fn next_attempt<'a>(state: &'a State, facility: &FacilityId) -> Option<&'a OrderRecord> {
    freeze::permits(state).ok()?;
    state.enrolments.get(facility)?;
    let record = undelivered(state, facility)?;
    // It blocks its lane as an alarm does: once a newer order has left, it could never leave (S3).
    let is_held = record.attempts_made == 0 && emergency::is_known_to_be_held(state, record);
    let may = !is_held && record.alarm.is_none() && record.next_attempt_at < record.order.expires;
    may.then_some(record)
}

/// Permitted is exactly the attempt that is due: so no order is sent twice at once, and none out of turn.
pub(crate) fn permit_attempt(
    state: &State,
    order_no: &OrderNo,
    attempt: u32,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    if attempt <= record.attempts_made {
        return Err(Refusal::Duplicate(format!("attempt {attempt} of order {order_no}")));
    }
    if record.attempts_made == 0 && emergency::is_held(state, record, now) {
        return Err(Refusal::NotNow { order_no: order_no.clone(), why: "its plan lacks a second person" });
    }
    let due =
        agenda(state, &record.order.facility).filter(|(at, _)| *at <= now && now < record.order.expires);
    match due {
        Some((_, Turn::Attempt(next)))
            if next.order.order_no == *order_no && attempt == next.attempts_made + 1 =>
        {
            Ok(())
        }
        _ => Err(Refusal::NotNow { order_no: order_no.clone(), why: "no attempt is due" }),
    }
}

/// Remembers the intent; sending is its effect.
pub(crate) fn intend(state: &mut State, order_no: &OrderNo, number: u32, now: DateTime<Utc>) -> Effects {
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    let facility = record.order.facility.clone();
    let relay = state.enrolments.get(&facility).and_then(|held| held.relay.clone());
    record.attempts_made = number;
    record.attempts.push(Attempt { number, at: now, ended_at: None, outcome: None, relay });
    let spare = record.attempts.len().saturating_sub(ATTEMPTS_KEPT);
    record.attempts.drain(..spare);
    if let Err(violation) = guard::send(state, order_no, now) {
        return refrain(state, order_no, number, &violation, now);
    }
    send(state, order_no, &facility, number, now)
}

fn send(
    state: &mut State,
    order_no: &OrderNo,
    facility: &FacilityId,
    attempt: u32,
    now: DateTime<Utc>,
) -> Effects {
    let (Some(record), Some(enrolment)) = (state.orders.get(order_no), state.enrolments.get(facility)) else {
        return Effects::new();
    };
    let (order, address) = (Box::new(record.order.clone()), enrolment.address.clone());
    let lane = state.lanes.entry(facility.clone()).or_default();
    lane.highest_sent = lane.highest_sent.max(order.sequence);
    lane.in_flight = Some(InFlight { order_no: order_no.clone(), attempt, since: now });
    vec![Effect::Send { order_no: order_no.clone(), attempt, order, address }]
}

/// A promise would be broken: nothing is sent, issuing stops, a person is told.
fn refrain(
    state: &mut State,
    order_no: &OrderNo,
    attempt: u32,
    violation: &guard::Violation,
    now: DateTime<Utc>,
) -> Effects {
    if let Some(record) = state.orders.get_mut(order_no) {
        note(record, attempt, Outcome::Alarm { reason: violation.to_string() }, now);
        record.alarm = Some(violation.to_string());
    }
    issue::stop(state, violation.clone())
}

/// An outcome counts once; only "received" still counts when another was noted before, because it is proof.
pub(crate) fn permit_outcome(
    state: &State,
    order_no: &OrderNo,
    attempt: u32,
    outcome: &Outcome,
) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    if attempt == 0 || attempt > record.attempts_made {
        return Err(Refusal::NotNow { order_no: order_no.clone(), why: "no such attempt was intended" });
    }
    let is_proof = match outcome {
        Outcome::Received { status } if !(200..300).contains(status) => {
            return Err(Refusal::Implausible(format!("status {status} does not mean received")));
        }
        Outcome::Received { .. } => record.received_at.is_none() && record.relayed_at.is_none(),
        _ => false,
    };
    let is_open = record.attempts.iter().any(|known| known.number == attempt && known.outcome.is_none());
    match is_open || is_proof {
        true => Ok(()),
        false => Err(Refusal::Duplicate(format!("the outcome of attempt {attempt} of order {order_no}"))),
    }
}

/// Remembers an outcome and decides when to try again.
pub(crate) fn end(
    state: &mut State,
    order_no: &OrderNo,
    attempt: u32,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Effects {
    let Some(facility) = state.orders.get(order_no).map(|record| record.order.facility.clone()) else {
        return Effects::new();
    };
    let (fast_until, ended) = (fast_until(state, &facility), outcome.clone());
    free_lane(state, &facility, order_no, attempt);
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    note(record, attempt, outcome, now);
    match ended {
        Outcome::Received { .. } => {
            let by_relay =
                record.attempts.iter().any(|known| known.number == attempt && known.relay.is_some());
            let at = if by_relay { &mut record.relayed_at } else { &mut record.received_at };
            at.get_or_insert(now);
            Effects::new()
        }
        Outcome::Failed { retry_after_s, .. } => {
            record.failures = record.failures.saturating_add(1);
            record.next_attempt_at = now + pause(record, fast_until, retry_after_s, now);
            Effects::new()
        }
        Outcome::Alarm { reason } => {
            let text = format!(
                "Order {order_no} cannot reach {facility}: {reason}. Mend it and send again, or call."
            );
            record.alarm = Some(reason);
            vec![Effect::warn(WarningKind::Alarm, &record.order, text)]
        }
    }
}

fn free_lane(state: &mut State, facility: &FacilityId, order_no: &OrderNo, attempt: u32) {
    if let Some(lane) = state.lanes.get_mut(facility) {
        lane.in_flight.take_if(|flight| flight.order_no == *order_no && flight.attempt == attempt);
    }
}

/// Writes an outcome beside its attempt.
pub(crate) fn note(record: &mut OrderRecord, attempt: u32, outcome: Outcome, now: DateTime<Utc>) {
    if let Some(known) = record.attempts.iter_mut().find(|known| known.number == attempt) {
        (known.ended_at, known.outcome) = (Some(now), Some(outcome));
    }
}

/// The most urgent order of a lane decides how fast its first one is tried.
fn fast_until(state: &State, facility: &FacilityId) -> DateTime<Utc> {
    let deadlines = undelivered(state, facility).into_iter().map(|record| record.order.deliver_by);
    deadlines.max().unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn pause(
    record: &OrderRecord,
    fast_until: DateTime<Utc>,
    retry_after_s: Option<u32>,
    now: DateTime<Utc>,
) -> TimeDelta {
    let fast = now < fast_until;
    let place = usize::try_from(record.failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let base_s = if fast { *FIRST_PAUSES_S.get(place).unwrap_or(&PAUSE_S) } else { SLOW_PAUSE_S };
    let left = (if fast { fast_until } else { record.order.expires }) - now;
    let asked = TimeDelta::seconds(i64::from(retry_after_s.unwrap_or(0))).min(left / 4);
    let draw = jitter_per_mille(&record.order.order_no, record.attempts_made);
    TimeDelta::milliseconds(base_s * (1000 + draw)).max(asked)
}

/// Between -200 and 200, always the same for the same order and attempt.
fn jitter_per_mille(order_no: &OrderNo, attempt: u32) -> i64 {
    let hash = sha256_hex(format!("{order_no}/{attempt}").as_bytes());
    let draw = i64::from_str_radix(&hash[..8], 16).unwrap_or(0);
    draw % (2 * JITTER_PER_MILLE + 1) - JITTER_PER_MILLE
}

/// A person restarts delivery after an alarm.
pub(crate) fn permit_resend(state: &State, order_no: &OrderNo) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    match is_missing(state, record) && may_leave(state, record) {
        true => Ok(()),
        false => Err(Refusal::NotNow {
            order_no: order_no.clone(),
            why: "it has arrived, ended, or a newer order has left; make a new plan instead",
        }),
    }
}

pub(crate) fn resend(state: &mut State, order_no: &OrderNo, now: DateTime<Utc>) -> Effects {
    if let Some(record) = state.orders.get_mut(order_no) {
        // A relay that took it has lost it, in this person's judgement.
        record.relayed_at = None;
        let facility = record.order.facility.clone();
        wake(state, &facility, now);
    }
    Effects::new()
}

/// Lets delivery to a facility begin anew: after a new order, a new address, or a person's word.
pub(crate) fn wake(state: &mut State, facility: &FacilityId, now: DateTime<Utc>) {
    each_undelivered(state, facility, |record| {
        (record.alarm, record.failures) = (None, 0);
        record.next_attempt_at = record.next_attempt_at.min(now);
    });
}

/// Lets the next attempt at delivery to a facility be made at once; alarms stay.
pub(crate) fn hasten(state: &mut State, facility: &FacilityId, now: DateTime<Utc>) {
    each_undelivered(state, facility, |record| record.next_attempt_at = record.next_attempt_at.min(now));
}

fn each_undelivered(state: &mut State, facility: &FacilityId, change: impl Fn(&mut OrderRecord)) {
    let numbers: Vec<OrderNo> =
        undelivered(state, facility).into_iter().map(|record| record.order.order_no.clone()).collect();
    for number in numbers {
        state.orders.get_mut(&number).into_iter().for_each(&change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RECEIVED, Room, draft, failed, full, hour, kinds, minute, sent};

    #[test]
    fn jitter_is_seeded_and_within_a_fifth() {
        let draws: Vec<i64> = (0..1000).map(|n| jitter_per_mille(&"2022-0124-F01-v1".into(), n)).collect();
        assert!(draws.iter().all(|draw| (-200..=200).contains(draw)));
        assert!(draws.iter().any(|&draw| draw < -150) && draws.iter().any(|&draw| draw > 150));
        assert_eq!(draws[7], jitter_per_mille(&"2022-0124-F01-v1".into(), 7));
    }

    #[test]
    fn attempts_follow_the_rule_until_deliver_by_and_slowly_after_it() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(hour(7), |_| failed(None));
        let times: Vec<i64> = sent(&room.journal).into_iter().map(|(_, at)| at).collect();
        for (at, nominal) in times.iter().zip([0, 1, 2, 4, 8, 15, 30, 60, 90]) {
            assert!((at - nominal).abs() <= nominal / 5 + 1, "{times:?}");
        }
        let pauses: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses[7..50].iter().all(|pause| (23..=37).contains(pause)), "{pauses:?}");
        let slow = times.partition_point(|&at| at < 1800);
        assert!(pauses[slow..].iter().all(|pause| (239..=361).contains(pause)), "{pauses:?}");
        assert!(*times.last().unwrap() > 11 * 3600 && *times.last().unwrap() < 12 * 3600);
        assert_eq!(room.record("2022-0124-F1-v1").attempts.len(), ATTEMPTS_KEPT);
        assert!(room.words("2022-0124-F1-v1").contains(&"expired"));
    }

    #[test]
    fn retry_after_is_honoured_up_to_a_quarter_of_the_time_left() {
        for (asked_s, kept_s) in [(60, 60), (100_000, 450)] {
            let mut room = Room::new();
            room.issue("p1", None, vec![full("F1", 0, 6)]);
            room.run(room.now, |_| failed(Some(asked_s)));
            let next = room.record("2022-0124-F1-v1").next_attempt_at;
            assert_eq!((next - room.now).num_seconds(), kept_s);
        }
    }

    #[test]
    fn an_alarm_stands_until_a_person_acts() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let alarm = || Outcome::Alarm { reason: "301".into() };
        let effects = room.run(minute(-300), |_| alarm());
        assert_eq!(sent(&room.journal).len(), 1);
        assert_eq!(kinds(&effects)[0], WarningKind::Alarm);
        room.tell(Event::Resend { order_no: "2022-0124-F1-v1".into(), person: "dispatcher".into() });
        room.run(minute(-299), |_| RECEIVED);
        assert_eq!(sent(&room.journal).len(), 2);
        assert!(room.record("2022-0124-F1-v1").received_at.is_some());
    }

    #[test]
    fn a_superseded_order_is_sent_no_more() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(minute(-350), |_| failed(None));
        room.issue("p2", Some("p1"), vec![full("F1", 0, 6)]);
        let before = room.journal.len();
        room.run(hour(7), |_| RECEIVED);
        let after = sent(&room.journal[before..]);
        assert_eq!(after, [("2022-0124-F1-v2".to_owned(), 0)]);
    }

    #[test]
    fn orders_go_in_turn_and_one_that_reaches_beyond_its_successor_still_goes() {
        let mut room = Room::new();
        room.issue("p1", None, vec![draft("F1", (0, 48), &[(0, 48, 12_000, 8_000)])]);
        room.run(minute(-300), |_| failed(None));
        room.issue("p2", Some("p1"), vec![full("F1", 10, 20)]);
        assert_eq!(room.record("2022-0124-F1-v1").failures, 0, "begins anew");
        let before = room.journal.len();
        room.run(minute(-290), |_| RECEIVED);
        let numbers: Vec<String> =
            sent(&room.journal[before..]).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, ["2022-0124-F1-v1", "2022-0124-F1-v2"]);
    }

    #[test]
    fn after_a_restart_the_same_order_goes_again_at_once() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let first = room.due();
        assert_eq!(room.state.in_flight(), 1);
        assert_eq!(room.due(), [], "one attempt at a time");
        let intended = room.journal.last().unwrap().0.clone();
        assert!(room.ask(intended).is_err_and(|refusal| refusal.is_duplicate()));
        room.tell(Event::Opened { environment: "test".into(), epoch: 2, config: crate::Config::default() });
        let again = room.due();
        let body = |effects: &Effects| match &effects[0] {
            Effect::Send { order, .. } => order.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(body(&first), body(&again));
        assert_eq!(room.record("2022-0124-F1-v1").attempts_made, 2);
    }

    #[test]
    fn an_outcome_that_never_comes_frees_the_lane_and_proof_still_counts() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.due();
        room.now += TimeDelta::seconds(OUTCOME_OVERDUE_S);
        room.due();
        assert_eq!(room.state.in_flight(), 0);
        let ended = |outcome| Event::AttemptEnded { order_no: "2022-0124-F1-v1".into(), attempt: 1, outcome };
        assert!(room.ask(ended(failed(None))).is_err_and(|refusal| refusal.is_duplicate()));
        room.tell(ended(RECEIVED));
        assert!(room.words("2022-0124-F1-v1").contains(&"delivered"));
    }
}
