//! The cheapest course of one facility at given prices, under all that section 3 says of a facility alone.
//!
//! A *course* is one facility's cuts over the horizon. Facilities meet only in the balance and the restore limit of
//! their zone; with a price on both, each can be planned for itself, and exactly. Prices are linear in the cut
//! between a few breaks, so that an optimal cut is one of few [`levels`]; the levels of an event are chosen by dynamic
//! programming along its intervals ([`event`]), the events by dynamic programming along the horizon ([`chain`]), or both at
//! once where events are nothing ([`plain`]). Where the energy of a course is limited, both count it too ([`stint`],
//! [`energy`]), and the best [`surcharge`] proves a bound.

mod chain;
mod energy;
mod event;
mod levels;
mod plain;
mod stint;
mod stretch;
mod surcharge;
#[cfg(test)]
mod tests;
mod toil;

pub use toil::toil;
pub(crate) use toil::toil_of;

use crate::problem::FacilityRow;
use levels::Levels;
use std::borrow::Cow;
use std::ops::Range;
use stretch::Stretch;

/// One facility's cuts in kW per interval, and what they cost at the prices asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// kW per interval.
    pub cuts: Vec<i64>,
    /// Money, at the prices asked.
    pub cost: f64,
}

impl Course {
    /// kW times intervals.
    pub(crate) fn energy(&self) -> i64 {
        self.cuts.iter().sum()
    }
}

/// What is asked of a facility: prices of its cuts.
pub struct Tariff<'a> {
    /// Money for a cut of some kW above 0 in an interval.
    pub cost: &'a dyn Fn(usize, i64) -> f64,
    /// Money for an event that starts in the horizon.
    pub event_cost: f64,
    /// Money for a kW of overrun in one interval.
    pub overrun_per_kw: f64,
}

/// How much may return, per interval, from the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returns {
    /// Most kW after an interval under cut (3.6); without limit where notice dictates the cut.
    pub(crate) after_cut: Vec<i64>,
    /// Most kW after an interval without a cut; below 0 where load has to be held back for others.
    pub(crate) after_none: Vec<i64>,
}

/// What a cut may be in an interval, in kW, where more is decided than the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// At least this; 0 where there need not be a cut.
    pub least: i64,
    /// At most this; 0 where there must be none.
    pub most: i64,
}

impl Span {
    /// Whatever the rules allow.
    pub const FREE: Self = Self { least: 0, most: UNLIMITED };

    /// Whether some kW lie within.
    #[must_use]
    pub fn has(self, kw: i64) -> bool {
        (self.least..=self.most).contains(&kw)
    }

    /// What lies within both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { least: self.least.max(other.least), most: self.most.min(other.most) }
    }
}

/// What a course within a limit of energy takes, beside one without.
const ENERGY_TOIL: usize = 10;

/// No limit, with room to add.
const UNLIMITED: i64 = i64::MAX / 4;

impl Returns {
    /// The facility's own ramp.
    #[must_use]
    pub fn own(row: &FacilityRow) -> Self {
        let limit = |t: usize| {
            if row.frozen[t].is_some() { UNLIMITED } else { row.return_limit(t).unwrap_or(UNLIMITED) }
        };
        let steps = row.room.len();
        Self { after_cut: (0..steps).map(limit).collect(), after_none: vec![0; steps] }
    }

    /// The ramp and what the zone lets return beside the others, in kW per interval before falls.
    #[must_use]
    pub fn within(row: &FacilityRow, zone_allows: &[i64]) -> Self {
        let mut returns = Self::own(row);
        for (t, &allowed) in zone_allows.iter().enumerate().filter(|&(t, _)| row.frozen[t].is_none()) {
            let after_cut = allowed.saturating_add(row.fall(t));
            returns.after_cut[t] = returns.after_cut[t].min(after_cut);
            returns.after_none[t] = allowed.min(0);
        }
        returns
    }
}

/// A facility as the dynamic programme sees it, whatever the prices.
pub struct Lane<'a> {
    row: Cow<'a, FacilityRow>,
    returns: Returns,
    levels: Levels,
    rules: chain::Rules,
    /// Where the cuts stay outside of a part of the horizon, and all of the above is of that part.
    stretch: Option<Stretch>,
}

impl<'a> Lane<'a> {
    /// A facility by itself, at prices without breaks.
    #[must_use]
    pub fn new(row: &'a FacilityRow) -> Self {
        Self::with(row, Returns::own(row), &[], &[])
    }

    /// A facility with other returns, prices that break at some kW, and spans of its cuts, all per interval; no breaks
    /// or spans where empty.
    #[must_use]
    pub fn with(row: &'a FacilityRow, returns: Returns, breaks: &[Vec<i64>], spans: &[Span]) -> Self {
        Self::of(Cow::Borrowed(row), returns, breaks, spans)
    }

    /// The same where cuts that break no rule stay outside of a window, as the spans say too.
    pub(crate) fn beside(
        row: &'a FacilityRow,
        returns: Returns,
        breaks: &[Vec<i64>],
        spans: &[Span],
        (cuts, window): (&[i64], &Range<usize>),
    ) -> Self {
        match Stretch::about(row, cuts, window) {
            None => Self::with(row, returns, breaks, spans),
            Some(stretch) => {
                let (row, returns) = (Cow::Owned(stretch.row(row)), stretch.of_returns(&returns));
                let lane = Self::of(row, returns, &stretch.of(breaks), &stretch.of(spans));
                Self { stretch: Some(stretch), ..lane }
            }
        }
    }

    fn of(row: Cow<'a, FacilityRow>, returns: Returns, breaks: &[Vec<i64>], spans: &[Span]) -> Self {
        let levels = Levels::new(&row, &returns, breaks, spans);
        let rules = chain::Rules::new(&row, &returns, &levels, spans);
        Self { row, levels, rules, returns, stretch: None }
    }

    /// Intervals that are planned.
    pub(crate) fn steps(&self) -> usize {
        self.row.room.len()
    }

    /// The cheapest course; `None` where no course keeps within the returns.
    #[must_use]
    pub fn cheapest(&self, tariff: &Tariff<'_>) -> Option<Course> {
        match &self.stretch {
            None => self.cheapest_here(tariff),
            Some(stretch) => stretch.course(tariff, |tariff| self.cheapest_here(tariff)),
        }
    }

    fn cheapest_here(&self, tariff: &Tariff<'_>) -> Option<Course> {
        toil::count(self.steps());
        if self.rules.is_plain && tariff.event_cost == 0.0 {
            return Some(plain::cheapest(self, tariff));
        }
        chain::cheapest(self, tariff)
    }

    /// Whether none of its cuts is dictated, so that it can be [`limited`](Self::limited).
    #[must_use]
    pub(crate) fn is_its_own(&self) -> bool {
        !self.row.before.running && !self.rules.forced.contains(&true)
    }

    /// The same facility with the levels within its spans that a limit of its energy needs, in kW times intervals.
    #[must_use]
    pub(crate) fn limited(self, most: i64, spans: &[Span]) -> Self {
        let fits = |t: usize, kw: i64| spans.get(t).is_none_or(|span| span.has(kw));
        let levels = {
            let needed = energy::levels(&self.row, most);
            self.levels.and(|t| needed(t).into_iter().filter(|&kw| fits(t, kw)).collect())
        };
        Self { levels, ..self }
    }

    /// The cheapest course within a limit of energy, by the same facility with the levels that this needs.
    #[must_use]
    pub(crate) fn cheapest_beside(&self, limited: &Self, tariff: &Tariff<'_>, most: i64) -> Option<Course> {
        let free = self.cheapest(tariff)?;
        if free.energy() <= most { Some(free) } else { limited.cheapest_within(tariff, most) }
    }

    /// The same, and a lower bound of what any course within the limit costs.
    #[must_use]
    pub(crate) fn bounded_beside(
        &self,
        limited: &Self,
        tariff: &Tariff<'_>,
        most: i64,
    ) -> Option<(Course, f64)> {
        let free = self.cheapest(tariff)?;
        if free.energy() <= most {
            return Some((free.clone(), free.cost));
        }
        let within = limited.cheapest_within(tariff, most)?;
        let bound = surcharge::bound(self, tariff, most, [&free, &within])?;
        Some((within, bound))
    }

    /// The cheapest course of a limited facility that cuts no more than `most` kW times intervals, but for what is lost by
    /// telling only so many levels of a range apart.
    #[must_use]
    pub(crate) fn cheapest_within(&self, tariff: &Tariff<'_>, most: i64) -> Option<Course> {
        toil::count(ENERGY_TOIL * self.row.room.len());
        energy::cheapest(self, tariff, most)
    }
}

/// The course of a facility that is cut no more than it must.
pub(crate) fn least(row: &FacilityRow) -> Vec<i64> {
    let none = vec![0; row.room.len()];
    if crate::walk::walk(row, &none).broken.is_empty() {
        return none;
    }
    let tariff = Tariff { cost: &|_, kw| kw as f64, event_cost: 0.0, overrun_per_kw: 1.0 };
    Lane::new(row).cheapest(&tariff).map_or(none, |course| course.cuts)
}

#[cfg(test)]
mod examples {
    use super::*;
    use crate::testing::row;

    fn cheapest(row: &FacilityRow, per_kw: &[f64], event_cost: f64) -> Course {
        let cost = |t: usize, kw: i64| per_kw[t] * kw as f64;
        let tariff = Tariff { cost: &cost, event_cost, overrun_per_kw: 5.0 };
        Lane::new(row).cheapest(&tariff).unwrap()
    }

    #[test]
    fn a_facility_is_cut_where_that_pays() {
        let row = row(4, 10);
        assert_eq!(cheapest(&row, &[1.0, -1.0, 1.0, -0.1], 0.5).cuts, [0, 10, 0, 10]);
        assert_eq!(cheapest(&row, &[1.0, -1.0, 2.0, -0.1], 2.0).cuts, [0, 10, 0, 0]);
        assert_eq!(cheapest(&row, &[1.0, -1.0, 0.1, -0.9], 3.0).cuts, [0, 10, 1, 10]);
    }

    #[test]
    fn load_returns_by_its_ramp() {
        let mut row = row(4, 10);
        row.ramp = Some(4);
        assert_eq!(cheapest(&row, &[1.0, -4.0, 1.0, 2.0], 0.0).cuts, [0, 10, 6, 2]);
        assert_eq!(cheapest(&row, &[-1.0, -4.0, 1.0, 9.0], 0.0).cuts, [10, 8, 4, 0]);
    }

    #[test]
    fn hours_and_starts_are_spent_where_they_are_worth_most() {
        let mut row = row(5, 10);
        row.hour_budgets = vec![crate::problem::HourBudget { counts: vec![true; 5], max_intervals: 2 }];
        assert_eq!(cheapest(&row, &[-1.0, -2.0, 1.0, -3.0, -1.0], 0.0).cuts, [0, 10, 0, 10, 0]);
        row.starts_per_day = vec![Some(1); 5];
        assert_eq!(cheapest(&row, &[-1.0, -2.0, 1.0, -3.0, -1.0], 0.0).cuts, [0, 0, 0, 10, 10]);
    }

    #[test]
    fn a_zone_that_must_not_return_more_holds_a_cut() {
        let row = row(3, 10);
        let cost = |t: usize, kw: i64| [-1.0, 2.0, 2.0][t] * kw as f64;
        let tariff = Tariff { cost: &cost, event_cost: 0.0, overrun_per_kw: 0.0 };
        let lane =
            |allowed: &[i64]| Lane::with(&row, Returns::within(&row, allowed), &[], &[]).cheapest(&tariff);
        assert_eq!(lane(&[0, 4, 100]).unwrap().cuts, [4, 0, 0]);
        assert_eq!(lane(&[0, -3, 100]).unwrap().cuts, [0, 3, 0]);
    }
}
