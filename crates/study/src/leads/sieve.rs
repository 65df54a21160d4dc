//! From a zone's total and the readings of its facilities to days of what is not declared.

use super::Day;
use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Quality, Reading};
use std::collections::{BTreeMap, BTreeSet};

/// Hours of a quarter of the day that must be known.
const LEAST_HOURS: u32 = 5;

/// What a zone drew in one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// The start of the hour.
    pub at: DateTime<Utc>,
    /// Mean power of the whole zone, MW.
    pub total_mw: f64,
    /// Temperature in degrees Celsius, where it is known.
    pub temperature_c: Option<f64>,
    /// The ordinary load of the zone as somebody expected it, MW, registered facilities left out.
    pub expected_mw: Option<f64>,
}

/// Days, and what is missing from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// The days of which enough is known, in order.
    pub days: Vec<Day>,
    /// Hours left out as the meter of a facility says nothing about them.
    pub hours_left_out: usize,
    /// Facilities of the zone without any reading: what they draw counts as undeclared.
    pub unmetered: Vec<FacilityId>,
}

/// Takes the metered load of a zone's facilities off its total and adds hours up to days of a civil clock.
#[must_use]
pub fn prepare(totals: &[Total], readings: &[Reading], facilities: &[FacilityId], time_zone: Tz) -> Prepared {
    let metered = metered(readings, facilities);
    let known: BTreeSet<&FacilityId> = metered.keys().map(|(facility, _)| *facility).collect();
    let unmetered = facilities.iter().filter(|facility| !known.contains(facility)).cloned().collect();
    let mut prepared = Prepared { unmetered, ..Prepared::default() };
    let mut days: BTreeMap<NaiveDate, [Sum; 4]> = BTreeMap::new();
    for total in totals {
        let loads: Option<Vec<f64>> =
            known.iter().map(|facility| metered.get(&(*facility, total.at)).copied()).collect();
        let Some(loads) = loads else {
            prepared.hours_left_out += 1;
            continue;
        };
        let civil = total.at.with_timezone(&time_zone);
        let sum = &mut days.entry(civil.date_naive()).or_default()[civil.hour() as usize / 6];
        sum.add(total, loads.iter().sum());
    }
    let told = days.into_iter().filter(|(_, sums)| sums.iter().all(|sum| sum.hours >= LEAST_HOURS));
    prepared.days = told.map(|(date, sums)| day(date, &sums)).collect();
    prepared
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    hours: u32,
    left_mw: f64,
    celsius: f64,
    celsius_hours: u32,
    expected_mw: f64,
    expected_hours: u32,
}

impl Sum {
    fn add(&mut self, total: &Total, registered_mw: f64) {
        self.hours += 1;
        self.left_mw += total.total_mw - registered_mw;
        self.celsius += total.temperature_c.unwrap_or_default();
        self.celsius_hours += u32::from(total.temperature_c.is_some());
        self.expected_mw += total.expected_mw.unwrap_or_default();
        self.expected_hours += u32::from(total.expected_mw.is_some());
    }
}

fn day(date: NaiveDate, sums: &[Sum; 4]) -> Day {
    let hours: u32 = sums.iter().map(|sum| sum.celsius_hours).sum();
    let celsius: f64 = sums.iter().map(|sum| sum.celsius).sum();
    let expects = sums.iter().all(|sum| sum.expected_hours > 0);
    Day {
        date,
        quarters: sums.map(|sum| sum.left_mw / f64::from(sum.hours)),
        temperature: (hours > 0).then(|| celsius / f64::from(hours)),
        expected: expects.then(|| sums.map(|sum| sum.expected_mw / f64::from(sum.expected_hours))),
    }
}

/// Metered MW of each facility in each hour that a trusted source tells wholly; of two sources the higher.
fn metered<'a>(
    readings: &'a [Reading],
    facilities: &[FacilityId],
) -> BTreeMap<(&'a FacilityId, DateTime<Utc>), f64> {
    let mut parts: BTreeMap<(&FacilityId, DateTime<Utc>, &str), (f64, i64)> = BTreeMap::new();
    let is_ours =
        |reading: &&Reading| reading.quality == Quality::Ok && facilities.contains(&reading.facility);
    for reading in readings.iter().filter(is_ours) {
        let mut at = hour(reading.interval_start);
        while at < reading.interval_end {
            let next = at + TimeDelta::hours(1);
            let shared = reading.interval_end.min(next) - reading.interval_start.max(at);
            let part = parts.entry((&reading.facility, at, &reading.source)).or_default();
            part.0 += reading.mean.mw() * shared.num_milliseconds() as f64;
            part.1 += shared.num_milliseconds();
            at = next;
        }
    }
    let whole = TimeDelta::hours(1).num_milliseconds();
    let mut metered = BTreeMap::new();
    for ((facility, at, _), (sum, told_ms)) in parts {
        if told_ms >= whole {
            let mw: &mut f64 = metered.entry((facility, at)).or_insert(f64::NEG_INFINITY);
            *mw = mw.max(sum / told_ms as f64);
        }
    }
    metered
}

fn hour(at: DateTime<Utc>) -> DateTime<Utc> {
    let past = at.timestamp().rem_euclid(3600);
    at - TimeDelta::seconds(past) - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::units::Kw;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn reading(facility: &str, from: i64, to: i64, kw: i64, source: &str) -> Reading {
        Reading {
            facility: facility.into(),
            interval_start: at(from),
            interval_end: at(to),
            mean: Kw(kw),
            quality: Quality::Ok,
            source: source.into(),
        }
    }

    #[test]
    fn registered_load_is_taken_off_and_hours_without_a_meter_are_left_out() {
        let total = |hour| Total { at: at(hour), total_mw: 100.0, temperature_c: None, expected_mw: None };
        let totals: Vec<Total> = (0..48).map(total).collect();
        let mut readings =
            vec![reading("F1", 0, 47, 20_000, "agent"), reading("F1", 0, 6, 40_000, "company")];
        readings.push(reading("X9", 0, 48, 50_000, "agent"));
        let facilities = ["F1".into(), "F2".into()];
        let prepared = prepare(&totals, &readings, &facilities, Tz::UTC);
        assert_eq!((prepared.hours_left_out, prepared.days.len()), (1, 2));
        assert_eq!(prepared.days[0].quarters, [60.0, 80.0, 80.0, 80.0]);
        assert_eq!(prepared.unmetered, ["F2".into()]);
        let short = prepare(&totals[..40], &readings, &facilities, Tz::UTC);
        assert_eq!(short.days.len(), 1, "a day with a quarter untold is none");
    }
}
