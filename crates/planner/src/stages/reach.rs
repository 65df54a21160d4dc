//! The second stage: the smallest highest burden that drafts reach above the proven floor.

use super::Stage;
use super::burden::Burdens;
use super::floor::{Floor, floor, raise};
use super::means::{Aim, Cuts, Means, Order, costless};
use super::uncovered::Kept;
use crate::decomposition::{News, Prices};
use crate::draft::Draft;
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::solver::SolverError;

/// What the second stage hands on.
pub(crate) struct Reached {
    pub(crate) cuts: Cuts,
    pub(crate) allowed_mwh: f64,
    pub(crate) burden: f64,
}

/// The first limit that is tried is so far above the floor, as a share of it and at least; the next ones twice as far.
const FIRST_SHARE: f64 = 0.005;
const FIRST: f64 = 5e-4;
/// Limits are told apart down to this, or this share of them, in the last turn.
const NEAR: f64 = 1e-4;
const NEAR_SHARE: f64 = 0.001;
/// Part of the time of the stage that the floor may take.
const FOR_FLOOR: f64 = 0.4;
/// Rounds of one search that better nothing after which its limit is given up, in the first turn.
const PATIENCE: usize = 4;
/// Turns of the way down, each four times as patient and telling limits apart four times as well as the one before, until
/// what is reached is near enough to the floor.
const TURNS: u32 = 3;
const NEAR_ENOUGH: f64 = 1.01;
/// Dust of sums, in MWh and in burden.
const DUST_MWH: f64 = 1e-7;
const DUST: f64 = 1e-9;

/// The highest burden that was reached, and limits that were tried in vain.
struct Stand<'s, 'm> {
    means: &'s Means<'m>,
    bare: Problem,
    burdens: &'s Burdens,
    allowed_mwh: f64,
    prices: Option<Prices>,
    until_s: f64,
    best: Cuts,
    burden: f64,
}

/// The smallest highest burden until some second.
///
/// # Errors
/// When the solver fails.
pub(crate) fn burden(
    means: &Means<'_>,
    problem: &Problem,
    burdens: &Burdens,
    kept: Kept,
    until_s: f64,
) -> Result<Reached, SolverError> {
    means.say(Order::Begins(Stage::Burden));
    let (bare, now_s) = (costless(problem), (means.now_s)());
    let burden = burdens.highest(&kept.cuts);
    means.say(Order::Better(kept.cuts.clone(), burden));
    let floor_until_s = now_s + (until_s - now_s) * FOR_FLOOR;
    let given = (&kept.cuts, kept.allowed_mwh);
    let lowest = floor(means, &bare, burdens, given, floor_until_s)?;
    means.say(Order::Bound(lowest.burden));
    let Floor { burden: bound, prices } = raise(means, &bare, burdens, given, lowest, floor_until_s)?;
    let bound = burdens.attainable(&bare, bound);
    means.say(Order::Bound(bound));
    let allowed_mwh = kept.allowed_mwh;
    let mut stand = Stand { means, bare, burdens, allowed_mwh, prices, until_s, best: kept.cuts, burden };
    stand.lower(bound)?;
    if stand.burden > bound + DUST && means.is_exact(&stand.bare) && !means.is_over(until_s) {
        stand.solve_exactly(bound)?;
    }
    Ok(Reached { cuts: stand.best, allowed_mwh, burden: stand.burden })
}

impl Stand<'_, '_> {
    /// Tries limits from the floor upwards, each with what settles at once, until one is reached; then searches between
    /// that and the last one in vain.
    fn lower(&mut self, floor: f64) -> Result<(), SolverError> {
        let mut base = None;
        let mut slack = (floor * FIRST_SHARE).max(FIRST);
        while floor + slack < self.burden && !self.means.is_over(self.until_s) {
            let capped = self.burdens.capped(&self.bare, floor + slack);
            base = self.settled(&capped, base);
            if base.as_ref().is_some_and(|cuts| self.is_reached(&capped, cuts)) {
                break;
            }
            slack *= 2.0;
        }
        let mut base = None;
        let turns = if self.bare.is_small() { 1 } else { TURNS };
        for turn in 0..turns {
            if self.burden <= floor * NEAR_ENOUGH || self.means.is_over(self.until_s) {
                break;
            }
            base = self.descend(floor, turn, base)?;
        }
        Ok(())
    }

    /// Goes down by steps from what is reached, shorter ones after each in vain: where few facilities are over a limit the
    /// others make up for it. Every turn looks longer than the one before; the nearest cuts of the last limit in vain.
    fn descend(
        &mut self,
        floor: f64,
        turn: u32,
        mut base: Option<Cuts>,
    ) -> Result<Option<Cuts>, SolverError> {
        let near = NEAR.max(NEAR_SHARE * floor) * f64::from(1 << (2 * (TURNS - 1 - turn))) / 2.0;
        let mut step = (self.burden - floor) / 2.0;
        while step > near && !self.means.is_over(self.until_s) {
            let limit = (self.burden - step).max(floor);
            match self.probe(limit, turn, base.as_ref())? {
                None => step = step.min((self.burden - floor) / 2.0),
                Some(cuts) => (step, base) = (step / 2.0, cuts.or(base)),
            }
        }
        Ok(base)
    }

    /// What settles best within a limit, from cuts within a lower one or from the best, else from none; `None` where nothing
    /// keeps it.
    fn settled(&self, capped: &Problem, base: Option<Cuts>) -> Option<Cuts> {
        let fitted = |cuts| Some(self.means.fitted(capped, cuts)).filter(Draft::is_allowed);
        let both = || rayon::join(|| base.and_then(fitted), || fitted(self.best.clone()));
        let (within, best) = self.means.pool.install(both);
        let cheapest = within.into_iter().chain(best).min_by(|a, b| a.objective().total_cmp(&b.objective()));
        let none = || Draft::new(capped, self.means.fallback(capped));
        Some(cheapest.unwrap_or_else(none)).filter(Draft::is_allowed).map(|draft| draft.cuts)
    }

    /// Takes cuts that leave no more missing than allowed; whether they do.
    fn is_reached(&mut self, capped: &Problem, cuts: &Cuts) -> bool {
        let is_reached = Draft::new(capped, cuts.clone()).objective() <= self.allowed_mwh + DUST_MWH;
        if is_reached {
            self.offer(cuts.clone());
        }
        is_reached
    }

    /// Mends and searches within a limit; `None` where it is reached, else the nearest cuts, if any.
    #[allow(clippy::option_option)]
    fn probe(
        &mut self,
        limit: f64,
        turn: u32,
        base: Option<&Cuts>,
    ) -> Result<Option<Option<Cuts>>, SolverError> {
        let capped = self.burdens.capped(&self.bare, limit);
        let Some(settled) = self.settled(&capped, base.cloned()) else { return Ok(Some(None)) };
        if self.is_reached(&capped, &settled) {
            return Ok(None);
        }
        let enough = (self.allowed_mwh, self.until_s);
        let mut nearest = self.means.mended(&capped, settled, self.prices.as_ref(), enough);
        if self.is_reached(&capped, &nearest) {
            return Ok(None);
        }
        let allowed_mwh = self.allowed_mwh + DUST_MWH;
        let patience = Some(PATIENCE << (2 * turn));
        let aim = Aim { gap: 0.0, patience, until_s: self.until_s, turn: turn.into() };
        let first = Draft::new(&capped, nearest.clone());
        let mut tell = |news: News<'_>| match news {
            News::Bound(bound) => bound > allowed_mwh,
            News::Prices(_) => false,
            News::Better(draft) => {
                nearest.clone_from(&draft.cuts);
                draft.objective() <= allowed_mwh
            }
        };
        self.means.search(&capped, first, self.prices.clone(), aim, &mut tell)?;
        Ok(if self.is_reached(&capped, &nearest) { None } else { Some(Some(nearest)) })
    }

    fn offer(&mut self, cuts: Cuts) {
        let burden = self.burdens.highest(&cuts);
        if burden < self.burden {
            self.means.say(Order::Better(cuts.clone(), burden));
            (self.best, self.burden) = (cuts, burden);
        }
    }

    /// The stage as one programme.
    fn solve_exactly(&mut self, mut bound: f64) -> Result<(), SolverError> {
        let mut formulation = Formulation::new(&self.bare);
        formulation.keep_missing(self.allowed_mwh);
        formulation.minimise_burden(&self.bare, self.burdens);
        let found = self.means.solve_exactly(&self.bare, formulation, &self.best, self.until_s)?;
        if let Some(proven) = found.bound {
            bound = bound.max(self.burdens.attainable(&self.bare, proven - DUST));
            self.means.say(Order::Bound(bound));
        }
        if let Some(cuts) = found.cuts {
            let draft = Draft::new(&self.bare, cuts);
            if draft.is_allowed() && draft.objective() <= self.allowed_mwh + DUST_MWH {
                self.offer(draft.cuts);
            }
        }
        Ok(())
    }
}
