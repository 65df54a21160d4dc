//! What planners run, and the pretend world of tests and demo.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod draw;
mod load;

pub mod derived;
pub mod errors;
pub mod instead;
pub mod lab;
pub mod leads;
pub mod made;
#[doc(hidden)]
pub mod noise;
pub mod oracle;
pub mod sim;
pub mod stress;
pub mod world;
