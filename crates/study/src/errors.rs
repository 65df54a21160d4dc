//! Past forecast errors, and scenarios of a case drawn from them.
//!
//! Whole civil days are drawn with the same chance, with replacement, one for every civil day of the horizon (a block
//! bootstrap): within a day errors keep their sequence, so that an hour that was missed is followed by hours that were
//! missed too. All zones get the errors of the same day: what surprises one, surprises its neighbours.

mod basis;
mod choose;
mod join;
mod model;
mod past;
mod read;
mod score;
mod sift;

pub use basis::Basis;
pub use choose::{Choice, Score, TooFew, choose};
pub use model::{Kind, Model, Parametric};
pub use past::Past;
pub use read::{Columns, ErrorsFault, Series};
pub use sift::Implausible;

use crate::draw::Draw;
use chrono::{NaiveDate, NaiveDateTime, Timelike as _};
use kezek_model::case::Case;
use kezek_model::ids::ZoneId;
use kezek_model::plan::utc_text;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Hours that a clock shows in a day.
const HOURS: usize = 24;

/// A value for each hour that a clock shows in a day.
pub type Hours = [f64; HOURS];

/// A civil day of past errors: `actual - forecast` by hour of the clock, as a share of what [`Basis`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// The day, on the clock of the case.
    pub date: NaiveDate,
    /// The errors.
    pub share: Hours,
}

/// A scenario and what it was drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Its name in `forecast.csv`.
    pub id: String,
    /// The past day for each civil day of the horizon.
    pub days: Vec<NaiveDate>,
    /// MW per zone and interval.
    pub headroom_mw: Vec<Vec<f64>>,
}

/// Draws scenarios: `headroom - base * share`, `base` the demand of the zone that the errors are a share of, in MW; where it
/// is not given, what the zone's facilities nominate. Rounded to kW. Nothing comes of nothing: no days, no scenarios.
#[must_use]
pub fn draw(
    case: &Case,
    days: &[Day],
    count: usize,
    seed: u64,
    base_mw: &BTreeMap<ZoneId, f64>,
) -> Vec<Drawn> {
    let mut draw = Draw(seed);
    let horizon = civil_days(case);
    let digits = count.saturating_sub(1).max(1).to_string().len();
    let mut one = |number: usize| {
        let chosen: Vec<&Day> =
            horizon.iter().map(|_| &days[draw.below(days.len() as u64) as usize]).collect();
        let zones = 0..case.zones.len();
        Drawn {
            id: format!("s{number:0digits$}"),
            days: chosen.iter().map(|day| day.date).collect(),
            headroom_mw: zones.map(|z| headroom(case, z, base_mw, &horizon, &chosen)).collect(),
        }
    };
    if days.is_empty() { Vec::new() } else { (0..count).map(&mut one).collect() }
}

/// The headroom of a zone as if the day's errors came again.
#[must_use]
pub fn replay(case: &Case, day: &Day, base_mw: &BTreeMap<ZoneId, f64>) -> Vec<Vec<f64>> {
    let horizon = civil_days(case);
    let chosen = vec![day; horizon.len()];
    (0..case.zones.len()).map(|z| headroom(case, z, base_mw, &horizon, &chosen)).collect()
}

fn headroom(
    case: &Case,
    z: usize,
    base_mw: &BTreeMap<ZoneId, f64>,
    horizon: &[NaiveDate],
    chosen: &[&Day],
) -> Vec<f64> {
    let zone = &case.zones[z].id;
    let value = |t: usize| {
        let clock = civil(case, t);
        let at = horizon.iter().position(|date| *date == clock.date()).unwrap_or_default();
        let base = base_mw.get(zone).copied().unwrap_or_else(|| nominated_mw(case, zone, t));
        let mean: f64 = case.scenarios.iter().map(|own| own.probability * own.headroom_mw[z][t]).sum();
        let mw = mean - base * chosen[at].share[clock.hour() as usize];
        whole_kw(mw)
    };
    (0..case.grid.len).map(value).collect()
}

/// MW to the whole kW, never -0.
pub(crate) fn whole_kw(mw: f64) -> f64 {
    (mw * 1000.0).round() / 1000.0 + 0.0
}

fn nominated_mw(case: &Case, zone: &ZoneId, t: usize) -> f64 {
    let own = case.facilities.iter().filter(|facility| facility.zone == *zone);
    own.map(|facility| facility.nomination_kw[t].mw()).sum()
}

fn civil(case: &Case, t: usize) -> NaiveDateTime {
    case.grid.instant(t).with_timezone(&case.grid.time_zone).naive_local()
}

fn civil_days(case: &Case) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> = (0..case.grid.len).map(|t| civil(case, t).date()).collect();
    days.dedup();
    days
}

/// `forecast.csv` of the scenarios, all with the same probability.
#[must_use]
pub fn forecast_csv(case: &Case, drawn: &[Drawn]) -> String {
    let mut csv = String::from("scenario,probability,interval_start,zone,headroom_mw\n");
    let probability = 1.0 / drawn.len().max(1) as f64;
    for scenario in drawn {
        for (zone, series) in case.zones.iter().zip(&scenario.headroom_mw) {
            for (t, mw) in series.iter().enumerate() {
                let at = utc_text(case.grid.instant(t));
                // Writing to a String can't fail.
                let _ = writeln!(csv, "{},{probability},{at},{},{mw}", scenario.id, zone.id);
            }
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::Recipe;

    fn case() -> Case {
        Case::parse(&Recipe::long_day(1, 6).files()).unwrap()
    }

    /// Two days: nothing was missed, and a tenth too little was forecast from 18:00 on.
    fn days() -> Vec<Day> {
        let date = |day| NaiveDate::from_ymd_opt(2020, 3, day).unwrap();
        let evening = std::array::from_fn(|hour| if hour < 18 { 0.0 } else { 0.1 });
        vec![Day { date: date(1), share: [0.0; 24] }, Day { date: date(2), share: evening }]
    }

    #[test]
    fn whole_days_are_drawn_and_all_zones_miss_the_same() {
        let case = case();
        let drawn = draw(&case, &days(), 40, 7, &BTreeMap::new());
        assert_eq!(drawn, draw(&case, &days(), 40, 7, &BTreeMap::new()));
        assert_ne!(drawn, draw(&case, &days(), 40, 8, &BTreeMap::new()));
        let missed = drawn.iter().filter(|own| own.days[0] == days()[1].date).count();
        assert!((10..=30).contains(&missed), "{missed} of 40");
        for own in &drawn {
            for (z, zone) in case.zones.iter().enumerate() {
                for t in 0..case.grid.len {
                    let share =
                        if own.days[0] == days()[1].date && civil(&case, t).hour() >= 18 { 0.1 } else { 0.0 };
                    let lost = case.scenarios[0].headroom_mw[z][t] - own.headroom_mw[z][t];
                    assert!((lost - share * nominated_mw(&case, &zone.id, t)).abs() < 0.001);
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_a_stochastic_case() {
        let case = case();
        let base = case.zones.iter().map(|zone| (zone.id.clone(), 1000.0)).collect();
        let drawn = draw(&case, &days(), 3, 1, &base);
        let mut files = Recipe::long_day(1, 6).files();
        files.files.insert("forecast.csv".into(), forecast_csv(&case, &drawn).into_bytes());
        let read = Case::parse(&files).unwrap();
        assert_eq!(read.scenarios.len(), 3);
        assert_eq!(read.scenarios[2].headroom_mw, drawn[2].headroom_mw);
    }

    #[test]
    fn a_day_that_comes_again_is_its_own_scenario() {
        let case = case();
        let again = replay(&case, &days()[1], &BTreeMap::new());
        let drawn = draw(&case, &days()[1..], 1, 1, &BTreeMap::new());
        assert_eq!(again, drawn[0].headroom_mw);
    }
}
