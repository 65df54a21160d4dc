//! The course of an order, filled: what it allows, and what the meter of its facility says.

use chrono::{DateTime, Utc};
use kezek_engine::comply::{allowed, verdicts};
use kezek_model::ids::OrderNo;
use kezek_model::receipt::Compliance;
use kezek_pages::course::{Course, Mean, Return, Stretch, window};

use super::facilities::last_reading;
use crate::book::Book;
use crate::uncovered::trusted;

/// None of an order that limits nothing.
pub(super) fn course(book: &Book, order_no: &OrderNo, now: DateTime<Utc>) -> Option<Course> {
    let record = book.state.record(order_no)?;
    let (order, pieces) = (&record.order, allowed(&book.state, record));
    let (from, to) = window(pieces.first()?.from, pieces.last()?.to);
    let verdicts = verdicts(&book.state, order_no, now);
    let breaches: Vec<_> =
        verdicts.iter().filter(|verdict| verdict.compliance == Compliance::Breach).collect();
    let is_above =
        |from, to| breaches.iter().any(|verdict| verdict.interval_start < to && from < verdict.interval_end);
    let readings = trusted(&book.state, &order.facility, from, to.min(now));
    let metered = readings.iter().filter(|reading| from < reading.interval_end).map(|reading| Mean {
        from: reading.interval_start,
        to: reading.interval_end,
        power: reading.mean,
        is_above: is_above(reading.interval_start, reading.interval_end),
    });
    let stretches = pieces.iter().map(|piece| Stretch {
        from: piece.from,
        to: piece.to,
        limit: piece.limit,
        full: piece.limit + piece.cut,
        grace_until: piece.grace_until,
    });
    Some(Course {
        stretches: stretches.collect(),
        restore: order.restore.as_ref().map(|slot| Return { to: slot.to, ramp_per_h: order.ramp_up }),
        metered: metered.collect(),
        last: last_reading(book, &order.facility, now).map(|reading| reading.interval_end),
    })
}
