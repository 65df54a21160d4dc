//! Licences suspended while plans run. Orders bind as before: what was ordered was ordered. There is no quota any more,
//! which the next case says; here it is remembered who said so, when and why.

use crate::event::Effects;
use crate::refusal::Refusal;
use crate::state::{PastSuspension, State, Suspension};
use chrono::{DateTime, Utc};

pub(crate) fn permit(state: &State, licence: &str, reason: &str) -> Result<(), Refusal> {
    if licence.trim().is_empty() || reason.trim().is_empty() {
        return Err(Refusal::Implausible("a licence and a reason are needed, one of them is empty".into()));
    }
    match state.suspensions.contains_key(licence) {
        true => Err(Refusal::Duplicate(format!("the suspension of licence {licence}"))),
        false => Ok(()),
    }
}

pub(crate) fn apply(
    state: &mut State,
    licence: String,
    person: String,
    reason: String,
    since: DateTime<Utc>,
) -> Effects {
    state.suspensions.insert(licence, Suspension { person, reason, since });
    Effects::new()
}

pub(crate) fn permit_end(state: &State, licence: &str) -> Result<(), Refusal> {
    match state.suspensions.contains_key(licence) {
        true => Ok(()),
        false => Err(Refusal::Duplicate(format!("licence {licence} is not suspended"))),
    }
}

pub(crate) fn end(
    state: &mut State,
    licence: String,
    ended_by: String,
    reason: String,
    until: DateTime<Utc>,
) -> Effects {
    if let Some(suspension) = state.suspensions.remove(&licence) {
        let past = PastSuspension { suspension, ended_by, reason, until };
        state.past_suspensions.entry(licence).or_default().push(past);
    }
    Effects::new()
}

#[cfg(test)]
mod tests {
    use crate::event::Event;
    use crate::governing;
    use crate::testing::{RECEIVED, Room, draft, full, hour, minute};

    fn suspended(licence: &str) -> Event {
        let (person, reason) = ("admin".into(), "order 7 of the ministry".into());
        Event::LicenceSuspended { licence: licence.into(), person, reason }
    }

    #[test]
    fn a_suspension_moves_no_load_and_orders_bind_as_before() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(hour(1), |_| RECEIVED);
        let before = room.state.clone();
        assert!(room.tell(suspended("L-7")).is_empty());
        assert_eq!(governing(&room.state, &"F1".into(), hour(3)), governing(&before, &"F1".into(), hour(3)));
        assert!(room.ask(suspended("L-7")).is_err_and(|refusal| refusal.is_duplicate()));
        let (licence, found) = room.state.suspensions().next().unwrap();
        assert_eq!((licence.as_str(), found.since), ("L-7", hour(1)));
        let ended =
            Event::LicenceReinstated { licence: "L-7".into(), person: "admin".into(), reason: "x".into() };
        room.now = hour(2);
        room.tell(ended.clone());
        assert!(room.state.suspensions().next().is_none());
        let [past] = room.state.past_suspensions("L-7") else { panic!("it has ended") };
        assert_eq!((past.suspension.since, past.until, past.reason.as_str()), (hour(1), hour(2), "x"));
        assert!(room.state.past_suspensions("L-8").is_empty());
        assert!(room.ask(ended).is_err_and(|refusal| refusal.is_duplicate()));
    }

    /// What an operator does when a facility joins, or moves to another zone, in the middle of an event: a plan that
    /// follows the approved one. What stood goes on until then; the new draft brings its own zone and slot.
    #[test]
    fn a_facility_joins_and_another_moves_zone_by_the_next_plan() {
        let mut room = Room::new();
        room.issue("p1", None, vec![draft("F1", (0, 12), &[(0, 12, 2_000, 18_000)])]);
        room.run(hour(2), |_| RECEIVED);
        let mut moved = draft("F1", (3, 12), &[(3, 12, 5_000, 15_000)]);
        moved.zone = "north".into();
        if let Some(slot) = &mut moved.restore {
            slot.from = hour(13);
        }
        room.tell(crate::testing::enrolled("F9", "http://127.0.0.1/F9", "admin"));
        let joined = draft("F9", (3, 12), &[(3, 12, 1_000, 9_000)]);
        room.issue("p2", Some("p1"), vec![moved, joined]);
        let limit = |room: &Room, facility: &str, at| {
            governing(&room.state, &facility.into(), at).and_then(|order| order.limit_at(at)).map(|kw| kw.0)
        };
        assert_eq!(limit(&room, "F1", minute(150)), Some(2_000), "what stood goes on");
        assert_eq!([hour(4), minute(750)].map(|at| limit(&room, "F1", at)), [Some(5_000), Some(5_000)]);
        assert_eq!(limit(&room, "F9", hour(4)), Some(1_000));
        room.run(minute(121), |_| RECEIVED);
        let lane: Vec<u64> =
            room.state.records_of(&"F1".into()).map(|record| record.order.sequence).collect();
        assert_eq!(lane, [2, 1], "one lane, whatever the zone");
        assert!(room.state.records().all(|record| record.received_at.is_some()));
    }
}
