//! What runs at a facility: it receives orders, verifies them, remembers them, acts on time also when the network
//! is gone, signs its answers and reports what its meter says.
//!
//! A limit is released by an order's own words only: by the end of its restore slot, by a newer order, by a
//! recall, or by the facility's person who refuses it. No error, restart, missing file or clock step does it.
//!
//! ```text
//! receipt: router or fetch -> check -> store          time: tick = answer, act (driver), meter, send
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod act;
pub mod admin;
pub mod agent;
mod answer;
pub mod check;
pub mod config;
pub mod driver;
pub mod enrol;
pub mod error;
mod fetch;
pub mod holdings;
mod ledger;
mod memory;
mod meter;
pub mod pins;
pub mod record;
pub mod refusal;
mod reports;
mod router;
pub mod run;
mod send;
pub mod store;
mod voluntary;

pub use agent::{Agent, Now, Standing};
pub use config::{AgentConfig, AnswerPolicy, DriverConfig};
pub use driver::exec::Exec;
pub use driver::simulated::Simulated;
pub use driver::{Driver, DriverError, Driving, Mean};
pub use enrol::enrol;
pub use error::AgentError;
pub use holdings::{Holding, Target, governing};
pub use pins::Pins;
pub use refusal::Refusal;
pub use run::run;
pub use store::Store;
pub use voluntary::volunteer;
