//! HiGHS through good_lp, with the proven bound that good_lp does not show.

use crate::formulation::Formulation;
use good_lp::{Constraint, Expression, ProblemVariables, Solution as _, SolverModel, Variable};
use highs::HighsModelStatus;
use std::collections::HashMap;
use std::fmt::Debug;

/// What the solver is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Stop at this relative gap.
    pub(crate) gap: f64,
    /// Threads.
    pub(crate) threads: u32,
    /// Seed.
    pub(crate) seed: u64,
}

/// What the solver says. Its status is never trusted without the check.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Values of all variables; `None` where no solution was found.
    pub(crate) values: Option<HashMap<Variable, f64>>,
    /// The objective of these values.
    pub(crate) reached: Option<f64>,
    /// A lower bound of the objective, where one was proven.
    pub(crate) bound: Option<f64>,
}

/// Why the solver gave no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("solver: {0}")]
pub struct SolverError(pub(crate) String);

/// A mixed-integer programme in the hands of the solver.
pub(crate) struct Programme {
    model: highs::Model,
    order: Vec<Variable>,
}

impl Programme {
    /// Hands a formulation to the solver.
    pub(crate) fn new(formulation: Formulation, effort: Effort) -> Result<Self, SolverError> {
        let Formulation { variables, objective, rows, order, .. } = formulation;
        let mut problem = variables.minimise(objective).using(good_lp::solvers::highs::highs);
        for row in rows {
            problem.add_constraint(row);
        }
        let mut model = problem.try_into_inner().map_err(|error| SolverError(error.to_string()))?;
        configure(&mut model, effort)?;
        Ok(Self { model, order })
    }

    /// Minimises, beginning from a first solution of which only the whole numbers need be right.
    pub(crate) fn minimise(
        mut self,
        first: &HashMap<Variable, f64>,
        left_s: f64,
    ) -> Result<Answer, SolverError> {
        self.model.try_set_option("time_limit", left_s).map_err(failed("option time_limit"))?;
        let first: Vec<f64> = self.order.iter().map(|at| first.get(at).copied().unwrap_or(0.0)).collect();
        self.model
            .try_set_solution(Some(&first), None, None, None)
            .map_err(failed("setting the first solution"))?;
        let solved = self.model.try_solve().map_err(failed("solving"))?;
        let status = solved.status();
        if !matches!(status, HighsModelStatus::Optimal | HighsModelStatus::ReachedTimeLimit) {
            return Err(SolverError(format!("ended with status {status:?}")));
        }
        let bound = solved.double_info_value(c"mip_dual_bound").map_err(failed("reading the bound"))?;
        let feasible = solved.primal_solution_status() == highs::HighsSolutionStatus::Feasible;
        let reached = feasible.then(|| solved.objective_value());
        let values = feasible
            .then(|| self.order.into_iter().zip(solved.get_solution().columns().iter().copied()).collect());
        Ok(Answer { values, reached, bound: Some(bound).filter(|bound| bound.is_finite()) })
    }
}

fn configure(model: &mut highs::Model, effort: Effort) -> Result<(), SolverError> {
    model.make_quiet();
    let seed = i32::try_from(effort.seed % (1 << 31)).unwrap_or(0);
    let threads = i32::try_from(effort.threads).unwrap_or(1);
    model.try_set_option("mip_rel_gap", effort.gap).map_err(failed("option mip_rel_gap"))?;
    model.try_set_option("threads", threads).map_err(failed("option threads"))?;
    model.try_set_option("random_seed", seed).map_err(failed("option random_seed"))
}

fn failed<E: Debug>(what: &'static str) -> impl Fn(E) -> SolverError {
    move |status| SolverError(format!("{what} failed ({status:?})"))
}

/// Minimises a linear programme and gives the values of some of its variables.
pub(crate) fn minimise_linear(
    variables: ProblemVariables,
    objective: Expression,
    rows: Vec<Constraint>,
    wanted: &[Variable],
) -> Result<Vec<f64>, SolverError> {
    let mut problem = variables.minimise(objective).using(good_lp::solvers::highs::highs).set_threads(1);
    for row in rows {
        problem.add_constraint(row);
    }
    let solution = problem.solve().map_err(|error| SolverError(error.to_string()))?;
    Ok(wanted.iter().map(|&variable| solution.value(variable)).collect())
}

/// Threads that a search may use.
pub(crate) fn pool(threads: u32) -> Result<rayon::ThreadPool, SolverError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1) as usize).build();
    pool.map_err(|error| SolverError(format!("no threads: {error}")))
}
