//! Walks along the cuts of one facility: its events, what they break, and what gave way (3.4, 3.8).

use crate::problem::FacilityRow;
use kezek_model::reason;

/// A rule of sections 3.3 to 3.6, by the column whose limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Range, blocks, notice or standing order.
    Range,
    /// Shortest event.
    MinCut,
    /// Longest event.
    MaxCut,
    /// Time between events.
    MinGap,
    /// Starts per civil day.
    EventsPerDay,
    /// Hours under cut.
    CutHours,
    /// Notice.
    Notice,
    /// Return of load.
    RampUp,
}

impl Rule {
    /// The column of `facilities.csv`.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Range => reason::MIN_CUT_MW.0,
            Self::MinCut => reason::MIN_CUT_MIN.0,
            Self::MaxCut => reason::MAX_CUT_MIN.0,
            Self::MinGap => reason::MIN_GAP_MIN.0,
            Self::EventsPerDay => reason::MAX_EVENTS_PER_DAY.0,
            Self::CutHours => reason::MAX_CUT_HOURS.0,
            Self::Notice => reason::NOTICE_MIN.0,
            Self::RampUp => reason::RAMP_UP_MW_PER_H.0,
        }
    }
}

/// What the walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Events that start in the horizon.
    pub starts: Vec<usize>,
    /// Intervals whose cut is overrun.
    pub overrun: Vec<usize>,
    /// Rules that gave way, with the interval.
    pub overridden: Vec<(usize, Rule)>,
    /// Rules that are broken, with the interval; empty for an allowed plan.
    pub broken: Vec<(usize, Rule)>,
}

/// A longest run of intervals under cut, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// First interval.
    pub from: usize,
    /// First interval after it.
    pub to: usize,
    /// Minutes that it had been running before the horizon; `None` where it starts in the horizon.
    pub age_minutes: Option<i64>,
}

impl Event {
    fn minutes_until_end_of(&self, row: &FacilityRow, t: usize) -> i64 {
        self.age_minutes.unwrap_or(0) + minutes(row, t + 1 - self.from)
    }

    fn outlasts(&self, row: &FacilityRow, most_minutes: i64, t: usize) -> bool {
        let begun = self.age_minutes.map_or(0, |_| row.before.begun_minute);
        self.minutes_until_end_of(row, t) + begun > most_minutes
    }

    fn exempt(&self, row: &FacilityRow) -> bool {
        self.age_minutes.is_some() || (self.from..self.to).any(|t| row.forced(t))
    }
}

/// The events of a facility, in order of time.
#[must_use]
pub fn events(row: &FacilityRow, cuts: &[i64]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for t in (0..cuts.len()).filter(|&t| cuts[t] > 0) {
        match events.last_mut() {
            Some(event) if event.to == t => event.to = t + 1,
            _ => {
                let age_minutes = (t == 0 && row.before.running).then_some(row.before.age_minutes);
                events.push(Event { from: t, to: t + 1, age_minutes });
            }
        }
    }
    events
}

/// Walks along the cuts of a facility.
#[must_use]
pub fn walk(row: &FacilityRow, cuts: &[i64]) -> Walk {
    let mut walk = Walk::default();
    let events = events(row, cuts);
    judge_ranges(row, cuts, &mut walk);
    judge_end_at_start(row, cuts, &mut walk);
    judge_starts(row, &events, &mut walk);
    judge_lengths(row, &events, &mut walk);
    judge_hours(row, &events, &mut walk);
    judge_notice(row, cuts, &mut walk);
    walk
}

fn minutes(row: &FacilityRow, intervals: usize) -> i64 {
    i64::try_from(intervals).unwrap_or(i64::MAX / 1000) * row.step_minutes
}

fn judge_ranges(row: &FacilityRow, cuts: &[i64], walk: &mut Walk) {
    for (t, &cut) in cuts.iter().enumerate() {
        let allowed = match row.frozen[t] {
            Some(dictated) => cut == dictated,
            None => cut >= row.demand[t] && cut == row.cut_at_least(t, cut) && cut >= 0,
        };
        if !allowed {
            walk.broken.push((t, Rule::Range));
        }
        let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
        let returned = earlier - cut;
        if row.frozen[t].is_none() && row.return_limit(t).is_some_and(|limit| returned > limit) {
            walk.broken.push((t, Rule::RampUp));
        }
    }
}

/// An event that was running may have ended with the start of the horizon.
fn judge_end_at_start(row: &FacilityRow, cuts: &[i64], walk: &mut Walk) {
    let young = row.before.age_minutes < row.min_minutes;
    let may_go_on = row.room.first().is_some_and(|&room| room > 0);
    if row.before.running && young && may_go_on && cuts.first() == Some(&0) {
        walk.push(0, Rule::MinCut, row.frozen[0].is_some());
    }
}

fn judge_starts(row: &FacilityRow, events: &[Event], walk: &mut Walk) {
    let mut last_end = row.before.idle_minutes.map(|idle| -idle).or(row.before.running.then_some(0));
    let mut day = (0, row.before.starts_today);
    for event in events {
        let t = event.from;
        if event.age_minutes.is_none() {
            walk.starts.push(t);
            if last_end.is_some_and(|end| minutes(row, t) - end < row.gap_minutes[t]) {
                walk.push(t, Rule::MinGap, row.forced(t));
            }
            let earlier = if day.0 == row.day[t] { day.1 } else { 0 };
            day = (row.day[t], earlier + 1);
            if row.starts_per_day[t].is_some_and(|most| day.1 > most) {
                walk.push(t, Rule::EventsPerDay, row.forced(t));
            }
        }
        last_end = Some(minutes(row, event.to));
    }
}

fn judge_lengths(row: &FacilityRow, events: &[Event], walk: &mut Walk) {
    for event in events {
        let length = event.minutes_until_end_of(row, event.to - 1);
        let could_go_on = row.room.get(event.to).is_some_and(|&room| room > 0);
        if length < row.min_minutes && could_go_on {
            walk.push(event.to - 1, Rule::MinCut, row.frozen[event.to].is_some());
        }
    }
}

/// Goes through the hours in order of time: what is over is not counted, and is overrun unless forced.
fn judge_hours(row: &FacilityRow, events: &[Event], walk: &mut Walk) {
    let mut left: Vec<usize> = row.hour_budgets.iter().map(|budget| budget.max_intervals).collect();
    for event in events {
        let exempt = event.exempt(row);
        for t in event.from..event.to {
            let long = row.max_minutes.is_some_and(|most| event.outlasts(row, most, t));
            let spent =
                row.hour_budgets.iter().zip(&left).any(|(budget, &left)| budget.counts[t] && left == 0);
            if long || spent {
                walk.push(t, if long { Rule::MaxCut } else { Rule::CutHours }, exempt);
                if !row.forced(t) {
                    walk.overrun.push(t);
                }
                continue;
            }
            for (budget, left) in
                row.hour_budgets.iter().zip(&mut left).filter(|(budget, _)| budget.counts[t])
            {
                *left -= usize::from(budget.counts[t]);
            }
        }
    }
}

/// A standing order that ends the freeze may start, deepen or end a cut before notice has passed.
fn judge_notice(row: &FacilityRow, cuts: &[i64], walk: &mut Walk) {
    let ended_by_order =
        (0..cuts.len()).find(|&t| row.frozen[t].is_none()).is_some_and(|t| row.within_notice[t]);
    if !ended_by_order {
        return;
    }
    for t in (0..cuts.len()).filter(|&t| row.within_notice[t] && row.frozen[t].is_none()) {
        let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
        if cuts[t] != earlier {
            walk.overridden.push((t, Rule::Notice));
        }
    }
}

impl Walk {
    fn push(&mut self, t: usize, rule: Rule, gives_way: bool) {
        if gives_way { self.overridden.push((t, rule)) } else { self.broken.push((t, rule)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Before;
    use crate::testing::row;

    #[test]
    fn a_free_facility_may_do_as_it_likes() {
        let row = row(4, 10_000);
        let walk = walk(&row, &[0, 5_000, 0, 1]);
        assert_eq!(walk.starts, [1, 3]);
        assert_eq!(walk.broken, []);
    }

    #[test]
    fn lengths_gaps_starts_and_hours_are_held() {
        let mut row = row(6, 10_000);
        row.min_minutes = 90;
        row.gap_minutes = vec![120; 6];
        row.starts_per_day = vec![Some(1); 6];
        row.hour_budgets = vec![HourBudget { counts: vec![true; 6], max_intervals: 2 }];
        let walk = walk(&row, &[1_000, 0, 1_000, 1_000, 0, 0]);
        let broken = [(2, Rule::MinGap), (2, Rule::EventsPerDay), (0, Rule::MinCut), (3, Rule::CutHours)];
        assert_eq!(walk.broken, broken);
    }

    #[test]
    fn what_an_order_demands_breaks_nothing_and_what_follows_is_overrun() {
        let mut row = row(4, 10_000);
        row.demand = vec![0, 10_000, 10_000, 0];
        row.max_minutes = Some(60);
        row.ramp = Some(5_000);
        let walk = walk(&row, &[0, 10_000, 10_000, 5_000]);
        assert_eq!(walk.broken, []);
        assert_eq!(walk.overrun, [3]);
        assert_eq!(walk.overridden, [(2, Rule::MaxCut), (3, Rule::MaxCut)]);
    }

    #[test]
    fn load_returns_no_faster_than_the_ramp_or_the_smallest_cut() {
        let mut row = row(3, 10_000);
        row.ramp = Some(2_000);
        row.block = 4_000;
        assert_eq!(walk(&row, &[8_000, 4_000, 0]).broken, []);
        assert_eq!(walk(&row, &[8_000, 0, 0]).broken, [(1, Rule::RampUp)]);
        assert_eq!(walk(&row, &[10_000, 8_000, 4_000]).broken, []);
        assert_eq!(walk(&row, &[5_000, 4_000, 0]).broken, [(0, Rule::Range)]);
    }

    #[test]
    fn a_begun_minute_counts_against_the_longest_event_only() {
        let mut row = row(2, 10_000);
        row.before = Before {
            cut: 1,
            running: true,
            age_minutes: 59,
            begun_minute: 1,
            idle_minutes: None,
            starts_today: 0,
        };
        row.max_minutes = Some(119);
        assert_eq!(walk(&row, &[1_000, 0]).overrun, [0]);
        row.max_minutes = Some(120);
        row.min_minutes = 120;
        assert_eq!(walk(&row, &[1_000, 0]).overrun, [0; 0]);
        assert_eq!(walk(&row, &[1_000, 0]).broken, [(0, Rule::MinCut)]);
    }

    #[test]
    fn notice_gives_way_only_where_an_order_ended_the_freeze() {
        let mut row = row(3, 10_000);
        row.demand = vec![0, 0, 10_000];
        row.within_notice = vec![false, true, true];
        assert_eq!(walk(&row, &[0, 0, 10_000]).overridden, []);
        row.within_notice = vec![true; 3];
        row.frozen = vec![Some(0), Some(0), None];
        assert_eq!(walk(&row, &[0, 0, 10_000]).overridden, [(2, Rule::Notice)]);
    }

    use crate::problem::HourBudget;
}
