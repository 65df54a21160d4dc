//! Exempt events (3.8): one that was running at the start, or has a forced interval, may outlast its limits.
//! Such intervals are not counted as hours, and their cut MWh, where not forced, are overrun.
//!
//! `since[t]`: the event of `t` has been forced (or was running) by `t`; `until[t]`: it will be.
//! `since[t] <= on[t]`, `since[t] <= since[t-1]` where `t` is not forced; `until` the same backwards.
//! `too_long[t] + too_many[t] <= on[t]`, `too_long[t] + too_many[t] <= since[t] + until[t]`,
//! `overrun[t] >= cut[t] - room * (1 - too_long[t] - too_many[t])`.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, Problem, mw};
use crate::walk::Rule;
use good_lp::{Expression, Variable};

/// Columns of a facility whose events may be exempt, by interval.
pub struct ExemptColumns {
    /// 1 where the event has outlasted its longest length.
    pub too_long: Vec<Variable>,
    /// For each budget of hours: 1 where it was spent before the interval.
    pub too_many: Vec<Vec<Variable>>,
}

impl ExemptColumns {
    /// The column of the first budget that is spent before interval `t`, for some cuts.
    pub(crate) fn spent_budget(&self, row: &FacilityRow, cuts: &[i64], t: usize) -> Option<Variable> {
        let over = crate::walk::walk(row, cuts).overridden;
        let is_over = |s: usize| {
            over.iter().any(|&(at, rule)| at == s && matches!(rule, Rule::MaxCut | Rule::CutHours))
        };
        let spent = |budget: &crate::problem::HourBudget| {
            let counted = (0..t).filter(|&s| cuts[s] > 0 && budget.counts[s] && !is_over(s)).count();
            budget.counts[t] && counted >= budget.max_intervals
        };
        let budget = row.hour_budgets.iter().position(spent)?;
        Some(self.too_many[budget][t])
    }

    /// 1 where the interval is over, and so not counted as hours.
    pub(super) fn over(&self, t: usize) -> Expression {
        self.too_many.iter().map(|budget| budget[t]).sum::<Expression>() + self.too_long[t]
    }
}

pub(super) fn add(
    model: &mut Formulation,
    problem: &Problem,
    row: &FacilityRow,
    columns: &FacilityColumns,
) -> Option<ExemptColumns> {
    let steps = row.room.len();
    let limited = row.max_minutes.is_some() || !row.hour_budgets.is_empty();
    let may_be = row.before.running || (0..steps).any(|t| row.forced(t));
    if !limited || !may_be {
        return None;
    }
    let since = spread(model, row, columns, row.before.running, (0..steps).collect());
    let until = spread(model, row, columns, false, (0..steps).rev().collect());
    let long = f64::from(u8::from(row.max_minutes.is_some()));
    let exempt = ExemptColumns {
        too_long: (0..steps).map(|_| model.whole_column(0.0, long)).collect(),
        too_many: row.hour_budgets.iter().map(|budget| too_many_columns(model, &budget.counts)).collect(),
    };
    for t in 0..steps {
        let over = exempt.over(t);
        model.at_most(over.clone(), columns.on[t]);
        model.at_most(over.clone(), Expression::from(since[t]) + until[t]);
        if !row.forced(t) && row.room[t] > 0 {
            let room = mw(row.room[t]);
            let overrun = model.column(0.0, room);
            model.at_most(Expression::from(columns.cut[t]) - room + room * over, overrun);
            model.miss(problem, overrun);
        }
    }
    Some(exempt)
}

fn too_many_columns(model: &mut Formulation, counts: &[bool]) -> Vec<Variable> {
    counts.iter().map(|&counted| model.whole_column(0.0, f64::from(u8::from(counted)))).collect()
}

/// Marks that pass from forced intervals along a run, in the order given.
fn spread(
    model: &mut Formulation,
    row: &FacilityRow,
    columns: &FacilityColumns,
    first: bool,
    order: Vec<usize>,
) -> Vec<Variable> {
    let marks: Vec<Variable> = order.iter().map(|_| model.column(0.0, 1.0)).collect();
    let mut earlier: Expression = f64::from(u8::from(first)).into();
    for &t in &order {
        model.at_most(marks[t], columns.on[t]);
        if !row.forced(t) {
            model.at_most(marks[t], earlier);
        }
        earlier = marks[t].into();
    }
    marks
}
