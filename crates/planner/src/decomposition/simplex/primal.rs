//! Steps of the primal: where something pays. What enters is chosen by Devex, what leaves in two passes (both Harris, 1973).

use super::{Entering, Free, LEAST_PIVOT, Simplex};
use crate::solver::SolverError;

/// By how much bounds give way for a larger pivot.
const RELAXED: f64 = 1e-9;

impl Simplex {
    /// What pays most, if anything does.
    pub(super) fn entering(&self) -> Option<Entering> {
        let (mut best, mut most) = (None, 0.0);
        for (at, &Free { variable, reduced, pays, weight }) in self.free.iter().enumerate() {
            let worth = reduced * reduced / weight;
            if worth <= most || reduced.abs() <= self.hurdle * pays {
                continue;
            }
            let own = &self.variables[variable];
            let can_move = if reduced < 0.0 { own.value < own.most } else { own.value > own.least };
            if can_move {
                (most, best) = (worth, Some(Entering { at, variable, sign: -reduced.signum() }));
            }
        }
        best
    }

    /// Lets a variable go until it or a basic one is at a bound, which leaves the basis then.
    pub(super) fn step(&mut self, entering: Entering, column: &mut [f64]) -> Result<(), SolverError> {
        self.steps += 1;
        self.turn(entering.variable, column);
        let earned = self
            .basis
            .iter()
            .zip(&*column)
            .map(|(&basic, factor)| self.variables[basic].price(self.penalty) * factor);
        let reduced = self.variables[entering.variable].cost - earned.sum::<f64>();
        let free = &mut self.free[entering.at];
        free.reduced = reduced;
        if reduced * entering.sign >= -self.hurdle * free.pays {
            // What was carried on said more than there is.
            return Ok(());
        }
        let range = self.variables[entering.variable].room(entering.sign);
        match self.leaving(entering.sign, column).filter(|(_, far)| *far < range) {
            Some((row, far)) => {
                let leaving = self.basis[row];
                let bound = self.variables[leaving].bound(-entering.sign * column[row]);
                self.go(entering, far, column);
                let factors = self.factors_of(row);
                self.pivot(entering, row, column, &factors);
                self.variables[leaving].value = bound;
            }
            None if range.is_finite() => self.go(entering, range, column),
            None => return Err(SolverError("the master has no bound".into())),
        }
        if !self.keep_inverse() && self.basis.iter().any(|&basic| self.variables[basic].has_turned()) {
            self.price_all();
        }
        Ok(())
    }

    /// The row whose basic variable is the first at a bound, and after how far; of those nearly at once the one with the
    /// greatest pivot.
    fn leaving(&self, sign: f64, column: &[f64]) -> Option<(usize, f64)> {
        let rows = || {
            let rows = column.iter().enumerate().filter(|(_, factor)| factor.abs() > LEAST_PIVOT);
            rows.map(|(row, factor)| {
                (row, factor.abs(), self.variables[self.basis[row]].room(-sign * factor))
            })
        };
        let relaxed = rows().map(|(_, rate, room)| (room + RELAXED) / rate).fold(f64::INFINITY, f64::min);
        let first = rows().filter(|(_, rate, room)| room.is_finite() && room / rate <= relaxed);
        let first = first.reduce(|a, b| if b.1 > a.1 { b } else { a });
        first.map(|(row, rate, room)| (row, room / rate))
    }
}
