//! Who would be cut instead: the case planned again with the cut forbidden.

use super::rules::forbid;
use super::scene::Scene;
use crate::again::{Aim, Found, again};
use crate::course::{Lane, Tariff};
use crate::dispatch::shortages;
use crate::draft::Draft;
use crate::fallback::fallback;
use crate::island::Sets;
use crate::problem::{FacilityRow, Problem, mw};
use crate::replan::back::{Allowance, walk_back};
use crate::replan::courses::Courses;
use crate::solver::SolverError;
use crate::walk::walk;
use kezek_model::ids::FacilityId;
use serde::Serialize;

/// Relative gap at which a plan that is made again is good enough.
const NEAR: f64 = 1e-7;

/// What would be without the cut.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instead {
    /// Whether a plan without it is allowed: `true` where one was found, `false` where no course of the facility keeps its
    /// rules without the cut, absent where neither is known.
    pub possible: Option<bool>,
    /// What it would cost more than this plan: not less than this, proven (below 0 where this plan is not the best).
    pub cost_at_least: Option<f64>,
    /// What the best plan found without it costs more.
    pub cost_found: Option<f64>,
    /// What stays uncovered more, in MWh.
    pub uncovered_more_mwh: f64,
    /// Facilities that are cut more, the most first.
    pub takers: Vec<Taker>,
    /// Facilities that are cut less, this one among them.
    pub relieved: Vec<Taker>,
}

/// A facility that is cut otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Taker {
    /// The facility.
    pub facility: FacilityId,
    /// MWh that it is cut more, or less, over the horizon.
    pub mwh: f64,
    /// Of which in the intervals asked for.
    pub mwh_there: f64,
}

/// Intervals `[from, to)` of a facility.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) f: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The case planned again without cuts of a part, but for those that notice or orders dictate.
pub(super) fn instead(scene: &Scene<'_>, part: Part) -> Result<Instead, SolverError> {
    if part.is_spared(scene.problem, scene.cuts()) || !part.can_be_spared(scene.problem) {
        return Ok(Instead::none(Some(false)));
    }
    let Some(found) = best_sparing(scene, scene.problem, part, scene.aim(NEAR))? else {
        return Ok(Instead::none(None));
    };
    let near = near_plan(scene, &found, part);
    let cuts = if part.is_spared(scene.problem, &near) { &near } else { &found.cuts };
    Ok(Instead::of(scene, cuts, &found, (part.from, part.to)))
}

/// The best plan of a problem that spares a part, as far as the aim goes; `None` where none was found.
///
/// A budget of no hours forbids a cut and changes no other rule, but an event that may outlast its limits may be overrun
/// there. Where that can be, first the room is taken away, which forbids any cut; as that also excuses a short event
/// before it, its plan counts only if it keeps the rules as they are.
pub(super) fn best_sparing(
    scene: &Scene<'_>,
    problem: &Problem,
    part: Part,
    aim: Aim<'_>,
) -> Result<Option<Found>, SolverError> {
    let row = &problem.facilities[part.f];
    let may_overrun = row.before.running || (0..problem.steps).any(|t| row.forced(t));
    let ways: &[fn(&mut FacilityRow, &[bool])] =
        if may_overrun { &[without_room, without_hours] } else { &[without_hours] };
    for way in ways {
        let mut spared = problem.clone();
        way(&mut spared.facilities[part.f], &part.forbidden(row));
        if !has_course(&spared.facilities[part.f]) {
            continue;
        }
        let found = again(&spared, first(&spared, scene, part.f), aim)?;
        let keeps_rules = walk(row, &found.cuts[part.f]).broken.is_empty()
            && Draft::new(problem, found.cuts.clone()).is_allowed();
        if keeps_rules && part.is_spared(problem, &found.cuts) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether a facility has any course by its own rules.
fn has_course(row: &FacilityRow) -> bool {
    let tariff = Tariff { cost: &|_, _| 0.0, event_cost: 0.0, overrun_per_kw: 0.0 };
    Lane::new(row).cheapest(&tariff).is_some()
}

fn without_room(row: &mut FacilityRow, forbidden: &[bool]) {
    row.room.iter_mut().zip(forbidden).filter(|(_, forbidden)| **forbidden).for_each(|(room, _)| *room = 0);
}

fn without_hours(row: &mut FacilityRow, forbidden: &[bool]) {
    forbid(row, |t| forbidden[t]);
}

impl Part {
    /// Intervals whose cut nothing dictates.
    fn forbidden(self, row: &FacilityRow) -> Vec<bool> {
        (0..row.room.len()).map(|t| (self.from..self.to).contains(&t) && !row.forced(t)).collect()
    }

    /// Whether the facility may have a course that spares it, beside whatever others do. In the first interval the room
    /// is part of what the ramp allows, so that to take it away proves nothing.
    fn can_be_spared(self, problem: &Problem) -> bool {
        if self.from == 0 {
            return true;
        }
        let mut row = problem.facilities[self.f].clone();
        let forbidden = self.forbidden(&row);
        without_room(&mut row, &forbidden);
        has_course(&row)
    }

    /// The problem without hours in it for a cut that nothing dictates; `None` where the facility has no course then.
    pub(super) fn spared(self, problem: &Problem) -> Option<Problem> {
        let mut spared = problem.clone();
        without_hours(&mut spared.facilities[self.f], &self.forbidden(&problem.facilities[self.f]));
        has_course(&spared.facilities[self.f]).then_some(spared)
    }

    /// Whether cuts spare it wherever neither notice nor an order forces one.
    pub(super) fn is_spared(self, problem: &Problem, cuts: &[Vec<i64>]) -> bool {
        let row = &problem.facilities[self.f];
        (self.from..self.to).all(|t| cuts[self.f][t] == 0 || row.forced(t))
    }
}

/// The plan with another course of the facility, and with the others settled on it.
fn first<'a>(problem: &'a Problem, scene: &Scene<'_>, f: usize) -> Draft<'a> {
    let mut draft = Draft::new(problem, scene.cuts().to_vec());
    let Some(course) = draft.best_course(f) else { return fallback(problem, &|| scene.is_over()) };
    draft.set(f, course.cuts);
    let others: Vec<usize> = (0..problem.facilities.len()).filter(|&g| g != f).collect();
    draft.settle(&others, &|| scene.is_over());
    if draft.is_allowed() { draft } else { fallback(problem, &|| scene.is_over()) }
}

/// Among plans as cheap as the one found, one that changes few facilities.
fn near_plan(scene: &Scene<'_>, found: &Found, part: Part) -> Vec<Vec<i64>> {
    let mut problem = scene.problem.clone();
    let forbidden = part.forbidden(&problem.facilities[part.f]);
    without_hours(&mut problem.facilities[part.f], &forbidden);
    let courses = Courses::new(&problem, scene.cuts().to_vec(), vec![true; problem.steps]);
    let allowance = Allowance { most: found.objective, is_over: &|| scene.is_over(), keeps: &|_| true };
    walk_back(Draft::new(&problem, found.cuts.clone()), &courses, allowance).cuts
}

impl Instead {
    fn none(possible: Option<bool>) -> Self {
        Self {
            possible,
            cost_at_least: None,
            cost_found: None,
            uncovered_more_mwh: 0.0,
            takers: Vec::new(),
            relieved: Vec::new(),
        }
    }

    fn of(scene: &Scene<'_>, cuts: &[Vec<i64>], found: &Found, span: (usize, usize)) -> Self {
        let (problem, objective) = (scene.problem, scene.found.objective);
        let change = |g: usize| {
            let more: Vec<i64> = cuts[g].iter().zip(&scene.cuts()[g]).map(|(new, old)| new - old).collect();
            let mwh = |part: &[i64]| mw(part.iter().sum()) * problem.hours;
            let facility = scene.case.facilities[g].id.clone();
            Taker { facility, mwh: mwh(&more), mwh_there: mwh(&more[span.0..span.1]) }
        };
        let changes: Vec<Taker> = (0..cuts.len()).map(change).collect();
        let mut takers: Vec<Taker> = changes.iter().filter(|own| own.mwh > 1e-9).cloned().collect();
        let mut relieved: Vec<Taker> = changes.into_iter().filter(|own| own.mwh < -1e-9).collect();
        takers.sort_by(|a, b| b.mwh.total_cmp(&a.mwh).then(a.facility.cmp(&b.facility)));
        relieved.sort_by(|a, b| a.mwh.total_cmp(&b.mwh).then(a.facility.cmp(&b.facility)));
        Self {
            possible: Some(true),
            cost_at_least: Some(found.bound.min(found.objective) - objective).filter(|cost| cost.is_finite()),
            cost_found: Some(found.objective - objective),
            uncovered_more_mwh: uncovered_mwh(problem, cuts) - uncovered_mwh(problem, scene.cuts()),
            takers,
            relieved,
        }
    }
}

/// What stays uncovered with the ties at their best.
fn uncovered_mwh(problem: &Problem, cuts: &[Vec<i64>]) -> f64 {
    let (sets, short) = (Sets::new(problem), shortages(problem, cuts));
    (0..problem.steps).map(|t| sets.uncovered(&short, t)).sum::<f64>() * problem.hours
}
