//! The freeze: one person stops everything that leaves, two let it go on (S13).
//!
//! While it lasts nothing is approved, recalled or sent, and nothing restores by itself; answers, readings and warnings
//! go on. It outlives a restart, as it is nothing but an event.

use crate::deliver;
use crate::event::Effects;
use crate::refusal::Refusal;
use crate::state::{Freeze, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::FacilityId;

pub(crate) fn permit(state: &State) -> Result<(), Refusal> {
    match &state.frozen {
        Some(_) => Err(Refusal::Duplicate("issuing is frozen".into())),
        None => Ok(()),
    }
}

pub(crate) fn permit_thaw(state: &State, by: &str, confirmed_by: &str) -> Result<(), Refusal> {
    match &state.frozen {
        None => Err(Refusal::Duplicate("issuing is not frozen".into())),
        Some(_) if by == confirmed_by => Err(Refusal::SamePerson { person: by.into() }),
        Some(_) => Ok(()),
    }
}

/// Whether orders may be issued and sent.
pub(crate) fn permits(state: &State) -> Result<(), Refusal> {
    state.frozen.as_ref().map_or(Ok(()), |freeze| Err(Refusal::Frozen(freeze.clone())))
}

pub(crate) fn apply(state: &mut State, person: String, reason: String, since: DateTime<Utc>) -> Effects {
    state.frozen = Some(Freeze { person, reason, since });
    Effects::new()
}

/// What waited goes at once: the freeze counts as no failure of anybody's.
pub(crate) fn thaw(state: &mut State, now: DateTime<Utc>) -> Effects {
    state.frozen = None;
    let facilities: Vec<FacilityId> = state.lanes.keys().cloned().collect();
    facilities.iter().for_each(|facility| deliver::hasten(state, facility, now));
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Effect, Event, WarningKind};
    use crate::testing::{
        RECEIVED, Room, answer, approved, failed, frozen, full, hour, kinds, minute, proposed, recalled,
        sent, thawed,
    };
    use crate::{Config, governing};
    use kezek_model::receipt::Response;

    const NO: &str = "2022-0124-F1-v1";

    #[test]
    fn what_is_frozen_does_not_leave_and_what_was_ordered_still_holds() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.tell(frozen("anna"));
        let effects = room.run(minute(-300), |_| RECEIVED);
        assert_eq!(sent(&room.journal), []);
        assert_eq!(kinds(&effects), [WarningKind::HalfLead, WarningKind::Ladder, WarningKind::Silent]);
        assert!(governing(&room.state, &"F1".into(), hour(3)).is_some());
        let answered = room.clone().ask(answer(&room.order(NO), Response::Accepted, room.now));
        assert!(answered.is_ok(), "what facilities say is taken");
        room.run(hour(5), |_| RECEIVED);
        room.tell(thawed("anna", "bolat"));
        room.run(hour(5), |_| RECEIVED);
        assert_eq!(sent(&room.journal).len(), 1, "at once, though it is late");
    }

    #[test]
    fn nothing_is_approved_or_recalled_while_frozen() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.tell(frozen("anna"));
        room.tell(Event::Proposed(Box::new(proposed("p2", Some("p1"), vec![full("F2", 0, 6)]))));
        for event in [approved("p2", "approver"), recalled(NO)] {
            assert!(matches!(room.ask(event), Err(Refusal::Frozen(_))));
        }
        room.tell(thawed("anna", "bolat"));
        room.tell(approved("p2", "approver"));
    }

    #[test]
    fn one_person_freezes_two_thaw() {
        let mut room = Room::new();
        assert!(room.ask(thawed("anna", "bolat")).is_err_and(|refusal| refusal.is_duplicate()));
        room.tell(frozen("anna"));
        assert!(room.ask(frozen("bolat")).is_err_and(|refusal| refusal.is_duplicate()));
        let alone = Refusal::SamePerson { person: "anna".into() };
        assert_eq!(room.ask(thawed("anna", "anna")), Err(alone));
        assert_eq!(room.state.frozen().map(|freeze| freeze.person.as_str()), Some("anna"));
        room.tell(thawed("bolat", "dana"));
        assert_eq!(room.state.frozen(), None);
    }

    #[test]
    fn a_freeze_outlives_a_restart_and_an_attempt_under_way_may_end() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let effects = room.due();
        let [Effect::Send { order_no, attempt, .. }] = &effects[..] else { panic!("{effects:?}") };
        room.tell(frozen("anna"));
        let (order_no, attempt) = (order_no.clone(), *attempt);
        room.tell(Event::AttemptEnded { order_no, attempt, outcome: failed(None) });
        room.tell(Event::Opened { environment: "test".into(), epoch: 2, config: Config::default() });
        room.run(minute(-350), |_| RECEIVED);
        assert_eq!(sent(&room.journal).len(), 1);
        assert!(room.state.frozen().is_some());
    }
}
