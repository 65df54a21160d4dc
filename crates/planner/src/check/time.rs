//! 3.4 and 3.8: length of events, time between them, starts per civil day, hours under cut.
//!
//! Forced intervals break none of these rules; where one gives way to them, that is recorded instead of reported.

use super::events::{self, Event};
use super::notice::minutes_after;
use super::programme::HourBudget;
use super::report::{Findings, Place, Rule};
use super::terms::Terms;
use chrono::NaiveDate;
use kezek_model::case::{Case, Facility};
use kezek_model::plan::utc_text;
use std::collections::BTreeMap;

/// What hours may differ by in the last digit.
const HOURS_NOISE: f64 = 1e-9;

/// A rule of 3.4 that gave way, by the column it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct GaveWay {
    /// The interval.
    pub(super) t: usize,
    /// The column.
    pub(super) rule: &'static str,
    /// Whether the plan has to name it, or only may: another rule that gave way in the interval tells enough.
    pub(super) must_be_named: bool,
}

/// How a facility goes through the horizon.
pub(super) struct Course {
    /// Its events.
    pub(super) events: Vec<Event>,
    /// Intervals that are not counted as hours, since the event outlasted a maximum.
    pub(super) over: Vec<bool>,
    /// The rules that gave way.
    pub(super) gave_way: Vec<GaveWay>,
}

impl Course {
    /// `events_i` of the objective: those that start in the horizon.
    pub(super) fn starts(&self) -> usize {
        self.events.iter().filter(|event| !event.was_running).count()
    }
}

/// One facility with all that its rules of time refer to.
struct Bench<'a> {
    case: &'a Case,
    facility: &'a Facility,
    terms: &'a Terms,
    cut_kw: &'a [i64],
}

/// Judges the events of a facility and tells its course.
pub(super) fn judge(
    case: &Case,
    facility: &Facility,
    terms: &Terms,
    cut_kw: &[i64],
    findings: &mut Findings,
) -> Course {
    let bench = Bench { case, facility, terms, cut_kw };
    let events = events::of_facility(case, facility, terms, cut_kw);
    let mut course = Course { over: vec![false; cut_kw.len()], gave_way: Vec::new(), events };
    bench.judge_first_end(&mut course, findings);
    bench.judge_minimum(&mut course, findings);
    bench.judge_maximum(&course, findings);
    bench.judge_gaps(&mut course, findings);
    bench.judge_starts(&mut course, findings);
    bench.judge_hours(&mut course, findings);
    course
}

impl Bench<'_> {
    fn place(&self, t: usize) -> Place {
        Place::facility(&self.facility.id, self.case.grid.instant(t))
    }

    /// An event that ended at the start of the horizon had its minimum too, unless notice ended it.
    fn judge_first_end(&self, course: &mut Course, findings: &mut Findings) {
        let ended = self.facility.state.cut_kw.0 > 0 && self.cut_kw.first() == Some(&0);
        let Some(since) = self.facility.state.cut_since.filter(|_| ended) else { return };
        let earliest_end = minutes_after(since, self.facility.min_cut_minutes);
        if self.terms.room_kw[0] == 0 || self.case.grid.start >= earliest_end {
            return;
        }
        if self.terms.freeze.cut_kw(0).is_some() {
            course.gave_way.push(GaveWay { t: 0, rule: "min_cut_min", must_be_named: true });
        } else {
            let expected = format!("the cut since {} until {}", utc_text(since), utc_text(earliest_end));
            findings.add(Rule::MinCut, self.place(0), "no cut", expected);
        }
    }

    /// Events have their minimum, unless they end with the horizon, with the room, or by what notice keeps.
    fn judge_minimum(&self, course: &mut Course, findings: &mut Findings) {
        for event in &course.events {
            let end = event.intervals.end;
            let earliest_end = minutes_after(event.began, self.facility.min_cut_minutes);
            let free_end = end == self.cut_kw.len() || self.terms.room_kw[end] == 0;
            if free_end || self.case.grid.instant(end) >= earliest_end {
                continue;
            }
            if self.terms.freeze.cut_kw(end).is_some() {
                course.gave_way.push(GaveWay { t: end - 1, rule: "min_cut_min", must_be_named: true });
            } else {
                let found = format!("an event that ends at {}", utc_text(self.case.grid.instant(end)));
                let expected = format!("{} or later", utc_text(earliest_end));
                findings.add(Rule::MinCut, self.place(event.intervals.start), found, expected);
            }
        }
    }

    /// Events stay within their maximum, unless they were running at the start or have a forced interval.
    fn judge_maximum(&self, course: &Course, findings: &mut Findings) {
        let Some(max_minutes) = self.facility.max_cut_minutes else { return };
        for event in course.events.iter().filter(|event| !event.exempt) {
            let end = self.case.grid.instant(event.intervals.end);
            let latest_end = minutes_after(event.began, max_minutes);
            if end > latest_end {
                let found = format!("an event that ends at {}", utc_text(end));
                let expected = format!("{} or sooner", utc_text(latest_end));
                findings.add(Rule::MaxCut, self.place(event.intervals.start), found, expected);
            }
        }
    }

    /// Starts that are not forced leave the gap to the event before.
    fn judge_gaps(&self, course: &mut Course, findings: &mut Findings) {
        let mut ended = events::end_before_horizon(self.case, self.facility, self.cut_kw);
        for event in &course.events {
            let t = event.intervals.start;
            let gap_minutes = self.terms.rules[t].min_gap_minutes;
            let earliest = ended.filter(|_| !event.was_running).map(|end| minutes_after(end, gap_minutes));
            ended = Some(self.case.grid.instant(event.intervals.end));
            let Some(earliest) = earliest.filter(|&earliest| event.began < earliest) else { continue };
            if self.terms.is_forced(t) {
                course.gave_way.push(GaveWay { t, rule: "min_gap_min", must_be_named: true });
            } else {
                let expected = format!("{} or later", utc_text(earliest));
                findings.add(Rule::MinGap, self.place(t), "an event that starts", expected);
            }
        }
    }

    /// Starts that are not forced are within the number of their civil day, those of forced ones counted.
    fn judge_starts(&self, course: &mut Course, findings: &mut Findings) {
        let mut starts = BTreeMap::from([(self.civil_day(0), self.starts_before_horizon())]);
        for event in course.events.iter().filter(|event| !event.was_running) {
            let t = event.intervals.start;
            let so_far = starts.entry(self.civil_day(t)).or_default();
            *so_far = so_far.saturating_add(1);
            let Some(most) = self.terms.rules[t].max_events_per_day.filter(|most| *so_far > *most) else {
                continue;
            };
            if self.terms.is_forced(t) {
                course.gave_way.push(GaveWay { t, rule: "max_events_per_day", must_be_named: true });
            } else {
                let found = format!("start {so_far} of {}", self.civil_day(t));
                findings.add(Rule::MaxEvents, self.place(t), found, format!("at most {most}"));
            }
        }
    }

    fn civil_day(&self, t: usize) -> NaiveDate {
        self.case.grid.civil_date(t, self.facility.time_zone)
    }

    /// Starts on the civil day in which the horizon begins; an event that runs since that day is one.
    fn starts_before_horizon(&self) -> u32 {
        let state = &self.facility.state;
        let since = state.cut_since.filter(|_| state.cut_kw.0 > 0);
        let today = |at: chrono::DateTime<chrono::Utc>| {
            at.with_timezone(&self.facility.time_zone).date_naive() == self.civil_day(0)
        };
        state.events_today.unwrap_or(0).max(u32::from(since.is_some_and(today)))
    }

    /// Hours under cut, interval by interval; those with which an exempt event outlasts a maximum are not counted.
    fn judge_hours(&self, course: &mut Course, findings: &mut Findings) {
        let mut tally = Tally::of(&self.terms.hour_budgets, self.case.grid.hours());
        for event in &course.events {
            for t in event.intervals.clone() {
                let exceeded = tally.exceeded(t);
                let too_long = event.exempt && self.is_beyond_maximum(event, t);
                if too_long || (event.exempt && exceeded.is_some()) {
                    course.over[t] = true;
                    let by_length = GaveWay { t, rule: "max_cut_min", must_be_named: true };
                    let by_hours = GaveWay { t, rule: "max_cut_hours", must_be_named: !too_long };
                    course.gave_way.extend(too_long.then_some(by_length));
                    course.gave_way.extend(exceeded.map(|_| by_hours));
                    continue;
                }
                if let Some((hours, most)) = exceeded {
                    let found = format!("{hours} hours under cut so far");
                    findings.add(Rule::MaxHours, self.place(t), found, format!("at most {most}"));
                }
                tally.count(t);
            }
        }
    }

    fn is_beyond_maximum(&self, event: &Event, t: usize) -> bool {
        let end = self.case.grid.instant(t + 1);
        self.facility.max_cut_minutes.is_some_and(|max| end > minutes_after(event.began, max))
    }
}

/// Hours under cut, counted by budget.
struct Tally<'a> {
    budgets: Vec<(&'a HourBudget, f64)>,
    step_hours: f64,
}

impl<'a> Tally<'a> {
    fn of(budgets: &'a [HourBudget], step_hours: f64) -> Self {
        Self { budgets: budgets.iter().map(|budget| (budget, 0.0)).collect(), step_hours }
    }

    /// The hours with this interval, and the budget that they exceed.
    fn exceeded(&self, t: usize) -> Option<(f64, f64)> {
        let counting = self.budgets.iter().filter(|(budget, _)| budget.counts[t]);
        let mut with_this = counting.map(|(budget, used)| (used + self.step_hours, budget.hours));
        with_this.find(|(hours, most)| *hours > most + HOURS_NOISE)
    }

    fn count(&mut self, t: usize) {
        let counting = self.budgets.iter_mut().filter(|(budget, _)| budget.counts[t]);
        counting.for_each(|(_, used)| *used += self.step_hours);
    }
}
