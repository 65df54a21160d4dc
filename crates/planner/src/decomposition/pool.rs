//! The best choice among the columns so far, their levels free: a small mixed-integer programme.
//!
//! Of a facility whose levels are a range, a column says only when it is under cut; how deep is chosen anew,
//! `least * on <= cut <= room * on` with `on[t]` the shares of the columns under cut in `t`, within its ramp. Of one that
//! moves in blocks, or has forced cuts, a column is taken as it is.

use super::ascent::Ascent;
use super::fleet::Fleet;
use super::master::{failed, linear};
use crate::draft::own_cost;
use crate::problem::{FacilityRow, mw};
use crate::solver::SolverError;
use highs::{Col, HighsSolutionStatus, RowProblem, Sense};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes of the search: a limit that is the same every time, unlike one of seconds.
const MOST_NODES: i32 = 200;

/// Relative gap at which a choice is good enough.
const NEAR: f64 = 1e-4;

/// A facility in the programme.
struct Choice {
    /// Its columns, with the cuts of each.
    columns: Vec<(Col, Vec<i64>)>,
    /// Its cut per interval, where its levels are free.
    cut: Option<Vec<Option<Col>>>,
}

/// The cuts of every member that cost less than `most`; `None` where the programme found none in its nodes.
pub(crate) fn choose(ascent: &Ascent<'_>, most: f64) -> Result<Option<Vec<Vec<i64>>>, SolverError> {
    let fleet = &ascent.fleet;
    let slack = most - ascent.blend.objective;
    if slack <= NEAR * most.abs() {
        return Ok(None);
    }
    let mut model = RowProblem::new();
    let choices: Vec<Choice> = patterns(ascent, slack)
        .into_iter()
        .enumerate()
        .map(|(m, own)| add(&mut model, fleet, m, own))
        .collect();
    add_balance(&mut model, fleet, &choices);
    add_restore(&mut model, fleet, &choices);
    add_energy(&mut model, fleet, &choices);
    let mut model = linear(model.try_optimise(Sense::Minimise), "building the choice")?;
    model.try_set_option("mip_rel_gap", NEAR).map_err(failed("configuring the choice"))?;
    model.try_set_option("objective_bound", most).map_err(failed("configuring the choice"))?;
    model.try_set_option("mip_max_nodes", MOST_NODES).map_err(failed("configuring the choice"))?;
    let solved = model.try_solve().map_err(failed("choosing"))?;
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return Ok(None);
    }
    let solution = solved.get_solution();
    Ok(Some(
        choices.iter().enumerate().map(|(m, choice)| cuts(fleet.facility(m), choice, &solution)).collect(),
    ))
}

/// The columns of every member: of one whose levels are free, one for every pattern.
fn patterns(ascent: &Ascent<'_>, slack: f64) -> Vec<Vec<Vec<i64>>> {
    let mut seen: Vec<BTreeSet<Vec<i64>>> = vec![BTreeSet::new(); ascent.fleet.members.len()];
    let mut own: Vec<Vec<Vec<i64>>> = vec![Vec::new(); ascent.fleet.members.len()];
    let reduced = ascent.master.reduced_costs(&ascent.fleet, &ascent.blend);
    let near = ascent.master.columns.iter().zip(reduced).filter(|(_, reduced)| *reduced <= slack);
    for (column, _) in near {
        for (&m, cuts) in ascent.master.groups[column.group].iter().zip(column.cuts.iter()) {
            let is_free = has_free_levels(ascent.fleet.facility(m));
            let pattern = cuts.iter().map(|&kw| if is_free { kw.min(1) } else { kw }).collect();
            if seen[m].insert(pattern) {
                own[m].push(cuts.clone());
            }
        }
    }
    own
}

fn has_free_levels(row: &FacilityRow) -> bool {
    row.block == 0 && !row.before.running && (0..row.room.len()).all(|t| !row.forced(t))
}

fn add(model: &mut RowProblem, fleet: &Fleet<'_>, m: usize, patterns: Vec<Vec<i64>>) -> Choice {
    let (problem, row) = (fleet.problem, fleet.facility(m));
    let is_free = has_free_levels(row);
    let energy = problem.hours * row.cut_cost_per_mwh;
    let mut columns = Vec::new();
    for cuts in patterns {
        let cost = own_cost(problem, row, &cuts);
        let levels = if is_free { energy * mw(cuts.iter().sum()) } else { 0.0 };
        columns.push((model.add_integer_column(cost - levels, 0.0..=1.0), cuts));
    }
    model.add_row(1.0..=1.0, columns.iter().map(|(column, _)| (*column, 1.0)).collect::<Vec<_>>());
    let cut = is_free.then(|| free_levels(model, row, &columns, energy));
    Choice { columns, cut }
}

fn free_levels(
    model: &mut RowProblem,
    row: &FacilityRow,
    columns: &[(Col, Vec<i64>)],
    energy: f64,
) -> Vec<Option<Col>> {
    let mut cut: Vec<Option<Col>> = Vec::new();
    for t in 0..row.room.len() {
        let on: Vec<Col> =
            columns.iter().filter(|(_, cuts)| cuts[t] > 0).map(|(column, _)| *column).collect();
        let own = (!on.is_empty()).then(|| model.add_column(energy, 0.0..=mw(row.room[t])));
        if let Some(own) = own {
            let with = |factor: f64| -> Vec<(Col, f64)> {
                on.iter().map(|&column| (column, factor)).chain([(own, 1.0)]).collect()
            };
            model.add_row(..=0.0, with(-mw(row.room[t])));
            model.add_row(0.0.., with(-mw(row.smallest_cut(t))));
        }
        let earlier = t.checked_sub(1).and_then(|s| cut[s]);
        let limit = row.return_limit(t).filter(|&limit| t > 0 && limit < row.room[t - 1]);
        if let (Some(earlier), Some(limit)) = (earlier, limit) {
            let returned = [(earlier, 1.0)].into_iter().chain(own.map(|own| (own, -1.0)));
            model.add_row(..=mw(limit), returned.collect::<Vec<_>>());
        }
        cut.push(own);
    }
    cut
}

impl Choice {
    /// The cut of an interval, as factors of columns.
    fn cut(&self, t: usize) -> Vec<(Col, f64)> {
        match &self.cut {
            Some(cut) => cut[t].map(|column| (column, 1.0)).into_iter().collect(),
            None => self.columns.iter().map(|(column, cuts)| (*column, mw(cuts[t]))).collect(),
        }
    }
}

fn add_balance(model: &mut RowProblem, fleet: &Fleet<'_>, choices: &[Choice]) {
    let problem = fleet.problem;
    for t in 0..problem.steps {
        let mut rows: Vec<Vec<(Col, f64)>> = vec![Vec::new(); problem.zones.len()];
        for (m, choice) in choices.iter().enumerate() {
            rows[fleet.facility(m).zone].extend(choice.cut(t));
        }
        for (l, tie) in problem.ties.iter().enumerate() {
            let (least, most) = fleet.rows.flow(problem, l, t);
            let flow = model.add_column(0.0, least..=most);
            rows[tie.from].push((flow, -1.0));
            rows[tie.to].push((flow, 1.0));
        }
        for (z, mut row) in rows.into_iter().enumerate() {
            row.push((model.add_column(problem.hours * problem.uncovered_cost_per_mwh, 0.0..), 1.0));
            model.add_row(fleet.rows.short[z][t].., row);
        }
    }
}

fn add_restore(model: &mut RowProblem, fleet: &Fleet<'_>, choices: &[Choice]) {
    let problem = fleet.problem;
    for z in 0..problem.zones.len() {
        for t in (0..problem.steps).filter(|&t| fleet.rows.restore[z][t].is_finite()) {
            let mut factors: BTreeMap<usize, (Col, f64)> = BTreeMap::new();
            let mut add = |(column, factor): (Col, f64)| {
                factors.entry(column.index()).or_insert((column, 0.0)).1 += factor;
            };
            let mut before = 0.0;
            for (m, choice) in choices.iter().enumerate().filter(|(m, _)| fleet.facility(*m).zone == z) {
                let row = fleet.facility(m);
                choice.cut(t).into_iter().for_each(|(column, factor)| add((column, -factor)));
                let Some(earlier) = t.checked_sub(1) else {
                    before += mw(row.before.cut);
                    continue;
                };
                choice.cut(earlier).into_iter().for_each(&mut add);
                let on = choice.columns.iter().filter(|(_, cuts)| cuts[earlier] > 0);
                on.for_each(|(column, _)| add((*column, -mw(row.fall(t)))));
            }
            model.add_row(..=fleet.rows.restore[z][t] - before, factors.into_values().collect::<Vec<_>>());
        }
    }
}

fn add_energy(model: &mut RowProblem, fleet: &Fleet<'_>, choices: &[Choice]) {
    for (m, choice) in choices.iter().enumerate() {
        let limit = fleet.rows.energy[fleet.members[m]];
        if limit.is_finite() {
            let mut factors: BTreeMap<usize, (Col, f64)> = BTreeMap::new();
            for (column, factor) in (0..fleet.problem.steps).flat_map(|t| choice.cut(t)) {
                factors.entry(column.index()).or_insert((column, 0.0)).1 += factor;
            }
            model.add_row(..=limit, factors.into_values().collect::<Vec<_>>());
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn cuts(row: &FacilityRow, choice: &Choice, solution: &highs::Solution) -> Vec<i64> {
    let chosen = choice.columns.iter().max_by(|a, b| solution[a.0].total_cmp(&solution[b.0]));
    let pattern = chosen.map(|(_, cuts)| cuts.clone()).unwrap_or_default();
    let Some(cut) = &choice.cut else { return pattern };
    let level = |t: usize| {
        let kw = cut[t].map_or(0.0, |column| solution[column] * 1000.0);
        row.cut_at_least(t, ((kw - 1e-3).ceil() as i64).max(pattern[t].min(1)))
    };
    (0..pattern.len()).map(|t| if pattern[t] > 0 { level(t) } else { 0 }).collect()
}
