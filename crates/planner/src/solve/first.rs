//! A first solution for the solver: the whole numbers of the fallback; the solver finds the rest.

use crate::formulation::FacilityColumns;
use crate::problem::{FacilityRow, Problem};
use crate::walk::{Rule, walk};
use good_lp::Variable;
use std::collections::HashMap;

/// Values of the whole-number columns for cuts in kW per facility and interval.
pub(crate) fn values(
    problem: &Problem,
    facilities: &[Option<FacilityColumns>],
    cuts: &[Vec<i64>],
) -> HashMap<Variable, f64> {
    let mut values = HashMap::new();
    for ((row, columns), own) in problem.facilities.iter().zip(facilities).zip(cuts) {
        if let Some(columns) = columns {
            set_cuts(row, columns, own, &mut values);
            set_exempt(row, columns, own, &mut values);
        }
    }
    values
}

#[allow(clippy::cast_precision_loss)]
fn set_cuts(row: &FacilityRow, columns: &FacilityColumns, own: &[i64], values: &mut HashMap<Variable, f64>) {
    let on = |t: usize| own[t] > 0;
    for (t, &cut) in own.iter().enumerate() {
        let earlier = t.checked_sub(1).map_or(row.before.running, on);
        values.insert(columns.cut[t], cut as f64 / 1000.0);
        values.insert(columns.on[t], flag(on(t)));
        values.insert(columns.start[t], flag(on(t) && !earlier));
        values.insert(columns.stop[t], flag(!on(t) && earlier));
        let full = columns.full[t].filter(|_| cut == row.room[t] && on(t));
        if let Some(full) = full {
            values.insert(full, 1.0);
        } else if let Some(blocks) = columns.blocks[t] {
            values.insert(blocks, (cut / row.block) as f64);
        }
    }
}

fn set_exempt(
    row: &FacilityRow,
    columns: &FacilityColumns,
    own: &[i64],
    values: &mut HashMap<Variable, f64>,
) {
    let Some(exempt) = &columns.exempt else { return };
    for (t, rule) in walk(row, own).overridden {
        match rule {
            Rule::MaxCut => values.insert(exempt.too_long[t], 1.0),
            Rule::CutHours => exempt.spent_budget(row, own, t).and_then(|spent| values.insert(spent, 1.0)),
            _ => None,
        };
    }
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}
