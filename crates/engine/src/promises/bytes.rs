//! Chance as it is read from bytes, for whoever thinks up bytes: each byte decides, and none can be wrong.

use super::{Chance, World, hold};
use crate::event::Event;
use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

/// As long as the longest that the tests draw.
const MOST: usize = 120;

/// Plays what the bytes say, and fails where a promise is broken or the journal's replay differs.
pub fn chances_hold(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let two_people_above = bytes.yes().then_some(Kw(20_000));
    hold(two_people_above, &chances(bytes));
}

/// The journal of what the bytes say.
pub fn told(bytes: &[u8]) -> Vec<(Event, DateTime<Utc>)> {
    let mut world = World::new(None);
    chances(Bytes(bytes)).iter().for_each(|chance| world.play(chance));
    world.room.journal
}

fn chances(mut bytes: Bytes) -> Vec<Chance> {
    std::iter::from_fn(|| (!bytes.0.is_empty()).then(|| bytes.chance())).take(MOST).collect()
}

/// Zeros follow the last.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn yes(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    fn limit(&mut self) -> Option<u16> {
        self.yes().then(|| self.word() % 20_000)
    }

    /// What has to do with plans and with time comes up more often than the rest.
    fn chance(&mut self) -> Chance {
        match self.byte() % 30 {
            0..=2 => Chance::Propose {
                window: self.byte() % 6,
                limits: [self.limit(), self.limit(), self.limit(), self.limit()],
                follows: self.yes(),
                author: self.byte() % 2,
                passes: self.byte() % 8 != 7,
                emergency: self.yes(),
            },
            3..=5 => Chance::Approve { plan: self.byte(), person: self.byte(), passes: self.byte() % 8 != 7 },
            6 => Chance::Return { plan: self.byte() },
            7 => Chance::Recall { order: self.byte() },
            8 => Chance::Resend { order: self.byte() },
            9 => Chance::Wait { seconds: u32::from(self.byte() % 5) },
            10 | 11 => Chance::Wait { seconds: u32::from(self.byte()) },
            12 => Chance::Wait { seconds: u32::from(self.word()) % 9_000 },
            13 | 14 => Chance::End { flight: self.byte(), outcome: self.byte() },
            15 => Chance::Answer {
                order: self.byte(),
                accepts: self.yes(),
                minutes: self.byte(),
                on_page: self.yes(),
            },
            16 => Chance::Report { order: self.byte(), minutes: self.byte() },
            17 => Chance::Read {
                facility: self.byte(),
                quarter: self.byte() % 40,
                kw: self.word(),
                quality: self.byte(),
            },
            18 => Chance::Restart,
            19 => Chance::Freeze { person: self.byte() },
            20 | 21 => Chance::Thaw { by: self.byte(), confirmed_by: self.byte() },
            22 => Chance::Enrol { facility: self.byte(), address: self.byte(), person: self.byte() },
            23 => Chance::Confirm { facility: self.byte(), address: self.byte(), person: self.byte() },
            24 => Chance::EndNotice { notice: self.byte(), outcome: self.byte() },
            25 => Chance::ReadRegistry { which: self.byte() },
            26 => Chance::Volunteer { facility: self.byte(), half: self.byte() % 40, kw: self.word() },
            27 => Chance::Licence { which: self.byte(), suspends: self.yes() },
            28 => Chance::Again { event: self.byte() },
            _ => Chance::Forge { order: self.byte(), attempt: self.byte(), kind: self.byte() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Effect;
    use crate::{State, step};
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_keep_the_promises(bytes in vec(any::<u8>(), 0..400)) {
            chances_hold(&bytes);
        }
    }

    /// A plan, its approval, ten minutes: what it takes to get somewhere is short.
    #[test]
    fn few_bytes_tell_of_orders_that_leave() {
        let journal = told(&[0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 12, 2, 88]);
        let mut state = State::new();
        let effects = journal.into_iter().flat_map(|(event, at)| step(&mut state, event, at));
        assert!(effects.filter(|effect| matches!(effect, Effect::Send { .. })).count() > 0);
    }
}
