//! Return of load (3.6): `cut[t-1] - cut[t] <= max(ramp * hours, smallest cut) + fall` for each facility, and for
//! each zone `sum (cut[t-1] - cut[t]) <= restore_limit + sum of fall * on[t-1]`.
//!
//! What notice dictates is not judged; where it alone returns more than a zone's limit, nobody adds to it.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, Problem, mw};
use good_lp::Expression;

pub(super) fn add_ramp(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    for t in (0..row.room.len()).filter(|&t| row.frozen[t].is_none()) {
        let most = if t == 0 { row.before.cut } else { row.room[t - 1] };
        if let Some(limit) = row.return_limit(t).filter(|&limit| limit < most) {
            model.at_most(returned(row, columns, t), mw(limit));
        }
    }
}

pub(super) fn add_zones(model: &mut Formulation, problem: &Problem) {
    for (z, zone) in problem.zones.iter().enumerate() {
        let Some(limit_mw) = zone.restore_limit_mw else { continue };
        for t in 0..problem.steps {
            add_zone(model, problem, z, t, limit_mw);
        }
    }
}

fn add_zone(model: &mut Formulation, problem: &Problem, z: usize, t: usize, limit_mw: f64) {
    let mut left = Expression::from(0.0);
    let mut right = Expression::from(limit_mw.max(mw(dictated_beyond_falls(problem, z, t))));
    let members = problem.zones[z].facilities.iter();
    for (row, columns) in
        members.filter_map(|&f| Some((&problem.facilities[f], model.facilities[f].as_ref()?)))
    {
        left += returned(row, columns, t);
        if t > 0 {
            right.add_mul(mw(row.fall(t)), columns.on[t - 1]);
        }
    }
    model.at_most(left, right);
}

/// What frozen facilities return in an interval beyond the falls of their nominations, in kW.
pub(crate) fn dictated_beyond_falls(problem: &Problem, z: usize, t: usize) -> i64 {
    let rows = problem.zones[z].facilities.iter().map(|&f| &problem.facilities[f]);
    rows.filter_map(|row| {
        let now = row.frozen[t]?;
        let earlier = if t == 0 { row.before.cut } else { row.frozen[t - 1]? };
        Some(earlier - now - if earlier > 0 { row.fall(t) } else { 0 })
    })
    .sum()
}

fn returned(row: &FacilityRow, columns: &FacilityColumns, t: usize) -> Expression {
    let earlier = match t.checked_sub(1) {
        Some(earlier) => columns.cut[earlier].into(),
        None => Expression::from(mw(row.before.cut)),
    };
    earlier - columns.cut[t]
}
