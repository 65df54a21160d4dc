//! The cheapest levels of one event, interval by interval: `best[t][l] = cost[t][l] + min best[t-1][m]` over the
//! levels `m` from which load may return to `l`.

use super::chain::Rules;
use super::{Lane, Tariff};
use std::ops::Range;

/// An event that may be, with the cheapest levels it may have.
pub(super) struct Ended {
    /// First interval after it.
    pub(super) to: usize,
    /// Money, without that for its start.
    pub(super) cost: f64,
    /// Offset in the state of hours: what it counts against the budgets.
    pub(super) hours: usize,
}

/// Prices by level.
pub(super) struct Priced {
    /// Money per level.
    cost: Vec<f64>,
    /// Money per level where it is overrun.
    overrun: Vec<f64>,
    /// The most that cuts from an interval on can save.
    savable: Vec<f64>,
}

impl Priced {
    pub(super) fn new(lane: &Lane<'_>, tariff: &Tariff<'_>) -> Self {
        let overrun = if lane.rules.may_overrun { tariff.overrun_per_kw } else { 0.0 };
        #[allow(clippy::cast_precision_loss)]
        let surcharge = |_, kw: i64| kw as f64 * overrun;
        let overrun = if lane.rules.may_overrun { lane.levels.table(surcharge) } else { Vec::new() };
        let cost = lane.levels.table(tariff.cost);
        let mut savable = vec![0.0; lane.row.room.len() + 1];
        for t in (0..lane.row.room.len()).rev() {
            savable[t] = savable[t + 1] - lane.levels.of(&cost, t).iter().copied().fold(0.0, f64::min);
        }
        Self { cost, overrun, savable }
    }

    /// The most that cuts of some intervals can save.
    pub(super) fn most_saved(&self, event: &Range<usize>) -> f64 {
        self.savable[event.start] - self.savable[event.end]
    }
}

/// A walk along an event that starts in some interval and goes on as long as it may.
pub(super) struct Going<'a> {
    lane: &'a Lane<'a>,
    priced: &'a Priced,
    from: usize,
    carried: bool,
    /// Cheapest levels of the interval just reached.
    best: Vec<f64>,
    spare: Vec<f64>,
    /// Where kept: those of all intervals.
    kept: Option<Vec<Vec<f64>>>,
    /// Intervals left of each budget of hours.
    left: Vec<usize>,
    hours: usize,
    is_exempt: bool,
    is_over: bool,
}

impl<'a> Going<'a> {
    /// `carried`: the event was running before the horizon; `hours`: the state of hours in which it begins.
    pub(super) fn new(
        lane: &'a Lane<'a>,
        priced: &'a Priced,
        from: usize,
        carried: bool,
        hours: usize,
    ) -> Self {
        let left = lane.rules.hours.left(hours);
        Self {
            lane,
            priced,
            from,
            carried,
            best: Vec::new(),
            spare: Vec::new(),
            kept: None,
            left,
            hours: 0,
            is_exempt: carried,
            is_over: false,
        }
    }

    /// Goes on to the end of the horizon or of what is allowed; tells of every end that is. Of a facility that may go without
    /// any cut those only that pay for the start and cost less than an earlier end, after which it can rest.
    pub(super) fn each_end(mut self, event_cost: f64, mut tell: impl FnMut(Ended)) {
        let (steps, is_free) = (self.lane.row.room.len(), self.lane.rules.is_free);
        let mut bar = if is_free { -event_cost } else { f64::INFINITY };
        for t in self.from..steps {
            if !self.lane.rules.may_be_cut[t] || !self.advance(t) {
                return;
            }
            if let Some(cost) = self.cost_of_end(t + 1).filter(|&cost| cost < bar) {
                bar = if is_free { cost } else { bar };
                tell(Ended { to: t + 1, cost, hours: self.hours });
            }
            let least = self.best.iter().copied().fold(f64::INFINITY, f64::min);
            if least - self.priced.savable[t + 1] >= bar {
                return;
            }
        }
    }

    /// The levels of the event that ends before `to`.
    pub(super) fn levels(mut self, to: usize) -> Vec<i64> {
        self.kept = Some(Vec::new());
        for t in self.from..to {
            self.advance(t);
        }
        let kept = self.kept.take().unwrap_or_default();
        let mut most = if to < self.lane.row.room.len() { self.lane.returns.after_cut[to] } else { i64::MAX };
        let mut levels = Vec::with_capacity(to - self.from);
        for t in (self.from..to).rev() {
            let allowed =
                self.lane.levels.at(t).iter().zip(&kept[t - self.from]).filter(|(kw, _)| **kw <= most);
            let chosen = allowed.min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(&kw, _)| kw);
            most = chosen.saturating_add(self.lane.returns.after_cut[t]);
            levels.push(chosen);
        }
        levels.reverse();
        levels
    }

    /// Takes one more interval in; `false` where the event can't be allowed any more.
    fn advance(&mut self, t: usize) -> bool {
        let over = self.count(t);
        self.is_exempt |= self.lane.rules.forced[t];
        self.is_over |= over;
        if self.is_over && !self.is_exempt && !self.lane.rules.forced_later(t) {
            return false;
        }
        let (levels, cost) = (self.lane.levels.at(t), self.lane.levels.of(&self.priced.cost, t));
        let mut next = std::mem::take(&mut self.spare);
        self.enter(t, &mut next);
        for (best, cost) in next.iter_mut().zip(cost) {
            *best += cost;
        }
        if over && !self.lane.rules.forced[t] {
            for (best, overrun) in next.iter_mut().zip(self.lane.levels.of(&self.priced.overrun, t)) {
                *best += overrun;
            }
        }
        debug_assert_eq!(levels.len(), next.len());
        if let Some(kept) = &mut self.kept {
            kept.push(next.clone());
        }
        self.spare = std::mem::replace(&mut self.best, next);
        true
    }

    /// The cheapest ways to come to each level of an interval, without its own cost.
    fn enter(&self, t: usize, entered: &mut Vec<f64>) {
        entered.clear();
        let (levels, returns) = (self.lane.levels.at(t), &self.lane.returns);
        if t == self.from {
            let earlier = if self.carried { self.lane.row.before.cut } else { 0 };
            let limit = if self.carried { returns.after_cut[t] } else { returns.after_none[t] };
            let come = |kw: &i64| if earlier - kw <= limit { 0.0 } else { f64::INFINITY };
            return entered.extend(levels.iter().map(come));
        }
        let (before, limit) = (self.lane.levels.at(t - 1), returns.after_cut[t]);
        let (mut reached, mut least) = (0, f64::INFINITY);
        let come = |kw: &i64| {
            while reached < before.len() && before[reached] - kw <= limit {
                least = least.min(self.best[reached]);
                reached += 1;
            }
            least
        };
        entered.extend(levels.iter().map(come));
    }

    /// Counts an interval against length and hours (3.8); whether it is over.
    fn count(&mut self, t: usize) -> bool {
        let rules = &self.lane.rules;
        let long = rules.outlasts(&self.lane.row, self.from, self.carried, t);
        let spent = rules.hours.counting(t).any(|(b, _)| self.left[b] == 0);
        if !(long || spent) {
            for (b, stride) in rules.hours.counting(t) {
                self.left[b] -= 1;
                self.hours += stride;
            }
        }
        long || spent
    }

    /// What the event costs if it ends before `to`; `None` where it must not.
    fn cost_of_end(&self, to: usize) -> Option<f64> {
        let (row, rules) = (&self.lane.row, &self.lane.rules);
        if self.is_over && !self.is_exempt || !rules.may_end(row, self.from, self.carried, to) {
            return None;
        }
        let most = if to < row.room.len() { self.lane.returns.after_cut[to] } else { i64::MAX };
        let allowed = self.lane.levels.at(to - 1).iter().zip(&self.best).take_while(|(kw, _)| **kw <= most);
        Some(allowed.map(|(_, &cost)| cost).fold(f64::INFINITY, f64::min)).filter(|cost| cost.is_finite())
    }
}

impl Rules {
    /// Whether an event that starts in `from` has outlasted its maximum by the end of interval `t`.
    pub(super) fn outlasts(
        &self,
        row: &crate::problem::FacilityRow,
        from: usize,
        carried: bool,
        t: usize,
    ) -> bool {
        let age = if carried { row.before.age_minutes + row.before.begun_minute } else { 0 };
        row.max_minutes.is_some_and(|most| age + self.minutes(t + 1 - from) > most)
    }

    /// Whether an event may end before `to`: long enough, or excused, and `to` may be without a cut.
    pub(super) fn may_end(
        &self,
        row: &crate::problem::FacilityRow,
        from: usize,
        carried: bool,
        to: usize,
    ) -> bool {
        if to == row.room.len() {
            return true;
        }
        let age = if carried { row.before.age_minutes } else { 0 };
        let long_enough = age + self.minutes(to - from) >= row.min_minutes;
        self.may_be_uncut[to] && (long_enough || row.room[to] <= 0 || row.frozen[to].is_some())
    }
}
