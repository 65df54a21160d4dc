//! The searching end: the least-cost plan, the floor, and the limits between them.

use crate::decomposition::{News, Prices};
use crate::draft::Draft;
use crate::problem::Problem;
use crate::solve::{Clock, Settings};
use crate::solver::{SolverError, pool};
use crate::stages::{Aim, Burdens, Cuts, Means, costless, floor, uncovered};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is asked.
pub(super) struct Asked {
    pub(super) problem: Arc<Problem>,
    pub(super) burdens: Burdens,
    pub(super) points: usize,
    pub(super) settings: Settings,
}

/// What is told.
pub(super) enum Told {
    /// The floor of the highest burden.
    Floor(f64),
    /// The best cuts within a limit, the bound of the objective there, and the fall of that bound by percentage point.
    Point { limit: f64, cuts: Cuts, bound: Option<f64>, shadow_price: Option<f64> },
}

/// Shares of the time after which the steps before the points end at the latest.
const FOR_UNCOVERED: f64 = 0.1;
const FOR_FLOOR: f64 = 0.2;
const FOR_LEAST_COST: f64 = 0.35;
/// Rounds of a search that better nothing after which it ends.
const PATIENCE: usize = 12;

/// A plan, and the bound of its objective.
struct Best {
    cuts: Cuts,
    objective: f64,
    bound: f64,
}

/// Draws the points, the tightest first.
///
/// # Errors
/// When the solver fails.
pub(super) fn draw(
    asked: &Asked,
    clock: &Clock,
    over: &AtomicBool,
    tell: &dyn Fn(Told),
) -> Result<(), SolverError> {
    let pool = pool(asked.settings.threads)?;
    let means = Means {
        pool: &pool,
        may_ask_exactly: true,
        settings: asked.settings,
        now_s: &|| clock.seconds(),
        is_stopped: &|| over.load(Ordering::Relaxed),
        say: &|_| {},
    };
    let (problem, burdens) = (asked.problem.as_ref(), &asked.burdens);
    let kept = uncovered(&means, problem, means.share_s(FOR_UNCOVERED))?;
    let until_s = means.share_s(FOR_FLOOR);
    let lowest = floor(&means, &costless(problem), burdens, (&kept.cuts, kept.allowed_mwh), until_s)?.burden;
    tell(Told::Floor(lowest));
    let cheapest = least_cost(&means, problem, kept.cuts)?;
    let highest = burdens.highest(&cheapest.cuts);
    let limits = limits(lowest.min(highest), highest, asked.points);
    Walk { means: &means, problem, burdens, cheapest, below: None, prices: None }.go(&limits, tell)
}

/// Limits at the same distance, the last the highest.
#[allow(clippy::cast_precision_loss)]
fn limits(lowest: f64, highest: f64, points: usize) -> Vec<f64> {
    let last = (points - 1) as f64;
    (0..points).map(|k| lowest + (highest - lowest) * k as f64 / last).collect()
}

fn least_cost(means: &Means<'_>, problem: &Problem, covering: Cuts) -> Result<Best, SolverError> {
    let (one, other) = (Draft::new(problem, means.fallback(problem)), Draft::new(problem, covering));
    let first = if other.objective() < one.objective() { other } else { one };
    searched(means, problem, first, None, means.share_s(FOR_LEAST_COST))
}

/// The best that one search finds.
fn searched<'p>(
    means: &Means<'_>,
    problem: &'p Problem,
    first: Draft<'p>,
    prices: Option<Prices>,
    until_s: f64,
) -> Result<Best, SolverError> {
    let mut best = Best { cuts: first.cuts.clone(), objective: first.objective(), bound: f64::NEG_INFINITY };
    let aim = Aim { gap: means.settings.gap, patience: Some(PATIENCE), until_s, turn: 0 };
    let mut tell = |news: News<'_>| {
        match news {
            News::Bound(bound) => best.bound = best.bound.max(bound),
            News::Better(draft) => (best.cuts, best.objective) = (draft.cuts.clone(), draft.objective()),
            News::Prices(_) => {}
        }
        false
    };
    means.search(problem, first, prices, aim, &mut tell)?;
    Ok(best)
}

/// A walk from the tightest limit to the widest.
struct Walk<'w, 'm> {
    means: &'w Means<'m>,
    problem: &'w Problem,
    burdens: &'w Burdens,
    cheapest: Best,
    /// The plan of the limit below.
    below: Option<Cuts>,
    prices: Option<Prices>,
}

impl Walk<'_, '_> {
    #[allow(clippy::cast_precision_loss)]
    fn go(&mut self, limits: &[f64], tell: &dyn Fn(Told)) -> Result<(), SolverError> {
        let Some((&highest, others)) = limits.split_last() else { return Ok(()) };
        for (k, &limit) in others.iter().enumerate() {
            let limit_s = self.means.limit_s();
            if self.means.is_over(limit_s) {
                return Ok(());
            }
            let share = (k + 1) as f64 / others.len() as f64;
            self.step(limit, limit_s * (FOR_LEAST_COST + (1.0 - FOR_LEAST_COST) * share), tell)?;
        }
        let Best { cuts, objective, bound } = &self.cheapest;
        let is_better = |own: &Cuts| Draft::new(self.problem, own.clone()).objective() < objective - 1e-6;
        let cuts = self.below.as_ref().filter(|own| is_better(own)).unwrap_or(cuts).clone();
        let bound = Some(*bound).filter(|bound| bound.is_finite());
        tell(Told::Point { limit: highest, cuts, bound, shadow_price: None });
        Ok(())
    }

    /// One limit; no point where no plan within it is found.
    fn step(&mut self, limit: f64, until_s: f64, tell: &dyn Fn(Told)) -> Result<(), SolverError> {
        let capped = self.burdens.capped(self.problem, limit);
        let Some(first) = self.first(&capped) else { return Ok(()) };
        let (proven, prices) = self.means.ascend(&capped, &first.cuts, self.prices.take(), until_s)?;
        let shadow_price = self.burdens.slope(&capped, &prices.energy) / 100.0;
        let best = searched(self.means, &capped, first, Some(prices.clone()), until_s)?;
        let bound = Some(proven.max(best.bound)).filter(|bound| bound.is_finite());
        (self.below, self.prices) = (Some(best.cuts.clone()), Some(prices));
        tell(Told::Point { limit, cuts: best.cuts, bound, shadow_price: Some(shadow_price) });
        Ok(())
    }

    /// The best draft to begin with: that of the limit below, or the least-cost one or the fallback made to fit.
    fn first<'p>(&self, capped: &'p Problem) -> Option<Draft<'p>> {
        let below = self.below.iter().map(|cuts| Draft::new(capped, cuts.clone()));
        let others = [self.cheapest.cuts.clone(), self.means.fallback(capped)];
        let fitted = others.into_iter().map(|cuts| self.means.fitted(capped, cuts));
        let allowed = below.chain(fitted).filter(Draft::is_allowed);
        allowed.min_by(|a, b| a.objective().total_cmp(&b.objective()))
    }
}
