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
        let range = Range::new(row, spans);
        let anchors = range.anchors(breaks);
        if !range.can_be_held(returns) {
            return anchors;
        }
        let (down, up) = (range.chains_down(returns, &anchors), range.chains_up(returns, &anchors));
        let last = row.room.len().saturating_sub(1);
        Self::each(row.room.len(), |t, kw| {
            kw.extend_from_slice(anchors.at(t));
            kw.extend_from_slice(down.at(t));
            kw.extend_from_slice(up.at(last - t));
        })
    }

    /// The levels that are put after those of all intervals before, in order and once each.
    fn each(steps: usize, mut put: impl FnMut(usize, &mut Vec<i64>)) -> Self {
        let mut levels = Self { first: Vec::with_capacity(steps + 1), kw: Vec::with_capacity(4 * steps) };
        levels.first.push(0);
        (0..steps).for_each(|t| {
            put(t, &mut levels.kw);
            levels.close();
        });
        levels
    }

    /// Orders what was put for an interval.
    fn close(&mut self) {
        let from = self.first[self.first.len() - 1];
        self.kw[from..].sort_unstable();
        let mut to = from;
        for at in from..self.kw.len() {
            if to == from || self.kw[at] != self.kw[to - 1] {
                self.kw[to] = self.kw[at];
                to += 1;
            }
        }
        self.kw.truncate(to);
        self.first.push(to);
    }

    /// The same with other allowed cuts beside them.
    pub(super) fn and(&self, others: impl Fn(usize) -> Vec<i64>) -> Self {
        Self::each(self.first.len() - 1, |t, kw| {
            kw.extend_from_slice(self.at(t));
            kw.extend(others(t));
        })
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
        let mut table = Vec::with_capacity(self.kw.len());
        for t in 0..self.first.len() - 1 {
            table.extend(self.at(t).iter().map(|&kw| value(t, kw)));
        }
        table
    }
}

/// What a facility may be cut, interval by interval.
struct Range<'a> {
    row: &'a FacilityRow,
    spans: &'a [Span],
    /// The smallest cut above 0 that is allowed; `None` where none is.
    least: Vec<Option<i64>>,
}

impl<'a> Range<'a> {
    fn new(row: &'a FacilityRow, spans: &'a [Span]) -> Self {
        let mut range = Self { row, spans, least: Vec::new() };
        let least = |t: usize| {
            let span = range.span(t);
            let least = row.cut_at_least(t, row.demand[t].max(1).max(span.least));
            (row.room[t] > 0 && span.has(least)).then_some(least)
        };
        range.least = (0..row.room.len()).map(least).collect();
        range
    }

    fn span(&self, t: usize) -> Span {
        self.spans.get(t).copied().unwrap_or(Span::FREE)
    }

    /// Whether returns can be too fast anywhere.
    fn can_be_held(&self, returns: &Returns) -> bool {
        let most = self.row.room.iter().copied().fold(self.row.before.cut, i64::max);
        returns.after_cut.iter().any(|&limit| limit < most)
            || returns.after_none.iter().any(|&limit| limit < 0)
    }

    /// The ends of the range, the last whole block, and the breaks from both sides.
    fn anchors(&self, breaks: &[Vec<i64>]) -> Levels {
        Levels::each(self.row.room.len(), |t, anchors| {
            if let Some(dictated) = self.row.frozen[t] {
                anchors.extend((dictated > 0 && self.span(t).has(dictated)).then_some(dictated));
                return;
            }
            let Some(least) = self.least[t] else { return };
            anchors.push(least);
            anchors.extend(self.at_most(t, self.row.room[t]));
            if self.row.block > 0 {
                anchors.extend(self.at_most(t, self.row.room[t] / self.row.block * self.row.block));
            }
            let breaks = breaks.get(t).into_iter().flatten();
            for &kw in breaks.filter(|&&kw| kw > least && kw < self.row.room[t]) {
                anchors.extend(self.at_least(t, kw));
                anchors.extend(self.at_most(t, kw));
            }
        })
    }

    /// The smallest allowed cut of at least `kw`.
    fn at_least(&self, t: usize, kw: i64) -> Option<i64> {
        Some(self.row.cut_at_least(t, kw.max(self.least[t]?))).filter(|&kw| kw <= self.span(t).most)
    }

    /// The greatest allowed cut above 0 of at most `kw`.
    fn at_most(&self, t: usize, kw: i64) -> Option<i64> {
        let (room, block, kw) = (self.row.room[t], self.row.block, kw.min(self.span(t).most));
        if kw >= room {
            return Some(room);
        }
        let whole = if block > 0 { kw.div_euclid(block) * block } else { kw };
        (whole >= self.least[t]?).then_some(whole)
    }

    /// The smallest allowed cut where it may be chosen.
    fn chosen(&self, t: usize) -> Option<i64> {
        self.least[t].filter(|_| self.row.frozen[t].is_none())
    }

    fn chains_down(&self, returns: &Returns, anchors: &Levels) -> Levels {
        let mut earlier = vec![self.row.before.cut];
        Levels::each(self.row.room.len(), |t, own| {
            let from = own.len();
            if let Some(least) = self.chosen(t) {
                let returned = earlier.iter().map(|kw| kw - returns.after_cut[t]);
                own.extend(returned.filter(|&kw| kw > least).filter_map(|kw| self.at_least(t, kw)));
                own.extend(self.at_least(t, least.max(-returns.after_none[t])));
            }
            join(&mut earlier, anchors.at(t), &own[from..]);
        })
    }

    /// From the last interval to the first.
    fn chains_up(&self, returns: &Returns, anchors: &Levels) -> Levels {
        let steps = self.row.room.len();
        let mut later = Vec::new();
        Levels::each(steps, |back, own| {
            let (t, from) = (steps - 1 - back, own.len());
            if back > 0 && self.chosen(t).is_some() {
                let held =
                    later.iter().chain(&[0]).map(|kw: &i64| kw.saturating_add(returns.after_cut[t + 1]));
                let below = held.filter(|&kw| kw < self.row.room[t]);
                own.extend(below.filter_map(|kw| self.at_most(t, kw)));
            }
            join(&mut later, anchors.at(t), &own[from..]);
        })
    }
}

/// All levels of an interval, in place of those of the one beside it.
fn join(all: &mut Vec<i64>, anchors: &[i64], chains: &[i64]) {
    all.clear();
    all.extend(anchors.iter().chain(chains));
    all.sort_unstable();
    all.dedup();
}
