//! What can go wrong in this room. A message says what happened, where, and what to do next.

use kezek_courier::CourierError;
use kezek_model::ids::OrderNo;
use std::io;
use std::path::{Path, PathBuf};

/// Every failure of store, enrolment, start and answers. What is wrong with an order is a
/// [`crate::refusal::Refusal`], what is wrong with a driver a [`crate::driver::DriverError`].
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A value of the configuration does not fit.
    #[error("{field} is {found}; expected {expected}")]
    Config {
        /// The field.
        field: &'static str,
        /// Its value.
        found: String,
        /// What would fit.
        expected: &'static str,
    },
    /// A file could not be read or written.
    #[error("{path}: cannot {what}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The store is not there, so the orders in force are not known.
    #[error("{path} is missing: the orders in force are not known and the load is left as it is; put the store back, or enrol anew after asking the control room which orders hold", path = path.display())]
    StoreMissing {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the store.
    #[error("{path} is in use by another process; two agents must not act for one facility: stop one", path = path.display())]
    StoreInUse {
        /// The file.
        path: PathBuf,
    },
    /// The store is not what was written.
    #[error("{path}, line {line}: {why}; the load is left as it is: put back an intact copy, or move the file away and enrol anew after asking the control room which orders hold", path = path.display())]
    StoreDamaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A write failed in a way that leaves the end of the store unknown.
    #[error("{path} takes no more records after a failed write; make room on the disk and start the agent again", path = path.display())]
    StoreClosed {
        /// The file.
        path: PathBuf,
    },
    /// The control room did not answer a request for orders.
    #[error("the control room answered {status} to the request for orders: {said}")]
    FetchRefused {
        /// The HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The agent was never enrolled here.
    #[error("{path} is missing: this agent is not enrolled; run the enrolment with a code of the control room", path = path.display())]
    NotEnrolled {
        /// The file with the pinned keys.
        path: PathBuf,
    },
    /// The file with the pinned keys holds something else.
    #[error("{path} does not hold the pinned keys of a control room: {why}; enrol anew", path = path.display())]
    PinsMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Two things that must agree do not.
    #[error("{what} is {found}, expected {expected}; {hint}")]
    Mismatch {
        /// What was compared.
        what: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
        /// What to do.
        hint: &'static str,
    },
    /// The control room did not enrol this facility.
    #[error("the control room answered {status} to the enrolment: {said}")]
    EnrolmentRefused {
        /// The HTTP status.
        status: u16,
        /// Its words.
        said: String,
    },
    /// The control room did not take a voluntary cut.
    #[error("the control room answered {status} to the voluntary cut: {said}")]
    VoluntaryRefused {
        /// The HTTP status.
        status: u16,
        /// Its words.
        said: String,
    },
    /// A key, signature, address or connection failed.
    #[error(transparent)]
    Courier(#[from] CourierError),
    /// No such order is stored.
    #[error("order {order_no} is not stored here; compare the number with the list of orders")]
    UnknownOrder {
        /// The number asked for.
        order_no: OrderNo,
    },
    /// A listener failed.
    #[error("cannot serve at {address}")]
    Serve {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// A loop of the agent ended by itself.
    #[error("the agent stopped by itself ({what}); the load is left as it is: start the agent again")]
    Stopped {
        /// Which part, and why.
        what: String,
    },
}

impl AgentError {
    pub(crate) fn config(field: &'static str, found: String, expected: &'static str) -> Self {
        Self::Config { field, found, expected }
    }

    pub(crate) fn file(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, what, source }
    }
}
