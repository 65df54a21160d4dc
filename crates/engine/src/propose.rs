//! A plan is laid before the approvers, or sent back by them.

use crate::emergency;
use crate::event::{Effects, Proposed};
use crate::guard;
use crate::refusal::Refusal;
use crate::state::{Proposal, Returned, State};
use crate::swing::{self, Act};
use chrono::{DateTime, Utc};
use kezek_model::order::Priority;
use std::collections::BTreeSet;

/// A plan that fails its check may be proposed, so that people see why; it cannot be approved.
pub(crate) fn permit(state: &State, proposed: &Proposed, now: DateTime<Utc>) -> Result<(), Refusal> {
    let digest = &proposed.plan_digest;
    if state.proposals.contains_key(digest) {
        return Err(Refusal::Duplicate(format!("plan {digest}")));
    }
    Refusal::unless_equal("the checked plan", &proposed.check.plan_digest, digest)?;
    let facilities: BTreeSet<_> = proposed.drafts.iter().map(|draft| &draft.facility).collect();
    if proposed.drafts.is_empty() || facilities.len() < proposed.drafts.len() {
        return Err(Refusal::Implausible(format!("plan {digest} must have exactly one draft per facility")));
    }
    if proposed.drafts.iter().any(|draft| draft.priority != proposed.priority()) {
        return Err(Refusal::Implausible(format!("all orders of plan {digest} must have one priority")));
    }
    proposed.drafts.iter().try_for_each(guard::draft).map_err(Refusal::Promise)?;
    swing::judge(state, Act::Issue(proposed), now).map_err(Refusal::Promise)?;
    let until = decided_until(proposed);
    match now < until {
        true => Ok(()),
        false => Err(Refusal::TooLate { what: "proposing this plan", until }),
    }
}

pub(crate) fn apply(state: &mut State, proposed: Proposed, at: DateTime<Utc>) -> Effects {
    let digest = proposed.plan_digest.clone();
    let (approvals, returned, issued_at) = (Vec::new(), None, None);
    let proposal = Proposal { proposed, at, approvals, returned, issued_at, unconfirmed: false };
    state.proposals.insert(digest, proposal);
    Effects::new()
}

/// Until when a plan may be decided: before its window begins, an emergency before it ends.
pub(crate) fn decided_until(proposed: &Proposed) -> DateTime<Utc> {
    if proposed.priority() == Priority::Emergency { ends(proposed) } else { begins(proposed) }
}

/// When the first window of a plan begins.
pub(crate) fn begins(proposed: &Proposed) -> DateTime<Utc> {
    let starts = proposed.drafts.iter().map(|draft| draft.window_from);
    starts.min().unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// When the last window of a plan ends.
pub(crate) fn ends(proposed: &Proposed) -> DateTime<Utc> {
    let ends = proposed.drafts.iter().map(|draft| draft.window_to);
    ends.max().unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The proposal, if it still waits for people; an emergency does so after its orders are issued.
pub(crate) fn waiting<'a>(state: &'a State, plan_digest: &str) -> Result<&'a Proposal, Refusal> {
    let proposal =
        state.proposals.get(plan_digest).ok_or_else(|| Refusal::UnknownPlan(plan_digest.to_owned()))?;
    if let Some(returned) = &proposal.returned {
        let (person, comment) = (returned.person.clone(), returned.comment.clone());
        return Err(Refusal::Returned { plan_digest: plan_digest.into(), person, comment });
    }
    match proposal.issued_at.filter(|_| !emergency::lacks_other(proposal)) {
        Some(_) => Err(Refusal::Duplicate(format!("the approval of plan {plan_digest}"))),
        None => Ok(proposal),
    }
}

/// What is issued is recalled, not returned.
pub(crate) fn permit_return(state: &State, plan_digest: &str) -> Result<(), Refusal> {
    match waiting(state, plan_digest)?.issued_at {
        Some(_) => Err(Refusal::Implausible(format!(
            "the orders of plan {plan_digest} are issued; recall them instead of returning it"
        ))),
        None => Ok(()),
    }
}

pub(crate) fn send_back(
    state: &mut State,
    plan_digest: &str,
    person: String,
    comment: String,
    at: DateTime<Utc>,
) -> Effects {
    if let Some(proposal) = state.proposals.get_mut(plan_digest) {
        proposal.returned = Some(Returned { person, comment, at });
    }
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::testing::{Room, draft, full, hour, proposed};

    fn ask(room: &mut Room, drafts: Vec<crate::Draft>) -> Result<(), Refusal> {
        room.ask(Event::Proposed(Box::new(proposed("p1", None, drafts)))).map(|_| ())
    }

    #[test]
    fn a_plan_has_one_draft_per_facility_and_is_proposed_once_before_it_begins() {
        let mut room = Room::new();
        assert!(matches!(ask(&mut room, vec![]), Err(Refusal::Implausible(_))));
        let twice = vec![full("F1", 0, 6), draft("F1", (0, 6), &[])];
        assert!(matches!(ask(&mut room, twice), Err(Refusal::Implausible(_))));
        assert_eq!(ask(&mut room, vec![full("F1", 0, 6)]), Ok(()));
        assert!(ask(&mut room, vec![full("F1", 0, 6)]).is_err_and(|refusal| refusal.is_duplicate()));
        let mut late = Room::new();
        late.now = hour(0);
        assert!(matches!(ask(&mut late, vec![full("F1", 0, 6)]), Err(Refusal::TooLate { .. })));
    }

    #[test]
    fn the_check_must_be_of_this_plan() {
        let mut room = Room::new();
        let mut plan = proposed("p1", None, vec![full("F1", 0, 6)]);
        plan.check.plan_digest = "p2".into();
        assert!(matches!(room.ask(Event::Proposed(Box::new(plan))), Err(Refusal::Mismatch { .. })));
    }
}
