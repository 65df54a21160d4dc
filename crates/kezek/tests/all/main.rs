//! The binary as a person or a script meets it: what it prints, what it writes, and the code it ends with.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod auction;
mod check;
mod control;
mod demo;
mod diff;
mod doors;
mod frame;
mod frontier;
mod import;
mod kill;
mod life;
mod plan;
mod replan;
mod room;
mod run;
mod scenarios;
mod schedule;
mod secrets;
mod why;
