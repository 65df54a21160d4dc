//! What a plan has zone by zone: MW per zone, in the order of the case, and interval.

use kezek_model::case::Case;
use kezek_model::plan::{Allocation, Plan};

/// What the facilities intend to draw.
pub(crate) fn nominated(case: &Case, plan: &Plan) -> Vec<Vec<f64>> {
    by_zone(case, plan, |row| row.nominated.mw())
}

/// What they may draw.
pub(crate) fn limits(case: &Case, plan: &Plan) -> Vec<Vec<f64>> {
    by_zone(case, plan, |row| row.limit.mw())
}

/// What is taken away.
pub(crate) fn cuts(case: &Case, plan: &Plan) -> Vec<Vec<f64>> {
    by_zone(case, plan, |row| row.cut.mw())
}

/// What stays uncovered.
pub(crate) fn uncovered(case: &Case, plan: &Plan) -> Vec<Vec<f64>> {
    plan.zones.chunks(case.grid.len).map(|rows| rows.iter().map(|row| row.uncovered_mw).collect()).collect()
}

/// A plan that passed the check has every facility in every interval, sorted.
fn by_zone(case: &Case, plan: &Plan, power: impl Fn(&Allocation) -> f64) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; case.grid.len]; case.zones.len()];
    for (facility, rows) in case.facilities.iter().zip(plan.allocations.chunks(case.grid.len)) {
        let Some(zone) = case.zone_index(&facility.zone) else { continue };
        sums[zone].iter_mut().zip(rows).for_each(|(sum, row)| *sum += power(row));
    }
    sums
}
