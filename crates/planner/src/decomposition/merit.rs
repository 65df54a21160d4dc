//! First prices: what the dearest facility that is needed would want, hour by hour, as if hours knew nothing of each
//! other.
//!
//! A zone's facilities are put into a few classes by what a MWh of them costs, events spread over a few hours; a small
//! linear programme of every interval covers it with them, and its prices are those of the balance.

use super::fleet::Fleet;
use super::prices::{Prices, Rows};
use super::simplex::{Row, Simplex};
use crate::problem::{FacilityRow, Problem, mw};
use crate::solver::SolverError;

/// Classes of a zone.
const CLASSES: usize = 16;
/// Hours over which an event is spread.
const EVENT_HOURS: f64 = 3.0;

/// A class: what a MWh costs, and its room in MW per interval.
struct Class {
    cost_per_mwh: f64,
    room: Vec<f64>,
}

/// Prices of the balance, none of the restore limits; none at all where an interval has no solution, as any will do to begin.
pub(crate) fn prices(fleet: &Fleet<'_>) -> Prices {
    let problem = fleet.problem;
    let classes: Vec<Vec<Class>> = (0..problem.zones.len()).map(|z| classes(problem, z)).collect();
    let mut prices = Prices::zero(problem);
    for t in 0..problem.steps {
        let own = of_interval(problem, &fleet.rows, &classes, t).unwrap_or_default();
        own.into_iter().enumerate().for_each(|(z, price)| prices.balance[z][t] = price);
    }
    prices
}

/// The price of every zone's balance in an interval.
fn of_interval(
    problem: &Problem,
    rows: &Rows,
    classes: &[Vec<Class>],
    t: usize,
) -> Result<Vec<f64>, SolverError> {
    let mut programme = Simplex::default();
    let balance: Vec<Row> =
        rows.short.iter().map(|short| programme.add_row(short[t], f64::INFINITY, [])).collect();
    for (&row, classes) in balance.iter().zip(classes) {
        for class in classes {
            programme.add_column(problem.hours * class.cost_per_mwh, (0.0, class.room[t]), [(row, 1.0)]);
        }
        programme.add_column(problem.uncovered_price(), (0.0, f64::INFINITY), [(row, 1.0)]);
    }
    for (l, tie) in problem.ties.iter().enumerate() {
        let flow = rows.flow(problem, l, t);
        programme.add_column(0.0, flow, [(balance[tie.from], -1.0), (balance[tie.to], 1.0)]);
    }
    programme.solve()?;
    Ok(balance.into_iter().map(|row| programme.price(row)).collect())
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
