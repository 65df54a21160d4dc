//! What consumers went short of, by the meters: in every zone and plan interval that is over, the metered load above
//! what headroom and ties could give. Where a meter says nothing the nomination is taken, and said so.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::State;
use kezek_model::case::Case;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::plan::{Allocation, Plan};
use kezek_model::receipt::{Quality, Reading};
use kezek_planner::shortfall::uncovered_mw;
use kezek_planner::solve::PlanError;

use crate::api::{Uncovered, ZoneUncovered};

/// A plan whose orders were issued, with its case.
pub(crate) struct IssuedPlan {
    pub(crate) plan: Arc<Plan>,
    pub(crate) case: Arc<Case>,
}

/// What the meters say about the intervals of a plan that are over.
pub(crate) struct Metered {
    /// How many intervals are over.
    over: usize,
    /// Per zone and interval; nothing where it is not over.
    load_mw: Vec<Vec<f64>>,
    /// Hours without a trusted reading.
    assumed_hours: BTreeMap<(FacilityId, DateTime<Utc>), f64>,
}

impl Metered {
    /// The load of a zone in the intervals that are over, in MW.
    pub(crate) fn loads(&self, zone: usize) -> &[f64] {
        &self.load_mw[zone][..self.over]
    }
}

/// Adds up the meters of a plan's facilities.
pub(crate) fn metered(state: &State, issued: &IssuedPlan, now: DateTime<Utc>) -> Metered {
    let case = &issued.case;
    let over = (0..case.grid.len).take_while(|&t| case.grid.instant(t + 1) <= now).count();
    let load_mw = vec![vec![0.0; case.grid.len]; case.zones.len()];
    let mut metered = Metered { over, load_mw, assumed_hours: BTreeMap::new() };
    // The check has found every facility in every interval, in order.
    for (facility, rows) in case.facilities.iter().zip(issued.plan.allocations.chunks(case.grid.len)) {
        let Some(zone) = case.zone_index(&facility.zone) else { continue };
        let readings = trusted(state, &facility.id, case.grid.start, now);
        for (t, row) in rows.iter().take(over).enumerate() {
            let (mwh, assumed_hours) = energy(&readings, row, case.grid.instant(t + 1));
            metered.load_mw[zone][t] += mwh / case.grid.hours();
            metered.assumed_hours.insert((facility.id.clone(), row.interval_start), assumed_hours);
        }
    }
    metered
}

/// Metered energy of a facility in one interval; the nomination for the hours that no meter tells.
fn energy(readings: &[Reading], row: &Allocation, end: DateTime<Utc>) -> (f64, f64) {
    let start = row.interval_start;
    let from = readings.partition_point(|reading| reading.interval_end <= start);
    let (mut mwh, mut metered_hours) = (0.0, 0.0);
    for reading in readings[from..].iter().take_while(|reading| reading.interval_start < end) {
        let shared = hours(reading.interval_end.min(end) - reading.interval_start.max(start));
        mwh += reading.mean.mw() * shared;
        metered_hours += shared;
    }
    let assumed_hours = (hours(end - start) - metered_hours).max(0.0);
    (mwh + row.nominated.mw() * assumed_hours, assumed_hours)
}

/// Adds it up over all issued plans, in the order they were issued: in the same interval the latest counts.
///
/// # Errors
/// When the ties cannot be dispatched.
pub(crate) fn uncovered(plans: &[IssuedPlan], metered: Vec<Metered>) -> Result<Uncovered, PlanError> {
    let mut cells: BTreeMap<(ZoneId, DateTime<Utc>), f64> = BTreeMap::new();
    let mut assumed = BTreeMap::new();
    for (IssuedPlan { case, .. }, metered) in plans.iter().zip(metered) {
        let short = uncovered_mw(case, &metered.load_mw)?;
        for (zone, short) in case.zones.iter().zip(short) {
            for (t, mw) in short.into_iter().take(metered.over).enumerate() {
                cells.insert((zone.id.clone(), case.grid.instant(t)), mw * case.grid.hours());
            }
        }
        assumed.extend(metered.assumed_hours);
    }
    let mut zones: BTreeMap<&ZoneId, f64> = BTreeMap::new();
    for ((zone, _), mwh) in &cells {
        *zones.entry(zone).or_default() += mwh;
    }
    let zone = |(zone, mwh): (&ZoneId, f64)| ZoneUncovered { zone: zone.clone(), mwh: rounded(mwh) };
    Ok(Uncovered {
        mwh: rounded(zones.values().sum()),
        intervals: cells.len() as u64,
        assumed_hours: rounded(assumed.values().sum()),
        zones: zones.into_iter().map(zone).collect(),
    })
}

/// Beyond a kWh only the noise of binary fractions is left.
fn rounded(value: f64) -> f64 {
    // Adding zero takes the sign off the sum of nothing.
    (value * 1000.0).round() / 1000.0 + 0.0
}

fn hours(length: TimeDelta) -> f64 {
    length.num_milliseconds() as f64 / 3_600_000.0
}

/// The trusted readings of a facility without overlap, in order of time; of two for the same time the higher.
pub(crate) fn trusted(
    state: &State,
    facility: &FacilityId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Reading> {
    // A reading is at most a day long.
    let known = state.readings(facility, from - TimeDelta::days(1), to);
    let mut readings: Vec<&Reading> = known.filter(|reading| reading.quality == Quality::Ok).collect();
    readings.sort_by_key(|reading| {
        (reading.interval_start, reading.interval_end, std::cmp::Reverse(reading.mean))
    });
    let mut kept: Vec<Reading> = Vec::new();
    for reading in readings {
        if kept.last().is_none_or(|last| last.interval_end <= reading.interval_start) {
            kept.push(reading.clone());
        }
    }
    kept
}
