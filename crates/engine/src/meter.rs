//! Readings come in, and orders are judged when their time is over.
//!
//! One value per facility, interval and source. A repeated one changes nothing; a different one for the same
//! interval and source replaces the first only if its quality is better, so nobody talks a reading away.

use crate::comply::{self, Tally};
use crate::event::{Effect, Effects, WarningKind};
use crate::refusal::Refusal;
use crate::stack;
use crate::state::{READINGS_KEPT, ReadingKey, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::order::Order;
use kezek_model::receipt::{Compliance, Quality, Reading};
use std::sync::Arc;

/// The clock of a facility may run ahead by this much, in seconds.
pub(crate) const AHEAD_S: i64 = 300;

pub(crate) fn permit_readings(
    state: &State,
    readings: &[Reading],
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    readings.iter().try_for_each(|reading| plausible(state, reading, now))?;
    match readings.iter().any(|reading| is_news(state, reading)) {
        true => Ok(()),
        false => Err(Refusal::Duplicate(format!("{} readings", readings.len()))),
    }
}

fn plausible(state: &State, reading: &Reading, now: DateTime<Utc>) -> Result<(), Refusal> {
    let facility = &reading.facility;
    if !state.enrolments.contains_key(facility) && !state.lanes.contains_key(facility) {
        return Err(Refusal::UnknownFacility(facility.clone()));
    }
    let (start, end) = (reading.interval_start, reading.interval_end);
    let ends = start < end && end - start <= TimeDelta::days(1) && end <= now + TimeDelta::seconds(AHEAD_S);
    match ends {
        true => Ok(()),
        false => Err(Refusal::Implausible(format!(
            "reading of {facility} from {start} to {end}: expected up to a day, over by {now}"
        ))),
    }
}

fn key(reading: &Reading) -> ReadingKey {
    (reading.interval_start, reading.interval_end, reading.source.clone())
}

fn is_news(state: &State, reading: &Reading) -> bool {
    let Some(kept) = state.readings.get(&reading.facility) else { return true };
    let too_old =
        || kept.len() >= READINGS_KEPT && kept.keys().next().is_some_and(|first| key(reading) < *first);
    match kept.get(&key(reading)) {
        Some(known) => trust(reading.quality) > trust(known.quality),
        None => !too_old(),
    }
}

fn trust(quality: Quality) -> u8 {
    match quality {
        Quality::Bad => 0,
        Quality::Estimated => 1,
        Quality::Ok => 2,
    }
}

pub(crate) fn read(state: &mut State, readings: Vec<Reading>) -> Effects {
    readings.into_iter().flat_map(|reading| take(state, reading)).collect()
}

fn take(state: &mut State, reading: Reading) -> Option<Effect> {
    if !is_news(state, &reading) {
        return None;
    }
    let kept = Arc::make_mut(state.readings.entry(reading.facility.clone()).or_default());
    kept.insert(key(&reading), reading.clone());
    if kept.len() > READINGS_KEPT {
        kept.pop_first();
    }
    judge_anew(state, &reading);
    breach(state, &reading)
}

/// The orders that the reading may say something about are to be judged, even if they have been.
fn judge_anew(state: &mut State, reading: &Reading) {
    let touches = |order: &Order| {
        let overlaps = order.window_from < reading.interval_end && reading.interval_start < order.expires;
        overlaps && !order.segments.is_empty()
    };
    let touched =
        state.newest_first(&reading.facility).map(|record| &record.order).filter(|order| touches(order));
    let numbers: Vec<OrderNo> = touched.map(|order| order.order_no.clone()).collect();
    for number in numbers {
        if let Some(record) = state.orders.get_mut(&number) {
            record.unjudged = true;
        }
        state.open.insert(number);
    }
}

/// A person is told of a breach once per order, at the first reading that shows it.
fn breach(state: &mut State, reading: &Reading) -> Option<Effect> {
    let record = stack::governing_record(state, &reading.facility, reading.interval_start)?;
    let verdict = comply::judge(state, record, reading)?;
    let is_new = verdict.compliance == Compliance::Breach && !record.breach_told;
    let number = is_new.then(|| record.order.order_no.clone())?;
    let record = state.orders.get_mut(&number)?;
    record.breach_told = true;
    let text = format!(
        "{} draws {} MW under order {number}, which allows {} MW. Call it.",
        reading.facility, reading.mean, verdict.limit
    );
    Some(Effect::warn(WarningKind::Breach, &record.order, text))
}

/// When an order can be judged: its time is over and late readings have had theirs.
pub(crate) fn judged_from(state: &State, order: &Order) -> DateTime<Utc> {
    order.expires + TimeDelta::minutes(i64::from(state.config.reading_late_minutes))
}

pub(crate) fn permit_verdict(state: &State, order_no: &OrderNo, now: DateTime<Utc>) -> Result<(), Refusal> {
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    if !record.unjudged {
        return Err(Refusal::Duplicate(format!("the verdict on order {order_no}")));
    }
    match judged_from(state, &record.order) <= now {
        true => Ok(()),
        false => Err(Refusal::NotNow { order_no: order_no.clone(), why: "its readings may still come" }),
    }
}

pub(crate) fn verdict(state: &mut State, order_no: &OrderNo, tally: Tally) -> Effects {
    let Some(record) = state.orders.get_mut(order_no) else { return Effects::new() };
    (record.judged, record.unjudged) = (Some(tally), false);
    if record.is_closed() {
        state.open.remove(order_no);
    }
    Effects::new()
}
