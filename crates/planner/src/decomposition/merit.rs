//! First prices: what the dearest facility that is needed would want, hour by hour, as if hours knew nothing of each
//! other.
//!
//! A zone's facilities are put into a few classes by what a MWh of them costs, events spread over a few hours; a small
//! linear programme covers every interval with them, and its prices are those of the balance.

use super::fleet::Fleet;
use super::prices::{Prices, Rows};
use crate::problem::{FacilityRow, Problem, mw};
use crate::solver::SolverError;
use highs::{ColProblem, Row, Sense};

/// Classes of a zone.
const CLASSES: usize = 16;
/// Hours over which an event is spread.
const EVENT_HOURS: f64 = 3.0;

/// A class: what a MWh costs, and its room in MW per interval.
struct Class {
    cost_per_mwh: f64,
    room: Vec<f64>,
}

/// Prices of the balance, none of the restore limits; no prices at all where the solver fails, as any will do to begin.
pub(crate) fn prices(fleet: &Fleet<'_>) -> Prices {
    solved(fleet.problem, &fleet.rows).unwrap_or_else(|_| Prices::zero(fleet.problem))
}

fn solved(problem: &Problem, rows: &Rows) -> Result<Prices, SolverError> {
    let classes: Vec<Vec<Class>> = (0..problem.zones.len()).map(|z| classes(problem, z)).collect();
    let mut prices = Prices::zero(problem);
    let mut model = ColProblem::new();
    let mut balance: Vec<Vec<Row>> = Vec::new();
    for short in &rows.short {
        balance.push(short.iter().map(|&mw| model.add_row(mw..)).collect());
    }
    for t in 0..problem.steps {
        for (z, row) in balance.iter().enumerate() {
            for class in &classes[z] {
                model.add_column(problem.hours * class.cost_per_mwh, 0.0..=class.room[t], [(row[t], 1.0)]);
            }
            model.add_column(problem.uncovered_price(), 0.0.., [(row[t], 1.0)]);
        }
        for (l, tie) in problem.ties.iter().enumerate() {
            let (least, most) = rows.flow(problem, l, t);
            model.add_column(0.0, least..=most, [(balance[tie.from][t], -1.0), (balance[tie.to][t], 1.0)]);
        }
    }
    let model = super::master::linear(model.try_optimise(Sense::Minimise), "building the merit order")?;
    let solved = super::master::optimal(model, "the merit order")?;
    let duals = solved.get_solution();
    for (own, duals) in prices.balance.iter_mut().zip(duals.dual_rows().chunks(problem.steps.max(1))) {
        own.copy_from_slice(duals);
    }
    Ok(prices)
}

fn classes(problem: &Problem, z: usize) -> Vec<Class> {
    let members = problem.zones[z].facilities.iter().map(|&f| &problem.facilities[f]);
    let mut rows: Vec<(f64, &FacilityRow)> =
        members.filter(|row| row.can_be_cut()).map(|row| (cost_per_mwh(problem, row), row)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = rows.len().div_ceil(CLASSES).max(1);
    let class = |members: &[(f64, &FacilityRow)]| Class {
        cost_per_mwh: members.iter().map(|(cost, _)| cost).sum::<f64>() / members.len() as f64,
        room: (0..problem.steps).map(|t| mw(members.iter().map(|(_, row)| room(row, t)).sum())).collect(),
    };
    rows.chunks(size).map(class).collect()
}

fn room(row: &FacilityRow, t: usize) -> i64 {
    row.frozen[t].unwrap_or(row.room[t])
}

/// What a MWh costs with events spread over a full cut.
pub(crate) fn cost_per_mwh(problem: &Problem, row: &FacilityRow) -> f64 {
    let full = row.room.iter().copied().max().unwrap_or(0).max(1);
    row.cut_cost_per_mwh + row.event_cost / (mw(full) * EVENT_HOURS.max(problem.hours))
}
