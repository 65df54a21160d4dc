//! A draft: cuts under construction, with what follows from them kept up to date.
//!
//! A cut of `kw` in a zone leaves `max(without, with - kw)` short, `with` the greatest shortage of a set of zones that
//! has the zone and `without` of one that has not ([`crate::island`]): a facility can be planned for itself, exactly,
//! while all others stay.

use crate::course::{Course, Lane, Returns, Span, Tariff};
use crate::decomposition::{Offer, Rows};
use crate::formulation::dictated_beyond_falls;
use crate::island::Sets;
use crate::problem::{FacilityRow, Problem, count, mw};
use crate::walk::walk;
use std::ops::Range;

/// Turns beyond which courses are settled.
const MOST_TURNS: usize = 20;

/// How much more a surcharge weighs where least is needed.
const TILT: f64 = 0.5;

/// Halvings with which the surcharge on the energy of a facility with dictated cuts is found.
const SURCHARGES: usize = 14;

/// Cuts of all facilities, with sums.
#[derive(Clone)]
pub(crate) struct Draft<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) cuts: Vec<Vec<i64>>,
    fixed: std::sync::Arc<Fixed>,
    /// Load less headroom, in MW, per zone and interval.
    short: Vec<Vec<f64>>,
    /// kW that return beyond falls, per zone and interval.
    returned: Vec<Vec<i64>>,
    /// Money for cuts, events and overrun, per facility.
    own: Vec<f64>,
}

/// What does not change with the cuts.
struct Fixed {
    sets: Sets,
    /// Most kW that may return beyond falls, per zone and interval; `None` without a limit.
    restore: Vec<Vec<Option<i64>>>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(problem: &'a Problem, cuts: Vec<Vec<i64>>) -> Self {
        let zones = problem.zones.len();
        let mut draft = Self {
            problem,
            fixed: std::sync::Arc::new(Fixed::new(problem)),
            short: crate::dispatch::shortages(problem, &cuts),
            returned: vec![vec![0; problem.steps]; zones],
            own: Vec::new(),
            cuts,
        };
        for (f, row) in problem.facilities.iter().enumerate() {
            draft.own.push(own_cost(problem, row, &draft.cuts[f]));
            let cuts = draft.cuts[f].clone();
            draft.count_returned(f, &cuts, 1);
        }
        draft
    }

    fn count_returned(&mut self, f: usize, cuts: &[i64], sign: i64) {
        let row = &self.problem.facilities[f];
        for (t, sum) in self.returned[row.zone].iter_mut().enumerate() {
            let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
            *sum += sign * (earlier - cuts[t] - if earlier > 0 { row.fall(t) } else { 0 });
        }
    }

    /// Gives a facility other cuts.
    pub(crate) fn set(&mut self, f: usize, cuts: Vec<i64>) {
        let row = &self.problem.facilities[f];
        let old = std::mem::take(&mut self.cuts[f]);
        self.count_returned(f, &old, -1);
        self.count_returned(f, &cuts, 1);
        for (t, short) in self.short[row.zone].iter_mut().enumerate() {
            *short -= mw(cuts[t] - old[t]);
        }
        self.own[f] = own_cost(self.problem, row, &cuts);
        self.cuts[f] = cuts;
    }

    /// The objective, but for the dust of sums.
    pub(crate) fn objective(&self) -> f64 {
        let price = self.problem.uncovered_price();
        self.own.iter().sum::<f64>() + self.uncovered_mw() * price
    }

    /// What stays short with the ties at their best, in MW times intervals.
    pub(crate) fn uncovered_mw(&self) -> f64 {
        self.uncovered_within(0..self.problem.steps)
    }

    fn uncovered_within(&self, window: Range<usize>) -> f64 {
        window.map(|t| self.fixed.sets.uncovered(&self.short, t)).sum()
    }

    /// What some facilities cost, and what is uncovered in a window.
    pub(crate) fn cost_of(&self, members: &[usize], window: Range<usize>) -> f64 {
        let price = self.problem.uncovered_price();
        members.iter().map(|&f| self.own[f]).sum::<f64>() + self.uncovered_within(window) * price
    }

    /// By how much a zone returns more than it may in an interval, in kW; below 0 where more may return.
    fn excess(&self, z: usize, t: usize) -> Option<i64> {
        self.fixed.restore[z][t].map(|limit| self.returned[z][t] - limit)
    }

    /// Whether every zone returns no more than it may, and no facility is cut more energy than it may.
    pub(crate) fn is_allowed(&self) -> bool {
        (0..self.cuts.len()).all(|f| self.energy_over(f, &self.cuts[f]) == 0) && self.restores()
    }

    /// The same, and every facility's cuts break no rule of its own.
    pub(crate) fn keeps_rules(&self) -> bool {
        let mut own = self.problem.facilities.iter().zip(&self.cuts);
        self.is_allowed() && own.all(|(row, cuts)| walk(row, cuts).broken.is_empty())
    }

    /// By how much cuts of a facility exceed its energy, in kW times intervals.
    fn energy_over(&self, f: usize, cuts: &[i64]) -> i64 {
        self.problem.facilities[f].most_cut.map_or(0, |most| (cuts.iter().sum::<i64>() - most).max(0))
    }

    fn restores(&self) -> bool {
        let all = (0..self.problem.zones.len()).flat_map(|z| (0..self.problem.steps).map(move |t| (z, t)));
        all.into_iter().all(|(z, t)| self.excess(z, t).is_none_or(|kw| kw <= 0))
    }

    /// The rows in which some facilities meet that may change in a window, all others staying.
    pub(crate) fn rows_beside(&self, members: &[usize], window: &Range<usize>) -> Rows {
        let mut rest = self.clone();
        for &f in members {
            let cuts = self.cuts[f].clone();
            rest.count_returned(f, &cuts, -1);
            let short = &mut rest.short[self.problem.facilities[f].zone];
            short.iter_mut().zip(&cuts).for_each(|(short, &kw)| *short += mw(kw));
        }
        let limit = |z: usize, t: usize| {
            self.fixed.restore[z][t].map_or(f64::INFINITY, |limit| mw(limit - rest.returned[z][t]))
        };
        let zones = 0..self.problem.zones.len();
        let restore = zones.map(|z| (0..self.problem.steps).map(|t| limit(z, t)).collect()).collect();
        Rows::with(rest.short, restore, self.problem, members, window)
    }

    /// What a zone may return in an interval beside all but one facility, in kW beyond falls.
    pub(crate) fn allowed_beside(&self, f: usize) -> Vec<i64> {
        let row = &self.problem.facilities[f];
        let own = |t: usize| {
            let earlier = if t == 0 { row.before.cut } else { self.cuts[f][t - 1] };
            earlier - self.cuts[f][t] - if earlier > 0 { row.fall(t) } else { 0 }
        };
        let allowed = |t: usize| match self.excess(row.zone, t) {
            None => i64::MAX / 8,
            Some(excess) if excess > 0 => (own(t) - excess).max(own(t).min(0)),
            Some(excess) => own(t) - excess,
        };
        (0..self.problem.steps).map(allowed).collect()
    }

    /// MW that a facility can cut in each interval before more does not help, all others staying.
    pub(crate) fn needs(&self, f: usize) -> Vec<f64> {
        let zone = self.problem.facilities[f].zone;
        let need = |t: usize| {
            let (with, without) = self.fixed.sets.worst(&self.short, t, zone);
            (with + mw(self.cuts[f][t]) - without).max(0.0)
        };
        (0..self.problem.steps).map(need).collect()
    }

    /// The spans of a facility that may change in a window only; none where that is the whole horizon.
    pub(crate) fn spans(&self, f: usize, window: &Range<usize>) -> Vec<Span> {
        if *window == self.whole() {
            return Vec::new();
        }
        let span = |(t, &kw): (usize, &i64)| {
            if window.contains(&t) { Span::FREE } else { Span { least: kw, most: kw } }
        };
        self.cuts[f].iter().enumerate().map(span).collect()
    }

    /// The window that is the whole horizon.
    fn whole(&self) -> Range<usize> {
        0..self.problem.steps
    }

    /// The cheapest course of a facility, all others staying; `None` where none fits.
    pub(crate) fn best_course(&self, f: usize) -> Option<Course> {
        self.best_for(f, &self.needs(f), &self.whole())
    }

    /// A facility whose cuts may change in a window only, all others staying, at prices that break where it needs no more.
    pub(crate) fn lane(&self, f: usize, needs: &[f64], window: &Range<usize>) -> Lane<'a> {
        let row = &self.problem.facilities[f];
        let breaks: Vec<Vec<i64>> = needs.iter().map(|&need| around(need)).collect();
        let (returns, spans) = (Returns::within(row, &self.allowed_beside(f)), self.spans(f, window));
        Lane::beside(row, returns, &breaks, &spans, (&self.cuts[f], window))
    }

    /// The same for its [`needs`](Self::needs), where it may change in a window only.
    fn best_for(&self, f: usize, needs: &[f64], window: &Range<usize>) -> Option<Course> {
        let (problem, row) = (self.problem, &self.problem.facilities[f]);
        let per_mw = (problem.hours * row.cut_cost_per_mwh, problem.uncovered_price());
        let lane = self.lane(f, needs, window);
        let cost = |t: usize, kw: i64| per_mw.0 * mw(kw) - per_mw.1 * mw(kw).min(needs[t]);
        let overrun_per_kw = problem.overrun_per_kw();
        let tariff = Tariff { cost: &cost, event_cost: row.event_cost, overrun_per_kw };
        let course = lane.cheapest(&tariff)?;
        match row.most_cut.filter(|&most| course.energy() > most) {
            None => Some(course),
            Some(most) if lane.is_its_own() => {
                lane.limited(most, &self.spans(f, window)).cheapest_within(&tariff, most)
            }
            Some(_) => self.surcharged(f, needs, &lane, &tariff),
        }
    }

    /// The cheapest course found at surcharges on energy at which a facility keeps its limit of it, if it can.
    fn surcharged(&self, f: usize, needs: &[f64], lane: &Lane<'_>, tariff: &Tariff<'_>) -> Option<Course> {
        let tilt = tilt(needs);
        let at = |surcharge: f64| {
            let extra = |t: usize, kw: i64| surcharge * tilt[t] * mw(kw);
            let cost = |t: usize, kw: i64| (tariff.cost)(t, kw) + extra(t, kw);
            let course = lane.cheapest(&Tariff { cost: &cost, ..*tariff })?;
            let extra: f64 = course.cuts.iter().enumerate().map(|(t, &kw)| extra(t, kw)).sum();
            Some(Course { cost: course.cost - extra, ..course })
        };
        let most = 2.0 * self.problem.uncovered_price();
        let (mut low, mut high, mut kept) = (0.0, most, at(most)?);
        for _ in 0..SURCHARGES {
            let middle = (low + high) / 2.0;
            let course = at(middle)?;
            if self.energy_over(f, &course.cuts) == 0 {
                high = middle;
                kept = if course.cost < kept.cost { course } else { kept };
            } else {
                low = middle;
            }
        }
        Some(kept)
    }

    /// Gives a facility that may change in a window its cheapest course; whether that betters the draft.
    fn improve(&mut self, f: usize, window: &Range<usize>) -> bool {
        if !self.problem.facilities[f].can_be_cut() {
            return false;
        }
        let needs = self.needs(f);
        if !self.is_worth_asking(f, &needs) {
            return false;
        }
        let Some(course) = self.best_for(f, &needs, window) else { return false };
        let over = (self.energy_over(f, &course.cuts), self.energy_over(f, &self.cuts[f]));
        let is_better = over.0 < over.1 || (over.0 == over.1 && self.gain_for(f, &needs, &course) > 1e-6);
        if is_better {
            self.set(f, course.cuts);
        }
        is_better
    }

    /// Gives facilities their best courses in turn until none betters the draft, or it `is_over`.
    pub(crate) fn settle(&mut self, members: &[usize], is_over: &dyn Fn() -> bool) {
        self.settle_within(members, &self.whole(), is_over);
    }

    /// The same where they may change in a window only.
    pub(crate) fn settle_within(
        &mut self,
        members: &[usize],
        window: &Range<usize>,
        is_over: &dyn Fn() -> bool,
    ) {
        let mut vain = 0;
        for &f in members.iter().cycle().take(MOST_TURNS * members.len()) {
            if vain == members.len() || is_over() {
                break;
            }
            // It has its best course now, until another changes.
            vain = if self.improve(f, window) { 1 } else { vain + 1 };
        }
    }

    /// The same with other cuts of some facilities, held back within the restore limits and settled.
    pub(crate) fn with(&self, members: &[usize], cuts: Vec<Vec<i64>>, is_over: &dyn Fn() -> bool) -> Self {
        self.with_within(members, cuts, &self.whole(), is_over)
    }

    /// The same, settled in a window only.
    pub(crate) fn with_within(
        &self,
        members: &[usize],
        cuts: Vec<Vec<i64>>,
        window: &Range<usize>,
        is_over: &dyn Fn() -> bool,
    ) -> Self {
        let mut other = self.clone();
        members.iter().zip(cuts).for_each(|(&f, cuts)| other.set(f, cuts));
        other.hold_back();
        other.settle_within(members, window, is_over);
        other
    }

    /// What the cuts of a facility cost at some prices.
    pub(crate) fn cost_at(&self, f: usize, offer: &Offer) -> f64 {
        let row = &self.problem.facilities[f];
        let energy = self.problem.hours * row.cut_cost_per_mwh;
        let cut = self.cuts[f].iter().enumerate().filter(|(_, kw)| **kw > 0);
        let priced: f64 =
            cut.map(|(t, &kw)| offer.per_kw[t] * kw as f64 + offer.under_cut[t] - energy * mw(kw)).sum();
        self.own[f] + priced + offer.before
    }

    /// Gives facilities of zones that return too fast courses that hold load back, the cheapest way first found.
    pub(crate) fn hold_back(&mut self) {
        for f in 0..self.problem.facilities.len() {
            let row = &self.problem.facilities[f];
            let returns = |t: usize| self.excess(row.zone, t).is_some_and(|kw| kw > 0);
            let is_needed = row.can_be_cut() && (0..self.problem.steps).any(returns);
            if let Some(course) = is_needed.then(|| self.best_course(f)).flatten() {
                self.set(f, course.cuts);
            }
        }
    }

    /// What a course saves beside the present one.
    pub(crate) fn gain(&self, f: usize, course: &Course) -> f64 {
        self.gain_for(f, &self.needs(f), course)
    }

    fn gain_for(&self, f: usize, needs: &[f64], course: &Course) -> f64 {
        let problem = self.problem;
        let relief: f64 = needs.iter().zip(&self.cuts[f]).map(|(need, &kw)| mw(kw).min(*need)).sum();
        self.own[f] - relief * problem.hours * problem.uncovered_cost_per_mwh - course.cost
    }

    /// Whether a facility is cut, or some shortage could be covered by it.
    fn is_worth_asking(&self, f: usize, needs: &[f64]) -> bool {
        let room = &self.problem.facilities[f].room;
        self.cuts[f].iter().any(|&kw| kw > 0)
            || needs.iter().zip(room).any(|(need, room)| *need > 0.0 && *room > 0)
    }
}

/// By how much a surcharge on energy weighs, per interval: less where more is needed. All that covers something is worth
/// the same, so that a surcharge that weighed the same would take all of a facility's cuts away at once.
fn tilt(needs: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by(|&a, &b| needs[b].total_cmp(&needs[a]).then(a.cmp(&b)));
    let mut tilt = vec![1.0; needs.len()];
    for (rank, &t) in order.iter().enumerate() {
        tilt[t] += TILT * count(rank) / count(needs.len());
    }
    tilt
}

/// Cuts, events and overrun of one facility at their prices.
pub(crate) fn own_cost(problem: &Problem, row: &FacilityRow, cuts: &[i64]) -> f64 {
    let walk = walk(row, cuts);
    let overrun: i64 = walk.overrun.iter().map(|&t| cuts[t]).sum();
    let mwh = |kw: i64| mw(kw) * problem.hours;
    mwh(cuts.iter().sum()) * row.cut_cost_per_mwh
        + count(walk.starts.len()) * row.event_cost
        + mwh(overrun) * problem.uncovered_cost_per_mwh
}

/// The whole kW at either side of some MW.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn around(need_mw: f64) -> Vec<i64> {
    let kw = (need_mw * 1000.0).min(1e12);
    if kw <= 0.0 { Vec::new() } else { vec![(kw + 1e-6).floor() as i64, (kw - 1e-6).ceil() as i64] }
}

impl Fixed {
    fn new(problem: &Problem) -> Self {
        let restore = (0..problem.zones.len()).map(|z| restore_limits(problem, z)).collect();
        Self { sets: Sets::new(problem), restore }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn restore_limits(problem: &Problem, z: usize) -> Vec<Option<i64>> {
    let limit = problem.zones[z].restore_limit_mw.map(|mw| (mw * 1000.0 + 1e-6).floor() as i64);
    (0..problem.steps).map(|t| limit.map(|limit| limit.max(dictated_beyond_falls(problem, z, t)))).collect()
}
