//! The first stage: the least uncovered and overrun energy.

use super::means::{Aim, Cuts, Means, Order, costless};
use super::{Stage, allowed_mwh};
use crate::assemble::relative_gap;
use crate::decomposition::News;
use crate::draft::Draft;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::solver::SolverError;

/// What the first stage hands on.
pub(crate) struct Kept {
    pub(crate) cuts: Cuts,
    /// What later stages may leave missing, in MWh.
    pub(crate) allowed_mwh: f64,
}

/// Gap to which the energy is minimised, as later stages keep it to that.
const GAP: f64 = 1e-4;
/// Rounds of the search that better nothing after which it ends.
const PATIENCE: usize = 20;
/// Less is nothing, in MWh.
const DUST_MWH: f64 = 1e-6;

/// A stage under way.
struct Stand<'s, 'm> {
    means: &'s Means<'m>,
    bare: Problem,
    until_s: f64,
    best: Cuts,
    missing_mwh: f64,
    bound_mwh: f64,
}

/// The least missing energy until some second: a search; where that ends and the case is small, the exact programme for
/// a part of what is left; and another search.
///
/// # Errors
/// When the solver fails.
pub(crate) fn uncovered(means: &Means<'_>, problem: &Problem, until_s: f64) -> Result<Kept, SolverError> {
    means.say(Order::Begins(Stage::Uncovered));
    let (bare, best) = (costless(problem), means.fallback(problem));
    let missing_mwh = Draft::new(&bare, best.clone()).objective();
    means.say(Order::Better(best.clone(), missing_mwh));
    // Nothing misses less than nothing.
    means.say(Order::Bound(0.0));
    let mut stand = Stand { means, bare, until_s, best, missing_mwh, bound_mwh: 0.0 };
    if !stand.is_done() {
        stand.search(Some(PATIENCE), 0)?;
    }
    if !stand.is_done() && means.is_exact(&stand.bare) && !stand.solve_exactly()? {
        stand.search(None, 1)?;
    }
    Ok(Kept { cuts: stand.best, allowed_mwh: allowed_mwh(stand.missing_mwh) })
}

impl Stand<'_, '_> {
    fn is_done(&self) -> bool {
        let gap = GAP.min(self.means.settings.gap);
        self.missing_mwh - self.bound_mwh <= DUST_MWH
            || relative_gap(self.missing_mwh, self.bound_mwh) <= gap
            || self.means.is_over(self.until_s)
    }

    fn raise(&mut self, bound_mwh: f64) {
        self.bound_mwh = self.bound_mwh.max(bound_mwh);
        self.means.say(Order::Bound(self.bound_mwh));
    }

    fn take(&mut self, draft: &Draft<'_>) {
        (self.best, self.missing_mwh) = (draft.cuts.clone(), draft.objective());
        self.means.say(Order::Better(self.best.clone(), self.missing_mwh));
    }

    fn search(&mut self, patience: Option<usize>, turn: u64) -> Result<(), SolverError> {
        let gap = GAP.min(self.means.settings.gap);
        let aim = Aim { gap, patience, until_s: self.until_s, turn };
        let (means, bare) = (self.means, self.bare.clone());
        let first = Draft::new(&bare, self.best.clone());
        let mut tell = |news: News<'_>| {
            match news {
                News::Bound(bound_mwh) => self.raise(bound_mwh),
                News::Better(draft) => self.take(draft),
                News::Prices(_) => {}
            }
            self.is_done()
        };
        means.search(&bare, first, None, aim, &mut tell)
    }

    /// The stage as one programme; whether there is no more to search.
    fn solve_exactly(&mut self) -> Result<bool, SolverError> {
        let (means, bare) = (self.means, self.bare.clone());
        let until_s = means.exactly_until_s(self.until_s);
        let found = means.solve_exactly(&bare, Formulation::new(&bare), &self.best, until_s)?;
        let is_within = found.is_within(means.settings.gap);
        found.bound.into_iter().for_each(|bound_mwh| self.raise(bound_mwh));
        let draft = found.cuts.map(|cuts| Draft::new(&bare, cuts));
        let better = draft.filter(|draft| draft.keeps_rules() && draft.objective() < self.missing_mwh);
        better.iter().for_each(|draft| self.take(draft));
        Ok(is_within || self.is_done())
    }
}
