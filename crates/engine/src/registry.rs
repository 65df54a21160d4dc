//! The registry as it was read last: whom to tell, and who works where.
//!
//! What it says of addresses and keys holds nothing: those are enrolled, and a change of them takes two people.

use crate::event::Effects;
use crate::refusal::Refusal;
use crate::state::State;
use kezek_model::registry::Registry;

pub(crate) fn permit(state: &State, registry: &Registry) -> Result<(), Refusal> {
    match state.registry == *registry {
        true => Err(Refusal::Duplicate("this registry".into())),
        false => Ok(()),
    }
}

pub(crate) fn apply(state: &mut State, registry: Registry) -> Effects {
    state.registry = registry;
    Effects::new()
}

#[cfg(test)]
mod tests {
    use crate::event::Event;
    use crate::testing::Room;
    use kezek_model::registry::{Channel, Endpoint, Registry};

    #[test]
    fn a_file_moves_no_address() {
        let mut room = Room::new();
        let before = room.state.enrolment(&"F1".into()).cloned();
        let endpoint = |facility: &str| Endpoint {
            facility: facility.into(),
            channel: Channel::Push,
            address: "https://evil.example".into(),
            public_key: "key".into(),
            relay: None,
        };
        let registry = Registry { endpoints: vec![endpoint("F1"), endpoint("F9")], ..Registry::default() };
        let read = Event::RegistryRead { registry: Box::new(registry) };
        room.tell(read.clone());
        assert_eq!(room.state.enrolment(&"F1".into()).cloned(), before);
        assert_eq!(room.state.enrolment(&"F9".into()), None);
        assert!(room.ask(read).is_err_and(|refusal| refusal.is_duplicate()));
    }
}
