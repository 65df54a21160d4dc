//! What an import gives: rows, and what did not become one.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ids::ZoneId;
use crate::units::Kw;

/// What a table gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The table.
    pub file: String,
    /// The rows of the forecast, ascending in time, one per interval, without those of `missing`.
    pub rows: Vec<ForecastRow>,
    /// Every row that was not taken, every gap and every filled interval: rows of the table first, in its order,
    /// then intervals without a row.
    pub rejected: Vec<Reject>,
    /// The expected intervals without a forecast: a case over them will be refused.
    pub missing: Vec<DateTime<Utc>>,
    /// The intervals that carry the values of an earlier one.
    pub filled: Vec<DateTime<Utc>>,
    /// Number of rows outside of `from` and `to` of the profile, which are neither taken nor rejected.
    pub outside: usize,
}

impl Import {
    /// Whether there is a forecast for every expected interval, filled ones included.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.rows.is_empty() && self.missing.is_empty()
    }
}

/// One row of a `forecast.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForecastRow {
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// The grid zone.
    pub zone: ZoneId,
    /// What the zone has.
    pub amount: Amount,
}

impl ForecastRow {
    /// What the zone can give to all mining together.
    #[must_use]
    pub fn headroom(&self) -> Kw {
        match self.amount {
            Amount::Headroom { headroom } => headroom,
            Amount::Parts { supply, import, demand, reserve } => supply + import - demand - reserve,
        }
    }
}

/// The headroom of a zone, whole or in its parts: mean power over the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// Known as such.
    Headroom {
        /// Negative where the zone is short even without mining.
        #[serde(rename = "headroom_mw")]
        headroom: Kw,
    },
    /// `supply + import - demand - reserve`.
    Parts {
        /// What the zone's own plants give.
        #[serde(rename = "supply_mw")]
        supply: Kw,
        /// What comes from outside of the case; an export is negative.
        #[serde(rename = "import_mw")]
        import: Kw,
        /// What everybody but the miners draws.
        #[serde(rename = "demand_mw")]
        demand: Kw,
        /// What is kept back.
        #[serde(rename = "reserve_mw")]
        reserve: Kw,
    },
}

/// Something of the table that did not go into the forecast as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The table.
    pub file: String,
    /// Line of the file, from 1; none where the interval has no row.
    pub row: Option<u64>,
    /// The column, or blank where the row as a whole is meant.
    pub column: String,
    /// The interval, where known.
    pub interval_start: Option<DateTime<Utc>>,
    /// Of what kind.
    pub kind: RejectKind,
    /// What was found, shortened.
    pub found: String,
    /// Why it was not taken.
    pub reason: String,
}

/// The kinds of rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectKind {
    /// The row has not the cells of the header.
    Shape,
    /// The time stamp cannot be read, or does not tell the instant, or is not on the grid.
    TimeStamp,
    /// Two rows for one interval.
    Duplicate,
    /// A value is missing, not a number, or implausible.
    Value,
    /// No row for an expected interval.
    Gap,
    /// Not a rejection: the interval carries earlier values.
    Filled,
}

impl RejectKind {
    /// The word in the reject file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::TimeStamp => "time-stamp",
            Self::Duplicate => "duplicate",
            Self::Value => "value",
            Self::Gap => "gap",
            Self::Filled => "filled",
        }
    }
}
