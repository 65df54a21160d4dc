//! A formulation as one programme, beginning from cuts that are known.

use super::{Settings, first};
use crate::assemble::relative_gap;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::round::round;
use crate::solver::{Effort, Programme, SolverError};

/// What an exact programme found.
pub(crate) struct Exact {
    /// Rounded to whole kW, which may break a limit by a little.
    pub(crate) cuts: Option<Vec<Vec<i64>>>,
    /// Their objective before they were rounded.
    pub(crate) reached: Option<f64>,
    /// A proven lower bound.
    pub(crate) bound: Option<f64>,
}

impl Exact {
    /// Whether it ended within a relative gap, rounding apart: then there is nothing left to search.
    pub(crate) fn is_within(&self, gap: f64) -> bool {
        self.reached.zip(self.bound).is_some_and(|(reached, bound)| relative_gap(reached, bound) <= gap)
    }
}

/// Part of the time left that an exact programme takes between two searches: where it does not end by then, searching on
/// finds more.
pub(crate) const FOR_EXACT: f64 = 0.25;

/// Part of the gap that is kept for rounding to kW.
const GAP_FOR_SEARCH: f64 = 0.95;

/// Solves a formulation in the seconds that are left once it is handed over. Not on a thread of a search's pool, as
/// those solve linear programmes with one thread each, and HiGHS keeps to the first number it is told.
pub(crate) fn solve_exactly(
    problem: &Problem,
    mut formulation: Formulation,
    first: &[Vec<i64>],
    settings: Settings,
    left_s: impl FnOnce() -> f64,
) -> Result<Exact, SolverError> {
    let columns = std::mem::take(&mut formulation.facilities);
    let effort =
        Effort { gap: settings.gap * GAP_FOR_SEARCH, threads: settings.threads, seed: settings.seed };
    let programme = Programme::new(formulation, effort)?;
    let answer = programme.minimise(&first::values(problem, &columns, first), left_s().max(0.0))?;
    let cuts = answer.values.map(|values| round(problem, &columns, &values));
    Ok(Exact { cuts, reached: answer.reached, bound: answer.bound })
}
