//! The emergency path: one person now, who may be the author, another within a quarter of an hour (S2).
//!
//! Until the other has come, orders leave as ever; from then on what has not left waits. Nothing restores by it, and the
//! other person's word lets the rest go at whatever hour it comes.

use crate::deliver;
use crate::event::{Effect, Effects, Event, Warning, WarningKind};
use crate::refusal::Refusal;
use crate::state::{OrderRecord, Proposal, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::FacilityId;
use kezek_model::order::{OrderKind, Priority};

/// How long one person's word is enough.
const CONFIRM_MINUTES: i64 = 15;
/// How many different people an emergency takes in the end.
pub(crate) const PEOPLE: usize = 2;

pub(crate) fn is_emergency(proposal: &Proposal) -> bool {
    proposal.proposed.priority() == Priority::Emergency
}

/// When an emergency whose orders are issued must be confirmed; `None` where nothing is missing.
#[must_use]
pub fn confirm_by(proposal: &Proposal) -> Option<DateTime<Utc>> {
    let lacks = is_emergency(proposal) && proposal.approvals.len() < PEOPLE;
    let issued = proposal.issued_at.filter(|_| lacks);
    issued.map(|at| at + TimeDelta::minutes(CONFIRM_MINUTES))
}

/// Whether the orders of a plan are issued and wait for the other person.
pub(crate) fn lacks_other(proposal: &Proposal) -> bool {
    confirm_by(proposal).is_some()
}

/// Whether an order must not leave for the first time, as the other person is late.
pub(crate) fn is_held(state: &State, record: &OrderRecord, now: DateTime<Utc>) -> bool {
    let is_late = |proposal: &Proposal| confirm_by(proposal).is_some_and(|by| by <= now);
    limited_by(state, record).is_some_and(is_late)
}

/// The same, as far as time has brought it.
pub(crate) fn is_known_to_be_held(state: &State, record: &OrderRecord) -> bool {
    limited_by(state, record).is_some_and(|proposal| proposal.unconfirmed)
}

/// The plan of a limit; a recall is a person's own word.
fn limited_by<'a>(state: &'a State, record: &OrderRecord) -> Option<&'a Proposal> {
    let proposal = state.proposals.get(&record.order.plan_digest);
    proposal.filter(|_| record.order.kind == OrderKind::Limit)
}

/// What time brings to plans.
pub(crate) fn agenda(state: &State) -> impl Iterator<Item = (DateTime<Utc>, Event)> {
    let open = state.proposals.values().filter(|proposal| !proposal.unconfirmed);
    open.filter_map(|proposal| {
        let by = confirm_by(proposal)?;
        Some((by, Event::Unconfirmed { plan_digest: proposal.proposed.plan_digest.clone() }))
    })
}

pub(crate) fn permit(state: &State, plan_digest: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    let proposal =
        state.proposals.get(plan_digest).ok_or_else(|| Refusal::UnknownPlan(plan_digest.to_owned()))?;
    match confirm_by(proposal).is_some_and(|by| by <= now) && !proposal.unconfirmed {
        true => Ok(()),
        false => Err(Refusal::Duplicate(format!("the confirmation of plan {plan_digest}"))),
    }
}

pub(crate) fn apply(state: &mut State, plan_digest: &str) -> Effects {
    if let Some(proposal) = state.proposals.get_mut(plan_digest) {
        proposal.unconfirmed = true;
    }
    let text = format!(
        "Nobody else has approved emergency plan {plan_digest} within {CONFIRM_MINUTES} minutes: what has not left waits \
         for a second person."
    );
    vec![Effect::Notify(Warning { kind: WarningKind::Unconfirmed, facility: None, order_no: None, text })]
}

/// The other person has come: what waited goes at once.
pub(crate) fn confirm(state: &mut State, plan_digest: &str, now: DateTime<Utc>) -> Effects {
    let Some(proposal) = state.proposals.get_mut(plan_digest) else { return Effects::new() };
    proposal.unconfirmed = false;
    let facilities: Vec<FacilityId> =
        proposal.proposed.drafts.iter().map(|draft| draft.facility.clone()).collect();
    facilities.iter().for_each(|facility| deliver::hasten(state, facility, now));
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::event::Outcome;
    use crate::query::{ProposalStatus, proposals};
    use crate::testing::{RECEIVED, Room, approved, enrolled, full, hour, kinds, minute, proposed, sent};

    fn emergency(facility: &str) -> Draft {
        Draft { priority: Priority::Emergency, ..full(facility, 0, 6) }
    }

    fn propose(room: &mut Room, drafts: Vec<Draft>) {
        room.tell(Event::Proposed(Box::new(proposed("p1", None, drafts))));
    }

    fn status(room: &Room) -> ProposalStatus {
        proposals(&room.state, room.now)[0].status
    }

    #[test]
    fn one_person_lets_orders_leave_now_even_the_author_and_even_within_the_window() {
        let mut room = Room::new();
        room.now = minute(70);
        propose(&mut room, vec![emergency("F1")]);
        room.tell(approved("p1", "planner"));
        let order = room.order("2022-0124-F1-v1");
        assert_eq!((order.not_before, order.deliver_by), (minute(70), minute(70)));
        room.run(minute(71), |_| RECEIVED);
        assert_eq!(sent(&room.journal).len(), 1);
        assert_eq!(status(&room), ProposalStatus::Unconfirmed);
        assert!(room.ask(approved("p1", "planner")).is_err_and(|refusal| refusal.is_duplicate()));
        room.tell(approved("p1", "anna"));
        assert_eq!(status(&room), ProposalStatus::Approved);
        assert_eq!(kinds(&room.run(minute(90), |_| RECEIVED)), []);
    }

    #[test]
    fn what_is_issued_is_not_returned() {
        let mut room = Room::new();
        propose(&mut room, vec![emergency("F1")]);
        room.tell(approved("p1", "planner"));
        let (plan_digest, person, comment) = ("p1".into(), "anna".into(), "no".into());
        assert!(room.ask(Event::Returned { plan_digest, person, comment }).is_err());
        room.tell(approved("p1", "anna"));
    }

    #[test]
    fn the_other_person_is_never_the_author() {
        let mut room = Room::new();
        propose(&mut room, vec![emergency("F1")]);
        room.tell(approved("p1", "anna"));
        assert!(matches!(room.ask(approved("p1", "planner")), Err(Refusal::OwnPlan { .. })));
        room.tell(approved("p1", "bolat"));
        assert!(room.ask(approved("p1", "dana")).is_err(), "it has both");
    }

    #[test]
    fn what_has_not_left_waits_for_the_other_person_and_what_has_left_is_tried_on() {
        let mut room = Room::new();
        propose(&mut room, vec![emergency("F1"), emergency("F9")]);
        room.tell(approved("p1", "planner"));
        let failing = |_: &_| Outcome::Failed { reason: "no".into(), retry_after_s: None };
        let effects = room.run(minute(-344), failing);
        assert!(kinds(&effects).contains(&WarningKind::Unconfirmed));
        room.tell(enrolled("F9", "http://127.0.0.1/late", "admin"));
        let before = room.journal.len();
        room.run(minute(-300), failing);
        let went = |room: &Room, name: &str| {
            sent(&room.journal[before..]).iter().filter(|(number, _)| number.contains(name)).count()
        };
        assert_eq!(went(&room, "F9"), 0);
        assert!(went(&room, "F1") > 3);
        room.tell(approved("p1", "anna"));
        room.run(minute(-299), |_| RECEIVED);
        assert_eq!(went(&room, "F9"), 1);
    }

    #[test]
    fn what_waits_is_not_overtaken_as_it_could_never_leave_then() {
        let mut room = Room::new();
        propose(&mut room, vec![emergency("F1")]);
        room.now = minute(-350);
        room.state.enrolments.clear();
        room.tell(approved("p1", "planner"));
        room.run(minute(-330), |_| RECEIVED);
        room.tell(enrolled("F1", "http://127.0.0.1/F1", "admin"));
        room.issue("p2", None, vec![full("F1", 6, 12)]);
        room.run(minute(-320), |_| RECEIVED);
        assert_eq!(sent(&room.journal), [], "the newer order waits behind it");
        room.tell(approved("p1", "anna"));
        room.run(minute(-310), |_| RECEIVED);
        let numbers: Vec<String> = sent(&room.journal).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, ["2022-0124-F1-v1", "2022-0124-F1-v2"]);
    }

    #[test]
    fn a_room_that_slept_past_the_time_lets_nothing_leave() {
        let mut room = Room::new();
        propose(&mut room, vec![emergency("F1")]);
        room.tell(approved("p1", "planner"));
        room.now = hour(-5);
        assert!(kinds(&room.run(hour(-4), |_| RECEIVED)).contains(&WarningKind::Unconfirmed));
        assert_eq!(sent(&room.journal), []);
    }

    #[test]
    fn a_plan_is_meant_in_one_way() {
        let mut room = Room::new();
        let mixed = Event::Proposed(Box::new(proposed("p1", None, vec![emergency("F1"), full("F2", 0, 6)])));
        assert!(matches!(room.ask(mixed), Err(Refusal::Implausible(_))));
    }

    #[test]
    fn a_drill_is_no_target_and_is_in_nobodys_way() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let drill = Draft { priority: Priority::Drill, ..full("F1", 0, 6) };
        room.issue("p2", None, vec![drill.clone()]);
        assert_eq!((room.state.records().count(), room.state.target()), (2, Some("p1")));
        room.issue("p3", Some("p1"), vec![full("F2", 0, 6)]);
        assert_eq!(room.state.target(), Some("p3"));
        room.issue(
            "p4",
            None,
            vec![Draft {
                window_from: hour(6),
                window_to: hour(12),
                segments: vec![],
                restore: None,
                ..drill
            }],
        );
        room.issue("p5", None, vec![full("F1", 6, 12)]);
        assert_eq!(room.state.target(), Some("p5"));
    }
}
