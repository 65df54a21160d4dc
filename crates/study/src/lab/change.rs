//! A scenario laid over the base: the case with its changes, and what only shows day by day.

use super::Study;
use super::spec::{FacilityChange, Scenario};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use kezek_model::case::{Case, Facility};
use kezek_model::grid::TimeGrid;
use kezek_model::units::Kw;
use std::ops::Range;

/// The season of one scenario, before any chance.
#[derive(Clone, Debug)]
pub struct World {
    /// The case of the whole season.
    pub case: Case,
    /// Every day is so much colder than in the base.
    pub colder_kelvin: f64,
    /// Days on which each facility's licence is suspended.
    pub suspended: Vec<Vec<Range<NaiveDate>>>,
    /// Days on which each facility may disobey, and on what share of them; of several that hold for a day the last.
    pub disobeys: Vec<Vec<(Range<NaiveDate>, f64)>>,
    /// Times in which no order arrives.
    pub silence: Vec<Range<DateTime<Utc>>>,
    /// Intervals of the next day that a day's plan looks at too.
    pub lookahead: usize,
}

impl World {
    /// The world of a scenario by its position in [`Study::scenarios`]; the first is the base.
    #[must_use]
    pub fn new(study: &Study, scenario: usize) -> Self {
        let case = study.case.clone();
        let suspended = vec![Vec::new(); case.facilities.len()];
        let disobeys = vec![Vec::new(); case.facilities.len()];
        let asked_h = scenario.checked_sub(1).and_then(|at| study.spec.scenario[at].lookahead_hours);
        let lookahead = lookahead(&case.grid, asked_h.unwrap_or(study.spec.planning.lookahead_hours));
        let mut world =
            Self { case, colder_kelvin: 0.0, suspended, disobeys, silence: Vec::new(), lookahead };
        if let Some(at) = scenario.checked_sub(1) {
            world.lay(&study.spec.scenario[at]);
            world.case.schedules.extend(study.orders[at].iter().cloned());
            world.case.schedules.sort_by(|a, b| a.number.cmp(&b.number));
        }
        world
    }

    /// The share of days like this one on which a facility disobeys.
    #[must_use]
    pub fn disobedience(&self, facility: usize, date: NaiveDate) -> f64 {
        let of_day = self.disobeys[facility].iter().rev().find(|(days, _)| days.contains(&date));
        of_day.map_or(0.0, |(_, share)| *share)
    }

    fn lay(&mut self, scenario: &Scenario) {
        self.colder_kelvin = scenario.colder_kelvin;
        if let Some(policy) = scenario.policy {
            self.case.objective.policy = policy;
        }
        let grid = self.case.grid.clone();
        for change in &scenario.headroom {
            let (Some(z), hours) =
                (self.case.zone_index(&change.zone), within(&grid, change.from, change.to))
            else {
                continue;
            };
            for future in &mut self.case.scenarios {
                hours.clone().for_each(|t| future.headroom_mw[z][t] += change.add_mw);
            }
        }
        for change in &scenario.tie {
            let hours = within(&grid, change.from, change.to);
            for tie in self.case.ties.iter_mut().filter(|own| own.id == change.tie) {
                for limit in [&mut tie.limit_mw, &mut tie.reverse_limit_mw] {
                    for mw in limit[hours.clone()].iter_mut().flatten() {
                        *mw = (*mw + change.add_mw).max(0.0);
                    }
                }
            }
        }
        for change in &scenario.facilities {
            self.change(change, &grid);
        }
        let instant = |civil| instant(&grid, civil);
        self.silence = scenario.silence.iter().map(|own| instant(own.from)..instant(own.to)).collect();
    }

    fn change(&mut self, change: &FacilityChange, grid: &TimeGrid) {
        let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0);
        let hours = within(grid, change.from.and_then(midnight), change.to.and_then(midnight));
        for (f, facility) in self.case.facilities.iter_mut().enumerate() {
            if !is_meant(change, facility) {
                continue;
            }
            if let Some(percent) = change.nominate_percent {
                facility.nomination_kw[hours.clone()].iter_mut().for_each(|kw| *kw = share(*kw, percent));
            }
            let days = change.from.unwrap_or(NaiveDate::MIN)..change.to.unwrap_or(NaiveDate::MAX);
            if let Some(percent) = change.disobey_percent {
                self.disobeys[f].push((days.clone(), percent / 100.0));
            }
            if change.suspended {
                self.suspended[f].push(days);
            }
        }
    }
}

/// The intervals that some hours take.
fn lookahead(grid: &TimeGrid, hours: u32) -> usize {
    (hours * 60 / grid.step_minutes) as usize
}

fn is_meant(change: &FacilityChange, facility: &Facility) -> bool {
    (change.names.is_empty() || change.names.contains(&facility.id))
        && (change.zones.is_empty() || change.zones.contains(&facility.zone))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn share(kw: Kw, percent: f64) -> Kw {
    Kw((kw.0 as f64 * percent / 100.0 + 1e-6).floor() as i64)
}

/// The first instant at which a civil time has come.
fn instant(grid: &TimeGrid, civil: NaiveDateTime) -> DateTime<Utc> {
    let zone = grid.time_zone;
    let after = |civil: NaiveDateTime| zone.from_local_datetime(&civil).earliest();
    // A time that the clock skips has come an hour later.
    let found = after(civil).or_else(|| after(civil + chrono::TimeDelta::hours(1)));
    found.map_or_else(|| civil.and_utc(), |found| found.to_utc())
}

/// The intervals that start within two civil times.
fn within(grid: &TimeGrid, from: Option<NaiveDateTime>, to: Option<NaiveDateTime>) -> Range<usize> {
    let first = |at: DateTime<Utc>| (0..grid.len).find(|&t| grid.instant(t) >= at).unwrap_or(grid.len);
    let from = from.map_or(0, |civil| first(instant(grid, civil)));
    let to = to.map_or(grid.len, |civil| first(instant(grid, civil)));
    from..to.max(from)
}
