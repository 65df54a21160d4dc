//! The journal comes from a backup: what left after the backup was taken is not known here.
//!
//! Three things follow. Orders must outrank those that were lost, so the next start is in an epoch above any that the
//! lost journal can have reached. Their numbers must not be those of lost orders, which facilities hold under them, so
//! they carry the epoch of the restore. And a person must look before anything new is issued.

use crate::event::Effects;
use crate::guard::Violation;
use crate::issue;
use crate::refusal::Refusal;
use crate::state::State;

pub(crate) fn permit(state: &State, epoch: u64) -> Result<(), Refusal> {
    match epoch > state.epoch {
        true => Ok(()),
        false => Err(Refusal::OldEpoch { found: epoch, last: state.epoch }),
    }
}

pub(crate) fn apply(state: &mut State, epoch: u64) -> Effects {
    (state.epoch, state.restored) = (epoch, Some(epoch));
    let what = "the journal was restored from a backup; orders that left since are not known here: ask the facilities \
                what they hold, then resume";
    issue::stop(state, Violation { promise: "S9", what: what.into() })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::event::{Event, WarningKind};
    use crate::testing::{Room, approved, full, kinds, proposed};
    use crate::{Refusal, State, permit, step};
    use kezek_model::order::Head;

    fn restored(epoch: u64) -> Event {
        Event::Restored { epoch, head: Head::empty() }
    }

    fn room_day() -> chrono::NaiveDate {
        crate::testing::hour(0).date_naive()
    }

    #[test]
    fn orders_after_a_restore_outrank_those_that_were_lost_and_have_other_numbers() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let mut lost = room.state.clone();
        let opened = |epoch| Event::Opened { environment: "test".into(), epoch, config: Config::default() };
        step(&mut lost, opened(2), room.now);
        let next = |state: &State| crate::issue::next_number(state, &"F1".into(), room_day());
        assert_eq!(kinds(&room.tell(restored(1_000))), [WarningKind::Stopped]);
        assert!(room.state.epoch() > lost.epoch());
        room.tell(opened(1_001));
        assert_ne!(next(&lost), next(&room.state));
        assert!(next(&room.state).as_str().ends_with("-v1-r1000"), "{}", next(&room.state));
    }

    #[test]
    fn nothing_is_issued_after_a_restore_until_two_people_have_looked() {
        let mut room = Room::new();
        room.tell(restored(1_000));
        room.tell(Event::Proposed(Box::new(proposed("p1", None, vec![full("F1", 0, 6)]))));
        assert!(matches!(room.ask(approved("p1", "approver")), Err(Refusal::Stopped(_))));
        let (by, confirmed_by) = ("anna".into(), "bolat".into());
        room.tell(Event::Resumed { by, confirmed_by, reason: "asked all".into() });
        assert!(room.ask(approved("p1", "approver")).is_ok());
    }

    #[test]
    fn a_restore_never_leads_into_an_epoch_that_was() {
        let mut room = Room::new();
        assert_eq!(room.ask(restored(1)), Err(Refusal::OldEpoch { found: 1, last: 1 }));
        assert!(permit(&State::new(), &restored(1), room.now).is_ok(), "also where nothing was opened yet");
    }
}
