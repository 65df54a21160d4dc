//! Plans for a laboratory: one after the other on one thread, each ended by its gap or by counted work and never by a
//! clock, so that the same case makes the same plan on every machine, however busy.

use super::search::{Question, counted};
use super::{Asked, Heard, MarginalPrice, PlanError, Settings, checked, marginal};
use crate::assemble::Costed;
use crate::decomposition::Fleet;
use crate::dispatch::{dispatch, shortages};
use crate::island::Sets;
use crate::problem::Problem;
use crate::solver::{SolverError, pool};
use crate::stages::Burdens;
use kezek_model::case::{Case, Policy};
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
        let question = match case.objective.policy {
            Policy::LeastCost => Question::LeastCost,
            Policy::EqualShare | Policy::Rotation => Question::Stages(Burdens::new(case, &problem)),
        };
        self.pool.install(|| {
            let known = marginal::known(case, &Fleet::whole(&problem), prices);
            let mut heard = Heard::default();
            let words = counted(&problem, &question, known, settings, &self.pool)?;
            words.iter().for_each(|word| heard.hear(word));
            let found: Result<Vec<Costed>, SolverError> =
                std::mem::take(&mut heard.found).into_iter().map(|cuts| Costed::new(&problem, cuts)).collect();
            let prices = heard.prices.take().map(|prices| marginal::of(case, &prices)).unwrap_or_default();
            let burdens = Burdens::new(case, &problem);
            let asked = Asked { case, problem: &problem, burdens, settings, seconds: &|| 0.0 };
            Ok((checked(&asked, found?, heard)?, prices))
        })
    }

    /// MW uncovered per zone and interval when some kW are cut per facility and interval, the ties at their best.
    ///
    /// # Errors
    /// When the solver that dispatches the ties fails.
    pub fn uncovered_mw(&self, problem: &Problem, cuts_kw: &[Vec<i64>]) -> Result<Vec<Vec<f64>>, SolverError> {
        let (short, sets) = (shortages(problem, cuts_kw), Sets::new(problem));
        if (0..problem.steps).all(|t| sets.uncovered(problem, &short, t) <= 0.0) {
            return Ok(vec![vec![0.0; problem.steps]; problem.zones.len()]);
        }
        self.pool.install(|| dispatch(problem, cuts_kw)).map(|dispatch| dispatch.uncovered)
    }
}
