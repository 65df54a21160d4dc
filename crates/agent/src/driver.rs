//! What moves the load and reads the meter.

pub mod exec;
pub mod simulated;

use chrono::{DateTime, Utc};
use kezek_model::units::Kw;
use std::pin::Pin;
use std::sync::Arc;

/// Something a driver does, once it is done.
pub type Driving<'d, T> = Pin<Box<dyn Future<Output = Result<T, DriverError>> + Send + 'd>>;

/// What moves the load and reads the meter. Limits come one after another; the meter may be read meanwhile.
pub trait Driver: Send + Sync {
    /// Brings the load to a limit; `None` sets it free. May be told the same twice.
    fn set_limit(&self, limit: Option<Kw>, at: DateTime<Utc>) -> Driving<'_, ()>;

    /// Looks at the meter, for drivers whose meter has no memory; called at every tick.
    fn sample(&self, at: DateTime<Utc>) -> Driving<'_, ()>;

    /// The mean power of a past interval; `None` where nothing is known of it.
    fn mean_power(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Driving<'_, Option<Mean>>;
}

/// A driver that somebody else looks at too.
impl<D: Driver + ?Sized> Driver for Arc<D> {
    fn set_limit(&self, limit: Option<Kw>, at: DateTime<Utc>) -> Driving<'_, ()> {
        D::set_limit(self, limit, at)
    }

    fn sample(&self, at: DateTime<Utc>) -> Driving<'_, ()> {
        D::sample(self, at)
    }

    fn mean_power(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Driving<'_, Option<Mean>> {
        D::mean_power(self, from, to)
    }
}

/// The mean power of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    /// The power.
    pub power: Kw,
    /// Whether the whole interval was seen.
    pub is_complete: bool,
}

/// Why a driver did not do it.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The command could not be run.
    #[error("{command}: cannot be run; check path and permissions")]
    NotRun {
        /// The command.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The command took too long and was ended.
    #[error("{command}: no end within {seconds} s")]
    TimedOut {
        /// The command.
        command: String,
        /// The time allowed.
        seconds: u64,
    },
    /// The command said that it failed.
    #[error("{command}: {status}: {said}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The end of what it wrote to its error output.
        said: String,
    },
    /// The command printed something else than a power.
    #[error("{command}: printed '{found}', expected the power in kW, for instance 19250.5")]
    NoPower {
        /// The command.
        command: String,
        /// What it printed.
        found: String,
    },
}
