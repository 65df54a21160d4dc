//! The choosing: from a case to a plan that passes the check.
//!
//! [`problem`] reads the case as mathematics, [`formulation`] writes it as a mixed-integer programme, [`solve`]
//! searches, rounds to whole kW and asks [`check`], which shares no code with the rest.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod assemble;
pub mod check;
mod dispatch;
mod fallback;
pub mod formulation;
pub mod problem;
mod round;
pub mod shortfall;
pub mod solve;
mod solver;
#[cfg(test)]
mod testing;
pub mod walk;

pub use solver::SolverError;
