//! The ascent to the best bound: blend, price, ask, and again, with prices held near the best so far.

use super::cover::violated;
use super::fleet::{Answer, Fleet, Spans};
use super::master::{Blend, Master};
use super::prices::Prices;
use crate::island::Sets;
use crate::solver::SolverError;

/// An ascent under way.
pub(crate) struct Ascent<'a> {
    pub(crate) fleet: Fleet<'a>,
    pub(crate) master: Master,
    /// The prices of the best bound.
    pub(crate) best: Prices,
    pub(crate) bound: f64,
    pub(crate) blend: Blend,
    /// How far from the blend's prices to the best ones the fleet is asked.
    hold: f64,
    /// Facility-intervals asked so far.
    asked: u64,
}

impl<'a> Ascent<'a> {
    pub(crate) fn new(fleet: Fleet<'a>, first: &[Vec<i64>], prices: Prices) -> Result<Self, SolverError> {
        let mut master = Master::new(&fleet, first);
        let prices = prices.clamped(&fleet);
        let answer = fleet.answer(&prices).ok_or_else(no_course)?;
        master.add(&fleet, &answer.cuts, None);
        let blend = master.blend(&fleet)?;
        let asked = fleet.cells();
        Ok(Self { fleet, master, best: prices, bound: answer.bound, blend, hold: 0.5, asked })
    }

    /// What it took so far, in facility-intervals asked.
    pub(crate) fn toil(&self) -> u64 {
        self.asked + self.master.toil
    }

    /// The same from cuts of all facilities of the problem.
    pub(crate) fn from(fleet: &Fleet<'a>, cuts: &[Vec<i64>], prices: Prices) -> Result<Self, SolverError> {
        Self::new(fleet.clone(), &fleet.own(cuts), prices)
    }

    /// Goes on from what another fleet answers at some prices; `None`, and nothing changes, where a facility has no course.
    pub(crate) fn go_to(&mut self, fleet: Fleet<'a>, prices: Prices) -> Option<Answer> {
        let answer = fleet.answer(&prices)?;
        self.asked += fleet.cells();
        (self.bound, self.best, self.fleet) = (answer.bound, prices, fleet);
        Some(answer)
    }

    /// How far the blend is above the bound.
    pub(crate) fn gap(&self) -> f64 {
        (self.blend.objective - self.bound) / self.blend.objective.abs().max(1.0)
    }

    /// Whether some members are blended together.
    pub(crate) fn has_groups(&self) -> bool {
        self.master.groups.len() < self.fleet.members.len()
    }

    /// Adds the covers that the blend violates most; whether there are any.
    pub(crate) fn tighten(&mut self, sets: &Sets) -> Result<bool, SolverError> {
        let covers = violated(&self.fleet, sets, &self.master, &self.blend);
        if covers.is_empty() {
            return Ok(false);
        }
        self.best.covers.extend(covers.iter().map(|_| 0.0));
        self.fleet.tighten(covers);
        self.master.tighten(&self.fleet);
        self.blend = self.master.blend(&self.fleet)?;
        Ok(true)
    }

    /// Leaves the columns within spans, and answers where there are none of a group; blends them.
    pub(crate) fn confine(&mut self, spans: &Spans, answers: &[Vec<i64>]) -> Result<(), SolverError> {
        self.master.confine(&self.fleet, spans, answers);
        self.blend = self.master.blend(&self.fleet)?;
        Ok(())
    }

    /// One round; whether an answer bettered the blend.
    pub(crate) fn step(&mut self) -> Result<bool, SolverError> {
        let priced = self.blend.prices.clone().clamped(&self.fleet);
        let mut hold = self.hold;
        loop {
            let asked = priced.towards(&self.best, hold);
            let answer = self.fleet.answer(&asked).ok_or_else(no_course)?;
            self.asked += self.fleet.cells();
            let better = answer.bound > self.bound;
            let added = self.master.add(&self.fleet, &answer.cuts, Some(&self.blend));
            if better {
                self.best = asked;
                self.bound = answer.bound;
            }
            if added > 0 {
                self.hold =
                    if better { (self.hold - 0.1).max(0.0) } else { (self.hold * 0.9 + 0.1).min(0.9) };
                self.blend = self.master.blend(&self.fleet)?;
                return Ok(true);
            }
            if hold == 0.0 {
                return Ok(false);
            }
            hold = if hold < 0.05 { 0.0 } else { hold * 0.5 };
        }
    }
}

fn no_course() -> SolverError {
    SolverError("a facility has no course".to_owned())
}
