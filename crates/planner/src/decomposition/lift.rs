//! Lifts the bound by covers, a step at a time.

use super::ascent::Ascent;
use super::search::WORTH;
use crate::island::Sets;
use crate::solver::SolverError;

/// An ascent to which covers are added, as long as they lift it.
pub(crate) struct Lift<'a> {
    pub(crate) ascent: Ascent<'a>,
    sets: Sets,
    /// The bound without the covers added last, while they are priced.
    before: Option<f64>,
    rounds: usize,
    /// Relative gap of a blend at which the prices of covers are good enough.
    near: f64,
}

/// Rounds of covers.
const ROUNDS: usize = 30;
/// Relative gap between blend and bound to which covers are priced at least; a tenth of the target, if that is more.
const NEAR: f64 = 1e-4;

impl<'a> Lift<'a> {
    /// A lift on the way to a relative gap.
    pub(crate) fn new(ascent: Ascent<'a>, gap: f64) -> Self {
        let sets = Sets::new(ascent.fleet.problem);
        Self { ascent, sets, before: None, rounds: 0, near: NEAR.max(gap / 10.0) }
    }

    /// One step towards the bound of the covers so far, or of others; whether there may be more, the best plan costing `most`.
    pub(crate) fn step(&mut self, most: f64) -> Result<bool, SolverError> {
        if self.before.is_none() {
            self.rounds += 1;
            if self.rounds > ROUNDS || !self.ascent.tighten(&self.sets)? {
                return Ok(false);
            }
        }
        let before = self.before.unwrap_or(self.ascent.bound);
        let goes_on = self.ascent.gap() > self.near && self.ascent.step()?;
        self.before = Some(before).filter(|_| goes_on);
        let worth = f64::max(WORTH * (most - before), self.near / 2.0 * most);
        Ok(goes_on || self.ascent.bound - before >= worth)
    }
}
