//! Events: `on[t] - on[t-1] = start[t] - stop[t]`, with `start` and `stop` exactly the positive and negative part:
//! `start[t] <= on[t]`, `start[t] <= 1 - on[t-1]`, `stop[t] <= on[t-1]`, `stop[t] <= 1 - on[t]`.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, mw};
use good_lp::{Expression, Variable};

/// Adds `cut`, `on`, `start` and `stop`; what is dictated is fixed in their bounds.
pub(super) fn add_columns(model: &mut Formulation, row: &FacilityRow) -> FacilityColumns {
    let steps = row.room.len();
    let cut = (0..steps).map(|t| cut_column(model, row, t)).collect();
    let on = (0..steps).map(|t| on_column(model, row, t)).collect();
    let start = (0..steps).map(|_| model.column(0.0, 1.0)).collect();
    let stop = (0..steps).map(|_| model.column(0.0, 1.0)).collect();
    FacilityColumns { cut, on, start, stop, blocks: vec![None; steps], full: vec![None; steps], exempt: None }
}

fn cut_column(model: &mut Formulation, row: &FacilityRow, t: usize) -> Variable {
    match row.frozen[t] {
        Some(dictated) => model.column(mw(dictated), mw(dictated)),
        None => model.column(mw(row.demand[t]), mw(row.room[t])),
    }
}

fn on_column(model: &mut Formulation, row: &FacilityRow, t: usize) -> Variable {
    let least = f64::from(u8::from(row.forced(t)));
    let most = f64::from(u8::from(row.frozen[t].map_or(row.room[t] > 0, |cut| cut > 0)));
    model.whole_column(least, most)
}

pub(super) fn add(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    for t in 0..row.room.len() {
        let earlier = on_before(row, columns, t);
        let (on, start, stop) = (columns.on[t], columns.start[t], columns.stop[t]);
        model.equal(Expression::from(on) - earlier.clone(), Expression::from(start) - stop);
        model.at_most(start, on);
        model.at_most(start, 1.0 - earlier.clone());
        model.at_most(stop, earlier);
        model.at_most(stop, 1.0 - Expression::from(on));
    }
}

/// `on[t-1]`, or whether an event is running at the start.
pub(super) fn on_before(row: &FacilityRow, columns: &FacilityColumns, t: usize) -> Expression {
    match t.checked_sub(1) {
        Some(earlier) => columns.on[earlier].into(),
        None => f64::from(u8::from(row.before.running)).into(),
    }
}
