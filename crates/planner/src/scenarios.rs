//! Uncertain headroom (section 6): one cut for all scenarios, and in each scenario, once it is known, a deeper one.
//!
//! [`futures`] are the problems that the facilities may face; a [`joint`] draft holds the plan and what follows it in each
//! of them; [`tail`] is the mean of the worst; [`dual`] proves a bound; [`search`] looks for drafts, and small cases are
//! left to the [`exact`] programme where it leaves a gap.

mod dual;
mod exact;
mod futures;
mod joint;
mod replay;
mod report;
mod search;
mod tail;

pub(crate) use futures::Futures;
pub use replay::{Outcome, respond};

use crate::assemble::{Costed, Proof, relative_gap};
use crate::check;
use crate::problem::Unplannable;
use crate::solve::{PlanError, Progress, Settings, Watch};
use crate::solver::{SolverError, pool};
use joint::Joint;
use kezek_model::case::{Case, Policy};
use kezek_model::plan::{Plan, Status};
use search::News;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Cuts of the plan, and of every scenario, in kW per facility and interval.
#[derive(Clone)]
struct Found {
    first: Vec<Vec<i64>>,
    each: Vec<Vec<Vec<i64>>>,
    objective: f64,
}

/// What a search says.
enum Word {
    Stage(&'static str),
    Bound(f64),
    Better(Found),
    Failed(SolverError),
}

/// What a search has to know of the world outside.
#[derive(Default)]
struct Signal {
    is_over: AtomicBool,
    milliseconds: AtomicU64,
}

impl Signal {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn left_s(&self, settings: Settings) -> f64 {
        (settings.time_limit_s - self.milliseconds.load(Ordering::Relaxed) as f64 / 1000.0).max(0.0)
    }
}

/// What was heard from a search.
#[derive(Default)]
struct Heard {
    best: Option<Found>,
    bound: Option<f64>,
}

/// Plans a case with several scenarios.
///
/// # Errors
/// When the policy is another than `least-cost`, or the planner itself is at fault.
pub(crate) fn solve(case: &Case, settings: Settings, watch: &mut Watch<'_>) -> Result<Plan, PlanError> {
    if case.objective.policy != Policy::LeastCost {
        return Err(Unplannable::ScenariosOfPolicy(case.objective.policy.as_str()).into());
    }
    let futures = Futures::new(case);
    let signal = Signal::default();
    let (saying, words) = channel();
    let heard = std::thread::scope(|scope| {
        scope.spawn(|| run(&futures, settings, &signal, saying));
        listen(watch, settings, &words, &signal)
    })?;
    let best = heard.best.ok_or_else(|| SolverError("the search broke off".to_owned()))?;
    write(case, &futures, settings, watch, best, heard.bound)
}

fn run(futures: &Futures, settings: Settings, signal: &Signal, saying: Sender<Word>) {
    // Whoever listened may be gone.
    let say = |word: Word| drop(saying.send(word));
    let over = || signal.is_over();
    let (mut best, mut bound) = (None, f64::NEG_INFINITY);
    let mut tell = |news: News<'_>| match news {
        News::Bound(raised) => {
            bound = f64::max(bound, raised);
            say(Word::Bound(raised));
        }
        News::Better(joint) => {
            let found = Found::of(joint);
            best = Some(found.clone());
            say(Word::Better(found));
        }
    };
    say(Word::Stage("search"));
    let searched = pool(settings.threads)
        .and_then(|pool| pool.install(|| search::search(futures, settings, &over, &mut tell)));
    let Some(best) = best else { return };
    let gap = relative_gap(best.objective, bound);
    let exactly = || exact::solve(futures, settings, signal.left_s(settings), (&best.first, &best.each));
    let tried = match searched {
        Err(error) => Err(error),
        Ok(()) if gap > settings.gap && exact::is_small(futures) && !over() => {
            say(Word::Stage("exact programme"));
            exactly().map(Some)
        }
        Ok(()) => Ok(None),
    };
    match tried {
        Ok(Some(exact)) => {
            exact.bound.into_iter().for_each(|bound| say(Word::Bound(bound)));
            let better = exact.found.map(|(first, each)| Joint::of(futures, first, each));
            let better = better.filter(|joint| joint.objective < best.objective && joint.is_allowed());
            better.into_iter().for_each(|joint| say(Word::Better(Found::of(&joint))));
        }
        Ok(None) => {}
        Err(error) => say(Word::Failed(error)),
    }
}

impl Found {
    fn of(joint: &Joint<'_>) -> Self {
        Self {
            first: joint.first.cuts.clone(),
            each: joint.each.iter().map(|draft| draft.cuts.clone()).collect(),
            objective: joint.objective,
        }
    }
}

/// Listens to a search until it ends; sets the signal when a person stops it or time is over.
fn listen(
    watch: &mut Watch<'_>,
    settings: Settings,
    words: &Receiver<Word>,
    signal: &Signal,
) -> Result<Heard, SolverError> {
    let (mut heard, mut stage) = (Heard::default(), "search");
    loop {
        match words.recv_timeout(Duration::from_millis(20)) {
            Ok(Word::Stage(next)) => stage = next,
            Ok(Word::Bound(bound)) => heard.bound = heard.bound.into_iter().chain([bound]).reduce(f64::max),
            Ok(Word::Better(found)) => heard.best = Some(found),
            // What was found stands.
            Ok(Word::Failed(error)) if heard.best.is_none() => return Err(error),
            Ok(Word::Failed(_)) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(heard),
        }
        let elapsed = (watch.elapsed)();
        let seconds = elapsed.as_secs_f64();
        signal.milliseconds.store(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let is_over = watch.stop.load(Ordering::Relaxed) || seconds > settings.time_limit_s;
        signal.is_over.store(is_over, Ordering::Relaxed);
        if let Some(best) = &heard.best {
            let (stage, incumbent) = (stage.to_owned(), best.objective);
            (watch.progress)(Progress { stage, incumbent, bound: heard.bound, seconds });
        }
    }
}

/// The plan as written, once it has passed the check.
fn write(
    case: &Case,
    futures: &Futures,
    settings: Settings,
    watch: &Watch<'_>,
    found: Found,
    bound: Option<f64>,
) -> Result<Plan, PlanError> {
    let mut joint = Joint::of(futures, found.first, found.each);
    joint.commit();
    let first = Costed::new(&futures.first, joint.first.cuts)?;
    let each: Result<Vec<Costed>, SolverError> =
        joint.each.into_iter().map(|draft| Costed::new(draft.problem, draft.cuts)).collect();
    let (objective, uncertainty) = report::uncertainty(case, futures, &each?);
    let bound = bound.map(|bound| bound.min(objective));
    let status = status(bound.map_or(f64::INFINITY, |bound| relative_gap(objective, bound)), settings);
    let seconds = (watch.elapsed)().as_secs_f64();
    let proof = Proof { status, bound: None, seed: settings.seed, seconds };
    let mut plan = first.plan(case, &futures.first, proof)?;
    (plan.objective, plan.bound) = (objective, bound);
    plan.gap = bound.map(|bound| relative_gap(objective, bound));
    plan.uncertainty = Some(uncertainty);
    let report = check::check(case, &plan, Some(settings.gap));
    if report.passed() { Ok(plan) } else { Err(PlanError::Check(report.to_string())) }
}

fn status(gap: f64, settings: Settings) -> Status {
    match gap {
        gap if gap <= 1e-6 => Status::Optimal,
        gap if gap <= settings.gap => Status::WithinGap,
        _ => Status::TimeLimit,
    }
}
