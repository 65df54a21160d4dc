//! Issuing stops when time is in doubt, and goes on after a promise was found broken: two people.

use crate::event::Effects;
use crate::guard::Violation;
use crate::issue;
use crate::refusal::Refusal;
use crate::state::State;

pub(crate) fn permit(state: &State, by: &str, confirmed_by: &str) -> Result<(), Refusal> {
    if state.stopped.is_none() {
        return Err(Refusal::Duplicate("issuing goes on".into()));
    }
    match by == confirmed_by {
        true => Err(Refusal::SamePerson { person: by.into() }),
        false => Ok(()),
    }
}

/// Issuing that has stopped already stops for one reason only.
pub(crate) fn permit_doubt(state: &State) -> Result<(), Refusal> {
    match &state.stopped {
        Some(_) => Err(Refusal::Duplicate("issuing has stopped".into())),
        None => Ok(()),
    }
}

/// S11.
pub(crate) fn doubt(state: &mut State, apart_ms: i64) -> Effects {
    let seconds = apart_ms as f64 / 1000.0;
    let what = format!(
        "the wall clock has leapt by {seconds:.0} s, or stands apart from that of the database; set it right, then resume"
    );
    issue::stop(state, Violation { promise: "S11", what })
}

pub(crate) fn apply(state: &mut State) -> Effects {
    state.stopped = None;
    Effects::new()
}

#[cfg(test)]
mod tests {
    use crate::Refusal;
    use crate::event::{Event, WarningKind};
    use crate::testing::{RECEIVED, Room, approved, full, hour, kinds, minute, proposed, sent};

    #[test]
    fn while_clocks_disagree_issuing_stops_and_watching_goes_on() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let leapt = Event::ClocksDisagree { apart_ms: -3_600_000 };
        assert_eq!(kinds(&room.tell(leapt.clone())), [WarningKind::Stopped]);
        assert!(room.ask(leapt).is_err_and(|refusal| refusal.is_duplicate()), "told once");
        room.tell(Event::Proposed(Box::new(proposed("p2", None, vec![full("F2", 6, 12)]))));
        assert!(matches!(room.ask(approved("p2", "approver")), Err(Refusal::Stopped(_))));
        room.run(minute(-350), |_| RECEIVED);
        assert_eq!(sent(&room.journal).len(), 1, "what was approved before still goes");
        assert!(room.state.stopped().is_some_and(|violation| violation.promise == "S11"));
        let (by, confirmed_by) = ("anna".into(), "bolat".into());
        room.tell(Event::Resumed { by, confirmed_by, reason: "set right".into() });
        room.tell(approved("p2", "approver"));
        room.run(hour(1), |_| RECEIVED);
        assert_eq!(sent(&room.journal).len(), 2);
    }
}
