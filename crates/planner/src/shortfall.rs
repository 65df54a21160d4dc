//! What stays short for loads as the meters have them: the ties carry what they can, whatever was planned.

use crate::dispatch::{least_shortage, remaining};
use crate::problem::Problem;
use crate::solve::PlanError;
use crate::solver::SolverError;
use kezek_model::case::Case;

/// Uncovered MW per zone (in the order of the case) and interval, for loads in the same shape.
///
/// # Errors
/// When the case is none that is planned, or the solver that dispatches the ties fails.
pub fn uncovered_mw(case: &Case, load_mw: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, PlanError> {
    let problem = Problem::new(case)?;
    let over = |(zone, load): (&crate::problem::ZoneRow, &Vec<f64>)| {
        load.iter().zip(&zone.headroom_mw).map(|(load, headroom)| load - headroom).collect()
    };
    let shortage: Vec<Vec<f64>> = problem.zones.iter().zip(load_mw).map(over).collect();
    let flows = if problem.ties.is_empty() { Vec::new() } else { dispatched(&problem, &shortage)? };
    Ok(remaining(&problem, &shortage, &flows))
}

/// In a thread of its own: the solver binds the number of its threads to the one that calls it first.
fn dispatched(problem: &Problem, shortage: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, SolverError> {
    std::thread::scope(|scope| {
        let dispatch = scope.spawn(|| least_shortage(problem, shortage));
        dispatch.join().unwrap_or_else(|_| Err(SolverError("the dispatch broke off".to_owned())))
    })
}
