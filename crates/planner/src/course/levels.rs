//! The cuts that an optimal course may have.
//!
//! Along an event the rules are `cut[t-1] - cut[t] <= return limit` over ordered sets of allowed cuts. At prices that
//! are linear between breaks an optimum exists in which every cut is an end of its range or a break, or hangs by a chain
//! of tight returns on one that is: down along the chain after it, up along the chain before it.

use super::{Returns, Span};
use crate::problem::FacilityRow;

/// Allowed cuts above 0 in kW, ascending, per interval.
pub(super) struct Levels {
    first: Vec<usize>,
    kw: Vec<i64>,
}

impl Levels {
    pub(super) fn new(row: &FacilityRow, returns: &Returns, breaks: &[Vec<i64>], spans: &[Span]) -> Self {
        let (none, range) = (Vec::new(), Range { row, spans });
        let breaks = |t: usize| breaks.get(t).unwrap_or(&none);
        let anchors: Vec<Vec<i64>> = (0..row.room.len()).map(|t| range.anchors(t, breaks(t))).collect();
        let (down, up) = (range.chains_down(returns, &anchors), range.chains_up(returns, &anchors));
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

/// What a facility may be cut, interval by interval.
struct Range<'a> {
    row: &'a FacilityRow,
    spans: &'a [Span],
}

impl Range<'_> {
    fn span(&self, t: usize) -> Span {
        self.spans.get(t).copied().unwrap_or(Span::FREE)
    }

    /// The ends of the range, the last whole block, and the breaks from both sides.
    fn anchors(&self, t: usize, breaks: &[i64]) -> Vec<i64> {
        if let Some(dictated) = self.row.frozen[t] {
            return Vec::from_iter((dictated > 0 && self.span(t).has(dictated)).then_some(dictated));
        }
        let Some(least) = self.least(t) else { return Vec::new() };
        let mut anchors = vec![least];
        anchors.extend(self.at_most(t, self.row.room[t]));
        if self.row.block > 0 {
            anchors.extend(self.at_most(t, self.row.room[t] / self.row.block * self.row.block));
        }
        for &kw in breaks.iter().filter(|&&kw| kw > least && kw < self.row.room[t]) {
            anchors.extend(self.at_least(t, kw));
            anchors.extend(self.at_most(t, kw));
        }
        anchors
    }

    /// The smallest cut above 0 that is allowed; `None` where none is.
    fn least(&self, t: usize) -> Option<i64> {
        let least = self.row.cut_at_least(t, self.row.demand[t].max(1).max(self.span(t).least));
        (self.row.room[t] > 0 && self.span(t).has(least)).then_some(least)
    }

    /// The smallest allowed cut of at least `kw`.
    fn at_least(&self, t: usize, kw: i64) -> Option<i64> {
        Some(self.row.cut_at_least(t, kw.max(self.least(t)?))).filter(|&kw| kw <= self.span(t).most)
    }

    /// The greatest allowed cut above 0 of at most `kw`.
    fn at_most(&self, t: usize, kw: i64) -> Option<i64> {
        let (room, block, kw) = (self.row.room[t], self.row.block, kw.min(self.span(t).most));
        if kw >= room {
            return Some(room);
        }
        let whole = if block > 0 { kw.div_euclid(block) * block } else { kw };
        (whole >= self.least(t)?).then_some(whole)
    }

    /// The smallest allowed cut where it may be chosen.
    fn chosen(&self, t: usize) -> Option<i64> {
        self.least(t).filter(|_| self.row.frozen[t].is_none())
    }

    fn chains_down(&self, returns: &Returns, anchors: &[Vec<i64>]) -> Vec<Vec<i64>> {
        let mut chains: Vec<Vec<i64>> = Vec::with_capacity(anchors.len());
        for t in 0..anchors.len() {
            let mut own: Vec<i64> = Vec::new();
            if let Some(least) = self.chosen(t) {
                let earlier: &mut dyn Iterator<Item = i64> = match t.checked_sub(1) {
                    Some(s) => &mut anchors[s].iter().chain(&chains[s]).copied(),
                    None => &mut std::iter::once(self.row.before.cut),
                };
                let returned = earlier.map(|kw| kw - returns.after_cut[t]);
                own.extend(returned.filter(|&kw| kw > least).filter_map(|kw| self.at_least(t, kw)));
                own.extend(self.at_least(t, least.max(-returns.after_none[t])));
                own.sort_unstable();
                own.dedup();
            }
            chains.push(own);
        }
        chains
    }

    fn chains_up(&self, returns: &Returns, anchors: &[Vec<i64>]) -> Vec<Vec<i64>> {
        let mut chains: Vec<Vec<i64>> = vec![Vec::new(); anchors.len()];
        let chosen = (0..anchors.len().saturating_sub(1)).rev().filter(|&t| self.chosen(t).is_some());
        for t in chosen {
            let later = anchors[t + 1].iter().chain(&chains[t + 1]).copied().chain([0]);
            let held = later.map(|kw| kw.saturating_add(returns.after_cut[t + 1]));
            let below = held.filter(|&kw| kw < self.row.room[t]);
            let mut own: Vec<i64> = below.filter_map(|kw| self.at_most(t, kw)).collect();
            own.sort_unstable();
            own.dedup();
            chains[t] = own;
        }
        chains
    }
}
