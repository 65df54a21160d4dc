//! The attainable floor of the highest burden, from prices alone.
//!
//! With burdens limited to `B` a facility's energy is at most `(B * whole - past) / hours`. At any prices, those of
//! energy among them, the Lagrangian of the first stage is a lower bound of the energy that misses, and it is linear in
//! `B`. Where it exceeds what is allowed, `B` is out of reach, and so is all up to where the line crosses what is
//! allowed: that is the next `B` to be asked for. The bound is convex in `B`, so the steps (those of Newton's method) rise
//! to the floor and not beyond.

use super::burden::Burdens;
use super::means::{Cuts, Means};
use crate::decomposition::{Ascent, Fleet, Prices, first_prices};
use crate::problem::{Problem, mw};
use crate::solver::SolverError;

/// A proven floor, and the prices that prove it.
pub(crate) struct Floor {
    pub(crate) burden: f64,
    pub(crate) prices: Option<Prices>,
}

/// Steps of Newton's method.
const STEPS: usize = 40;
/// Rounds of one ascent.
const ROUNDS: usize = 400;
/// Relative gap at which the prices are good enough for a step.
const NEAR: f64 = 1e-4;
/// A floor is raised until it is so near a limit that prices do not exclude.
const NARROW: f64 = 1.005;
/// A step that is shorter than this is the last.
const SHORT: f64 = 1e-6;

/// The highest burden of every plan that leaves no more missing than `allowed_mwh` is at least this.
///
/// # Errors
/// When the solver fails.
pub(crate) fn floor(
    means: &Means<'_>,
    bare: &Problem,
    burdens: &Burdens,
    (cuts, allowed_mwh): (&Cuts, f64),
    until_s: f64,
) -> Result<Floor, SolverError> {
    means.pool.install(|| {
        let mut floor = Floor { burden: burdens.least(bare), prices: None };
        for _ in 0..STEPS {
            let capped = burdens.limited(bare, floor.burden);
            let found = line(&capped, cuts, floor.prices.clone(), allowed_mwh, &|| means.is_over(until_s))?;
            let crossing = found.crossing(&capped, burdens, allowed_mwh);
            floor.prices = Some(found.prices);
            let step = crossing.map_or(0.0, |crossing| crossing - floor.burden);
            floor.burden += step.max(0.0);
            if step < SHORT || means.is_over(until_s) {
                break;
            }
        }
        Ok(floor)
    })
}

/// Raises a floor with what limits say of single cuts, below a burden that was reached: a limit at which the bound exceeds
/// what is allowed is out of reach.
///
/// # Errors
/// When the solver fails.
pub(crate) fn raise(
    means: &Means<'_>,
    bare: &Problem,
    burdens: &Burdens,
    (cuts, allowed_mwh): (&Cuts, f64),
    mut floor: Floor,
    until_s: f64,
) -> Result<Floor, SolverError> {
    let mut reached = burdens.highest(cuts);
    while reached > floor.burden * NARROW + SHORT && !means.is_over(until_s) {
        let limit = (floor.burden + reached) / 2.0;
        let capped = burdens.capped(bare, limit);
        let is_over = || means.is_over(until_s);
        let found =
            means.pool.install(|| line(&capped, cuts, floor.prices.clone(), allowed_mwh, &is_over))?;
        if found.is_out_of_reach(allowed_mwh) {
            floor = Floor { burden: limit, prices: Some(found.prices) };
        } else {
            reached = limit;
        }
    }
    Ok(floor)
}

/// A lower bound of the missing energy, and the prices that prove it.
struct Line {
    bound: f64,
    prices: Prices,
}

/// Raises the bound of a capped problem until it is good enough, or it is certain that it stays within what is allowed.
fn line(
    capped: &Problem,
    cuts: &Cuts,
    prices: Option<Prices>,
    allowed_mwh: f64,
    is_over: &dyn Fn() -> bool,
) -> Result<Line, SolverError> {
    let fleet = Fleet::whole(capped);
    let prices = prices.unwrap_or_else(|| first_prices(&fleet));
    let mut ascent = Ascent::from(&fleet, cuts, prices)?;
    for _ in 0..ROUNDS {
        let is_near =
            ascent.bound > allowed_mwh && ascent.blend.objective - ascent.bound < NEAR * allowed_mwh;
        if is_near || ascent.gap() < NEAR || ascent.blend.objective <= allowed_mwh {
            break;
        }
        if is_over() || !ascent.step()? {
            break;
        }
    }
    Ok(Line { bound: ascent.bound, prices: ascent.best })
}

impl Line {
    fn is_out_of_reach(&self, allowed_mwh: f64) -> bool {
        self.over(allowed_mwh) > 0.0
    }

    /// By how much the bound exceeds what is allowed, beyond the dust of sums.
    fn over(&self, allowed_mwh: f64) -> f64 {
        self.bound - allowed_mwh * (1.0 + 1e-9) - 1e-9
    }

    /// The burden up to which the bound exceeds what is allowed; `None` where it does nowhere.
    fn crossing(&self, capped: &Problem, burdens: &Burdens, allowed_mwh: f64) -> Option<f64> {
        let mut over = self.over(allowed_mwh);
        if over <= 0.0 {
            return None;
        }
        for (f, row) in capped.facilities.iter().enumerate() {
            let (Some(most), Some(share)) = (row.most_cut, burdens.share(f)) else { continue };
            over += self.prices.energy[f] * (mw(most) + share.past_cut_mwh / capped.hours);
        }
        let slope = burdens.slope(capped, &self.prices.energy);
        (slope > 0.0).then_some(over / slope)
    }
}
