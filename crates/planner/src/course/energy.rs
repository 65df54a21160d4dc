//! The cheapest course within a limit of energy.
//!
//! A price of energy, however high, leaves a gap: it takes a whole event away or leaves a course above its limit. So the
//! energy of a course is a resource of the same dynamic programme: counted in parts of the limit, each cut rounded up to
//! whole parts, so that what keeps the count keeps the limit. The number of parts is the one at which the facility's levels
//! are rounded least; what rounding leaves over is spent at the end.

use super::chain::Rest;
use super::stint::{Priced, Stint};
use super::{Course, Lane, Tariff};
use crate::problem::{FacilityRow, count};

/// Parts of a limit that are tried, the fewest and the most.
const PARTS: std::ops::RangeInclusive<i64> = 40..=72;
/// Levels of a range, and blocks, that are told apart.
const LEVELS: usize = 8;
const BLOCKS: usize = 32;

/// A limit of energy in kW times intervals, in equal parts.
#[derive(Clone, Copy)]
pub(super) struct Units {
    most: i64,
    parts: i64,
}

impl Units {
    /// The parts at which the levels of a facility are rounded least.
    fn new(row: &FacilityRow, most: i64) -> Self {
        let mut levels = row.room.clone();
        levels.push(if row.block > 0 { row.block } else { row.min_cut });
        levels.retain(|&kw| kw > 0 && kw <= most);
        levels.sort_unstable();
        levels.dedup();
        let at = |parts: i64| Self { most, parts };
        if most <= *PARTS.end() {
            return at(most.max(1));
        }
        let waste = |units: &Self| -> i128 { levels.iter().map(|&kw| units.waste(kw)).max().unwrap_or(0) };
        PARTS.map(at).min_by_key(waste).unwrap_or(at(1))
    }

    /// The parts that a cut takes, rounded up.
    fn of(&self, kw: i64) -> usize {
        let (parts, most) = (i128::from(self.parts), i128::from(self.most));
        if kw > self.most {
            return self.cells();
        }
        usize::try_from((i128::from(kw) * parts + most - 1) / most).unwrap_or(self.cells())
    }

    /// What rounding adds to a cut, in millionths of it.
    fn waste(&self, kw: i64) -> i128 {
        let (taken, parts, kw) = (self.of(kw) as i128, i128::from(self.parts), i128::from(kw));
        (taken * i128::from(self.most) - kw * parts) * 1_000_000 / (kw * parts)
    }

    /// Cells of a table: no part to all of them.
    fn cells(&self) -> usize {
        usize::try_from(self.parts).unwrap_or(0) + 1
    }
}

/// The levels in kW that a limit of energy needs beside those of a course without one, by interval: the whole blocks, or
/// cuts of a range that take whole parts.
pub(super) fn levels(row: &FacilityRow, most: i64) -> impl Fn(usize) -> Vec<i64> {
    let units = Units::new(row, most);
    move |t| {
        let (least, room) = (row.smallest_cut(t), row.room[t].min(most));
        if room < least || room <= 0 {
            return Vec::new();
        }
        if row.block > 0 {
            let stride = usize::try_from(room / row.block).unwrap_or(0).div_ceil(BLOCKS).max(1);
            let whole = (1..=room / row.block).step_by(stride).map(|n| n * row.block);
            return whole.filter(|&kw| kw >= least).collect();
        }
        let taken = units.of(room);
        let stride = taken.div_ceil(LEVELS).max(1);
        let kw = |n: usize| i64::try_from(n).unwrap_or(0) * units.most / units.parts;
        (1..=taken / stride).map(|n| kw(n * stride)).filter(|kw| (least..=room).contains(kw)).collect()
    }
}

/// How an end was come to: the start of its event, and the starts and hours before it.
#[derive(Clone, Copy)]
struct Origin {
    from: usize,
    k: usize,
    h: usize,
}

const NONE: usize = usize::MAX;
/// The cheapest way to be without a cut, with the state of the last end; `NONE` from the start of the horizon.
type Ready = (f64, usize);
const NEVER: Ready = (f64::INFINITY, NONE);

/// The states of a course, as in a chain without a limit, each with the parts it has used.
struct Table<'a> {
    lane: &'a Lane<'a>,
    event_cost: f64,
    priced: Priced,
    cells: usize,
    /// Whether budgets of hours are looked at, and their states.
    counts_hours: bool,
    hours: usize,
    /// `ended[((e * starts + k) * hours + h) * cells + c]`, and how it was come to.
    ended: Vec<f64>,
    origin: Vec<Origin>,
    /// The same for "no event since".
    ready: Vec<Ready>,
}

/// The cheapest course of a facility of which nothing is dictated that cuts no more than `most` kW times intervals.
pub(super) fn cheapest(lane: &Lane<'_>, tariff: &Tariff<'_>, most: i64) -> Option<Course> {
    let units = Units::new(&lane.row, most);
    let course = Table::new(lane, tariff, units, false).cheapest()?;
    let keeps = lane.rules.hours.keeps(&course);
    let course = if keeps { course } else { Table::new(lane, tariff, units, true).cheapest()? };
    Some(spend(lane, tariff, course, most))
}

impl<'a> Table<'a> {
    fn new(lane: &'a Lane<'a>, tariff: &Tariff<'_>, units: Units, counts_hours: bool) -> Self {
        let (steps, cells) = (lane.row.room.len(), units.cells());
        let hours = if counts_hours { lane.rules.hours.states } else { 1 };
        let states = (steps + 1) * (lane.rules.most_starts + 1) * hours * cells;
        Self {
            lane,
            event_cost: tariff.event_cost,
            priced: Priced::new(lane, tariff, |kw| units.of(kw), cells),
            cells,
            counts_hours,
            hours,
            ended: vec![f64::INFINITY; states],
            origin: vec![Origin { from: 0, k: 0, h: 0 }; states],
            ready: vec![NEVER; states],
        }
    }

    fn cheapest(mut self) -> Option<Vec<i64>> {
        let steps = self.lane.row.room.len();
        let worth = self.worth();
        for (t, worth) in worth.into_iter().enumerate() {
            self.carry_on(t);
            if worth && self.lane.rules.may_be_cut[t] {
                self.start(t);
            }
        }
        self.carry_on(steps);
        self.course()
    }

    /// Whether an event from an interval on can save anything.
    fn worth(&self) -> Vec<bool> {
        self.lane.worth(|mut event| event.any(|t| self.priced.saves(self.lane, t)))
    }

    fn at(&self, e: usize, k: usize, h: usize) -> usize {
        ((e * (self.lane.rules.most_starts + 1) + k) * self.hours + h) * self.cells
    }

    /// `ready[t]`: an event ended just now, or none since.
    fn carry_on(&mut self, t: usize) {
        for (k, h) in self.spent() {
            let own = self.at(t, k, h);
            for at in own..own + self.cells {
                self.offer(at, (self.ended[at], at));
            }
            let Some(earlier) = t.checked_sub(1) else { continue };
            let (from, to) = (self.at(earlier, k, h), self.at(t, self.lane.starts_on(k, earlier, t), h));
            let rest = self.lane.rules.rest(earlier, t);
            for c in 0..self.cells {
                self.offer(to + c, self.resting(from + c, rest));
            }
        }
    }

    /// Starts and hours that are told apart.
    fn spent(&self) -> Vec<(usize, usize)> {
        (0..=self.lane.rules.most_starts).flat_map(|k| (0..self.hours).map(move |h| (k, h))).collect()
    }

    /// The cheapest way to have had no cut since a state.
    fn resting(&self, at: usize, rest: Rest) -> Ready {
        match rest {
            Rest::Ready => self.ready[at],
            Rest::Ended => (self.ended[at], at),
            Rest::Never => NEVER,
        }
    }

    fn offer(&mut self, at: usize, way: Ready) {
        if way.0 < self.ready[at].0 {
            self.ready[at] = way;
        }
    }

    /// Events that start in `t`, from every state in which they may.
    fn start(&mut self, t: usize) {
        for (k, h) in self.spent() {
            let is_one_too_many = self.lane.row.starts_per_day[t].is_some_and(|most| k >= most as usize);
            let ways = if is_one_too_many { Vec::new() } else { self.before_start(t, k, h) };
            if ways.iter().any(|way| way.0.is_finite()) {
                self.go(Origin { from: t, k, h }, &ways);
            }
        }
    }

    /// The cheapest ways to a start in `t` with `k` starts before it on its day, by parts.
    fn before_start(&self, t: usize, k: usize, h: usize) -> Vec<Ready> {
        let rules = &self.lane.rules;
        let mut ways = vec![NEVER; self.cells];
        if self.lane.may_start_first(t, k) && h == 0 {
            ways[0] = (0.0, NONE);
        }
        let Some(e) = t.checked_sub(rules.gap[t]).filter(|&e| e > 0) else { return ways };
        let rest = rules.rest(e, t);
        for earlier in self.lane.starts_by(e, t, k) {
            let at = self.at(e, earlier, h);
            for (c, way) in ways.iter_mut().enumerate() {
                let other = self.resting(at + c, rest);
                *way = if other.0 < way.0 { other } else { *way };
            }
        }
        ways
    }

    fn stint(&self, origin: Origin, ways: &[Ready]) -> Stint<'_> {
        let costs = ways.iter().map(|way| way.0).collect();
        let hours = self.counts_hours.then_some(origin.h);
        Stint::new(self.lane, &self.priced, origin.from, costs, hours)
    }

    /// An event to all ends that it may have.
    fn go(&mut self, origin: Origin, ways: &[Ready]) {
        let mut stint = self.stint(origin, ways);
        let mut ends = Vec::new();
        while stint.advance() {
            ends.extend(stint.end().map(|front| (stint.next, stint.hours, front)));
        }
        let k = (origin.k + 1).min(self.lane.rules.most_starts);
        for (to, h, front) in ends {
            let place = self.at(to, self.lane.starts_on(k, origin.from, to), h);
            for (at, cost) in (place..).zip(front) {
                if cost + self.event_cost < self.ended[at] {
                    (self.ended[at], self.origin[at]) = (cost + self.event_cost, origin);
                }
            }
        }
    }

    /// The cuts of the cheapest way to the end.
    fn course(&self) -> Option<Vec<i64>> {
        let steps = self.lane.row.room.len();
        let rest = self.lane.rests_from_start(steps).then_some((0.0, NONE));
        let ends = self.ready[self.at(steps, 0, 0)..].iter().copied();
        let best = rest.into_iter().chain(ends).filter(|way| way.0.is_finite());
        let (_, mut at) = best.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let mut cuts = vec![0; steps];
        while at != NONE {
            let (origin, to) = (self.origin[at], at / self.at(1, 0, 0));
            let ways = self.before_start(origin.from, origin.k, origin.h);
            let (levels, first) = self.stint(origin, &ways).levels(to, at % self.cells);
            cuts[origin.from..to].copy_from_slice(&levels);
            at = ways[first].1;
        }
        Some(cuts)
    }
}

/// Spends what rounding left of the limit where that saves most, level by level.
fn spend(lane: &Lane<'_>, tariff: &Tariff<'_>, mut cuts: Vec<i64>, most: i64) -> Course {
    let mut left = most - cuts.iter().sum::<i64>();
    while let Some((t, kw)) = deeper(lane, tariff, &cuts, left) {
        left -= kw - cuts[t];
        cuts[t] = kw;
    }
    let energy: f64 = (0..cuts.len()).filter(|&t| cuts[t] > 0).map(|t| (tariff.cost)(t, cuts[t])).sum();
    let starts = (0..cuts.len()).filter(|&t| cuts[t] > 0 && (t == 0 || cuts[t - 1] == 0)).count();
    Course { cost: energy + count(starts) * tariff.event_cost, cuts }
}

/// The cut that saves most per kW when it is deepened by a level, or by what is left; `None` where none saves anything.
#[allow(clippy::cast_precision_loss)]
fn deeper(lane: &Lane<'_>, tariff: &Tariff<'_>, cuts: &[i64], left: i64) -> Option<(usize, i64)> {
    let row = &lane.row;
    let next = |t: usize| {
        let after = cuts.get(t + 1).map_or(i64::MAX, |kw| kw.saturating_add(lane.returns.after_cut[t + 1]));
        let level = lane.levels.at(t).iter().copied().find(|&kw| kw > cuts[t])?;
        let kw = level.min(after).min(cuts[t].saturating_add(left));
        let kw = if row.block > 0 && kw < row.room[t] { kw / row.block * row.block } else { kw };
        (cuts[t] > 0 && kw > cuts[t]).then_some((t, kw))
    };
    let saved =
        |&(t, kw): &(usize, i64)| ((tariff.cost)(t, cuts[t]) - (tariff.cost)(t, kw)) / (kw - cuts[t]) as f64;
    let all = (0..cuts.len()).filter_map(next).filter(|way| saved(way) > 1e-12);
    all.max_by(|a, b| saved(a).total_cmp(&saved(b)).then(b.0.cmp(&a.0)))
}
