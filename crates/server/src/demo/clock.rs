//! A clock that stands until it is told to leap.

use crate::clocks::Now;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A clock that stands until it is told to leap. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct LeapingClock(Arc<Mutex<Hand>>);

#[derive(Debug)]
struct Hand {
    at: DateTime<Utc>,
    /// Since when it runs on at the pace of the world.
    runs_since: Option<Instant>,
}

impl Hand {
    fn now(&self) -> DateTime<Utc> {
        let run = self.runs_since.map_or(TimeDelta::zero(), |since| {
            TimeDelta::from_std(since.elapsed()).unwrap_or(TimeDelta::zero())
        });
        self.at + run
    }
}

impl LeapingClock {
    /// A clock that stands.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hand { at, runs_since: None })))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.hand(|hand| hand.now())
    }

    /// Leaps; never backwards.
    pub fn leap_to(&self, at: DateTime<Utc>) {
        self.hand(|hand| hand.at = hand.at.max(at));
    }

    /// Runs on at the pace of the world.
    pub fn run_on(&self) {
        self.hand(|hand| hand.runs_since = Some(Instant::now()));
    }

    /// The clock as the rooms take it.
    #[must_use]
    pub fn reader(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }

    fn hand<T>(&self, act: impl FnOnce(&mut Hand) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_leaps_forward_and_never_back() {
        let start: DateTime<Utc> = "2022-01-21T12:00:00Z".parse().unwrap();
        let clock = LeapingClock::new(start);
        let reader = clock.reader();
        assert_eq!(reader(), start);
        clock.leap_to(start + TimeDelta::hours(1));
        clock.leap_to(start);
        assert_eq!(reader(), start + TimeDelta::hours(1));
    }
}
