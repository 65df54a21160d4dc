//! Plans for a laboratory: one after the other on one thread, each ended by its gap or by counted work and never by a
//! clock, so that the same case makes the same plan on every machine, however busy.

use super::search::{Question, counted};
use super::{Heard, MarginalPrice, PlanError, Settings, marginal, written};
use crate::decomposition::Fleet;
use crate::dispatch::{dispatch, shortages};
use crate::island::Sets;
use crate::problem::Problem;
use crate::solver::{SolverError, pool};
use kezek_model::case::Case;
use kezek_model::plan::Plan;

/// How near to look, and how much to ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Stop at this proven relative gap.
    pub gap: f64,
    /// Stop after so much [`toil`](crate::course::toil).
    pub toil: u64,
    /// Seed of whatever is drawn.
    pub seed: u64,
}

/// One thread that plans case after case.
pub struct Bench {
    pool: rayon::ThreadPool,
}

impl Bench {
    /// A bench with its thread.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn new() -> Result<Self, SolverError> {
        Ok(Self { pool: pool(1)? })
    }

    /// Plans a case from the prices of another one at the same times, if there are any; the plan, which passed the check
    /// and says 0 s, and the prices that prove its bound (`least-cost` only).
    ///
    /// Exact programmes are not asked, as their time is that of the wall.
    ///
    /// # Errors
    /// As [`solve`](super::solve); also when the case has several scenarios.
    pub fn plan(
        &self,
        case: &Case,
        effort: Effort,
        prices: &[MarginalPrice],
    ) -> Result<(Plan, Vec<MarginalPrice>), PlanError> {
        let problem = Problem::new(case)?;
        #[allow(clippy::cast_precision_loss)]
        let settings =
            Settings { gap: effort.gap, time_limit_s: effort.toil as f64, threads: 1, seed: effort.seed };
        let question = Question::of(case, &problem);
        self.pool.install(|| {
            let known = marginal::known(case, &Fleet::whole(&problem), prices);
            let mut heard = Heard::default();
            let words = counted(&problem, &question, known, settings, &self.pool)?;
            words.iter().for_each(|word| heard.hear(word));
            written(case, &problem, settings, heard, &|| 0.0)
        })
    }

    /// MW uncovered per zone and interval when some kW are cut per facility and interval, the ties at their best.
    ///
    /// # Errors
    /// When the solver that dispatches the ties fails.
    pub fn uncovered_mw(
        &self,
        problem: &Problem,
        cuts_kw: &[Vec<i64>],
    ) -> Result<Vec<Vec<f64>>, SolverError> {
        let (short, sets) = (shortages(problem, cuts_kw), Sets::new(problem));
        if (0..problem.steps).all(|t| sets.uncovered(&short, t) <= 0.0) {
            return Ok(vec![vec![0.0; problem.steps]; problem.zones.len()]);
        }
        self.pool.install(|| dispatch(problem, cuts_kw)).map(|dispatch| dispatch.uncovered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::case::Policy;
    use std::path::Path;

    fn example(name: &str) -> Case {
        Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)).unwrap()
    }

    const EFFORT: Effort = Effort { gap: 0.01, toil: 200_000, seed: 1 };

    #[test]
    fn every_policy_is_planned_and_its_prices_are_a_first_guess_that_changes_no_proof() {
        let bench = Bench::new().unwrap();
        for policy in [Policy::LeastCost, Policy::EqualShare, Policy::Rotation] {
            let mut case = example("rotation-almaty");
            case.objective.policy = policy;
            let (plan, prices) = bench.plan(&case, EFFORT, &[]).unwrap();
            assert_eq!(plan.seconds, 0.0);
            assert_eq!(prices.is_empty(), policy != Policy::LeastCost);
            let (again, _) = bench.plan(&case, EFFORT, &prices).unwrap();
            assert!(again.bound.unwrap() <= plan.objective + 1e-6, "{policy:?}");
        }
    }

    #[test]
    fn the_same_work_makes_the_same_plan_on_any_bench() {
        let case = example("west-island");
        let few = Effort { toil: 2_000, ..EFFORT };
        let plan = |effort| Bench::new().unwrap().plan(&case, effort, &[]).unwrap().0;
        for effort in [EFFORT, few] {
            assert_eq!(plan(effort).digest().unwrap(), plan(effort).digest().unwrap());
        }
        assert!(plan(few).objective >= plan(EFFORT).bound.unwrap() - 1e-6);
    }

    #[test]
    fn what_is_uncovered_is_what_the_plan_says() {
        let case = example("kazakhstan-2022-01");
        let (plan, bench) = (example_plan(&case), Bench::new().unwrap());
        let problem = Problem::new(&case).unwrap();
        let cuts: Vec<Vec<i64>> = plan
            .allocations
            .chunks(case.grid.len)
            .map(|rows| rows.iter().map(|row| row.cut.0).collect())
            .collect();
        let uncovered: f64 = bench.uncovered_mw(&problem, &cuts).unwrap().iter().flatten().sum();
        assert!((uncovered * problem.hours - plan.totals.uncovered_mwh).abs() < 0.001);
        let all = vec![vec![0; case.grid.len]; cuts.len()];
        assert!(bench.uncovered_mw(&problem, &all).unwrap().iter().flatten().sum::<f64>() > uncovered);
    }

    fn example_plan(case: &Case) -> Plan {
        Bench::new().unwrap().plan(case, EFFORT, &[]).unwrap().0
    }
}
