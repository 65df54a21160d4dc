//! Section 4, `[budget]`: a programme makes a facility's own values tighter in its period.

use super::calendar;
use super::standing::{in_force, in_scope};
use kezek_model::case::{Case, Facility};
use kezek_model::schedule::{Budget, StandingOrder};

/// Hours under cut that are left to use.
pub(super) struct HourBudget {
    /// How many.
    pub(super) hours: f64,
    /// In which intervals they are counted.
    pub(super) counts: Vec<bool>,
}

/// The rules of 3.4 and 3.5 as they hold in one interval, the facility's own or a tighter one.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// Minutes between `issued_at` and the first moment at which a cut may start, deepen or end.
    pub(super) notice_minutes: i64,
    /// Minutes from the end of an event to the start of the next.
    pub(super) min_gap_minutes: i64,
    /// Most events that start on one civil day.
    pub(super) max_events_per_day: Option<u32>,
}

/// The programmes of the case, each with the intervals of its period.
pub(super) struct Programmes<'c>(Vec<(&'c StandingOrder, &'c Budget, Vec<bool>)>);

impl<'c> Programmes<'c> {
    /// The orders in force that have a budget.
    pub(super) fn of_case(case: &'c Case) -> Self {
        let in_force = case.schedules.iter().filter(|order| in_force(case, order));
        let with_days = |order: &'c StandingOrder| {
            Some((order, order.budget.as_ref()?, calendar::in_period(order, &case.grid)))
        };
        Self(in_force.filter_map(with_days).collect())
    }

    fn of_facility<'a>(
        &'a self,
        facility: &'a Facility,
    ) -> impl Iterator<Item = (&'c Budget, &'a Vec<bool>)> {
        self.0
            .iter()
            .filter(|(order, _, _)| in_scope(order, facility))
            .map(|(_, budget, in_period)| (*budget, in_period))
    }

    /// The rules of a facility in interval `t`.
    pub(super) fn rules(&self, facility: &Facility, t: usize) -> Rules {
        let mut rules = Rules {
            notice_minutes: facility.notice_minutes,
            min_gap_minutes: facility.min_gap_minutes,
            max_events_per_day: facility.max_events_per_day,
        };
        for (budget, _) in self.of_facility(facility).filter(|(_, in_period)| in_period[t]) {
            rules.notice_minutes = rules.notice_minutes.max(budget.notice_minutes.unwrap_or(0));
            rules.min_gap_minutes = rules.min_gap_minutes.max(budget.min_gap_minutes.unwrap_or(0));
            let both = [rules.max_events_per_day, budget.max_events_per_day];
            rules.max_events_per_day = both.into_iter().flatten().min();
        }
        rules
    }

    /// The hours of a facility: its own over the horizon, those of a programme over its period.
    pub(super) fn hour_budgets(&self, facility: &Facility, len: usize) -> Vec<HourBudget> {
        let own = facility.max_cut_hours.map(|hours| HourBudget { hours, counts: vec![true; len] });
        let theirs = self.of_facility(facility).filter_map(|(budget, in_period)| {
            Some(HourBudget { hours: budget.max_cut_hours?, counts: in_period.clone() })
        });
        own.into_iter().chain(theirs).collect()
    }
}
