//! A person withdraws an order: another order, with its own sequence, delivered and answered like any other.

use crate::event::{Effect, Effects, WarningKind};
use crate::freeze;
use crate::guard;
use crate::issue;
use crate::refusal::Refusal;
use crate::state::{OrderRecord, Recall, State};
use crate::swing::{self, Act};
use chrono::{DateTime, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Head, Order, OrderKind, Texts};

pub(crate) fn permit(state: &State, order_no: &OrderNo, now: DateTime<Utc>) -> Result<(), Refusal> {
    if let Some(violation) = &state.stopped {
        return Err(Refusal::Stopped(violation.clone()));
    }
    freeze::permits(state)?;
    let record = state.orders.get(order_no).ok_or_else(|| Refusal::UnknownOrder(order_no.clone()))?;
    if record.recalled.is_some() {
        return Err(Refusal::Duplicate(format!("the recall of order {order_no}")));
    }
    if record.order.kind == OrderKind::Recall {
        return Err(Refusal::NotNow { order_no: order_no.clone(), why: "a recall cannot be recalled" });
    }
    match now < record.order.expires {
        true => swing::judge(state, Act::Recall(order_no), now).map_err(Refusal::Promise),
        false => Err(Refusal::TooLate { what: "recalling this order", until: record.order.expires }),
    }
}

pub(crate) fn apply(
    state: &mut State,
    order_no: &OrderNo,
    person: String,
    reason: &str,
    head: &Head,
    now: DateTime<Utc>,
) -> Effects {
    let Some(record) = state.orders.get(order_no) else { return Effects::new() };
    let (order, day) = (withdrawal(state, record, reason, head, now), record.day);
    let guarded = guard::rate(state, 1, now).and_then(|()| guard::order(state, &order));
    if let Err(violation) = guarded {
        return issue::stop(state, violation);
    }
    let recall = Recall { by: order.order_no.clone(), person, at: now };
    if let Some(record) = state.orders.get_mut(order_no) {
        record.recalled = Some(recall);
    }
    let lost = never_received(state, order_no);
    issue::enter(state, order, day, now).into_iter().chain(lost).collect()
}

fn withdrawal(state: &State, record: &OrderRecord, reason: &str, head: &Head, now: DateTime<Utc>) -> Order {
    let mut order = record.order.clone();
    let ack_by = now + (record.order.ack_by - record.order.issued_at);
    order.order_no = issue::next_number(state, &order.facility, record.day);
    order.kind = OrderKind::Recall;
    order.sequence = issue::next_sequence(state, &order.facility);
    order.epoch = state.epoch;
    order.supersedes = Some(record.order.order_no.clone());
    order.notice.reason = Texts { kk: reason.into(), ru: reason.into(), en: reason.into() };
    (order.issued_at, order.not_before) = (now, now);
    order.ack_by = ack_by.min(order.expires);
    order.deliver_by = order.ack_by;
    (order.segments, order.restore) = (Vec::new(), None);
    order.journal_head = head.clone();
    order
}

/// The order below holds again; if it never arrived, the facility refuses it by its sequence: a person must act.
fn never_received(state: &State, order_no: &OrderNo) -> Option<Effect> {
    let recalled = &state.orders.get(order_no)?.order;
    let overlaps = |below: &&OrderRecord| {
        let order = &below.order;
        order.kind == OrderKind::Limit
            && order.window_from < recalled.window_to
            && recalled.window_from < order.window_to
    };
    let older =
        state.newest_first(&recalled.facility).filter(|below| below.order.sequence < recalled.sequence);
    let below = older.filter(|below| below.recalled.is_none() && !below.expired).find(overlaps)?;
    let sent = state.lanes.get(&recalled.facility).map_or(0, |lane| lane.highest_sent);
    if below.received_at.is_some() || below.order.sequence >= sent {
        return None;
    }
    let text = format!(
        "Order {} holds again but never arrived at {}, and a newer one has left. Call, and plan anew.",
        below.order.order_no, below.order.facility
    );
    Some(Effect::warn(WarningKind::NotReceived, &below.order, text))
}

#[cfg(test)]
mod tests {
    use crate::event::{Effect, WarningKind};
    use crate::testing::{RECEIVED, Room, draft, failed, full, hour, kinds, minute, recalled};
    use kezek_model::order::OrderKind;

    #[test]
    fn a_recall_is_an_order_of_its_own_and_stops_the_one_it_withdraws() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.run(room.now, |_| failed(None));
        room.tell(recalled("2022-0124-F1-v1"));
        let recall = room.order("2022-0124-F1-v2");
        assert_eq!((recall.kind, recall.sequence, recall.segments.len()), (OrderKind::Recall, 2, 0));
        assert_eq!(recall.supersedes, Some("2022-0124-F1-v1".into()));
        let effects = room.run(hour(7), |_| RECEIVED);
        let sends = effects.iter().filter_map(|effect| match effect {
            Effect::Send { order_no, .. } => Some(order_no.to_string()),
            Effect::Notify(_) | Effect::Tell { .. } => None,
        });
        assert_eq!(sends.collect::<Vec<_>>(), ["2022-0124-F1-v2"]);
        let silent = kinds(&effects).into_iter().filter(|kind| *kind == WarningKind::Silent);
        assert_eq!(silent.count(), 1, "a recall asks for an answer, what it withdraws no longer");
        assert!(room.words("2022-0124-F1-v1").contains(&"recalled"));
    }

    #[test]
    fn a_recall_is_made_once_and_not_of_a_recall() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.tell(recalled("2022-0124-F1-v1"));
        assert!(room.ask(recalled("2022-0124-F1-v1")).is_err_and(|refusal| refusal.is_duplicate()));
        assert!(room.ask(recalled("2022-0124-F1-v2")).is_err());
        assert!(room.ask(recalled("2022-0124-F1-v3")).is_err());
    }

    #[test]
    fn an_order_that_is_over_cannot_be_recalled() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.now = hour(6);
        assert!(room.ask(recalled("2022-0124-F1-v1")).is_err());
    }

    #[test]
    fn a_person_is_told_where_the_order_below_never_arrived() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.issue("p2", Some("p1"), vec![draft("F1", (0, 6), &[])]);
        room.run(minute(-350), |_| RECEIVED);
        let effects = room.tell(recalled("2022-0124-F1-v2"));
        assert_eq!(kinds(&effects), [WarningKind::NotReceived]);
    }
}
