//! Planning again from a plan: hours that notice has frozen stay, everything else moves as little as needed.
//!
//! *As little as needed*: among the plans within the gap, one that changes the fewest facilities, and of these the
//! fewest MWh. A facility is changed where its cut in any interval of both plans is another. What the plan before says
//! of an interval is what it has at the interval's start; of intervals beyond its horizon it says nothing, and facilities
//! that it does not know are not cut in it.
//!
//! *Frozen hours* are the case's to say: `kept.csv` lists the cuts already ordered, and the check judges by it. What the
//! plan before has in frozen hours and the case has not is told by [`missing`], so that it can be added to the case;
//! a row that the case has wins over the plan before.
//!
//! The way: the courses of the plan before, made allowed, are a warm start. If they are within the gap they stay; else
//! few facilities change until the objective is within the gap ([`back`]), or a search does it and all that need not
//! have changed goes back. That is a heuristic; where the case is small an exact programme finds the fewest
//! ([`fewest`]). For lexicographic policies the case is planned anew and its plan goes back within all its stages.

pub(crate) mod back;
pub(crate) mod courses;
mod fewest;
mod frozen;
mod staged;
mod warm;

pub(crate) use frozen::cuts_at;
pub use frozen::{Frozen, contrary, missing};

use crate::assemble::{Costed, Proof, relative_gap};
use crate::check;
use crate::decomposition::Prices;
use crate::problem::Problem;
use crate::solve::{MarginalPrice, PlanError, Progress, Settings, Watch, marginal};
use crate::walk::events;
use courses::Courses;
use kezek_model::case::{Case, Policy};
use kezek_model::plan::{Plan, Status};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use warm::Asked;

/// A plan and how far it moved.
#[derive(Clone, Debug)]
pub struct Replanned {
    /// The plan, whose parent is the plan before.
    pub plan: Plan,
    /// What changed.
    pub moved: Moved,
    /// The prices that prove the bound; of `least-cost` only.
    pub prices: Vec<MarginalPrice>,
}

/// How far a plan moved from the one before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// Facilities that are cut otherwise.
    pub facilities: usize,
    /// No plan within the gap changes fewer, where that is proven.
    pub fewest: Option<usize>,
    /// MWh that are cut otherwise, more and less alike.
    pub mwh: f64,
    /// Events that begin at an instant at which none of the facility began before.
    pub new_events: usize,
    /// Events that began at an instant at which none of the facility begins now.
    pub removed_events: usize,
}

/// What a way back found.
pub(crate) struct Way {
    pub(crate) cuts: Vec<Vec<i64>>,
    pub(crate) bound: f64,
    /// Fewest facilities that change, where proven.
    pub(crate) fewest: Option<usize>,
    /// The prices that prove the bound.
    pub(crate) prices: Option<Prices>,
}

/// What is said on the way.
pub(crate) enum Word {
    /// Objective and bound of the best so far.
    Stands(f64, f64),
    /// The end.
    Done(Result<Way, crate::solver::SolverError>),
}

/// Plans a case again from a plan, and from its prices where they are known: with them a bound need not be found anew.
/// Prices of another case do no harm but that of time.
///
/// # Errors
/// As [`crate::solve::solve`].
pub fn replan(
    case: &Case,
    before: &Plan,
    prices: &[MarginalPrice],
    settings: Settings,
    watch: &mut Watch<'_>,
) -> Result<Replanned, PlanError> {
    let problem = Problem::new(case)?;
    let (wished, known) = frozen::cuts_at(case, before);
    if case.objective.policy != Policy::LeastCost {
        return staged::replan(
            case,
            &problem,
            before,
            Courses::new(&problem, wished, known),
            settings,
            watch,
        );
    }
    let asked = Asked { case, problem: &problem, before: (&wished, &known), prices, settings };
    let (parent, way) = beside(|| before.digest(), || run(asked, watch));
    let way = way?;
    let (bound, fewest) = (way.bound, way.fewest);
    let costed = Costed::new(&problem, way.cuts)?;
    let status = status(costed.objective, bound, settings);
    let bound = Some(bound).filter(|bound| bound.is_finite());
    let seconds = (watch.elapsed)().as_secs_f64();
    let plan = costed.plan(case, &problem, Proof { status, bound, seed: settings.seed, seconds })?;
    let plan = Plan { parent: Some(parent?), ..plan };
    let moved = moved(&problem, &Courses::unmoved(&problem, wished, known), &costed.cuts, fewest);
    let prices = way.prices.map(|prices| marginal::of(case, &prices)).unwrap_or_default();
    judged(case, plan, settings).map(|plan| Replanned { plan, moved, prices })
}

/// One thing beside another, on a thread of its own.
fn beside<A: Send, B>(aside: impl FnOnce() -> A + Send, main: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let aside = scope.spawn(aside);
        let main = main();
        (aside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), main)
    })
}

fn status(objective: f64, bound: f64, settings: Settings) -> Status {
    match relative_gap(objective, bound) {
        gap if gap <= 1e-6 => Status::Optimal,
        gap if gap <= settings.gap => Status::WithinGap,
        _ => Status::TimeLimit,
    }
}

/// A plan that passes the check.
fn judged(case: &Case, plan: Plan, settings: Settings) -> Result<Plan, PlanError> {
    let report = check::check(case, &plan, Some(settings.gap));
    if report.passed() { Ok(plan) } else { Err(PlanError::Check(report.to_string())) }
}

/// Runs the search in a thread of its own, until it ends or is told to.
fn run(asked: Asked<'_>, watch: &mut Watch<'_>) -> Result<Way, PlanError> {
    let over = AtomicBool::new(false);
    let (saying, words) = channel();
    std::thread::scope(|scope| {
        let over = &over;
        scope.spawn(move || {
            let is_over = || over.load(Ordering::Relaxed);
            let say = |word| drop(saying.send(word));
            say(Word::Done(warm::in_pool(asked, &is_over, &say)));
        });
        loop {
            let seconds = (watch.elapsed)().as_secs_f64();
            over.store(
                watch.stop.load(Ordering::Relaxed) || seconds > asked.settings.time_limit_s,
                Ordering::Relaxed,
            );
            match words.recv_timeout(Duration::from_millis(20)) {
                Ok(Word::Stands(incumbent, bound)) => {
                    let bound = Some(bound).filter(|bound| bound.is_finite());
                    (watch.progress)(Progress { stage: "search".into(), incumbent, bound, seconds });
                }
                Ok(Word::Done(way)) => return Ok(way?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(crate::solver::SolverError("the search broke off".to_owned()).into());
                }
            }
        }
    })
}

fn moved(problem: &Problem, courses: &Courses, cuts: &[Vec<i64>], fewest: Option<usize>) -> Moved {
    let far = courses.moved(cuts);
    let (mut new_events, mut removed_events) = (0, 0);
    for (f, row) in problem.facilities.iter().enumerate() {
        let known =
            |starts: Vec<usize>| -> Vec<usize> { starts.into_iter().filter(|&t| courses.known[t]).collect() };
        let starts = |cuts: &[i64]| known(events(row, cuts).iter().map(|event| event.from).collect());
        let (now, then) = (starts(&cuts[f]), starts(&courses.wished[f]));
        new_events += now.iter().filter(|t| !then.contains(t)).count();
        removed_events += then.iter().filter(|t| !now.contains(t)).count();
    }
    Moved { facilities: far.facilities, fewest, mwh: far.mwh, new_events, removed_events }
}
