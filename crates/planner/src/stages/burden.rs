//! The burden of a facility, `(past_cut + cut) / (past_nominated + nominated)`, and limits of it as limits of energy.

use super::tighten::{gcd, tighten};
use crate::course::{Lane, Tariff};
use crate::problem::{FacilityRow, Problem, mw};
use kezek_model::case::{Case, Facility, Ledger, Policy};
use rayon::prelude::*;

/// What the burden of one facility is made of, in MWh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    /// Cut in the past that the policy looks back on.
    pub(crate) past_cut_mwh: f64,
    /// Nominated in that past and in the horizon.
    pub(crate) whole_mwh: f64,
}

/// The burdens of all facilities under the policy of a case.
pub(crate) struct Burdens {
    shares: Vec<Option<Share>>,
    hours: f64,
}

/// What sums of MWh may be off, in kW times intervals.
const DUST_KW: f64 = 1e-4;

impl Burdens {
    /// The burdens of a case; `least-cost` has those of `equal-share`.
    pub(crate) fn new(case: &Case, problem: &Problem) -> Self {
        let rows = case.facilities.iter().zip(&problem.facilities);
        let is_rotation = case.objective.policy == Policy::Rotation;
        let shares = rows.map(|(facility, row)| share(problem, facility, row, is_rotation)).collect();
        Self { shares, hours: problem.hours }
    }

    /// What the burden of a facility is made of; `None` where it has none, or nothing that could be cut.
    pub(crate) fn share(&self, f: usize) -> Option<Share> {
        self.shares[f].filter(|share| share.whole_mwh > 0.0)
    }

    /// The burden of a facility with some energy cut, in kW times intervals.
    pub(crate) fn of(&self, f: usize, cut_kw: i64) -> f64 {
        self.share(f).map_or(0.0, |own| (own.past_cut_mwh + mw(cut_kw) * self.hours) / own.whole_mwh)
    }

    /// The highest burden.
    pub(crate) fn highest(&self, cuts: &[Vec<i64>]) -> f64 {
        cuts.iter().enumerate().map(|(f, own)| self.of(f, own.iter().sum())).fold(0.0, f64::max)
    }

    /// The most energy that leaves a facility within a burden, in MW times intervals; below 0 where the past exceeds it.
    pub(crate) fn most_mw(&self, f: usize, burden: f64) -> Option<f64> {
        self.share(f).map(|own| (burden * own.whole_mwh - own.past_cut_mwh) / self.hours)
    }

    /// The problem in which no burden exceeds a limit, which is at least [`Self::least`], with all that follows from it.
    pub(crate) fn capped(&self, problem: &Problem, burden: f64) -> Problem {
        let mut capped = problem.clone();
        capped.facilities.par_iter_mut().enumerate().for_each(|(f, row)| {
            if let Some(most) = self.most_cut(f, row, burden) {
                tighten(row, most);
            }
        });
        capped
    }

    /// The same with nothing but the limits, which grow with the burden.
    pub(crate) fn limited(&self, problem: &Problem, burden: f64) -> Problem {
        let mut capped = problem.clone();
        for (f, row) in capped.facilities.iter_mut().enumerate() {
            row.most_cut = self.most_cut(f, row, burden);
        }
        capped
    }

    /// The limit in kW times intervals; `None` where no cut reaches it.
    #[allow(clippy::cast_possible_truncation)]
    fn most_cut(&self, f: usize, row: &FacilityRow, burden: f64) -> Option<i64> {
        let most = (self.most_mw(f, burden)? * 1000.0 + DUST_KW).floor().clamp(0.0, 1e15) as i64;
        (most < row.room.iter().sum()).then_some(most)
    }

    /// By how much a bound falls where the limit of all burdens rises by 1, at some prices of the energy of a capped problem.
    pub(crate) fn slope(&self, capped: &Problem, prices: &[f64]) -> f64 {
        let rows = capped.facilities.iter().zip(prices).enumerate();
        let limited = rows.filter(|(_, (row, price))| row.most_cut.is_some() && **price > 0.0);
        limited.filter_map(|(f, (_, price))| Some(price * self.share(f)?.whole_mwh / self.hours)).sum()
    }

    /// The highest burden that the past, notice and orders leave whatever is chosen: the least cut of each facility by
    /// itself.
    pub(crate) fn least(&self, problem: &Problem) -> f64 {
        let least = |f: usize| self.of(f, least_cut(&problem.facilities[f]));
        (0..problem.facilities.len()).into_par_iter().map(least).reduce(|| 0.0, f64::max)
    }

    /// The smallest burden from `floor` on that some facility can have at all: cuts are whole kW, or blocks.
    pub(crate) fn attainable(&self, problem: &Problem, floor: f64) -> f64 {
        let next = |f: usize| {
            let row = &problem.facilities[f];
            let step = step_kw(row);
            let most = self.most_mw(f, floor)? * 1000.0;
            if step == 0 || most > mw(row.room.iter().sum::<i64>()) * 1000.0 + DUST_KW {
                let own = self.of(f, 0);
                return (step == 0 && own >= floor - 1e-12).then_some(own);
            }
            let steps = ((most - DUST_KW) / mw(step) / 1000.0).ceil().max(0.0);
            #[allow(clippy::cast_possible_truncation)]
            Some(self.of(f, step * steps as i64))
        };
        let least = (0..problem.facilities.len()).filter_map(next).fold(f64::INFINITY, f64::min);
        if least.is_finite() { least.max(floor) } else { floor }
    }
}

fn share(problem: &Problem, facility: &Facility, row: &FacilityRow, is_rotation: bool) -> Option<Share> {
    let entitled = || (0..problem.steps).filter(|&t| row.entitled[t]);
    if facility.protected || entitled().next().is_none() {
        return None;
    }
    let past = if is_rotation { facility.ledger } else { Ledger::default() };
    let nominated: i64 = entitled().map(|t| row.nominated[t]).sum();
    Some(Share { past_cut_mwh: past.cut_mwh, whole_mwh: past.nominated_mwh + mw(nominated) * problem.hours })
}

/// The least energy that a facility can be cut, in kW times intervals.
#[allow(clippy::cast_precision_loss)]
fn least_cut(row: &FacilityRow) -> i64 {
    if !row.can_be_cut() {
        return 0;
    }
    let cost = |_: usize, kw: i64| kw as f64;
    let tariff = Tariff { cost: &cost, event_cost: 0.0, overrun_per_kw: 0.0 };
    Lane::new(row).cheapest(&tariff).map_or(0, |course| course.cuts.iter().sum())
}

/// What all cuts of a facility are whole multiples of, in kW; 0 where it is never cut.
fn step_kw(row: &FacilityRow) -> i64 {
    if !row.can_be_cut() {
        return 0;
    }
    let block = if row.block > 0 { row.block } else { 1 };
    let fixed = row.frozen.iter().flatten().chain(&row.room);
    fixed.fold(block, |step, &kw| gcd(step, kw))
}
