//! The horizon: civil times turned into instants, the grid laid between them.

use super::document::{Keys, Section};
use super::value::{self, Expected};
use crate::grid::TimeGrid;
use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

pub(super) const KEYS: Keys =
    Keys { required: &["start", "end", "time_zone", "step_minutes"], optional: &[] };

/// Longest horizon in days.
const MOST_DAYS: i64 = 400;

/// Reads `[horizon]`; `None` where a fault was told.
pub(super) fn read(section: &Section<'_>) -> Option<TimeGrid> {
    let time_zone = section.text("time_zone", value::time_zone);
    let civil = |key| section.text(key, civil_time);
    let (start, end) = (civil("start"), civil("end"));
    let step_minutes = step(section);
    let time_zone = time_zone?;
    let place = |key, civil: Option<NaiveDateTime>| instant_of(section, key, civil?, time_zone);
    let (start, end) = (place("start", start), place("end", end));
    let (start, end, step_minutes) = (start?, end?, step_minutes?);
    let len = intervals(section, start, end, step_minutes)?;
    Some(TimeGrid { start, step_minutes, len, time_zone })
}

fn step(section: &Section<'_>) -> Option<u32> {
    let minutes = section.whole("step_minutes", value::COUNT)?;
    match minutes {
        60 | 30 | 15 => u32::try_from(minutes).ok(),
        _ => {
            section.tell("step_minutes", minutes.to_string(), "60, 30 or 15");
            None
        }
    }
}

fn civil_time(text: &str) -> Result<NaiveDateTime, Expected> {
    let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok();
    let same = |time: &NaiveDateTime| text.len() == 16 && time.format("%Y-%m-%dT%H:%M").to_string() == text;
    parsed.filter(same).ok_or_else(|| {
        "a civil time on the clock of horizon.time_zone, as \"2022-01-24T00:00\", without offset".to_owned()
    })
}

fn instant_of(section: &Section<'_>, key: &str, civil: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let found = value::quoted(&civil.format("%Y-%m-%dT%H:%M").to_string());
    match zone.from_local_datetime(&civil) {
        LocalResult::Single(instant) => Some(instant.to_utc()),
        LocalResult::Ambiguous(first, second) => {
            let (first, second) = (first.to_utc(), second.to_utc());
            let found = format!("{found}, which the clocks of {zone} show twice, at {first} and at {second}");
            section.tell(
                key,
                found,
                "a time that comes once: move it to before or after the change of the clocks",
            );
            None
        }
        LocalResult::None => {
            let found = format!("{found}, which the clocks of {zone} leave out");
            section.tell(
                key,
                found,
                "a time that exists: move it to before or after the change of the clocks",
            );
            None
        }
    }
}

fn intervals(
    section: &Section<'_>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    step_minutes: u32,
) -> Option<usize> {
    let length = end - start;
    let minutes = length.num_minutes();
    if minutes <= 0 {
        section.tell("end", end.to_rfc3339(), format!("an end after the start, {}", start.to_rfc3339()));
    } else if length > TimeDelta::days(MOST_DAYS) {
        section.tell(
            "end",
            format!("a horizon of {} days", length.num_days()),
            format!("at most {MOST_DAYS} days"),
        );
    } else if minutes % i64::from(step_minutes) != 0 {
        let expected = format!("a whole number of steps of {step_minutes} minutes");
        section.tell("end", format!("a horizon of {minutes} minutes"), expected);
    } else {
        return usize::try_from(minutes / i64::from(step_minutes)).ok();
    }
    None
}
