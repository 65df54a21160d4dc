//! The promises, as assertions that also stand in release builds. A broken one stops issuing, never the watching.

use crate::approve;
use crate::draft::Draft;
use crate::emergency;
use crate::state::{OrderRecord, Proposal, State, is_head};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Order, OrderKind};
use kezek_model::units::Kw;
use serde::Serialize;
use std::collections::BTreeSet;

/// A promise that would be broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("promise {promise}: {what}")]
pub struct Violation {
    /// Its number.
    pub promise: &'static str,
    /// What would break it.
    pub what: String,
}

fn holds(condition: bool, promise: &'static str, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if condition { Ok(()) } else { Err(Violation { promise, what: what() }) }
}

/// What must hold of a draft before people see it.
///
/// # Errors
/// When a protected load would be cut (S1), a limit be below the floor (S6), or load return other than in its slot
/// after the last limit (S4).
pub fn draft(draft: &Draft) -> Result<(), Violation> {
    let name = &draft.facility;
    holds(!draft.protected || draft.segments.is_empty(), "S1", || {
        format!("{name} is protected and would be cut")
    })?;
    // Beyond the window a return may go in steps.
    let end = draft.restore.as_ref().map_or(draft.window_to, |slot| slot.from.max(draft.window_to));
    let in_window = |from, to| draft.window_from <= from && from < to && to <= end;
    let sound = draft.segments.iter().all(|s| s.cut >= Kw::ZERO && in_window(s.from, s.to));
    let in_turn = draft.segments.windows(2).all(|pair| pair[0].to <= pair[1].from);
    holds(sound && in_turn && draft.window_from < draft.window_to, "S12", || {
        format!("the limits of {name} are not in order within its window")
    })?;
    let above_floor = draft.segments.iter().all(|segment| segment.limit >= draft.floor);
    holds(above_floor, "S6", || format!("a limit of {name} is below its floor"))?;
    let restored = match (draft.segments.last(), &draft.restore) {
        (Some(last), Some(slot)) => last.to <= slot.from,
        (None, None) => true,
        _ => false,
    };
    holds(restored, "S4", || format!("{name} would return other than in a slot after its last limit"))
}

/// What must hold of so many more orders before any of them is issued.
///
/// # Errors
/// When more would be issued in a minute than may be (S7).
pub fn rate(state: &State, more: usize, now: DateTime<Utc>) -> Result<(), Violation> {
    let is_recent = |record: &&OrderRecord| record.order.issued_at > now - TimeDelta::minutes(1);
    let recent = state.open.iter().filter_map(|number| state.orders.get(number)).filter(is_recent).count();
    let unset = 2 * state.enrolments.len().max(more);
    let most = state.config.orders_per_minute.map_or(unset, |most| most as usize);
    holds(recent + more <= most, "S7", || {
        format!("{more} more orders, with {recent} of the last minute, are above {most}; somebody must look")
    })
}

/// What must hold of an order before it is issued.
///
/// # Errors
/// Names the promise: not frozen (S13), approval (S2, S15), sequence (S3), no restore but the approved one (S4), head
/// (S9), times (S12), and all of [`draft`].
pub fn order(state: &State, order: &Order) -> Result<(), Violation> {
    let (number, facility) = (&order.order_no, &order.facility);
    holds(state.frozen.is_none(), "S13", || format!("order {number} would be issued while frozen"))?;
    let proposal = approved(state, order)?;
    let lane = state.lanes.get(facility).map_or(0, |lane| lane.last_sequence);
    let is_next = order.sequence > lane && !state.orders.contains_key(number);
    holds(is_next, "S3", || format!("order {number} has sequence {}, the last was {lane}", order.sequence))?;
    holds(is_head(&order.journal_head), "S9", || format!("order {number} carries no head of the journal"))?;
    let times = order.issued_at == order.not_before
        && order.not_before <= order.deliver_by
        && order.deliver_by <= order.ack_by
        && order.ack_by <= order.expires
        && order.window_to <= order.expires;
    holds(times, "S12", || format!("the times of order {number} are not in order"))?;
    match order.kind {
        OrderKind::Limit => as_approved(proposal, order),
        OrderKind::Recall => withdraws(state, order),
    }
}

/// S2 and S15.
fn approved<'a>(state: &'a State, order: &Order) -> Result<&'a Proposal, Violation> {
    let (number, digest) = (&order.order_no, &order.plan_digest);
    let missing = || Violation { promise: "S2", what: format!("order {number} has no proposed plan") };
    let proposal = state.proposals.get(digest).ok_or_else(missing)?;
    let people: BTreeSet<&str> = proposal.approvals.iter().map(|approval| approval.person.as_str()).collect();
    let enough = people.len() >= approve::people_to_issue(&state.config, proposal);
    let others = emergency::is_emergency(proposal) || !people.contains(proposal.proposed.author.as_str());
    let recall = order.kind == OrderKind::Recall && proposal.issued_at.is_some();
    holds(others && (enough || recall), "S2", || format!("order {number} lacks the approval of its plan"))?;
    let check = &proposal.proposed.check;
    let passed = check.passed && check.plan_digest == *digest;
    holds(passed, "S15", || format!("the plan of order {number} has not passed its check"))?;
    Ok(proposal)
}

/// S1, S4, S6: the order says what was approved, nothing else.
fn as_approved(proposal: &Proposal, order: &Order) -> Result<(), Violation> {
    let number = &order.order_no;
    let missing =
        || Violation { promise: "S2", what: format!("the plan of order {number} has no such facility") };
    let mut drafts = proposal.proposed.drafts.iter();
    let found = drafts.find(|draft| draft.facility == order.facility).ok_or_else(missing)?;
    draft(found)?;
    let window = (order.window_from, order.window_to) == (found.window_from, found.window_to);
    let same = order.segments == found.segments && order.restore == found.restore && window;
    holds(same && order.floor == found.floor, "S4", || format!("order {number} says other than was approved"))
}

/// S4: a recall withdraws one limit of this facility and sets none.
fn withdraws(state: &State, order: &Order) -> Result<(), Violation> {
    let recalled = order.supersedes.as_ref().and_then(|number| state.orders.get(number));
    let limit = recalled
        .filter(|record| record.order.kind == OrderKind::Limit && record.order.facility == order.facility);
    let empty = order.segments.is_empty() && order.restore.is_none();
    holds(limit.is_some() && empty, "S4", || format!("recall {} withdraws no limit", order.order_no))
}

/// What must hold before an order leaves.
///
/// # Errors
/// Names the promise: approval (S2), no older sequence after a newer one (S3), intended (S8), within its validity
/// (S12), not frozen (S13).
pub fn send(state: &State, order_no: &OrderNo, now: DateTime<Utc>) -> Result<(), Violation> {
    let missing = || Violation { promise: "S8", what: format!("order {order_no} does not exist") };
    let record = state.orders.get(order_no).ok_or_else(missing)?;
    let order = &record.order;
    let proposal = state.proposals.get(&order.plan_digest);
    let issued = proposal.is_some_and(|proposal| proposal.issued_at.is_some());
    holds(issued, "S2", || format!("the plan of order {order_no} has not been approved"))?;
    let held = record.attempts_made <= 1 && emergency::is_held(state, record, now);
    holds(!held, "S2", || format!("the plan of order {order_no} lacks its second person"))?;
    let sent = state.lanes.get(&order.facility).map_or(0, |lane| lane.highest_sent);
    let in_turn = order.sequence >= sent;
    holds(in_turn, "S3", || format!("order {order_no} would leave after a newer one ({sent})"))?;
    holds(is_intended(record), "S8", || format!("sending order {order_no} was not intended"))?;
    let valid = order.not_before <= now && now < order.expires;
    holds(valid, "S12", || format!("order {order_no} is not valid at {now}"))?;
    holds(state.frozen.is_none(), "S13", || format!("order {order_no} would leave while frozen"))
}

/// What must hold before people are told of an order over the second channel.
///
/// # Errors
/// Names the promise: approval (S2), intended (S8), within its validity (S12), not frozen (S13).
pub fn tell(state: &State, order_no: &OrderNo, now: DateTime<Utc>) -> Result<(), Violation> {
    let missing = || Violation { promise: "S8", what: format!("order {order_no} does not exist") };
    let record = state.orders.get(order_no).ok_or_else(missing)?;
    let proposal = state.proposals.get(&record.order.plan_digest);
    let issued = proposal.is_some_and(|proposal| proposal.issued_at.is_some());
    holds(issued, "S2", || format!("the plan of order {order_no} has not been approved"))?;
    let held = record.attempts_made == 0 && emergency::is_held(state, record, now);
    holds(!held, "S2", || format!("the plan of order {order_no} lacks its second person"))?;
    let intended = record.notices.last().is_some_and(|known| known.outcome.is_none());
    holds(intended, "S8", || format!("telling of order {order_no} was not intended"))?;
    let valid = record.order.not_before <= now && now < record.order.expires;
    holds(valid, "S12", || format!("order {order_no} is not valid at {now}"))?;
    holds(state.frozen.is_none(), "S13", || format!("people would be told of order {order_no} while frozen"))
}

fn is_intended(record: &OrderRecord) -> bool {
    let latest = record.attempts.last();
    latest.is_some_and(|attempt| attempt.number == record.attempts_made && attempt.outcome.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Effect, Event, WarningKind};
    use crate::testing::{Room, approved, draft as drafted, full, hour, kinds, proposed, zero};
    use kezek_model::order::{Head, RestoreSlot};

    fn promise(result: &Result<(), Violation>) -> &'static str {
        result.as_ref().map_or_else(|violation| violation.promise, |()| "kept")
    }

    #[test]
    fn a_draft_breaks_each_promise_by_its_name() {
        let good = full("F1", 0, 6);
        assert_eq!(promise(&draft(&good)), "kept");
        assert_eq!(promise(&draft(&Draft { protected: true, ..good.clone() })), "S1");
        assert_eq!(promise(&draft(&Draft { floor: Kw(2_001), ..good.clone() })), "S6");
        assert_eq!(promise(&draft(&Draft { window_from: hour(1), ..good.clone() })), "S12");
        assert_eq!(promise(&draft(&Draft { restore: None, ..good.clone() })), "S4");
        let early = Some(RestoreSlot { from: hour(5), to: Kw(20_000) });
        assert_eq!(promise(&draft(&Draft { restore: early.clone(), ..good })), "S4");
        assert_eq!(promise(&draft(&Draft { restore: early, ..drafted("F1", (0, 6), &[]) })), "S4");
        let crossed = drafted("F1", (0, 6), &[(0, 3, 1, 1), (2, 4, 1, 1)]);
        assert_eq!(promise(&draft(&crossed)), "S12");
    }

    #[test]
    fn an_order_breaks_each_promise_by_its_name() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let old = room.order("2022-0124-F1-v1");
        let next = Order { order_no: "new".into(), sequence: 2, ..old.clone() };
        let guarded = |order: Order| promise(&super::order(&room.state, &order));
        assert_eq!(guarded(next.clone()), "kept");
        assert_eq!(guarded(old.clone()), "S3");
        assert_eq!(guarded(Order { plan_digest: "other".into(), ..next.clone() }), "S2");
        assert_eq!(guarded(Order { segments: vec![], ..next.clone() }), "S4");
        assert_eq!(guarded(Order { floor: Kw(1), ..next.clone() }), "S4");
        assert_eq!(guarded(Order { journal_head: Head { seq: 1, hash: "x".into() }, ..next.clone() }), "S9");
        assert_eq!(guarded(Order { expires: zero(), ..next.clone() }), "S12");
        assert_eq!(guarded(Order { kind: OrderKind::Recall, ..next.clone() }), "S4");
        let mut unapproved = room.state.clone();
        unapproved.proposals.get_mut("p1").unwrap().approvals.clear();
        assert_eq!(promise(&super::order(&unapproved, &next)), "S2");
        let mut own = room.state.clone();
        own.proposals.get_mut("p1").unwrap().approvals[0].person = "planner".into();
        assert_eq!(promise(&super::order(&own, &next)), "S2");
        let mut unchecked = room.state.clone();
        unchecked.proposals.get_mut("p1").unwrap().proposed.check.passed = false;
        assert_eq!(promise(&super::order(&unchecked, &next)), "S15");
    }

    #[test]
    fn more_orders_in_a_minute_than_may_be_stop_issuing() {
        let mut room = Room::with(crate::Config { orders_per_minute: Some(3), ..crate::Config::default() });
        room.issue("p1", None, vec![full("F1", 0, 6), full("F2", 0, 6)]);
        let effects = room.issue("p2", None, vec![full("F1", 6, 12), full("F2", 6, 12)]);
        assert_eq!(kinds(&effects), [WarningKind::Stopped]);
        assert_eq!((room.state.records().count(), room.state.target()), (2, Some("p1")));
        assert!(room.ask(crate::testing::recalled("2022-0124-F1-v1")).is_err());
        let (by, confirmed_by) = ("one".into(), "two".into());
        room.tell(Event::Resumed { by, confirmed_by, reason: "meant so".into() });
        room.tell(crate::testing::recalled("2022-0124-F1-v1"));
        room.now += TimeDelta::minutes(1);
        room.tell(approved("p2", "approver"));
        assert_eq!(room.state.records().count(), 5);
    }

    #[test]
    fn unless_set_twice_the_registered_facilities_may_be_told_in_a_minute() {
        let mut room = Room::new();
        let recall =
            |room: &mut Room, n: usize| room.tell(crate::testing::recalled(&format!("2022-0124-F{n}-v1")));
        room.issue("p1", None, vec![full("F1", 0, 6), full("F2", 0, 6), full("F3", 0, 6)]);
        assert_eq!((1..=3).map(|n| recall(&mut room, n).len()).sum::<usize>(), 0);
        let effects = room.issue("p2", Some("p1"), vec![full("F1", 0, 6)]);
        assert_eq!(kinds(&effects), [WarningKind::Stopped], "the seventh");
    }

    #[test]
    fn sending_without_intent_out_of_turn_or_out_of_time_is_a_violation() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let number = OrderNo::from("2022-0124-F1-v1");
        assert_eq!(promise(&send(&room.state, &number, room.now)), "S8");
        room.due();
        assert_eq!(promise(&send(&room.state, &number, room.now)), "kept");
        assert_eq!(promise(&send(&room.state, &number, hour(6))), "S12");
        let mut newer = room.state.clone();
        newer.lanes.get_mut("F1").unwrap().highest_sent = 2;
        assert_eq!(promise(&send(&newer, &number, room.now)), "S3");
        let mut unapproved = room.state.clone();
        unapproved.proposals.clear();
        assert_eq!(promise(&send(&unapproved, &number, room.now)), "S2");
    }

    #[test]
    fn a_broken_promise_stops_issuing_until_two_people_resume() {
        let mut room = Room::new();
        room.tell(Event::Proposed(Box::new(proposed("p1", None, vec![full("F1", 0, 6)]))));
        let headless = |event| match event {
            Event::Approved { plan_digest, person, check, .. } => {
                let journal_head = Head { seq: 1, hash: "short".into() };
                Event::Approved { plan_digest, person, check, journal_head }
            }
            other => other,
        };
        let effects = room.tell(headless(approved("p1", "approver")));
        assert_eq!(kinds(&effects), [WarningKind::Stopped]);
        assert!(!room.due().iter().any(|effect| matches!(effect, Effect::Send { .. })));
        assert_eq!((room.state.records().count(), room.state.target()), (0, None));
        assert!(room.ask(approved("p1", "approver")).is_err());
        let resumed = |by: &str, confirmed_by: &str| Event::Resumed {
            by: by.into(),
            confirmed_by: confirmed_by.into(),
            reason: "head mended".into(),
        };
        assert!(room.ask(resumed("one", "one")).is_err());
        room.tell(resumed("one", "two"));
        room.tell(approved("p1", "approver"));
        assert_eq!(room.state.records().count(), 1);
    }
}
