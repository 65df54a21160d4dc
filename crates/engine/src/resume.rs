//! Issuing goes on after a promise was found broken: two people.

use crate::event::Effects;
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

pub(crate) fn apply(state: &mut State) -> Effects {
    state.stopped = None;
    Effects::new()
}
