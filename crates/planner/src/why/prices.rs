//! What a MWh is worth in a zone and interval.

use crate::again::exact_prices;
use crate::decomposition::{Fleet, Prices};
use crate::draft::Draft;
use crate::problem::{Problem, count};
use crate::solver::SolverError;

/// The prices of the greatest bound, and that bound.
pub(super) fn at_best(fleet: &Fleet<'_>, draft: &Draft<'_>) -> Result<(Prices, f64), SolverError> {
    if fleet.members.is_empty() {
        return Ok((Prices::zero(fleet.problem), draft.objective()));
    }
    exact_prices(fleet, draft)
}

/// The mean price of a facility's zone over some intervals, per MWh.
pub(super) fn per_mwh(problem: &Problem, prices: &Prices, f: usize, from: usize, to: usize) -> f64 {
    let own = &prices.balance[problem.facilities[f].zone][from..to];
    own.iter().sum::<f64>() / (count(to - from) * problem.hours)
}
