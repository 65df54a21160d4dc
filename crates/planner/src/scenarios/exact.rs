//! The exact route for small cases: all futures in one mixed-integer programme.

use super::futures::Futures;
use crate::formulation::Formulation;
use crate::round::round;
use crate::solve::{Settings, first_values};
use crate::solver::{Effort, Programme, SolverError};

/// kW per facility and interval.
type Cuts = Vec<Vec<i64>>;

/// What the programme gave.
pub(super) struct Exact {
    /// Cuts of the plan, and of every scenario, in kW per facility and interval.
    pub(super) found: Option<(Cuts, Vec<Cuts>)>,
    /// A lower bound of every plan's objective.
    pub(super) bound: Option<f64>,
}

/// Facility-intervals, of the plan and of every scenario, up to which it is tried.
const SMALL: usize = 1_000;
/// Part of the gap that is kept for rounding to kW.
const GAP_FOR_SEARCH: f64 = 0.95;

/// Whether it is worth trying.
pub(super) fn is_small(futures: &Futures) -> bool {
    (futures.len() + 1) * futures.members().len() * futures.first.steps <= SMALL
}

/// Solves the whole as one programme, beginning from some cuts of the plan and of every scenario.
pub(super) fn solve(
    futures: &Futures,
    settings: Settings,
    left_s: f64,
    (first, each): (&[Vec<i64>], &[Vec<Vec<i64>>]),
) -> Result<Exact, SolverError> {
    let (formulation, columns) = Formulation::of_futures(futures);
    let effort =
        Effort { gap: settings.gap * GAP_FOR_SEARCH, threads: settings.threads, seed: settings.seed };
    let programme = Programme::new(formulation, effort)?;
    let mut begin = first_values(&futures.first, &columns.first, first);
    for ((problem, columns), cuts) in futures.each.iter().zip(&columns.each).zip(each) {
        begin.extend(first_values(problem, columns, cuts));
    }
    let answer = programme.minimise(&begin, left_s)?;
    let found = answer.values.map(|values| {
        let each = futures.each.iter().zip(&columns.each);
        let first = round(&futures.first, &columns.first, &values);
        (first, each.map(|(problem, columns)| round(problem, columns, &values)).collect())
    });
    Ok(Exact { found, bound: answer.bound })
}
