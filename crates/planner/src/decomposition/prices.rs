//! Prices of the rows in which facilities meet: a MW of balance, and a MW of return, per zone and interval; and of a
//! facility's energy where that is limited.
//!
//! For any prices of at least 0, with a balance price of at most `hours * uncovered_cost`, the Lagrangian
//! `sum balance * shortage - sum restore * limit + sum over ties of min (balance_from - balance_to) * flow
//! \+ sum over facilities of min (cost - sum balance * cut + sum restore * returned)`
//! is a lower bound of every plan's objective; its last term is what the fleet answers.

use super::fleet::Fleet;
use crate::dispatch::shortages;
use crate::formulation::dictated_beyond_falls;
use crate::problem::{Problem, mw};
use std::ops::Range;

/// Money per MW in one interval, by zone and interval.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prices {
    pub(crate) balance: Vec<Vec<f64>>,
    pub(crate) restore: Vec<Vec<f64>>,
    /// Money per MW cut in any interval, by facility: the price of a limit of its energy.
    pub(crate) energy: Vec<f64>,
    /// Money per MW of every cover.
    pub(crate) covers: Vec<f64>,
}

/// The right-hand sides of the rows in which facilities meet, in MW.
#[derive(Clone)]
pub(crate) struct Rows {
    /// Load that nobody has cut less headroom, per zone and interval.
    pub(crate) short: Vec<Vec<f64>>,
    /// Whether an interval's balance can ask for a cut: something is short there, and it is looked at.
    pub(crate) balanced: Vec<bool>,
    /// Most that returns beyond the falls; infinite without a limit, and where the members can't return more.
    pub(crate) restore: Vec<Vec<f64>>,
    /// Most MW times intervals that a member may be cut, per facility; infinite without a limit.
    pub(crate) energy: Vec<f64>,
    /// Most that a tie without a limit could sensibly carry.
    pub(crate) most_flow: f64,
}

impl Rows {
    pub(crate) fn new(problem: &Problem) -> Self {
        let none = vec![vec![0; problem.steps]; problem.facilities.len()];
        let short = shortages(problem, &none);
        let limit = |z: usize, t: usize| {
            let limit = problem.zones[z].restore_limit_mw;
            limit.map_or(f64::INFINITY, |limit| limit.max(mw(dictated_beyond_falls(problem, z, t))))
        };
        let restore =
            (0..problem.zones.len()).map(|z| (0..problem.steps).map(|t| limit(z, t)).collect()).collect();
        let all: Vec<usize> = (0..problem.facilities.len()).collect();
        Self::with(short, restore, problem, &all, &(0..problem.steps))
    }

    /// The rows of some facilities beside others, of which the first two are known, where their cuts may change in a
    /// window only.
    pub(crate) fn with(
        short: Vec<Vec<f64>>,
        mut restore: Vec<Vec<f64>>,
        problem: &Problem,
        members: &[usize],
        window: &Range<usize>,
    ) -> Self {
        let balanced = |t: usize| window.contains(&t) && short.iter().any(|short| short[t] > 0.0);
        let balanced = (0..problem.steps).map(balanced).collect();
        for (z, limits) in restore.iter_mut().enumerate() {
            let own: Vec<usize> =
                members.iter().copied().filter(|&f| problem.facilities[f].zone == z).collect();
            for (t, limit) in limits.iter_mut().enumerate() {
                let looked_at = (window.start..=window.end).contains(&t);
                if !looked_at || most_returned(problem, &own, t) <= *limit {
                    *limit = f64::INFINITY;
                }
            }
        }
        let mut energy = vec![f64::INFINITY; problem.facilities.len()];
        for &f in members {
            energy[f] = problem.facilities[f].most_cut.map_or(f64::INFINITY, mw);
        }
        let most_flow = short.iter().flatten().map(|mw| mw.abs()).sum::<f64>().max(1.0);
        Self { short, balanced, restore, energy, most_flow }
    }

    /// Bounds of a flow.
    pub(crate) fn flow(&self, problem: &Problem, l: usize, t: usize) -> (f64, f64) {
        let tie = &problem.ties[l];
        (-tie.reverse_limit_mw[t].min(self.most_flow), tie.limit_mw[t].min(self.most_flow))
    }
}

/// The most MW that facilities could return into an interval.
fn most_returned(problem: &Problem, members: &[usize], t: usize) -> f64 {
    let cut = |&f: &usize| {
        let row = &problem.facilities[f];
        t.checked_sub(1).map_or(row.before.cut, |s| row.frozen[s].unwrap_or(row.room[s]))
    };
    mw(members.iter().map(cut).sum())
}

impl Prices {
    /// No prices.
    pub(crate) fn zero(problem: &Problem) -> Self {
        let none = vec![vec![0.0; problem.steps]; problem.zones.len()];
        Self {
            balance: none.clone(),
            restore: none,
            energy: vec![0.0; problem.facilities.len()],
            covers: Vec::new(),
        }
    }

    /// A point between these prices and others.
    pub(crate) fn towards(&self, others: &Self, share: f64) -> Self {
        let blend = |own: &[f64], other: &[f64]| -> Vec<f64> {
            own.iter().zip(other).map(|(a, b)| a + (b - a) * share).collect()
        };
        let all = |own: &[Vec<f64>], other: &[Vec<f64>]| {
            own.iter().zip(other).map(|(own, other)| blend(own, other)).collect()
        };
        Self {
            balance: all(&self.balance, &others.balance),
            restore: all(&self.restore, &others.restore),
            energy: blend(&self.energy, &others.energy),
            covers: blend(&self.covers, &others.covers),
        }
    }

    /// Takes over the prices of balance and restore limit that others have in a window.
    pub(crate) fn take(&mut self, others: &Self, window: &Range<usize>) {
        let own = self.balance.iter_mut().chain(&mut self.restore);
        for (own, other) in own.zip(others.balance.iter().chain(&others.restore)) {
            own[window.clone()].copy_from_slice(&other[window.clone()]);
        }
    }

    /// The same within what a Lagrangian allows.
    pub(crate) fn clamped(mut self, fleet: &Fleet<'_>) -> Self {
        let (problem, rows) = (fleet.problem, &fleet.rows);
        self.covers.resize(fleet.covers.len(), 0.0);
        self.covers.iter_mut().for_each(|price| *price = price.max(0.0));
        for z in 0..problem.zones.len() {
            for t in 0..problem.steps {
                self.clamp_balance(fleet, z, t);
                let limited = rows.restore[z][t].is_finite();
                self.restore[z][t] = if limited { self.restore[z][t].max(0.0) } else { 0.0 };
            }
        }
        for (price, limit) in self.energy.iter_mut().zip(&rows.energy) {
            *price = if limit.is_finite() { price.max(0.0) } else { 0.0 };
        }
        self
    }

    /// What a MW uncovered is charged, in the balance and in covers, is at most what it costs.
    fn clamp_balance(&mut self, fleet: &Fleet<'_>, z: usize, t: usize) {
        let most = fleet.problem.uncovered_price();
        let own = |k: &usize| fleet.covers[*k].zones[z] && fleet.covers[*k].t == t;
        let own: Vec<usize> = (0..fleet.covers.len()).filter(own).collect();
        let charged: f64 = own.iter().map(|&k| self.covers[k]).sum();
        if charged > most {
            own.iter().for_each(|&k| self.covers[k] *= most / charged);
        }
        let most = if fleet.rows.balanced[t] { most - charged.min(most) } else { 0.0 };
        self.balance[z][t] = self.balance[z][t].min(most).max(0.0);
    }

    /// The part of the Lagrangian that no facility answers.
    pub(crate) fn constant(&self, fleet: &Fleet<'_>) -> f64 {
        let (problem, rows) = (fleet.problem, &fleet.rows);
        let limited = self.energy.iter().zip(&rows.energy).filter(|(_, limit)| limit.is_finite());
        let mut sum = -limited.map(|(price, limit)| price * limit).sum::<f64>();
        sum +=
            self.covers.iter().zip(&fleet.covers).map(|(price, cover)| price * cover.owed_mw()).sum::<f64>();
        for z in 0..problem.zones.len() {
            for t in 0..problem.steps {
                sum += self.balance[z][t] * rows.short[z][t];
                if rows.restore[z][t].is_finite() {
                    sum -= self.restore[z][t] * rows.restore[z][t];
                }
            }
        }
        for (l, tie) in problem.ties.iter().enumerate() {
            for t in 0..problem.steps {
                let (least, most) = rows.flow(problem, l, t);
                let slope = self.balance[tie.from][t] - self.balance[tie.to][t];
                sum += (slope * least).min(slope * most);
            }
        }
        sum
    }

    /// What a facility is offered: money per kW of cut, and per interval under cut.
    pub(crate) fn offer(&self, problem: &Problem, f: usize) -> Offer {
        let row = &problem.facilities[f];
        let (balance, restore) = (&self.balance[row.zone], &self.restore[row.zone]);
        let later = |t: usize| restore.get(t + 1).copied().unwrap_or(0.0);
        let per_kw = |t: usize| {
            (problem.hours * row.cut_cost_per_mwh + self.energy[f] - balance[t] - restore[t] + later(t))
                / 1000.0
        };
        let fall = |t: usize| if t + 1 < problem.steps { mw(row.fall(t + 1)) } else { 0.0 };
        Offer {
            per_kw: (0..problem.steps).map(per_kw).collect(),
            under_cut: (0..problem.steps).map(|t| -later(t) * fall(t)).collect(),
            before: restore.first().copied().unwrap_or(0.0) * mw(row.before.cut),
        }
    }
}

/// Prices as one facility sees them.
pub(crate) struct Offer {
    pub(crate) per_kw: Vec<f64>,
    pub(crate) under_cut: Vec<f64>,
    /// What the cut before the horizon costs, whatever comes.
    pub(crate) before: f64,
}
