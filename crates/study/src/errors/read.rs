//! The table of past forecasts: a time, what was forecast, what came, by the hour or finer.

use super::{Basis, Day, HOURS, Hours};
use chrono::{DateTime, NaiveDate, Timelike as _, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// The columns that are read; all others are left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Start of the interval, RFC 3339.
    pub time: String,
    /// What was forecast, MW.
    pub forecast: String,
    /// What came, MW.
    pub actual: String,
}

impl Default for Columns {
    fn default() -> Self {
        Self { time: "time".into(), forecast: "forecast_mw".into(), actual: "actual_mw".into() }
    }
}

/// Why a table of past forecasts can't be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ErrorsFault {
    /// A column is missing.
    #[error(
        "row 1: no column `{0}`; expected the start of the interval and two columns in MW, or other names given"
    )]
    Column(String),
    /// A cell can't be read.
    #[error("row {row}, column `{column}`: found `{found}`, expected {expected}")]
    Cell {
        /// Counted from 1, the header.
        row: usize,
        /// Its name.
        column: String,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A row has quotes, which this reader does not take apart.
    #[error("row {0}: a quoted cell; expected plain cells with commas between them")]
    Quoted(usize),
    /// A forecast that errors can't be taken of.
    #[error("{time}: a forecast of {mw} MW; expected {expected}")]
    Forecast {
        /// Start of its interval.
        time: DateTime<Utc>,
        /// As it stands.
        mw: f64,
        /// What should stand there.
        expected: &'static str,
    },
    /// All that was forecast is 0.
    #[error("every forecast is 0 MW; expected one above it, as errors are shares of the mean forecast")]
    Nothing,
}

/// Past forecasts: when, what was forecast, what came, in MW; rows without both are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub(super) basis: Basis,
    pub(super) rows: Vec<Row>,
    /// Rows that lack a value.
    pub lacking: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) time: DateTime<Utc>,
    pub(super) forecast_mw: f64,
    pub(super) actual_mw: f64,
}

impl Series {
    /// Reads a table of demand with a header row; errors are shares of the forecast.
    ///
    /// # Errors
    /// At the first column that is missing or cell that can't be read.
    pub fn parse(text: &str, columns: &Columns) -> Result<Self, ErrorsFault> {
        Self::parse_with(text, columns, Basis::Forecast)
    }

    /// Reads a table with a header row.
    ///
    /// # Errors
    /// At the first column that is missing or cell that can't be read.
    pub fn parse_with(text: &str, columns: &Columns, basis: Basis) -> Result<Self, ErrorsFault> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end()));
        let header: Vec<&str> = lines.next().map_or("", |(_, line)| line).split(',').map(str::trim).collect();
        let place = |name: &String| {
            let found = header.iter().position(|column| column == name);
            found.ok_or_else(|| ErrorsFault::Column(name.clone()))
        };
        let places = [place(&columns.time)?, place(&columns.forecast)?, place(&columns.actual)?];
        let mut series = Self { basis, rows: Vec::new(), lacking: 0 };
        for (row, line) in lines.filter(|(_, line)| !line.is_empty()) {
            series.take(row, line, columns, places)?;
        }
        series.checked()
    }

    /// The series, if errors can be shares of what was forecast.
    pub(super) fn checked(self) -> Result<Self, ErrorsFault> {
        let none = self.basis == Basis::MeanForecast && self.rows.iter().all(|row| row.forecast_mw == 0.0);
        if none && !self.rows.is_empty() { Err(ErrorsFault::Nothing) } else { Ok(self) }
    }

    fn take(
        &mut self,
        row: usize,
        line: &str,
        columns: &Columns,
        places: [usize; 3],
    ) -> Result<(), ErrorsFault> {
        if line.contains('"') {
            return Err(ErrorsFault::Quoted(row));
        }
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [time, forecast, actual] = places.map(|at| cells.get(at).copied().unwrap_or_default());
        let fault = |column: &str, found: &str, expected| ErrorsFault::Cell {
            row,
            column: column.to_owned(),
            found: found.to_owned(),
            expected,
        };
        let time = DateTime::parse_from_rfc3339(time)
            .map_err(|_| fault(&columns.time, time, "an instant with offset, as 2020-01-31T18:00:00Z"))?;
        if forecast.is_empty() || actual.is_empty() {
            self.lacking += 1;
            return Ok(());
        }
        let number = |column: &str, text: &str| {
            let read = text.parse::<f64>().ok().filter(|mw| mw.is_finite());
            read.ok_or_else(|| fault(column, text, "a number of MW with a decimal point"))
        };
        let (forecast, actual) = (number(&columns.forecast, forecast)?, number(&columns.actual, actual)?);
        if !self.basis.takes(forecast) {
            return Err(fault(&columns.forecast, &forecast.to_string(), self.basis.expected()));
        }
        self.rows.push(Row { time: time.with_timezone(&Utc), forecast_mw: forecast, actual_mw: actual });
        Ok(())
    }

    /// Mean of what was forecast, MW.
    #[must_use]
    pub fn mean_forecast_mw(&self) -> f64 {
        self.rows.iter().map(|row| row.forecast_mw).sum::<f64>() / self.rows.len().max(1) as f64
    }

    /// The error of every row.
    pub(super) fn shares(&self) -> Vec<f64> {
        let mean = self.mean_forecast_mw();
        let base = |row: &Row| match self.basis {
            Basis::Forecast => row.forecast_mw,
            Basis::MeanForecast => mean,
        };
        self.rows.iter().map(|row| (row.actual_mw - row.forecast_mw) / base(row)).collect()
    }

    /// The civil days of a clock on which every hour has a value, in order; of an hour with several, their mean. An hour
    /// that the clock skips has that of the hour before.
    #[must_use]
    pub fn days(&self, time_zone: Tz) -> Vec<Day> {
        let mut hours: BTreeMap<(NaiveDate, usize), (f64, f64)> = BTreeMap::new();
        for (row, share) in self.rows.iter().zip(self.shares()) {
            let clock = row.time.with_timezone(&time_zone).naive_local();
            let sum = hours.entry((clock.date(), clock.hour() as usize)).or_default();
            *sum = (sum.0 + share, sum.1 + 1.0);
        }
        let mut days: BTreeMap<NaiveDate, Vec<Option<f64>>> = BTreeMap::new();
        for ((date, hour), (sum, count)) in hours {
            days.entry(date).or_insert_with(|| vec![None; HOURS])[hour] = Some(sum / count);
        }
        let skipped = |date: NaiveDate, hour: usize| {
            use chrono::TimeZone as _;
            let local = date.and_hms_opt(u32::try_from(hour).unwrap_or(0), 0, 0);
            local.is_some_and(|local| time_zone.from_local_datetime(&local).earliest().is_none())
        };
        let whole = |(date, share): (NaiveDate, Vec<Option<f64>>)| {
            let mut full: Vec<f64> = Vec::with_capacity(HOURS);
            for (hour, value) in share.into_iter().enumerate() {
                full.push(value.or_else(|| full.last().copied().filter(|_| skipped(date, hour)))?);
            }
            Some(Day { date, share: Hours::try_from(full).ok()? })
        };
        days.into_iter().filter_map(whole).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// Hours of Berlin's clock around the day on which it skips one, 5 % too low a forecast at 18:00 UTC.
    fn table() -> String {
        let mut table = String::from("forecast_mw,time,other,actual_mw\n");
        let start: DateTime<Utc> = "2020-03-27T23:00:00Z".parse().unwrap();
        for hour in 0..72 {
            let at = start + chrono::TimeDelta::hours(hour);
            let actual = if at.hour() == 18 { 1050 } else { 1000 };
            writeln!(table, "1000,{},x,{actual}", at.to_rfc3339()).unwrap();
        }
        table
    }

    #[test]
    fn days_of_a_clock_are_whole_even_where_it_skips_an_hour() {
        let days = Series::parse(&table(), &Columns::default()).unwrap().days(chrono_tz::Europe::Berlin);
        let dates: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(dates, ["2020-03-28", "2020-03-29", "2020-03-30"]);
        let late: Vec<usize> =
            days.iter().map(|day| day.share.iter().position(|share| *share > 0.0).unwrap()).collect();
        assert_eq!(late, [19, 20, 20], "18:00 UTC is an hour later in summer");
        assert!((days[0].share[19] - 0.05).abs() < 1e-12);
    }

    #[test]
    fn a_day_with_a_hole_is_none() {
        let holed: String =
            table().lines().enumerate().filter(|(n, _)| *n != 30).map(|(_, l)| format!("{l}\n")).collect();
        let days = Series::parse(&holed, &Columns::default()).unwrap().days(chrono_tz::Europe::Berlin);
        assert_eq!(days.len(), 2);
    }

    #[test]
    fn faults_say_where_and_what() {
        let told = |text: &str| Series::parse(text, &Columns::default()).unwrap_err().to_string();
        assert!(told("time,actual_mw\n").contains("`forecast_mw`"));
        let many = told("time,forecast_mw,actual_mw\n2020-01-01T00:00:00Z,5,many\n");
        assert!(many.starts_with("row 2, column `actual_mw`: found `many`"), "{many}");
        assert!(told("time,forecast_mw,actual_mw\n2020-01-01,5,5\n").contains("an instant with offset"));
        assert!(told("time,forecast_mw,actual_mw\n2020-01-01T00:00:00Z,0,5\n").contains("above 0"));
        let lacking =
            Series::parse("time,forecast_mw,actual_mw\n2020-01-01T00:00:00Z,,5\n", &Columns::default());
        assert_eq!(lacking.unwrap().lacking, 1);
    }

    #[test]
    fn a_forecast_of_nothing_is_one_where_errors_are_shares_of_the_mean() {
        let wind = |rows: &str| {
            let table = format!("time,forecast_mw,actual_mw\n{rows}");
            Series::parse_with(&table, &Columns::default(), Basis::MeanForecast)
        };
        let series = wind("2020-01-01T00:00:00Z,0,50\n2020-01-01T01:00:00Z,200,100\n").unwrap();
        assert_eq!(series.shares(), [0.5, -1.0]);
        let negative = wind("2020-01-01T00:00:00Z,-1,50\n").unwrap_err().to_string();
        assert!(negative.contains("found `-1`, expected a forecast of 0 MW or more"), "{negative}");
        assert_eq!(wind("2020-01-01T00:00:00Z,0,50\n"), Err(ErrorsFault::Nothing));
    }
}
