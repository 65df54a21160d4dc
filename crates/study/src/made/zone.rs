//! A made zone: what all its consumers draw in every hour of some hundred days, with registered miners, and perhaps a load
//! that nobody has declared.

use crate::draw::Draw;
use crate::leads::{Day, Prepared, Total, prepare};
use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Quality, Reading};
use kezek_model::units::Kw;

/// The civil clock of the zone.
pub const CLOCK: Tz = chrono_tz::Asia::Almaty;
const REGISTERED: [&str; 3] = ["F1", "F2", "F3"];
const REGISTERED_MW: f64 = 20.0;
/// Per degree below 15, as a share of the mean load.
const HEATING: f64 = 0.006;

/// A zone to be made; all of it follows from these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MadeZone {
    /// Of all that is drawn.
    pub seed: u64,
    /// How many days.
    pub days: usize,
    /// Mean of the ordinary load.
    pub mean_mw: f64,
    /// A load that is the same at all hours and that nobody has declared; 0 for none.
    pub thief_mw: f64,
    /// The day, from 0, at whose midnight it begins.
    pub thief_from: usize,
}

/// Noise that remembers: each value keeps a share of the one before.
struct Memory {
    share: f64,
    value: f64,
}

impl Memory {
    /// The next value, of a standard deviation of 1 in the long run.
    fn next(&mut self, draw: &mut Draw) -> f64 {
        // Twelve equal chances less six: normal enough.
        let normal: f64 = (0..12).map(|_| draw.between(0.0, 1.0)).sum::<f64>() - 6.0;
        self.value = self.share * self.value + (1.0 - self.share * self.share).sqrt() * normal;
        self.value
    }
}

impl MadeZone {
    /// The zone's days, its registered miners taken off.
    #[must_use]
    pub fn days(&self) -> Vec<Day> {
        self.prepared().days
    }

    /// The same, with what is missing.
    #[must_use]
    pub fn prepared(&self) -> Prepared {
        let (totals, readings) = self.hours();
        prepare(&totals, &readings, &REGISTERED.map(FacilityId::from), CLOCK)
    }

    /// Totals of the zone and readings of its registered miners, hour by hour.
    #[must_use]
    pub fn hours(&self) -> (Vec<Total>, Vec<Reading>) {
        let mut draw = Draw(self.seed);
        let memory = |share| Memory { share, value: 0.0 };
        let (mut weather, mut habits, mut hourly) = (memory(0.8), memory(0.6), memory(0.7));
        let (mut totals, mut readings) = (Vec::new(), Vec::new());
        for day in 0..self.days {
            let midnight = start() + TimeDelta::days(day as i64);
            let celsius = season(midnight) + 4.0 * weather.next(&mut draw);
            let level = self.level(midnight, celsius, 0.012 * habits.next(&mut draw), &mut draw);
            let on: Vec<bool> = REGISTERED.iter().map(|_| draw.below(5) > 0).collect();
            for hour in 0..24 {
                let at = midnight + TimeDelta::hours(hour);
                let mut total_mw = level * shape(at) * (1.0 + 0.01 * hourly.next(&mut draw));
                if day >= self.thief_from {
                    total_mw += self.thief_mw * draw.between(0.96, 1.0);
                }
                for (facility, on) in REGISTERED.iter().zip(&on) {
                    let mean = if *on { REGISTERED_MW * draw.between(0.95, 1.0) } else { 0.4 };
                    total_mw += mean;
                    readings.push(reading(facility, at, mean));
                }
                totals.push(Total { at, total_mw, temperature_c: Some(celsius), expected_mw: None });
            }
        }
        (totals, readings)
    }

    /// The mean of a day: weekend, heating, habit; one day in sixty is a holiday that nobody has told.
    fn level(&self, midnight: DateTime<Utc>, celsius: f64, habit: f64, draw: &mut Draw) -> f64 {
        let civil = midnight.with_timezone(&CLOCK);
        let weekend = if matches!(civil.weekday(), Weekday::Sat | Weekday::Sun) { 0.95 } else { 1.0 };
        let holiday = if draw.below(60) == 0 { 0.92 } else { 1.0 };
        self.mean_mw * weekend * holiday * (1.0 + HEATING * (15.0 - celsius).max(0.0) + habit)
    }
}

fn start() -> DateTime<Utc> {
    // Midnight of 1 March 2024 in Almaty, whose clock has not changed since.
    DateTime::UNIX_EPOCH + TimeDelta::hours(24 * 19_783 - 5)
}

fn season(midnight: DateTime<Utc>) -> f64 {
    let angle = (f64::from(midnight.ordinal()) - 15.0) / 365.25 * std::f64::consts::TAU;
    9.0 - 17.0 * angle.cos()
}

/// Night, day and evening, as a share of the mean of the day.
fn shape(at: DateTime<Utc>) -> f64 {
    let hour = f64::from(at.with_timezone(&CLOCK).hour());
    1.0 - 0.10 * ((hour - 4.0) / 24.0 * std::f64::consts::TAU).cos()
        + if (18.0..22.0).contains(&hour) { 0.06 } else { 0.0 }
}

fn reading(facility: &str, at: DateTime<Utc>, mean_mw: f64) -> Reading {
    Reading {
        facility: facility.into(),
        interval_start: at,
        interval_end: at + TimeDelta::hours(1),
        mean: Kw((mean_mw * 1000.0).round() as i64),
        quality: Quality::Ok,
        source: "agent".into(),
    }
}
