//! The nouns of Kezek and the files they are read from and written to.
//!
//! True of the field even if no computer existed: units, time grid, facility, forecast, standing order, plan,
//! order, receipt, reading, verdict. No clock, no socket, no choice.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod amount;
pub mod came;
pub mod canonical;
pub mod case;
pub mod fault;
pub mod grid;
pub mod ids;
pub mod import;
pub mod lead;
#[doc(hidden)]
pub mod noise;
pub mod order;
pub mod phrase;
pub mod plan;
pub mod readings;
pub mod reason;
pub mod receipt;
pub mod registry;
pub mod schedule;
pub mod units;
