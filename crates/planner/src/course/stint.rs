//! An event under a limit of energy, interval by interval: the cheapest cost by level of its last interval and parts of
//! the limit that all up to it have used.

use super::{Lane, Tariff};

/// Money and parts of every level.
pub(super) struct Priced {
    cost: Vec<f64>,
    parts: Vec<usize>,
    cells: usize,
}

impl Priced {
    pub(super) fn new(
        lane: &Lane<'_>,
        tariff: &Tariff<'_>,
        parts: impl Fn(i64) -> usize,
        cells: usize,
    ) -> Self {
        let all = (0..lane.row.room.len()).flat_map(|t| lane.levels.at(t));
        Self { cost: lane.levels.table(tariff.cost), parts: all.map(|&kw| parts(kw)).collect(), cells }
    }

    /// Whether a cut of an interval can save anything.
    pub(super) fn saves(&self, lane: &Lane<'_>, t: usize) -> bool {
        lane.levels.of(&self.cost, t).iter().any(|&cost| cost < 0.0)
    }
}

/// A walk along an event that goes on as long as it may.
pub(super) struct Stint<'a> {
    lane: &'a Lane<'a>,
    priced: &'a Priced,
    from: usize,
    /// The first interval that it does not have.
    pub(super) next: usize,
    /// Cost before it, by parts.
    first: Vec<f64>,
    /// `best[l * cells + c]` for the levels of its last interval.
    best: Vec<f64>,
    /// Intervals left of each budget of hours, where they are looked at.
    left: Option<Vec<usize>>,
    /// The state of hours.
    pub(super) hours: usize,
}

impl<'a> Stint<'a> {
    /// An event that starts in `from`; `hours` is the state of hours in which it begins, where they are looked at.
    pub(super) fn new(
        lane: &'a Lane<'a>,
        priced: &'a Priced,
        from: usize,
        first: Vec<f64>,
        hours: Option<usize>,
    ) -> Self {
        let left = hours.map(|hours| lane.rules.hours.left(hours));
        Self { lane, priced, from, next: from, first, best: Vec::new(), left, hours: hours.unwrap_or(0) }
    }

    /// Takes one more interval in; `false` where the event can't go on.
    pub(super) fn advance(&mut self) -> bool {
        let (t, rules) = (self.next, &self.lane.rules);
        let goes_on = t < self.lane.row.room.len()
            && rules.may_be_cut[t]
            && !rules.outlasts(&self.lane.row, self.from, false, t)
            && self.count(t);
        if goes_on {
            self.best = self.entered(t);
            self.next += 1;
        }
        goes_on && self.best.iter().any(|cost| cost.is_finite())
    }

    /// Counts an interval against the budgets of hours; whether they allow it.
    fn count(&mut self, t: usize) -> bool {
        let Some(left) = &mut self.left else { return true };
        for (b, stride) in self.lane.rules.hours.counting(t) {
            if left[b] == 0 {
                return false;
            }
            left[b] -= 1;
            self.hours += stride;
        }
        true
    }

    /// The cheapest cost of each level of an interval, by parts.
    fn entered(&self, t: usize) -> Vec<f64> {
        let (levels, cells) = (self.lane.levels.at(t), self.priced.cells);
        let (costs, parts) =
            (self.lane.levels.of(&self.priced.cost, t), self.lane.levels.of(&self.priced.parts, t));
        let mut next = vec![f64::INFINITY; levels.len() * cells];
        let mut come = Coming::new(self, t);
        for (l, &kw) in levels.iter().enumerate() {
            let Some(before) = come.to(kw) else { continue };
            let own = &mut next[(l * cells + parts[l]).min((l + 1) * cells)..(l + 1) * cells];
            own.iter_mut().zip(before).for_each(|(own, before)| *own = before + costs[l]);
        }
        next
    }

    /// The cheapest cost by parts if the event ends here; `None` where it must not.
    pub(super) fn end(&self) -> Option<Vec<f64>> {
        let (lane, to) = (self.lane, self.next);
        if !lane.rules.may_end(&lane.row, self.from, false, to) {
            return None;
        }
        let most = lane.returns.after_cut.get(to).copied().unwrap_or(i64::MAX);
        let mut front = vec![f64::INFINITY; self.priced.cells];
        let allowed = lane.levels.at(to - 1).iter().take_while(|kw| **kw <= most).count();
        self.best.chunks(self.priced.cells).take(allowed).for_each(|own| lower(&mut front, own));
        Some(front)
    }

    /// The levels of the event that ends before `to` with some parts used, and the parts used before it.
    pub(super) fn levels(mut self, to: usize, mut cell: usize) -> (Vec<i64>, usize) {
        let mut kept = Vec::with_capacity(to - self.from);
        while self.next < to && self.advance() {
            kept.push(self.best.clone());
        }
        let (lane, cells) = (self.lane, self.priced.cells);
        let mut most = lane.returns.after_cut.get(to).copied().unwrap_or(i64::MAX);
        let mut chosen = vec![0; to - self.from];
        for (t, best) in (self.from..to).zip(kept).rev() {
            let allowed = lane.levels.at(t).iter().enumerate().take_while(|(_, kw)| **kw <= most);
            let cheapest =
                allowed.min_by(|a, b| best[a.0 * cells + cell].total_cmp(&best[b.0 * cells + cell]));
            let Some((l, &kw)) = cheapest else { break };
            chosen[t - self.from] = kw;
            cell -= lane.levels.of(&self.priced.parts, t)[l].min(cell);
            most = kw.saturating_add(lane.returns.after_cut[t]);
        }
        (chosen, cell)
    }
}

/// The cheapest ways to the levels of an interval, asked in ascending order.
struct Coming<'s> {
    levels: &'s [i64],
    best: &'s [f64],
    limit: i64,
    reached: usize,
    /// Whether the interval is the first of its event.
    is_first: bool,
    front: Vec<f64>,
}

impl<'s> Coming<'s> {
    fn new(stint: &'s Stint<'_>, t: usize) -> Self {
        let returns = &stint.lane.returns;
        let is_first = t == stint.from;
        let cells = stint.priced.cells;
        Self {
            levels: if is_first { &[] } else { stint.lane.levels.at(t - 1) },
            best: &stint.best,
            limit: if is_first { returns.after_none[t] } else { returns.after_cut[t] },
            reached: 0,
            is_first,
            front: if is_first { stint.first.clone() } else { vec![f64::INFINITY; cells] },
        }
    }

    /// By parts; `None` where load can't return to it.
    fn to(&mut self, kw: i64) -> Option<&[f64]> {
        if self.is_first {
            return (-kw <= self.limit).then_some(&self.front);
        }
        let cells = self.front.len();
        while self.reached < self.levels.len() && self.levels[self.reached].saturating_sub(kw) <= self.limit {
            lower(&mut self.front, &self.best[self.reached * cells..(self.reached + 1) * cells]);
            self.reached += 1;
        }
        (self.reached > 0).then_some(&self.front)
    }
}

/// Lowers costs to others.
fn lower(front: &mut [f64], others: &[f64]) {
    front.iter_mut().zip(others).for_each(|(own, other)| *own = own.min(*other));
}
