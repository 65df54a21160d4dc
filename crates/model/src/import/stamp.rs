//! Time stamps: reading them, and finding the instant that a civil clock meant.

use std::collections::BTreeMap;

use chrono::format::{Item, Numeric, StrftimeItems};
use chrono::{
    DateTime, Datelike as _, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone as _, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de};

/// One way of writing a time stamp: `rfc3339`, or a pattern in the manner of strftime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StampFormat {
    Rfc3339,
    /// The pattern holds an offset.
    Offset(String),
    Clock(String),
    /// Hours without minutes, to which chrono gives no meaning of its own.
    Hour(String),
    Date(String),
}

/// What a cell says: an instant, or the reading of some civil clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    Instant(DateTime<Utc>),
    Naive(NaiveDateTime),
}

impl StampFormat {
    fn from_pattern(pattern: String) -> Option<Self> {
        if pattern == "rfc3339" {
            return Some(Self::Rfc3339);
        }
        let items: Vec<Item<'_>> = StrftimeItems::new(&pattern).collect();
        let holds =
            |numeric: Numeric| items.iter().any(|item| matches!(item, Item::Numeric(n, _) if *n == numeric));
        if items.contains(&Item::Error) {
            return None;
        }
        let plain = pattern.replace("%%", "");
        let offset =
            ["%z", "%:z", "%::z", "%:::z", "%#z", "%+", "%s"].iter().any(|mark| plain.contains(mark));
        let hour = holds(Numeric::Hour) || holds(Numeric::Hour12);
        Some(match (offset, hour, holds(Numeric::Minute)) {
            (true, ..) => Self::Offset(pattern),
            (false, true, false) => Self::Hour(pattern),
            (false, false, false) => Self::Date(pattern),
            (false, _, true) => Self::Clock(pattern),
        })
    }

    fn parse(&self, text: &str) -> Option<Stamp> {
        let found = match self {
            Self::Rfc3339 => Stamp::Instant(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
            Self::Offset(pattern) => Stamp::Instant(DateTime::parse_from_str(text, pattern).ok()?.to_utc()),
            Self::Clock(pattern) => Stamp::Naive(NaiveDateTime::parse_from_str(text, pattern).ok()?),
            Self::Hour(pattern) => {
                let (text, pattern) = (format!("{text} :00"), format!("{pattern} :%M"));
                Stamp::Naive(NaiveDateTime::parse_from_str(&text, &pattern).ok()?)
            }
            Self::Date(pattern) => {
                Stamp::Naive(NaiveDate::parse_from_str(text, pattern).ok()?.and_time(NaiveTime::MIN))
            }
        };
        let year = match found {
            Stamp::Instant(at) => at.year(),
            Stamp::Naive(at) => at.year(),
        };
        YEARS.contains(&year).then_some(found)
    }
}

impl<'de> Deserialize<'de> for StampFormat {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let pattern = String::deserialize(from)?;
        let refused = format!(
            "time stamp format `{pattern}` is not understood, expected \"rfc3339\" or a pattern such as \"%d.%m.%Y %H:%M\""
        );
        Self::from_pattern(pattern).ok_or_else(|| de::Error::custom(refused))
    }
}

/// Years that a time stamp of a power system can lie in; others are slips of the pen.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

pub(super) fn in_range(at: &DateTime<Utc>) -> bool {
    YEARS.contains(&at.year())
}

/// The first format that fits decides.
pub(super) fn parse_stamp(text: &str, formats: &[StampFormat]) -> Option<Stamp> {
    let text = text.trim();
    formats.iter().find_map(|format| format.parse(text))
}

/// The instant of interval `period` (1, 2, 3 ...) of a civil day, or the number of intervals that day has.
pub(super) fn period_start(
    day: NaiveDate,
    period: u32,
    step: TimeDelta,
    zone: Tz,
) -> Result<DateTime<Utc>, i32> {
    let bounds = day
        .checked_add_days(Days::new(1))
        .and_then(|next| Some((day_start(day, zone)?, day_start(next, zone)?)));
    let (start, end) = bounds.ok_or(0)?;
    let periods = (end - start).num_minutes() / step.num_minutes().max(1);
    let periods = i32::try_from(periods).unwrap_or(0);
    match i32::try_from(period) {
        Ok(place) if (1..=periods).contains(&place) => Ok(start + step * (place - 1)),
        _ => Err(periods),
    }
}

/// Where the clock jumps over midnight the day begins with the first time that exists.
fn day_start(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN);
    let candidates = (0..=6).map(|half_hours| midnight + TimeDelta::minutes(30 * half_hours));
    candidates.filter_map(|naive| zone.from_local_datetime(&naive).earliest()).map(|at| at.to_utc()).next()
}

/// What became of a time stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved {
    At(DateTime<Utc>),
    Never(String),
    /// There was no time stamp to resolve.
    Blank,
}

/// Turns stamps, in the order of the table, into instants. A clock reading that occurs twice (the clock was set back)
/// is told apart by that order: the table must have it exactly twice and run forward through the change.
pub(super) fn resolve(stamps: &[Option<Stamp>], zone: Tz) -> Vec<Resolved> {
    let mut folds: BTreeMap<NaiveDate, BTreeMap<NaiveDateTime, Fold>> = BTreeMap::new();
    let mut resolved = Vec::with_capacity(stamps.len());
    for (place, stamp) in stamps.iter().enumerate() {
        resolved.push(match stamp {
            None => Resolved::Blank,
            Some(Stamp::Instant(at)) => Resolved::At(*at),
            Some(Stamp::Naive(naive)) => match zone.from_local_datetime(naive) {
                MappedLocalTime::Single(at) => Resolved::At(at.to_utc()),
                MappedLocalTime::None => Resolved::Never(format!(
                    "this time does not exist in {zone}: the clock was set forward over it"
                )),
                MappedLocalTime::Ambiguous(a, b) => {
                    let instants = [a.to_utc().min(b.to_utc()), a.to_utc().max(b.to_utc())];
                    let fold = folds
                        .entry(naive.date())
                        .or_default()
                        .entry(*naive)
                        .or_insert(Fold { instants, places: Vec::new() });
                    fold.places.push(place);
                    Resolved::Blank
                }
            },
        });
    }
    for fold in folds.into_values() {
        resolve_folds(&mut resolved, fold.into_values().collect(), zone);
    }
    resolved
}

/// A clock reading that occurs twice, with the places in the table that have it.
struct Fold {
    instants: [DateTime<Utc>; 2],
    places: Vec<usize>,
}

/// All the twofold readings of one civil day.
fn resolve_folds(resolved: &mut [Resolved], folds: Vec<Fold>, zone: Tz) {
    let mut told = Vec::new();
    for fold in folds {
        if let [first, second] = fold.places[..] {
            resolved[first] = Resolved::At(fold.instants[0]);
            resolved[second] = Resolved::At(fold.instants[1]);
            told.extend([first, second]);
            continue;
        }
        for place in &fold.places {
            let times = fold.places.len();
            resolved[*place] = Resolved::Never(format!(
                "ambiguous: the clock in {zone} shows this time twice, the table has it {times} time(s); give time stamps with offset"
            ));
        }
    }
    if !told.is_empty() && !runs_forward(resolved, &told) {
        for place in told {
            resolved[place] = Resolved::Never(format!(
                "ambiguous: the clock in {zone} shows this time twice and the rows around it do not run forward in \
                 time, so their order does not tell which is which; sort the table or give time stamps with offset"
            ));
        }
    }
}

/// Whether the instants ascend from the one before the first of `places` to the one after the last.
fn runs_forward(resolved: &[Resolved], places: &[usize]) -> bool {
    let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else { return true };
    let at = |entry: &Resolved| if let Resolved::At(at) = entry { Some(*at) } else { None };
    let before = resolved[..*first].iter().rev().find_map(at);
    let after = resolved[last + 1..].iter().find_map(at);
    let within = resolved[*first..=*last].iter().filter_map(at);
    let sequence: Vec<DateTime<Utc>> = before.into_iter().chain(within).chain(after).collect();
    sequence.is_sorted_by(|a, b| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(text: &str) -> Option<Stamp> {
        parse_stamp(text, &[StampFormat::from_pattern("%Y-%m-%d %H:%M".to_owned()).unwrap()])
    }

    fn hours(resolved: &[Resolved]) -> Vec<String> {
        let show = |entry: &Resolved| match entry {
            Resolved::At(at) => at.format("%dT%H:%MZ").to_string(),
            Resolved::Never(reason) => reason.split(':').next().unwrap().to_owned(),
            Resolved::Blank => "blank".to_owned(),
        };
        resolved.iter().map(show).collect()
    }

    #[test]
    fn formats_of_every_kind() {
        let parse = |text: &str, pattern: &str| {
            parse_stamp(text, &[StampFormat::from_pattern(pattern.to_owned()).unwrap()])
        };
        let noon = Stamp::Naive("2024-02-29T12:00:00".parse().unwrap());
        let instant = Stamp::Instant("2024-02-29T07:00:00Z".parse().unwrap());
        assert_eq!(parse("29.02.2024 12:00", "%d.%m.%Y %H:%M"), Some(noon));
        assert_eq!(parse("29.02.2024 12", "%d.%m.%Y %H"), Some(noon));
        assert_eq!(parse("2024-02-29T12:00:00+0500", "%Y-%m-%dT%H:%M:%S%z"), Some(instant));
        assert_eq!(parse("2024-02-29T12:00:00+05:00", "rfc3339"), Some(instant));
        assert_eq!(parse("1709190000", "%s"), Some(instant));
        assert_eq!(
            parse("2024-02-29", "%Y-%m-%d"),
            Some(Stamp::Naive("2024-02-29T00:00:00".parse().unwrap()))
        );
        assert_eq!(parse("2023-02-29", "%Y-%m-%d"), None);
        assert_eq!(parse("12024-02-29", "%Y-%m-%d"), None);
        assert_eq!(parse("2024-02-29 12:00", "%Y-%m-%d"), None, "the hour must not be dropped");
    }

    #[test]
    fn the_clock_set_back_is_told_by_order() {
        let stamps =
            ["2024-02-29 22:00", "2024-02-29 23:00", "2024-02-29 23:00", "2024-03-01 00:00"].map(naive);
        assert_eq!(
            hours(&resolve(&stamps, Tz::Asia__Almaty)),
            ["29T16:00Z", "29T17:00Z", "29T18:00Z", "29T19:00Z"]
        );
    }

    #[test]
    fn what_order_does_not_tell_is_rejected() {
        let once = ["2024-02-29 22:00", "2024-02-29 23:00", "2024-03-01 00:00"].map(naive);
        assert_eq!(hours(&resolve(&once, Tz::Asia__Almaty)), ["29T16:00Z", "ambiguous", "29T19:00Z"]);
        let thrice = ["2024-02-29 23:00"; 3].map(naive);
        assert_eq!(hours(&resolve(&thrice, Tz::Asia__Almaty)), ["ambiguous"; 3]);
        let backward =
            ["2024-03-01 00:00", "2024-02-29 23:00", "2024-02-29 23:00", "2024-02-29 22:00"].map(naive);
        assert_eq!(
            hours(&resolve(&backward, Tz::Asia__Almaty)),
            ["29T19:00Z", "ambiguous", "ambiguous", "29T16:00Z"]
        );
    }

    #[test]
    fn half_hours_of_the_autumn_day_interleave_or_are_rejected() {
        let forward = ["01:00", "01:30", "01:00", "01:30"].map(|time| naive(&format!("2025-10-26 {time}")));
        assert_eq!(
            hours(&resolve(&forward, Tz::Europe__London)),
            ["26T00:00Z", "26T00:30Z", "26T01:00Z", "26T01:30Z"]
        );
        let grouped = ["01:00", "01:00", "01:30", "01:30"].map(|time| naive(&format!("2025-10-26 {time}")));
        assert_eq!(hours(&resolve(&grouped, Tz::Europe__London)), ["ambiguous"; 4]);
    }

    #[test]
    fn the_clock_set_forward_leaves_a_hole() {
        let stamps = ["2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 02:00"].map(naive);
        assert_eq!(
            hours(&resolve(&stamps, Tz::Europe__London)),
            ["29T00:30Z", "this time does not exist in Europe/London", "29T01:00Z"]
        );
    }

    #[test]
    fn a_day_has_as_many_periods_as_it_has_hours() {
        let last = |day: &str, zone: Tz, minutes: i64| {
            period_start(day.parse().unwrap(), 99, TimeDelta::minutes(minutes), zone)
        };
        assert_eq!(last("2024-02-29", Tz::Asia__Almaty, 60), Err(25));
        assert_eq!(last("2024-02-29", Tz::Asia__Aqtobe, 60), Err(24));
        assert_eq!(last("2025-10-26", Tz::Europe__London, 30), Err(50));
        assert_eq!(last("2026-03-29", Tz::Europe__London, 30), Err(46));
        let third =
            period_start("2025-10-26".parse().unwrap(), 3, TimeDelta::minutes(30), Tz::Europe__London);
        assert_eq!(third, Ok("2025-10-26T00:00:00Z".parse().unwrap()));
    }
}
