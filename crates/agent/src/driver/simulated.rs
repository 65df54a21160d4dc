//! A load in memory, for tests and the demo: exact, at any speed of the clock.

use super::{Driver, Driving, Mean};
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use kezek_model::units::Kw;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a free load draws; taken as constant within each minute of UTC.
pub type Profile = Arc<dyn Fn(DateTime<Utc>) -> Kw + Send + Sync>;

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const MS_PER_H: f64 = 3_600_000.0;

/// A load that draws its profile, up to its limit, down to its standby; it falls at once and returns with its
/// ramp. It knows its whole past.
pub struct Simulated {
    profile: Profile,
    standby: Kw,
    ramp_up_kw_per_h: Option<Kw>,
    lies: bool,
    turns: Mutex<Vec<Turn>>,
}

/// A new limit, and what was drawn when it came.
#[derive(Clone, Copy, Debug)]
struct Turn {
    at: DateTime<Utc>,
    limit: Option<Kw>,
    drawn_kw: f64,
}

impl Simulated {
    /// A load that draws a profile.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, standby: Kw::ZERO, ramp_up_kw_per_h: None, lies: false, turns: Mutex::default() }
    }

    /// A load that always draws the same.
    #[must_use]
    pub fn constant(power: Kw) -> Self {
        Self::new(Arc::new(move |_| power))
    }

    /// With a power that it draws whatever it is told.
    #[must_use]
    pub fn with_standby(self, standby: Kw) -> Self {
        Self { standby, ..self }
    }

    /// With a fastest return in power per hour; `None` for at once.
    #[must_use]
    pub fn with_ramp_up(self, per_hour: Option<Kw>) -> Self {
        Self { ramp_up_kw_per_h: per_hour, ..self }
    }

    /// With a driver that says yes and does not cut.
    #[must_use]
    pub fn with_lies(self, lies: bool) -> Self {
        Self { lies, ..self }
    }

    /// What it draws at an instant.
    #[must_use]
    pub fn power_kw(&self, at: DateTime<Utc>) -> f64 {
        self.drawn(&self.turns(), at)
    }

    fn turns(&self) -> MutexGuard<'_, Vec<Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, limit: Option<Kw>, at: DateTime<Utc>) {
        if self.lies {
            return;
        }
        let mut turns = self.turns();
        // After a clock was set back, what was done later than now is of another time.
        let kept = turns.partition_point(|turn| turn.at < at);
        turns.truncate(kept);
        let drawn_kw = self.drawn(&turns, at);
        turns.push(Turn { at, limit, drawn_kw });
    }

    fn drawn(&self, turns: &[Turn], at: DateTime<Utc>) -> f64 {
        let known = turns.partition_point(|turn| turn.at <= at);
        let piece = self.piece(turns[..known].last(), at);
        piece.power_kw((at - piece.from).num_milliseconds() as f64)
    }

    /// How it draws after a turn, within the minute of an instant.
    fn piece(&self, turn: Option<&Turn>, at: DateTime<Utc>) -> Piece {
        let profile = (self.profile)(at.duration_trunc(MINUTE).unwrap_or(at));
        let limit = turn.and_then(|turn| turn.limit).unwrap_or(profile);
        let ramp = turn.zip(self.ramp_up_kw_per_h);
        Piece {
            from: turn.map_or(at, |turn| turn.at),
            lowest_kw: self.standby.0 as f64,
            highest_kw: profile.min(limit).max(self.standby).0 as f64,
            start_kw: ramp.map_or(f64::INFINITY, |(turn, _)| turn.drawn_kw),
            slope_kw_per_ms: ramp.map_or(0.0, |(_, per_hour)| per_hour.0 as f64 / MS_PER_H),
        }
    }

    fn mean(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Mean {
        let turns = self.turns();
        let (mut at, mut energy) = (from, 0.0);
        while at < to {
            let known = turns.partition_point(|turn| turn.at <= at);
            let next_turn = turns.get(known).map_or(to, |turn| turn.at);
            let next_minute = at.duration_trunc(MINUTE).unwrap_or(at) + MINUTE;
            let end = next_turn.min(next_minute).min(to);
            let piece = self.piece(turns[..known].last(), at);
            let since = |instant: DateTime<Utc>| (instant - piece.from).num_milliseconds() as f64;
            energy += piece.energy(since(at), since(end));
            at = end;
        }
        let mean_kw = energy / (to - from).num_milliseconds().max(1) as f64;
        Mean { power: Kw(mean_kw.round() as i64), is_complete: true }
    }
}

/// `clamp(start + slope * t, lowest, highest)`, with `t` in ms since `from`.
struct Piece {
    from: DateTime<Utc>,
    lowest_kw: f64,
    highest_kw: f64,
    start_kw: f64,
    slope_kw_per_ms: f64,
}

impl Piece {
    fn power_kw(&self, ms: f64) -> f64 {
        (self.start_kw + self.slope_kw_per_ms * ms).clamp(self.lowest_kw, self.highest_kw)
    }

    /// The integral over `[from, to)`, in kW ms: the line is straight between the points where it meets its bounds.
    fn energy(&self, from: f64, to: f64) -> f64 {
        let meets = |bound: f64| (bound - self.start_kw) / self.slope_kw_per_ms;
        let inner = [meets(self.lowest_kw), meets(self.highest_kw)];
        let mut points: Vec<f64> = inner.into_iter().filter(|ms| from < *ms && *ms < to).collect();
        points.extend([from, to]);
        points.sort_by(f64::total_cmp);
        let trapezium =
            |pair: &[f64]| (self.power_kw(pair[0]) + self.power_kw(pair[1])) / 2.0 * (pair[1] - pair[0]);
        points.windows(2).map(trapezium).sum()
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulated").field("turns", &self.turns().len()).finish_non_exhaustive()
    }
}

impl Driver for Simulated {
    fn set_limit(&self, limit: Option<Kw>, at: DateTime<Utc>) -> Driving<'_, ()> {
        self.turn(limit, at);
        Box::pin(std::future::ready(Ok(())))
    }

    fn sample(&self, _at: DateTime<Utc>) -> Driving<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn mean_power(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Driving<'_, Option<Mean>> {
        Box::pin(std::future::ready(Ok(Some(self.mean(from, to)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Timelike as _;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_642_960_800, 0).unwrap() + TimeDelta::minutes(minute)
    }

    fn mean(load: &Simulated, from: i64, to: i64) -> i64 {
        load.mean(at(from), at(to)).power.0
    }

    #[test]
    fn a_limit_inside_an_interval_counts_from_its_instant() {
        let load = Simulated::constant(Kw(1000));
        load.turn(Some(Kw(200)), at(20) + TimeDelta::seconds(30));
        load.turn(None, at(40) + TimeDelta::seconds(30));
        // 40 min at 1000, 20 min at 200
        assert_eq!(mean(&load, 0, 60), 733);
        assert_eq!(mean(&load, 0, 15), 1000);
    }

    #[test]
    fn standby_is_drawn_under_every_limit_and_lies_cut_nothing() {
        let load = Simulated::constant(Kw(1000)).with_standby(Kw(50));
        load.turn(Some(Kw(0)), at(0));
        assert_eq!(mean(&load, 0, 15), 50);
        let liar = Simulated::constant(Kw(1000)).with_lies(true);
        liar.turn(Some(Kw(0)), at(0));
        assert_eq!(mean(&liar, 0, 15), 1000);
    }

    #[test]
    fn load_returns_along_its_ramp() {
        let load = Simulated::constant(Kw(1000)).with_ramp_up(Some(Kw(1200)));
        load.turn(Some(Kw(400)), at(0));
        load.turn(None, at(60));
        assert_eq!(mean(&load, 0, 60), 400);
        // 30 min from 400 to 1000, then 1000
        assert_eq!(mean(&load, 60, 90), 700);
        assert_eq!(mean(&load, 60, 120), 850);
        load.turn(Some(Kw(100)), at(75));
        assert_eq!(load.power_kw(at(75)), 100.0);
        assert_eq!(mean(&load, 60, 75), 550);
    }

    #[test]
    fn the_profile_changes_with_the_minute() {
        let load = Simulated::new(Arc::new(|at: DateTime<Utc>| Kw(i64::from(at.minute()) * 10)));
        assert_eq!(mean(&load, 0, 60), 295);
    }
}
