//! What the days so far leave to the next one: running cuts, ends and starts of events, hours used, burden.

use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::case::{Case, Facility, Ledger, State};
use kezek_model::grid::TimeGrid;
use kezek_model::units::Kw;
use kezek_planner::problem::Problem;
use std::collections::VecDeque;

/// The history of all facilities.
#[derive(Clone, Debug)]
pub(super) struct History {
    facilities: Vec<Own>,
    /// Days that burden looks back on.
    window_days: Option<usize>,
}

/// The history of a facility.
#[derive(Clone, Debug)]
struct Own {
    is_protected: bool,
    first: Ledger,
    state: State,
    /// Starts of its last events; those of two days are enough for any civil day.
    starts: VecDeque<DateTime<Utc>>,
    /// Hours under cut.
    cut_hours: f64,
    /// Hours under cut that the season's case allows.
    max_cut_hours: Option<f64>,
    /// MWh nominated and cut, day by day, the last days only where burden has a window.
    days: VecDeque<(f64, f64)>,
    /// The same since the start of the season.
    season: (f64, f64),
    events: u64,
}

/// What the season did to a facility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Suffered {
    /// MWh nominated while entitled; none of a protected facility, which has no burden.
    pub(super) nominated_mwh: f64,
    /// MWh cut.
    pub(super) cut_mwh: f64,
    /// Events.
    pub(super) events: u64,
}

impl History {
    pub(super) fn new(case: &Case, window_days: Option<u32>) -> Self {
        let own = |facility: &Facility| Own {
            is_protected: facility.protected,
            first: facility.ledger,
            state: facility.state,
            starts: VecDeque::new(),
            cut_hours: 0.0,
            max_cut_hours: facility.max_cut_hours,
            days: VecDeque::new(),
            season: (0.0, 0.0),
            events: 0,
        };
        Self {
            facilities: case.facilities.iter().map(own).collect(),
            window_days: window_days.map(|days| days as usize),
        }
    }

    /// Tells a facility of the day's case what was before it.
    pub(super) fn lay(&self, f: usize, grid: &TimeGrid, facility: &mut Facility) {
        let own = &self.facilities[f];
        let date = grid.start.with_timezone(&facility.time_zone).date_naive();
        let today = own.starts.iter().filter(|at| at.with_timezone(&facility.time_zone).date_naive() == date);
        let events_today = u32::try_from(today.count()).ok().filter(|count| *count > 0);
        facility.state = State { events_today: events_today.or(own.state.events_today), ..own.state };
        facility.max_cut_hours = own.max_cut_hours.map(|most| (most - own.cut_hours).max(0.0));
        facility.ledger = own.ledger(self.window_days);
    }

    /// Lives through a day.
    pub(super) fn live(&mut self, grid: &TimeGrid, problem: &Problem, cuts_kw: &[Vec<i64>]) {
        for ((own, row), cuts) in self.facilities.iter_mut().zip(&problem.facilities).zip(cuts_kw) {
            let counts = |t: &usize| row.entitled[*t] && !own.is_protected;
            let mwh = |kw: i64| kw as f64 / 1000.0 * grid.hours();
            let nominated = mwh((0..grid.len).filter(counts).map(|t| row.nominated[t]).sum());
            own.live(grid, cuts, (nominated, mwh(cuts.iter().sum())), self.window_days);
        }
    }

    /// What the season did, by facility.
    pub(super) fn suffered(&self) -> impl Iterator<Item = Suffered> {
        self.facilities.iter().map(|own| Suffered {
            nominated_mwh: own.season.0,
            cut_mwh: own.season.1,
            events: own.events,
        })
    }
}

impl Own {
    fn live(&mut self, grid: &TimeGrid, cuts: &[i64], day: (f64, f64), window_days: Option<usize>) {
        self.state.events_today = None;
        for (t, &kw) in cuts.iter().enumerate() {
            let (at, was) = (grid.instant(t), self.state.cut_kw.0 > 0);
            if kw > 0 {
                self.cut_hours += grid.hours();
            }
            if kw > 0 && !was {
                self.state.cut_since = Some(at);
                self.starts.push_back(at);
                self.events += 1;
            } else if kw == 0 && was {
                self.state.cut_since = None;
                self.state.last_cut_end = Some(at);
            }
            self.state.cut_kw = Kw(kw);
        }
        let recent = grid.end() - TimeDelta::days(2);
        self.starts.retain(|at| *at >= recent);
        self.season = (self.season.0 + day.0, self.season.1 + day.1);
        self.days.push_back(day);
        while self.days.len() > window_days.unwrap_or(0) {
            self.days.pop_front();
        }
    }

    /// What fairness looks back on: a case's own ledger fades as the window fills with days of the season.
    fn ledger(&self, window_days: Option<usize>) -> Ledger {
        let Some(window) = window_days else {
            return Ledger {
                nominated_mwh: self.first.nominated_mwh + self.season.0,
                cut_mwh: self.first.cut_mwh + self.season.1,
            };
        };
        let left = window.saturating_sub(self.days.len()) as f64 / window.max(1) as f64;
        let sum = |of: fn(&(f64, f64)) -> f64| self.days.iter().map(of).sum::<f64>();
        Ledger {
            nominated_mwh: self.first.nominated_mwh * left + sum(|day| day.0),
            cut_mwh: self.first.cut_mwh * left + sum(|day| day.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(day: i64) -> TimeGrid {
        let start: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        TimeGrid { start: start + TimeDelta::days(day), step_minutes: 60, len: 4, time_zone: chrono_tz::UTC }
    }

    fn own() -> Own {
        Own {
            is_protected: false,
            first: Ledger { nominated_mwh: 100.0, cut_mwh: 10.0 },
            state: State::default(),
            starts: VecDeque::new(),
            cut_hours: 0.0,
            max_cut_hours: Some(5.0),
            days: VecDeque::new(),
            season: (0.0, 0.0),
            events: 0,
        }
    }

    #[test]
    fn an_event_over_midnight_goes_on() {
        let mut own = own();
        own.live(&grid(0), &[0, 0, 5, 5], (4.0, 1.0), None);
        assert_eq!(own.state.cut_since, Some(grid(0).instant(2)));
        // The grids of this test are four hours long: the next day's first hour follows as if nothing were between.
        own.live(&grid(1), &[5, 0, 0, 0], (4.0, 0.5), None);
        assert_eq!((own.events, own.cut_hours), (1, 3.0));
        assert_eq!(own.state, State { last_cut_end: Some(grid(1).instant(1)), ..State::default() });
        assert_eq!(own.ledger(None), Ledger { nominated_mwh: 108.0, cut_mwh: 11.5 });
    }

    #[test]
    fn a_window_forgets_the_ledger_first_and_then_the_oldest_day() {
        let mut own = own();
        own.live(&grid(0), &[0; 4], (4.0, 1.0), Some(2));
        assert_eq!(own.ledger(Some(2)), Ledger { nominated_mwh: 54.0, cut_mwh: 6.0 });
        own.live(&grid(1), &[0; 4], (6.0, 2.0), Some(2));
        own.live(&grid(2), &[0; 4], (8.0, 3.0), Some(2));
        assert_eq!(own.ledger(Some(2)), Ledger { nominated_mwh: 14.0, cut_mwh: 5.0 });
    }
}
