//! Where a facility is reached. A change of address or key takes two people.

use crate::deliver;
use crate::event::Effects;
use crate::refusal::Refusal;
use crate::state::{Change, Enrolment, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::FacilityId;
use kezek_model::registry::FETCHED;

/// An address and a key.
pub(crate) struct Entry<'a> {
    pub(crate) facility: &'a FacilityId,
    pub(crate) address: &'a str,
    pub(crate) public_key: &'a str,
    pub(crate) relay: Option<&'a str>,
}

impl Entry<'_> {
    fn is_of(&self, address: &str, public_key: &str, relay: Option<&str>) -> bool {
        (self.address, self.public_key, self.relay) == (address, public_key, relay)
    }

    fn holds(&self, held: &Enrolment) -> bool {
        self.is_of(&held.address, &held.public_key, held.relay.as_deref())
    }
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
    if entry.address == FETCHED && entry.relay.is_some() {
        let why = format!("{} asks for its orders itself, so no relay passes them on", entry.facility);
        return Err(Refusal::Implausible(why));
    }
    let Some(held) = state.enrolments.get(entry.facility) else { return Ok(()) };
    let pending = held.pending.as_ref();
    let same = |change: &Change| entry.is_of(&change.address, &change.public_key, change.relay.as_deref());
    let waits = pending.is_some_and(same) && approved_by.is_none();
    match (entry.holds(held) && pending.is_none()) || waits {
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
    let (address, public_key) = (entry.address.to_owned(), entry.public_key.to_owned());
    let relay = entry.relay.map(str::to_owned);
    (!entry.holds(held)).then_some(Change { address, public_key, relay, by, at })
}

fn hold(state: &mut State, entry: &Entry, by: String, approved_by: Option<String>, now: DateTime<Utc>) {
    let enrolment = Enrolment {
        address: entry.address.into(),
        public_key: entry.public_key.into(),
        by,
        approved_by,
        since: now,
        relay: entry.relay.map(str::to_owned),
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
    let relay = |name: Option<&str>| name.unwrap_or("none").to_owned();
    Refusal::unless_equal("the relay to confirm", &relay(entry.relay), &relay(change.relay.as_deref()))?;
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
        let (address, person) = (address.into(), person.into());
        Event::EnrolmentConfirmed { facility, address, public_key, person, relay: None }
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
            relay: None,
        };
        assert!(matches!(room.ask(both("admin", "admin")), Err(Refusal::SamePerson { .. })));
        room.tell(both("admin", "second"));
        assert_eq!(address(&room), "http://new");
    }

    #[test]
    fn nothing_is_passed_on_to_a_facility_that_fetches_and_the_change_takes_two_people() {
        let mut room = Room::new();
        let old = address(&room);
        let fetching = |relay: Option<&str>| Event::Enrolled {
            facility: "F1".into(),
            address: FETCHED.into(),
            public_key: "key".into(),
            by: "admin".into(),
            approved_by: None,
            relay: relay.map(Into::into),
        };
        assert!(matches!(room.ask(fetching(Some("Supplier"))), Err(Refusal::Implausible(_))));
        room.tell(fetching(None));
        assert_eq!(address(&room), old);
        room.tell(confirmed(FETCHED, "second"));
        assert_eq!(address(&room), FETCHED);
    }

    #[test]
    fn a_relay_takes_two_people_too() {
        let mut room = Room::new();
        let old = address(&room);
        let relayed = |by: &str, relay: Option<&str>| Event::Enrolled {
            facility: "F1".into(),
            address: old.clone(),
            public_key: "key".into(),
            by: by.into(),
            approved_by: None,
            relay: relay.map(Into::into),
        };
        room.tell(relayed("admin", Some("Supplier")));
        let relay = |room: &Room| room.state.enrolment(&"F1".into()).unwrap().relay.clone();
        assert_eq!(relay(&room), None);
        assert!(matches!(room.ask(confirmed(&old, "second")), Err(Refusal::Mismatch { .. })), "names none");
        let named = Event::EnrolmentConfirmed {
            facility: "F1".into(),
            address: old.clone(),
            public_key: "key".into(),
            person: "second".into(),
            relay: Some("Supplier".into()),
        };
        room.tell(named);
        assert_eq!(relay(&room), Some("Supplier".into()));
    }
}
