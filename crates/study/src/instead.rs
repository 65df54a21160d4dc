//! What standing orders take, beside what a policy takes in their place with the same relief.
//!
//! *Relief* is what is covered. Held equal is the energy that stays uncovered over all zones and hours: a plan by
//! `rotation` or `equal-share` seeks the least of it before anything else, one by `least-cost` prices it. Whether the plan
//! instead leaves no more than the ordered one, in sum and in each zone, is verified afterwards, and the hours in which it
//! does are counted.
//!
//! A cut *meets a shortage* as far as more would stay uncovered in its hour without it. The sum over all zones is told, since
//! ties make the shortage of one zone that of another.

mod relief;
mod taken;

pub use relief::{MoreInZone, Relief};
pub use taken::{Spread, Taken};

use crate::load;
use chrono::{DateTime, NaiveDate, Utc};
use kezek_model::case::{Case, Objective, Policy};
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::plan::Plan;
use kezek_planner::shortfall::uncovered_mw;
use kezek_planner::solve::PlanError;
use serde::Serialize;
use taken::Course;

/// The case without its standing orders, under a policy.
#[must_use]
pub fn without_orders(case: &Case, policy: Policy) -> Case {
    let objective = Objective { policy, ..case.objective.clone() };
    Case { schedules: Vec::new(), objective, ..case.clone() }
}

/// Both plans side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instead {
    /// Name of the case.
    pub case: String,
    /// Numbers of the standing orders that the plan instead goes without.
    pub orders: Vec<String>,
    /// What the plan instead was sought by.
    pub policy: Policy,
    /// Of all costs.
    pub currency: String,
    /// Energy nominated by all facilities.
    pub nominated_mwh: f64,
    /// What would stay uncovered if nobody were cut.
    pub need_mwh: f64,
    /// The plan with the orders.
    pub ordered: Taken,
    /// The plan instead.
    pub instead: Taken,
    /// Whether both leave the same uncovered.
    pub relief: Relief,
    /// By civil day of the case.
    pub days: Vec<Day>,
    /// By zone.
    pub zones: Vec<Zone>,
    /// By interval and zone.
    pub hours: Vec<Hour>,
    /// By facility.
    pub facilities: Vec<Facility>,
}

/// Energy of one plan in a part of the horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// Cut.
    pub cut_mwh: f64,
    /// Of the cut, what met a shortage of its hour.
    pub met_mwh: f64,
    /// Uncovered.
    pub uncovered_mwh: f64,
}

/// A civil day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    /// The day, on the clock of the case.
    pub date: NaiveDate,
    /// What would stay uncovered if nobody were cut.
    pub need_mwh: f64,
    /// With the orders.
    pub ordered: Part,
    /// Instead.
    pub instead: Part,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Zone {
    /// Its name.
    pub zone: ZoneId,
    /// With the orders.
    pub ordered: OfZone,
    /// Instead.
    pub instead: OfZone,
}

/// One plan in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OfZone {
    /// Cut.
    pub cut_mwh: f64,
    /// Uncovered.
    pub uncovered_mwh: f64,
    /// Burdens of the facilities that can be cut.
    pub burden: Spread,
}

/// One zone in one interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hour {
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// Its end.
    pub interval_end: DateTime<Utc>,
    /// The zone.
    pub zone: ZoneId,
    /// What it can give to mining.
    pub headroom_mw: f64,
    /// What its facilities intend to draw.
    pub nominated_mw: f64,
    /// What would stay uncovered here if nobody were cut, the ties at their best.
    pub need_mw: f64,
    /// Cut with the orders.
    pub ordered_cut_mw: f64,
    /// Cut instead.
    pub instead_cut_mw: f64,
    /// Uncovered with the orders.
    pub ordered_uncovered_mw: f64,
    /// Uncovered instead.
    pub instead_uncovered_mw: f64,
}

/// One facility.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facility {
    /// Its name in all files.
    pub facility: FacilityId,
    /// What people call it.
    pub name: String,
    /// Its zone.
    pub zone: ZoneId,
    /// Energy nominated.
    pub nominated_mwh: f64,
    /// With the orders.
    pub ordered: OfFacility,
    /// Instead.
    pub instead: OfFacility,
}

/// What one plan does to a facility.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OfFacility {
    /// Cut.
    pub cut_mwh: f64,
    /// Hours under cut.
    pub hours: f64,
    /// Events that begin.
    pub events: usize,
    /// Share of its energy that it has had cut; none where it cannot be cut.
    pub burden: Option<f64>,
    /// What cuts and events cost it.
    pub cost: f64,
}

/// Compares the plan of a case with the one of [`without_orders`]; both have passed the check.
///
/// # Errors
/// When the case is none that is planned, or the solver that dispatches the ties fails.
pub fn compare(case: &Case, ordered: &Plan, policy: Policy, instead: &Plan) -> Result<Instead, PlanError> {
    let without = without_orders(case, policy);
    let need = uncovered_mw(case, &load::nominated(case, ordered))?;
    // The burdens of both plans are those of one policy.
    let with = Case { objective: without.objective.clone(), ..case.clone() };
    let [ordered, instead] = [Course::new(&with, ordered, &need), Course::new(&without, instead, &need)];
    let numbers =
        kezek_model::schedule::in_force(&case.schedules).into_iter().map(|order| order.number.clone());
    Ok(Instead {
        case: case.name.clone(),
        orders: numbers.collect(),
        policy,
        currency: case.objective.currency.clone(),
        nominated_mwh: ordered.plan.totals.nominated_mwh,
        need_mwh: need.iter().flatten().sum::<f64>() * case.grid.hours(),
        ordered: ordered.taken(),
        instead: instead.taken(),
        relief: Relief::of(case, ordered.plan, instead.plan),
        days: days(case, &need, &ordered, &instead),
        zones: zones(case, &ordered, &instead),
        hours: hours(case, &need, &ordered, &instead),
        facilities: facilities(case, &ordered, &instead),
    })
}

fn days(case: &Case, need: &[Vec<f64>], ordered: &Course<'_>, instead: &Course<'_>) -> Vec<Day> {
    let date = |t: usize| case.grid.civil_date(t, case.grid.time_zone);
    let mut days: Vec<Day> = Vec::new();
    for t in 0..case.grid.len {
        if days.last().is_none_or(|day| day.date != date(t)) {
            let (need_mwh, ordered, instead) = (0.0, Part::default(), Part::default());
            days.push(Day { date: date(t), need_mwh, ordered, instead });
        }
        let Some(day) = days.last_mut() else { continue };
        day.need_mwh += need.iter().map(|zone| zone[t]).sum::<f64>() * case.grid.hours();
        ordered.add_to(&mut day.ordered, t);
        instead.add_to(&mut day.instead, t);
    }
    days
}

fn zones(case: &Case, ordered: &Course<'_>, instead: &Course<'_>) -> Vec<Zone> {
    let zone = |(z, zone): (usize, &kezek_model::case::Zone)| Zone {
        zone: zone.id.clone(),
        ordered: ordered.of_zone(z),
        instead: instead.of_zone(z),
    };
    case.zones.iter().enumerate().map(zone).collect()
}

fn hours(case: &Case, need: &[Vec<f64>], ordered: &Course<'_>, instead: &Course<'_>) -> Vec<Hour> {
    let nominated = load::nominated(case, ordered.plan);
    let hour = |z: usize, t: usize| Hour {
        interval_start: case.grid.instant(t),
        interval_end: case.grid.instant(t + 1),
        zone: case.zones[z].id.clone(),
        headroom_mw: case.scenarios[0].headroom_mw[z][t],
        nominated_mw: nominated[z][t],
        need_mw: need[z][t],
        ordered_cut_mw: ordered.cut_mw[z][t],
        instead_cut_mw: instead.cut_mw[z][t],
        ordered_uncovered_mw: ordered.uncovered_mw[z][t],
        instead_uncovered_mw: instead.uncovered_mw[z][t],
    };
    (0..case.zones.len())
        .flat_map(|z| (0..case.grid.len).map(move |t| (z, t)))
        .map(|(z, t)| hour(z, t))
        .collect()
}

fn facilities(case: &Case, ordered: &Course<'_>, instead: &Course<'_>) -> Vec<Facility> {
    let facility = |(f, own): (usize, &kezek_model::case::Facility)| Facility {
        facility: own.id.clone(),
        name: own.name.clone(),
        zone: own.zone.clone(),
        nominated_mwh: ordered.nominated_mwh(f),
        ordered: ordered.of_facility(f),
        instead: instead.of_facility(f),
    };
    case.facilities.iter().enumerate().map(facility).collect()
}

#[cfg(test)]
mod tests;
