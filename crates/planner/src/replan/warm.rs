//! From the courses of the plan before to a plan within the gap.

use super::back::{Allowance, nearer, reach, walk_back};
use super::courses::Courses;
use super::fewest::fewest;
use super::{Way, Word};
use crate::again::{Aim, Ascended, Found, again_at, ascend};
use crate::assemble::relative_gap;
use crate::decomposition::{Fleet, first_prices};
use crate::draft::Draft;
use crate::problem::Problem;
use crate::solve::Settings;
use crate::solver::{SolverError, pool};

/// Rounds of neighbourhoods that better nothing after which the exact programme takes over, where it can.
const PATIENCE: usize = 20;
/// Relative gap between blend and bound at which prices are good enough; a tenth of the target, if that is less.
const NEAR: f64 = 1e-4;
/// Seconds that each of the exact programmes may take.
const EXACT_S: f64 = 10.0;

/// Searches on as many cores as the settings say.
pub(super) fn in_pool(
    problem: &Problem,
    wished: Vec<Vec<i64>>,
    known: Vec<bool>,
    settings: Settings,
    is_over: &(dyn Fn() -> bool + Sync),
    say: &dyn Fn(Word),
) -> Result<Way, SolverError> {
    let pool = pool(settings.threads)?;
    let (saying, hearing) = std::sync::mpsc::channel();
    let way = pool.install(|| {
        let courses = Courses::new(problem, wished, known);
        let say = |objective, bound| {
            // Whoever listens may be gone.
            let _ = saying.send((objective, bound));
        };
        search(problem, &courses, settings, is_over, &say)
    });
    hearing.try_iter().for_each(|(objective, bound)| say(Word::Stands(objective, bound)));
    way
}

fn search(
    problem: &Problem,
    courses: &Courses,
    settings: Settings,
    is_over: &(dyn Fn() -> bool + Sync),
    say: &dyn Fn(f64, f64),
) -> Result<Way, SolverError> {
    let mut start = Draft::new(problem, courses.nearest.clone());
    if !start.is_allowed() {
        start.hold_back();
    }
    let fleet = Fleet::whole(problem);
    if fleet.members.is_empty() {
        let bound = start.objective();
        return Ok(Way { cuts: start.cuts, bound, fewest: None });
    }
    let objective = if start.is_allowed() { start.objective() } else { f64::INFINITY };
    let is_near = |bound: f64| relative_gap(objective, bound) <= settings.gap;
    let Ascended { bound, mixture, .. } = ascend(&fleet, &start, NEAR.min(settings.gap / 10.0), &is_near)?;
    let mut near = start.clone();
    let mut found = Found { cuts: Vec::new(), objective: f64::INFINITY, bound };
    if !reach(&mut near, Allowance { most: most(&found, settings), is_over, keeps: &|_| true }) {
        near.settle(&fleet.members, is_over);
        let mut mixed = start.clone();
        fleet.members.iter().zip(mixture).for_each(|(&f, cuts)| mixed.set(f, cuts));
        mixed.hold_back();
        mixed.settle(&fleet.members, is_over);
        let drafts = [near, mixed].into_iter().filter(Draft::is_allowed);
        let first = drafts.min_by(|a, b| a.objective().total_cmp(&b.objective()));
        let first = first.unwrap_or_else(|| crate::fallback::fallback(problem, is_over));
        let patience = problem.is_small().then_some(PATIENCE);
        let (gap, threads, seed) = (settings.gap, settings.threads, settings.seed);
        let exact_s = if problem.is_small() { EXACT_S.min(settings.time_limit_s) } else { 0.0 };
        let aim = Aim { gap, patience, threads, seed, exact_s, enough: f64::NEG_INFINITY, is_over };
        let prices = first_prices(&fleet);
        found = again_at(&fleet, first, prices, bound, aim)?;
        near = Draft::new(problem, found.cuts.clone());
        say(found.objective, found.bound);
    }
    let allowance = Allowance { most: most(&found, settings), is_over, keeps: &|_| true };
    let mut best = walk_back(near, courses, allowance);
    if problem.is_small() && courses.moved(&best.cuts).facilities > 0 && !found.cuts.is_empty() {
        let mut other = start.clone();
        if reach(&mut other, allowance) {
            best = nearer(courses, best, walk_back(other, courses, allowance));
        }
    }
    say(best.objective(), found.bound);
    exactly(problem, courses, best, found.bound, allowance)
}

/// The greatest objective that is within the gap, or that of the best found where that is more.
fn most(found: &Found, settings: Settings) -> f64 {
    let within = found.bound / (1.0 - settings.gap);
    let within = if within >= 1.0 { within } else { (found.bound + settings.gap).min(1.0) };
    if found.objective.is_finite() { within.max(found.objective) } else { within }
}

/// The fewest changes, where the problem is small enough to prove it.
fn exactly(
    problem: &Problem,
    courses: &Courses,
    best: Draft<'_>,
    bound: f64,
    allowance: Allowance<'_>,
) -> Result<Way, SolverError> {
    if !problem.is_small() || (allowance.is_over)() {
        return Ok(Way { cuts: best.cuts, bound, fewest: None });
    }
    let exact = fewest(problem, courses, &best, allowance.most, EXACT_S)?;
    let other = exact.cuts.map(|cuts| Draft::new(problem, cuts));
    let other = other.filter(|draft| draft.is_allowed() && draft.objective() <= allowance.most + 1e-9);
    let best = match other {
        Some(other) => nearer(courses, best, other),
        None => best,
    };
    let reached = courses.moved(&best.cuts).facilities;
    Ok(Way { cuts: best.cuts, bound, fewest: exact.fewest.filter(|&fewest| fewest == reached) })
}
