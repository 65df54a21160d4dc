//! When an order holds: civil days and daily windows as instants. The wider window holds where a clock change makes a
//! time of day ambiguous; a time that the clock leaps over is the instant of the leap.

use super::{Period, StandingOrder};
use crate::grid::TimeGrid;
use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// A half-open span of instants, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
}

impl Window {
    /// Whether an instant is inside.
    #[must_use]
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.from <= instant && instant < self.to
    }

    fn clipped(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from: self.from.max(from), to: self.to.min(to) }
    }
}

impl StandingOrder {
    /// The parts of `[from, to)` in which the order holds: its daily windows, sorted, merged where they touch or overlap.
    ///
    /// A window past midnight belongs to the day it starts on, so that of the last day reaches into the next one.
    #[must_use]
    pub fn windows(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Window> {
        let (first, last) = days_around(from, to);
        let runs = self.period.runs(first, last).into_iter();
        let near = runs.map(|(start, end)| (start.max(first), end.min(last)));
        merged(near.flat_map(|run| self.period.daily(run)).map(|window| window.clipped(from, to)))
    }

    /// The parts of `[from, to)` inside the period: whole civil days, without the daily window.
    #[must_use]
    pub fn period_spans(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Window> {
        let (first, last) = days_around(from, to);
        let runs = self.period.runs(first, last).into_iter();
        merged(runs.map(|run| self.period.span(run).clipped(from, to)))
    }

    /// For every interval of a grid whether the order holds in it, which a part of the interval is enough for.
    #[must_use]
    pub fn holds(&self, grid: &TimeGrid) -> Vec<bool> {
        let windows = self.windows(grid.start, grid.end());
        let mut ahead = windows.iter().peekable();
        let mut overlaps = |t: usize| {
            while ahead.next_if(|window| window.to <= grid.instant(t)).is_some() {}
            ahead.peek().is_some_and(|window| window.from < grid.instant(t + 1))
        };
        (0..grid.len).map(&mut overlaps).collect()
    }

    /// For every interval of a grid whether it starts on a civil day of the period, whatever the daily window.
    #[must_use]
    pub fn in_period(&self, grid: &TimeGrid) -> Vec<bool> {
        let (first, last) = days_around(grid.start, grid.end());
        let runs = self.period.runs(first, last);
        let inside = |day: NaiveDate| runs.iter().any(|&(first, last)| first <= day && day <= last);
        (0..grid.len).map(|t| inside(grid.civil_date(t, self.period.time_zone))).collect()
    }
}

/// First and last civil day of one run of a period, both inclusive.
pub(super) type Run = (NaiveDate, NaiveDate);

impl Period {
    /// The runs that touch the days `from..=to`, in order.
    pub(super) fn runs(&self, from: NaiveDate, to: NaiveDate) -> Vec<Run> {
        let all = if self.every_year {
            (from.year() - 1..=to.year()).filter_map(|year| self.run_from(year)).collect()
        } else {
            vec![(self.first_day, self.last_day)]
        };
        all.into_iter().filter(|&(first, last)| first <= last && first <= to && from <= last).collect()
    }

    /// The run of a period of every year that begins in `year`. In a year without a 29 February that day stands
    /// for 1 March as the first day and for 28 February as the last. Nothing beyond the year 9999.
    pub(super) fn run_from(&self, year: i32) -> Option<Run> {
        let (first, last) = (self.first_day, self.last_day);
        let year = Some(year).filter(|year| (0..=9999).contains(year))?;
        let crosses = (last.month(), last.day()) < (first.month(), first.day());
        let first = first.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))?;
        let year = if crosses { year + 1 } else { year };
        let last = last.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))?;
        (first <= last).then_some((first, last))
    }

    /// The window of every day of a run.
    pub(super) fn daily(&self, (first, last): Run) -> impl Iterator<Item = Window> {
        let open = minute_of_day(&self.daily_from).unwrap_or(0);
        let close = minute_of_day(&self.daily_to).unwrap_or(MINUTES_OF_DAY);
        let close = if close <= open { close + MINUTES_OF_DAY } else { close };
        first
            .iter_days()
            .take_while(move |&day| day <= last)
            .map(move |day| self.between(day, open, day, close))
    }

    /// The instants of whole civil days.
    pub(super) fn span(&self, (first, last): Run) -> Window {
        self.between(first, 0, last, MINUTES_OF_DAY)
    }

    fn between(&self, first: NaiveDate, open: i64, last: NaiveDate, close: i64) -> Window {
        let civil =
            |day: NaiveDate, minute| day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute);
        let from = instants(civil(first, open), self.time_zone).0;
        Window { from, to: instants(civil(last, close), self.time_zone).1 }
    }
}

/// Minutes of a civil day without a clock change.
pub(super) const MINUTES_OF_DAY: i64 = 24 * 60;

/// The minute of the day that `HH:MM` names, up to `24:00`; nothing for any other spelling.
pub(super) fn minute_of_day(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= MINUTES_OF_DAY).then_some(minutes)
}

/// The days whose windows may reach into `[from, to)` on any clock of the world, within the years 1 to 9999.
fn days_around(from: DateTime<Utc>, to: DateTime<Utc>) -> Run {
    let earliest = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN);
    let latest = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    let first = from.date_naive().checked_sub_days(Days::new(3)).unwrap_or(earliest);
    let last = to.date_naive().checked_add_days(Days::new(2)).unwrap_or(latest);
    (first.clamp(earliest, latest), last.clamp(earliest, latest))
}

/// The earliest and the latest instant at which a clock shows a civil time.
fn instants(civil: NaiveDateTime, time_zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    match time_zone.from_local_datetime(&civil) {
        MappedLocalTime::Single(instant) => (instant.to_utc(), instant.to_utc()),
        MappedLocalTime::Ambiguous(one, other) => {
            let (one, other) = (one.to_utc(), other.to_utc());
            (one.min(other), one.max(other))
        }
        MappedLocalTime::None => {
            let leap = leap_over(civil, time_zone);
            (leap, leap)
        }
    }
}

/// The instant at which a clock leaps over a civil time that it never shows.
fn leap_over(civil: NaiveDateTime, time_zone: Tz) -> DateTime<Utc> {
    // No clock is or was a whole day away from UTC, so two days bracket the leap.
    let mut before = civil.and_utc() - TimeDelta::days(2);
    let mut after = civil.and_utc() + TimeDelta::days(2);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        let passed = middle.with_timezone(&time_zone).naive_local() > civil;
        (before, after) = if passed { (before, middle) } else { (middle, after) };
    }
    after
}

/// Sorted, without empty ones, merged where they touch or overlap.
pub(super) fn merged(windows: impl Iterator<Item = Window>) -> Vec<Window> {
    let mut sorted: Vec<_> = windows.filter(|window| window.from < window.to).collect();
    sorted.sort_unstable();
    let mut result: Vec<Window> = Vec::with_capacity(sorted.len());
    for window in sorted {
        match result.last_mut() {
            Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
            _ => result.push(window),
        }
    }
    result
}

#[cfg(test)]
mod tests;
