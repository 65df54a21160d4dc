//! What a stage works with: threads, a clock, a stop signal, somebody who listens; and the search of one problem.

use super::Stage;
use crate::decomposition::{
    Ascent, Fleet, MENDING, Mender, News, Prices, Target, Until, first_prices, search,
};
use crate::draft::Draft;
use crate::fallback::fallback;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::solve::{Exact, FOR_EXACT, Settings, solve_exactly};
use crate::solver::SolverError;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cuts in kW per facility and interval.
pub(crate) type Cuts = Vec<Vec<i64>>;

/// What a stage says.
pub(crate) enum Order {
    /// It begins.
    Begins(Stage),
    /// A proven lower bound, in the stage's unit.
    Bound(f64),
    /// Better cuts, and their value in the stage's unit.
    Better(Cuts, f64),
}

/// What a stage works with.
pub(crate) struct Means<'m> {
    pub(crate) pool: &'m rayon::ThreadPool,
    pub(crate) settings: Settings,
    /// Whether exact programmes are asked, whose time is that of the wall.
    pub(crate) may_ask_exactly: bool,
    /// Seconds since the start.
    pub(crate) now_s: &'m (dyn Fn() -> f64 + Sync),
    /// Whether a person stopped it.
    pub(crate) is_stopped: &'m (dyn Fn() -> bool + Sync),
    pub(crate) say: &'m (dyn Fn(Order) + Sync),
}

/// When one search may end.
#[derive(Clone, Copy)]
pub(crate) struct Aim {
    /// At this relative gap.
    pub(crate) gap: f64,
    /// After so many rounds that better nothing; never where `None`.
    pub(crate) patience: Option<usize>,
    /// At this second.
    pub(crate) until_s: f64,
    /// Which of several searches of a problem it is: each draws otherwise.
    pub(crate) turn: u64,
}

/// Rounds of an ascent, and the relative gap at which it is good enough.
const ROUNDS: usize = 200;
const NEAR: f64 = 1e-4;
/// However short the time, the fallback has so many seconds: a plan that cuts nobody helps nobody.
const FOR_FALLBACK_AT_LEAST_S: f64 = 1.0;
const FOR_FALLBACK: f64 = 0.25;

impl Means<'_> {
    pub(crate) fn is_over(&self, until_s: f64) -> bool {
        (self.is_stopped)() || (self.now_s)() > until_s
    }

    /// Whether a problem may be solved as one programme.
    pub(crate) fn is_exact(&self, problem: &Problem) -> bool {
        self.may_ask_exactly && problem.is_small()
    }

    pub(crate) fn limit_s(&self) -> f64 {
        self.settings.time_limit_s
    }

    /// The second at which a share of the time is over.
    pub(crate) fn share_s(&self, share: f64) -> f64 {
        self.settings.time_limit_s * share
    }

    /// The second until which an exact programme may take between two searches that end at another one.
    pub(crate) fn exactly_until_s(&self, until_s: f64) -> f64 {
        let now_s = (self.now_s)();
        now_s + (until_s - now_s) * FOR_EXACT
    }

    pub(crate) fn say(&self, order: Order) {
        (self.say)(order);
    }

    /// Cuts that break no rule, limits of energy apart.
    pub(crate) fn fallback(&self, problem: &Problem) -> Cuts {
        let until_s = ((self.now_s)() + self.share_s(FOR_FALLBACK)).max(FOR_FALLBACK_AT_LEAST_S);
        self.pool.install(|| fallback(problem, &|| self.is_over(until_s)).cuts)
    }

    /// A draft of some cuts, settled, so that limits of energy are kept where that can be.
    pub(crate) fn fitted<'p>(&self, problem: &'p Problem, mut cuts: Cuts) -> Draft<'p> {
        let never = problem.facilities.iter().zip(&mut cuts).filter(|(row, _)| !row.can_be_cut());
        never.for_each(|(_, own)| own.fill(0));
        let all: Vec<usize> = (0..problem.facilities.len()).collect();
        let mut draft = Draft::new(problem, cuts);
        draft.settle(&all, &|| (self.is_stopped)());
        draft
    }

    /// Cuts that keep every rule of a problem, mended until its objective is at most `most`, mending is in vain, or it is
    /// second `until_s`.
    pub(crate) fn mended(
        &self,
        problem: &Problem,
        cuts: Cuts,
        prices: Option<&Prices>,
        (most, until_s): (f64, f64),
    ) -> Cuts {
        let Settings { threads, seed, .. } = self.settings;
        let is_over = || self.is_over(until_s);
        let until = Until { most, patience: MENDING, threads, seed, is_over: &is_over };
        self.pool.install(|| {
            let fleet = Fleet::whole(problem);
            let prices = prices.cloned().unwrap_or_else(|| first_prices(&fleet)).clamped(&fleet);
            Mender::new(&fleet, &prices).mend(Draft::new(problem, cuts), until).cuts
        })
    }

    /// Searches a problem from a draft and some prices on, until the aim is reached or `tell` says that it is enough.
    pub(crate) fn search<'p>(
        &self,
        problem: &'p Problem,
        first: Draft<'p>,
        prices: Option<Prices>,
        aim: Aim,
        tell: &mut (dyn FnMut(News<'_>) -> bool + Send),
    ) -> Result<(), SolverError> {
        let target = Target {
            gap: aim.gap,
            patience: aim.patience,
            threads: self.settings.threads,
            seed: self.settings.seed.wrapping_add(aim.turn),
        };
        self.pool.install(|| {
            let fleet = Fleet::within_energy(problem);
            let prices = prices.unwrap_or_else(|| first_prices(&fleet));
            let enough = AtomicBool::new(false);
            let is_over = || enough.load(Ordering::Relaxed) || self.is_over(aim.until_s);
            let mut hear = |news: News<'_>| {
                if tell(news) {
                    enough.store(true, Ordering::Relaxed);
                }
            };
            search(&fleet, first, prices, target, &is_over, &mut hear)
        })
    }

    /// A proven lower bound of a problem, and the prices that prove it.
    pub(crate) fn ascend(
        &self,
        problem: &Problem,
        cuts: &Cuts,
        prices: Option<Prices>,
        until_s: f64,
    ) -> Result<(f64, Prices), SolverError> {
        self.pool.install(|| {
            let fleet = Fleet::whole(problem);
            let prices = prices.unwrap_or_else(|| first_prices(&fleet));
            let mut ascent = Ascent::from(&fleet, cuts, prices)?;
            for _ in 0..ROUNDS {
                if ascent.gap() < NEAR || self.is_over(until_s) || !ascent.step()? {
                    break;
                }
            }
            Ok((ascent.bound, ascent.best))
        })
    }

    /// Solves a formulation as one programme, on this thread and not on one of the pool.
    pub(crate) fn solve_exactly(
        &self,
        problem: &Problem,
        formulation: Formulation,
        first: &Cuts,
        until_s: f64,
    ) -> Result<Exact, SolverError> {
        solve_exactly(problem, formulation, first, self.settings, || until_s - (self.now_s)())
    }
}

/// The problem in which only missing energy costs: 1 per MWh.
pub(crate) fn costless(problem: &Problem) -> Problem {
    let mut bare = problem.clone();
    bare.uncovered_cost_per_mwh = 1.0;
    for row in &mut bare.facilities {
        (row.cut_cost_per_mwh, row.event_cost) = (0.0, 0.0);
    }
    bare
}
