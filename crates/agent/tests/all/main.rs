//! The agent as a whole: over loopback sockets, with a clock that the test sets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod abuse;
mod door;
mod enrolment;
mod exec;
mod memory;
mod noise;
mod real;
mod time;
mod world;
