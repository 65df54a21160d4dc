//! The table of past forecasts: a time, what was forecast, what came, by the hour or finer.

use super::Day;
use chrono::{DateTime, NaiveDate, Timelike as _, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// The columns that are read; all others are left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Start of the interval, RFC 3339.
    pub time: String,
    /// Demand as it was forecast, MW.
    pub forecast: String,
    /// Demand as it was, MW.
    pub actual: String,
}

impl Default for Columns {
    fn default() -> Self {
        Self { time: "time".into(), forecast: "forecast_mw".into(), actual: "actual_mw".into() }
    }
}

/// Why a table of past forecasts can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
}

/// Past forecasts: when, what was forecast, what came, in MW; rows without both are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    rows: Vec<(DateTime<Utc>, f64, f64)>,
    /// Rows that lack a value.
    pub lacking: usize,
}

/// Hours that a clock shows in a day.
const HOURS: usize = 24;

impl Series {
    /// Reads a table with a header row.
    ///
    /// # Errors
    /// At the first column that is missing or cell that can't be read.
    pub fn parse(text: &str, columns: &Columns) -> Result<Self, ErrorsFault> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end()));
        let header: Vec<&str> = lines.next().map_or("", |(_, line)| line).split(',').map(str::trim).collect();
        let place = |name: &String| {
            let found = header.iter().position(|column| column == name);
            found.ok_or_else(|| ErrorsFault::Column(name.clone()))
        };
        let places = [place(&columns.time)?, place(&columns.forecast)?, place(&columns.actual)?];
        let mut series = Self::default();
        for (row, line) in lines.filter(|(_, line)| !line.is_empty()) {
            series.take(row, line, columns, places)?;
        }
        Ok(series)
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
        if forecast <= 0.0 {
            return Err(fault(
                &columns.forecast,
                &forecast.to_string(),
                "a forecast above 0 MW, as errors are shares of it",
            ));
        }
        self.rows.push((time.with_timezone(&Utc), forecast, actual));
        Ok(())
    }

    /// The civil days of a clock on which every hour has a value, in order; of an hour with several, their mean. An hour
    /// that the clock skips has that of the hour before.
    #[must_use]
    pub fn days(&self, time_zone: Tz) -> Vec<Day> {
        let mut hours: BTreeMap<(NaiveDate, usize), (f64, f64)> = BTreeMap::new();
        for &(time, forecast, actual) in &self.rows {
            let clock = time.with_timezone(&time_zone).naive_local();
            let sum = hours.entry((clock.date(), clock.hour() as usize)).or_default();
            *sum = (sum.0 + (actual - forecast) / forecast, sum.1 + 1.0);
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
            Some(Day { date, share: full })
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
}
