//! The problem as a mixed-integer programme: one file per family of constraints, each with its equation.
//!
//! Powers are in MW, as the tolerances of the solver suit them; all else as in [`crate::problem`].

mod balance;
mod burden;
mod duration;
mod energy;
mod events;
mod exempt;
mod futures;
mod gap;
mod hours;
mod kept;
mod range;
mod restore;
mod starts;

pub(crate) use restore::dictated_beyond_falls;

use crate::problem::{FacilityRow, Problem};
use good_lp::variable::VariableDefinition;
use good_lp::{Constraint, Expression, ProblemVariables, Variable, variable};

/// Variables, rows and objective of a problem.
pub struct Formulation {
    /// All variables.
    pub variables: ProblemVariables,
    /// All rows.
    pub rows: Vec<Constraint>,
    /// What is minimised.
    pub objective: Expression,
    /// Uncovered and overrun energy, MWh.
    pub missing: Expression,
    /// Columns of each facility; `None` where it can't be cut at all.
    pub facilities: Vec<Option<FacilityColumns>>,
    /// All variables in the order in which they were added, which is the solver's.
    pub order: Vec<Variable>,
}

/// The columns of one facility, by interval.
pub struct FacilityColumns {
    /// `cut`, MW.
    pub cut: Vec<Variable>,
    /// 1 under cut, else 0.
    pub on: Vec<Variable>,
    /// 1 where an event starts.
    pub start: Vec<Variable>,
    /// 1 in the first interval after an event.
    pub stop: Vec<Variable>,
    /// Whole blocks, where cuts move in blocks.
    pub blocks: Vec<Option<Variable>>,
    /// 1 for the full cut, where that is no whole number of blocks.
    pub full: Vec<Option<Variable>>,
    /// Intervals of an event that outlasts its limits, where one may.
    pub exempt: Option<exempt::ExemptColumns>,
}

impl Formulation {
    /// Formulates a problem.
    #[must_use]
    pub fn new(problem: &Problem) -> Self {
        let mut model = Self::empty();
        model.add_fleet(problem);
        balance::add(&mut model, problem);
        model
    }

    fn empty() -> Self {
        Self {
            variables: ProblemVariables::new(),
            rows: Vec::new(),
            objective: Expression::from(0.0),
            missing: Expression::from(0.0),
            facilities: Vec::new(),
            order: Vec::new(),
        }
    }

    /// What facilities have to keep to, alone and together, but for the balance.
    fn add_fleet(&mut self, problem: &Problem) {
        for row in &problem.facilities {
            let columns = row.can_be_cut().then(|| self.add_facility(problem, row));
            self.facilities.push(columns);
        }
        restore::add_zones(self, problem);
    }

    fn add_facility(&mut self, problem: &Problem, row: &FacilityRow) -> FacilityColumns {
        let mut columns = events::add_columns(self, row);
        range::add(self, row, &mut columns);
        events::add(self, row, &columns);
        duration::add_shortest(self, row, &columns);
        columns.exempt = exempt::add(self, problem, row, &columns);
        duration::add_longest(self, row, &columns);
        hours::add(self, row, &columns);
        gap::add(self, row, &columns);
        starts::add(self, row, &columns);
        restore::add_ramp(self, row, &columns);
        energy::add(self, row, &columns);
        self.price(problem, row, &columns);
        columns
    }

    /// `sum hours * (cut_cost + adder) * cut + event_cost * start`.
    fn price(&mut self, problem: &Problem, row: &FacilityRow, columns: &FacilityColumns) {
        for t in 0..row.room.len() {
            self.objective.add_mul(problem.hours * row.cut_cost_per_mwh, columns.cut[t]);
            self.objective.add_mul(row.event_cost, columns.start[t]);
        }
    }

    /// Counts a column of MW as uncovered or overrun, at its price.
    fn miss(&mut self, problem: &Problem, mw: Variable) {
        self.missing.add_mul(problem.hours, mw);
        self.objective.add_mul(problem.uncovered_price(), mw);
    }

    fn column(&mut self, min: f64, max: f64) -> Variable {
        self.keep(variable().min(min).max(max))
    }

    fn whole_column(&mut self, min: f64, max: f64) -> Variable {
        self.keep(variable().integer().min(min).max(max))
    }

    fn keep(&mut self, definition: VariableDefinition) -> Variable {
        let added = self.variables.add(definition);
        self.order.push(added);
        added
    }

    fn at_most(&mut self, left: impl Into<Expression>, right: impl Into<Expression>) {
        self.rows.push(left.into().leq(right.into()));
    }

    fn equal(&mut self, left: impl Into<Expression>, right: impl Into<Expression>) {
        self.rows.push(left.into().eq(right.into()));
    }
}
