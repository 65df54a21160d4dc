//! The yardsticks: the plain programme given to HiGHS as it is, without anything of the search, and the judgement on
//! cuts from wherever they come.

use crate::assemble::{Costed, Proof};
use crate::check::{Report, check};
use crate::formulation::{FacilityColumns, Formulation};
use crate::problem::Problem;
use crate::round::round;
use crate::solve::{PlanError, Settings};
use crate::solver::SolverError;
use good_lp::{SolverModel, Variable};
use highs::{HighsModelStatus, HighsOptionValue, HighsSolutionStatus};
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use std::path::Path;

/// The plain programme of a case in the hands of HiGHS.
pub struct Exact {
    problem: Problem,
    facilities: Vec<Option<FacilityColumns>>,
    order: Vec<Variable>,
    model: highs::Model,
}

/// What HiGHS found by itself.
#[derive(Clone, Debug)]
pub struct Found {
    /// kW per facility and interval; `None` where it found nothing.
    pub cuts: Option<Vec<Vec<i64>>>,
    /// The objective before rounding to kW.
    pub reached: Option<f64>,
    /// A proven lower bound of the objective.
    pub bound: Option<f64>,
}

impl Exact {
    /// Formulates a case; HiGHS writes its progress to `log`, from which its incumbents can be read.
    ///
    /// # Errors
    /// When the case is none that is planned, or HiGHS does not take the programme.
    pub fn new(case: &Case, settings: Settings, log: &Path) -> Result<Self, PlanError> {
        let problem = Problem::new(case)?;
        let Formulation { variables, objective, rows, order, facilities, .. } = Formulation::new(&problem);
        let mut unsolved = variables.minimise(objective).using(good_lp::solvers::highs::highs);
        for row in rows {
            unsolved.add_constraint(row);
        }
        let mut model = unsolved.try_into_inner().map_err(|error| SolverError(error.to_string()))?;
        let log = log.display().to_string();
        set(&mut model, "output_flag", true)?;
        set(&mut model, "log_to_console", false)?;
        set(&mut model, "log_file", log.as_str())?;
        set(&mut model, "mip_rel_gap", settings.gap)?;
        set(&mut model, "time_limit", settings.time_limit_s)?;
        set(&mut model, "threads", i32::try_from(settings.threads).unwrap_or(1))?;
        set(&mut model, "random_seed", i32::try_from(settings.seed % (1 << 31)).unwrap_or(0))?;
        Ok(Self { problem, facilities, order, model })
    }

    /// Minimises from nothing.
    ///
    /// # Errors
    /// When HiGHS ends otherwise than by its gap or its time.
    pub fn minimise(self) -> Result<Found, PlanError> {
        let solved = self.model.try_solve().map_err(|status| failed("solving", status))?;
        let status = solved.status();
        if !matches!(status, HighsModelStatus::Optimal | HighsModelStatus::ReachedTimeLimit) {
            return Err(SolverError(format!("ended with status {status:?}")).into());
        }
        let bound = solved
            .double_info_value(c"mip_dual_bound")
            .map_err(|status| failed("reading the bound", status))?;
        let feasible = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let cuts = feasible.then(|| {
            let values =
                self.order.into_iter().zip(solved.get_solution().columns().iter().copied()).collect();
            round(&self.problem, &self.facilities, &values)
        });
        let reached = feasible.then(|| solved.objective_value());
        Ok(Found { cuts, reached, bound: Some(bound).filter(|bound| bound.is_finite()) })
    }
}

fn set<V: HighsOptionValue>(model: &mut highs::Model, option: &str, value: V) -> Result<(), SolverError> {
    model.try_set_option(option, value).map_err(|status| failed(option, status))
}

fn failed(what: &str, status: impl std::fmt::Debug) -> SolverError {
    SolverError(format!("{what} failed ({status:?})"))
}

/// The plan as written for cuts in kW per facility and interval, without a bound, and what the check says of it.
///
/// # Errors
/// When the case is none that is planned, or the solver that dispatches the ties fails.
pub fn judged(case: &Case, cuts: Vec<Vec<i64>>) -> Result<(Plan, Report), PlanError> {
    let problem = Problem::new(case)?;
    let costed = Costed::new(&problem, cuts)?;
    let proof = Proof { status: Status::TimeLimit, bound: None, seed: 0, seconds: 0.0 };
    let plan = costed.plan(case, &problem, proof)?;
    let report = check(case, &plan, None);
    Ok((plan, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Case {
        Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small")).unwrap()
    }

    #[test]
    fn the_case_worked_by_hand_is_solved_and_judged_alike() {
        let case = small();
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("highs.log");
        let settings = Settings { gap: 0.0, time_limit_s: 30.0, threads: 1, seed: 1 };
        let found = Exact::new(&case, settings, &log).unwrap().minimise().unwrap();
        assert!((found.reached.unwrap() - 8_200.0).abs() < 0.01 && found.bound.unwrap() <= 8_200.01);
        let (plan, report) = judged(&case, found.cuts.unwrap()).unwrap();
        assert!(report.passed(), "{report}");
        assert!((plan.objective - 8_200.0).abs() < 0.01);
        assert!(std::fs::read_to_string(log).unwrap().contains("HiGHS"));
    }

    #[test]
    fn cuts_that_break_a_rule_are_told() {
        let case = small();
        let cuts = vec![vec![1; case.grid.len]; case.facilities.len()];
        assert!(!judged(&case, cuts).unwrap().1.passed());
    }
}
