//! Plans each facility anew against what the others leave, as long as the whole gets better.

use super::cover::{Net, cover_with, merit_order, own_cost, zone_allows};
use crate::assemble::Costed;
use crate::problem::Problem;
use crate::solver::SolverError;

/// Rounds over the fleet.
const ROUNDS: usize = 12;
/// Relative gain below which a round was the last.
const LEAST_GAIN: f64 = 1e-5;

/// Betters some cuts; `least` are those that no facility can be without.
pub(super) fn polish(
    problem: &Problem,
    least: &[Vec<i64>],
    cuts: Vec<Vec<i64>>,
    threads: u32,
    is_over: &dyn Fn() -> bool,
) -> Result<Costed, SolverError> {
    let mut best = Costed::new(problem, cuts, threads)?;
    for _ in 0..ROUNDS {
        let mut cuts = best.cuts.clone();
        let mut net = Net::new(problem, &cuts, &best.dispatch.flows);
        for f in merit_order(problem).into_iter().take_while(|_| !is_over()) {
            plan_anew(problem, least, &mut cuts, f, &mut net);
        }
        let found = Costed::new(problem, cuts, threads)?;
        if found.objective > best.objective * (1.0 - LEAST_GAIN) {
            break;
        }
        best = found;
    }
    Ok(best)
}

/// Takes back what a facility was cut and covers what is short then; keeps it where that is cheaper.
fn plan_anew(problem: &Problem, least: &[Vec<i64>], cuts: &mut [Vec<i64>], f: usize, net: &mut Net) {
    let row = &problem.facilities[f];
    let price = |own: &[i64], net: &Net| own_cost(problem, row, own) + net.price(problem, row.zone);
    let (old, old_price) = (cuts[f].clone(), price(&cuts[f], net));
    net.change(row.zone, &old, &least[f]);
    cuts[f].clone_from(&least[f]);
    cover_with(problem, cuts, f, net);
    let new = cuts[f].clone();
    if price(&new, net) >= old_price - 1e-6 || !zone_allows(problem, cuts, f, &new) {
        net.change(row.zone, &new, &old);
        cuts[f] = old;
    }
}
