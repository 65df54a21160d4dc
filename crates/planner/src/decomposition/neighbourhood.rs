//! Betters a draft: a few facilities at a time are planned anew together, all others staying.

use super::ascent::Ascent;
use super::dive::dive;
use super::fleet::Fleet;
use super::pool::choose as choose_columns;
use super::prices::Prices;
use crate::draft::Draft;
use crate::draw::Draw;
use crate::solver::SolverError;
use std::collections::BTreeSet;

/// Relative gap at which the prices of a neighbourhood are good enough.
const NEAR: f64 = 2e-4;
/// Rounds of its ascent.
const ROUNDS: usize = 30;

/// How a neighbourhood is planned from its columns.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// By settling facilities one after the other: quick.
    Dive,
    /// By the best choice among the columns: slow for more than a few.
    Choose,
}

/// A draft in which some members are planned anew; whatever comes out.
pub(crate) fn plan_anew<'a>(
    fleet: &Fleet<'a>,
    draft: &Draft<'a>,
    members: Vec<usize>,
    prices: &Prices,
    way: Way,
) -> Result<Draft<'a>, SolverError> {
    let own = fleet.beside(draft, members);
    let first: Vec<Vec<i64>> = own.members.iter().map(|&f| draft.cuts[f].clone()).collect();
    let mut ascent = Ascent::new(own, &first, prices.clone())?;
    for _ in 0..ROUNDS {
        if ascent.gap() < NEAR || !ascent.step()? {
            break;
        }
    }
    let cuts = match way {
        Way::Dive => Some(dive(&mut ascent, &|| false)?),
        Way::Choose => choose_columns(&ascent, draft.cost_of(&ascent.fleet.members))?,
    };
    Ok(cuts.map_or_else(|| draft.clone(), |cuts| with(draft, &ascent.fleet.members, cuts)))
}

/// A draft in which some members have other cuts, settled.
fn with<'a>(draft: &Draft<'a>, members: &[usize], cuts: Vec<Vec<i64>>) -> Draft<'a> {
    let mut found = draft.clone();
    for (&f, cuts) in members.iter().zip(cuts) {
        found.set(f, cuts);
    }
    found.hold_back();
    found.settle(members, &|| false);
    found
}

/// Facilities for a neighbourhood: those whose courses waste most at the prices, more often, and any.
pub(crate) fn choose(fleet: &Fleet<'_>, regrets: &[f64], size: usize, draw: &mut Draw) -> Vec<usize> {
    let size = size.min(fleet.members.len());
    let mut chosen = BTreeSet::new();
    for n in 0..TRIES * size {
        let by_regret = if n % 2 == 0 { drawn(regrets, draw) } else { None };
        let m = by_regret.unwrap_or_else(|| draw.below(fleet.members.len()));
        chosen.insert(fleet.members[m]);
        if chosen.len() == size {
            break;
        }
    }
    chosen.into_iter().collect()
}

/// Draws for each place of a neighbourhood.
const TRIES: usize = 20;

/// A position drawn in proportion to its weight; `None` where there is no weight.
fn drawn(weights: &[f64], draw: &mut Draw) -> Option<usize> {
    let mut left = draw.unit() * weights.iter().sum::<f64>();
    weights.iter().position(|weight| {
        left -= weight;
        *weight > 0.0 && left <= 0.0
    })
}

/// What each member's course costs above its cheapest at some prices.
pub(crate) fn regrets(fleet: &Fleet<'_>, draft: &Draft<'_>, prices: &Prices) -> Vec<f64> {
    let cheapest = fleet.courses(prices, |_| true).unwrap_or_default();
    let regret = |(&f, course): (&usize, &crate::course::Course)| {
        (draft.cost_at(f, &prices.offer(fleet.problem, f)) - course.cost).max(0.0)
    };
    fleet.members.iter().zip(&cheapest).map(regret).collect()
}
