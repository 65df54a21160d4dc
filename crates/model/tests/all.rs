//! The reader of a case, from outside.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "all/auction.rs"]
mod auction;
#[path = "all/digest.rs"]
mod digest;
#[path = "all/fault_sum.rs"]
mod fault_sum;
#[path = "all/fault_tables.rs"]
mod fault_tables;
#[path = "all/faults.rs"]
mod faults;
#[path = "all/noise.rs"]
mod noise;
#[path = "all/registry.rs"]
mod registry;
#[path = "all/sample.rs"]
mod sample;
#[path = "all/supply.rs"]
mod supply;
