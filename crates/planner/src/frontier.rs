//! The price of fairness: the least objective under one limit of the highest burden after the other.
//!
//! The limits run from the floor, below which more energy than needed would stay uncovered, to the burden of the least-cost
//! plan. Each is a problem of its own, every facility's energy limited, with a proven bound of its own; and each begins
//! from the plan below it, which it allows.

mod points;

use crate::assemble::{Costed, Proof, relative_gap};
use crate::check::check;
use crate::problem::Problem;
use crate::solve::{Clock, PlanError, Progress, Settings, Watch};
use crate::solver::SolverError;
use crate::stages::Burdens;
use kezek_model::case::{Case, Policy};
use kezek_model::plan::Status;
use points::{Asked, Told};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// What fairness costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frontier {
    /// Name of the case.
    pub case: String,
    /// [`Case::digest`] of the case.
    pub case_digest: String,
    /// Version of the engine.
    pub engine: String,
    /// Whose burden it is: with the past for `rotation`, without for the others.
    pub policy: Policy,
    /// Money that objectives and prices are in.
    pub currency: String,
    /// Seed of whatever was drawn.
    pub seed: u64,
    /// No plan that leaves as little uncovered as any has a lower highest burden; absent where time ran out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// One per limit, the tightest first; the last is the least-cost plan.
    pub points: Vec<Point>,
    /// Whether all points that were asked for are there, each within the gap asked for.
    pub is_complete: bool,
    /// Seconds spent.
    pub seconds: f64,
}

/// The best plan found under one limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The limit of every burden.
    pub limit: f64,
    /// The highest burden of the plan.
    pub burden: f64,
    /// Cost with uncovered and overrun energy at the price of the case.
    pub objective: f64,
    /// No plan within the limit is cheaper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// `(objective - bound) / max(1, |objective|)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    /// Cost without uncovered and overrun energy.
    pub cost: f64,
    /// What stays uncovered.
    pub uncovered_mwh: f64,
    /// By how much the proven bound falls where the limit rises by one percentage point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow_price: Option<f64>,
}

/// Both ends of the search, seen from the one that listens.
struct Search {
    told: Receiver<Result<Told, SolverError>>,
    clock: Arc<Clock>,
    over: Arc<AtomicBool>,
}

/// Draws the frontier of a case with so many points, at least 2; fewer where time runs out or a person stops it.
///
/// # Errors
/// When the case asks for what this version does not solve, or the planner itself is at fault.
pub fn frontier(
    case: &Case,
    points: usize,
    settings: Settings,
    watch: &mut Watch<'_>,
) -> Result<Frontier, PlanError> {
    let problem = Arc::new(Problem::new(case)?);
    let burdens = Burdens::new(case, &problem);
    let search = start(Asked { problem: Arc::clone(&problem), burdens, points: points.max(2), settings });
    let mut frontier = Frontier {
        case: case.name.clone(),
        case_digest: case.digest()?,
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        policy: case.objective.policy,
        currency: case.objective.currency.clone(),
        seed: settings.seed,
        floor: None,
        points: Vec::new(),
        is_complete: false,
        seconds: 0.0,
    };
    let burdens = Burdens::new(case, &problem);
    listen(&search, settings, watch, &mut |told| match told {
        Told::Floor(floor) => {
            frontier.floor = Some(floor);
            Ok(())
        }
        Told::Point { limit, cuts, bound, shadow_price } => {
            let judged = judged(case, &problem, cuts)?;
            frontier.points.push(point(&burdens, &judged, limit, bound, shadow_price));
            Ok(())
        }
    })?;
    sweep(&mut frontier.points);
    let is_near = |point: &Point| point.gap.is_some_and(|gap| gap <= settings.gap);
    frontier.is_complete = frontier.points.len() >= points && frontier.points.iter().all(is_near);
    frontier.seconds = (watch.elapsed)().as_secs_f64();
    Ok(frontier)
}

fn start(asked: Asked) -> Search {
    let (saying, told) = channel();
    let (clock, over) = (Arc::new(Clock::default()), Arc::new(AtomicBool::new(false)));
    let (own_clock, own_over) = (Arc::clone(&clock), Arc::clone(&over));
    std::thread::spawn(move || {
        // Whoever listened may be gone.
        let tell = |told| drop(saying.send(Ok(told)));
        if let Err(error) = points::draw(&asked, &own_clock, &own_over, &tell) {
            drop(saying.send(Err(error)));
        }
    });
    Search { told, clock, over }
}

/// Listens until the search ends, or a person stops it, or time is over.
fn listen(
    search: &Search,
    settings: Settings,
    watch: &mut Watch<'_>,
    hear: &mut dyn FnMut(Told) -> Result<(), PlanError>,
) -> Result<(), PlanError> {
    let mut heard = 0;
    loop {
        let seconds = (watch.elapsed)().as_secs_f64();
        let is_over = watch.stop.load(Ordering::Relaxed) || seconds > settings.time_limit_s;
        search.clock.set(seconds);
        search.over.store(is_over, Ordering::Relaxed);
        match search.told.recv_timeout(Duration::from_millis(20)) {
            Ok(told) => {
                heard += usize::from(matches!(told, Ok(Told::Point { .. })));
                hear(told?)?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        #[allow(clippy::cast_precision_loss)]
        let incumbent = heard as f64;
        (watch.progress)(Progress { stage: "frontier".to_owned(), incumbent, bound: None, seconds });
    }
}

/// Cuts with all that follows from them, where they pass the check.
fn judged(case: &Case, problem: &Problem, cuts: Vec<Vec<i64>>) -> Result<Costed, PlanError> {
    let costed = Costed::new(problem, cuts)?;
    let proof = Proof { status: Status::TimeLimit, bound: None, seed: 0, seconds: 0.0 };
    let report = check(case, &costed.plan(case, problem, proof)?, None);
    if report.passed() { Ok(costed) } else { Err(PlanError::Check(report.to_string())) }
}

fn point(
    burdens: &Burdens,
    costed: &Costed,
    limit: f64,
    bound: Option<f64>,
    shadow_price: Option<f64>,
) -> Point {
    Point {
        limit,
        burden: burdens.highest(&costed.cuts),
        objective: costed.objective,
        bound,
        gap: None,
        cost: costed.cost,
        uncovered_mwh: costed.uncovered_mwh,
        shadow_price,
    }
}

/// What holds for a wider limit holds for a tighter one: a bound is one of all points below it.
fn sweep(points: &mut [Point]) {
    let mut proven: Option<f64> = None;
    for point in points.iter_mut().rev() {
        proven = proven.into_iter().chain(point.bound).reduce(f64::max);
        point.bound = proven.map(|bound| bound.min(point.objective));
        point.gap = point.bound.map(|bound| relative_gap(point.objective, bound));
    }
}
