//! The grid of time: half-open intervals of equal length, counted in UTC.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

/// The intervals of a horizon, all `[start, start + step)`. A civil day has as many as it has hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeGrid {
    /// First instant of the horizon.
    pub start: DateTime<Utc>,
    /// Length of an interval in minutes: 60, 30 or 15.
    pub step_minutes: u32,
    /// Number of intervals.
    pub len: usize,
    /// The civil clock in which the horizon was written.
    pub time_zone: Tz,
}

impl TimeGrid {
    /// Start of interval `t`; for `t == len` the end of the horizon.
    #[must_use]
    pub fn instant(&self, t: usize) -> DateTime<Utc> {
        let steps = i64::try_from(t).unwrap_or(i64::MAX);
        self.start + TimeDelta::minutes(steps.saturating_mul(i64::from(self.step_minutes)))
    }

    /// End of the horizon, exclusive.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.instant(self.len)
    }

    /// The interval that starts at this instant, if one does.
    #[must_use]
    pub fn index_of(&self, instant: DateTime<Utc>) -> Option<usize> {
        let seconds = (instant - self.start).num_seconds();
        let step = i64::from(self.step_minutes) * 60;
        let exact = self.start + TimeDelta::seconds(seconds) == instant;
        if !exact || seconds < 0 || seconds % step != 0 {
            return None;
        }
        usize::try_from(seconds / step).ok().filter(|&t| t < self.len)
    }

    /// Length of an interval in hours.
    #[must_use]
    pub fn hours(&self) -> f64 {
        f64::from(self.step_minutes) / 60.0
    }

    /// The civil date, on the clock of a time zone, of the start of interval `t`.
    #[must_use]
    pub fn civil_date(&self, t: usize, time_zone: Tz) -> NaiveDate {
        self.instant(t).with_timezone(&time_zone).date_naive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn day(start: &str, len: usize) -> TimeGrid {
        TimeGrid { start: start.parse().unwrap(), step_minutes: 60, len, time_zone: chrono_tz::Asia::Almaty }
    }

    #[test]
    fn the_long_day_of_almaty_has_25_intervals_of_one_date() {
        let grid = day("2024-02-28T18:00:00Z", 25);
        let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert!((0..25).all(|t| grid.civil_date(t, chrono_tz::Asia::Almaty) == date));
        assert_eq!(grid.civil_date(25, chrono_tz::Asia::Almaty), date.succ_opt().unwrap());
        let west = (0..25).filter(|&t| grid.civil_date(t, chrono_tz::Asia::Oral) == date).count();
        assert_eq!(west, 24);
    }

    #[test]
    fn only_starts_of_intervals_are_on_the_grid() {
        let grid = day("2024-02-28T18:00:00Z", 25);
        assert_eq!(grid.index_of(grid.instant(7)), Some(7));
        assert_eq!(grid.index_of(grid.end()), None);
        assert_eq!(grid.index_of(grid.start - TimeDelta::hours(1)), None);
        assert_eq!(grid.index_of(Utc.with_ymd_and_hms(2024, 2, 28, 18, 30, 0).unwrap()), None);
        assert_eq!(grid.index_of(grid.start + TimeDelta::milliseconds(1)), None);
    }
}
