//! Steps of the dual (Lemke, 1954): where something is out of its bounds and nothing pays, or is taken not to.

use super::{Entering, FEASIBLE, GIVE, LEAST_PIVOT, Simplex};

/// Steps a row after which the rest is left to penalties.
const MOST_STEPS: usize = 10;
/// How far the factor of a row may be from that of the column, beside one.
const DISAGREES: f64 = 1e-6;
/// Reduced costs are taken to be this many times what pays, or a part of it that no other has.
const APART: f64 = 1e2;
/// Part of what pays by which prices give way for a larger pivot.
const RELAXED: f64 = 0.1;

impl Simplex {
    /// Takes what is out of its bounds back to them, one after the other, so that nothing pays at any time. Prices are not
    /// those of the costs then.
    pub(super) fn return_to_bounds(&mut self) {
        self.shift_apart();
        let (mut weights, mut column) = (vec![1.0; self.variables.len()], vec![0.0; self.basis.len()]);
        let last = self.steps + (MOST_STEPS * self.basis.len()) as u64;
        while self.steps < last && self.return_farthest(&mut weights, &mut column) {}
        self.variables.iter_mut().for_each(|own| own.shift = 0.0);
    }

    /// Shifts all costs so that nothing pays, and no two things cost the same: with many that cost nothing steps go round in
    /// circles.
    fn shift_apart(&mut self) {
        for free in &mut self.free {
            let own = &mut self.variables[free.variable];
            let apart = APART * free.pays * own.give / GIVE;
            let reduced = match (own.value > own.least, own.value < own.most) {
                (true, true) => 0.0,
                (true, false) => free.reduced.min(0.0) - apart,
                (false, _) => free.reduced.max(0.0) + apart,
            };
            own.shift = reduced - free.reduced;
            free.reduced = reduced;
        }
    }

    /// Takes what is farthest out of its bounds back to them, if that can be done.
    fn return_farthest(&mut self, weights: &mut [f64], column: &mut [f64]) -> bool {
        let Some((row, excess)) = self.farthest(weights) else { return false };
        let factors = self.factors_of(row);
        let Some(entering) = self.cheapest(&factors, excess.signum()) else { return false };
        self.steps += 1;
        self.turn(entering.variable, column);
        let pivot = column[row];
        if (pivot - factors[entering.variable]).abs() > DISAGREES * (1.0 + pivot.abs()) {
            let can_improve = self.inverse.added() > 0;
            self.renew();
            self.settle();
            return can_improve;
        }
        self.keep_apart(entering);
        self.weigh(row, entering, weights, column);
        let leaving = self.basis[row];
        let own = &self.variables[leaving];
        let bound = own.value.clamp(own.least, own.most);
        self.go(entering, excess / (entering.sign * pivot), column);
        self.pivot(entering, row, column, &factors);
        self.variables[leaving].value = bound;
        if self.keep_inverse() {
            weights.fill(1.0);
        }
        true
    }

    /// The row whose basic variable is the farthest out of its bounds, by weight, and how far above or below.
    fn farthest(&self, weights: &[f64]) -> Option<(usize, f64)> {
        let (mut farthest, mut most) = (None, 0.0);
        for (row, &basic) in self.basis.iter().enumerate() {
            let own = &self.variables[basic];
            let excess = own.value - own.value.clamp(own.least, own.most);
            let worth = excess * excess / weights[basic];
            if excess.abs() > FEASIBLE && worth > most {
                (most, farthest) = (worth, Some((row, excess)));
            }
        }
        farthest
    }

    /// What brings a row down, or up, at the least price; of those at nearly the same one what has the greatest pivot.
    fn cheapest(&self, factors: &[f64], excess: f64) -> Option<Entering> {
        let can_enter = || {
            self.free.iter().enumerate().filter_map(|(at, free)| {
                let (own, factor) = (&self.variables[free.variable], factors[free.variable]);
                let sign = excess * factor.signum();
                let can_move = if sign > 0.0 { own.value < own.most } else { own.value > own.least };
                let entering = Entering { at, variable: free.variable, sign };
                let price = (free.reduced * sign).max(0.0);
                (factor.abs() > LEAST_PIVOT && can_move).then_some((entering, factor.abs(), price, free.pays))
            })
        };
        let relaxed = can_enter().map(|(_, rate, price, pays)| (price + RELAXED * pays) / rate);
        let relaxed = relaxed.fold(f64::INFINITY, f64::min);
        let first = can_enter().filter(|(_, rate, price, _)| price / rate <= relaxed);
        first.reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(entering, ..)| entering)
    }

    /// Shifts the cost of what enters once more where it would pay.
    fn keep_apart(&mut self, entering: Entering) {
        let (own, free) = (&mut self.variables[entering.variable], &mut self.free[entering.at]);
        if free.reduced * entering.sign <= 0.0 {
            let reduced = entering.sign * APART * free.pays * own.give / GIVE;
            own.shift += reduced - free.reduced;
            free.reduced = reduced;
        }
    }

    /// Carries the reference weights of the basis on, as Devex does those of the primal.
    fn weigh(&self, row: usize, entering: Entering, weights: &mut [f64], column: &[f64]) {
        let share = weights[self.basis[row]] / (column[row] * column[row]);
        for (&basic, factor) in self.basis.iter().zip(column).filter(|(_, factor)| **factor != 0.0) {
            weights[basic] = f64::max(weights[basic], factor * factor * share);
        }
        weights[entering.variable] = share.max(1.0);
    }
}
