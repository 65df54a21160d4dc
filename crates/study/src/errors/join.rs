//! Forecast and actual from two tables, one of which may be finer than the other.

use super::Basis;
use super::read::{ErrorsFault, Row, Series};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// MW by the start of the interval.
type Table = BTreeMap<DateTime<Utc>, f64>;

impl Series {
    /// The series of two tables of MW by the start of the interval: of the finer one the mean over each interval of the
    /// coarser. An interval that either does not fill with numbers is lacking.
    ///
    /// # Errors
    /// At the first forecast that errors can't be taken of.
    pub fn join(
        forecast: impl IntoIterator<Item = (DateTime<Utc>, f64)>,
        actual: impl IntoIterator<Item = (DateTime<Utc>, f64)>,
        basis: Basis,
    ) -> Result<Self, ErrorsFault> {
        let forecast: Table = forecast.into_iter().filter(|(_, mw)| mw.is_finite()).collect();
        let actual: Table = actual.into_iter().filter(|(_, mw)| mw.is_finite()).collect();
        let mut series = Self { basis, rows: Vec::new(), lacking: 0 };
        let (of_forecast, of_actual) = (step(&forecast), step(&actual));
        let length = of_forecast.max(of_actual).unwrap_or_default();
        let coarser = if of_forecast >= of_actual { &forecast } else { &actual };
        for &time in coarser.keys() {
            let filled = |table, step: Option<TimeDelta>| mean(table, time, length, step?);
            let (Some(forecast_mw), Some(actual_mw)) =
                (filled(&forecast, of_forecast), filled(&actual, of_actual))
            else {
                series.lacking += 1;
                continue;
            };
            if !basis.takes(forecast_mw) {
                return Err(ErrorsFault::Forecast { time, mw: forecast_mw, expected: basis.expected() });
            }
            series.rows.push(Row { time, forecast_mw, actual_mw });
        }
        series.checked()
    }
}

/// The shortest time between two rows.
fn step(table: &Table) -> Option<TimeDelta> {
    let times = table.keys();
    times.clone().zip(times.skip(1)).map(|(one, next)| *next - *one).min()
}

/// The mean over an interval, if rows of the given step fill it.
fn mean(table: &Table, start: DateTime<Utc>, length: TimeDelta, step: TimeDelta) -> Option<f64> {
    let within: Vec<f64> = table.range(start..start + length).map(|(_, mw)| *mw).collect();
    let count = i32::try_from(within.len()).ok().filter(|count| *count > 0 && step * *count >= length)?;
    Some(within.iter().sum::<f64>() / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(minutes: i64, mw: &[f64]) -> Vec<(DateTime<Utc>, f64)> {
        let start: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
        mw.iter().zip(0..).map(|(mw, at)| (start + TimeDelta::minutes(minutes * at), *mw)).collect()
    }

    #[test]
    fn the_finer_table_gives_its_mean_over_the_coarser() {
        let (hours, quarters) = (
            every(60, &[100.0, 0.0, 50.0]),
            every(15, &[90.0, 110.0, 120.0, 120.0, 1.0, 2.0, 3.0, 2.0, 60.0]),
        );
        let series = Series::join(hours.clone(), quarters.clone(), Basis::MeanForecast).unwrap();
        let mw: Vec<(f64, f64)> = series.rows.iter().map(|row| (row.forecast_mw, row.actual_mw)).collect();
        assert_eq!(mw, [(100.0, 110.0), (0.0, 2.0)]);
        assert_eq!(series.lacking, 1, "one quarter of the third hour does not fill it");
        let turned = Series::join(quarters, hours, Basis::MeanForecast).unwrap();
        let mw: Vec<(f64, f64)> = turned.rows.iter().map(|row| (row.actual_mw, row.forecast_mw)).collect();
        assert_eq!(mw, [(100.0, 110.0), (0.0, 2.0)]);
    }

    #[test]
    fn a_forecast_that_nothing_is_a_share_of_is_refused() {
        let fault =
            |basis, mw: &[f64]| Series::join(every(60, mw), every(60, &[5.0, 5.0]), basis).unwrap_err();
        assert_eq!(
            fault(Basis::Forecast, &[5.0, 0.0]).to_string(),
            "2020-01-01 01:00:00 UTC: a forecast of 0 MW; expected a forecast above 0 MW, as errors are shares of it"
        );
        assert!(fault(Basis::MeanForecast, &[5.0, -1.0]).to_string().contains("0 MW or more"));
        assert_eq!(fault(Basis::MeanForecast, &[0.0, 0.0]), ErrorsFault::Nothing);
    }
}
