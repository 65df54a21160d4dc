//! Where a facility is reached. A change of address or key takes two people.

use crate::deliver;
use crate::event::Effects;
use crate::refusal::Refusal;
use crate::state::{Change, Enrolment, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::FacilityId;

/// An address and a key.
pub(crate) struct Entry<'a> {
    pub(crate) facility: &'a FacilityId,
    pub(crate) address: &'a str,
    pub(crate) public_key: &'a str,
}

pub(crate) fn permit_entry(
    state: &State,
    entry: &Entry,
    by: &str,
    approved_by: Option<&str>,
) -> Result<(), Refusal> {
    if approved_by == Some(by) {
        return Err(Refusal::SamePerson { person: by.into() });
    }
    let Some(held) = state.enrolments.get(entry.facility) else { return Ok(()) };
    let pending = held.pending.as_ref().map(|change| (change.address.as_str(), change.public_key.as_str()));
    let same = (held.address.as_str(), held.public_key.as_str()) == (entry.address, entry.public_key);
    let waits = pending == Some((entry.address, entry.public_key)) && approved_by.is_none();
    match (same && pending.is_none()) || waits {
        true => Err(Refusal::Duplicate(format!("this address and key of {}", entry.facility))),
        false => Ok(()),
    }
}

pub(crate) fn enter(
    state: &mut State,
    entry: &Entry,
    by: String,
    approved_by: Option<String>,
    now: DateTime<Utc>,
) -> Effects {
    match state.enrolments.get_mut(entry.facility) {
        Some(held) if approved_by.is_none() => held.pending = pending(held, entry, by, now),
        _ => hold(state, entry, by, approved_by, now),
    }
    Effects::new()
}

/// What waits for a second person; nothing where what holds is entered once more.
fn pending(held: &Enrolment, entry: &Entry, by: String, at: DateTime<Utc>) -> Option<Change> {
    let same = held.address == entry.address && held.public_key == entry.public_key;
    let (address, public_key) = (entry.address.to_owned(), entry.public_key.to_owned());
    (!same).then_some(Change { address, public_key, by, at })
}

fn hold(state: &mut State, entry: &Entry, by: String, approved_by: Option<String>, now: DateTime<Utc>) {
    let enrolment = Enrolment {
        address: entry.address.into(),
        public_key: entry.public_key.into(),
        by,
        approved_by,
        since: now,
        pending: None,
    };
    state.enrolments.insert(entry.facility.clone(), enrolment);
    deliver::wake(state, entry.facility, now);
}

pub(crate) fn permit_confirmation(state: &State, entry: &Entry, person: &str) -> Result<(), Refusal> {
    let held = state
        .enrolments
        .get(entry.facility)
        .ok_or_else(|| Refusal::UnknownFacility(entry.facility.clone()))?;
    let Some(change) = &held.pending else {
        return Err(Refusal::Duplicate(format!("no change of {} waits", entry.facility)));
    };
    Refusal::unless_equal("the address to confirm", entry.address, &change.address)?;
    Refusal::unless_equal("the key to confirm", entry.public_key, &change.public_key)?;
    if change.by == person {
        return Err(Refusal::SamePerson { person: person.into() });
    }
    Ok(())
}

pub(crate) fn confirm(state: &mut State, entry: &Entry, person: String, now: DateTime<Utc>) -> Effects {
    let change = state.enrolments.get_mut(entry.facility).and_then(|held| held.pending.take());
    if let Some(change) = change {
        hold(state, entry, change.by, Some(person), now);
    }
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::testing::{Room, enrolled};

    fn confirmed(address: &str, person: &str) -> Event {
        let (facility, public_key) = ("F1".into(), "key".into());
        Event::EnrolmentConfirmed { facility, address: address.into(), public_key, person: person.into() }
    }

    fn address(room: &Room) -> String {
        room.state.enrolment(&"F1".into()).unwrap().address.clone()
    }

    #[test]
    fn a_change_of_address_takes_a_second_person() {
        let mut room = Room::new();
        let old = address(&room);
        assert!(room.ask(enrolled("F1", &old, "admin")).is_err_and(|refusal| refusal.is_duplicate()));
        room.tell(enrolled("F1", "http://new", "admin"));
        assert_eq!(address(&room), old);
        assert!(matches!(room.ask(confirmed("http://new", "admin")), Err(Refusal::SamePerson { .. })));
        assert!(matches!(room.ask(confirmed("http://evil", "second")), Err(Refusal::Mismatch { .. })));
        room.tell(confirmed("http://new", "second"));
        assert_eq!(address(&room), "http://new");
        assert!(room.ask(confirmed("http://new", "second")).is_err_and(|refusal| refusal.is_duplicate()));
    }

    #[test]
    fn two_people_at_once_are_enough_but_one_is_not_two() {
        let mut room = Room::new();
        let both = |by: &str, other: &str| Event::Enrolled {
            facility: "F1".into(),
            address: "http://new".into(),
            public_key: "key".into(),
            by: by.into(),
            approved_by: Some(other.into()),
        };
        assert!(matches!(room.ask(both("admin", "admin")), Err(Refusal::SamePerson { .. })));
        room.tell(both("admin", "second"));
        assert_eq!(address(&room), "http://new");
    }
}
