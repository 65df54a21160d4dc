//! The futures of a case: the same facilities before every headroom that may come (section 6).

use crate::problem::Problem;
use kezek_model::case::Case;

/// A problem for every scenario, and what joins them.
pub(crate) struct Futures {
    /// The problem of the cut for all scenarios; its headroom is the mean.
    pub(crate) first: Problem,
    /// The problem of each scenario.
    pub(crate) each: Vec<Problem>,
    /// The probability of each scenario.
    pub(crate) probability: Vec<f64>,
    /// The tail is the worst `1 - alpha`.
    pub(crate) alpha: f64,
    /// Price of a MWh of the tail's mean.
    pub(crate) weight: f64,
    /// Per facility and interval: whether it starts too early for a cut to depend on the scenario.
    pub(crate) common: Vec<Vec<bool>>,
}

impl Futures {
    /// The futures of a case. Without `[risk]` risk has no price, and which scenario holds stays unknown throughout.
    pub(crate) fn new(case: &Case) -> Self {
        let first = Problem::of_mean(case);
        let facing = |scenario: &kezek_model::case::Scenario| {
            let mut problem = first.clone();
            for (zone, mw) in problem.zones.iter_mut().zip(&scenario.headroom_mw) {
                zone.headroom_mw.clone_from(mw);
            }
            problem
        };
        Self {
            each: case.scenarios.iter().map(facing).collect(),
            probability: case.scenarios.iter().map(|scenario| scenario.probability).collect(),
            alpha: case.risk.as_ref().map_or(0.0, |risk| risk.alpha),
            weight: case.risk.as_ref().map_or(0.0, |risk| risk.weight),
            common: common(case),
            first,
        }
    }

    /// Number of scenarios.
    pub(crate) fn len(&self) -> usize {
        self.each.len()
    }

    /// Facilities for which anything can be decided.
    pub(crate) fn members(&self) -> Vec<usize> {
        (0..self.first.facilities.len()).filter(|&f| self.first.facilities[f].can_be_cut()).collect()
    }

    /// What a MWh of shortage is worth in each scenario: its price, and by how much it moves the tail.
    pub(crate) fn uncovered_prices(&self, tail: &[f64]) -> Vec<f64> {
        let price = |(p, q): (&f64, &f64)| {
            let risk = if *p > 0.0 { self.weight * q / p } else { 0.0 };
            self.first.uncovered_cost_per_mwh + risk
        };
        self.probability.iter().zip(tail).map(price).collect()
    }
}

/// Intervals that start before `known_at` and the facility's notice: as if the case were issued when it is known.
fn common(case: &Case) -> Vec<Vec<bool>> {
    let Some(risk) = &case.risk else {
        return vec![vec![true; case.grid.len]; case.facilities.len()];
    };
    let known = Case { issued_at: risk.known_at.max(case.issued_at), ..case.clone() };
    Problem::of_mean(&known).facilities.into_iter().map(|row| row.within_notice).collect()
}
