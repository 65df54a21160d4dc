//! The search in a thread of its own, so that a stop signal is obeyed at once; a search to which nobody listens any
//! more ends at its next step.

use super::Settings;
use super::exactly::solve_exactly;
use crate::course::toil;
use crate::decomposition::{Fleet, News, Prices, Target, first_prices, search};
use crate::fallback::fallback;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::solver::{SolverError, pool};
use crate::stages::{Burdens, Means, Order, Stage, solve_stages};
use kezek_model::case::{Case, Policy};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a search says.
pub(super) enum Word {
    /// What it is about.
    About(&'static str),
    /// A stage of a lexicographic policy begins: bounds and values are its own from now on.
    Begins(Stage),
    /// A lower bound.
    Bound(f64),
    /// The prices that prove the bound of `least-cost`.
    Prices(Prices),
    /// Better cuts, in kW per facility and interval, and their value.
    Better(Vec<Vec<i64>>, f64),
    /// The exact programme ended: its cuts, and their objective before they were rounded to kW.
    Exact(Vec<Vec<i64>>, f64),
    /// The solver failed; what was found stands.
    Failed(SolverError),
}

/// Both ends of a search.
pub(super) struct Search {
    pub(super) words: Receiver<Word>,
    /// Told how late it is.
    pub(super) clock: Arc<Clock>,
    /// Set to end the fallback, and all that follows.
    pub(super) hurry: Arc<AtomicBool>,
    /// Set to end the search.
    pub(super) over: Arc<AtomicBool>,
}

/// How many seconds have passed, as the listening end says it.
#[derive(Default)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    pub(crate) fn set(&self, seconds: f64) {
        self.0.store(seconds.to_bits(), Ordering::Relaxed);
    }

    pub(crate) fn seconds(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// What a search is asked.
pub(super) enum Question {
    /// The least objective.
    LeastCost,
    /// The stages of a lexicographic policy.
    Stages(Burdens),
}

impl Question {
    /// What the policy of a case asks.
    pub(super) fn of(case: &Case, problem: &Problem) -> Self {
        match case.objective.policy {
            Policy::LeastCost => Self::LeastCost,
            Policy::EqualShare | Policy::Rotation => Self::Stages(Burdens::new(case, problem)),
        }
    }
}

/// Starts a search so many seconds after the start; one whose time is over by then only proves a first bound.
pub(super) fn start(problem: Arc<Problem>, question: Question, settings: Settings, seconds: f64) -> Search {
    let (saying, words) = channel();
    let over = seconds > settings.time_limit_s;
    let (hurry, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(over)));
    let clock = Arc::new(Clock::default());
    clock.set(seconds);
    let search =
        Search { words, clock: Arc::clone(&clock), hurry: Arc::clone(&hurry), over: Arc::clone(&over) };
    std::thread::spawn(move || {
        let own = Own {
            saying,
            is_hurried: &|| hurry.load(Ordering::Relaxed),
            is_over: &|| over.load(Ordering::Relaxed),
            now_s: &|| clock.seconds(),
            may_ask_exactly: true,
            settings,
        };
        let ended = pool(settings.threads).and_then(|pool| own.run(&problem, &question, None, &pool));
        if let Err(error) = ended {
            own.say(Word::Failed(error));
        }
    });
    search
}

/// Searches on the one thread of a pool, with no clock but what it asks of facilities (`time_limit_s` in [`toil`]); all that
/// was said.
pub(super) fn counted(
    problem: &Problem,
    question: &Question,
    prices: Option<Prices>,
    settings: Settings,
    pool: &rayon::ThreadPool,
) -> Result<Receiver<Word>, SolverError> {
    let (saying, words) = channel();
    pool.install(|| {
        let began = toil();
        #[allow(clippy::cast_precision_loss)]
        let now_s = || toil().wrapping_sub(began) as f64;
        let own = Own {
            saying,
            is_hurried: &|| now_s() > settings.for_fallback_s(),
            is_over: &|| now_s() > settings.time_limit_s,
            now_s: &now_s,
            may_ask_exactly: false,
            settings,
        };
        own.run(problem, question, prices, pool)
    })?;
    Ok(words)
}

/// The searching end.
struct Own<'o> {
    saying: Sender<Word>,
    is_hurried: &'o (dyn Fn() -> bool + Sync),
    is_over: &'o (dyn Fn() -> bool + Sync),
    now_s: &'o (dyn Fn() -> f64 + Sync),
    /// Whether exact programmes are asked, whose time is that of the wall.
    may_ask_exactly: bool,
    settings: Settings,
}

/// Rounds that better nothing after which the exact programme takes over, where it can.
const PATIENCE: usize = 20;

impl Own<'_> {
    fn run(
        &self,
        problem: &Problem,
        question: &Question,
        prices: Option<Prices>,
        pool: &rayon::ThreadPool,
    ) -> Result<(), SolverError> {
        match question {
            Question::LeastCost => self.least_cost(problem, prices, pool),
            Question::Stages(burdens) => self.stages(problem, burdens, pool),
        }
    }

    fn stages(
        &self,
        problem: &Problem,
        burdens: &Burdens,
        pool: &rayon::ThreadPool,
    ) -> Result<(), SolverError> {
        let say = |order| match order {
            Order::Begins(stage) => self.say(Word::Begins(stage)),
            Order::Bound(bound) => self.say(Word::Bound(bound)),
            Order::Better(cuts, value) => self.say(Word::Better(cuts, value)),
        };
        let means = Means {
            pool,
            settings: self.settings,
            may_ask_exactly: self.may_ask_exactly,
            now_s: self.now_s,
            is_stopped: self.is_over,
            say: &say,
        };
        solve_stages(&means, problem, burdens)
    }

    fn least_cost(
        &self,
        problem: &Problem,
        prices: Option<Prices>,
        pool: &rayon::ThreadPool,
    ) -> Result<(), SolverError> {
        let (best, objective, bound) = pool.install(|| self.decompose(problem, prices))?;
        let is_reached = crate::assemble::relative_gap(objective, bound) <= self.settings.gap;
        if !is_reached && self.may_ask_exactly && problem.is_small() && !(self.is_over)() {
            self.solve_exactly(problem, &best)?;
        }
        Ok(())
    }

    fn decompose(
        &self,
        problem: &Problem,
        prices: Option<Prices>,
    ) -> Result<(Vec<Vec<i64>>, f64, f64), SolverError> {
        self.say(Word::About("fallback"));
        let fallback = fallback(problem, self.is_hurried);
        let mut best = (fallback.cuts.clone(), fallback.objective(), f64::NEG_INFINITY);
        self.say(Word::Better(best.0.clone(), best.1));
        let fleet = Fleet::whole(problem);
        let prices = prices.unwrap_or_else(|| first_prices(&fleet));
        let settings = self.settings;
        let target = Target {
            gap: settings.gap,
            patience: (problem.is_small() || !self.may_ask_exactly).then_some(PATIENCE),
            threads: settings.threads,
            seed: settings.seed,
        };
        self.say(Word::About("search"));
        let mut tell = |news: News<'_>| match news {
            News::Bound(bound) => {
                best.2 = bound;
                self.say(Word::Bound(bound));
            }
            News::Better(draft) => {
                (best.0, best.1) = (draft.cuts.clone(), draft.objective());
                self.say(Word::Better(best.0.clone(), best.1));
            }
            News::Prices(prices) => self.say(Word::Prices(prices.clone())),
        };
        search(&fleet, fallback, prices, target, self.is_over, &mut tell)?;
        Ok(best)
    }

    /// The whole as one programme, beginning from the best cuts.
    fn solve_exactly(&self, problem: &Problem, best: &[Vec<i64>]) -> Result<(), SolverError> {
        self.say(Word::About("exact programme"));
        let left_s = || self.settings.time_limit_s - (self.now_s)();
        let found = solve_exactly(problem, Formulation::new(problem), best, self.settings, left_s)?;
        found.bound.into_iter().for_each(|bound| self.say(Word::Bound(bound)));
        if let (Some(cuts), Some(reached)) = (found.cuts, found.reached) {
            self.say(Word::Exact(cuts, reached));
        }
        Ok(())
    }

    fn say(&self, word: Word) {
        // Whoever listened may be gone.
        drop(self.saying.send(word));
    }
}
