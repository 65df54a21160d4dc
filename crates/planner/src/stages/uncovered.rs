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

/// The least missing energy until some second.
///
/// # Errors
/// When the solver fails.
pub(crate) fn uncovered(means: &Means<'_>, problem: &Problem, until_s: f64) -> Result<Kept, SolverError> {
    means.say(Order::Begins(Stage::Uncovered));
    let bare = costless(problem);
    let mut best = means.fallback(problem);
    let mut missing = Draft::new(&bare, best.clone()).objective();
    means.say(Order::Better(best.clone(), missing));
    // Nothing misses less than nothing.
    let mut bound = 0.0_f64;
    means.say(Order::Bound(bound));
    let gap = GAP.min(means.settings.gap);
    let is_done =
        |missing: f64, bound: f64| missing - bound <= DUST_MWH || relative_gap(missing, bound) <= gap;
    if !is_done(missing, bound) {
        let aim = Aim { gap, patience: Some(PATIENCE), until_s, turn: 0 };
        let first = Draft::new(&bare, best.clone());
        let mut tell = |news: News<'_>| {
            match news {
                News::Bound(proven) => {
                    bound = bound.max(proven);
                    means.say(Order::Bound(bound));
                }
                News::Better(draft) => {
                    (best, missing) = (draft.cuts.clone(), draft.objective());
                    means.say(Order::Better(best.clone(), missing));
                }
                News::Prices(_) => {}
            }
            is_done(missing, bound)
        };
        means.search(&bare, first, None, aim, &mut tell)?;
    }
    if !is_done(missing, bound) && means.is_exact(&bare) && !means.is_over(until_s) {
        let found = means.solve_exactly(&bare, Formulation::new(&bare), &best, until_s)?;
        found.bound.into_iter().for_each(|bound| means.say(Order::Bound(bound)));
        let draft = found.cuts.map(|cuts| Draft::new(&bare, cuts));
        if let Some(draft) = draft.filter(|draft| draft.is_allowed() && draft.objective() < missing) {
            (missing, best) = (draft.objective(), draft.cuts);
            means.say(Order::Better(best.clone(), missing));
        }
    }
    Ok(Kept { cuts: best, allowed_mwh: allowed_mwh(missing) })
}
