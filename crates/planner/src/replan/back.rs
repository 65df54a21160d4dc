//! The way back: as much of the plan before as an objective allows, facility by facility.
//!
//! A heuristic, which a small problem does not need (see [`super::fewest`]): facilities go back to their old courses,
//! the cheapest return first, as long as the objective stays below what is allowed; then one goes back while those
//! that move anyway make up for it; at last those that still move come as near to their old courses as they can.

use super::courses::{Courses, Moved};
use crate::course::{Course, Lane, Returns, Tariff};
use crate::draft::Draft;
use crate::problem::{count, mw};
use rayon::prelude::*;

/// Courses that are planned anew, at about, while the return of one mover after the other is tried.
const MOST_COURSES: usize = 400;
/// Weights of a MWh moved, in money, that are tried from the greatest down.
const WEIGHTS: [f64; 4] = [1e4, 300.0, 30.0, 3.0];
/// Share of all facilities, and number, beyond which so many changes are another plan.
const MOST_CHANGES: (f64, f64) = (0.3, 20.0);
/// What sums of money may differ by in their last digits, relative to the whole.
const DUST: f64 = 1e-12;

/// What a draft may cost, and who stops.
#[derive(Clone, Copy)]
pub(crate) struct Allowance<'e> {
    /// The greatest objective.
    pub(crate) most: f64,
    /// Whether to stop at once.
    pub(crate) is_over: &'e dyn Fn() -> bool,
    /// Whether a draft keeps what else has to be kept.
    pub(crate) keeps: &'e dyn Fn(&Draft<'_>) -> bool,
}

impl Allowance<'_> {
    pub(super) fn allows(&self, draft: &Draft<'_>) -> bool {
        draft.objective() <= self.most + DUST * self.most.abs() && draft.is_allowed() && (self.keeps)(draft)
    }
}

/// Moves a draft back towards the plan before as far as the allowance goes.
pub(crate) fn walk_back<'a>(draft: Draft<'a>, courses: &Courses, allowance: Allowance<'_>) -> Draft<'a> {
    let mut best = draft;
    loop {
        let before = courses.moved(&best.cuts);
        put_back(&mut best, courses, allowance);
        trade(&mut best, courses, allowance);
        if !courses.moved(&best.cuts).is_less_than(before) || (allowance.is_over)() {
            break;
        }
    }
    come_near(&mut best, courses, allowance);
    best
}

/// Facilities go back one after the other, the cheapest return first.
fn put_back(draft: &mut Draft<'_>, courses: &Courses, allowance: Allowance<'_>) {
    loop {
        let mut returns: Vec<(f64, usize)> =
            courses.movers(draft).into_iter().map(|f| (price_of_return(draft, courses, f), f)).collect();
        returns.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let returned = returns.iter().filter(|&&(_, f)| try_return(draft, courses, allowance, f)).count();
        if returned == 0 || (allowance.is_over)() {
            return;
        }
    }
}

fn price_of_return(draft: &mut Draft<'_>, courses: &Courses, f: usize) -> f64 {
    let before = draft.objective();
    let own = draft.cuts[f].clone();
    draft.set(f, courses.nearest[f].clone());
    let after = draft.objective();
    draft.set(f, own);
    after - before
}

fn try_return(draft: &mut Draft<'_>, courses: &Courses, allowance: Allowance<'_>, f: usize) -> bool {
    if (allowance.is_over)() {
        return false;
    }
    let own = draft.cuts[f].clone();
    draft.set(f, courses.nearest[f].clone());
    let is_allowed = allowance.allows(draft);
    if !is_allowed {
        draft.set(f, own);
    }
    is_allowed
}

/// One facility goes back, and those that move anyway make up for it.
fn trade(draft: &mut Draft<'_>, courses: &Courses, allowance: Allowance<'_>) {
    let mut tries = 0;
    for f in courses.movers(draft) {
        if tries > MOST_COURSES || (allowance.is_over)() {
            return;
        }
        let all_movers = (0..courses.wished.len()).filter(|&g| g != f);
        let movers: Vec<usize> = all_movers.filter(|&g| courses.is_moved(g, &draft.cuts[g])).collect();
        tries += movers.len();
        let before = courses.moved(&draft.cuts).facilities;
        let old: Vec<(usize, Vec<i64>)> =
            movers.iter().chain([&f]).map(|&g| (g, draft.cuts[g].clone())).collect();
        draft.set(f, courses.nearest[f].clone());
        draft.settle(&movers, allowance.is_over);
        let is_less = courses.moved(&draft.cuts).facilities < before;
        if !is_less || !allowance.allows(draft) {
            for (g, cuts) in old {
                if draft.cuts[g] != cuts {
                    draft.set(g, cuts);
                }
            }
        }
    }
}

/// Facilities that move come as near to their old courses as the allowance lets, the farthest first.
fn come_near(draft: &mut Draft<'_>, courses: &Courses, allowance: Allowance<'_>) {
    let mut movers = courses.movers(draft);
    movers.sort_by_key(|&f| (-courses.moved_kw(f, &draft.cuts[f]), f));
    for f in movers {
        if (allowance.is_over)() {
            return;
        }
        let own = draft.cuts[f].clone();
        let far = courses.moved_kw(f, &own);
        let nearer = WEIGHTS.iter().find_map(|&weight| {
            let course = weighted(draft, courses, f, weight)?;
            if courses.moved_kw(f, &course.cuts) >= far {
                return None;
            }
            draft.set(f, course.cuts);
            allowance.allows(draft).then_some(())
        });
        if nearer.is_none() {
            draft.set(f, own);
        }
    }
}

/// The cheapest course of a facility beside the others where a MWh moved costs some money too.
fn weighted(draft: &Draft<'_>, courses: &Courses, f: usize, weight: f64) -> Option<Course> {
    let (problem, row) = (draft.problem, &draft.problem.facilities[f]);
    let (needs, wished) = (draft.needs(f), &courses.wished[f]);
    let breaks: Vec<Vec<i64>> = needs
        .iter()
        .zip(wished)
        .map(|(&need, &kw)| [crate::draft::around(need), vec![kw]].concat())
        .collect();
    let cost = |t: usize, kw: i64| {
        let moved = if courses.known[t] { mw((kw - wished[t]).abs() - wished[t]) } else { 0.0 };
        let relief = problem.uncovered_cost_per_mwh * mw(kw).min(needs[t]);
        problem.hours * (row.cut_cost_per_mwh * mw(kw) - relief + weight * moved)
    };
    let overrun_per_kw = problem.overrun_per_kw();
    let tariff = Tariff { cost: &cost, event_cost: row.event_cost, overrun_per_kw };
    Lane::with(row, Returns::within(row, &draft.allowed_beside(f)), &breaks, &[]).cheapest(&tariff)
}

/// From the plan before to an allowed objective by few changes: the facility that gains most goes first.
pub(crate) fn reach(draft: &mut Draft<'_>, allowance: Allowance<'_>) -> bool {
    let members = (0..draft.cuts.len()).filter(|&f| draft.problem.facilities[f].can_be_cut());
    let members: Vec<usize> = members.collect();
    let most_changes = (count(members.len()) * MOST_CHANGES.0).min(MOST_CHANGES.1);
    let all: &Draft<'_> = draft;
    let gain = |&f: &usize| all.best_course(f).map_or(0.0, |course| all.gain(f, &course));
    let mut queue: Vec<(f64, usize)> = members.par_iter().map(|f| (gain(f), *f)).collect();
    queue.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    // Gains mostly shrink as others change: where the first ones together would not do, it is another plan.
    let first: f64 = queue.iter().take(most_changes.ceil() as usize).map(|(gain, _)| gain).sum();
    let mut hopeful = draft.objective() - first <= allowance.most;
    while hopeful && !allowance.allows(draft) && !(allowance.is_over)() {
        let Some((course, f)) = greatest_gain(draft, &mut queue) else { return false };
        let before = draft.objective();
        draft.set(f, course.cuts);
        // Where so many changes as this one would not do, neither.
        hopeful = before - allowance.most <= (before - draft.objective()) * most_changes;
    }
    allowance.allows(draft)
}

/// The facility whose best course gains most. Gains mostly shrink as others change, so that one that was known to be
/// small is asked again only when all greater ones have been.
fn greatest_gain(draft: &mut Draft<'_>, queue: &mut [(f64, usize)]) -> Option<(Course, usize)> {
    let before = draft.objective();
    let mut best: Option<(f64, Course, usize)> = None;
    queue.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (gain, f) in queue.iter_mut() {
        if best.as_ref().is_some_and(|(most, ..)| *most >= *gain) {
            break;
        }
        *gain = 0.0;
        let Some(course) = draft.best_course(*f).filter(|course| course.cuts != draft.cuts[*f]) else {
            continue;
        };
        let own = draft.cuts[*f].clone();
        draft.set(*f, course.cuts.clone());
        *gain = before - draft.objective();
        draft.set(*f, own);
        if *gain > 1e-6 && best.as_ref().is_none_or(|(most, ..)| *gain > *most) {
            best = Some((*gain, course, *f));
        }
    }
    best.map(|(_, course, f)| (course, f))
}

/// The one of two drafts that moves less.
pub(crate) fn nearer<'a>(courses: &Courses, a: Draft<'a>, b: Draft<'a>) -> Draft<'a> {
    let moved = |draft: &Draft<'_>| -> Moved { courses.moved(&draft.cuts) };
    if moved(&b).is_less_than(moved(&a)) { b } else { a }
}
