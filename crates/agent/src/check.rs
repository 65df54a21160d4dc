//! The checks on receipt, from the cheapest to the most knowing. Nothing in a message is believed before its
//! signatures are.

use crate::holdings::Holding;
use crate::pins::Pins;
use crate::refusal::Refusal;
use axum::http::HeaderMap;
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use kezek_courier::{CourierError, Purpose, Signature, Signed, receive};
use kezek_model::canonical::canonical_json;
use kezek_model::order::{Order, OrderKind};
use kezek_model::units::Kw;
use std::ops::RangeInclusive;

/// Name of the header with the order's own signature, `<key id>:<base64>`.
pub const ORDER_SIGNATURE_HEADER: &str = "kezek-order-signature";

/// How far a clock may be off at either end of an order's validity (S12).
const VALIDITY_TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// The years that an order can be about.
const YEARS: RangeInclusive<i32> = 2000..=2999;

/// The proven order in a message: envelope and own signature fit, it is for this facility, and it does not
/// contradict itself.
///
/// # Errors
/// Why nothing in it is believed.
pub fn open(
    headers: &HeaderMap,
    body: &[u8],
    pins: &Pins,
    now: DateTime<Utc>,
) -> Result<Signed<Order>, Refusal> {
    let envelope = receive(headers, body, &pins.control_room_keys, now).map_err(unproven)?;
    let (key_id, signature) = order_signature(headers)?;
    let body = parse(body)?;
    if envelope.id != body.order_no.as_str() {
        let why = format!("webhook-id is {}, order_no {}", envelope.id, body.order_no);
        return Err(Refusal::Malformed { why });
    }
    let signed = Signed { body, key_id, signature };
    signed.verify(Purpose::Order, &pins.control_room_keys).map_err(unproven)?;
    addressed(&signed.body, pins)?;
    sound(&signed.body)?;
    Ok(signed)
}

fn unproven(error: CourierError) -> Refusal {
    match error {
        CourierError::TooLong { limit, .. } => Refusal::TooLong { limit },
        error => Refusal::Unproven(error),
    }
}

fn order_signature(headers: &HeaderMap) -> Result<(String, Signature), Refusal> {
    let bad = |why| Refusal::SignatureHeader { why };
    let mut values = headers.get_all(ORDER_SIGNATURE_HEADER).iter();
    let value = values.next().ok_or(bad("is missing"))?;
    if values.next().is_some() {
        return Err(bad("appears more than once"));
    }
    let text = value.to_str().map_err(|_| bad("is not visible ASCII"))?;
    let (key_id, signature) = text.split_once(':').ok_or(bad("holds no colon"))?;
    let signature = signature.trim().parse().map_err(|_| bad("holds no signature"))?;
    Ok((key_id.trim().to_owned(), signature))
}

/// Only the canonical bytes are taken, so that what was signed, what was sent and what is stored are one.
fn parse(body: &[u8]) -> Result<Order, Refusal> {
    let malformed = |why: String| Refusal::Malformed { why };
    let order: Order = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    let canonical = canonical_json(&order).map_err(|error| malformed(error.to_string()))?;
    match canonical == body {
        true => Ok(order),
        false => Err(malformed("its bytes are not its canonical JSON (RFC 8785)".into())),
    }
}

fn addressed(order: &Order, pins: &Pins) -> Result<(), Refusal> {
    if order.environment != pins.environment {
        let (found, expected) = (order.environment.clone(), pins.environment.clone());
        return Err(Refusal::OtherEnvironment { found, expected });
    }
    if order.facility != pins.facility {
        let (found, expected) = (order.facility.clone(), pins.facility.clone());
        return Err(Refusal::OtherFacility { found, expected });
    }
    Ok(())
}

fn sound(order: &Order) -> Result<(), Refusal> {
    let by_kind = match order.kind {
        OrderKind::Limit => limits_objection(order),
        OrderKind::Recall => recall_objection(order),
    };
    match by_kind.or_else(|| times_objection(order)) {
        Some(why) => Err(Refusal::Unsound { order_no: order.order_no.clone(), why }),
        None => Ok(()),
    }
}

/// Instants at the ends of time cannot be calculated with.
fn times_objection(order: &Order) -> Option<String> {
    let ends = [order.not_before, order.expires, order.window_from, order.window_to];
    let slot = order.restore.iter().map(|slot| slot.from);
    let wrong = ends.into_iter().chain(slot).find(|instant| !YEARS.contains(&instant.year()))?;
    Some(format!("the year of {wrong} is not in {} to {}", YEARS.start(), YEARS.end()))
}

fn recall_objection(order: &Order) -> Option<String> {
    if order.supersedes.is_none() {
        return Some("a recall that names no order".into());
    }
    let empty = order.segments.is_empty() && order.restore.is_none();
    (!empty).then(|| "a recall that sets limits".into())
}

fn limits_objection(order: &Order) -> Option<String> {
    if order.window_to <= order.window_from {
        return Some("its window is empty".into());
    }
    let lowest = order.floor.max(Kw::ZERO);
    // Beyond the window a return may go in steps.
    let last_instant = order.restore.as_ref().map_or(order.window_to, |slot| slot.from.max(order.window_to));
    for segment in &order.segments {
        let inside = order.window_from <= segment.from && segment.to <= last_instant;
        if !inside || segment.to <= segment.from {
            return Some(format!("the segment from {} is empty or outside the window", segment.from));
        }
        if segment.limit < lowest {
            return Some(format!("a limit of {} MW is below the floor of {lowest} MW", segment.limit));
        }
    }
    if let Some(pair) = order.segments.windows(2).find(|pair| pair[1].from < pair[0].to) {
        return Some(format!("the segment from {} begins before the one before it ends", pair[1].from));
    }
    restore_objection(order)
}

fn restore_objection(order: &Order) -> Option<String> {
    let slot = order.restore.as_ref()?;
    match order.segments.last() {
        None => Some("a restore slot without a limit".into()),
        Some(last) => (slot.from < last.to)
            .then(|| format!("the restore slot at {} is before the end of the last segment", slot.from)),
    }
}

/// What the store says to a proven order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is new: store it.
    New,
    /// It is stored: nothing more to do.
    Duplicate,
}

/// Holds a proven order against those that are stored, by epoch and sequence, and against the clock.
///
/// # Errors
/// Why it must not be stored.
pub fn admit(holdings: &[Holding], order: &Order, now: DateTime<Utc>) -> Result<Admission, Refusal> {
    let order_no = order.order_no.clone();
    if let Some(known) = holdings.iter().find(|holding| holding.order.order_no == order_no) {
        return match known.order == *order {
            true => Ok(Admission::Duplicate),
            false => Err(Refusal::Conflict { order_no, what: "number" }),
        };
    }
    let found = (order.epoch, order.sequence);
    match holdings.last().map(Holding::key) {
        Some(newest) if found < newest => Err(Refusal::Older { order_no, found, newest }),
        Some(newest) if found == newest => Err(Refusal::Conflict { order_no, what: "sequence" }),
        _ => valid_at(order, now).map(|()| Admission::New),
    }
}

fn valid_at(order: &Order, now: DateTime<Utc>) -> Result<(), Refusal> {
    let (order_no, not_before, expires) = (order.order_no.clone(), order.not_before, order.expires);
    if now < not_before - VALIDITY_TOLERANCE {
        return Err(Refusal::TooEarly { order_no, not_before, now });
    }
    if now > expires + VALIDITY_TOLERANCE {
        return Err(Refusal::Expired { order_no, expires, now });
    }
    Ok(())
}
