//! Actuals of demand that can't be what came.
//!
//! An operator's table has hours in which one half was not counted: demand falls by half and is back an hour later. Such
//! an error stands out from those of the hours around it, while a true miss, however large, comes and goes over hours: so
//! each error is held against the median of the nine rows around it (the identifier of Hampel 1974, see Davies and Gather,
//! *The identification of multiple outliers*, JASA 88, 1993), and what is further off than [`BEYOND`] robust
//! deviations is left out. The limit stands in a gap: in a year of Great Britain 34 rows are 22 or more away, all of them
//! three tenths or more below the forecast, and the next is 10 away; in a year of Greece one evening (Good Friday) is 21 away.
//!
//! Not for wind, whose errors leap: in the year of RTS-GMLC seven true rows would go.

use super::read::{Row, Series};
use chrono::{DateTime, Utc};
use std::fmt;

/// Robust deviations from the median of the rows around beyond which an actual is implausible.
const BEYOND: f64 = 20.0;
/// Rows on each side: the median holds against four rotten rows in succession.
const AROUND: usize = 4;
/// Median absolute deviation of a normal distribution to its standard deviation.
const NORMAL: f64 = 1.4826;

/// A row that was left out, as demand can't have been so.
#[derive(Clone, Debug, PartialEq)]
pub struct Implausible {
    /// Start of its interval.
    pub time: DateTime<Utc>,
    /// What was forecast, MW.
    pub forecast_mw: f64,
    /// What is said to have come, MW.
    pub actual_mw: f64,
}

impl fmt::Display for Implausible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} MW, where {} MW were forecast", self.time, self.actual_mw, self.forecast_mw)
    }
}

impl Series {
    /// The series without rows whose actual is implausible, and those rows, for somebody to be told of.
    #[must_use]
    pub fn sifted(self) -> (Self, Vec<Implausible>) {
        let shares = self.shares();
        let around = |at: usize| &shares[at.saturating_sub(AROUND)..shares.len().min(at + AROUND + 1)];
        let apart: Vec<f64> = (0..shares.len()).map(|at| (shares[at] - median(around(at))).abs()).collect();
        let limit = BEYOND * NORMAL * median(&apart);
        let mut out = Vec::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for (row, apart) in self.rows.into_iter().zip(apart) {
            // Where half of the errors are those around them, nothing says what is far.
            if limit > 0.0 && apart > limit {
                let Row { time, forecast_mw, actual_mw } = row;
                out.push(Implausible { time, forecast_mw, actual_mw });
            } else {
                rows.push(row);
            }
        }
        (Self { rows, ..self }, out)
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;
    use crate::errors::Basis;
    use chrono::TimeDelta;

    /// 400 hours of errors of 2 % or so, one of which lasts and grows to 20 %.
    fn series() -> Series {
        let start: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
        let mut draw = Draw(3);
        let row = |at: i32| {
            let storm = (0.2 - 0.02 * f64::from((at - 200).abs())).max(0.0);
            let actual_mw = 1000.0 * (1.0 + 0.02 * draw.normal() + storm);
            Row { time: start + TimeDelta::hours(at.into()), forecast_mw: 1000.0, actual_mw }
        };
        Series { basis: Basis::Forecast, rows: (0..400).map(row).collect(), lacking: 0 }
    }

    #[test]
    fn what_falls_by_half_for_four_hours_is_left_out_and_told() {
        let (kept, out) = series().sifted();
        assert_eq!((kept, out), (series(), Vec::new()), "a great error that comes and goes is one");
        let mut rotten = series();
        rotten.rows[50..54].iter_mut().for_each(|row| row.actual_mw /= 2.0);
        rotten.rows[0].actual_mw = 200.0;
        let (kept, out) = rotten.sifted();
        assert_eq!(kept.rows.len(), 395);
        let hours: Vec<i64> = out.iter().map(|own| (own.time - series().rows[0].time).num_hours()).collect();
        assert_eq!(hours, [0, 50, 51, 52, 53]);
        assert_eq!(out[0].to_string(), "2020-01-01 00:00:00 UTC: 200 MW, where 1000 MW were forecast");
    }

    #[test]
    fn errors_that_are_all_the_same_have_none_that_is_far() {
        let mut still = series();
        still.rows.iter_mut().for_each(|row| row.actual_mw = 1010.0);
        still.rows[7].actual_mw = 0.0;
        assert_eq!(still.sifted().1, []);
    }
}
