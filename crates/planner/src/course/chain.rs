//! The cheapest events along the horizon.
//!
//! A state is the moment an event ended, the starts so far on the civil day and the hours spent of each budget;
//! `ended[e][k][h]` is the cheapest way there. An event may start where the gap since an end has passed, the day has a
//! start left, or it is forced (3.4, 3.8).

use super::event::{Ended, Going, Priced};
use super::levels::Levels;
use super::{Course, Lane, Returns, Span, Tariff};
use crate::problem::FacilityRow;
use std::ops::Range;

/// What the rules say of a facility, whatever the prices.
pub(super) struct Rules {
    pub(super) may_be_cut: Vec<bool>,
    pub(super) may_be_uncut: Vec<bool>,
    pub(super) forced: Vec<bool>,
    last_forced: Option<usize>,
    /// Whether an event may outlast its limits.
    pub(super) may_overrun: bool,
    /// Whether it may go without any cut.
    pub(super) is_free: bool,
    /// Whether it may also begin and end cuts as it likes.
    pub(super) is_plain: bool,
    pub(super) hours: Hours,
    step_minutes: i64,
    /// From here to the next interval that can't be without a cut after one without.
    uncut_until: Vec<usize>,
    /// Intervals since an end before the next start, at least 1.
    pub(super) gap: Vec<usize>,
    /// Starts that are told apart.
    pub(super) most_starts: usize,
}

/// Budgets of hours that can bind, as one number: used intervals of each, in mixed radix.
pub(super) struct Hours {
    budgets: Vec<(Vec<bool>, usize, usize)>,
    pub(super) states: usize,
}

impl Hours {
    /// What is sure to be under cut is taken from the budgets at once, so that only what is open has to be counted.
    fn new(row: &FacilityRow, may_be_cut: &[bool], is_sure: impl Fn(usize) -> bool) -> Self {
        let (mut budgets, mut states) = (Vec::new(), 1);
        for budget in &row.hour_budgets {
            let of = |t: &usize| budget.counts[*t] && may_be_cut[*t];
            let (sure, open): (Vec<usize>, Vec<usize>) =
                (0..row.room.len()).filter(of).partition(|&t| is_sure(t));
            let (most, open) = match budget.max_intervals.checked_sub(sure.len()) {
                Some(left) => (left, open),
                None => (budget.max_intervals, [sure, open].concat()),
            };
            if open.len() > most {
                let mut counts = vec![false; row.room.len()];
                open.into_iter().for_each(|t| counts[t] = true);
                budgets.push((counts, most, states));
                states *= most + 1;
            }
        }
        Self { budgets, states }
    }

    /// Whether cuts keep the budgets.
    pub(super) fn keeps(&self, cuts: &[i64]) -> bool {
        let used = |counts: &[bool]| counts.iter().zip(cuts).filter(|(c, cut)| **c && **cut > 0).count();
        self.budgets.iter().all(|(counts, most, _)| used(counts) <= *most)
    }

    fn is_unlimited(&self) -> bool {
        self.budgets.is_empty()
    }

    pub(super) fn left(&self, state: usize) -> Vec<usize> {
        self.budgets.iter().map(|&(_, most, stride)| most - state / stride % (most + 1)).collect()
    }

    /// Budgets that count an interval, each with its place in the state.
    pub(super) fn counting(&self, t: usize) -> impl Iterator<Item = (usize, usize)> {
        let counted =
            move |(b, budget): (usize, &(Vec<bool>, usize, usize))| budget.0[t].then_some((b, budget.2));
        self.budgets.iter().enumerate().filter_map(counted)
    }

    /// Whether an event that counts `more` fits into what a state has left.
    fn fits(&self, state: usize, more: usize) -> bool {
        let used = |of: usize, (most, stride): (usize, usize)| of / stride % (most + 1);
        match self.budgets.as_slice() {
            // Division is slow, and one budget is its own state.
            [(_, most, _)] => state + more <= *most,
            several => several
                .iter()
                .all(|&(_, most, stride)| used(state, (most, stride)) + used(more, (most, stride)) <= most),
        }
    }
}

impl Rules {
    pub(super) fn new(row: &FacilityRow, returns: &Returns, levels: &Levels, spans: &[Span]) -> Self {
        let steps = row.room.len();
        let may_be_uncut = |t: usize| {
            spans.get(t).is_none_or(|span| span.least <= 0)
                && row.frozen[t].map_or(row.demand[t] == 0, |cut| cut == 0)
        };
        let may_be_uncut: Vec<bool> = (0..steps).map(may_be_uncut).collect();
        let forced: Vec<bool> = (0..steps).map(|t| row.forced(t)).collect();
        let mut uncut_until = vec![steps; steps + 1];
        for t in (0..steps).rev() {
            let rests = may_be_uncut[t] && returns.after_none[t] >= 0;
            uncut_until[t] = if rests { uncut_until[t + 1] } else { t };
        }
        let may_be_cut: Vec<bool> = (0..steps).map(|t| !levels.at(t).is_empty()).collect();
        let may_overrun = row.before.running || forced.contains(&true);
        let hours = Hours::new(row, &may_be_cut, |t| !may_overrun && !may_be_uncut[t]);
        let is_free = !row.before.running && uncut_until[0] == steps;
        Self {
            may_be_cut,
            last_forced: forced.iter().rposition(|&forced| forced),
            is_free,
            is_plain: is_free && row.is_plain() && hours.is_unlimited(),
            may_overrun: may_overrun && (row.max_minutes.is_some() || !hours.is_unlimited()),
            gap: (0..steps).map(|t| gap_intervals(row, t)).collect(),
            most_starts: row.starts_per_day.iter().flatten().max().map_or(0, |&most| most as usize),
            step_minutes: row.step_minutes,
            may_be_uncut,
            forced,
            hours,
            uncut_until,
        }
    }

    /// Whether a state with fewer starts and hours is never worse than one with more.
    fn spends_only(&self) -> bool {
        !self.may_overrun && self.hours.budgets.len() <= 1
    }

    pub(super) fn forced_later(&self, t: usize) -> bool {
        self.last_forced.is_some_and(|last| last > t)
    }

    pub(super) fn minutes(&self, intervals: usize) -> i64 {
        i64::try_from(intervals).unwrap_or(i64::MAX / 1000) * self.step_minutes
    }

    /// How there may have been no cut in `[e, t)`.
    pub(super) fn rest(&self, e: usize, t: usize) -> Rest {
        if self.rests(e, t) {
            Rest::Ready
        } else if self.rests(e + 1, t) {
            Rest::Ended
        } else {
            Rest::Never
        }
    }

    /// Whether all of `[from, to)` may be without a cut.
    fn rests(&self, from: usize, to: usize) -> bool {
        self.uncut_until[from] >= to
    }
}

fn gap_intervals(row: &FacilityRow, t: usize) -> usize {
    if row.forced(t) {
        return 1;
    }
    usize::try_from((row.gap_minutes[t] + row.step_minutes - 1) / row.step_minutes)
        .unwrap_or(usize::MAX)
        .max(1)
}

/// How a state was come to: the event before it.
#[derive(Clone, Copy)]
struct Node {
    cost: f64,
    from: u32,
    /// The state in which the event began; `NONE` for the start of the horizon.
    earlier: u32,
}

const NONE: u32 = u32::MAX;
const NEVER: Range<usize> = Range { start: usize::MAX, end: 0 };
const NOWHERE: Node = Node { cost: f64::INFINITY, from: 0, earlier: NONE };

/// The cheapest way to be without a cut, with the state of the last end.
type Ready = (f64, u32);

/// How there may have been no cut since a moment.
#[derive(Clone, Copy)]
pub(super) enum Rest {
    /// After what ended then or before.
    Ready,
    /// After what ended just then only: after an interval without a cut there must be one.
    Ended,
    /// Not at all.
    Never,
}

struct Chain<'a> {
    lane: &'a Lane<'a>,
    tariff: &'a Tariff<'a>,
    priced: Priced,
    /// States of hours, 1 where they are not looked at.
    hours: usize,
    /// `ended[(e * starts + k) * hours + h]`.
    ended: Vec<Node>,
    /// The same for "no event since".
    ready: Vec<Ready>,
    /// States of hours that are reached, per interval; empty where none is.
    spent: Vec<Range<usize>>,
}

pub(super) fn cheapest(lane: &Lane<'_>, tariff: &Tariff<'_>) -> Option<Course> {
    let rules = &lane.rules;
    if !rules.hours.is_unlimited() && !rules.may_overrun {
        // Often the budget does not bind: then the cheapest course without it is the cheapest.
        let course = Chain::new(lane, tariff, 1).cheapest()?;
        if rules.hours.keeps(&course.cuts) {
            return Some(course);
        }
    }
    Chain::new(lane, tariff, rules.hours.states).cheapest()
}

impl<'a> Chain<'a> {
    fn new(lane: &'a Lane<'a>, tariff: &'a Tariff<'a>, hours: usize) -> Self {
        let states = (lane.row.room.len() + 1) * (lane.rules.most_starts + 1) * hours;
        Self {
            lane,
            tariff,
            priced: Priced::new(lane, tariff),
            hours,
            ended: vec![NOWHERE; states],
            ready: vec![(f64::INFINITY, NONE); states],
            spent: vec![NEVER; lane.row.room.len() + 1],
        }
    }

    fn cheapest(mut self) -> Option<Course> {
        let steps = self.lane.row.room.len();
        let worth = self.worth();
        for (t, worth) in worth.into_iter().enumerate() {
            self.carry_on(t);
            if self.lane.rules.may_be_cut[t] && worth {
                self.start(t);
            }
        }
        self.carry_on(steps);
        self.course()
    }

    /// Whether an event from an interval on can save anything at all, by the most that each interval can save.
    fn worth(&self) -> Vec<bool> {
        self.lane.worth(|event| self.priced.most_saved(&event) > self.tariff.event_cost)
    }

    fn at(&self, e: usize, k: usize, h: usize) -> usize {
        (e * (self.lane.rules.most_starts + 1) + k) * self.hours + h
    }

    /// `ready[t]`: an event ended just now, or none since.
    fn carry_on(&mut self, t: usize) {
        let mut spent = self.spent[t].clone();
        if t > 0 {
            spent = spent.start.min(self.spent[t - 1].start)..spent.end.max(self.spent[t - 1].end);
        }
        for k in 0..=self.lane.rules.most_starts {
            self.offer(self.at(t, k, 0), self.at(t, k, 0), &spent, Rest::Ended);
            if let Some(e) = t.checked_sub(1) {
                let to = self.at(t, self.lane.starts_on(k, e, t), 0);
                self.offer(to, self.at(e, k, 0), &spent, self.lane.rules.rest(e, t));
            }
        }
        self.spent[t] = spent;
    }

    /// The cheapest way to have had no cut since a state.
    fn resting(&self, at: usize, rest: Rest) -> Ready {
        match rest {
            Rest::Ready => self.ready[at],
            Rest::Ended => (self.ended[at].cost, u32::try_from(at).unwrap_or(NONE)),
            Rest::Never => (f64::INFINITY, NONE),
        }
    }

    /// Offers states of hours what those of another moment come to.
    fn offer(&mut self, to: usize, from: usize, hours: &Range<usize>, rest: Rest) {
        for h in hours.clone() {
            let way = self.resting(from + h, rest);
            if way.0 < self.ready[to + h].0 {
                self.ready[to + h] = way;
            }
        }
    }

    /// Events that start in `t`, from every state in which they may.
    fn start(&mut self, t: usize) {
        let rules = &self.lane.rules;
        let (carried, spends_only) = (t == 0 && self.lane.row.before.running, rules.spends_only());
        let since = t.checked_sub(rules.gap[t]).filter(|&e| e > 0);
        let spent = since.map_or(0..1, |e| 0..self.spent[e].end.max(1));
        let mut shared: Option<Vec<Ended>> = None;
        let mut least = vec![f64::INFINITY; spent.end];
        let rest = since.map_or(Rest::Never, |e| rules.rest(e, t));
        for k in 0..=rules.most_starts {
            if !self.may_start(t, k) {
                continue;
            }
            let mut cheaper = f64::INFINITY;
            let mut begun: Vec<(usize, Ready)> = Vec::new();
            let earlier = since.map_or(0..0, |e| self.lane.starts_by(e, t, k));
            for h in spent.clone() {
                cheaper = cheaper.min(least[h]);
                let later = earlier.clone().map(|k| self.resting(self.at(since.unwrap_or(0), k, h), rest));
                let first = if h == 0 { self.first(t, k) } else { None };
                let ways = first.into_iter().chain(later.filter(|way| way.0.is_finite()));
                let Some(way) = ways.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
                if spends_only && way.0 >= cheaper {
                    continue;
                }
                (least[h], cheaper) = (least[h].min(way.0), cheaper.min(way.0));
                let start_cost = if carried { 0.0 } else { self.tariff.event_cost };
                begun.push((h, (way.0 + start_cost, way.1)));
            }
            if begun.is_empty() {
                continue;
            }
            let k = if carried { k } else { (k + 1).min(rules.most_starts) };
            if rules.may_overrun {
                for begun in begun {
                    let events = self.events(t, carried, begun.0);
                    self.end(t, &events, k, &[begun]);
                }
            } else {
                let events = shared.take().unwrap_or_else(|| self.events(t, carried, 0));
                self.end(t, &events, k, &begun);
                shared = Some(events);
            }
        }
    }

    fn events(&self, t: usize, carried: bool, hours: usize) -> Vec<Ended> {
        let mut events = Vec::new();
        let going = Going::new(self.lane, &self.priced, t, carried, hours);
        going.each_end(self.tariff.event_cost, |event| events.push(event));
        events
    }

    /// Ends events that began in `from`, the `k`th of their day, with hours spent before and what that cost.
    fn end(&mut self, from: usize, events: &[Ended], k: usize, begun: &[(usize, Ready)]) {
        for event in events {
            let k = self.lane.starts_on(k, from, event.to);
            for &(h, (cost, earlier)) in begun {
                let after = if self.hours == 1 { 0 } else { h + event.hours };
                if self.hours > 1 && !self.lane.rules.hours.fits(h, event.hours) {
                    continue;
                }
                let to = self.at(event.to, k, after);
                let total = cost + event.cost;
                if total < self.ended[to].cost {
                    let spent = &mut self.spent[event.to];
                    *spent = spent.start.min(after)..spent.end.max(after + 1);
                    self.ended[to] = Node { cost: total, from: u32::try_from(from).unwrap_or(NONE), earlier };
                }
            }
        }
    }

    /// Whether an event may start in `t` with `k` starts before it on its day.
    fn may_start(&self, t: usize, k: usize) -> bool {
        let row = &self.lane.row;
        let is_one_too_many = row.starts_per_day[t].is_some_and(|most| k >= most as usize);
        let goes_on = t == 0 && row.before.running;
        goes_on || !is_one_too_many || self.lane.rules.forced[t]
    }

    /// The way to the first event of the horizon, where that may start in `t`.
    fn first(&self, t: usize, k: usize) -> Option<Ready> {
        let goes_on = t == 0 && self.lane.row.before.running;
        let may = if goes_on { k == self.lane.starts_before(0) } else { self.lane.may_start_first(t, k) };
        may.then_some((0.0, NONE))
    }

    /// The events of the cheapest way to the end, as cuts.
    fn course(&self) -> Option<Course> {
        let steps = self.lane.row.room.len();
        let ends = (0..self.at(1, 0, 0)).map(|i| self.ready[self.at(steps, 0, 0) + i]);
        let rest = self.lane.rests_from_start(steps).then_some((0.0, NONE));
        let best = rest.into_iter().chain(ends).filter(|way| way.0.is_finite());
        let (cost, mut node) = best.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let mut cuts = vec![0; steps];
        while node != NONE {
            let at = node as usize;
            let (to, from) = (at / self.at(1, 0, 0), self.ended[at].from as usize);
            let earlier = self.ended[at].earlier;
            let hours = if earlier == NONE { 0 } else { earlier as usize % self.hours };
            let carried = from == 0 && self.lane.row.before.running;
            let levels = Going::new(self.lane, &self.priced, from, carried, hours).levels(to);
            cuts[from..to].copy_from_slice(&levels);
            node = earlier;
        }
        Some(Course { cuts, cost })
    }
}

impl Lane<'_> {
    /// Whether the longest event from an interval on pays; always where the facility can't go without one.
    pub(super) fn worth(&self, pays: impl Fn(Range<usize>) -> bool) -> Vec<bool> {
        let (row, steps) = (&self.row, self.row.room.len());
        let most = row.max_minutes.map_or(steps, |m| usize::try_from(m / row.step_minutes).unwrap_or(steps));
        (0..steps).map(|t| !self.rules.is_free || pays(t..(t + most).min(steps))).collect()
    }

    /// Starts on the civil day of `t`, where there were `k` on that of `s`.
    pub(super) fn starts_on(&self, k: usize, s: usize, t: usize) -> usize {
        let day = &self.row.day;
        if day.get(s) == day.get(t) || t == day.len() { k } else { 0 }
    }

    /// Starts on the civil day of `e` that are `k` on that of `t`.
    pub(super) fn starts_by(&self, e: usize, t: usize, k: usize) -> Range<usize> {
        match (self.starts_on(1, e, t), k) {
            (1, k) => k..k + 1,
            (_, 0) => 0..self.rules.most_starts + 1,
            _ => 0..0,
        }
    }

    /// Starts before the horizon that count on the civil day of `t`.
    fn starts_before(&self, t: usize) -> usize {
        let earlier = (self.row.before.starts_today as usize).min(self.rules.most_starts);
        self.starts_on(earlier, 0, t)
    }

    /// Whether the first event of the horizon may start in `t`.
    pub(super) fn may_start_first(&self, t: usize, k: usize) -> bool {
        let (row, rules) = (&self.row, &self.rules);
        let idle = if row.before.running { Some(0) } else { row.before.idle_minutes };
        let gap_passed = idle.is_none_or(|idle| idle + rules.minutes(t) >= row.gap_minutes[t]);
        k == self.starts_before(t) && (gap_passed || rules.forced[t]) && self.rests_from_start(t)
    }

    /// Whether there may be no cut from the start of the horizon to `t`.
    pub(super) fn rests_from_start(&self, t: usize) -> bool {
        let (row, rules) = (&self.row, &self.rules);
        if !row.before.running {
            return rules.rests(0, t);
        }
        let too_young =
            row.before.age_minutes < row.min_minutes && row.room[0] > 0 && row.frozen[0].is_none();
        t > 0
            && !too_young
            && rules.may_be_uncut[0]
            && row.before.cut <= self.returns.after_cut[0]
            && rules.rests(1, t.max(1))
    }
}
