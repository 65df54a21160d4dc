//! The pretend network: loses, doubles, delays, and is cut one way or the other.

use super::chances::Weather;
use crate::draw::Draw;
use chrono::{DateTime, TimeDelta, Utc};

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    Back,
}

/// A time in which nothing gets through to or from a facility.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) facility: usize,
    pub(super) way: Way,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// The network between the control room and its facilities.
pub(super) struct Network {
    pub(super) weather: Weather,
    pub(super) cuts: Vec<Cut>,
    pub(super) quiet_from: DateTime<Utc>,
    pub(super) draw: Draw,
}

impl Network {
    /// When the copies of a message arrive: never, once or twice.
    pub(super) fn carry(&mut self, facility: usize, way: Way, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        if now >= self.quiet_from {
            return vec![now + TimeDelta::milliseconds(20)];
        }
        let Weather { lost_percent, twice_percent, .. } = self.weather;
        let copies = if self.draw.chance(twice_percent) { 2 } else { 1 };
        let delays: Vec<_> = (0..copies).map(|_| (self.draw.chance(lost_percent), self.delay())).collect();
        let is_cut = self.is_cut(facility, way, now);
        delays.into_iter().filter(|(is_lost, _)| !is_lost && !is_cut).map(|(_, delay)| now + delay).collect()
    }

    /// Whether somebody on the way answers in place of the facility, for instance a proxy that knows it no longer.
    pub(super) fn is_misled(&mut self, now: DateTime<Utc>) -> bool {
        now < self.quiet_from && self.draw.chance(self.weather.misled_percent)
    }

    /// Most are quick, some take as long as any may.
    fn delay(&mut self) -> TimeDelta {
        let longest = if self.draw.chance(70) { 300 } else { self.weather.delay_ms };
        TimeDelta::milliseconds(self.draw.whole(5, longest.max(6)))
    }

    pub(super) fn is_cut(&self, facility: usize, way: Way, now: DateTime<Utc>) -> bool {
        let holds =
            |cut: &&Cut| cut.facility == facility && cut.way == way && cut.from <= now && now < cut.to;
        self.cuts.iter().any(|cut| holds(&cut))
    }
}
