//! The way from a case to the best plan that passes the check.

mod counted;
mod exactly;
mod first;
pub(crate) mod marginal;
mod search;

use crate::assemble::{Costed, Proof, relative_gap, stages};
use crate::check;
use crate::decomposition::Prices;
use crate::problem::{Problem, Unplannable};
use crate::solver::SolverError;
use crate::stages::{Burdens, Stage};
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;

pub use counted::{Bench, Effort};
pub(crate) use exactly::{Exact, FOR_EXACT, solve_exactly};
pub(crate) use first::values as first_values;
pub use marginal::MarginalPrice;
pub(crate) use search::Clock;

use search::{Question, Search, Word};
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
    /// `fallback`, `search`, `exact programme`; the stage of a lexicographic policy, `uncovered`, `burden` or `cost`; or
    /// why there is no search.
    pub stage: String,
    /// Objective of the best plan so far; in the first stages of a lexicographic policy its MWh uncovered and overrun, and
    /// its highest burden.
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
    Ok(solve_priced(case, settings, watch)?.0)
}

/// The same with the prices that prove the bound of the plan, by zone and time; there are none but for `least-cost` and a
/// single forecast.
///
/// # Errors
/// As [`solve`].
pub fn solve_priced(
    case: &Case,
    settings: Settings,
    watch: &mut Watch<'_>,
) -> Result<(Plan, Vec<MarginalPrice>), PlanError> {
    if case.scenarios.len() > 1 {
        return Ok((crate::scenarios::solve(case, settings, watch)?, Vec::new()));
    }
    let problem = Arc::new(Problem::new(case)?);
    let question = Question::of(case, &problem);
    let search = search::start(Arc::clone(&problem), question, settings, watch.seconds());
    let mut heard = watch.listen(&search, settings);
    search.over.store(true, Ordering::Relaxed);
    if let (true, Some(error)) = (heard.found.is_empty(), heard.failed.take()) {
        return Err(error.into());
    }
    written(case, &problem, settings, heard, &|| watch.seconds())
}

/// The plan of what was heard, and the prices that prove its bound.
fn written(
    case: &Case,
    problem: &Problem,
    settings: Settings,
    mut heard: Heard,
    seconds: &dyn Fn() -> f64,
) -> Result<(Plan, Vec<MarginalPrice>), PlanError> {
    let prices = heard.prices.take().map(|prices| marginal::of(case, &prices)).unwrap_or_default();
    let asked = Asked { case, problem, burdens: Burdens::new(case, problem), settings, seconds };
    Ok((checked(&asked, heard)?, prices))
}

/// What was heard from a search until it ended or was left.
#[derive(Default)]
struct Heard {
    /// The first cuts and the best ones.
    found: Vec<Vec<Vec<i64>>>,
    /// The stage of a lexicographic policy that is being solved.
    stage: Option<Stage>,
    /// What the best reached, by stage; the last is the only one of `least-cost`.
    values: [Option<f64>; 3],
    /// A proven lower bound, by stage.
    bounds: [Option<f64>; 3],
    /// What the exact programme reached before its cuts were rounded to kW.
    reached: Option<f64>,
    /// The prices that prove the bound, of `least-cost` only.
    prices: Option<Prices>,
    /// Why there is no more.
    failed: Option<SolverError>,
}

impl Watch<'_> {
    /// Listens to a search until it ends, a person stops it, or time is over; but always for a first plan.
    fn listen(&mut self, search: &Search, settings: Settings) -> Heard {
        let mut heard = Heard::default();
        let mut about = "fallback";
        loop {
            match search.words.recv_timeout(Duration::from_millis(20)) {
                Ok(Word::About(next)) => about = next,
                Ok(word) => {
                    if let Word::Begins(stage) = word {
                        about = stage.name();
                    }
                    heard.hear(word);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return heard,
            }
            if let Some(error) = &heard.failed {
                let why = format!("no search ({error})");
                self.tell(&why, &heard);
                return heard;
            }
            let (seconds, stopped) = (self.seconds(), self.stop.load(Ordering::Relaxed));
            search.clock.set(seconds);
            search.hurry.store(stopped || seconds > settings.for_fallback_s(), Ordering::Relaxed);
            search.over.store(stopped || seconds > settings.time_limit_s, Ordering::Relaxed);
            if heard.found.is_empty() {
                continue;
            }
            self.tell(about, &heard);
            if stopped || seconds > settings.time_limit_s * LATE + LATE_S {
                return heard;
            }
        }
    }

    fn tell(&mut self, stage: &str, heard: &Heard) {
        let seconds = self.seconds();
        let incumbent = heard.values[heard.at()].unwrap_or(f64::INFINITY);
        let bound = heard.bounds[heard.at()];
        (self.progress)(Progress { stage: stage.to_owned(), incumbent, bound, seconds });
    }

    fn seconds(&self) -> f64 {
        (self.elapsed)().as_secs_f64()
    }
}

impl Settings {
    fn for_fallback_s(&self) -> f64 {
        (self.time_limit_s * FOR_FALLBACK).max(FOR_FALLBACK_AT_LEAST_S)
    }
}

/// Share of the time that the fallback may take.
const FOR_FALLBACK: f64 = 0.25;
/// However short the time, the fallback has so many seconds: a plan that cuts nobody helps nobody.
const FOR_FALLBACK_AT_LEAST_S: f64 = 1.0;
/// A search looks at the signal between its steps only: it is waited for a little beyond its time.
const LATE: f64 = 1.05;
const LATE_S: f64 = 0.5;

impl Heard {
    fn hear(&mut self, word: Word) {
        let at = self.at();
        match word {
            Word::Bound(bound) => {
                self.bounds[at] = self.bounds[at].into_iter().chain([bound]).reduce(f64::max);
            }
            Word::Better(cuts, value) => {
                self.found.truncate(1);
                self.found.push(cuts);
                self.values[at] = Some(value);
            }
            Word::Exact(cuts, reached) => {
                self.found.push(cuts);
                self.reached = Some(reached);
            }
            Word::Prices(prices) => self.prices = Some(prices),
            Word::Failed(error) => self.failed = Some(error),
            Word::Begins(stage) => self.stage = Some(stage),
            Word::About(_) => {}
        }
    }

    /// The place of the present stage.
    fn at(&self) -> usize {
        self.stage.unwrap_or(Stage::Cost) as usize
    }
}

/// What a plan is made for.
struct Asked<'a> {
    case: &'a Case,
    problem: &'a Problem,
    burdens: Burdens,
    settings: Settings,
    /// Seconds since the start.
    seconds: &'a dyn Fn() -> f64,
}

/// The first of the plans, the best first, that passes the check. Only rounding and what later stages give back lie between
/// the best and what the search reached, so that its status is decided by what was reached, where the check agrees.
fn checked(asked: &Asked<'_>, mut heard: Heard) -> Result<Plan, PlanError> {
    let mut cuts = std::mem::take(&mut heard.found);
    let costed = |cuts: Vec<Vec<i64>>| Costed::new(asked.problem, cuts);
    // What a search bettered is looked at only where nothing better passes.
    let fallback = (cuts.len() > 1 && heard.reached.is_none()).then(|| cuts.remove(0));
    let mut found = cuts.into_iter().map(costed).collect::<Result<Vec<Costed>, SolverError>>()?;
    if heard.stage.is_none() {
        found.sort_by(|a, b| a.objective.total_cmp(&b.objective));
    } else {
        found.reverse();
    }
    let mut reports = Vec::new();
    for costed in found.into_iter().map(Ok).chain(fallback.into_iter().map(costed)) {
        let costed = costed?;
        let mut statuses: Vec<Status> = heard
            .candidates(costed.values(&asked.burdens))
            .map(|values| heard.status(values, asked.settings))
            .collect();
        statuses.dedup();
        for status in statuses {
            let plan = asked.plan(&costed, status, &heard)?;
            let report = check::check(asked.case, &plan, Some(asked.settings.gap));
            if report.passed() {
                return Ok(plan);
            }
            reports.push(report.to_string());
        }
        // What was reached is that of the best.
        (heard.reached, heard.values) = (None, [None; 3]);
    }
    Err(PlanError::Check(reports.join("\n")))
}

impl Asked<'_> {
    fn plan(&self, costed: &Costed, status: Status, heard: &Heard) -> Result<Plan, PlanError> {
        let (bound, seconds) = (heard.bounds[LAST], (self.seconds)());
        let proof = Proof { status, bound, seed: self.settings.seed, seconds };
        let plan = costed.plan(self.case, self.problem, proof)?;
        let staged = heard.stage.map(|_| stages(costed.values(&self.burdens), heard.bounds));
        Ok(Plan { stages: staged, ..plan })
    }
}

/// The place of the only stage of `least-cost`, and of the last of other policies.
const LAST: usize = Stage::Cost as usize;

impl Heard {
    /// What a status may be decided by: the values that the search reached, then those as written.
    fn candidates(&self, written: [f64; 3]) -> impl Iterator<Item = [f64; 3]> {
        let mut reached = [0, 1, 2].map(|at| self.values[at].unwrap_or(written[at]).min(written[at]));
        reached[LAST] = self.reached.map_or(written[LAST], |reached| reached.min(written[LAST]));
        [reached, written].into_iter()
    }

    /// The status of some values: that of the stage with the widest gap.
    fn status(&self, values: [f64; 3], settings: Settings) -> Status {
        let stages = if self.stage.is_some() { 0..=LAST } else { LAST..=LAST };
        let gap = |at: usize| self.bounds[at].map_or(f64::INFINITY, |bound| relative_gap(values[at], bound));
        match stages.map(gap).fold(f64::NEG_INFINITY, f64::max) {
            gap if gap <= 1e-6 => Status::Optimal,
            gap if gap <= settings.gap => Status::WithinGap,
            _ => Status::TimeLimit,
        }
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
