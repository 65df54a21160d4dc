//! The third stage: the least objective with missing energy and burden kept.
//!
//! Missing energy that is only limited in sum has a price of its own beside that of the case. With both together `P`, the
//! case's own `U`, the bound of the objective at `P` less `(P - U) * allowed` is one of the objective at `U` of every plan
//! that leaves no more missing than allowed.

use super::burden::Burdens;
use super::means::{Aim, Cuts, Means, Order, costless};
use super::reach::Reached;
use super::{BURDEN_SLACK, Stage};
use crate::assemble::relative_gap;
use crate::decomposition::{News, Prices};
use crate::draft::Draft;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::solver::SolverError;

/// Prices of missing energy that are tried for the bound, each so many times the one before.
const DEARER: f64 = 4.0;
const PRICES: usize = 6;
/// Rounds of one search that better nothing after which another price is tried; more after searches in vain.
const PATIENCE: usize = 10;
/// Searches in a row that better nothing after which small cases are asked exactly.
const VAIN: usize = 4;
const DUST_MWH: f64 = 1e-7;

/// A stage under way.
struct Stand<'s, 'm> {
    means: &'s Means<'m>,
    capped: Problem,
    /// The same without costs.
    bare: Problem,
    /// The case's own price of a missing MWh.
    own_price: f64,
    allowed_mwh: f64,
    best: Cuts,
    objective: f64,
    bound: f64,
    /// Searches so far.
    turn: u64,
}

/// The least objective until the time is over.
///
/// # Errors
/// When the solver fails.
pub(crate) fn cost(
    means: &Means<'_>,
    problem: &Problem,
    burdens: &Burdens,
    reached: Reached,
) -> Result<(), SolverError> {
    means.say(Order::Begins(Stage::Cost));
    let capped = burdens.capped(problem, reached.burden + BURDEN_SLACK);
    let objective = Draft::new(&capped, reached.cuts.clone()).objective();
    means.say(Order::Better(reached.cuts.clone(), objective));
    let mut stand = Stand {
        means,
        own_price: problem.uncovered_cost_per_mwh,
        bare: costless(&capped),
        capped,
        allowed_mwh: reached.allowed_mwh,
        best: reached.cuts,
        objective,
        bound: f64::NEG_INFINITY,
        turn: 0,
    };
    let priced = stand.prove()?;
    stand.search(&priced, if stand.capped.is_small() { VAIN } else { usize::MAX })?;
    if !stand.is_done() && means.is_exact(&stand.capped) && !stand.solve_exactly()? {
        stand.search(&priced, usize::MAX)?;
    }
    Ok(())
}

impl Stand<'_, '_> {
    fn is_done(&self) -> bool {
        let is_over = self.means.is_over(self.means.limit_s());
        is_over || relative_gap(self.objective, self.bound) <= self.means.settings.gap
    }

    fn raise(&mut self, bound: f64) {
        if bound > self.bound {
            self.bound = bound;
            self.means.say(Order::Bound(bound));
        }
    }

    /// The problem with another price of missing energy.
    fn at(&self, price: f64) -> Problem {
        Problem { uncovered_cost_per_mwh: price, ..self.capped.clone() }
    }

    /// What a bound at some price says of the objective at the case's own.
    fn at_own_price(&self, bound: f64, price: f64) -> f64 {
        bound - (price - self.own_price) * self.allowed_mwh
    }

    /// Proves a bound; the price of missing energy that proves most, with all other prices.
    fn prove(&mut self) -> Result<(f64, Option<Prices>), SolverError> {
        let (mut best, mut last) = ((self.own_price, None), None::<Prices>);
        let mut price = self.own_price;
        for _ in 0..PRICES {
            let problem = self.at(price);
            let (bound, prices) =
                self.means.ascend(&problem, &self.best, last.take(), self.means.limit_s())?;
            let bound = self.at_own_price(bound, price);
            if bound < self.bound || self.is_done() {
                break;
            }
            best = (price, Some(prices.clone()));
            self.raise(bound);
            last = Some(prices);
            price = price.max(1.0) * DEARER;
        }
        Ok(best)
    }

    /// Searches at one price after the other, from the one that proves most: dearer where too much was missing, else
    /// cheaper; until so many in a row better nothing.
    fn search(
        &mut self,
        (least, prices): &(f64, Option<Prices>),
        most_vain: usize,
    ) -> Result<(), SolverError> {
        let (mut price, mut vain) = (least.max(1.0), 0);
        while !self.is_done() && vain < most_vain {
            let before = self.objective;
            let patience = PATIENCE * (vain + 1);
            let is_kept = self.search_at(price, prices.clone(), patience)?;
            vain = if self.objective < before { 0 } else { vain + 1 };
            price = if is_kept { (price * least.max(1.0)).sqrt() } else { price * DEARER };
        }
        Ok(())
    }

    /// Searches at one price; whether its best draft leaves no more missing than allowed.
    fn search_at(
        &mut self,
        price: f64,
        prices: Option<Prices>,
        patience: usize,
    ) -> Result<bool, SolverError> {
        let aim = Aim {
            gap: self.means.settings.gap,
            patience: Some(patience),
            until_s: self.means.limit_s(),
            turn: self.turn,
        };
        self.turn += 1;
        let problem = self.at(price);
        let first = Draft::new(&problem, self.best.clone());
        let means = self.means;
        let mut is_kept = true;
        let mut tell = |news: News<'_>| {
            match news {
                News::Bound(bound) => self.raise(self.at_own_price(bound, price)),
                News::Better(draft) => is_kept = self.offer(draft.cuts.clone()),
                News::Prices(_) => {}
            }
            self.is_done()
        };
        means.search(&problem, first, prices, aim, &mut tell)?;
        Ok(is_kept)
    }

    /// Keeps cuts that are better; whether they leave no more missing than allowed.
    fn offer(&mut self, cuts: Cuts) -> bool {
        let missing_mwh = Draft::new(&self.bare, cuts.clone()).objective();
        let is_kept = missing_mwh <= self.allowed_mwh + DUST_MWH;
        let draft = Draft::new(&self.capped, cuts);
        let objective = draft.objective();
        if is_kept && objective < self.objective - 1e-6 && draft.keeps_rules() {
            (self.best, self.objective) = (draft.cuts, objective);
            self.means.say(Order::Better(self.best.clone(), objective));
        }
        is_kept
    }

    /// The stage as one programme; whether there is no more to search.
    fn solve_exactly(&mut self) -> Result<bool, SolverError> {
        let mut formulation = Formulation::new(&self.capped);
        formulation.keep_missing(self.allowed_mwh);
        let until_s = self.means.exactly_until_s(self.means.limit_s());
        let found = self.means.solve_exactly(&self.capped, formulation, &self.best, until_s)?;
        let is_within = found.is_within(self.means.settings.gap);
        found.bound.into_iter().for_each(|bound| self.raise(bound));
        if let Some(cuts) = found.cuts {
            self.offer(cuts);
        }
        Ok(is_within || self.is_done())
    }
}
