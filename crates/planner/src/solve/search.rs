//! The search in a thread of its own, so that a stop signal is obeyed at once; a search to which nobody listens any
//! more ends at its next step.

use super::Settings;
use super::exactly::{FOR_EXACT, solve_exactly};
use crate::assemble::relative_gap;
use crate::course::toil;
use crate::decomposition::{Fleet, News, Prices, Target, first_prices, search};
use crate::draft::Draft;
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

/// The best cuts so far, and what is proven.
struct Stand {
    cuts: Vec<Vec<i64>>,
    objective: f64,
    bound: f64,
    /// Where a search begins.
    prices: Option<Prices>,
}

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

    /// Searches, asks the exact programme where the case is small, and searches on where that does not end.
    fn least_cost(
        &self,
        problem: &Problem,
        prices: Option<Prices>,
        pool: &rayon::ThreadPool,
    ) -> Result<(), SolverError> {
        let is_exact = self.may_ask_exactly && problem.is_small();
        let patience = (is_exact || !self.may_ask_exactly).then_some(PATIENCE);
        let seed = self.settings.seed;
        let mut stand = pool.install(|| {
            let first = self.fallback(problem);
            let (cuts, objective) = (first.cuts.clone(), first.objective());
            let mut stand = Stand { cuts, objective, bound: f64::NEG_INFINITY, prices };
            self.search(first, &mut stand, patience, seed).map(|()| stand)
        })?;
        if is_exact && !self.is_done(&stand) && !self.solve_exactly(problem, &mut stand)? {
            let first = Draft::new(problem, stand.cuts.clone());
            pool.install(|| self.search(first, &mut stand, None, seed.wrapping_add(1)))?;
        }
        Ok(())
    }

    fn is_done(&self, stand: &Stand) -> bool {
        relative_gap(stand.objective, stand.bound) <= self.settings.gap || (self.is_over)()
    }

    fn fallback<'p>(&self, problem: &'p Problem) -> Draft<'p> {
        self.say(Word::About("fallback"));
        let fallback = fallback(problem, self.is_hurried);
        self.say(Word::Better(fallback.cuts.clone(), fallback.objective()));
        fallback
    }

    /// Searches from a draft on, until it is near enough to what this search proves or what was known before.
    fn search(
        &self,
        first: Draft<'_>,
        stand: &mut Stand,
        patience: Option<usize>,
        seed: u64,
    ) -> Result<(), SolverError> {
        self.say(Word::About("search"));
        let Settings { gap, threads, .. } = self.settings;
        let (fleet, known) = (Fleet::whole(first.problem), stand.bound);
        let prices = stand.prices.take().unwrap_or_else(|| first_prices(&fleet));
        let enough = AtomicBool::new(false);
        let mut tell = |news: News<'_>| match news {
            News::Bound(bound) => {
                stand.bound = stand.bound.max(bound);
                self.say(Word::Bound(bound));
            }
            News::Better(draft) => {
                (stand.cuts, stand.objective) = (draft.cuts.clone(), draft.objective());
                enough.store(relative_gap(stand.objective, known) <= gap, Ordering::Relaxed);
                self.say(Word::Better(stand.cuts.clone(), stand.objective));
            }
            News::Prices(prices) => {
                stand.prices = Some(prices.clone());
                self.say(Word::Prices(prices.clone()));
            }
        };
        let is_over = || enough.load(Ordering::Relaxed) || (self.is_over)();
        search(&fleet, first, prices, Target { gap, patience, threads, seed }, &is_over, &mut tell)
    }

    /// The whole as one programme, beginning from the best cuts; whether there is no more to search.
    fn solve_exactly(&self, problem: &Problem, stand: &mut Stand) -> Result<bool, SolverError> {
        self.say(Word::About("exact programme"));
        let left_s = || (self.settings.time_limit_s - (self.now_s)()) * FOR_EXACT;
        let found = solve_exactly(problem, Formulation::new(problem), &stand.cuts, self.settings, left_s)?;
        let is_within = found.is_within(self.settings.gap);
        if let Some(bound) = found.bound {
            stand.bound = stand.bound.max(bound);
            self.say(Word::Bound(bound));
        }
        if let (Some(cuts), Some(reached)) = (found.cuts, found.reached) {
            self.say(Word::Exact(cuts.clone(), reached));
            let draft = Draft::new(problem, cuts);
            if draft.keeps_rules() && draft.objective() < stand.objective {
                (stand.objective, stand.cuts) = (draft.objective(), draft.cuts);
            }
        }
        Ok(is_within || self.is_done(stand))
    }

    fn say(&self, word: Word) {
        // Whoever listened may be gone.
        drop(self.saying.send(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Mutex;

    /// What a search is about, one after the other, so many seconds after the start; stopped at the fourth.
    fn told(now_s: f64) -> Vec<&'static str> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small");
        let mut case = Case::read(&folder).unwrap();
        // What is rounded to kW leaves a gap that nothing closes.
        case.scenarios[0].headroom_mw.iter_mut().flatten().for_each(|mw| *mw -= 0.123_456_7);
        let problem = Problem::new(&case).unwrap();
        let settings = Settings { gap: 1e-6, time_limit_s: 30.0, threads: 1, seed: 1 };
        let (saying, words) = channel();
        let heard = Mutex::new((words, Vec::new()));
        let about = |word| if let Word::About(about) = word { Some(about) } else { None };
        let is_over = || {
            let (words, told) = &mut *heard.lock().unwrap();
            told.extend(words.try_iter().filter_map(about));
            told.len() > 3
        };
        let (is_hurried, now_s) = (|| false, || now_s);
        let own = Own {
            saying,
            is_hurried: &is_hurried,
            is_over: &is_over,
            now_s: &now_s,
            may_ask_exactly: true,
            settings,
        };
        own.run(&problem, &Question::LeastCost, None, &pool(1).unwrap()).unwrap();
        is_over();
        heard.into_inner().unwrap().1
    }

    #[test]
    fn another_search_follows_where_the_exact_programme_does_not_end() {
        assert_eq!(told(0.0), ["fallback", "search", "exact programme"]);
        assert_eq!(told(30.0), ["fallback", "search", "exact programme", "search"]);
    }
}
