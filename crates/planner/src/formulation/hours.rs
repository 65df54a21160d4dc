//! Hours under cut (3.4): for every budget `sum of (on[t] - over[t]) <= max_intervals`; an interval is over for
//! the budget only when those before it have spent it, `max_intervals * too_many[t] <= sum before t of (on - over)`.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, count};
use good_lp::Expression;

pub(super) fn add(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    for (b, budget) in row.hour_budgets.iter().enumerate() {
        let most = count(budget.max_intervals);
        let mut counted = Expression::from(0.0);
        for t in (0..row.room.len()).filter(|&t| budget.counts[t]) {
            if let Some(exempt) = &columns.exempt {
                model.at_most(most * exempt.too_many[b][t], counted.clone());
                counted -= exempt.over(t);
            }
            counted += columns.on[t];
        }
        model.at_most(counted, most);
    }
}
