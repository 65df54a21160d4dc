//! The second channel: people of a facility are told by short message and e-mail of an order that has not arrived.
//!
//! A message is intended, sent and recorded like an attempt at delivery, and is never a receipt: what was told may not
//! have been read, and the order goes on to be delivered. Who was told of an order is told at once of what takes its
//! place, a recall above all, however that one arrives.

use crate::deliver::OUTCOME_OVERDUE_S;
use crate::emergency;
use crate::event::{Effect, Effects, Event, Mark, NoticeOutcome, SecondChannel, WarningKind};
use crate::freeze;
use crate::guard;
use crate::issue;
use crate::refusal::Refusal;
use crate::stack;
use crate::state::{NoticeTry, OrderRecord, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::registry::Contact;

/// Messages kept per order; no more are sent.
const NOTICES_KEPT: usize = 500;

/// One number or mailbox.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Goal<'a> {
    pub(crate) channel: SecondChannel,
    pub(crate) to: &'a str,
}

impl Goal<'_> {
    fn reached_by(self, contact: &Contact) -> bool {
        let to = match self.channel {
            SecondChannel::Sms => &contact.sms,
            SecondChannel::Email => &contact.email,
        };
        to == self.to
    }

    fn is_of(self, known: &NoticeTry) -> bool {
        (self.channel, self.to) == (known.channel, known.to.as_str())
    }
}

/// The numbers and mailboxes of a facility, each once, in the order in which people are called.
fn goals<'a>(state: &'a State, record: &OrderRecord) -> Vec<Goal<'a>> {
    let channels = &state.config.second_channels;
    let mut goals: Vec<Goal> = Vec::new();
    for contact in state.registry.contacts_of(&record.order.facility) {
        let sms = Goal { channel: SecondChannel::Sms, to: &contact.sms };
        let email = Goal { channel: SecondChannel::Email, to: &contact.email };
        for (goal, is_set) in [(sms, channels.sms), (email, channels.email)] {
            if is_set && !goal.to.is_empty() && !goals.contains(&goal) {
                goals.push(goal);
            }
        }
    }
    goals
}

/// From when on people are told of an order; `None` where they are not.
fn told_from(state: &State, record: &OrderRecord) -> Option<DateTime<Utc>> {
    let over = record.recalled.is_some() || record.expired || stack::is_covered(state, record);
    let held = record.attempts_made == 0 && emergency::is_known_to_be_held(state, record);
    if over || held || record.notices.len() >= NOTICES_KEPT {
        return None;
    }
    let unheard = record.answer().is_none() && record.received_at.is_none();
    let ladder = unheard.then(|| Mark::Ladder.of(&record.order));
    [ladder, told_of_the_one_before(state, record)].into_iter().flatten().min()
}

/// Where somebody may have read of the order that this one withdraws or replaces: at once, but after that message.
fn told_of_the_one_before(state: &State, record: &OrderRecord) -> Option<DateTime<Utc>> {
    let before = record.order.supersedes.as_ref().and_then(|number| state.orders.get(number))?;
    let first = before.notices.first()?;
    Some(record.order.issued_at.max(first.at + TimeDelta::seconds(1)))
}

/// What time brings to the messages about an order.
pub(crate) fn agenda(state: &State, record: &OrderRecord) -> Vec<(DateTime<Utc>, Event)> {
    let open = record.notices.iter().filter(|known| known.outcome.is_none());
    let mut moments: Vec<_> = open.map(|known| overdue(record, known)).collect();
    let channels = &state.config.second_channels;
    let may = (channels.sms || channels.email) && freeze::permits(state).is_ok();
    if let Some(from) = told_from(state, record).filter(|_| may) {
        moments.extend(goals(state, record).into_iter().filter_map(|goal| next(state, record, goal, from)));
    }
    moments
}

fn overdue(record: &OrderRecord, known: &NoticeTry) -> (DateTime<Utc>, Event) {
    let reason = format!("no outcome within {OUTCOME_OVERDUE_S} s");
    let event = Event::NoticeEnded {
        order_no: record.order.order_no.clone(),
        channel: known.channel,
        to: known.to.clone(),
        attempt: known.number,
        outcome: NoticeOutcome::Failed { reason },
    };
    (known.at + TimeDelta::seconds(OUTCOME_OVERDUE_S), event)
}

fn next(
    state: &State,
    record: &OrderRecord,
    goal: Goal,
    from: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Event)> {
    let channels = &state.config.second_channels;
    let last = record.notices.iter().rev().find(|known| goal.is_of(known));
    let (at, attempt) = match last {
        None => (from, 1),
        Some(known) => {
            let failed = matches!(known.outcome, Some(NoticeOutcome::Failed { .. }));
            let ended_at = known.ended_at.filter(|_| failed && known.number < channels.most_attempts)?;
            (ended_at + TimeDelta::seconds(i64::from(channels.pause_s)), known.number + 1)
        }
    };
    let (order_no, to) = (record.order.order_no.clone(), goal.to.to_owned());
    let event = Event::NoticeIntended { order_no, channel: goal.channel, to, attempt, at };
    (at < record.order.expires && channels.most_attempts > 0).then_some((at, event))
}

/// Permitted is exactly the message that is due.
pub(crate) fn permit(
    state: &State,
    order_no: &OrderNo,
    goal: Goal,
    attempt: u32,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    let held = record.attempts_made == 0 && emergency::is_held(state, record, now);
    let is_this = |event: &Event| {
        matches!(event, Event::NoticeIntended { channel, to, attempt: number, .. }
            if goal == Goal { channel: *channel, to } && *number == attempt)
    };
    let is_due = agenda(state, record).iter().any(|(at, event)| *at <= now && is_this(event));
    match is_due && !held && now < record.order.expires {
        true => Ok(()),
        false => Err(Refusal::NotNow { order_no: order_no.clone(), why: "no message about it is due" }),
    }
}

/// Remembers the intent; sending is its effect.
pub(crate) fn intend(
    state: &mut State,
    order_no: &OrderNo,
    goal: Goal,
    attempt: u32,
    now: DateTime<Utc>,
) -> Effects {
    let contact = state.orders.get(order_no).and_then(|record| {
        let contacts = state.registry.contacts_of(&record.order.facility);
        contacts.iter().find(|contact| goal.reached_by(contact)).cloned()
    });
    let (Some(contact), Some(record)) = (contact, state.orders.get_mut(order_no)) else {
        return Effects::new();
    };
    record.notices.push(NoticeTry {
        channel: goal.channel,
        to: goal.to.to_owned(),
        name: contact.name.clone(),
        number: attempt,
        at: now,
        ended_at: None,
        outcome: None,
    });
    let order = Box::new(record.order.clone());
    if let Err(violation) = guard::tell(state, order_no, now) {
        let outcome = NoticeOutcome::Alarm { reason: violation.to_string() };
        let told = end(state, order_no, goal, attempt, outcome, now);
        return told.into_iter().chain(issue::stop(state, violation)).collect();
    }
    vec![Effect::Tell { channel: goal.channel, attempt, contact: Box::new(contact), order }]
}

fn tried<'a>(record: &'a OrderRecord, goal: Goal, attempt: u32) -> Option<&'a NoticeTry> {
    record.notices.iter().find(|known| goal.is_of(known) && known.number == attempt)
}

/// An outcome counts once; only "told" still counts when a failure was noted before.
pub(crate) fn permit_outcome(
    state: &State,
    order_no: &OrderNo,
    goal: Goal,
    attempt: u32,
    outcome: &NoticeOutcome,
) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    let why = "no such message was intended";
    let known = tried(record, goal, attempt).ok_or(Refusal::NotNow { order_no: order_no.clone(), why })?;
    let corrects =
        matches!((&known.outcome, outcome), (Some(NoticeOutcome::Failed { .. }), NoticeOutcome::Told { .. }));
    match known.outcome.is_none() || corrects {
        true => Ok(()),
        false => Err(Refusal::Duplicate(format!("the outcome of message {attempt} about order {order_no}"))),
    }
}

/// Remembers an outcome; a person is told where nothing more will be tried.
pub(crate) fn end(
    state: &mut State,
    order_no: &OrderNo,
    goal: Goal,
    attempt: u32,
    outcome: NoticeOutcome,
    now: DateTime<Utc>,
) -> Effects {
    let most = state.config.second_channels.most_attempts;
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    let known = record.notices.iter_mut().find(|known| goal.is_of(known) && known.number == attempt);
    let Some(known) = known else { return Effects::new() };
    let lost = match &outcome {
        NoticeOutcome::Failed { reason } if attempt >= most => Some(reason.clone()),
        NoticeOutcome::Alarm { reason } => Some(reason.clone()),
        _ => None,
    };
    let (name, facility) = (known.name.clone(), record.order.facility.clone());
    (known.ended_at, known.outcome) = (Some(now), Some(outcome));
    let text = lost.map(|reason| {
        let to = goal.to;
        format!("{name} of {facility} cannot be told of order {order_no} at {to}: {reason}. Call.")
    });
    text.map(|text| Effect::warn(WarningKind::NotTold, &record.order, text)).into_iter().collect()
}

/// After a restart nobody knows whether a message left: it goes again, within the number that is set.
pub(crate) fn forget_outcomes(state: &mut State, now: DateTime<Utc>) {
    for number in &state.open {
        let Some(record) = state.orders.get_mut(number) else { continue };
        for known in record.notices.iter_mut().filter(|known| known.outcome.is_none()) {
            let reason = "outcome unknown: the control room was started anew".to_owned();
            (known.ended_at, known.outcome) = (Some(now), Some(NoticeOutcome::Failed { reason }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::event::Outcome;
    use crate::testing::{
        RECEIVED, Room, answer, contacts, failed, frozen, full, hour, kinds, minute, recalled,
        second_channels,
    };
    use kezek_model::order::Priority;
    use kezek_model::receipt::Response;

    const NO: &str = "2022-0124-F1-v1";

    /// With people to tell at F1; the ladder mark is at minute -336.
    fn room() -> Room {
        let mut room = Room::with(Config { second_channels: second_channels(), ..Config::default() });
        room.tell(contacts(&["F1", "F3"]));
        room
    }

    fn told(effects: &Effects) -> Vec<(String, String, u32)> {
        let tell = |effect: &Effect| match effect {
            Effect::Tell { channel, attempt, contact, order } => {
                let to = if *channel == SecondChannel::Sms { &contact.sms } else { &contact.email };
                Some((order.order_no.to_string(), to.clone(), *attempt))
            }
            _ => None,
        };
        effects.iter().filter_map(tell).collect()
    }

    fn ended(order_no: &str, to: &str, attempt: u32, outcome: NoticeOutcome) -> Event {
        let channel = if to.starts_with('+') { SecondChannel::Sms } else { SecondChannel::Email };
        Event::NoticeEnded { order_no: order_no.into(), channel, to: to.into(), attempt, outcome }
    }

    fn taken() -> NoticeOutcome {
        NoticeOutcome::Told { by: "202".into() }
    }

    fn lost() -> NoticeOutcome {
        NoticeOutcome::Failed { reason: "503".into() }
    }

    #[test]
    fn what_has_not_arrived_by_the_ladder_mark_is_told_once_to_everybody_and_is_not_received() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let before = room.run(minute(-337), |_| failed(None));
        assert!(told(&before).is_empty());
        let effects = room.run(minute(-336), |_| failed(None));
        let to: Vec<String> = told(&effects).into_iter().map(|(_, to, _)| to).collect();
        assert_eq!(to, ["+77001", "one@mine.example", "+77002"]);
        for to in &to {
            room.tell(ended(NO, to, 1, taken()));
        }
        let later = room.run(minute(-200), |_| failed(None));
        assert!(told(&later).is_empty(), "told is told");
        let record = room.record(NO);
        assert_eq!((record.received_at, record.answers.len()), (None, 0));
        assert!(!room.words(NO).contains(&"delivered") && room.words(NO).contains(&"told"));
        assert!(crate::phone::cause(&room.state, record, room.now).is_some(), "and still to be called");
    }

    #[test]
    fn what_has_arrived_or_was_answered_is_not_told() {
        for is_answered in [false, true] {
            let mut room = room();
            room.issue("p1", None, vec![full("F1", 0, 6)]);
            if is_answered {
                room.tell(answer(&room.order(NO), Response::Accepted, room.now));
            }
            let effects = room.run(hour(1), |_| if is_answered { failed(None) } else { RECEIVED });
            assert!(told(&effects).is_empty(), "{is_answered}");
        }
    }

    #[test]
    fn a_failure_is_tried_again_as_often_as_is_set_and_then_a_person_is_told() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let first = room.run(minute(-336), |_| failed(None));
        for (_, to, attempt) in told(&first) {
            assert_eq!(kinds(&room.tell(ended(NO, &to, attempt, lost()))), []);
        }
        assert!(told(&room.run(room.now + TimeDelta::seconds(59), |_| failed(None))).is_empty());
        let second = told(&room.run(room.now + TimeDelta::seconds(1), |_| failed(None)));
        assert_eq!(second.iter().map(|(_, _, attempt)| *attempt).collect::<Vec<_>>(), [2, 2, 2]);
        for (_, to, attempt) in &second {
            assert_eq!(kinds(&room.tell(ended(NO, to, *attempt, lost()))), [WarningKind::NotTold]);
        }
        assert!(told(&room.run(hour(1), |_| failed(None))).is_empty(), "twice is as often as is set");
    }

    #[test]
    fn an_alarm_is_not_tried_again_and_a_late_word_that_it_went_still_counts() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(minute(-336), |_| failed(None));
        let alarm = NoticeOutcome::Alarm { reason: "no such mailbox".into() };
        assert_eq!(
            kinds(&room.tell(ended(NO, "one@mine.example", 1, alarm.clone()))),
            [WarningKind::NotTold]
        );
        room.tell(ended(NO, "+77001", 1, taken()));
        assert!(room.ask(ended(NO, "+77001", 1, lost())).is_err_and(|refusal| refusal.is_duplicate()));
        room.run(room.now + TimeDelta::seconds(OUTCOME_OVERDUE_S), |_| failed(None));
        room.tell(ended(NO, "+77002", 1, taken()));
        assert!(room.ask(ended(NO, "one@mine.example", 1, alarm)).is_err());
        assert!(room.ask(ended(NO, "+77001", 9, taken())).is_err(), "never intended");
    }

    #[test]
    fn frozen_tells_nobody_and_thawed_tells() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.tell(frozen("anna"));
        assert!(told(&room.run(minute(-300), |_| failed(None))).is_empty());
        room.tell(crate::testing::thawed("anna", "dana"));
        assert_eq!(told(&room.run(minute(-299), |_| failed(None))).len(), 3);
    }

    #[test]
    fn who_was_told_of_an_order_is_told_at_once_of_its_recall_even_where_that_arrives() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(minute(-336), |_| failed(None));
        room.tell(ended(NO, "+77001", 1, lost()));
        room.tell(recalled(NO));
        let effects = room.run(minute(-335), |_| RECEIVED);
        let numbers: Vec<String> = told(&effects).into_iter().map(|(number, ..)| number).collect();
        assert_eq!(numbers, ["2022-0124-F1-v2"; 3], "of the recall, and no more of what it withdraws");
    }

    #[test]
    fn a_recall_that_nobody_was_told_of_climbs_the_ladder_by_itself() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(minute(-350), |_| RECEIVED);
        room.tell(recalled(NO));
        let early = room.run(minute(-327), |_| failed(None));
        assert!(told(&early).is_empty());
        let effects = room.run(minute(-326), |_| failed(None));
        assert_eq!(told(&effects).len(), 3);
        let late = room.run(minute(-320), |_| failed(None));
        let silent = [effects, late].concat();
        assert!(kinds(&silent).contains(&WarningKind::Silent), "{:?}", kinds(&silent));
    }

    #[test]
    fn an_emergency_that_waits_for_its_second_person_tells_nobody() {
        let mut room = room();
        room.now = minute(-18);
        let mut draft = full("F9", 0, 6);
        draft.priority = Priority::Emergency;
        room.tell(contacts(&["F9"]));
        room.issue("p1", None, vec![draft]);
        let effects = room.run(minute(-3), |_| RECEIVED);
        assert_eq!(told(&effects).len(), 3, "nobody has an address, everybody a number");
        let number = "2022-0124-F9-v1";
        for to in ["+77001", "+77002", "one@mine.example"] {
            room.tell(ended(number, to, 1, lost()));
        }
        let waits = room.run(minute(60), |_| RECEIVED);
        assert!(told(&waits).is_empty(), "a quarter of an hour is over");
        assert!(matches!(
            crate::phone::cause(&room.state, room.record(number), room.now),
            Some(crate::phone::Cause::Unconfirmed)
        ));
        room.tell(crate::testing::approved("p1", "second"));
        assert_eq!(told(&room.run(minute(61), |_| RECEIVED)).len(), 3);
    }

    #[test]
    fn after_a_restart_an_unknown_outcome_is_tried_again_within_the_number_that_is_set() {
        let mut room = room();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(minute(-336), |_| failed(None));
        let config = room.state.config().clone();
        room.tell(Event::Opened { environment: "test".into(), epoch: 2, config });
        let again = told(&room.run(minute(-334), |_| failed(None)));
        assert_eq!(again.iter().map(|(_, _, attempt)| *attempt).collect::<Vec<_>>(), [2, 2, 2]);
    }

    #[test]
    fn behind_a_relay_only_the_facility_itself_makes_it_delivered() {
        let mut room = room();
        room.tell(crate::testing::relayed("F3"));
        room.issue("p1", None, vec![full("F3", 0, 6)]);
        let number = "2022-0124-F3-v1";
        let effects = room.run(minute(-337), |_| RECEIVED);
        assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count(), 1, "once");
        assert_eq!((room.record(number).received_at, room.words(number)[0]), (None, "relayed"));
        let effects = room.run(minute(-330), |_| RECEIVED);
        let first = told(&effects).into_iter().filter(|(_, _, attempt)| *attempt == 1);
        assert_eq!(first.count(), 3, "the ladder goes on");
        assert!(kinds(&effects).contains(&WarningKind::Silent));
        let cause = |room: &Room| crate::phone::cause(&room.state, room.record(number), room.now);
        assert_eq!(cause(&room), Some(crate::phone::Cause::Relayed));
        room.tell(Event::Resend { order_no: number.into(), person: "dana".into() });
        room.run(minute(-329), |_| Outcome::Received { status: 200 });
        assert_eq!(room.record(number).attempts_made, 2, "a person may have it sent again");
        room.tell(answer(&room.order(number), Response::Accepted, room.now));
        assert_eq!((room.words(number)[0], cause(&room)), ("delivered", None));
    }
}
