//! The line to a facility's machine, and what its meter says.

use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::state::{Enrolment, OrderRecord};
use kezek_engine::{State, governing};
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Quality, Reading};
use kezek_model::registry::FETCHED;
use kezek_pages::Frame;
use kezek_pages::my::{Delivery, LastReading, Link, Metered};
use kezek_pages::states::StateWords;

use super::super::day::target;
use crate::error::ServerError;
use crate::routes::Room;
use crate::view;

/// How far back the last reading is sought.
const READING_DAYS: i64 = 7;
/// How many deliveries are listed.
const DELIVERIES: usize = 20;

pub(super) fn reading(state: &State, facility: &FacilityId, now: DateTime<Utc>) -> Option<LastReading> {
    let known = state.readings(facility, now - TimeDelta::days(READING_DAYS), now);
    known.last().map(|reading| LastReading {
        mean: reading.mean,
        from: reading.interval_start,
        to: reading.interval_end,
        quality: reading.quality,
    })
}

/// What the facility bears by the plan in force, and the median of all that bear something, in %.
pub(super) async fn burden(room: &Room, facility: &FacilityId) -> Result<Option<(f64, f64)>, ServerError> {
    let Some(issued) = target(room).await? else { return Ok(None) };
    let shared = room.shares.of(&issued);
    let own = shared.shares.get(facility).copied();
    Ok(own.map(|own| (own, shared.median)))
}

/// The last day against what held; what is known to be wrong is not shown.
pub(super) fn metered(state: &State, facility: &FacilityId, now: DateTime<Utc>) -> Vec<Metered> {
    let known = state.readings(facility, now - TimeDelta::days(1), now);
    let against = |reading: &Reading| Metered {
        from: reading.interval_start,
        to: reading.interval_end,
        mean: reading.mean,
        limit: governing(state, facility, reading.interval_start)
            .and_then(|order| order.limit_at(reading.interval_start)),
    };
    known.filter(|reading| reading.quality != Quality::Bad).map(against).collect()
}

pub(super) fn link(held: &Enrolment) -> Link {
    Link {
        address: Some(held.address.clone()).filter(|address| address != FETCHED),
        relay: held.relay.clone(),
        public_key: held.public_key.clone(),
        since: held.since,
        is_changing: held.pending.is_some(),
    }
}

pub(super) fn deliveries(state: &State, facility: &FacilityId, frame: &Frame) -> Vec<Delivery> {
    let s = StateWords::of(frame.language);
    let tried = |record: &OrderRecord| {
        let number = record.order.order_no.to_string();
        let rows: Vec<_> = record.attempts.iter().map(view::attempt_row).collect();
        rows.into_iter().map(move |row| {
            let (outcome, said) = s.outcome(row.outcome.as_deref());
            Delivery { order_no: number.clone(), number: row.number, at: row.at, outcome, said }
        })
    };
    let mut all: Vec<Delivery> = state.records_of(facility).flat_map(tried).collect();
    all.sort_by_key(|delivery| std::cmp::Reverse(delivery.at));
    all.truncate(DELIVERIES);
    all
}
