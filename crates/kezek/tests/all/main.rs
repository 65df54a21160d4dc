//! The binary as a person or a script meets it: what it prints, what it writes, and the code it ends with.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod auction;
mod backup;
mod check;
mod chromium;
#[path = "../../../journal/tests/all/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod comeback;
mod control;
mod demo;
mod diff;
mod doors;
mod frame;
mod frontier;
mod import;
mod kill;
mod leads;
mod life;
mod living;
mod looks;
mod plan;
mod proof;
mod replan;
mod report;
mod room;
mod run;
mod scenarios;
mod schedule;
mod season;
mod secrets;
mod shared;
mod slurm;
mod standing;
mod study;
mod tab;
mod tutorials;
mod walk;
mod why;
