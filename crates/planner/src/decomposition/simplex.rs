//! A linear programme that gets columns and rows between its solutions: a primal simplex that goes on from its last basis.
//!
//! `min sum cost[j] * x[j]` with `least[j] <= x[j] <= most[j]`, and in every row `sum over j of factor[i,j] * x[j] + slack[i] = 0`
//! with bounds of the slack. What enters is chosen by Devex, what leaves in two passes (both Harris, 1973). What is out of
//! its bounds costs a penalty, so that the same steps lead from any basis to a feasible one and from there to the best.
//!
//! Masters are small and solved by the thousand, a dozen pivots each: a solver made for large programmes spends most of
//! that time on beginning and ending. No bound hangs on what is found here, as any prices prove one.

mod columns;
mod product;
#[cfg(test)]
mod tests;

use crate::solver::SolverError;
use columns::Columns;
use product::Product;

/// A row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row(usize);

/// A column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Col(usize);

/// A programme, and where its last solution ended.
#[derive(Default)]
pub(super) struct Simplex {
    /// Columns, and slacks among them.
    variables: Vec<Variable>,
    factors: Columns,
    /// The slack of every row.
    slacks: Vec<usize>,
    /// The basic variable of every row.
    basis: Vec<usize>,
    /// The inverse of the basis, unless it is stale.
    inverse: Product,
    is_stale: bool,
    /// What is neither basic nor fixed.
    free: Vec<Free>,
    /// What a unit in each row is paid.
    prices: Vec<f64>,
    /// Whether the reduced costs are those of these prices, not only carried on.
    is_priced: bool,
    /// What a unit out of its bounds costs.
    penalty: f64,
    /// Steps so far.
    pub(super) steps: u64,
}

/// A column, or the slack of a row.
struct Variable {
    cost: f64,
    least: f64,
    most: f64,
    value: f64,
    is_basic: bool,
    /// 1 above its bounds, -1 below, 0 within, as it counts in the prices; of a basic one only.
    beyond: f64,
}

/// A variable that may enter the basis.
struct Free {
    variable: usize,
    /// What a unit more of it would cost.
    reduced: f64,
    /// From which reduced cost on it pays to enter.
    pays: f64,
    /// Its reference weight.
    weight: f64,
}

/// Where a solution ended.
pub(crate) struct Basis {
    basic: Vec<usize>,
    /// What else is not as near to nothing as its bounds allow, and its value.
    others: Vec<(usize, f64)>,
}

/// What a variable would do.
#[derive(Clone, Copy)]
struct Entering {
    /// Its place among the free.
    at: usize,
    variable: usize,
    /// 1 upwards, -1 downwards.
    sign: f64,
}

/// How far out of its bounds a value is feasible.
const FEASIBLE: f64 = 1e-7;
/// By how much bounds give way for a larger pivot.
const RELAXED: f64 = 1e-9;
/// The reduced cost, beside the cost itself, from which on it pays to enter.
const PAYS: f64 = 1e-8;
/// Factors from which on something can leave.
const LEAST_PIVOT: f64 = 1e-7;
/// Steps after which the inverse is made anew.
const RENEWED: usize = 64;
/// Steps of a solution, beside four a column, after which the last basis has to do.
const MOST_STEPS: usize = 1_000;
/// The first penalty, beside the greatest cost; by what it grows where that is not enough, and up to what.
const PENALTY: f64 = 1e2;
const GROWS: f64 = 1e3;
const MOST_PENALTY: f64 = 1e9;

impl Simplex {
    /// Adds a row with a sum between two values, in which columns that are there already have factors.
    pub(super) fn add_row(
        &mut self,
        least: f64,
        most: f64,
        factors: impl IntoIterator<Item = (Col, f64)>,
    ) -> Row {
        let (row, slack) = (self.slacks.len(), self.variables.len());
        let factors: Vec<(usize, f64)> =
            factors.into_iter().map(|(Col(column), factor)| (column, factor)).collect();
        self.factors.add_row(row, &factors);
        self.factors.push([(row, 1.0)]);
        self.slacks.push(slack);
        self.basis.push(slack);
        self.variables.push(Variable { is_basic: true, ..Variable::new(0.0, (-most, -least)) });
        self.is_stale = true;
        Row(row)
    }

    /// Adds a column between two bounds.
    pub(super) fn add_column(
        &mut self,
        cost: f64,
        bounds: (f64, f64),
        factors: impl IntoIterator<Item = (Row, f64)>,
    ) -> Col {
        self.factors.push(factors.into_iter().map(|(Row(row), factor)| (row, factor)));
        self.variables.push(Variable::new(cost, bounds));
        Col(self.variables.len() - 1)
    }

    /// Gives a column another upper bound.
    pub(super) fn limit(&mut self, Col(column): Col, most: f64) {
        let variable = &mut self.variables[column];
        variable.most = most;
        if !variable.is_basic {
            variable.value = variable.value.min(most);
        }
    }

    /// Where the last solution ended.
    pub(super) fn basis(&self) -> Basis {
        let others = self
            .variables
            .iter()
            .enumerate()
            .filter(|(_, own)| !own.is_basic && own.value != own.least_value());
        Basis { basic: self.basis.clone(), others: others.map(|(at, own)| (at, own.value)).collect() }
    }

    /// Goes back to where a solution ended, since when there are no new rows.
    pub(super) fn go_to(&mut self, basis: &Basis) {
        for variable in &mut self.variables {
            (variable.is_basic, variable.value) = (false, variable.least_value());
        }
        basis.others.iter().for_each(|&(at, value)| self.variables[at].value = value);
        basis.basic.iter().for_each(|&at| self.variables[at].is_basic = true);
        self.basis.clone_from(&basis.basic);
        self.is_stale = true;
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.slacks.len()
    }

    /// The value of a column in the last solution.
    pub(super) fn value(&self, Col(column): Col) -> f64 {
        self.variables[column].value
    }

    /// What a unit more in a row would cost in the last solution.
    pub(super) fn price(&self, Row(row): Row) -> f64 {
        self.prices[row]
    }

    /// The objective of the last solution.
    pub(super) fn objective(&self) -> f64 {
        self.variables.iter().map(|variable| variable.cost * variable.value).sum()
    }

    /// Goes on from the last basis to the best one.
    pub(super) fn solve(&mut self) -> Result<(), SolverError> {
        let greatest = self.variables.iter().map(|variable| variable.cost.abs()).fold(1.0, f64::max);
        self.penalty = PENALTY * greatest;
        if self.is_stale {
            self.renew();
        }
        self.settle();
        let last = self.steps + (MOST_STEPS + 4 * self.variables.len()) as u64;
        let mut column = vec![0.0; self.slacks.len()];
        while self.steps < last {
            if let Some(entering) = self.entering() {
                self.step(entering, &mut column)?;
            } else if !self.is_priced {
                self.price_all();
            } else if self.is_feasible() || self.penalty > MOST_PENALTY * greatest {
                break;
            } else {
                self.penalty *= GROWS;
                self.price_all();
            }
        }
        let is_sound = self.is_feasible() && self.prices.iter().all(|price| price.is_finite());
        if is_sound { Ok(()) } else { Err(SolverError("the master has no solution".into())) }
    }

    fn is_feasible(&self) -> bool {
        self.basis.iter().all(|&variable| self.variables[variable].beyond == 0.0)
    }

    /// Makes the inverse anew; what it has no place for leaves the basis.
    fn renew(&mut self) {
        let (inverse, places) = Product::of(&self.factors, &self.basis);
        self.basis.iter().for_each(|&variable| self.variables[variable].is_basic = false);
        self.basis = places.iter().zip(&self.slacks).map(|(place, slack)| place.unwrap_or(*slack)).collect();
        self.basis.iter().for_each(|&variable| self.variables[variable].is_basic = true);
        for variable in self.variables.iter_mut().filter(|variable| !variable.is_basic) {
            variable.value = variable.value.clamp(variable.least, variable.most);
        }
        (self.inverse, self.is_stale) = (inverse, false);
    }

    /// Asks the inverse for the values of the basis, and for all prices.
    fn settle(&mut self) {
        let mut values = vec![0.0; self.slacks.len()];
        self.free.clear();
        for (at, variable) in self.variables.iter_mut().enumerate().filter(|(_, variable)| !variable.is_basic)
        {
            variable.beyond = 0.0;
            if variable.value != 0.0 {
                self.factors.of(at).for_each(|(row, factor)| values[row] -= factor * variable.value);
            }
            if variable.least < variable.most {
                self.free.push(Free::new(at, variable.cost, 1.0));
            }
        }
        self.inverse.forwards(&mut values);
        for (&variable, value) in self.basis.iter().zip(values) {
            self.variables[variable].value = value;
        }
        self.price_all();
    }

    /// Asks the inverse for all reduced costs, with the penalties of what is out of its bounds.
    fn price_all(&mut self) {
        let mut prices = std::mem::take(&mut self.prices);
        prices.clear();
        for &variable in &self.basis {
            let variable = &mut self.variables[variable];
            variable.beyond = variable.is_beyond();
            prices.push(variable.cost + self.penalty * variable.beyond);
        }
        self.inverse.backwards(&mut prices);
        for free in &mut self.free {
            free.reduced = self.variables[free.variable].cost - self.factors.times(free.variable, &prices);
        }
        self.prices = prices;
        self.is_priced = true;
    }

    /// What pays most, if anything does.
    fn entering(&self) -> Option<Entering> {
        let (mut best, mut most) = (None, 0.0);
        for (at, &Free { variable, reduced, pays, weight }) in self.free.iter().enumerate() {
            let worth = reduced * reduced / weight;
            if worth <= most || reduced.abs() <= pays {
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
    fn step(&mut self, entering: Entering, column: &mut [f64]) -> Result<(), SolverError> {
        self.steps += 1;
        column.fill(0.0);
        self.factors.of(entering.variable).for_each(|(row, factor)| column[row] = factor);
        self.inverse.forwards(column);
        let price = |variable: &Variable| variable.cost + self.penalty * variable.beyond;
        let earned =
            self.basis.iter().zip(&*column).map(|(&basic, factor)| price(&self.variables[basic]) * factor);
        let reduced = self.variables[entering.variable].cost - earned.sum::<f64>();
        if reduced * entering.sign >= 0.0 {
            // Carried on for too long.
            self.renew();
            self.settle();
            return Ok(());
        }
        self.free[entering.at].reduced = reduced;
        let range = self.variables[entering.variable].room(entering.sign);
        match self.leaving(entering.sign, column).filter(|(_, far)| *far < range) {
            Some((row, far)) => {
                let leaving = self.basis[row];
                let bound = self.variables[leaving].bound(-entering.sign * column[row]);
                self.go(entering, far, column);
                self.pivot(entering, row, column);
                self.variables[leaving].value = bound;
            }
            None if range.is_finite() => self.go(entering, range, column),
            None => return Err(SolverError("the master has no bound".into())),
        }
        if self.inverse.added() >= RENEWED {
            self.renew();
            self.settle();
        } else if self.basis.iter().any(|&basic| self.variables[basic].has_turned()) {
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

    fn go(&mut self, entering: Entering, far: f64, column: &[f64]) {
        self.variables[entering.variable].value += entering.sign * far;
        for (&variable, factor) in self.basis.iter().zip(column).filter(|(_, factor)| **factor != 0.0) {
            self.variables[variable].value -= entering.sign * far * factor;
        }
    }

    /// Puts a variable in the place of that of a row, and carries reduced costs and weights on.
    fn pivot(&mut self, entering: Entering, row: usize, column: &[f64]) {
        let mut pivots = vec![0.0; column.len()];
        pivots[row] = 1.0;
        self.inverse.backwards(&mut pivots);
        let factors = self.factors.combined(&pivots);
        let Free { reduced, weight, .. } = self.free[entering.at];
        let (price, weight) = (reduced / column[row], weight / (column[row] * column[row]));
        for free in &mut self.free {
            let factor = factors[free.variable];
            if factor != 0.0 {
                free.reduced -= price * factor;
                free.weight = free.weight.max(factor * factor * weight);
            }
        }
        let leaving = std::mem::replace(&mut self.basis[row], entering.variable);
        self.variables[entering.variable].is_basic = true;
        let own = &mut self.variables[leaving];
        let reduced = -price - self.penalty * own.beyond;
        (own.is_basic, own.beyond) = (false, 0.0);
        if own.least < own.most {
            self.free[entering.at] = Free { reduced, ..Free::new(leaving, own.cost, weight.max(1.0)) };
        } else {
            self.free.swap_remove(entering.at);
        }
        self.inverse.push(row, column);
        self.is_priced = false;
    }
}

impl Free {
    fn new(variable: usize, cost: f64, weight: f64) -> Self {
        Self { variable, reduced: cost, pays: PAYS * (1.0 + cost.abs()), weight }
    }
}

impl Variable {
    fn new(cost: f64, (least, most): (f64, f64)) -> Self {
        let own = Self { cost, least, most, value: 0.0, is_basic: false, beyond: 0.0 };
        Self { value: own.least_value(), ..own }
    }

    /// The value within its bounds that is the nearest to nothing.
    fn least_value(&self) -> f64 {
        0.0_f64.clamp(self.least, self.most)
    }

    fn is_beyond(&self) -> f64 {
        f64::from(self.value > self.most + FEASIBLE) - f64::from(self.value < self.least - FEASIBLE)
    }

    /// Whether its prices count it where it is no more.
    fn has_turned(&self) -> bool {
        self.is_beyond() != self.beyond
    }

    /// The bound it meets first on its way.
    fn bound(&self, rate: f64) -> f64 {
        let is_upwards = if self.beyond == 0.0 { rate > 0.0 } else { self.beyond > 0.0 };
        if is_upwards { self.most } else { self.least }
    }

    /// How far it may go; what is beyond its bounds goes on for ever, unless it comes back.
    fn room(&self, rate: f64) -> f64 {
        if self.beyond * rate > 0.0 {
            return f64::INFINITY;
        }
        ((self.bound(rate) - self.value) * rate.signum()).max(0.0)
    }
}
