//! What holds for one facility, day by day, and the same as a file for a calendar.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use kezek_engine::state::OrderRecord;
use kezek_engine::{State, governing};
use kezek_model::ids::FacilityId;
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::units::Kw;
use kezek_pages::Frame;
use kezek_pages::ics::{Entry, Revision, calendar as file};
use kezek_pages::my::{DayRow, MyWords, Part, Stretch};

use super::day::midnight;

/// How many days are shown.
const DAYS: u64 = 7;
/// How long an order stays in the file after its end.
const KEPT_DAYS: i64 = 30;

/// A stretch in which one limit of one order governs.
struct Piece<'a> {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    order: &'a Order,
    limit: Kw,
}

/// The limits of an order; neighbours that are alike are one.
pub(super) fn stretches(order: &Order) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for segment in &order.segments {
        match all.last_mut() {
            Some(last) if (last.to, last.limit, last.cut) == (segment.from, segment.limit, segment.cut) => {
                last.to = segment.to;
            }
            _ => all.push(Stretch {
                from: segment.from,
                to: segment.to,
                limit: segment.limit,
                cut: segment.cut,
            }),
        }
    }
    all
}

/// The instants at which something may change.
fn turns(records: &[&OrderRecord], from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut turns = vec![from, to];
    for record in records {
        let order = &record.order;
        turns.extend([order.window_from, order.window_to, order.expires]);
        turns.extend(order.segments.iter().flat_map(|segment| [segment.from, segment.to]));
        turns.extend(order.restore.as_ref().map(|slot| slot.from));
        turns.extend(record.recalled.as_ref().map(|recall| recall.at));
    }
    turns.retain(|turn| from <= *turn && *turn <= to);
    turns.sort();
    turns.dedup();
    turns
}

fn pieces<'a>(
    state: &'a State,
    facility: &'a FacilityId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Piece<'a>> {
    let records: Vec<&OrderRecord> = state.records_of(facility).collect();
    let turns = turns(&records, from, to);
    let piece = |pair: &[DateTime<Utc>]| {
        let order = governing(state, facility, pair[0])?;
        let limit = order.limit_at(pair[0])?;
        Some(Piece { from: pair[0], to: pair[1], order, limit })
    };
    turns.windows(2).filter_map(piece).collect()
}

/// The days from today on; one without parts has no order.
pub(super) fn days(state: &State, facility: &FacilityId, frame: &Frame) -> Vec<DayRow> {
    let today = frame.now.with_timezone(&frame.zone).date_naive();
    (0..DAYS).map(|later| day(state, facility, frame, today + Days::new(later))).collect()
}

fn day(state: &State, facility: &FacilityId, frame: &Frame, date: NaiveDate) -> DayRow {
    let (from, to) = (midnight(date, frame.zone), midnight(date + Days::new(1), frame.zone));
    let mut parts: Vec<Part> = Vec::new();
    for piece in pieces(state, facility, from, to) {
        match parts.last_mut() {
            Some(last) if (last.to, last.limit) == (piece.from, piece.limit) => last.to = piece.to,
            _ => parts.push(Part { from: piece.from, to: piece.to, limit: piece.limit }),
        }
    }
    DayRow { day: from, parts }
}

/// The orders of a facility as a file for a calendar. What was withdrawn or replaced is cancelled in it.
pub(super) fn calendar(state: &State, facility: &FacilityId, frame: &Frame) -> String {
    let records: Vec<&OrderRecord> = state.records_of(facility).collect();
    let since = frame.now - TimeDelta::days(KEPT_DAYS);
    let first = records.iter().map(|record| record.order.window_from).min().unwrap_or(since);
    let last = records.iter().map(|record| record.order.expires).max().unwrap_or(since);
    let governed = pieces(state, facility, first.max(since), last);
    let is_meant =
        |record: &&&OrderRecord| record.order.kind == OrderKind::Limit && since < record.order.expires;
    let entries = records.iter().filter(is_meant).flat_map(|record| {
        let revision = revision(&records, &record.order);
        let stretches = stretches(&record.order).into_iter().enumerate();
        stretches
            .map(|(place, stretch)| entry(record, place, &stretch, &governed, revision, frame))
            .collect::<Vec<_>>()
    });
    file(&entries.collect::<Vec<_>>())
}

/// Every newer order over the same time, and the one that withdraws it, makes a new version of an entry.
fn revision(records: &[&OrderRecord], order: &Order) -> Revision {
    let touches = |newer: &&&OrderRecord| {
        let newer = &newer.order;
        let overlaps = newer.window_from < order.expires && order.window_from < newer.window_to;
        newer.sequence > order.sequence && (overlaps || newer.supersedes.as_ref() == Some(&order.order_no))
    };
    let newest = records.iter().filter(touches).max_by_key(|newer| newer.order.sequence);
    let newest = newest.map_or(order, |newer| &newer.order);
    Revision { number: newest.sequence, at: newest.issued_at }
}

fn entry(
    record: &OrderRecord,
    place: usize,
    stretch: &Stretch,
    governed: &[Piece<'_>],
    revision: Revision,
    frame: &Frame,
) -> Entry {
    let (order, w) = (&record.order, MyWords::of(frame.language));
    let is_last = order.segments.last().is_some_and(|last| last.to == stretch.to);
    let waits = order.restore.as_ref().filter(|_| is_last).map(|slot| slot.from);
    let until = waits.unwrap_or(stretch.to);
    let own = governed.iter().filter(|piece| piece.order.order_no == order.order_no);
    let own: Vec<_> = own.filter(|piece| stretch.from <= piece.from && piece.from < until).collect();
    let is_drill = order.priority == Priority::Drill;
    let is_cancelled = record.recalled.is_some() || (own.is_empty() && !is_drill);
    let (from, to) = match (own.first(), own.last()) {
        (Some(first), Some(last)) if !is_cancelled => (first.from, last.to),
        _ => (stretch.from, until),
    };
    let kind = if is_drill { w.drill } else { w.cut };
    Entry {
        uid: format!("{}-{}@{}", order.order_no, place + 1, order.environment),
        revision,
        from,
        to,
        summary: format!(
            "{kind} {}: {} {} {}",
            order.facility,
            w.at_most,
            frame.mw(&stretch.limit),
            frame.words().mw
        ),
        description: format!("{} {}", w.order, order.order_no),
        is_cancelled,
    }
}
