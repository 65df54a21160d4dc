//! Section 4: when a standing order holds, interval by interval, computed from its words alone.

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use kezek_model::grid::TimeGrid;
use kezek_model::schedule::{Period, StandingOrder};

const DAY_MINUTES: i64 = 24 * 60;

/// Whether the order's daily window overlaps each interval.
pub(super) fn holds(order: &StandingOrder, grid: &TimeGrid) -> Vec<bool> {
    let windows = windows(&order.period, grid);
    let overlaps =
        |t: usize| windows.iter().any(|&(from, to)| from < grid.instant(t + 1) && grid.instant(t) < to);
    (0..grid.len).map(overlaps).collect()
}

/// Whether each interval starts on a day of the order's period, whatever the daily window.
pub(super) fn in_period(order: &StandingOrder, grid: &TimeGrid) -> Vec<bool> {
    let period = &order.period;
    (0..grid.len).map(|t| is_period_day(period, grid.civil_date(t, period.time_zone))).collect()
}

/// The daily windows, in instants, that can touch the horizon.
fn windows(period: &Period, grid: &TimeGrid) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let opens = minutes_of(&period.daily_from).unwrap_or(0);
    let closes = minutes_of(&period.daily_to).unwrap_or(DAY_MINUTES);
    let closes = if closes <= opens { closes + DAY_MINUTES } else { closes };
    let first = grid.civil_date(0, period.time_zone) - Days::new(2);
    let last = grid.civil_date(grid.len, period.time_zone);
    first
        .iter_days()
        .take_while(|&day| day <= last)
        .filter(|&day| is_period_day(period, day))
        .map(|day| (instant(period, day, opens, Side::Start), instant(period, day, closes, Side::End)))
        .collect()
}

fn is_period_day(period: &Period, day: NaiveDate) -> bool {
    if !period.every_year {
        return period.first_day <= day && day <= period.last_day;
    }
    let of_year = |date: NaiveDate| (date.month(), date.day());
    let (first, last, day) = (of_year(period.first_day), of_year(period.last_day), of_year(day));
    if first <= last { first <= day && day <= last } else { first <= day || day <= last }
}

/// Minutes after midnight of `HH:MM`.
fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
}

#[derive(Clone, Copy)]
enum Side {
    Start,
    End,
}

/// The instant of a civil time; where the clock shows it twice, the one that makes the window wider.
fn instant(period: &Period, day: NaiveDate, minutes: i64, side: Side) -> DateTime<Utc> {
    let civil = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minutes);
    match (period.time_zone.from_local_datetime(&civil), side) {
        (MappedLocalTime::Single(at), _) => at.to_utc(),
        (MappedLocalTime::Ambiguous(a, b), Side::Start) => a.min(b).to_utc(),
        (MappedLocalTime::Ambiguous(a, b), Side::End) => a.max(b).to_utc(),
        (MappedLocalTime::None, _) => change_over(period, civil),
    }
}

/// The instant at which the clock leaps over a civil time that it never shows.
fn change_over(period: &Period, civil: NaiveDateTime) -> DateTime<Utc> {
    let shown = |at: i64| {
        DateTime::from_timestamp(at, 0)
            .is_none_or(|at| at.with_timezone(&period.time_zone).naive_local() >= civil)
    };
    let near = civil.and_utc().timestamp();
    let (mut before, mut after) = (near - 26 * 3600, near + 26 * 3600);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if shown(middle) { after = middle } else { before = middle }
    }
    DateTime::from_timestamp(after, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(first: &str, last: &str, zone: &str, from: &str, to: &str) -> Period {
        Period {
            first_day: first.parse().unwrap(),
            last_day: last.parse().unwrap(),
            time_zone: zone.parse().unwrap(),
            daily_from: from.into(),
            daily_to: to.into(),
            every_year: false,
        }
    }

    fn grid(start: &str, len: usize) -> TimeGrid {
        let time_zone = "Asia/Almaty".parse().unwrap();
        TimeGrid { start: start.parse().unwrap(), step_minutes: 60, len, time_zone }
    }

    fn one_window(period: &Period, start: &str) -> (String, String) {
        let windows = windows(period, &grid(start, 1));
        let (from, to) =
            windows.iter().find(|(from, _)| *from >= start.parse::<DateTime<Utc>>().unwrap()).unwrap();
        (from.format("%dT%H:%M").to_string(), to.format("%dT%H:%M").to_string())
    }

    #[test]
    fn the_week_of_january_2022_in_utc() {
        let week = period("2022-01-24", "2022-01-31", "Asia/Almaty", "00:00", "24:00");
        let windows = windows(&week, &grid("2022-01-23T12:00:00Z", 240));
        assert_eq!(windows.first().unwrap().0.to_rfc3339(), "2022-01-23T18:00:00+00:00");
        assert_eq!(windows.last().unwrap().1.to_rfc3339(), "2022-01-31T18:00:00+00:00");
    }

    #[test]
    fn a_window_past_midnight_belongs_to_the_day_it_starts_on() {
        let night = period("2022-01-24", "2022-01-24", "Asia/Almaty", "22:00", "06:00");
        let windows = windows(&night, &grid("2022-01-24T18:00:00Z", 24));
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].1.to_rfc3339(), "2022-01-25T00:00:00+00:00");
    }

    #[test]
    fn the_wider_window_holds_where_the_clock_shows_a_time_twice() {
        // Berlin, 30 October 2022: 02:00 to 03:00 comes twice.
        let night = period("2022-10-30", "2022-10-30", "Europe/Berlin", "02:30", "02:45");
        assert_eq!(one_window(&night, "2022-10-30T00:00:00Z"), ("30T00:30".into(), "30T01:45".into()));
    }

    #[test]
    fn a_time_that_is_leapt_over_is_the_instant_of_the_change() {
        // Berlin, 27 March 2022: 02:00 to 03:00 does not come.
        let night = period("2022-03-27", "2022-03-27", "Europe/Berlin", "02:30", "04:00");
        assert_eq!(one_window(&night, "2022-03-27T00:00:00Z"), ("27T01:00".into(), "27T02:00".into()));
    }

    #[test]
    fn a_season_crosses_the_year() {
        let mut season = period("2021-11-15", "2022-03-15", "Asia/Almaty", "00:00", "24:00");
        season.every_year = true;
        let day = |text: &str| is_period_day(&season, text.parse().unwrap());
        assert!(day("2024-11-15") && day("2025-01-01") && day("2025-03-15"));
        assert!(!day("2024-11-14") && !day("2025-03-16"));
    }
}
