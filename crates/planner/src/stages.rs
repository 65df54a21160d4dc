//! The stages of a lexicographic policy: first the least uncovered and overrun energy; then, with that kept, the smallest
//! highest burden; then, with both kept, the least objective.
//!
//! Each stage is a problem of its own for the same search: [`uncovered`] has no costs but that of a missing MWh; for
//! [`burden`] every facility's energy is limited, the [`floor`] of the limits is proven by prices and the limits are
//! lowered as far as drafts go; [`cost`] has the limits that were reached and the case's own costs.

mod burden;
mod cost;
mod floor;
mod means;
mod reach;
mod tighten;
mod uncovered;

pub(crate) use burden::Burdens;
pub(crate) use floor::floor;
pub(crate) use means::{Aim, Cuts, Means, Order, costless};
pub(crate) use uncovered::uncovered;

use crate::problem::Problem;
use crate::solver::SolverError;

/// What later stages may give back of the first two: MWh, share of the MWh, burden.
const UNCOVERED_SLACK_MWH: f64 = 0.1;
const UNCOVERED_SLACK_SHARE: f64 = 1e-4;
const BURDEN_SLACK: f64 = 0.001;

/// Shares of the time after which the first two stages end at the latest.
const FOR_UNCOVERED: f64 = 0.4;
const FOR_BURDEN: f64 = 0.75;

/// A stage, in the order in which they are solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Uncovered,
    Burden,
    Cost,
}

impl Stage {
    pub(crate) const ALL: [Self; 3] = [Self::Uncovered, Self::Burden, Self::Cost];

    /// The name in a plan.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uncovered => "uncovered",
            Self::Burden => "burden",
            Self::Cost => "cost",
        }
    }
}

/// What later stages may leave missing, in MWh, where the first one reached this.
fn allowed_mwh(reached_mwh: f64) -> f64 {
    reached_mwh + UNCOVERED_SLACK_MWH.max(UNCOVERED_SLACK_SHARE * reached_mwh)
}

/// Solves all stages; what is reached and proven on the way is said.
///
/// # Errors
/// When the solver fails.
pub(crate) fn solve_stages(
    means: &Means<'_>,
    problem: &Problem,
    burdens: &Burdens,
) -> Result<(), SolverError> {
    let kept = uncovered(means, problem, means.share_s(FOR_UNCOVERED))?;
    if means.is_over(means.limit_s()) {
        return Ok(());
    }
    let reached = reach::burden(means, problem, burdens, kept, means.share_s(FOR_BURDEN))?;
    if means.is_over(means.limit_s()) {
        return Ok(());
    }
    cost::cost(means, problem, burdens, reached)
}
