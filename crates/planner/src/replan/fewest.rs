//! The fewest changes as an exact programme: `min sum changed[f]`, then with that many `min sum moved[f,t]`, over all plans
//! whose objective is allowed, with `|cut[f,t] - before[f,t]| <= moved[f,t] <= most[f,t] * changed[f]`.

use super::courses::Courses;
use crate::draft::Draft;
use crate::formulation::{FacilityColumns, Formulation};
use crate::problem::{Problem, count, mw};
use crate::round::round;
use crate::solver::{Effort, Programme, SolverError};
use crate::walk::walk;
use good_lp::{Expression, Variable, variable};
use std::collections::HashMap;

/// What was found.
pub(super) struct Exact {
    pub(super) cuts: Option<Vec<Vec<i64>>>,
    /// No plan changes fewer facilities.
    pub(super) fewest: Option<usize>,
}

/// A change, by facility.
struct Change {
    f: usize,
    changed: Variable,
    moved: Vec<Variable>,
}

/// A share of the whole below which a change is the solver's dust.
const DUST: f64 = 0.5;

pub(super) fn fewest(
    problem: &Problem,
    courses: &Courses,
    best: &Draft<'_>,
    most: f64,
    limit_s: f64,
) -> Result<Exact, SolverError> {
    let reached = courses.moved(&best.cuts).facilities;
    let (mut model, changes, always) = formulated(problem, courses, most);
    model.objective = changes.iter().map(|change| Expression::from(change.changed)).sum();
    let columns = std::mem::take(&mut model.facilities);
    let answer = Programme::new(model, effort())?.minimise(&HashMap::new(), limit_s)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let fewest = answer.bound.map(|bound| always + (bound - 1e-6).ceil().max(0.0) as usize);
    let first = answer.values.map(|values| rounded(problem, courses, &columns, &changes, &values));
    let known = first.as_ref().map_or(reached, |cuts| courses.moved(cuts).facilities.min(reached));
    if fewest != Some(known) {
        return Ok(Exact { cuts: first, fewest });
    }
    let least = least_moved(problem, courses, most, known - always.min(known), limit_s)?;
    Ok(Exact { cuts: least.or(first), fewest })
}

/// The least energy moved with so many changes.
fn least_moved(
    problem: &Problem,
    courses: &Courses,
    most: f64,
    changed: usize,
    limit_s: f64,
) -> Result<Option<Vec<Vec<i64>>>, SolverError> {
    let (mut model, changes, _) = formulated(problem, courses, most);
    let sum: Expression = changes.iter().map(|change| Expression::from(change.changed)).sum();
    model.rows.push(sum.leq(count(changed)));
    model.objective = changes.iter().flat_map(|change| &change.moved).map(|&at| Expression::from(at)).sum();
    let columns = std::mem::take(&mut model.facilities);
    let answer = Programme::new(model, effort())?.minimise(&HashMap::new(), limit_s)?;
    Ok(answer.values.map(|values| rounded(problem, courses, &columns, &changes, &values)))
}

fn effort() -> Effort {
    Effort { gap: 0.0, threads: 1, seed: 1 }
}

/// All plans whose objective is allowed, with the changes, and how many facilities change whatever is done.
fn formulated(problem: &Problem, courses: &Courses, most: f64) -> (Formulation, Vec<Change>, usize) {
    let mut model = Formulation::new(problem);
    let allowed = std::mem::take(&mut model.objective).leq(most);
    model.rows.push(allowed);
    let (mut changes, mut always) = (Vec::new(), 0);
    for f in 0..problem.facilities.len() {
        let cut = model.facilities[f].as_ref().map(|columns| columns.cut.clone());
        match cut {
            Some(cut) => changes.push(change(&mut model, problem, courses, f, &cut)),
            None => always += usize::from(courses.is_moved(f, &vec![0; problem.steps])),
        }
    }
    (model, changes, always)
}

fn change(
    model: &mut Formulation,
    problem: &Problem,
    courses: &Courses,
    f: usize,
    cut: &[Variable],
) -> Change {
    let row = &problem.facilities[f];
    let changed = model.variables.add(variable().binary());
    model.order.push(changed);
    let mut moved = Vec::new();
    for t in (0..problem.steps).filter(|&t| courses.known[t]) {
        let before = mw(courses.wished[f][t]);
        let most = before.max(mw(row.room[t].max(row.frozen[t].unwrap_or(0))));
        let own = model.variables.add(variable().min(0.0).max(most.max(0.0)));
        model.order.push(own);
        model.rows.push((cut[t] - Expression::from(before)).leq(own));
        model.rows.push((Expression::from(before) - cut[t]).leq(own));
        model.rows.push(Expression::from(own).leq(most * changed));
        moved.push(own);
    }
    Change { f, changed, moved }
}

/// Whole kW: what is not changed as it was before.
fn rounded(
    problem: &Problem,
    courses: &Courses,
    columns: &[Option<FacilityColumns>],
    changes: &[Change],
    values: &HashMap<Variable, f64>,
) -> Vec<Vec<i64>> {
    let mut cuts = round(problem, columns, values);
    let stays = |change: &&Change| values.get(&change.changed).is_some_and(|value| *value < DUST);
    for change in changes.iter().filter(stays) {
        let wished = &courses.wished[change.f];
        for t in (0..problem.steps).filter(|&t| courses.known[t]) {
            cuts[change.f][t] = wished[t];
        }
        if !walk(&problem.facilities[change.f], &cuts[change.f]).broken.is_empty() {
            cuts[change.f].clone_from(&courses.nearest[change.f]);
        }
    }
    cuts
}
