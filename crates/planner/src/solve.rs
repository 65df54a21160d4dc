//! The way from a case to the best plan that passes the check.

mod first;
mod search;

use crate::assemble::{Costed, Proof, relative_gap};
use crate::check;
use crate::dispatch::relaxed_cost;
use crate::fallback::fallback;
use crate::problem::{Problem, Unplannable};
use crate::solver::SolverError;
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;

use search::{Search, Word};
use std::time::Duration;

/// How long and how near to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Stop at this proven relative gap.
    pub gap: f64,
    /// Stop after this many seconds.
    pub time_limit_s: f64,
    /// Threads to use.
    pub threads: u32,
    /// Seed of whatever is drawn.
    pub seed: u64,
}

impl Settings {
    /// The settings of a case; what it leaves out is a gap of 0.1 %, 30 s, the given threads and seed 1.
    #[must_use]
    pub fn of(case: &Case, threads: u32) -> Self {
        let own = &case.solver;
        Self {
            gap: own.gap.unwrap_or(0.001),
            time_limit_s: own.time_limit_s.unwrap_or(30.0),
            threads: own.threads.unwrap_or(threads),
            seed: own.seed.unwrap_or(1),
        }
    }
}

/// Where a search stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// `fallback`, `search`, or why there is no search.
    pub stage: String,
    /// Objective of the best plan so far.
    pub incumbent: f64,
    /// Proven lower bound so far.
    pub bound: Option<f64>,
    /// Seconds since the start.
    pub seconds: f64,
}

/// The world outside of the search, as arguments: a clock, a stop signal, somebody who listens.
pub struct Watch<'a> {
    /// Time since the start.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// Set by whoever wants the best plan found so far.
    pub stop: &'a AtomicBool,
    /// Told now and then where the search stands.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The case asks for something that is not solved.
    #[error(transparent)]
    Unplannable(#[from] Unplannable),
    /// The solver failed where nothing can stand in for it.
    #[error(transparent)]
    Solver(#[from] SolverError),
    /// The case has no digest.
    #[error(transparent)]
    Canonical(#[from] kezek_model::canonical::CanonicalError),
    /// No plan passed the check: a fault of the planner, not of the case.
    #[error("no plan passed the check; please report this case:\n{0}")]
    Check(String),
}

/// Plans a case: the best plan found that passes the check.
///
/// # Errors
/// When the case asks for what this version does not solve, or the planner itself is at fault.
pub fn solve(case: &Case, settings: Settings, watch: &mut Watch<'_>) -> Result<Plan, PlanError> {
    let problem = Problem::new(case)?;
    let for_fallback_s = (settings.time_limit_s * FOR_FALLBACK).max(FOR_FALLBACK_AT_LEAST_S);
    let is_over = || watch.seconds() > for_fallback_s || watch.stop.load(Ordering::Relaxed);
    let fallback = fallback(&problem, settings.threads, &is_over)?;
    // Where even this fails there is no bound, and the plan prints none.
    let bound = relaxed_cost(&problem, settings.threads).ok();
    watch.tell("fallback", fallback.objective, bound);
    let left_s = settings.time_limit_s - watch.seconds();
    if left_s <= 0.0 || watch.stop.load(Ordering::Relaxed) {
        return checked(case, &problem, settings, watch, vec![fallback], None, bound);
    }
    let cells = problem.facilities.len() * problem.steps;
    if cells > MOST_CELLS {
        let why =
            format!("no search ({cells} facility-intervals, the plain search takes up to {MOST_CELLS})");
        watch.tell(&why, fallback.objective, bound);
        return checked(case, &problem, settings, watch, vec![fallback], None, bound);
    }
    let search = search::start(problem.clone(), fallback.cuts.clone(), settings, left_s);
    let heard = watch.listen(&search, fallback.objective, bound, settings);
    let mut found = vec![fallback];
    if let Some(cuts) = heard.cuts {
        found.push(Costed::new(&problem, cuts, settings.threads)?);
    }
    checked(case, &problem, settings, watch, found, heard.reached, heard.bound)
}

/// What was heard from a search until it ended or was left.
struct Heard {
    cuts: Option<Vec<Vec<i64>>>,
    /// Their objective before they were rounded to kW.
    reached: Option<f64>,
    /// A proven lower bound.
    bound: Option<f64>,
}

impl Watch<'_> {
    fn tell(&mut self, stage: &str, incumbent: f64, bound: Option<f64>) {
        let seconds = self.seconds();
        (self.progress)(Progress { stage: stage.to_owned(), incumbent, bound, seconds });
    }

    /// Listens to a search until it ends, a person stops it, or time is over.
    fn listen(
        &mut self,
        search: &Search,
        incumbent: f64,
        first_bound: Option<f64>,
        settings: Settings,
    ) -> Heard {
        let mut heard = Heard { cuts: None, reached: None, bound: first_bound };
        loop {
            match search.words.recv_timeout(Duration::from_millis(100)) {
                Ok(Word::Bound(bound)) => {
                    heard.raise(bound);
                    // The search may have ended by itself.
                    let _ = search.go.send((settings.time_limit_s - self.seconds()).max(0.0));
                }
                Ok(Word::Ended { cuts, reached, bound }) => {
                    heard.raise(bound);
                    return Heard { cuts, reached, ..heard };
                }
                Ok(Word::Failed(error)) => {
                    self.tell(&format!("no search ({error})"), incumbent, heard.bound);
                    return heard;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return heard,
            }
            self.tell("search", incumbent, heard.bound);
            if self.stop.load(Ordering::Relaxed) || self.seconds() > settings.time_limit_s * LATE + LATE_S {
                return heard;
            }
        }
    }

    fn seconds(&self) -> f64 {
        (self.elapsed)().as_secs_f64()
    }
}

/// Facility-intervals beyond which the programme would take more memory than a planner's machine has: 300 000 took
/// 3.4 GB when measured.
const MOST_CELLS: usize = 300_000;
/// Share of the time that the fallback may take.
const FOR_FALLBACK: f64 = 0.25;
/// However short the time, the fallback has so many seconds: a plan that cuts nobody helps nobody.
const FOR_FALLBACK_AT_LEAST_S: f64 = 1.0;
/// A solver looks at its clock now and then only: it is waited for a little beyond its time.
const LATE: f64 = 1.05;
const LATE_S: f64 = 0.5;

impl Heard {
    fn raise(&mut self, bound: Option<f64>) {
        self.bound = self.bound.into_iter().chain(bound).reduce(f64::max);
    }
}

/// The first of the plans, the cheapest first, that passes the check. Only rounding lies between the cheapest and what
/// the search reached, so that its status is decided by what was reached, where the check agrees.
fn checked(
    case: &Case,
    problem: &Problem,
    settings: Settings,
    watch: &Watch<'_>,
    mut found: Vec<Costed>,
    mut reached: Option<f64>,
    bound: Option<f64>,
) -> Result<Plan, PlanError> {
    found.sort_by(|a, b| a.objective.total_cmp(&b.objective));
    let mut reports = Vec::new();
    for costed in found {
        let before_rounding = reached.take().map(|reached| reached.min(costed.objective));
        let mut statuses: Vec<Status> = before_rounding
            .into_iter()
            .chain([costed.objective])
            .map(|objective| status(objective, settings, bound))
            .collect();
        statuses.dedup();
        for status in statuses {
            let seconds = (watch.elapsed)().as_secs_f64();
            let plan = costed.plan(case, problem, Proof { status, bound, seed: settings.seed, seconds })?;
            let report = check::check(case, &plan, Some(settings.gap));
            if report.passed() {
                return Ok(plan);
            }
            reports.push(report.to_string());
        }
    }
    Err(PlanError::Check(reports.join("\n")))
}

/// The status of an objective, which is that before rounding where it is known: rounding is no lack of time.
fn status(objective: f64, settings: Settings, bound: Option<f64>) -> Status {
    match bound.map(|bound| relative_gap(objective, bound)) {
        Some(gap) if gap <= 1e-6 => Status::Optimal,
        Some(gap) if gap <= settings.gap => Status::WithinGap,
        _ => Status::TimeLimit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn example(name: &str) -> Case {
        Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)).unwrap()
    }

    fn solved(case: &Case) -> Plan {
        let began = std::time::Instant::now();
        let stop = AtomicBool::new(false);
        let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
        solve(case, Settings::of(case, 2), &mut watch).unwrap()
    }

    fn planned(name: &str) -> Plan {
        solved(&example(name))
    }

    fn assert_objective(plan: &Plan, expected: f64) {
        let (found, bound) = (plan.objective, plan.bound.unwrap());
        assert!((found - expected).abs() < 0.01, "{found} instead of {expected}");
        assert!(bound <= found && bound > expected - 0.001 * expected - 0.01, "bound {bound}");
    }

    #[test]
    fn rounding_to_kw_is_no_lack_of_time() {
        let mut case = example("small");
        case.scenarios[0].headroom_mw.iter_mut().flatten().for_each(|mw| *mw -= 0.123_456_7);
        let plan = solved(&case);
        assert!(plan.gap.unwrap() > 1e-6, "nothing was rounded: {:?}", plan.gap);
        assert_eq!(plan.status, Status::Optimal);
    }

    #[test]
    fn a_cut_that_began_within_a_minute_is_planned() {
        let mut case = example("small");
        let facility = &mut case.facilities[0];
        facility.max_cut_minutes = Some(119);
        facility.state.cut_kw = kezek_model::units::Kw(5_000);
        facility.state.cut_since = Some(case.grid.start - chrono::TimeDelta::seconds(3_570));
        assert_eq!(solved(&case).status, Status::Optimal);
    }

    #[test]
    fn the_case_worked_by_hand_is_solved_to_its_optimum() {
        let plan = planned("small");
        assert_eq!(plan.status, Status::Optimal);
        assert_objective(&plan, 8_200.0);
    }

    #[test]
    fn the_long_day_is_solved_to_its_optimum() {
        assert_objective(&planned("clock-change-2024-02-29"), 31_065.0);
    }

    #[test]
    fn the_island_is_solved_to_its_optimum() {
        assert_objective(&planned("west-island"), 311_852.0);
    }

    #[test]
    fn the_week_in_which_every_cut_was_ordered_has_but_one_plan() {
        assert_objective(&planned("kazakhstan-2022-01"), 45_801_903.88);
    }
}
