//! The choosing: from a case to a plan that passes the check.
//!
//! [`problem`] reads the case as mathematics, [`formulation`] writes it as a mixed-integer programme, [`solve`]
//! searches, rounds to whole kW and asks [`check`], which shares no code with the rest.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod again;
mod assemble;
pub mod auction;
pub mod check;
pub mod course;
mod decomposition;
mod dispatch;
mod draft;
mod draw;
pub mod edit;
pub mod exact;
mod fallback;
pub mod formulation;
pub mod frontier;
mod island;
pub mod problem;
pub mod replan;
mod round;
pub mod scenarios;
pub mod shortfall;
pub mod solve;
mod solver;
mod stages;
#[cfg(test)]
mod testing;
pub mod walk;
pub mod why;

pub use solver::SolverError;
