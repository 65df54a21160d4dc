//! Several futures (section 6): the rules of every facility once for the plan and once for every scenario `s`,
//! balance and money in the scenarios only, each with its probability; `cut_s[t] >= cut[t]`, equal where common.
//!
//! `CVaR_alpha = min over level of level + sum p_s * beyond_s / (1 - alpha)`, `beyond_s >= hours * sum uncovered_s - level`,
//! `beyond_s >= 0` (Rockafellar and Uryasev, 2000).

use super::{FacilityColumns, Formulation};
use crate::problem::Problem;
use crate::scenarios::Futures;
use good_lp::{Expression, Variable};

/// Columns of every facility, by facility; `None` where it can't be cut at all.
pub(crate) struct FutureColumns {
    /// For all scenarios.
    pub(crate) first: Vec<Option<FacilityColumns>>,
    /// In each scenario.
    pub(crate) each: Vec<Vec<Option<FacilityColumns>>>,
}

impl Formulation {
    /// Formulates a problem with several futures.
    #[must_use]
    pub(crate) fn of_futures(futures: &Futures) -> (Self, FutureColumns) {
        let mut model = Self::empty();
        model.add_fleet(&priced(&futures.first, 0.0));
        let first = std::mem::take(&mut model.facilities);
        let (mut each, mut uncovered) = (Vec::new(), Vec::new());
        for (problem, &probability) in futures.each.iter().zip(&futures.probability) {
            let problem = priced(problem, probability);
            model.add_fleet(&problem);
            uncovered.push(super::balance::add(&mut model, &problem));
            each.push(std::mem::take(&mut model.facilities));
        }
        let columns = FutureColumns { first, each };
        join(&mut model, futures, &columns);
        add_tail(&mut model, futures, &uncovered);
        (model, columns)
    }
}

/// A problem with all money times a probability.
fn priced(problem: &Problem, probability: f64) -> Problem {
    let mut priced = problem.clone();
    priced.uncovered_cost_per_mwh *= probability;
    for row in &mut priced.facilities {
        row.cut_cost_per_mwh *= probability;
        row.event_cost *= probability;
    }
    priced
}

fn join(model: &mut Formulation, futures: &Futures, columns: &FutureColumns) {
    for own in &columns.each {
        for (f, (first, own)) in columns.first.iter().zip(own).enumerate() {
            let (Some(first), Some(own)) = (first, own) else { continue };
            for (t, &common) in futures.common[f].iter().enumerate() {
                if common {
                    model.equal(own.cut[t], first.cut[t]);
                } else {
                    model.at_most(first.cut[t], own.cut[t]);
                }
            }
        }
    }
}

fn add_tail(model: &mut Formulation, futures: &Futures, uncovered: &[Vec<Variable>]) {
    if futures.weight <= 0.0 {
        return;
    }
    let level = model.column(0.0, f64::INFINITY);
    model.objective.add_mul(futures.weight, level);
    let whole = (1.0 - futures.alpha) * futures.probability.iter().sum::<f64>();
    for (uncovered, probability) in uncovered.iter().zip(&futures.probability) {
        let beyond = model.column(0.0, f64::INFINITY);
        model.objective.add_mul(futures.weight * probability / whole, beyond);
        let mwh = futures.first.hours * uncovered.iter().sum::<Expression>();
        model.at_most(mwh, Expression::from(level) + beyond);
    }
}
