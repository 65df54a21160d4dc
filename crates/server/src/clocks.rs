//! The time of a room: the wall clock, as long as a second clock that nobody can set agrees with it (S11).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

/// A clock that can be set, asked for where it is needed.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A clock that only runs: time since some instant.
pub type Steady = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Seconds by which the wall clock may leap between two looks, that is, about five times a second.
pub(crate) const LEAP_S: i64 = 2;
/// Two clocks that were looked at within this time were looked at at once; else they have not agreed on anything.
const AT_ONCE: Duration = Duration::from_millis(100);

/// A wall clock and, but in simulations, a steady one beside it.
///
/// While the two agree, time is the wall clock's, however slowly it is put right. Once the wall clock leaps, time goes on
/// by the steady one until [`Clocks::trust`].
pub struct Clocks {
    wall: Now,
    steady: Option<Steady>,
    /// What both showed when they agreed last.
    agreed: Mutex<(DateTime<Utc>, Duration)>,
}

impl From<Now> for Clocks {
    /// A clock of a simulation: nothing doubts it.
    fn from(wall: Now) -> Self {
        Self { agreed: Mutex::new((wall(), Duration::ZERO)), wall, steady: None }
    }
}

impl Clocks {
    /// The clocks of the machine. The steady one stands while the machine sleeps, so that a sleep is a leap.
    #[must_use]
    pub fn system() -> Self {
        let began = Instant::now();
        Self::new(Arc::new(Utc::now), Arc::new(move || began.elapsed()))
    }

    /// Two clocks that watch each other.
    #[must_use]
    pub fn new(wall: Now, steady: Steady) -> Self {
        Self { agreed: Mutex::new((wall(), steady())), wall, steady: Some(steady) }
    }

    /// Begins no earlier than the journal ends: a wall clock before that has leapt.
    pub(crate) fn begin_after(&self, last: DateTime<Utc>) {
        let mut agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        agreed.0 = agreed.0.max(last);
    }

    /// The time, in whole milliseconds.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.read().0
    }

    /// The time, in whole milliseconds, and by how much the wall clock has leapt, if it has.
    pub(crate) fn read(&self) -> (DateTime<Utc>, Option<TimeDelta>) {
        let Some(steady) = &self.steady else { return ((self.wall)().trunc_subsecs(3), None) };
        // One at a time: what somebody else agreed on in between is no leap, nor is what passes between two looks.
        let mut agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, wall, after) = (steady(), (self.wall)(), steady());
        let (wall_then, steady_then) = *agreed;
        let expected = |steady: Duration| {
            wall_then + TimeDelta::from_std(steady.saturating_sub(steady_then)).unwrap_or(TimeDelta::MAX)
        };
        let leap = wall - wall.clamp(expected(before), expected(after));
        if leap.abs() > TimeDelta::seconds(LEAP_S) {
            return (expected(after).trunc_subsecs(3), Some(leap));
        }
        if after - before < AT_ONCE {
            *agreed = (wall, before);
        }
        (wall.trunc_subsecs(3), None)
    }

    /// The wall clock as it stands, right or wrong.
    pub(crate) fn wall(&self) -> DateTime<Utc> {
        (self.wall)()
    }

    /// Takes the wall clock as right from now on.
    pub(crate) fn trust(&self) {
        let steady = self.steady.as_ref().map_or(Duration::ZERO, |steady| steady());
        *self.agreed.lock().unwrap_or_else(PoisonError::into_inner) = ((self.wall)(), steady);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        wall: Arc<Mutex<i64>>,
        steady: Arc<Mutex<u64>>,
        clocks: Clocks,
    }

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    impl Bench {
        fn new() -> Self {
            let (wall, steady) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
            let (shown, run) = (Arc::clone(&wall), Arc::clone(&steady));
            let clocks = Clocks::new(
                Arc::new(move || at(*shown.lock().unwrap())),
                Arc::new(move || Duration::from_millis(*run.lock().unwrap())),
            );
            Self { wall, steady, clocks }
        }

        fn pass(&self, wall_ms: i64, steady_ms: u64) -> (DateTime<Utc>, Option<i64>) {
            *self.wall.lock().unwrap() += wall_ms;
            *self.steady.lock().unwrap() += steady_ms;
            {
                let (now, leap) = self.clocks.read();
                (now, leap.map(|leap| leap.num_milliseconds()))
            }
        }
    }

    #[test]
    fn a_clock_that_is_put_right_slowly_is_followed() {
        let bench = Bench::new();
        for n in 1..=100 {
            assert_eq!(bench.pass(1_500, 200), (at(1_500 * n), None));
        }
    }

    #[test]
    fn a_leap_is_told_and_time_goes_on_without_it_until_it_is_trusted() {
        for leap in [3_600_000, -3_600_000, 2_001, -2_001] {
            let bench = Bench::new();
            bench.pass(10_000, 10_000);
            assert_eq!(bench.pass(leap + 200, 200), (at(10_200), Some(leap)));
            assert_eq!(bench.pass(200, 200), (at(10_400), Some(leap)));
            bench.clocks.trust();
            assert_eq!(bench.pass(200, 200), (at(10_600 + leap), None));
        }
    }

    #[test]
    fn a_clock_that_comes_back_is_followed_again() {
        let bench = Bench::new();
        assert_eq!(bench.pass(60_000, 0), (at(0), Some(60_000)));
        assert_eq!(bench.pass(-59_000, 1_000), (at(1_000), None));
    }

    #[test]
    fn a_wall_clock_before_the_end_of_the_journal_has_leapt() {
        let bench = Bench::new();
        bench.clocks.begin_after(at(5_000));
        assert_eq!(bench.pass(1_000, 1_000), (at(6_000), Some(-5_000)));
        let simulated = Clocks::from(Arc::new(|| at(0)) as Now);
        simulated.begin_after(at(5_000));
        assert_eq!(simulated.read(), (at(0), None));
    }

    #[test]
    fn a_process_that_was_halted_between_two_looks_sees_no_leap() {
        // Ten seconds pass, for both clocks, before the second look at the steady one.
        let (looks, began) = (Arc::new(Mutex::new(0_u64)), Arc::new(Mutex::new(0_i64)));
        let (looked, wall) = (Arc::clone(&looks), Arc::clone(&began));
        let steady = move || {
            let mut looks = looked.lock().unwrap();
            *looks += 1;
            if *looks == 3 {
                *wall.lock().unwrap() += 10_000;
            }
            Duration::from_millis(u64::try_from(*wall.lock().unwrap()).unwrap())
        };
        let shown = Arc::clone(&began);
        let clocks = Clocks::new(Arc::new(move || at(*shown.lock().unwrap())), Arc::new(steady));
        assert_eq!(clocks.read(), (at(0), None));
        assert_eq!(*looks.lock().unwrap(), 3, "once when made, twice when read");
        assert_eq!(clocks.read(), (at(10_000), None));
    }
}
