//! With what address, key and relay a facility was enrolled.

use kezek_engine::Event;

/// What holds after the records heard so far. A change holds once another person confirmed it.
#[derive(Default)]
pub(super) struct Enrolment<'a> {
    held: Option<Entry<'a>>,
    /// With who entered it.
    pending: Option<(Entry<'a>, &'a str)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    address: &'a str,
    public_key: &'a str,
    relay: Option<&'a str>,
}

impl<'a> Enrolment<'a> {
    pub(super) fn hear(&mut self, event: &'a Event) {
        match event {
            Event::Enrolled { address, public_key, by, approved_by, relay, .. } => {
                let entry = Entry { address, public_key, relay: relay.as_deref() };
                let confirmed = approved_by.as_ref().is_some_and(|other| other != by);
                if self.held.is_none() || confirmed {
                    (self.held, self.pending) = (Some(entry), None);
                } else {
                    self.pending = Some((entry, by));
                }
            }
            Event::EnrolmentConfirmed { address, public_key, person, relay, .. } => {
                let entry = Entry { address, public_key, relay: relay.as_deref() };
                if self.pending.take_if(|(known, by)| *known == entry && *by != person.as_str()).is_some() {
                    self.held = Some(entry);
                }
            }
            _ => {}
        }
    }

    /// The facility's key, in the form in which it was entered.
    pub(super) fn public_key(&self) -> Option<&'a str> {
        self.held.map(|entry| entry.public_key)
    }

    /// Who passes its orders on, where they do not go to the facility itself.
    pub(super) fn relay(&self) -> Option<&'a str> {
        self.held.and_then(|entry| entry.relay)
    }
}
