//! 3.4: an event is a longest run of intervals under cut.

use super::terms::Terms;
use chrono::{DateTime, Utc};
use kezek_model::case::{Case, Facility};
use std::ops::Range;

/// One event of a facility.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Its intervals.
    pub(super) intervals: Range<usize>,
    /// When it began: before the horizon where it was running at the start.
    pub(super) began: DateTime<Utc>,
    /// Whether it was running at the start of the horizon.
    pub(super) was_running: bool,
    /// Whether it was running at the start or has a forced interval: then it may outlast maxima.
    pub(super) exempt: bool,
}

/// The events of a facility in order of time. One that ended at the start of the horizon is not among them.
pub(super) fn of_facility(case: &Case, facility: &Facility, terms: &Terms, cut_kw: &[i64]) -> Vec<Event> {
    let under_cut = |t: usize| cut_kw.get(t).is_some_and(|&cut| cut > 0);
    let starts = (0..cut_kw.len()).filter(|&t| under_cut(t) && (t == 0 || !under_cut(t - 1)));
    let event = |start: usize| {
        let intervals = start..(start..).find(|&t| !under_cut(t)).unwrap_or(start);
        let was_running = start == 0 && facility.state.cut_kw.0 > 0;
        let since = facility.state.cut_since.filter(|_| was_running);
        Event {
            began: since.unwrap_or_else(|| case.grid.instant(start)),
            exempt: was_running || intervals.clone().any(|t| terms.is_forced(t)),
            was_running,
            intervals,
        }
    };
    starts.map(event).collect()
}

/// When the last event ended that began and ended before the horizon or at its start.
pub(super) fn end_before_horizon(case: &Case, facility: &Facility, cut_kw: &[i64]) -> Option<DateTime<Utc>> {
    if facility.state.cut_kw.0 > 0 {
        let goes_on = cut_kw.first().is_some_and(|&cut| cut > 0);
        return (!goes_on).then_some(case.grid.start);
    }
    facility.state.last_cut_end
}
