//! A plan without a solver: always allowed, so that there always is one.
//!
//! First the least cuts that the rules permit: what is dictated, demanded or can't return yet. Holding a cut is
//! always allowed there, as every such event is exempt (3.8). Then facilities cover what is short in order of cost,
//! each by its cheapest course beside the others.

use crate::decomposition::cost_per_mwh;
use crate::draft::Draft;
use crate::formulation::dictated_beyond_falls;
use crate::problem::Problem;

/// A draft that breaks no rule; the better, the later `is_over`.
pub(crate) fn fallback<'a>(problem: &'a Problem, is_over: &dyn Fn() -> bool) -> Draft<'a> {
    let mut draft = Draft::new(problem, least_cuts(problem));
    draft.settle(&merit_order(problem), is_over);
    draft
}

/// Facilities that can be cut, the cheapest MWh first.
fn merit_order(problem: &Problem) -> Vec<usize> {
    let cost = |f: &usize| cost_per_mwh(problem, &problem.facilities[*f]);
    let mut order: Vec<usize> =
        (0..problem.facilities.len()).filter(|&f| problem.facilities[f].can_be_cut()).collect();
    order.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)));
    order
}

/// The least cuts, interval by interval; where a zone may not return as much, load is held back.
fn least_cuts(problem: &Problem) -> Vec<Vec<i64>> {
    let mut cuts: Vec<Vec<i64>> = vec![Vec::with_capacity(problem.steps); problem.facilities.len()];
    let mut ages = ages_at_start(problem);
    for t in 0..problem.steps {
        for (f, row) in problem.facilities.iter().enumerate() {
            let cut = least_cut(row, &cuts[f], ages[f], t);
            cuts[f].push(cut);
        }
        (0..problem.zones.len()).for_each(|z| hold_back(problem, &mut cuts, z, t));
        for (age, own) in ages.iter_mut().zip(&cuts) {
            *age = if own[t] > 0 { Some(age.unwrap_or(0) + problem.step_minutes()) } else { None };
        }
    }
    cuts
}

/// Minutes that the event of each facility has been running; `None` where none is.
fn ages_at_start(problem: &Problem) -> Vec<Option<i64>> {
    let age = |row: &crate::problem::FacilityRow| row.before.running.then_some(row.before.age_minutes);
    problem.facilities.iter().map(age).collect()
}

fn least_cut(row: &crate::problem::FacilityRow, own: &[i64], age: Option<i64>, t: usize) -> i64 {
    if let Some(dictated) = row.frozen[t] {
        return dictated;
    }
    let earlier = own.last().copied().unwrap_or(row.before.cut);
    let by_ramp = row.return_limit(t).map_or(0, |limit| earlier - limit);
    let too_young = i64::from(age.is_some_and(|minutes| minutes < row.min_minutes));
    row.cut_at_least(t, row.demand[t].max(by_ramp).max(too_young))
}

/// Raises cuts to what they were until the zone returns no more than it may (3.6).
fn hold_back(problem: &Problem, cuts: &mut [Vec<i64>], z: usize, t: usize) {
    let Some(excess) = restore_excess_kw(problem, cuts, z, t) else { return };
    let mut excess = excess;
    for &f in &problem.zones[z].facilities {
        let row = &problem.facilities[f];
        let earlier = if t == 0 { row.before.cut } else { cuts[f][t - 1] };
        if excess > 0.0 && row.frozen[t].is_none() && cuts[f][t] < earlier {
            let held = row.cut_at_least(t, earlier.min(row.room[t]));
            excess -= kw(held - cuts[f][t]);
            cuts[f][t] = held;
        }
    }
}

/// By how many kW a zone returns more than it may; `None` without a limit.
fn restore_excess_kw(problem: &Problem, cuts: &[Vec<i64>], z: usize, t: usize) -> Option<f64> {
    let limit = problem.zones[z].restore_limit_mw? * 1000.0;
    let dictated = kw(dictated_beyond_falls(problem, z, t));
    let mut returned = 0;
    for &f in &problem.zones[z].facilities {
        let row = &problem.facilities[f];
        let earlier = if t == 0 { row.before.cut } else { cuts[f][t - 1] };
        returned += earlier - cuts[f][t] - if earlier > 0 { row.fall(t) } else { 0 };
    }
    Some(kw(returned) - limit.max(dictated))
}

#[allow(clippy::cast_precision_loss)]
fn kw(whole: i64) -> f64 {
    whole as f64
}
