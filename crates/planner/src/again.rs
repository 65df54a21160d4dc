//! A problem planned again from cuts that are known: with another rule, another headroom, or another forecast.
//!
//! The same steps as a first plan, but from a draft: prices and their bound, neighbourhoods, and for a small problem
//! the exact programme.

use crate::assemble::relative_gap;
use crate::decomposition::{Ascent, Fleet, News, Prices, Target, first_prices, search_from};
use crate::draft::Draft;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::round::round;
use crate::solver::{Effort, Programme, SolverError};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// How near and how long to look.
#[derive(Clone, Copy)]
pub(crate) struct Aim<'e> {
    /// Stop at this relative gap.
    pub(crate) gap: f64,
    /// Rounds of neighbourhoods in a row that better nothing before the search ends.
    pub(crate) patience: Option<usize>,
    /// Threads.
    pub(crate) threads: u32,
    /// Seed.
    pub(crate) seed: u64,
    /// Seconds that the exact programme may take; none is asked where 0.
    pub(crate) exact_s: f64,
    /// An objective that is enough, and that is hopeless once the bound is above it.
    pub(crate) enough: f64,
    /// Prices to begin with; those of a merit order where there are none.
    pub(crate) prices: Option<&'e Prices>,
    /// Whether to stop at once.
    pub(crate) is_over: &'e (dyn Fn() -> bool + Sync),
}

/// Cuts, and what is known of them.
#[derive(Clone)]
pub(crate) struct Found {
    /// kW per facility and interval.
    pub(crate) cuts: Vec<Vec<i64>>,
    /// Their objective.
    pub(crate) objective: f64,
    /// A proven lower bound of every plan's objective.
    pub(crate) bound: f64,
}

/// Rounds that prices are raised at most.
const ROUNDS: usize = 400;
/// Relative gap between blend and bound at which prices are as good as exact.
const EXACT_PRICES: f64 = 1e-8;

/// Raises the bound until the blend is near, or the bound is enough.
pub(crate) fn raise(
    ascent: &mut Ascent<'_>,
    near: f64,
    is_enough: &dyn Fn(f64) -> bool,
) -> Result<(), SolverError> {
    for _ in 0..ROUNDS {
        if is_enough(ascent.bound) || ascent.gap() <= near || !ascent.step()? {
            break;
        }
    }
    Ok(())
}

/// The prices at which nothing is gained any more.
pub(crate) fn exact_prices(
    fleet: &Fleet<'_>,
    first: &Draft<'_>,
    prices: Option<&Prices>,
) -> Result<(Prices, f64), SolverError> {
    let prices = prices.cloned().unwrap_or_else(|| first_prices(fleet));
    let mut ascent = Ascent::from(fleet, &first.cuts, prices)?;
    raise(&mut ascent, EXACT_PRICES, &|_| false)?;
    Ok((ascent.best, ascent.bound))
}

/// Betters a draft to the gap, as far as the aim lets.
pub(crate) fn again(problem: &Problem, first: Draft<'_>, aim: Aim<'_>) -> Result<Found, SolverError> {
    let fleet = Fleet::whole(problem);
    let objective = first.objective();
    if objective <= aim.enough || fleet.members.is_empty() {
        let bound = if fleet.members.is_empty() { objective } else { f64::NEG_INFINITY };
        return Ok(Found { cuts: first.cuts, objective, bound });
    }
    let prices = aim.prices.cloned().unwrap_or_else(|| first_prices(&fleet));
    let ascent = Ascent::from(&fleet, &first.cuts, prices)?;
    again_from(&fleet, first, ascent, aim)
}

/// The same from an ascent that is under way.
pub(crate) fn again_from<'a>(
    fleet: &'a Fleet<'a>,
    first: Draft<'a>,
    ascent: Ascent<'a>,
    aim: Aim<'_>,
) -> Result<Found, SolverError> {
    let mut found = Found { cuts: first.cuts.clone(), objective: first.objective(), bound: ascent.bound };
    let decided = AtomicBool::new(false);
    let is_over = || decided.load(Ordering::Relaxed) || (aim.is_over)();
    let target = Target { gap: aim.gap, patience: aim.patience, threads: aim.threads, seed: aim.seed };
    let mut tell = |news: News<'_>| {
        match news {
            News::Bound(bound) => found.bound = found.bound.max(bound),
            News::Better(draft) => (found.cuts, found.objective) = (draft.cuts.clone(), draft.objective()),
            News::Prices(_) => {}
        }
        decided.store(found.decides(aim.enough), Ordering::Relaxed);
    };
    search_from(fleet, first, ascent, target, &is_over, &mut tell)?;
    if found.gap() > aim.gap && fleet.problem.is_small() && aim.exact_s > 0.0 && !is_over() {
        solve_exactly(fleet.problem, &mut found, aim)?;
    }
    Ok(found)
}

impl Found {
    /// The relative gap.
    pub(crate) fn gap(&self) -> f64 {
        relative_gap(self.objective, self.bound)
    }

    /// Whether it is known if an objective can be reached.
    fn decides(&self, enough: f64) -> bool {
        self.objective <= enough || (enough.is_finite() && self.bound > enough)
    }
}

/// The whole as one programme; keeps what is better.
fn solve_exactly(problem: &Problem, found: &mut Found, aim: Aim<'_>) -> Result<(), SolverError> {
    let mut formulation = Formulation::new(problem);
    let columns = std::mem::take(&mut formulation.facilities);
    let effort = Effort { gap: aim.gap / 2.0, threads: 1, seed: aim.seed };
    let answer = Programme::new(formulation, effort)?.minimise(&HashMap::new(), aim.exact_s)?;
    found.bound = answer.bound.into_iter().fold(found.bound, f64::max);
    let Some(values) = answer.values else { return Ok(()) };
    let draft = Draft::new(problem, round(problem, &columns, &values));
    if draft.is_allowed() && draft.objective() < found.objective {
        (found.objective, found.cuts) = (draft.objective(), draft.cuts);
    }
    Ok(())
}
