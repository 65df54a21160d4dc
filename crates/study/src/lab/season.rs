//! A season lived through: every civil day planned on the day before with what was known then, carried out as far as the
//! orders arrived and were obeyed, and measured against what came.

use super::Study;
use super::change::World;
use super::future::Future;
use super::history::History;
use super::outcome::{Came, DayFigures, Outcome};
use crate::errors::whole_kw;
use chrono::{DateTime, NaiveDate, Utc};
use kezek_model::case::{Case, Facility, Scenario, SolverSettings, Tie};
use kezek_model::grid::TimeGrid;
use kezek_model::plan::{Allocation, Plan};
use kezek_planner::problem::Problem;
use kezek_planner::solve::{Bench, Effort, MarginalPrice, PlanError};
use std::ops::Range;

/// A day that was lived, for whoever wants to look closer.
pub struct Day<'d> {
    /// The civil day.
    pub date: NaiveDate,
    /// What was planned: the day, and the hours after it that its plan looked at too.
    pub case: &'d Case,
    /// The plan, which passed the check.
    pub plan: &'d Plan,
    /// kW cut per facility and interval of the day: what of the plan arrived.
    pub cuts_kw: &'d [Vec<i64>],
    /// MW of headroom that came, per zone and interval.
    pub headroom_mw: &'d [Vec<f64>],
    /// MW uncovered, per zone and interval.
    pub uncovered_mw: &'d [Vec<f64>],
    /// The same if nobody had been cut.
    pub need_mw: &'d [Vec<f64>],
    /// Its figures.
    pub figures: &'d DayFigures,
}

/// Lives through a season of one world and one future; every day is shown to `look`, which may stop it.
///
/// # Errors
/// When a day can't be planned.
pub fn live(
    study: &Study,
    world: &World,
    future: &Future,
    bench: &Bench,
    look: &mut dyn FnMut(&Day<'_>) -> bool,
) -> Result<Option<Outcome>, PlanError> {
    let mut season = Season {
        study,
        world,
        future,
        bench,
        bare: world.case.facilities.iter().map(bare).collect(),
        history: History::new(&world.case, study.spec.planning.window_days),
        prices: Vec::new(),
        outcome: Outcome::new(&world.case, study.days()),
    };
    for (at, hours) in study.days().iter().enumerate() {
        if !season.day(at, hours.clone(), look)? {
            return Ok(None);
        }
    }
    Ok(Some(season.outcome.ended(&season.history)))
}

struct Season<'s> {
    study: &'s Study,
    world: &'s World,
    future: &'s Future,
    bench: &'s Bench,
    /// The facilities without their series.
    bare: Vec<Facility>,
    history: History,
    /// Of the day before, for the hours of this one.
    prices: Vec<MarginalPrice>,
    outcome: Outcome,
}

/// Hours of the day before whose prices are a first guess.
const DAY: chrono::TimeDelta = chrono::TimeDelta::days(1);

impl Season<'_> {
    fn day(
        &mut self,
        at: usize,
        hours: Range<usize>,
        look: &mut dyn FnMut(&Day<'_>) -> bool,
    ) -> Result<bool, PlanError> {
        let grid = &self.world.case.grid;
        let date = grid.civil_date(hours.start, grid.time_zone);
        let issued_at = self.issued_at(date);
        let known = |unit: usize, _: usize| self.future.is_out(unit, self.hour(issued_at));
        let planned = hours.start..(hours.end + self.world.lookahead).min(grid.len);
        let case = self.case(at, &planned, issued_at, &known);
        let planning = &self.study.spec.planning;
        let effort = Effort { gap: planning.gap, toil: planning.toil, seed: self.study.spec.seed };
        self.prices.iter_mut().for_each(|row| row.interval_start += DAY);
        let (plan, prices) = self.bench.plan(&case, effort, &self.prices)?;
        self.prices = prices;
        let cuts_kw = self.obeyed((at, date), &case, &plan, hours.len());
        let came = |unit: usize, t: usize| self.future.is_out(unit, grid.hours() * (hours.start + t) as f64);
        let today = self.case(at, &hours, issued_at, &came);
        let actual = self.actual(&today, &hours);
        let none = vec![vec![0; hours.len()]; cuts_kw.len()];
        let need = self.bench.uncovered_mw(&actual, &none)?;
        let uncovered = self.bench.uncovered_mw(&actual, &cuts_kw)?;
        let came = Came { actual: &actual, cuts_kw: &cuts_kw, need_mw: &need, uncovered_mw: &uncovered };
        let figures = DayFigures::of(&came, &plan);
        self.history.live(&today.grid, &actual, &cuts_kw);
        let headroom: Vec<Vec<f64>> = actual.zones.iter().map(|zone| zone.headroom_mw.clone()).collect();
        let goes_on = look(&Day {
            date,
            case: &case,
            plan: &plan,
            cuts_kw: &cuts_kw,
            headroom_mw: &headroom,
            uncovered_mw: &uncovered,
            need_mw: &need,
            figures: &figures,
        });
        self.outcome.add((at, self.study.days().len()), &figures, &came);
        Ok(goes_on)
    }

    /// The problem of a day as it came: with what the forecasts missed.
    fn actual(&self, today: &Case, hours: &Range<usize>) -> Problem {
        let mut actual = Problem::of_mean(today);
        for (z, zone) in actual.zones.iter_mut().enumerate() {
            self.surprise(z, hours, &mut zone.headroom_mw);
        }
        actual
    }

    /// When the orders of a day leave.
    fn issued_at(&self, date: NaiveDate) -> DateTime<Utc> {
        use chrono::TimeZone as _;
        let before = date.pred_opt().unwrap_or(date).and_time(self.study.spec.planning.issued);
        let zone = self.world.case.grid.time_zone;
        zone.from_local_datetime(&before).earliest().map_or_else(|| before.and_utc(), |at| at.to_utc())
    }

    /// Hours from the start of the season.
    fn hour(&self, at: DateTime<Utc>) -> f64 {
        (at - self.world.case.grid.start).num_minutes() as f64 / 60.0
    }

    /// The case of a day and of hours after it, with their weather and those units lost that are out by somebody's
    /// knowledge.
    fn case(
        &self,
        at: usize,
        hours: &Range<usize>,
        issued_at: DateTime<Utc>,
        is_out: &dyn Fn(usize, usize) -> bool,
    ) -> Case {
        let season = &self.world.case;
        let grid =
            TimeGrid { start: season.grid.instant(hours.start), len: hours.len(), ..season.grid.clone() };
        let dates = [0, grid.len - 1].map(|t| grid.civil_date(t, grid.time_zone));
        let facilities = (0..self.bare.len()).map(|f| self.facility(f, hours, &grid, dates)).collect();
        let headroom_mw = (0..season.zones.len()).map(|z| self.headroom(z, at, hours, is_out)).collect();
        Case {
            name: format!("{} {}", season.name, dates[0]),
            issued_at,
            facilities,
            ties: season.ties.iter().map(|tie| self.tie(tie, hours, is_out)).collect(),
            scenarios: vec![Scenario { id: String::new(), probability: 1.0, headroom_mw }],
            objective: season.objective.clone(),
            solver: SolverSettings { gap: Some(self.study.spec.planning.gap), ..season.solver.clone() },
            zones: season.zones.clone(),
            tier_adder_per_mwh: season.tier_adder_per_mwh.clone(),
            risk: None,
            auction: None,
            schedules: season.schedules.clone(),
            grid,
        }
    }

    /// A facility in some hours, with what the days before left it; `dates` are the first and the last of these.
    fn facility(&self, f: usize, hours: &Range<usize>, grid: &TimeGrid, dates: [NaiveDate; 2]) -> Facility {
        let (season, mut own) = (&self.world.case.facilities[f], self.bare[f].clone());
        own.nomination_kw = season.nomination_kw[hours.clone()].to_vec();
        own.quota_kw = season.quota_kw[hours.clone()].to_vec();
        own.kept_kw = vec![None; hours.len()];
        let [first, last] = dates;
        match dates.map(|date| self.world.suspended[f].iter().any(|days| days.contains(&date))) {
            [true, true] => (own.licence_from, own.licence_to) = (None, first.pred_opt()),
            [true, false] => own.licence_from = own.licence_from.max(Some(last)),
            [false, true] => own.licence_to = Some(own.licence_to.map_or(first, |to| to.min(first))),
            [false, false] => {}
        }
        self.history.lay(f, grid, &mut own);
        own
    }

    fn headroom(
        &self,
        z: usize,
        at: usize,
        hours: &Range<usize>,
        is_out: &dyn Fn(usize, usize) -> bool,
    ) -> Vec<f64> {
        let (spec, zone) = (&self.study.spec, &self.world.case.zones[z].id);
        let per_kelvin = spec.weather.as_ref().and_then(|own| own.mw_per_kelvin.get(zone)).copied();
        let kept = spec.weather.as_ref().map_or(0.0, |own| own.persistence);
        let today = self.study.days()[at].end - hours.start;
        let heating = |t: usize| {
            // Of the day after nobody knows more yet than what it is likely to keep of this one.
            let warmer = self.future.warmer_kelvin[at] * if t < today { 1.0 } else { kept };
            per_kelvin.unwrap_or(0.0) * (self.world.colder_kelvin - warmer)
        };
        let lost = |t: usize| -> f64 {
            let own = spec.unit.iter().enumerate().filter(|(_, unit)| unit.zone.as_ref() == Some(zone));
            own.filter(|&(unit, _)| is_out(unit, t)).map(|(_, unit)| unit.mw).sum()
        };
        let forecast = &self.world.case.scenarios[0].headroom_mw[z][hours.clone()];
        forecast.iter().enumerate().map(|(t, mw)| whole_kw(mw - heating(t) - lost(t))).collect()
    }

    fn tie(&self, tie: &Tie, hours: &Range<usize>, is_out: &dyn Fn(usize, usize) -> bool) -> Tie {
        let own = |t: usize| -> f64 {
            let units = self.study.spec.unit.iter().enumerate();
            let own = units.filter(|(_, unit)| unit.tie.as_ref() == Some(&tie.id));
            own.filter(|&(unit, _)| is_out(unit, t)).map(|(_, unit)| unit.mw).sum()
        };
        let lost: Vec<f64> = (0..hours.len()).map(own).collect();
        let left = |limits: &[Option<f64>]| -> Vec<Option<f64>> {
            let own = limits[hours.clone()].iter().zip(&lost);
            own.map(|(limit, lost)| limit.map(|mw| (mw - lost).max(0.0))).collect()
        };
        Tie {
            id: tie.id.clone(),
            from: tie.from.clone(),
            to: tie.to.clone(),
            limit_mw: left(&tie.limit_mw),
            reverse_limit_mw: left(&tie.reverse_limit_mw),
        }
    }

    /// Lays what the forecasts missed over a zone's headroom.
    fn surprise(&self, z: usize, hours: &Range<usize>, headroom_mw: &mut [f64]) {
        let zone = &self.world.case.zones[z].id;
        for (errors, missed) in self.study.spec.errors.iter().zip(&self.future.missed) {
            let Some(base) = errors.base_mw.get(zone) else { continue };
            for (mw, share) in headroom_mw.iter_mut().zip(&missed[hours.clone()]) {
                *mw = whole_kw(*mw + errors.of.sign() * base * share);
            }
        }
    }

    /// What is cut in the intervals of the day: nothing by those that disobey on it, and of an order that left in a silence
    /// nothing until it has arrived and notice has passed.
    fn obeyed(
        &self,
        (at, date): (usize, NaiveDate),
        case: &Case,
        plan: &Plan,
        intervals: usize,
    ) -> Vec<Vec<i64>> {
        let silence = self.world.silence.iter().find(|silence| silence.contains(&case.issued_at));
        let cut = |(f, rows): (usize, &[Allocation])| -> Vec<i64> {
            let disobeys = self.future.obedience[f][at] < self.world.disobedience(f, date);
            let notice = chrono::TimeDelta::minutes(case.facilities[f].notice_minutes);
            let from = silence.map(|silence| silence.end + notice);
            let is_late = |at: DateTime<Utc>| from.is_some_and(|from| at < from);
            let kw = |row: &Allocation| if disobeys || is_late(row.interval_start) { 0 } else { row.cut.0 };
            rows[..intervals].iter().map(kw).collect()
        };
        plan.allocations.chunks(case.grid.len).enumerate().map(cut).collect()
    }
}

/// A facility without its series.
fn bare(facility: &Facility) -> Facility {
    let mut own = facility.clone();
    (own.nomination_kw, own.quota_kw, own.kept_kw) = (Vec::new(), Vec::new(), Vec::new());
    own
}
