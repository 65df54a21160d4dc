//! The demo: a control room and pretend facilities on loopback play a week on a fast clock.
//!
//! The clock leaps to the next due moment and stands while anything is in flight, so that limits in seconds keep
//! their meaning. Everything goes the ordinary way: HTTP, tokens, signatures, the journal.

mod clock;
mod people;
mod stage;
mod story;
mod voice;
mod winter;

pub use clock::LeapingClock;
pub use story::{Counts, play};
pub use voice::Listener;

use crate::error::ServerError;
use kezek_model::case::CaseFiles;
use kezek_model::fault::Faults;
use kezek_planner::solve::PlanError;
use kezek_study::world::WorldError;
use std::path::PathBuf;

/// What the demo is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// A folder for the journal, keys and stores.
    pub folder: PathBuf,
    /// Address and port of the control room; port 0 for any.
    pub listen: String,
    /// Whether it ends with the week, or serves on until it is told to stop.
    pub once: bool,
}

/// Why the demo broke off.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The control room failed.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The pretend world failed.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The example is not a case.
    #[error(transparent)]
    Case(#[from] Faults),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan has no digest.
    #[error(transparent)]
    Canonical(#[from] kezek_model::canonical::CanonicalError),
    /// The key could not be made.
    #[error(transparent)]
    Key(#[from] kezek_courier::CourierError),
    /// The journal could not be verified.
    #[error(transparent)]
    Journal(#[from] kezek_journal::JournalError),
    /// The study of a winter broke off.
    #[error(transparent)]
    Study(#[from] kezek_study::lab::run::RunError),
    /// A draw could not be lived again.
    #[error(transparent)]
    Replay(#[from] kezek_study::lab::replay::ReplayError),
    /// A folder or a socket could not be had.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The author's own approval was taken.
    #[error("the author could approve the author's own plan: promise S2 does not hold")]
    SelfApproved,
    /// A part broke off.
    #[error("{what} broke off")]
    BrokeOff {
        /// Which.
        what: &'static str,
    },
}

/// The week of 24 to 31 January 2022, as it lies in `examples/kazakhstan-2022-01`.
#[must_use]
pub fn kazakh_week() -> CaseFiles {
    macro_rules! files {
        ($($name:literal => $path:literal),* $(,)?) => {
            [$(($name.to_owned(), include_bytes!(concat!("../../../", $path)).to_vec())),*]
        };
    }
    let files = files! {
        "case.toml" => "examples/kazakhstan-2022-01/case.toml",
        "facilities.csv" => "examples/kazakhstan-2022-01/facilities.csv",
        "forecast.csv" => "examples/kazakhstan-2022-01/forecast.csv",
        "state.csv" => "examples/kazakhstan-2022-01/state.csv",
        "ties.csv" => "examples/kazakhstan-2022-01/ties.csv",
        "../../schedules/2022-01-24-suspension.toml" => "schedules/2022-01-24-suspension.toml",
    };
    CaseFiles { files: files.into() }
}
