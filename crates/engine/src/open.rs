//! A control room starts, for the first time or again.

use crate::config::Config;
use crate::deliver;
use crate::event::{Effects, Outcome};
use crate::notice;
use crate::refusal::Refusal;
use crate::state::State;
use chrono::{DateTime, Utc};
use kezek_model::ids::FacilityId;

pub(crate) fn permit(state: &State, environment: &str, epoch: u64) -> Result<(), Refusal> {
    if let Some(expected) = &state.environment {
        Refusal::unless_equal("the environment", environment, expected)?;
    }
    let repeated = state.environment.is_some() && epoch == state.epoch;
    match epoch > state.epoch {
        true => Ok(()),
        false if repeated => Err(Refusal::Duplicate(format!("the start of epoch {epoch}"))),
        false => Err(Refusal::OldEpoch { found: epoch, last: state.epoch }),
    }
}

pub(crate) fn apply(
    state: &mut State,
    environment: String,
    epoch: u64,
    config: Config,
    now: DateTime<Utc>,
) -> Effects {
    (state.environment, state.epoch, state.config) = (Some(environment), epoch, config);
    let facilities: Vec<FacilityId> = state.lanes.keys().cloned().collect();
    for facility in facilities {
        forget_outcome(state, &facility, now);
    }
    notice::forget_outcomes(state, now);
    Effects::new()
}

/// An attempt without outcome may have arrived or not: the same order with the same body goes again, and at once,
/// for no failure is counted and no pause begins.
fn forget_outcome(state: &mut State, facility: &FacilityId, now: DateTime<Utc>) {
    let Some(flight) = state.lanes.get_mut(facility).and_then(|lane| lane.in_flight.take()) else { return };
    if let Some(record) = state.orders.get_mut(&flight.order_no) {
        let reason = "outcome unknown: the control room was started anew".to_owned();
        deliver::note(record, flight.attempt, Outcome::Failed { reason, retry_after_s: None }, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::testing::{Room, enrolled, hour};
    use crate::{permit as may, step};

    fn opened(environment: &str, epoch: u64) -> Event {
        Event::Opened { environment: environment.into(), epoch, config: Config::default() }
    }

    #[test]
    fn nothing_happens_before_opening() {
        let mut state = State::new();
        assert_eq!(may(&state, &enrolled("F1", "a", "admin"), hour(0)), Err(Refusal::NotOpened));
        assert_eq!(step(&mut state, enrolled("F1", "a", "admin"), hour(0)), []);
        assert_eq!(state, State::new());
    }

    #[test]
    fn the_epoch_only_goes_up_and_the_environment_stays() {
        let mut room = Room::new();
        assert!(room.ask(opened("test", 1)).is_err_and(|refusal| refusal.is_duplicate()));
        assert!(matches!(room.ask(opened("live", 2)), Err(Refusal::Mismatch { .. })));
        room.tell(opened("test", 5));
        assert_eq!(room.ask(opened("test", 3)), Err(Refusal::OldEpoch { found: 3, last: 5 }));
        assert_eq!(room.state.epoch(), 5);
    }

    #[test]
    fn engine_time_never_runs_backwards() {
        let mut room = Room::new();
        room.now = hour(-9);
        room.tell(enrolled("F7", "a", "admin"));
        assert_eq!(room.state.clock(), Some(hour(-6)));
    }
}
