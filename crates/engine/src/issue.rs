//! From the last approval to orders: numbers, sequence, deadlines.

use crate::deliver;
use crate::draft::Draft;
use crate::event::{Effect, Effects, Warning, WarningKind};
use crate::guard::{self, Violation};
use crate::stack;
use crate::state::{OrderRecord, State};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Head, Order, OrderKind, Priority};

/// Issues every order of a plan, or none where a promise would be broken.
pub(crate) fn issue(state: &mut State, plan_digest: &str, head: &Head, now: DateTime<Utc>) -> Effects {
    let Some(proposal) = state.proposals.get(plan_digest) else { return Effects::new() };
    let drafts = to_issue(state, &proposal.proposed.drafts, now);
    let orders: Vec<(Order, NaiveDate)> =
        drafts.map(|draft| (limit(state, draft, plan_digest, head, now), draft.day)).collect();
    let guarded = guard::rate(state, orders.len(), now)
        .and_then(|()| orders.iter().try_for_each(|(order, _)| guard::order(state, order)));
    if let Err(violation) = guarded {
        if let Some(proposal) = state.proposals.get_mut(plan_digest) {
            proposal.approvals.pop();
        }
        return stop(state, violation);
    }
    if let Some(proposal) = state.proposals.get_mut(plan_digest) {
        proposal.issued_at = Some(now);
    }
    if orders.iter().all(|(order, _)| order.priority != Priority::Drill) {
        state.target = Some(plan_digest.to_owned());
    }
    orders.into_iter().flat_map(|(order, day)| enter(state, order, day, now)).collect()
}

/// The drafts of a plan that would become orders if it were approved now.
pub fn to_issue<'a>(
    state: &'a State,
    drafts: &'a [Draft],
    now: DateTime<Utc>,
) -> impl Iterator<Item = &'a Draft> {
    drafts.iter().filter(move |draft| is_needed(state, draft, now))
}

/// One order per facility: where anything is cut, and where an older order must give way in this window.
fn is_needed(state: &State, draft: &Draft, now: DateTime<Utc>) -> bool {
    !draft.segments.is_empty() || overlapped(state, draft, now).is_some()
}

/// The newest live order of the facility that reaches into the window.
fn overlapped<'a>(state: &'a State, draft: &Draft, now: DateTime<Utc>) -> Option<&'a Order> {
    if draft.priority == Priority::Drill {
        return None;
    }
    let reaches = |record: &&OrderRecord| {
        let order = &record.order;
        let live = stack::moves_load(order) && record.recalled.is_none() && now < order.expires;
        live && order.window_from < draft.window_to && draft.window_from < order.expires
    };
    state.newest_first(&draft.facility).find(reaches).map(|record| &record.order)
}

fn limit(state: &State, draft: &Draft, plan_digest: &str, head: &Head, now: DateTime<Utc>) -> Order {
    let slot_end = draft.restore.as_ref().map_or(draft.window_to, |slot| slot.from);
    let expires = draft.window_to.max(slot_end);
    let ack_by = expires.min(now + TimeDelta::minutes(i64::from(draft.ack_minutes)));
    let start = draft.segments.first().map_or(draft.window_from, |segment| segment.from);
    Order {
        order_no: next_number(state, &draft.facility, draft.day),
        kind: OrderKind::Limit,
        priority: draft.priority,
        environment: state.environment.clone().unwrap_or_default(),
        facility: draft.facility.clone(),
        sequence: next_sequence(state, &draft.facility),
        epoch: state.epoch,
        supersedes: overlapped(state, draft, now).map(|order| order.order_no.clone()),
        plan_digest: plan_digest.to_owned(),
        notice: draft.notice.clone(),
        issued_at: now,
        not_before: now,
        expires,
        ack_by,
        deliver_by: ack_by.min(start).max(now),
        window_from: draft.window_from,
        window_to: draft.window_to,
        segments: draft.segments.clone(),
        depth_base: draft.depth_base.clone(),
        floor: draft.floor,
        ramp_up: draft.ramp_up,
        restore: draft.restore.clone(),
        journal_head: head.clone(),
    }
}

/// `2022-0124-F012-v1`: civil date of the window's start, facility, version; after a restore also its epoch, for the
/// lost journal may have used the same version.
pub(crate) fn next_number(state: &State, facility: &FacilityId, day: NaiveDate) -> OrderNo {
    let version = state.newest_first(facility).filter(|record| record.day == day).count() + 1;
    let restored = state.restored.map_or_else(String::new, |epoch| format!("-r{epoch}"));
    format!("{}-{facility}-v{version}{restored}", day.format("%Y-%m%d")).into()
}

pub(crate) fn next_sequence(state: &State, facility: &FacilityId) -> u64 {
    state.lanes.get(facility).map_or(0, |lane| lane.last_sequence) + 1
}

/// Adds an order and lets the lane of its facility begin anew.
pub(crate) fn enter(state: &mut State, order: Order, day: NaiveDate, now: DateTime<Utc>) -> Option<Effect> {
    let facility = order.facility.clone();
    let warning = (!state.enrolments.contains_key(&facility)).then(|| not_enrolled(&order));
    state.insert(order, day);
    deliver::wake(state, &facility, now);
    warning
}

fn not_enrolled(order: &Order) -> Effect {
    let text = format!(
        "{} has no address: order {} cannot be sent. Enrol the facility, or call it.",
        order.facility, order.order_no
    );
    Effect::warn(WarningKind::Alarm, order, text)
}

/// Stops issuing; watching and deliveries already approved go on.
pub(crate) fn stop(state: &mut State, violation: Violation) -> Effects {
    let text = format!("Issuing has stopped: {violation}. Two people must resume it.");
    state.stopped = Some(violation);
    vec![Effect::Notify(Warning { kind: WarningKind::Stopped, facility: None, order_no: None, text })]
}

#[cfg(test)]
mod tests {
    use crate::event::{Effect, Event, WarningKind};
    use crate::testing::{Room, draft, full, hour, kinds, minute, proposed};
    use crate::{Refusal, governing};

    #[test]
    fn an_order_has_number_sequence_deadlines_and_head() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6), draft("F2", (0, 6), &[])]);
        assert_eq!(room.state.records().count(), 1, "nothing is cut at F2");
        let order = room.order("2022-0124-F1-v1");
        assert_eq!((order.sequence, order.epoch, order.journal_head.seq), (1, 1, 7));
        assert_eq!((order.issued_at, order.not_before, order.expires), (hour(-6), hour(-6), hour(6)));
        assert_eq!((order.ack_by, order.deliver_by), (minute(-330), minute(-330)));
        assert_eq!(order.supersedes, None);
    }

    #[test]
    fn the_first_cut_bounds_fast_delivery() {
        let mut room = Room::new();
        room.now = minute(-10);
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let order = room.order("2022-0124-F1-v1");
        assert_eq!((order.ack_by, order.deliver_by), (minute(20), hour(0)));
    }

    #[test]
    fn a_new_plan_supersedes_and_frees_who_is_no_longer_cut() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6), full("F2", 0, 6)]);
        room.issue("p2", Some("p1"), vec![draft("F1", (0, 6), &[]), full("F2", 0, 6), full("F3", 0, 6)]);
        let freed = room.order("2022-0124-F1-v2");
        assert_eq!((freed.segments.len(), freed.sequence), (0, 2));
        assert_eq!(freed.supersedes, Some("2022-0124-F1-v1".into()));
        assert_eq!(governing(&room.state, &"F1".into(), hour(3)).unwrap().order_no, freed.order_no);
        assert_eq!(room.order("2022-0124-F3-v1").supersedes, None);
        assert!(room.words("2022-0124-F1-v1").contains(&"superseded"));
    }

    #[test]
    fn a_facility_without_address_is_for_the_phone() {
        let mut room = Room::new();
        assert_eq!(kinds(&room.issue("p1", None, vec![full("F9", 0, 6)])), [WarningKind::Alarm]);
        assert!(!room.due().iter().any(|effect| matches!(effect, Effect::Send { .. })));
        room.tell(crate::testing::enrolled("F9", "http://127.0.0.1/late", "admin"));
        assert!(room.due().iter().any(|effect| matches!(effect, Effect::Send { .. })));
    }

    #[test]
    fn a_protected_load_is_not_even_proposed() {
        let mut room = Room::new();
        let mut protected = full("F1", 0, 6);
        protected.protected = true;
        let event = Event::Proposed(Box::new(proposed("p1", None, vec![protected])));
        assert!(matches!(room.ask(event), Err(Refusal::Promise(violation)) if violation.promise == "S1"));
    }
}
