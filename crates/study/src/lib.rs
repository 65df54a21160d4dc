//! What planners run, and the pretend world of tests and demo.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod draw;

pub mod errors;
pub mod lab;
pub mod leads;
pub mod made;
#[doc(hidden)]
pub mod noise;
pub mod oracle;
pub mod sim;
pub mod world;
