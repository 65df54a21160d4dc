//! Windows: parts of the horizon in which a draft may change, all else staying.
//!
//! Over many days a facility's courses meet only at a few nights and in its limits, so that a day planned for itself is
//! nearly as good, at a tenth of the time.

use super::fleet::Fleet;
use crate::draw::Draw;
use crate::problem::{Problem, count};
use std::ops::Range;

/// Hours of a horizon beyond which drafts are bettered day by day.
const LONG_H: f64 = 48.0;

/// Whether the horizon is long enough to better a draft day by day, and nothing but the budgets of hours ties its days together.
pub(super) fn is_long(problem: &Problem) -> bool {
    problem.hours * count(problem.steps) > LONG_H && !problem.is_limited()
}

/// Intervals beyond which drafts are bettered in a part of them too.
const MANY: usize = 48;

/// Whether there are so many intervals that it pays to better a draft in a part of them, and energy is not limited.
pub(super) fn has_many(problem: &Problem) -> bool {
    problem.steps > MANY && !problem.is_limited()
}

/// The intervals that some hours take.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn intervals(problem: &Problem, hours: f64) -> usize {
    ((hours / problem.hours).round() as usize).clamp(1, problem.steps)
}

/// A window of so many intervals about one that is short.
pub(super) fn about(fleet: &Fleet<'_>, length: usize, draw: &mut Draw) -> Range<usize> {
    let steps = fleet.problem.steps;
    let short: Vec<usize> =
        (0..steps).filter(|&t| fleet.rows.short.iter().any(|short| short[t] > 0.0)).collect();
    let middle = if short.is_empty() { 0 } else { short[draw.below(short.len())] };
    let from = middle.saturating_sub(length / 2).min(steps - length);
    from..from + length
}

/// Windows of so many hours, one after the other; where shifted, the first of them is half as long.
pub(super) fn all(problem: &Problem, hours: f64, shifted: bool) -> Vec<Range<usize>> {
    let length = intervals(problem, hours);
    let first = if shifted { length.div_ceil(2) } else { length };
    let ends = (first..problem.steps + length).step_by(length);
    ends.map(|end| end.saturating_sub(length)..end.min(problem.steps)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{alone, row};

    /// Nine hours, in which 10 MW have a headroom of 2 in one and of more in all others.
    fn problem(short: usize) -> Problem {
        let mut problem = alone(row(9, 10_000), 20.0);
        problem.steps = 9;
        problem.zones[0].headroom_mw = (0..9).map(|t| if t == short { 2.0 } else { 20.0 }).collect();
        problem
    }

    #[test]
    fn windows_follow_one_another_to_the_end() {
        let problem = Problem { hours: 0.5, ..problem(0) };
        assert_eq!(all(&problem, 2.0, false), [0..4, 4..8, 8..9]);
        assert_eq!(all(&problem, 2.0, true), [0..2, 2..6, 6..9]);
        assert_eq!(all(&problem, 3.0, false), [0..6, 6..9]);
    }

    #[test]
    fn a_window_lies_about_what_is_short() {
        let about = |short: usize, length: usize| {
            let problem = problem(short);
            about(&Fleet::whole(&problem), length, &mut Draw::new(1))
        };
        assert_eq!((about(4, 3), about(6, 8), about(0, 4)), (3..6, 1..9, 0..4));
        assert_eq!(about(4, 9), 0..9);
    }
}
