//! What a draw brings, whatever the scenario: weather, forecast errors, outages, and who would not obey.

use super::Study;
use super::chance::{exponential, stream};
use super::spec::Unit;
use chrono::Timelike as _;
use std::ops::Range;

/// One future of a season.
#[derive(Clone, Debug, PartialEq)]
pub struct Future {
    /// Kelvin above the season's mean, per civil day; known a day ahead.
    pub warmer_kelvin: Vec<f64>,
    /// `(actual - forecast)` as a share of its base, per forecast of the study and interval.
    pub missed: Vec<Vec<f64>>,
    /// Hours since the start of the season in which each unit is out; a day before it too.
    pub out: Vec<Vec<Range<f64>>>,
    /// By facility and civil day, from 0 to 1: whoever disobeys on a larger share of days disobeys on this one.
    pub obedience: Vec<Vec<f64>>,
}

/// Hours before the season in which units live already: orders for its first day leave on the day before.
const HOURS_BEFORE: f64 = 24.0;

impl Future {
    /// The future of a draw.
    #[must_use]
    pub fn of(study: &Study, draw: u32) -> Self {
        let (spec, case) = (&study.spec, &study.case);
        let hours = case.grid.hours() * case.grid.len as f64;
        let units = spec.unit.iter();
        Self {
            warmer_kelvin: weather(study, draw),
            missed: (0..spec.errors.len()).map(|at| missed(study, draw, at)).collect(),
            out: units.map(|unit| outages(unit, spec.seed, draw, hours)).collect(),
            obedience: case.facilities.iter().map(|own| obedience(study, draw, own.id.as_str())).collect(),
        }
    }

    /// Whether a unit is out at some hour since the start of the season.
    #[must_use]
    pub fn is_out(&self, unit: usize, hour: f64) -> bool {
        self.out[unit].iter().any(|span| span.contains(&hour))
    }
}

fn weather(study: &Study, draw: u32) -> Vec<f64> {
    let days = study.days().len();
    let Some(weather) = &study.spec.weather else { return vec![0.0; days] };
    let mut chances = stream(study.spec.seed, draw, "weather");
    let (kept, fresh) = (weather.persistence, (1.0 - weather.persistence * weather.persistence).sqrt());
    let mut deviation = chances.normal();
    let mut next = |_| {
        let today = deviation;
        deviation = kept * deviation + fresh * chances.normal();
        today * weather.spread_kelvin
    };
    (0..days).map(&mut next).collect()
}

fn obedience(study: &Study, draw: u32, facility: &str) -> Vec<f64> {
    let mut chances = stream(study.spec.seed, draw, &format!("obedience {facility}"));
    study.days().iter().map(|_| chances.unit()).collect()
}

fn missed(study: &Study, draw: u32, at: usize) -> Vec<f64> {
    let (grid, days) = (&study.case.grid, study.days());
    let purpose = format!("errors {}", study.spec.errors[at].name);
    let drawn = study.models[at].draw(&mut stream(study.spec.seed, draw, &purpose), days.len());
    let clock = |t: usize| grid.instant(t).with_timezone(&grid.time_zone).hour() as usize;
    let day = |(range, shares): (&Range<usize>, &[f64; 24])| -> Vec<f64> {
        range.clone().map(|t| shares[clock(t)]).collect()
    };
    days.iter().zip(&drawn).flat_map(day).collect()
}

/// Times of exponential length, in and out of service by turns; the first state as the shares of time are.
fn outages(unit: &Unit, seed: u64, draw: u32, hours: f64) -> Vec<Range<f64>> {
    let mut chances = stream(seed, draw, &format!("unit {}", unit.name));
    let (up, down) = (unit.mean_up_hours, unit.mean_down_hours);
    let mut is_out = chances.unit() < down / (up + down);
    let (mut at, mut spans) = (-HOURS_BEFORE, Vec::new());
    while at < hours {
        let ends = at + exponential(&mut chances, if is_out { down } else { up });
        if is_out {
            spans.push(at..ends);
        }
        (at, is_out) = (ends, !is_out);
    }
    spans
}
