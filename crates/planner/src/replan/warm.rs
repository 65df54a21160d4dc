//! From the courses of the plan before to a plan within the gap.
//!
//! Prices that are known prove a bound at once; where the old courses are within the gap of it nothing else runs. Else
//! the bound is raised until it is near, few changes are tried ([`reach`]), then a draft of the blend is mended
//! ([`Mender`]). Only what that does not settle goes the way of a first plan, from the same ascent.

use super::back::{Allowance, nearer, reach, walk_back};
use super::courses::Courses;
use super::fewest::fewest;
use super::{Way, Word};
use crate::again::{Aim, Found, again_from, raise};
use crate::assemble::{relative_gap, within};
use crate::decomposition::{Answer, Ascent, Fleet, MENDING, Mender, Prices, Until, first_prices, mixture};
use crate::draft::Draft;
use crate::problem::Problem;
use crate::solve::{MarginalPrice, Settings, marginal};
use crate::solver::{SolverError, pool};
use kezek_model::case::Case;

/// Rounds of neighbourhoods that better nothing after which the exact programme takes over.
const PATIENCE: usize = 20;
/// Relative gap between blend and bound at which prices are good enough; a tenth of the target, if that is less.
const NEAR: f64 = 1e-4;
/// Seconds that each of the exact programmes may take.
const EXACT_S: f64 = 10.0;

/// What is planned again.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) case: &'a Case,
    pub(super) problem: &'a Problem,
    /// The plan before: its cuts, and the intervals of which it says anything.
    pub(super) before: (&'a [Vec<i64>], &'a [bool]),
    /// Its prices, where they are known.
    pub(super) prices: &'a [MarginalPrice],
    pub(super) settings: Settings,
}

/// Searches on as many cores as the settings say.
pub(super) fn in_pool(
    asked: Asked<'_>,
    is_over: &(dyn Fn() -> bool + Sync),
    say: &dyn Fn(Word),
) -> Result<Way, SolverError> {
    let pool = pool(asked.settings.threads)?;
    let (saying, hearing) = std::sync::mpsc::channel();
    let way = pool.install(|| {
        let (wished, known) = asked.before;
        let courses = Courses::new(asked.problem, wished.to_vec(), known.to_vec());
        let say = |objective, bound| {
            // Whoever listens may be gone.
            let _ = saying.send((objective, bound));
        };
        search(asked, &courses, is_over, &say)
    });
    hearing.try_iter().for_each(|(objective, bound)| say(Word::Stands(objective, bound)));
    way
}

fn search(
    asked: Asked<'_>,
    courses: &Courses,
    is_over: &(dyn Fn() -> bool + Sync),
    say: &dyn Fn(f64, f64),
) -> Result<Way, SolverError> {
    let (problem, settings) = (asked.problem, asked.settings);
    let mut start = Draft::new(problem, courses.nearest.clone());
    if !start.is_allowed() {
        start.hold_back();
    }
    let fleet = Fleet::whole(problem);
    if fleet.members.is_empty() {
        let bound = start.objective();
        return Ok(Way { cuts: start.cuts, bound, fewest: None, prices: None });
    }
    let (near, found, prices) = within_gap(asked, &fleet, courses, &start, is_over)?;
    say(near.objective(), found.bound);
    let allowance = Allowance { most: most(&found, settings), is_over, keeps: &|_| true };
    let mut best = walk_back(near, courses, allowance);
    if problem.is_small() && courses.moved(&best.cuts).facilities > 0 && !found.cuts.is_empty() {
        let mut other = start.clone();
        if reach(&mut other, allowance) {
            best = nearer(courses, best, walk_back(other, courses, allowance));
        }
    }
    say(best.objective(), found.bound);
    let way = exactly(problem, courses, best, found.bound, allowance)?;
    Ok(Way { prices: Some(prices), ..way })
}

/// A draft within the gap, what is known of it, and the prices that prove its bound.
fn within_gap<'a>(
    asked: Asked<'_>,
    fleet: &'a Fleet<'a>,
    courses: &Courses,
    start: &Draft<'a>,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<(Draft<'a>, Found, Prices), SolverError> {
    let settings = asked.settings;
    let allowed = |bound: f64| Allowance { most: within(bound, settings.gap), is_over, keeps: &|_| true };
    let unsolved = |bound: f64| Found { cuts: Vec::new(), objective: f64::INFINITY, bound };
    let mut near = start.clone();
    let known = marginal::known(asked.case, fleet, asked.prices);
    let bound = known.as_ref().and_then(|prices| fleet.answer(prices)).map(|answer| answer.bound);
    if let (Some(prices), Some(bound)) = (&known, bound)
        && reach(&mut near, allowed(bound))
    {
        return Ok((near, unsolved(bound), prices.clone()));
    }
    let objective = if start.is_allowed() { start.objective() } else { f64::INFINITY };
    let is_tried = known.is_some();
    let mut ascent = begun(fleet, start, known)?;
    raise(&mut ascent, NEAR.min(settings.gap / 10.0), &|bound| {
        relative_gap(objective, bound) <= settings.gap
    })?;
    let prices = ascent.best.clone();
    let is_reached =
        allowed(ascent.bound).allows(&near) || (!is_tried && reach(&mut near, allowed(ascent.bound)));
    if is_reached {
        return Ok((near, unsolved(ascent.bound), prices));
    }
    let found = Search { fleet, courses, prices: &prices, settings, is_over }.from(near, ascent)?;
    Ok((Draft::new(fleet.problem, found.cuts.clone()), found, prices))
}

/// An ascent from the prices that prove most, with what the fleet answers at all of them: those that are known, those of
/// a merit order, which knows of new shortages, and what lies between.
fn begun<'a>(fleet: &Fleet<'a>, start: &Draft<'_>, known: Option<Prices>) -> Result<Ascent<'a>, SolverError> {
    let merit = first_prices(fleet).clamped(fleet);
    let mut tried = vec![merit];
    if let Some(known) = known {
        let mean = known.towards(&tried[0], 0.5);
        let mut both = known.clone();
        let pairs = both.balance.iter_mut().flatten().zip(tried[0].balance.iter().flatten());
        pairs.for_each(|(own, other)| *own = own.max(*other));
        tried.extend([known, mean, both]);
    }
    let answered: Vec<(Prices, Answer)> =
        tried.into_iter().filter_map(|prices| fleet.answer(&prices).map(|answer| (prices, answer))).collect();
    let best = answered.iter().max_by(|a, b| a.1.bound.total_cmp(&b.1.bound));
    let best = best.map_or_else(|| Prices::zero(fleet.problem), |(prices, _)| prices.clone());
    let mut ascent = Ascent::from(fleet, &start.cuts, best)?;
    for (_, answer) in &answered {
        ascent.master.add(fleet, &answer.cuts, Some(&ascent.blend));
    }
    if answered.len() > 1 {
        ascent.blend = ascent.master.blend(fleet)?;
    }
    Ok(ascent)
}

/// A search for the gap.
struct Search<'f, 'a> {
    fleet: &'f Fleet<'a>,
    courses: &'f Courses,
    /// The prices of the best bound.
    prices: &'f Prices,
    settings: Settings,
    is_over: &'f (dyn Fn() -> bool + Sync),
}

impl<'f: 'a, 'a> Search<'f, 'a> {
    /// Mends a draft of the blend; what that does not settle goes the way of a first plan.
    fn from(&self, near: Draft<'a>, ascent: Ascent<'a>) -> Result<Found, SolverError> {
        let mut found = Found { cuts: Vec::new(), objective: f64::INFINITY, bound: ascent.bound };
        let mender = Mender::new(self.fleet, self.prices).with_old(&self.courses.nearest);
        let first = self.first(near, &ascent);
        let first = mender.mend(first, self.until(&found));
        (found.objective, found.cuts) = (first.objective(), first.cuts.clone());
        if !self.is_done(&found) {
            found = again_from(self.fleet, first, ascent, self.aim())?;
        }
        Ok(found)
    }

    /// The better one of a draft with few changes and one of the blend; the fallback where neither is allowed.
    fn first(&self, near: Draft<'a>, ascent: &Ascent<'_>) -> Draft<'a> {
        let mixture = mixture(&ascent.master, &ascent.blend);
        let mixed = near.with(&self.fleet.members, mixture, self.is_over);
        if mixed.is_allowed() {
            return mixed;
        }
        if near.is_allowed() { near } else { crate::fallback::fallback(self.fleet.problem, self.is_over) }
    }

    fn is_done(&self, found: &Found) -> bool {
        found.gap() <= self.settings.gap || (self.is_over)()
    }

    fn until(&self, found: &Found) -> Until<'f> {
        let Settings { threads, seed, .. } = self.settings;
        Until {
            most: within(found.bound, self.settings.gap),
            patience: MENDING,
            threads,
            seed,
            is_over: self.is_over,
        }
    }

    fn aim(&self) -> Aim<'f> {
        let Settings { gap, threads, seed, time_limit_s } = self.settings;
        let exact_s = if self.fleet.problem.is_small() { EXACT_S.min(time_limit_s) } else { 0.0 };
        let patience = self.fleet.problem.is_small().then_some(PATIENCE);
        let enough = f64::NEG_INFINITY;
        Aim { gap, patience, threads, seed, exact_s, enough, prices: None, is_over: self.is_over }
    }
}

/// The greatest objective that is within the gap, or that of the best found where that is more.
fn most(found: &Found, settings: Settings) -> f64 {
    let within = within(found.bound, settings.gap);
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
        return Ok(Way { cuts: best.cuts, bound, fewest: None, prices: None });
    }
    let exact = fewest(problem, courses, &best, allowance.most, EXACT_S)?;
    let other = exact.cuts.map(|cuts| Draft::new(problem, cuts));
    let other = other.filter(|draft| draft.is_allowed() && draft.objective() <= allowance.most + 1e-9);
    let best = match other {
        Some(other) => nearer(courses, best, other),
        None => best,
    };
    let reached = courses.moved(&best.cuts).facilities;
    let fewest = exact.fewest.filter(|&fewest| fewest == reached);
    Ok(Way { cuts: best.cuts, bound, fewest, prices: None })
}
