//! Starts per civil day (3.4): `earlier + sum of start[s], s <= t on the day of t <= most` for a start in `t` that
//! is not forced; forced starts count, but are never one too many.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, count};
use good_lp::Expression;

pub(super) fn add(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    let mut sum = Expression::from(0.0);
    let mut most_sum = 0;
    for t in 0..row.room.len() {
        if t == 0 || row.day[t] != row.day[t - 1] {
            sum = f64::from(earlier_starts(row, t)).into();
            most_sum = earlier_starts(row, t) as usize;
        }
        sum += columns.start[t];
        most_sum += 1;
        let Some(most) = row.starts_per_day[t].filter(|&most| most_sum > most as usize) else { continue };
        if plain_day(row, t) {
            if last_of_day(row, t) {
                model.at_most(sum.clone(), f64::from(most.max(earlier_starts(row, t))));
            }
        } else if !row.forced(t) {
            let slack = count(most_sum) * (1.0 - Expression::from(columns.start[t]));
            model.at_most(sum.clone(), f64::from(most) + slack);
        }
    }
}

fn earlier_starts(row: &FacilityRow, t: usize) -> u32 {
    if row.day[t] == 0 { row.before.starts_today } else { 0 }
}

fn last_of_day(row: &FacilityRow, t: usize) -> bool {
    row.day.get(t + 1) != Some(&row.day[t])
}

/// Whether nothing is forced on the day and one limit holds all day: then one row says it all.
fn plain_day(row: &FacilityRow, t: usize) -> bool {
    let mut day = (0..row.room.len()).filter(|&s| row.day[s] == row.day[t]);
    day.all(|s| !row.forced(s) && row.starts_per_day[s] == row.starts_per_day[t])
}
