//! Length of events (3.4): a start at `s` keeps `on` until the minimum is reached,
//! `sum of start[s] whose minimum reaches t <= on[t]`, and of `most + 1` intervals in a row one is not under cut,
//! `sum on[t-most..=t] <= most + over[t]`, `over` only where an event is exempt (3.8) and has lasted that long,
//! `(most + 1) * over[t] <= sum on[t-most..=t]`.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, count};
use good_lp::Expression;

/// No event ends before its minimum, unless the horizon ends, the room does, or notice dictates it.
pub(super) fn add_shortest(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    let reach: Vec<usize> = (0..row.room.len()).map(|s| reach_of_start(row, s)).collect();
    for t in 0..row.room.len() {
        let reaching: Expression = (0..t).filter(|&s| reach[s] >= t).map(|s| columns.start[s]).sum();
        if (0..t).any(|s| reach[s] >= t) {
            model.at_most(reaching + columns.start[t], columns.on[t]);
        }
    }
    for t in (0..row.room.len()).take_while(|&t| must_go_on(row, t)) {
        model.at_most(1.0, columns.on[t]);
    }
}

/// The last interval that an event starting in `s` has to reach.
fn reach_of_start(row: &FacilityRow, s: usize) -> usize {
    let intervals =
        usize::try_from((row.min_minutes + row.step_minutes - 1) / row.step_minutes).unwrap_or(usize::MAX);
    let wanted = s.saturating_add(intervals.max(1) - 1).min(row.room.len() - 1);
    (s + 1..=wanted).take_while(|&t| can_go_on(row, t)).last().unwrap_or(s)
}

fn can_go_on(row: &FacilityRow, t: usize) -> bool {
    row.room[t] > 0 && row.frozen[t] != Some(0)
}

/// Whether an event that is running at the start is too young to be over by interval `t`.
fn must_go_on(row: &FacilityRow, t: usize) -> bool {
    let minutes = i64::try_from(t).unwrap_or(i64::MAX / 1000) * row.step_minutes;
    row.before.running && row.before.age_minutes + minutes < row.min_minutes && can_go_on(row, t)
}

/// No event outlasts its maximum, unless it is exempt; and none is over before it has.
pub(super) fn add_longest(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    let Some(max_minutes) = row.max_minutes else { return };
    for t in 0..row.room.len() {
        let Some(first) = first_of_too_long(row, max_minutes, t) else {
            model.at_most(over(columns, t), 0.0);
            continue;
        };
        let run: Expression = (first..=t).map(|s| columns.on[s]).sum();
        model.at_most(run.clone(), count(t - first) + over(columns, t));
        model.at_most(count(t - first + 1) * over(columns, t), run);
    }
}

/// The first of the intervals that, all under cut, make an event too long in interval `t`.
fn first_of_too_long(row: &FacilityRow, max_minutes: i64, t: usize) -> Option<usize> {
    let most = usize::try_from(max_minutes / row.step_minutes).unwrap_or(usize::MAX);
    let minutes = i64::try_from(t + 1).unwrap_or(i64::MAX / 1000) * row.step_minutes;
    let age = row.before.age_minutes + row.before.begun_minute;
    let by_running = row.before.running && age + minutes > max_minutes;
    t.checked_sub(most).or(by_running.then_some(0))
}

fn over(columns: &FacilityColumns, t: usize) -> Expression {
    columns.exempt.as_ref().map_or_else(|| 0.0.into(), |exempt| exempt.too_long[t].into())
}
