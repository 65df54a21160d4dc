//! Whose turn it is: the merit order, or the order of burdens.

use crate::decomposition::cost_per_mwh;
use crate::problem::{Problem, mw};
use kezek_model::case::{Case, Policy};
use serde::Serialize;

/// What facilities are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Money per MWh, events spread over a full cut of three hours; the cheapest is cut first.
    Merit,
    /// Share of the energy that is cut; the least burdened is cut first.
    Burden,
}

/// A place among the facilities of the zone that have room in an interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// What they are ordered by.
    pub order: Order,
    /// Its own figure: money per MWh, or a share.
    pub figure: f64,
    /// Its place, from 1; of equal figures the first one.
    pub place: usize,
    /// How many there are.
    pub of: usize,
    /// How many of those before it are cut in the interval.
    pub before_cut: usize,
    /// MW that those before it could be cut.
    pub before_room_mw: f64,
}

/// The place of a facility in an interval; `None` where it has no room.
pub(super) fn place(case: &Case, problem: &Problem, cuts: &[Vec<i64>], f: usize, t: usize) -> Option<Place> {
    let row = &problem.facilities[f];
    if row.room[t] == 0 {
        return None;
    }
    let order = if case.objective.policy == Policy::LeastCost { Order::Merit } else { Order::Burden };
    let figure = |g: usize| match order {
        Order::Merit => cost_per_mwh(problem, &problem.facilities[g]),
        Order::Burden => burden(case, problem, g, &cuts[g]).unwrap_or(f64::INFINITY),
    };
    let own = figure(f);
    let members = &problem.zones[row.zone].facilities;
    let rivals: Vec<usize> = members.iter().copied().filter(|&g| problem.facilities[g].room[t] > 0).collect();
    let before: Vec<usize> = rivals.iter().copied().filter(|&g| figure(g) < own).collect();
    Some(Place {
        order,
        figure: own,
        place: before.len() + 1,
        of: rivals.len(),
        before_cut: before.iter().filter(|&&g| cuts[g][t] > 0).count(),
        before_room_mw: mw(before.iter().map(|&g| problem.facilities[g].room[t]).sum()),
    })
}

/// The burden of some cuts, as the policy counts it; that of `equal-share` for `least-cost`.
pub(crate) fn burden(case: &Case, problem: &Problem, f: usize, cuts: &[i64]) -> Option<f64> {
    let (facility, row) = (&case.facilities[f], &problem.facilities[f]);
    let is_rotation = case.objective.policy == Policy::Rotation;
    let ledger = if is_rotation { facility.ledger } else { Default::default() };
    let entitled = (0..problem.steps).filter(|&t| row.entitled[t]);
    let (nominated, cut) = entitled.fold((0, 0), |sum, t| (sum.0 + row.nominated[t], sum.1 + cuts[t]));
    let mwh = |kw: i64| mw(kw) * problem.hours;
    let whole = ledger.nominated_mwh + mwh(nominated);
    (!facility.protected && nominated > 0 && whole > 0.0).then(|| (ledger.cut_mwh + mwh(cut)) / whole)
}
