//! Which order limits a facility: the newest whose span holds the instant. After it the one below holds again.

use crate::state::{OrderRecord, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::FacilityId;
use kezek_model::order::{Order, OrderKind, Priority};

/// The order that decides about a facility at an instant; its segments say what, and between them it is free.
///
/// It is the one with the highest sequence whose span holds the instant. A span is the window, and beyond it the
/// time until the restore slot, unless a newer order took over before the window ended; a recall ends it.
#[must_use]
pub fn governing<'a>(state: &'a State, facility: &FacilityId, at: DateTime<Utc>) -> Option<&'a Order> {
    governing_record(state, facility, at).map(|record| &record.order)
}

pub(crate) fn governing_record<'a>(
    state: &'a State,
    facility: &FacilityId,
    at: DateTime<Utc>,
) -> Option<&'a OrderRecord> {
    let holds = |record: &&OrderRecord| {
        let (from, to) = span(state, record);
        moves_load(&record.order) && from <= at && at < to
    };
    state.newest_first(facility).find(holds)
}

/// Whether an order limits at all: a recall does not, and a drill moves no load (S14).
pub(crate) fn moves_load(order: &Order) -> bool {
    order.kind == OrderKind::Limit && order.priority != Priority::Drill
}

/// From when until when an order can govern at all, newer orders over it apart.
pub(crate) fn span(state: &State, record: &OrderRecord) -> (DateTime<Utc>, DateTime<Utc>) {
    let order = &record.order;
    let end = if is_taken_over(state, record) { order.window_to } else { order.expires };
    let end = record.recalled.as_ref().map_or(end, |recall| recall.at.min(end));
    (order.window_from, end)
}

/// Whether a newer order holds at the end of the window, so that the wait for the restore slot is void.
fn is_taken_over(state: &State, record: &OrderRecord) -> bool {
    let end = record.order.window_to;
    limits_above(state, record).any(|newer| newer.window_from < end && end <= newer.window_to)
}

/// The newer limits of a facility that nobody has recalled.
fn limits_above<'a>(state: &'a State, record: &'a OrderRecord) -> impl Iterator<Item = &'a Order> {
    let stands = |newer: &&OrderRecord| moves_load(&newer.order) && newer.recalled.is_none();
    state.newer_than(record).filter(stands).map(|newer| &newer.order)
}

/// The newest order that stands over a part of this one's window.
pub(crate) fn successor<'a>(state: &'a State, record: &'a OrderRecord) -> Option<&'a Order> {
    let (from, to) = (record.order.window_from, record.order.window_to);
    limits_above(state, record).find(|newer| newer.window_from < to && from < newer.window_to)
}

/// Whether newer orders leave nothing of it to hold: it need not be delivered any more.
///
/// An order that reaches beyond its successor is still delivered, before it: it holds again afterwards.
pub(crate) fn is_covered(state: &State, record: &OrderRecord) -> bool {
    let order = &record.order;
    let covers = |newer: &Order| {
        newer.window_from <= order.window_from.max(newer.issued_at) && order.window_to <= newer.window_to
    };
    moves_load(order) && limits_above(state, record).any(covers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Room, draft, full, hour, minute, recalled};
    use chrono::TimeDelta;

    fn limit(room: &Room, hours: i64) -> Option<i64> {
        let at = hour(hours);
        governing(&room.state, &"F1".into(), at).and_then(|order| order.limit_at(at)).map(|limit| limit.0)
    }

    #[test]
    fn when_the_deeper_order_ends_the_limit_before_it_holds_again() {
        let mut room = Room::new();
        room.issue("p1", None, vec![draft("F1", (0, 48), &[(0, 48, 12_000, 8_000)])]);
        room.issue("p2", Some("p1"), vec![full("F1", 10, 20)]);
        let limits: Vec<_> = [-1, 5, 10, 19, 20, 47, 48].map(|hours| limit(&room, hours)).into();
        let expected = [None, Some(12_000), Some(2_000), Some(2_000), Some(12_000), Some(12_000), None];
        assert_eq!(limits, expected);
        room.tell(recalled("2022-0124-F1-v2"));
        assert_eq!(limit(&room, 15), Some(12_000));
    }

    #[test]
    fn an_order_frees_in_its_window_what_the_one_below_limits() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 12)]);
        room.issue("p2", Some("p1"), vec![draft("F1", (0, 12), &[(0, 4, 5_000, 15_000)])]);
        assert_eq!([3, 4, 11].map(|hours| limit(&room, hours)), [Some(5_000), None, None]);
    }

    #[test]
    fn the_wait_for_the_slot_is_void_where_a_newer_order_took_over() {
        let mut room = Room::new();
        let mut waits = full("F1", 0, 6);
        waits.restore.as_mut().unwrap().from = hour(8);
        room.issue("p1", None, vec![waits]);
        assert_eq!([5, 7, 8].map(|hours| limit(&room, hours)), [Some(2_000), Some(2_000), None]);
        room.issue("p2", Some("p1"), vec![draft("F1", (0, 6), &[])]);
        assert_eq!([5, 7, 8].map(|hours| limit(&room, hours)), [None, None, None]);
    }

    #[test]
    fn a_drill_limits_nothing_and_supersedes_nothing() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let mut drill = draft("F1", (0, 6), &[(0, 6, 0, 20_000)]);
        drill.priority = Priority::Drill;
        room.issue("p2", Some("p1"), vec![drill]);
        assert_eq!(limit(&room, 3), Some(2_000));
        assert_eq!(room.order("2022-0124-F1-v2").supersedes, None);
        assert_eq!(room.tally("2022-0124-F1-v2").verdict, None);
        room.run(hour(-5), |_| crate::testing::RECEIVED);
        let numbers = ["2022-0124-F1-v1", "2022-0124-F1-v2"];
        assert!(numbers.iter().all(|number| room.record(number).received_at.is_some()));
    }

    #[test]
    fn a_recall_ends_an_order_when_it_is_made_not_before() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.now = minute(150);
        room.tell(recalled("2022-0124-F1-v1"));
        let held = |at| governing(&room.state, &"F1".into(), at).is_some();
        assert!(held(minute(150) - TimeDelta::seconds(1)) && !held(minute(150)));
    }
}
