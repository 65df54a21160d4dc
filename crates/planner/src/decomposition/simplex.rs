//! A linear programme that gets columns and rows between its solutions: a simplex that goes on from its last basis.
//!
//! `min sum cost[j] * x[j]` with `least[j] <= x[j] <= most[j]`, and in every row `sum over j of factor[i,j] * x[j] + slack[i] = 0`
//! with bounds of the slack. Where rows were added or columns closed, steps of the dual lead back within the bounds ([`dual`]);
//! those of the primal lead on to the best ([`primal`]). What is out of its bounds even so costs a penalty.
//!
//! Masters are small and solved by the thousand, a dozen pivots each: a solver made for large programmes spends most of
//! that time on beginning and ending. No bound hangs on what is found here, as any prices prove one.

mod columns;
mod dual;
mod primal;
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
    /// How many times what pays something has to promise to enter.
    hurdle: f64,
    /// Steps so far.
    pub(super) steps: u64,
}

/// A column, or the slack of a row.
struct Variable {
    cost: f64,
    /// What is added to the cost for a while.
    shift: f64,
    least: f64,
    most: f64,
    /// By how much its bounds give way to the steps of the primal.
    give: f64,
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
/// By how much bounds give way at most. Each gives way by another part of it, so that hardly two are met at once: with many at
/// once steps go round in circles.
const GIVE: f64 = 5e-8;
/// The reduced cost, beside the cost itself, from which on it pays to enter.
const PAYS: f64 = 1e-8;
/// Factors from which on something can leave.
const LEAST_PIVOT: f64 = 1e-7;
/// Steps after which the inverse is made anew.
const RENEWED: usize = 64;
/// Steps of the primal, beside one a row, after which the hurdle is ten times as high: what is promised may be but what rounding
/// leaves of two equal columns, and they take turns for ever.
const RAISED: usize = 100;
/// Steps of a solution, beside four a column, after which the last basis has to do.
const MOST_STEPS: usize = 1_000;
/// The first penalty, beside the greatest cost; by what it grows where that is not enough, and up to what.
const PENALTY: f64 = 1e2;
const GROWS: f64 = 1e1;
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
        let own = Variable::new(slack, 0.0, (-most, -least));
        self.variables.push(Variable { is_basic: true, ..own });
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
        let column = self.variables.len();
        self.variables.push(Variable::new(column, cost, bounds));
        Col(column)
    }

    /// Gives a column another upper bound.
    pub(super) fn limit(&mut self, Col(column): Col, most: f64) {
        self.variables[column].most = most;
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
        let own = &self.variables[column];
        own.value.clamp(own.least, own.most)
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
        self.penalty = 0.0;
        if self.is_stale {
            self.renew();
        }
        self.settle();
        if !self.is_feasible() {
            self.return_to_bounds();
            self.price_all();
        }
        self.penalty = PENALTY * greatest;
        let (first, raised) = (self.steps, (RAISED + self.slacks.len()) as u64);
        let last = first + (MOST_STEPS + 4 * self.variables.len()) as u64;
        let mut column = vec![0.0; self.slacks.len()];
        while self.steps < last {
            self.hurdle = f64::powf(10.0, ((self.steps - first) / raised) as f64);
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
        (self.inverse, self.is_stale) = (inverse, false);
    }

    /// Asks the inverse for the values of the basis, and for all prices.
    fn settle(&mut self) {
        let mut values = vec![0.0; self.slacks.len()];
        self.free.clear();
        for (at, variable) in self.variables.iter_mut().enumerate().filter(|(_, variable)| !variable.is_basic)
        {
            (variable.value, variable.beyond) = (variable.within(), 0.0);
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
            prices.push(variable.price(self.penalty));
        }
        self.inverse.backwards(&mut prices);
        for free in &mut self.free {
            let own = &self.variables[free.variable];
            free.reduced = own.cost + own.shift - self.factors.times(free.variable, &prices);
        }
        self.prices = prices;
        self.is_priced = true;
    }

    /// Makes the inverse anew where it has become long, and says so.
    fn keep_inverse(&mut self) -> bool {
        let is_long = self.inverse.added() >= RENEWED;
        if is_long {
            self.renew();
            self.settle();
        }
        is_long
    }

    /// The inverse times the factors of a variable.
    fn turn(&self, variable: usize, column: &mut [f64]) {
        column.fill(0.0);
        self.factors.of(variable).for_each(|(row, factor)| column[row] = factor);
        self.inverse.forwards(column);
    }

    /// By variable, the factors of a row as the inverse turns it.
    fn factors_of(&self, row: usize) -> Vec<f64> {
        let mut pivots = vec![0.0; self.basis.len()];
        pivots[row] = 1.0;
        self.inverse.backwards(&mut pivots);
        self.factors.combined(&pivots)
    }

    fn go(&mut self, entering: Entering, far: f64, column: &[f64]) {
        self.variables[entering.variable].value += entering.sign * far;
        for (&variable, factor) in self.basis.iter().zip(column).filter(|(_, factor)| **factor != 0.0) {
            self.variables[variable].value -= entering.sign * far * factor;
        }
    }

    /// Puts a variable in the place of that of a row, and carries reduced costs and weights on.
    fn pivot(&mut self, entering: Entering, row: usize, column: &[f64], factors: &[f64]) {
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
        self.inverse.replace(row, column);
        self.is_priced = false;
    }
}

impl Free {
    fn new(variable: usize, cost: f64, weight: f64) -> Self {
        Self { variable, reduced: cost, pays: PAYS * (1.0 + cost.abs()), weight }
    }
}

impl Variable {
    fn new(at: usize, cost: f64, (least, most): (f64, f64)) -> Self {
        let give = GIVE * (0.1 + 0.9 * (at as f64 * 0.618_033_988_749_894_9).fract());
        let own = Self { cost, shift: 0.0, least, most, give, value: 0.0, is_basic: false, beyond: 0.0 };
        Self { value: own.least_value(), ..own }
    }

    fn price(&self, penalty: f64) -> f64 {
        self.cost + self.shift + penalty * self.beyond
    }

    /// The value within its bounds that is the nearest to nothing.
    fn least_value(&self) -> f64 {
        0.0_f64.clamp(self.least, self.most)
    }

    /// The value, or the bound it may be at, where it is out of them.
    fn within(&self) -> f64 {
        self.value.clamp(self.least - self.give, self.most + self.give)
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
        if is_upwards { self.most + self.give } else { self.least - self.give }
    }

    /// How far it may go; what is beyond its bounds goes on for ever, unless it comes back.
    fn room(&self, rate: f64) -> f64 {
        if self.beyond * rate > 0.0 {
            return f64::INFINITY;
        }
        ((self.bound(rate) - self.value) * rate.signum()).max(0.0)
    }
}
