//! Approval: the only door between planning and acting. It opens for one digest.

use crate::config::Config;
use crate::draft;
use crate::emergency;
use crate::event::{CheckSummary, Effects};
use crate::freeze;
use crate::issue;
use crate::propose;
use crate::refusal::Refusal;
use crate::state::{Approval, Proposal, State};
use crate::swing::{self, Act};
use chrono::{DateTime, Utc};
use kezek_model::order::{Head, Priority};

/// Never the author but first in an emergency, each person once, the check passed for exactly this digest, the parent still
/// the target, and before the plan's window begins.
pub(crate) fn permit(
    state: &State,
    plan_digest: &str,
    person: &str,
    check: &CheckSummary,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if let Some(violation) = &state.stopped {
        return Err(Refusal::Stopped(violation.clone()));
    }
    freeze::permits(state)?;
    let proposal = propose::waiting(state, plan_digest)?;
    if proposal.approvals.iter().any(|approval| approval.person == person) {
        return Err(Refusal::Duplicate(format!("the approval of plan {plan_digest} by {person}")));
    }
    let is_first = proposal.approvals.is_empty();
    if proposal.proposed.author == person && !(is_first && emergency::is_emergency(proposal)) {
        return Err(Refusal::OwnPlan { plan_digest: plan_digest.into(), person: person.into() });
    }
    [check, &proposal.proposed.check].into_iter().try_for_each(|check| passed(check, plan_digest))?;
    if proposal.issued_at.is_some() {
        return Ok(());
    }
    fits_target(state, proposal)?;
    swing::judge(state, Act::Issue(&proposal.proposed), now).map_err(Refusal::Promise)?;
    let until = propose::decided_until(&proposal.proposed);
    match now < until {
        true => Ok(()),
        false => Err(Refusal::TooLate { what: "approving this plan", until }),
    }
}

/// S15.
fn passed(check: &CheckSummary, plan_digest: &str) -> Result<(), Refusal> {
    Refusal::unless_equal("the checked plan", &check.plan_digest, plan_digest)?;
    match check.passed {
        true => Ok(()),
        false => {
            Err(Refusal::CheckFailed { plan_digest: plan_digest.into(), findings: check.findings.len() })
        }
    }
}

/// A plan with a parent follows the target; one without may only fill time that no approved plan has. Drills are in
/// nobody's way.
pub(crate) fn fits_target(state: &State, proposal: &Proposal) -> Result<(), Refusal> {
    if proposal.proposed.priority() == Priority::Drill {
        return Ok(());
    }
    let parent = proposal.proposed.parent.as_ref();
    let obstacle = match parent {
        Some(_) if parent == state.target.as_ref() => None,
        Some(_) => Some(state.target.clone().unwrap_or_else(|| "none".into())),
        None => overlapping(state, proposal),
    };
    let clash = |target| Refusal::VersionClash { parent: parent.cloned().unwrap_or("none".into()), target };
    obstacle.map_or(Ok(()), |target| Err(clash(target)))
}

fn overlapping(state: &State, proposal: &Proposal) -> Option<String> {
    let (from, to) = (propose::begins(&proposal.proposed), propose::ends(&proposal.proposed));
    let overlaps = |other: &&Proposal| {
        other.issued_at.is_some()
            && other.proposed.priority() != Priority::Drill
            && propose::begins(&other.proposed) < to
            && from < propose::ends(&other.proposed)
    };
    state.proposals.values().find(overlaps).map(|other| other.proposed.plan_digest.clone())
}

/// How many different people must approve: one, or two above the configured cut; an emergency takes two in the end.
pub(crate) fn people_needed(config: &Config, proposal: &Proposal) -> usize {
    if emergency::is_emergency(proposal) { emergency::PEOPLE } else { people_to_issue(config, proposal) }
}

/// How many of them before its orders are issued.
pub(crate) fn people_to_issue(config: &Config, proposal: &Proposal) -> usize {
    if emergency::is_emergency(proposal) {
        return 1;
    }
    let above = |most| draft::peak_cut(&proposal.proposed.drafts) > most;
    if config.two_people_above.is_some_and(above) { 2 } else { 1 }
}

pub(crate) fn apply(
    state: &mut State,
    plan_digest: &str,
    person: String,
    head: &Head,
    now: DateTime<Utc>,
) -> Effects {
    let Some(proposal) = state.proposals.get_mut(plan_digest) else { return Effects::new() };
    proposal.approvals.push(Approval { person, at: now });
    if proposal.issued_at.is_some() {
        return emergency::confirm(state, plan_digest, now);
    }
    if proposal.approvals.len() < people_to_issue(&state.config, proposal) {
        return Effects::new();
    }
    issue::issue(state, plan_digest, head, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::testing::{Room, approved, full, hour, passed, proposed};
    use crate::{Config, query};
    use kezek_model::units::Kw;

    fn propose(room: &mut Room, digest: &str, parent: Option<&str>) {
        room.tell(Event::Proposed(Box::new(proposed(digest, parent, vec![full("F1", 0, 6)]))));
    }

    #[test]
    fn the_author_never_approves() {
        let mut room = Room::new();
        propose(&mut room, "p1", None);
        assert!(matches!(room.ask(approved("p1", "planner")), Err(Refusal::OwnPlan { .. })));
        assert_eq!(room.state.records().count(), 0);
        room.tell(approved("p1", "approver"));
        assert_eq!(room.state.records().count(), 1);
        assert_eq!(room.state.target(), Some("p1"));
    }

    #[test]
    fn above_the_configured_cut_two_different_people_approve() {
        let config = Config { two_people_above: Some(Kw(17_999)), ..Config::default() };
        let mut room = Room::with(config);
        propose(&mut room, "p1", None);
        room.tell(approved("p1", "one"));
        assert_eq!(room.state.records().count(), 0);
        assert!(room.ask(approved("p1", "one")).is_err_and(|refusal| refusal.is_duplicate()));
        room.tell(approved("p1", "two"));
        assert_eq!(room.state.records().count(), 1);
    }

    #[test]
    fn exactly_the_configured_cut_takes_one() {
        let mut room = Room::with(Config { two_people_above: Some(Kw(18_000)), ..Config::default() });
        propose(&mut room, "p1", None);
        room.tell(approved("p1", "one"));
        assert_eq!(room.state.records().count(), 1);
    }

    #[test]
    fn a_plan_that_fails_its_check_is_never_approved() {
        let mut room = Room::new();
        let mut bad = proposed("p1", None, vec![full("F1", 0, 6)]);
        bad.check.passed = false;
        room.tell(Event::Proposed(Box::new(bad)));
        assert!(matches!(room.ask(approved("p1", "approver")), Err(Refusal::CheckFailed { .. })));
        propose(&mut room, "p2", None);
        for check in [CheckSummary { passed: false, ..passed("p2") }, passed("p1")] {
            let Event::Approved { plan_digest, person, journal_head, .. } = approved("p2", "approver") else {
                unreachable!()
            };
            assert!(room.ask(Event::Approved { plan_digest, person, check, journal_head }).is_err());
        }
        assert_eq!(room.state.records().count(), 0);
    }

    #[test]
    fn the_parent_must_still_be_the_target() {
        let mut room = Room::new();
        propose(&mut room, "p1", None);
        propose(&mut room, "other", None);
        room.tell(approved("p1", "approver"));
        assert!(matches!(room.ask(approved("other", "approver")), Err(Refusal::VersionClash { .. })));
        propose(&mut room, "p2", Some("p1"));
        propose(&mut room, "p3", Some("p1"));
        room.tell(approved("p2", "approver"));
        assert!(matches!(room.ask(approved("p3", "approver")), Err(Refusal::VersionClash { .. })));
        let views = query::proposals(&room.state, room.now);
        let clashes = views.iter().filter(|view| view.status == query::ProposalStatus::Clash);
        assert_eq!(clashes.count(), 2);
    }

    #[test]
    fn a_first_plan_for_time_that_no_plan_has_needs_no_parent() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.issue("p2", None, vec![full("F1", 6, 12)]);
        assert_eq!(room.state.records().count(), 2);
    }

    #[test]
    fn approvals_live_until_the_window_begins() {
        let mut room = Room::new();
        propose(&mut room, "p1", None);
        room.now = hour(0);
        assert!(matches!(room.ask(approved("p1", "approver")), Err(Refusal::TooLate { .. })));
    }

    #[test]
    fn a_returned_plan_is_not_approved() {
        let mut room = Room::new();
        propose(&mut room, "p1", None);
        let (plan_digest, person, comment) = ("p1".into(), "approver".into(), "too deep".into());
        room.tell(Event::Returned { plan_digest, person, comment });
        assert!(matches!(room.ask(approved("p1", "approver")), Err(Refusal::Returned { .. })));
    }
}
