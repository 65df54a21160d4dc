//! What is kept of a season: whole kWh and kW, so that sums do not depend on their order.

use super::history::History;
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Status};
use kezek_planner::problem::Problem;
use kezek_planner::walk::walk;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Figures of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// Shortage if nobody were cut, ties at their best, kWh.
    pub need_kwh: i64,
    /// The greatest, kW.
    pub need_peak_kw: i64,
    /// What could be cut in the interval of the greatest need, kW.
    pub room_kw: i64,
    /// Nominated, kWh.
    pub nominated_kwh: i64,
    /// Cut, kWh.
    pub cut_kwh: i64,
    /// Uncovered in the plan, kWh.
    pub foreseen_kwh: i64,
    /// Uncovered as it came, kWh.
    pub uncovered_kwh: i64,
    /// The greatest, kW.
    pub uncovered_peak_kw: i64,
    /// Minutes with a shortage if nobody were cut.
    pub short_minutes: i64,
    /// Events that began.
    pub events: i64,
    /// Facilities with an order for the day, whether it arrived and was obeyed or not.
    pub orders: i64,
    /// Cost of cuts and events to the miners, in hundredths of the currency.
    pub cost_cents: i64,
    /// Proven gap of the whole plan in millionths; of one that ended by work what was proven by then.
    pub gap_ppm: i64,
    /// 1 where the plan ended by work and not by its gap.
    pub by_work: i64,
}

/// The names of the figures of a day, in the order of [`DayFigures::values`], with their units.
pub const DAY_FIGURES: [&str; 14] = [
    "need_kwh",
    "need_peak_kw",
    "room_kw",
    "nominated_kwh",
    "cut_kwh",
    "foreseen_uncovered_kwh",
    "uncovered_kwh",
    "uncovered_peak_kw",
    "short_minutes",
    "events",
    "orders",
    "cost_cents",
    "gap_ppm",
    "ended_by_work",
];

/// The names of the figures of a zone in a season, with their units.
pub const ZONE_FIGURES: [&str; 4] = ["nominated_kwh", "cut_kwh", "uncovered_kwh", "uncovered_minutes"];

/// A day as it came.
#[derive(Clone, Copy, Debug)]
pub struct Came<'c> {
    /// The problem with the headroom and the ties that came.
    pub actual: &'c Problem,
    /// kW cut, by facility and interval.
    pub cuts_kw: &'c [Vec<i64>],
    /// MW uncovered if nobody had been cut, by zone and interval.
    pub need_mw: &'c [Vec<f64>],
    /// MW uncovered, by zone and interval.
    pub uncovered_mw: &'c [Vec<f64>],
}

/// Percents of the season's intervals at which a duration curve is kept.
pub const CURVE: usize = 101;
/// Days of a season up to which cuts are kept by day, beyond it by week.
const BY_DAY: usize = 31;
const WEEK: usize = 7;

/// What a season came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// By day, in the order of [`DAY_FIGURES`].
    pub days: Vec<[i64; 14]>,
    /// Nominated while entitled, by facility, kWh; 0 where protected, as there is no burden.
    pub nominated_kwh: Vec<i64>,
    /// Cut, by facility, kWh.
    pub cut_kwh: Vec<i64>,
    /// Events, by facility.
    pub events: Vec<u64>,
    /// Cut by facility and day, or week where the season is longer than a month, kWh.
    pub cut_by_span_kwh: Vec<Vec<i64>>,
    /// Need that is reached or exceeded in so many percent of the intervals, from 0 to 100, kW.
    pub need_curve_kw: Vec<i64>,
    /// The same of what was uncovered.
    pub uncovered_curve_kw: Vec<i64>,
    /// By zone, in the order of [`ZONE_FIGURES`].
    pub zones: Vec<[i64; 4]>,
    /// What is gathered until the season is over.
    #[serde(skip)]
    gathered: Gathered,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Gathered {
    need_kw: Vec<i64>,
    uncovered_kw: Vec<i64>,
}

/// How many days a column of [`Outcome::cut_by_span_kwh`] holds in a season of so many.
#[must_use]
pub fn span_days(days: usize) -> usize {
    if days <= BY_DAY { 1 } else { WEEK }
}

impl DayFigures {
    /// The figures of a day as it came, and of what its plan, which may go on after it, has for it.
    #[must_use]
    pub fn of(came: &Came<'_>, plan: &Plan) -> Self {
        let Came { actual, cuts_kw, .. } = *came;
        let kwh = |kw: i64| kwh(kw, actual.hours);
        let (need, uncovered) = (sums_kw(came.need_mw), sums_kw(came.uncovered_mw));
        let peak = (0..need.len()).max_by_key(|&t| (need[t], std::cmp::Reverse(t))).unwrap_or(0);
        let rows = || actual.facilities.iter().zip(cuts_kw);
        let walks = rows().map(|(row, cuts)| (row, cuts, walk(row, cuts).starts.len()));
        let (mut events, mut cost) = (0, 0.0);
        for (row, cuts, starts) in walks {
            events += starts as i64;
            let cut_mwh = cuts.iter().sum::<i64>() as f64 / 1000.0 * actual.hours;
            cost += cut_mwh * row.cut_cost_per_mwh + starts as f64 * row.event_cost;
        }
        let planned = plan.zones.len() / actual.zones.len();
        let ordered = plan.allocations.chunks(planned).map(|rows| &rows[..actual.steps]);
        let foreseen = plan.zones.chunks(planned).flat_map(|rows| &rows[..actual.steps]);
        let foreseen_mw: f64 = foreseen.map(|row| row.uncovered_mw).sum();
        let gap = plan.gap.unwrap_or(1.0);
        Self {
            need_kwh: kwh(need.iter().sum()),
            need_peak_kw: need.get(peak).copied().unwrap_or(0),
            room_kw: actual.facilities.iter().map(|row| row.room[peak]).sum(),
            nominated_kwh: kwh(actual.facilities.iter().flat_map(|row| &row.nominated).sum()),
            cut_kwh: kwh(cuts_kw.iter().flatten().sum()),
            foreseen_kwh: rounded(foreseen_mw * actual.hours * 1000.0),
            uncovered_kwh: kwh(uncovered.iter().sum()),
            uncovered_peak_kw: uncovered.iter().copied().max().unwrap_or(0),
            short_minutes: need.iter().filter(|kw| **kw > 0).count() as i64 * actual.step_minutes(),
            events,
            orders: ordered.filter(|rows| rows.iter().any(|row| row.cut.0 > 0)).count() as i64,
            cost_cents: rounded(cost * 100.0),
            gap_ppm: rounded(gap.min(1.0) * 1e6),
            by_work: i64::from(plan.status == Status::TimeLimit),
        }
    }

    /// All figures, in the order of [`DAY_FIGURES`].
    #[must_use]
    pub fn values(&self) -> [i64; 14] {
        [
            self.need_kwh,
            self.need_peak_kw,
            self.room_kw,
            self.nominated_kwh,
            self.cut_kwh,
            self.foreseen_kwh,
            self.uncovered_kwh,
            self.uncovered_peak_kw,
            self.short_minutes,
            self.events,
            self.orders,
            self.cost_cents,
            self.gap_ppm,
            self.by_work,
        ]
    }
}

impl Came<'_> {
    /// The figures of a zone, in the order of [`ZONE_FIGURES`].
    fn zone(&self, zone: usize) -> [i64; 4] {
        let (actual, own) = (self.actual, &self.actual.zones[zone].facilities);
        let nominated: i64 = own.iter().flat_map(|&f| &actual.facilities[f].nominated).sum();
        let cut: i64 = own.iter().flat_map(|&f| &self.cuts_kw[f]).sum();
        let uncovered = sums_kw(std::slice::from_ref(&self.uncovered_mw[zone]));
        let minutes = uncovered.iter().filter(|kw| **kw > 0).count() as i64 * actual.step_minutes();
        let [nominated, cut, uncovered] =
            [nominated, cut, uncovered.iter().sum()].map(|kw| kwh(kw, actual.hours));
        [nominated, cut, uncovered, minutes]
    }
}

impl Outcome {
    pub(super) fn new(case: &Case, days: &[Range<usize>]) -> Self {
        let facilities = case.facilities.len();
        let spans = days.len().div_ceil(span_days(days.len()));
        Self {
            days: Vec::with_capacity(days.len()),
            nominated_kwh: vec![0; facilities],
            cut_kwh: vec![0; facilities],
            events: vec![0; facilities],
            cut_by_span_kwh: vec![vec![0; spans]; facilities],
            need_curve_kw: Vec::new(),
            uncovered_curve_kw: Vec::new(),
            zones: vec![[0; ZONE_FIGURES.len()]; case.zones.len()],
            gathered: Gathered::default(),
        }
    }

    /// Adds a day by its place among so many.
    pub(super) fn add(&mut self, (at, days): (usize, usize), figures: &DayFigures, came: &Came<'_>) {
        self.days.push(figures.values());
        for (spans, cuts) in self.cut_by_span_kwh.iter_mut().zip(came.cuts_kw) {
            spans[at / span_days(days)] += kwh(cuts.iter().sum(), came.actual.hours);
        }
        for (z, sums) in self.zones.iter_mut().enumerate() {
            sums.iter_mut().zip(came.zone(z)).for_each(|(sum, own)| *sum += own);
        }
        self.gathered.need_kw.extend(sums_kw(came.need_mw));
        self.gathered.uncovered_kw.extend(sums_kw(came.uncovered_mw));
    }

    pub(super) fn ended(mut self, history: &History) -> Self {
        for (f, own) in history.suffered().enumerate() {
            self.nominated_kwh[f] = rounded(own.nominated_mwh * 1000.0);
            self.cut_kwh[f] = rounded(own.cut_mwh * 1000.0);
            self.events[f] = own.events;
        }
        let gathered = std::mem::take(&mut self.gathered);
        self.need_curve_kw = curve(gathered.need_kw);
        self.uncovered_curve_kw = curve(gathered.uncovered_kw);
        self
    }

    /// The sum of a figure over the days.
    #[must_use]
    pub fn sum(&self, figure: usize) -> i64 {
        self.days.iter().map(|day| day[figure]).sum()
    }

    /// Burdens by facility, those that have none left out.
    pub fn burdens(&self) -> impl Iterator<Item = f64> {
        let own = self.nominated_kwh.iter().zip(&self.cut_kwh).filter(|(nominated, _)| **nominated > 0);
        own.map(|(nominated, cut)| *cut as f64 / *nominated as f64)
    }
}

/// kW of all zones together, by interval.
fn sums_kw(mw: &[Vec<f64>]) -> Vec<i64> {
    let steps = mw.first().map_or(0, Vec::len);
    (0..steps).map(|t| mw.iter().map(|zone| rounded(zone[t] * 1000.0)).sum()).collect()
}

/// kWh of some kW in intervals of so many hours.
fn kwh(kw: i64, hours: f64) -> i64 {
    rounded(kw as f64 * hours)
}

fn rounded(value: f64) -> i64 {
    value.round() as i64
}

/// The values from the greatest to the least, at every percent.
fn curve(mut kw: Vec<i64>) -> Vec<i64> {
    kw.sort_unstable_by(|a, b| b.cmp(a));
    let last = kw.len().saturating_sub(1);
    (0..CURVE).map(|percent| kw.get(last * percent / (CURVE - 1)).copied().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_falls_from_the_greatest_to_the_least() {
        let curve = curve((0..=200).collect());
        assert_eq!((curve[0], curve[50], curve[100]), (200, 100, 0));
        assert!(curve.windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn every_figure_has_its_name() {
        let figures = DayFigures { need_kwh: 1, uncovered_kwh: 7, by_work: 14, ..DayFigures::default() };
        let named: Vec<(&str, i64)> =
            DAY_FIGURES.into_iter().zip(figures.values()).filter(|own| own.1 > 0).collect();
        assert_eq!(named, [("need_kwh", 1), ("uncovered_kwh", 7), ("ended_by_work", 14)]);
    }
}
