//! Instants on the clock of the people who read them, always with the offset from UTC.

use chrono::{DateTime, Datelike as _, Days, FixedOffset, NaiveTime, Offset as _, SecondsFormat, Utc};
use chrono_tz::Tz;

/// A civil clock over some span of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    zone: Tz,
    /// The offset where it is the same all over the span; it then stands in the heading and not in every window.
    offset: Option<FixedOffset>,
}

impl Clock {
    /// The clock of a time zone, to show instants of `[from, to]`.
    pub(crate) fn new(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let [first, last] = [from, to].map(|at| at.with_timezone(&zone).offset().fix());
        Self { zone, offset: (first == last).then_some(first) }
    }

    /// The clock of a time zone, to show these instants.
    pub(crate) fn covering(zone: Tz, times: impl Iterator<Item = DateTime<Utc>> + Clone) -> Self {
        let now = DateTime::UNIX_EPOCH;
        Self::new(zone, times.clone().min().unwrap_or(now), times.max().unwrap_or(now))
    }

    /// UTC.
    pub(crate) fn utc() -> Self {
        Self { zone: Tz::UTC, offset: Utc.fix().into() }
    }

    /// What the clock is, for a heading: `UTC+05:00`, or `civil time` where every window says its own offset.
    pub(crate) fn heading(&self) -> String {
        match self.offset {
            Some(offset) if offset.local_minus_utc() == 0 => "UTC".into(),
            Some(offset) => format!("UTC{offset}"),
            None => "civil time".into(),
        }
    }

    /// One instant.
    pub(crate) fn moment(&self, at: DateTime<Utc>) -> String {
        let at = at.with_timezone(&self.zone);
        let offset = if self.offset.is_some() { String::new() } else { format!(" {}", at.offset().fix()) };
        format!("{}{offset}", at.format("%Y-%m-%d %H:%M"))
    }

    /// `[from, to)`: date once where one is enough, midnight at the end of a day as 24:00.
    pub(crate) fn window(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
        let (from, to) = (from.with_timezone(&self.zone), to.with_timezone(&self.zone));
        let (start, end) = (from.naive_local(), to.naive_local());
        let (from_offset, to_offset) = (from.offset().fix(), to.offset().fix());
        let to_midnight = end.time() == NaiveTime::MIN && start.date() + Days::new(1) == end.date();
        let end = if to_midnight {
            "24:00".to_owned()
        } else if start.date() == end.date() {
            end.format("%H:%M").to_string()
        } else if start.year() == end.year() {
            end.format("%m-%d %H:%M").to_string()
        } else {
            end.format("%Y-%m-%d %H:%M").to_string()
        };
        let start = start.format("%Y-%m-%d %H:%M");
        if from_offset != to_offset {
            return format!("{start} {from_offset} - {end} {to_offset}");
        }
        let dash = if end.len() > "24:00".len() { " - " } else { "-" };
        let offset = if self.offset.is_some() { String::new() } else { format!(" {to_offset}") };
        format!("{start}{dash}{end}{offset}")
    }
}

/// `[from, to)` in UTC.
pub(crate) fn utc_window(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!("{} .. {}", utc(from), utc(to))
}

/// An instant in UTC, without the seconds.
pub(crate) fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true).replace(":00Z", "Z")
}

/// An instant from the command line: RFC 3339, the seconds may be left out, the offset may not.
///
/// # Errors
/// What is missing, in words.
pub(crate) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    kezek_model::readings::instant(text).ok_or_else(|| {
        "an instant needs date, time and offset, for instance 2022-01-24T00:00+06:00 or 2022-01-23T18:00Z"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        instant(text).unwrap()
    }

    #[test]
    fn a_window_says_no_more_than_is_needed() {
        let almaty = chrono_tz::Asia::Almaty;
        let clock = Clock::new(almaty, at("2022-01-23T18:00Z"), at("2022-01-31T18:00Z"));
        assert_eq!(clock.heading(), "UTC+06:00");
        let window = |from, to| clock.window(at(from), at(to));
        assert_eq!(window("2022-01-24T06:00Z", "2022-01-24T10:00Z"), "2022-01-24 12:00-16:00");
        assert_eq!(window("2022-01-24T06:00Z", "2022-01-24T18:00Z"), "2022-01-24 12:00-24:00");
        assert_eq!(window("2022-01-23T18:00Z", "2022-01-31T18:00Z"), "2022-01-24 00:00 - 02-01 00:00");
    }

    #[test]
    fn an_hour_that_comes_twice_is_told_apart() {
        let (from, to) = (at("2024-02-28T18:00Z"), at("2024-02-29T19:00Z"));
        let clock = Clock::new(chrono_tz::Asia::Almaty, from, to);
        assert_eq!(clock.heading(), "civil time");
        let first = clock.window(at("2024-02-29T17:00Z"), at("2024-02-29T18:00Z"));
        assert_eq!(first, "2024-02-29 23:00 +06:00 - 23:00 +05:00");
        let second = clock.window(at("2024-02-29T18:00Z"), at("2024-02-29T19:00Z"));
        assert_eq!(second, "2024-02-29 23:00-24:00 +05:00");
    }

    #[test]
    fn an_instant_without_offset_is_refused() {
        assert_eq!(at("2022-01-24T00:00+06:00"), at("2022-01-23T18:00:00Z"));
        assert!(instant("2022-01-24T00:00").unwrap_err().contains("offset"));
        assert!(instant("tomorrow").is_err());
    }
}
