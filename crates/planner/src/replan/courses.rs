//! What the plan before asks of every facility, and the nearest to it that is still allowed.

use crate::course::{Lane, Returns, Tariff};
use crate::draft::Draft;
use crate::problem::{FacilityRow, Problem, mw};
use crate::walk::walk;

/// Price of a kW of overrun beside 1 for a kW that moves.
const OVERRUN: f64 = 10.0;
/// Price of a kW in an interval of which the plan before says nothing: just so much that none is cut for nothing.
const UNKNOWN: f64 = 1e-6;

/// The courses of the plan before.
pub(crate) struct Courses {
    /// kW per facility and interval, as the plan before has them.
    pub(crate) wished: Vec<Vec<i64>>,
    /// The intervals of which it says anything.
    pub(crate) known: Vec<bool>,
    /// The nearest allowed courses.
    pub(crate) nearest: Vec<Vec<i64>>,
    hours: f64,
}

/// How far a plan moves: facilities first, then energy.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Moved {
    /// Facilities with another course.
    pub(crate) facilities: usize,
    /// MWh that are cut otherwise, more and less alike.
    pub(crate) mwh: f64,
}

impl Courses {
    pub(crate) fn new(problem: &Problem, wished: Vec<Vec<i64>>, known: Vec<bool>) -> Self {
        let rows = problem.facilities.iter().zip(&wished);
        let nearest = rows.map(|(row, wished)| nearest(row, wished, &known)).collect();
        Self { wished, known, nearest, hours: problem.hours }
    }

    /// The same without the nearest allowed courses, to measure only.
    pub(crate) fn unmoved(problem: &Problem, wished: Vec<Vec<i64>>, known: Vec<bool>) -> Self {
        Self { nearest: wished.clone(), wished, known, hours: problem.hours }
    }

    /// kW times intervals by which cuts of a facility differ from the plan before.
    pub(crate) fn moved_kw(&self, f: usize, cuts: &[i64]) -> i64 {
        let both = cuts.iter().zip(&self.wished[f]).zip(&self.known);
        both.filter(|(_, known)| **known).map(|((cut, wished), _)| (cut - wished).abs()).sum()
    }

    /// Whether cuts of a facility differ from the plan before.
    pub(crate) fn is_moved(&self, f: usize, cuts: &[i64]) -> bool {
        self.moved_kw(f, cuts) > 0
    }

    /// Facilities whose course in a draft is not the nearest, and that could come nearer.
    pub(crate) fn movers(&self, draft: &Draft<'_>) -> Vec<usize> {
        let moves = |&f: &usize| self.moved_kw(f, &draft.cuts[f]) > self.moved_kw(f, &self.nearest[f]);
        (0..self.wished.len()).filter(moves).collect()
    }

    /// How far all cuts are from the plan before.
    pub(crate) fn moved(&self, cuts: &[Vec<i64>]) -> Moved {
        let each = cuts.iter().enumerate().map(|(f, own)| self.moved_kw(f, own)).filter(|kw| *kw > 0);
        let (facilities, kw) = each.fold((0, 0), |sum, kw| (sum.0 + 1, sum.1 + kw));
        Moved { facilities, mwh: mw(kw) * self.hours }
    }
}

impl Moved {
    /// Whether fewer facilities move, or as many by less energy.
    pub(crate) fn is_less_than(self, other: Self) -> bool {
        self.facilities < other.facilities
            || (self.facilities == other.facilities && self.mwh < other.mwh - 1e-9)
    }
}

/// The allowed course with the least kW moved.
pub(super) fn nearest(row: &FacilityRow, wished: &[i64], known: &[bool]) -> Vec<i64> {
    if known.iter().all(|known| *known) && walk(row, wished).broken.is_empty() {
        return wished.to_vec();
    }
    let breaks: Vec<Vec<i64>> = wished.iter().map(|&kw| if kw > 0 { vec![kw] } else { Vec::new() }).collect();
    let cost = |t: usize, kw: i64| {
        if known[t] { ((kw - wished[t]).abs() - wished[t]) as f64 } else { kw as f64 * UNKNOWN }
    };
    let tariff = Tariff { cost: &cost, event_cost: 0.0, overrun_per_kw: OVERRUN };
    let course = Lane::with(row, Returns::own(row), &breaks, &[]).cheapest(&tariff);
    course.map_or_else(|| vec![0; wished.len()], |course| course.cuts)
}
