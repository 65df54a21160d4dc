//! Foreign tables into a `forecast.csv`: a [`Profile`] says what a table means, [`import`] takes the rows that say
//! one plausible thing and lists every other with its reason. Nothing is guessed: no unit, no time zone, no value.

mod json;
mod number;
mod outcome;
mod profile;
mod sieve;
mod stamp;
mod table;
mod value;
mod write;

pub use outcome::{Amount, ForecastRow, Import, Reject, RejectKind};
pub use profile::Profile;
use sieve::{Places, Sieve};
use table::Table;
pub use write::{write_forecast_csv, write_reject_csv};

use crate::fault::{Fault, Faults};

/// Why a profile or a whole table was refused. Single rows are never a reason: they are [`Reject`]s.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The profile cannot be read, or contradicts itself.
    #[error("import profile {file} is refused:\n{}", lines(faults))]
    Profile {
        /// The profile.
        file: String,
        /// All that is wrong with it.
        faults: Vec<String>,
    },
    /// The table does not fit the profile; nothing of it was taken.
    #[error("nothing was imported:\n{}", lines(&.0.0))]
    Table(Faults),
    /// The table cannot be split into cells.
    #[error("{file}: cannot be read as a table")]
    Csv {
        /// The table.
        file: String,
        /// What the reader of CSV says.
        source: csv::Error,
    },
    /// A result could not be written.
    #[error("the result of an import could not be written")]
    Write(#[source] csv::Error),
}

impl From<csv::Error> for ImportError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error)
    }
}

impl From<std::io::Error> for ImportError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error.into())
    }
}

fn fault_of_file(file: &str, found: &str, expected: &str) -> Fault {
    Fault {
        file: file.to_owned(),
        row: None,
        column: None,
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

fn lines(items: &[impl std::fmt::Display]) -> String {
    items.iter().map(|item| format!("  {item}")).collect::<Vec<_>>().join("\n")
}

/// Turns a foreign table into the rows of a forecast. `file` is only used to say where something is.
///
/// # Errors
/// [`ImportError::Table`] or [`ImportError::Csv`] when the table as a whole does not fit the profile: not UTF-8,
/// no such column, time stamps without offset and no `time_zone` in the profile, a span that cannot be meant.
pub fn import(profile: &Profile, file: &str, bytes: &[u8]) -> Result<Import, ImportError> {
    let table = Table::read(profile, file, bytes)?;
    let places = Places::find(profile, file, &table)?;
    let mut sieve = Sieve { profile, file, places, rejected: Vec::new() };
    let starts = sieve.interval_starts(&table)?;
    let (starts, outside) = sieve.within_bounds(starts);
    let starts = sieve.on_grid(&table, starts);
    let expected = sieve.expected(&table, &starts)?;
    let doubled = sieve.doubled(&table, &starts);
    let amounts = sieve.amounts(&table, &starts, &doubled);
    Ok(sieve.finish(expected, &starts, amounts, outside))
}

#[cfg(test)]
mod tests;
