//! The fleet answers prices: every facility its cheapest course, on all cores.

use super::cover::Cover;
use super::prices::{Offer, Prices, Rows};
use crate::course::{Course, Lane, Returns, Span, Tariff};
use crate::draft::Draft;
use crate::problem::{FacilityRow, Problem};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Members from which on it pays to ask on all cores.
const WORTH_SPREADING: usize = 32;

/// Facilities that can be asked, and the rows in which they meet.
#[derive(Clone)]
pub(crate) struct Fleet<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) rows: Rows,
    /// The facilities of the fleet, by position in the problem.
    pub(crate) members: Vec<usize>,
    /// What its members have to cover together beside some of them, cut in full.
    pub(crate) covers: Vec<Cover>,
    /// Cuts of members that stay outside of a window, by position in the problem; none where all may change.
    staying: Arc<BTreeMap<usize, Vec<i64>>>,
    window: Range<usize>,
    /// All facilities of the problem.
    lanes: Arc<Vec<Arc<Lane<'a>>>>,
    /// Those whose energy is limited, where every answer keeps the limit; else the limit only has a price.
    limited: Arc<Vec<Option<Arc<Lane<'a>>>>>,
}

/// Spans of the cuts of some members, by position in the fleet and interval.
pub(crate) type Spans = BTreeMap<usize, Vec<Span>>;

/// What the fleet answers.
pub(crate) struct Answer {
    /// The cuts of every member.
    pub(crate) cuts: Vec<Vec<i64>>,
    /// A lower bound of every plan's objective.
    pub(crate) bound: f64,
}

impl<'a> Fleet<'a> {
    /// All facilities that can be cut.
    pub(crate) fn whole(problem: &'a Problem) -> Self {
        let lanes = Arc::new(problem.facilities.par_iter().map(|row| Arc::new(Lane::new(row))).collect());
        let members = (0..problem.facilities.len()).filter(|&f| problem.facilities[f].can_be_cut()).collect();
        let limited = Arc::new(problem.facilities.iter().map(|_| None).collect());
        Self {
            problem,
            rows: Rows::new(problem),
            members,
            covers: Vec::new(),
            staying: Arc::default(),
            window: 0..problem.steps,
            lanes,
            limited,
        }
    }

    /// The same, and every answer keeps the limits of energy.
    pub(crate) fn within_energy(problem: &'a Problem) -> Self {
        let lane = |row: &'a FacilityRow| {
            let lane = Lane::new(row);
            row.most_cut.filter(|_| lane.is_its_own()).map(|most| Arc::new(lane.limited(most, &[])))
        };
        let limited = Arc::new(problem.facilities.par_iter().map(lane).collect());
        Self { limited, ..Self::whole(problem) }
    }

    /// Some facilities, which may change in a window, all others staying as a draft has them.
    pub(crate) fn beside(&self, draft: &Draft<'a>, members: Vec<usize>, window: &Range<usize>) -> Self {
        let rows = draft.rows_beside(&members, window);
        let (lanes, limited) = (Arc::clone(&self.lanes), Arc::clone(&self.limited));
        let staying = Arc::new(members.iter().map(|&f| (f, draft.cuts[f].clone())).collect());
        let (problem, window) = (self.problem, window.clone());
        Self { problem, rows, members, covers: Vec::new(), staying, window, lanes, limited }
    }

    /// The members' part of the cuts of all facilities.
    pub(crate) fn own(&self, cuts: &[Vec<i64>]) -> Vec<Vec<i64>> {
        self.members.iter().map(|&f| cuts[f].clone()).collect()
    }

    /// A member.
    pub(crate) fn facility(&self, member: usize) -> &'a FacilityRow {
        &self.problem.facilities[self.members[member]]
    }

    /// Facility-intervals about which it is asked.
    pub(crate) fn cells(&self) -> u64 {
        self.members.iter().map(|&f| self.lanes[f].steps() as u64).sum()
    }

    /// Adds covers; prices break at what they need.
    pub(crate) fn tighten(&mut self, covers: Vec<Cover>) {
        self.covers.extend(covers);
        let lanes = (0..self.problem.facilities.len()).into_par_iter().map(|f| Arc::new(self.lane(f, &[])));
        self.lanes = Arc::new(lanes.collect());
    }

    /// The same fleet with spans of the cuts of some members.
    pub(crate) fn within(&self, spans: &Spans) -> Self {
        let (mut lanes, mut limited) = ((*self.lanes).clone(), (*self.limited).clone());
        for (&m, spans) in spans {
            let f = self.members[m];
            lanes[f] = Arc::new(self.lane(f, spans));
            if let Some((_, most)) = self.limit(f) {
                limited[f] = Some(Arc::new(self.lane(f, spans).limited(most, spans)));
            }
        }
        Self { lanes: Arc::new(lanes), limited: Arc::new(limited), ..self.clone() }
    }

    fn lane(&self, f: usize, spans: &[Span]) -> Lane<'a> {
        let row = &self.problem.facilities[f];
        let breaks = |t: usize| {
            let own = self.covers.iter().filter(|cover| cover.t == t && cover.counts(f, row.zone));
            own.flat_map(|cover| cover.breaks(row.room[t])).collect()
        };
        let breaks: Vec<Vec<i64>> = (0..self.problem.steps).map(breaks).collect();
        match self.staying.get(&f) {
            Some(cuts) => Lane::beside(row, Returns::own(row), &breaks, spans, (cuts, &self.window)),
            None => Lane::with(row, Returns::own(row), &breaks, spans),
        }
    }

    /// Asks every member; `None` where one has no course at all, which a sound case excludes.
    pub(crate) fn answer(&self, prices: &Prices) -> Option<Answer> {
        let replies = self.of_members(|_, f| self.reply(prices, f))?;
        let bound = prices.constant(self) + replies.iter().map(|(_, least)| least).sum::<f64>();
        Some(Answer { cuts: replies.into_iter().map(|(course, _)| course.cuts).collect(), bound })
    }

    /// The courses of members; those that are not asked have none.
    pub(crate) fn courses(
        &self,
        prices: &Prices,
        is_asked: impl Fn(usize) -> bool + Sync,
    ) -> Option<Vec<Course>> {
        self.of_members(|m, f| {
            if is_asked(m) { self.ask(prices, f) } else { Some(Course { cuts: Vec::new(), cost: 0.0 }) }
        })
    }

    /// Asks every member, by its position in the fleet and in the problem, on all cores where that pays.
    fn of_members<R: Send>(&self, ask: impl Fn(usize, usize) -> Option<R> + Sync) -> Option<Vec<R>> {
        let ask = |(m, &f): (usize, &usize)| ask(m, f);
        if self.members.len() < WORTH_SPREADING {
            return self.members.iter().enumerate().map(ask).collect();
        }
        self.members.par_iter().enumerate().map(ask).collect()
    }

    /// The cheapest course of a facility.
    pub(crate) fn ask(&self, prices: &Prices, f: usize) -> Option<Course> {
        let offer = prices.offer(self.problem, f);
        let course = self.at(prices, f, &offer, |tariff| match self.limit(f) {
            Some((limited, most)) => self.lanes[f].cheapest_beside(limited, tariff, most),
            None => self.lanes[f].cheapest(tariff),
        })?;
        Some(Course { cost: course.cost + offer.before, ..course })
    }

    /// The cheapest course of a facility, and a lower bound of what one costs.
    fn reply(&self, prices: &Prices, f: usize) -> Option<(Course, f64)> {
        let offer = prices.offer(self.problem, f);
        let (course, least) = self.at(prices, f, &offer, |tariff| match self.limit(f) {
            Some((limited, most)) => self.lanes[f].bounded_beside(limited, tariff, most),
            None => self.lanes[f].cheapest(tariff).map(|course| (course.clone(), course.cost)),
        })?;
        Some((course, least + offer.before))
    }

    /// The limit of energy that the answers of a facility keep.
    fn limit(&self, f: usize) -> Option<(&Lane<'a>, i64)> {
        self.limited[f].as_deref().zip(self.problem.facilities[f].most_cut)
    }

    /// What is asked of a facility.
    #[allow(clippy::cast_precision_loss)]
    fn at<R>(&self, prices: &Prices, f: usize, offer: &Offer, ask: impl FnOnce(&Tariff<'_>) -> R) -> R {
        let row = &self.problem.facilities[f];
        let mut covers: Vec<Vec<(f64, &Cover)>> = vec![Vec::new(); offer.per_kw.len()];
        for (cover, &price) in self.covers.iter().zip(&prices.covers).filter(|(_, price)| **price > 0.0) {
            if cover.counts(f, row.zone) {
                covers[cover.t].push((price, cover));
            }
        }
        let cost = |t: usize, kw: i64| {
            let covered: f64 = covers[t].iter().map(|(price, cover)| price * cover.gives_mw(kw)).sum();
            offer.per_kw[t] * kw as f64 + offer.under_cut[t] - covered
        };
        let overrun_per_kw = self.problem.overrun_per_kw();
        ask(&Tariff { cost: &cost, event_cost: row.event_cost, overrun_per_kw })
    }
}
