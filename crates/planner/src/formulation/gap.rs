//! Time between events (3.4): a start that is not forced has no stop within the gap before it,
//! `start[t] + stop[s] <= 1` for `t - gap < s <= t`; where nothing is forced the tighter
//! `on[t] + sum of stop[s] <= 1`.

use super::{FacilityColumns, Formulation};
use crate::problem::FacilityRow;
use good_lp::Expression;

pub(super) fn add(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    let any_forced = (0..row.room.len()).any(|t| row.forced(t));
    for t in (0..row.room.len()).filter(|&t| !row.forced(t) && row.room[t] > 0) {
        if too_early_after_state(row, t) {
            model.at_most(columns.start[t], 0.0);
        }
        let stops = (0..=t).filter(|&s| minutes(row, t - s) < row.gap_minutes[t]).map(|s| columns.stop[s]);
        if any_forced {
            stops.for_each(|stop| model.at_most(Expression::from(columns.start[t]) + stop, 1.0));
        } else if row.gap_minutes[t] > 0 {
            model.at_most(stops.sum::<Expression>() + columns.on[t], 1.0);
        }
    }
}

fn too_early_after_state(row: &FacilityRow, t: usize) -> bool {
    row.before.idle_minutes.is_some_and(|idle| idle + minutes(row, t) < row.gap_minutes[t])
}

fn minutes(row: &FacilityRow, intervals: usize) -> i64 {
    i64::try_from(intervals).unwrap_or(i64::MAX / 1000) * row.step_minutes
}
