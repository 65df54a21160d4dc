//! The past days of a table, and what of it was left out: never without a word.

use super::{Basis, Columns, Day, ErrorsFault, Implausible, Series};
use chrono_tz::Tz;

/// The days that errors are drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Civil days on which every hour has a value.
    pub days: Vec<Day>,
    /// Rows that lack a value.
    pub lacking: usize,
    /// Rows whose actual can't be what came; of demand only, as errors of wind leap.
    pub implausible: Vec<Implausible>,
}

impl Past {
    /// Reads a table and leaves out what is missing or implausible.
    ///
    /// # Errors
    /// As [`Series::parse_with`].
    pub fn read(text: &str, columns: &Columns, basis: Basis, time_zone: Tz) -> Result<Self, ErrorsFault> {
        let series = Series::parse_with(text, columns, basis)?;
        let lacking = series.lacking;
        let (series, implausible) = match basis {
            Basis::Forecast => series.sifted(),
            Basis::MeanForecast => (series, Vec::new()),
        };
        Ok(Self { days: series.days(time_zone), lacking, implausible })
    }

    /// What was left out, for somebody to be told; nothing where nothing was.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let lacking = (self.lacking > 0).then(|| format!("rows without a value: {}", self.lacking));
        let first = self.implausible.first();
        let implausible =
            first.map(|first| format!("implausible rows: {}, the first {first}", self.implausible.len()));
        let told: Vec<String> = lacking.into_iter().chain(implausible).collect();
        (!told.is_empty()).then(|| format!("left out {}", told.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn table(actual: impl Fn(usize) -> String) -> String {
        let mut table = String::from("time,forecast_mw,actual_mw\n");
        for hour in 0..72 {
            let (day, clock) = (1 + hour / 24, hour % 24);
            let _ = writeln!(table, "2020-03-{day:02}T{clock:02}:00:00Z,1000,{}", actual(hour));
        }
        table
    }

    fn past(actual: impl Fn(usize) -> String, basis: Basis) -> Past {
        Past::read(&table(actual), &Columns::default(), basis, chrono_tz::UTC).unwrap()
    }

    fn wavy(hour: usize) -> String {
        format!("{}", 1000 + (hour * 37) % 11)
    }

    #[test]
    fn what_is_left_out_is_told() {
        assert_eq!(past(wavy, Basis::Forecast).left_out(), None);
        let rotten = |hour: usize| match hour {
            5 => String::new(),
            40 => "500".into(),
            _ => wavy(hour),
        };
        let found = past(rotten, Basis::Forecast);
        let told = found.left_out().unwrap();
        assert!(
            told.starts_with("left out rows without a value: 1; implausible rows: 1, the first 2020-03-02"),
            "{told}"
        );
        assert_eq!(found.days.len(), 1, "two days have a hole");
        assert_eq!(past(rotten, Basis::MeanForecast).implausible, [], "wind may leap");
    }
}
