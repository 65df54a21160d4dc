//! The smallest rise of headroom that would have spared a facility.

use super::instead::{Part, best_sparing};
use super::scene::Scene;
use crate::again::Aim;
use crate::draft::Draft;
use crate::problem::Problem;
use crate::solver::SolverError;
use serde::Serialize;

/// MW to which the rise is found.
const EXACT_MW: f64 = 0.001;
/// Share of an objective that is never asked below, so that a proven optimum counts as one.
const NEAR: f64 = 1e-6;

/// Rounds of neighbourhoods that may better nothing where the case is not small.
const FEW_ROUNDS: usize = 2;

/// How much more headroom would have spared a facility in an interval.
///
/// With a rise of `at_most_mw` of the zone's headroom, in this interval alone, a plan was found that does not cut the
/// facility there, and that costs no more above the proven bound of the case with this rise than the plan asked about
/// costs above that of its own case (or a millionth of its objective, if that is more). With `above_mw` none was found.
/// The bound is the optimum for a small case; for others it is the Lagrangian's, and the search stops at its patience.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Headroom {
    /// Rise with which no such plan was found; absent where none is needed.
    pub above_mw: Option<f64>,
    /// Rise with which one was found; absent where no headroom of this interval alone spares the facility.
    pub at_most_mw: Option<f64>,
    /// Whether optima were compared, so that "none was found" means that there is none.
    pub proven: bool,
}

/// The rise of headroom that spares a facility in an interval.
pub(super) fn sparing(scene: &Scene<'_>, f: usize, t: usize) -> Result<Headroom, SolverError> {
    let (objective, proven) = (scene.found.objective, scene.problem.is_small());
    let more = (objective - scene.bound_of(scene.problem)?).max(NEAR * objective.abs().max(1.0));
    let part = Part { f, from: t, to: t + 1 };
    if part.is_spared(scene.problem, scene.cuts()) {
        return Ok(Headroom { above_mw: None, at_most_mw: None, proven });
    }
    let mut trial = Trial { scene, part, more, cuts: None };
    if trial.is_spared(0.0)? {
        return Ok(Headroom { above_mw: None, at_most_mw: Some(0.0), proven });
    }
    let (mut low, mut high) = (0.0, greatest_rise_mw(scene.problem, t));
    if !trial.is_spared(high)? {
        return Ok(Headroom { above_mw: Some(high), at_most_mw: None, proven });
    }
    while high - low > EXACT_MW && !scene.is_over() {
        let middle = if high - low > 2.0 * EXACT_MW { on_kw((low + high) / 2.0) } else { (low + high) / 2.0 };
        if trial.is_spared(middle)? { high = middle } else { low = middle }
    }
    Ok(Headroom { above_mw: Some(low), at_most_mw: Some(high), proven })
}

fn on_kw(mw: f64) -> f64 {
    (mw * 1000.0).round() / 1000.0
}

/// A rise beyond which more changes nothing: all zones together could draw all that is nominated.
fn greatest_rise_mw(problem: &Problem, t: usize) -> f64 {
    let short = |z: usize| (problem.uncut_load_mw(z, t) - problem.zones[z].headroom_mw[t]).max(0.0);
    (0..problem.zones.len()).map(short).sum::<f64>() + 1.0
}

/// Whether with some rise a plan that costs no more above the bound spares the facility, from one rise to the next.
struct Trial<'s, 'a> {
    scene: &'s Scene<'a>,
    part: Part,
    /// What a plan may cost above the bound.
    more: f64,
    /// The cuts that spared it with the least rise so far: they keep every rule with any other, too.
    cuts: Option<Vec<Vec<i64>>>,
}

impl Trial<'_, '_> {
    /// First asks what is quick: cuts that are at hand, and bounds that prices alone prove.
    fn is_spared(&mut self, rise_mw: f64) -> Result<bool, SolverError> {
        let (scene, part) = (self.scene, self.part);
        let mut risen = scene.problem.clone();
        risen.zones[risen.facilities[part.f].zone].headroom_mw[part.from] += rise_mw;
        let at_hand = self.cuts.as_ref().map(|cuts| Draft::new(&risen, cuts.clone()).objective());
        let priced = scene.priced_bound_of(&risen)?;
        if at_hand.is_some_and(|objective| objective <= priced + self.more) {
            return Ok(true);
        }
        let is_small = risen.is_small();
        if is_small && self.is_hopeless(&risen)? {
            return Ok(false);
        }
        let enough = if is_small { scene.bound_of(&risen)? } else { priced } + self.more;
        if at_hand.is_some_and(|objective| objective <= enough) {
            return Ok(true);
        }
        let patience = (!is_small).then_some(FEW_ROUNDS).or(scene.aim(NEAR).patience);
        let aim = Aim { enough, patience, ..scene.aim(NEAR / 10.0) };
        let found = best_sparing(scene, &risen, part, aim)?.filter(|found| found.objective <= enough);
        let is_spared = found.is_some();
        self.cuts = found.map(|found| found.cuts).or(self.cuts.take());
        Ok(is_spared)
    }

    /// Whether prices prove that every plan that spares the facility costs too much more than one that is known.
    fn is_hopeless(&self, risen: &Problem) -> Result<bool, SolverError> {
        let Some(spared) = self.part.spared(risen) else { return Ok(false) };
        let mut known = Draft::new(risen, self.scene.cuts().to_vec());
        let members: Vec<usize> = (0..risen.facilities.len()).collect();
        known.settle(&members, &|| self.scene.is_over());
        let most = known.objective() + self.more;
        Ok(known.is_allowed() && self.scene.priced_bound_of(&spared)? > most)
    }
}
