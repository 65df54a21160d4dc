//! What consumers went short of, by the meters: in every zone and plan interval that is over, the load above the
//! headroom and the planned import. Where a meter says nothing the nomination is taken, and said so.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::State;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::plan::Plan;
use kezek_model::receipt::{Quality, Reading};

use crate::api::{Uncovered, ZoneUncovered};

/// A plan whose orders were issued, with the zone of each facility.
pub(crate) struct IssuedPlan {
    pub(crate) plan: Arc<Plan>,
    pub(crate) zones: BTreeMap<FacilityId, ZoneId>,
    /// End of its horizon.
    pub(crate) ends: DateTime<Utc>,
}

/// One zone in one interval.
struct Cell {
    hours: f64,
    /// Headroom and planned import.
    supply_mw: f64,
    load_mwh: f64,
}

type Key = (ZoneId, DateTime<Utc>);

/// Adds it up over all issued plans, in the order they were issued: in the same interval the latest counts.
pub(crate) fn uncovered(state: &State, plans: &[IssuedPlan], now: DateTime<Utc>) -> Uncovered {
    let mut cells: BTreeMap<Key, Cell> = BTreeMap::new();
    let mut assumed = BTreeMap::new();
    for issued in plans {
        let step = step(issued);
        for row in issued.plan.zones.iter().filter(|row| row.interval_start + step <= now) {
            let supply_mw = row.headroom_mw + row.import_mw;
            let cell = Cell { hours: hours(step), supply_mw, load_mwh: 0.0 };
            cells.insert((row.zone.clone(), row.interval_start), cell);
        }
        for (facility, zone) in &issued.zones {
            let loads = loads(state, issued, facility, step, now);
            for load in loads {
                assumed.insert((facility.clone(), load.start), load.assumed_hours);
                if let Some(cell) = cells.get_mut(&(zone.clone(), load.start)) {
                    cell.load_mwh += load.mwh;
                }
            }
        }
    }
    total(&cells, assumed.into_values().sum())
}

fn total(cells: &BTreeMap<Key, Cell>, assumed_hours: f64) -> Uncovered {
    let mut zones: BTreeMap<&ZoneId, f64> = BTreeMap::new();
    for ((zone, _), cell) in cells {
        *zones.entry(zone).or_default() += (cell.load_mwh - cell.supply_mw * cell.hours).max(0.0);
    }
    let zone = |(zone, mwh): (&ZoneId, f64)| ZoneUncovered { zone: zone.clone(), mwh: rounded(mwh) };
    Uncovered {
        mwh: rounded(zones.values().sum()),
        intervals: cells.len() as u64,
        assumed_hours: rounded(assumed_hours),
        zones: zones.into_iter().map(zone).collect(),
    }
}

/// Beyond a kWh only the noise of binary fractions is left.
fn rounded(value: f64) -> f64 {
    // Adding zero takes the sign off the sum of nothing.
    (value * 1000.0).round() / 1000.0 + 0.0
}

/// Length of the plan's intervals.
fn step(issued: &IssuedPlan) -> TimeDelta {
    let starts: std::collections::BTreeSet<_> =
        issued.plan.zones.iter().map(|row| row.interval_start).collect();
    let next = starts.iter().nth(1).copied().unwrap_or(issued.ends);
    starts.first().map_or(TimeDelta::zero(), |first| next - *first)
}

fn hours(length: TimeDelta) -> f64 {
    length.num_milliseconds() as f64 / 3_600_000.0
}

/// The energy of a facility in one interval of the plan.
struct Load {
    start: DateTime<Utc>,
    mwh: f64,
    assumed_hours: f64,
}

fn loads(
    state: &State,
    issued: &IssuedPlan,
    facility: &FacilityId,
    step: TimeDelta,
    now: DateTime<Utc>,
) -> Vec<Load> {
    let from = issued.plan.allocations.partition_point(|row| row.facility < *facility);
    let rows = issued.plan.allocations[from..].iter().take_while(|row| row.facility == *facility);
    let rows: Vec<_> = rows.filter(|row| row.interval_start + step <= now).collect();
    let Some(first) = rows.first().map(|row| row.interval_start) else { return Vec::new() };
    let readings = trusted(state, facility, first, now);
    let load = |row: &&kezek_model::plan::Allocation| {
        let (start, end) = (row.interval_start, row.interval_start + step);
        let from = readings.partition_point(|reading| reading.interval_end <= start);
        let (mut mwh, mut metered_hours) = (0.0, 0.0);
        for reading in readings[from..].iter().take_while(|reading| reading.interval_start < end) {
            let shared = hours(reading.interval_end.min(end) - reading.interval_start.max(start));
            mwh += reading.mean.mw() * shared;
            metered_hours += shared;
        }
        let assumed_hours = (hours(step) - metered_hours).max(0.0);
        Load { start, mwh: mwh + row.nominated.mw() * assumed_hours, assumed_hours }
    };
    rows.iter().map(load).collect()
}

/// The trusted readings of a facility without overlap, in order of time; of two for the same time the higher.
fn trusted(state: &State, facility: &FacilityId, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Reading> {
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
