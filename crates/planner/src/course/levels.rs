//! The cuts that an optimal course may have.
//!
//! Along an event the rules are `cut[t-1] - cut[t] <= return limit` over ordered sets of allowed cuts. At prices that
//! are linear between breaks an optimum exists in which every cut is an end of its range or a break, or hangs by a chain
//! of tight returns on one that is: down along the chain after it, up along the chain before it.

use super::Returns;
use crate::problem::FacilityRow;

/// Allowed cuts above 0 in kW, ascending, per interval.
pub(super) struct Levels {
    first: Vec<usize>,
    kw: Vec<i64>,
}

impl Levels {
    pub(super) fn new(row: &FacilityRow, returns: &Returns, breaks: &[Vec<i64>]) -> Self {
        let none = Vec::new();
        let breaks = |t: usize| breaks.get(t).unwrap_or(&none);
        let anchors: Vec<Vec<i64>> = (0..row.room.len()).map(|t| anchors(row, t, breaks(t))).collect();
        let (down, up) = (chains_down(row, returns, &anchors), chains_up(row, returns, &anchors));
        let mut levels = Self { first: vec![0], kw: Vec::new() };
        for ((anchors, down), up) in anchors.into_iter().zip(down).zip(up) {
            let mut all = [anchors, down, up].concat();
            all.sort_unstable();
            all.dedup();
            levels.kw.extend(all);
            levels.first.push(levels.kw.len());
        }
        levels
    }

    /// The same with other allowed cuts beside them.
    pub(super) fn and(self, others: impl Fn(usize) -> Vec<i64>) -> Self {
        let mut joined = Self { first: vec![0], kw: Vec::new() };
        for t in 0..self.first.len() - 1 {
            let mut all = [self.at(t), &others(t)].concat();
            all.sort_unstable();
            all.dedup();
            joined.kw.extend(all);
            joined.first.push(joined.kw.len());
        }
        joined
    }

    pub(super) fn at(&self, t: usize) -> &[i64] {
        &self.kw[self.first[t]..self.first[t + 1]]
    }

    /// The part of a table over all levels that belongs to an interval.
    pub(super) fn of<'a, T>(&self, table: &'a [T], t: usize) -> &'a [T] {
        &table[self.first[t]..self.first[t + 1]]
    }

    /// A table over all levels.
    pub(super) fn table(&self, value: impl Fn(usize, i64) -> f64) -> Vec<f64> {
        let steps = 0..self.first.len() - 1;
        steps.flat_map(|t| self.at(t).iter().map(move |&kw| (t, kw))).map(|(t, kw)| value(t, kw)).collect()
    }
}

/// The ends of the range, the last whole block, and the breaks from both sides.
fn anchors(row: &FacilityRow, t: usize, breaks: &[i64]) -> Vec<i64> {
    if let Some(dictated) = row.frozen[t] {
        return Vec::from_iter((dictated > 0).then_some(dictated));
    }
    if row.room[t] <= 0 {
        return Vec::new();
    }
    let mut anchors = vec![least(row, t), row.room[t]];
    if row.block > 0 {
        anchors.extend(at_most(row, t, row.room[t] / row.block * row.block));
    }
    for &kw in breaks.iter().filter(|&&kw| kw > least(row, t) && kw < row.room[t]) {
        anchors.push(row.cut_at_least(t, kw));
        anchors.extend(at_most(row, t, kw));
    }
    anchors
}

/// The smallest cut above 0 that is allowed.
fn least(row: &FacilityRow, t: usize) -> i64 {
    row.cut_at_least(t, row.demand[t].max(1))
}

/// The greatest allowed cut above 0 of at most `kw`.
fn at_most(row: &FacilityRow, t: usize, kw: i64) -> Option<i64> {
    if kw >= row.room[t] {
        return Some(row.room[t]);
    }
    let whole = if row.block > 0 { kw.div_euclid(row.block) * row.block } else { kw };
    (whole >= least(row, t)).then_some(whole)
}

fn is_free(row: &FacilityRow, t: usize) -> bool {
    row.frozen[t].is_none() && row.room[t] > 0
}

fn chains_down(row: &FacilityRow, returns: &Returns, anchors: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let mut chains: Vec<Vec<i64>> = Vec::with_capacity(anchors.len());
    for t in 0..anchors.len() {
        let mut own: Vec<i64> = Vec::new();
        if is_free(row, t) {
            let earlier: &mut dyn Iterator<Item = i64> = match t.checked_sub(1) {
                Some(s) => &mut anchors[s].iter().chain(&chains[s]).copied(),
                None => &mut std::iter::once(row.before.cut),
            };
            let returned = earlier.map(|kw| kw - returns.after_cut[t]);
            own.extend(returned.filter(|&kw| kw > least(row, t)).map(|kw| row.cut_at_least(t, kw)));
            own.push(row.cut_at_least(t, least(row, t).max(-returns.after_none[t])));
            own.sort_unstable();
            own.dedup();
        }
        chains.push(own);
    }
    chains
}

fn chains_up(row: &FacilityRow, returns: &Returns, anchors: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let mut chains: Vec<Vec<i64>> = vec![Vec::new(); anchors.len()];
    for t in (0..anchors.len().saturating_sub(1)).rev().filter(|&t| is_free(row, t)) {
        let later = anchors[t + 1].iter().chain(&chains[t + 1]).copied().chain([0]);
        let held = later.map(|kw| kw.saturating_add(returns.after_cut[t + 1]));
        let mut own: Vec<i64> =
            held.filter(|&kw| kw < row.room[t]).filter_map(|kw| at_most(row, t, kw)).collect();
        own.sort_unstable();
        own.dedup();
        chains[t] = own;
    }
    chains
}
