//! The stretch of the horizon that has to be planned where a facility's cuts may change in a window only.
//!
//! It goes from the event that leads into the window to the first start after it. What lies before and behind counts as what
//! holds before the first interval, as starts that are left on a day, and as hours that are left of a budget.

use super::{Course, Returns, Tariff};
use crate::problem::{Before, FacilityRow, HourBudget};
use std::ops::Range;

/// A part of a course that is planned, and the rest of it, which stays.
pub(super) struct Stretch {
    intervals: Range<usize>,
    /// All cuts, of which those outside of the stretch count.
    cuts: Vec<i64>,
}

impl Stretch {
    /// The stretch about a window, beside cuts that break no rule; `None` where all is tied together: where cuts are forced,
    /// an event is running already, or energy is limited.
    pub(super) fn about(row: &FacilityRow, cuts: &[i64], window: &Range<usize>) -> Option<Self> {
        let is_tied = row.before.running || row.most_cut.is_some() || (0..cuts.len()).any(|t| row.forced(t));
        let from = cuts[..window.start].iter().rposition(|&kw| kw == 0).map_or(0, |t| t + 1);
        let next = |from: usize, is: fn(&i64) -> bool| cuts[from..].iter().position(is).map(|n| from + n);
        let ended = next(window.end, |&kw| kw == 0).unwrap_or(cuts.len());
        let to = (next(ended, |&kw| kw > 0).unwrap_or(ended) + 1).min(cuts.len());
        (!is_tied && to - from < cuts.len()).then(|| Self { intervals: from..to, cuts: cuts.to_vec() })
    }

    /// What belongs to the stretch, of anything given by interval or not at all.
    pub(super) fn of<T: Clone>(&self, all: &[T]) -> Vec<T> {
        all.get(self.intervals.clone()).unwrap_or_default().to_vec()
    }

    /// The same of returns.
    pub(super) fn of_returns(&self, returns: &Returns) -> Returns {
        Returns { after_cut: self.of(&returns.after_cut), after_none: self.of(&returns.after_none) }
    }

    /// What the rules say of a facility in the stretch; what they don't ask is left out.
    pub(super) fn row(&self, row: &FacilityRow) -> FacilityRow {
        let later: Vec<usize> = self.starts().filter(|&s| s >= self.intervals.end).collect();
        FacilityRow {
            nominated: self.of(&row.nominated),
            entitled: Vec::new(),
            room: self.of(&row.room),
            demand: self.of(&row.demand),
            ordered_by: Vec::new(),
            frozen: self.of(&row.frozen),
            within_notice: Vec::new(),
            gap_minutes: self.of(&row.gap_minutes),
            starts_per_day: self.intervals.clone().map(|t| starts_left(row, t, &later)).collect(),
            day: self.of(&row.day),
            hour_budgets: row.hour_budgets.iter().map(|budget| self.left(budget)).collect(),
            before: self.before(row),
            ..*row
        }
    }

    /// Starts outside of the stretch.
    fn starts(&self) -> impl Iterator<Item = usize> {
        let starts = |t: &usize| self.cuts[*t] > 0 && (*t == 0 || self.cuts[t - 1] == 0);
        (0..self.cuts.len()).filter(|t| !self.intervals.contains(t)).filter(starts)
    }

    /// What a budget leaves to the stretch.
    fn left(&self, budget: &HourBudget) -> HourBudget {
        let is_spent = |t: &usize| budget.counts[*t] && self.cuts[*t] > 0 && !self.intervals.contains(t);
        let spent = (0..self.cuts.len()).filter(is_spent).count();
        HourBudget {
            counts: self.of(&budget.counts),
            max_intervals: budget.max_intervals.saturating_sub(spent),
        }
    }

    /// What holds before the stretch.
    fn before(&self, row: &FacilityRow) -> Before {
        let from = self.intervals.start;
        let minutes =
            |intervals: usize| i64::try_from(intervals).unwrap_or(i64::MAX / 1000) * row.step_minutes;
        let ended = self.cuts[..from].iter().rposition(|&kw| kw > 0).map(|t| minutes(from - t - 1));
        let today = |t: usize| row.day[t] == row.day[from];
        let starts = self.starts().filter(|&s| s < from && today(s)).count();
        let earlier = if today(0) { row.before.starts_today } else { 0 };
        Before {
            cut: 0,
            running: false,
            age_minutes: 0,
            begun_minute: 0,
            idle_minutes: ended.or_else(|| Some(row.before.idle_minutes? + minutes(from))),
            starts_today: earlier + u32::try_from(starts).unwrap_or(u32::MAX),
        }
    }

    /// The course of the whole horizon, by one of the stretch.
    pub(super) fn course(
        &self,
        tariff: &Tariff<'_>,
        cheapest: impl FnOnce(&Tariff<'_>) -> Option<Course>,
    ) -> Option<Course> {
        let cost = |t: usize, kw: i64| (tariff.cost)(self.intervals.start + t, kw);
        let own = cheapest(&Tariff { cost: &cost, ..*tariff })?;
        let outside = (0..self.cuts.len()).filter(|t| self.cuts[*t] > 0 && !self.intervals.contains(t));
        let staying: f64 = outside.map(|t| (tariff.cost)(t, self.cuts[t])).sum();
        let mut cuts = self.cuts.clone();
        cuts[self.intervals.clone()].copy_from_slice(&own.cuts);
        #[allow(clippy::cast_precision_loss)]
        let starts = self.starts().count() as f64 * tariff.event_cost;
        Some(Course { cuts, cost: own.cost + staying + starts })
    }
}

/// Most starts of the day of an interval up to it, so that the later ones of that day are allowed too.
fn starts_left(row: &FacilityRow, t: usize, later: &[usize]) -> Option<u32> {
    let same_day = later.iter().filter(|&&s| row.day[s] == row.day[t]).zip(1_u32..);
    let left = same_day.filter_map(|(&s, nth)| Some(row.starts_per_day[s]?.saturating_sub(nth)));
    left.chain(row.starts_per_day[t]).min()
}
