//! What the stored orders say about an instant. Pure, and the only source of limits and of releases.

use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::receipt::{Answer, Response};
use kezek_model::units::Kw;

/// A stored order with what became of it here. A slice of them is sorted by epoch and sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// The order.
    pub order: Order,
    /// When it was stored.
    pub received_at: DateTime<Utc>,
    /// The facility's last answer.
    pub answer: Option<Answer>,
}

/// What shall hold at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The order that decides; `None` where none does.
    pub order_no: Option<OrderNo>,
    /// The limit; `None` for free.
    pub limit: Option<Kw>,
}

impl Target {
    /// Whether going from one to the other is worth a word to the driver and the control room.
    #[must_use]
    pub fn differs(&self, other: &Self) -> bool {
        self.limit != other.limit || (self.limit.is_some() && self.order_no != other.order_no)
    }

    /// The one that leaves less load.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        match (self.limit, other.limit) {
            (Some(mine), Some(theirs)) if theirs < mine => other,
            (None, Some(_)) => other,
            _ => self,
        }
    }
}

impl Holding {
    /// What makes an order newer than another.
    #[must_use]
    pub fn key(&self) -> (u64, u64) {
        (self.order.epoch, self.order.sequence)
    }

    /// A drill moves no load, and what the facility's person refused is not carried out.
    fn counts(&self) -> bool {
        let refused = self.answer.as_ref().is_some_and(|answer| answer.answer != Response::Accepted);
        self.order.priority != Priority::Drill && !refused
    }

    /// The end of the window and of the wait for the restore slot.
    fn last_instant(&self) -> DateTime<Utc> {
        let slot = self.order.restore.as_ref().map(|slot| slot.from);
        slot.map_or(self.order.window_to, |slot| slot.max(self.order.window_to))
    }
}

/// The order that decides at an instant: the newest one in force. Its segments say what; between them, and after
/// the restore slot, the facility is free.
#[must_use]
pub fn governing(holdings: &[Holding], at: DateTime<Utc>) -> Option<&Holding> {
    holdings.iter().rev().find(|holding| is_in_force(holdings, holding, at))
}

/// What shall hold at an instant.
#[must_use]
pub fn target(holdings: &[Holding], at: DateTime<Utc>) -> Target {
    governing(holdings, at).map_or_else(Target::default, |holding| Target {
        order_no: Some(holding.order.order_no.clone()),
        limit: holding.order.limit_at(at),
    })
}

/// Whether an order would decide at an instant if none were newer.
#[must_use]
pub fn is_in_force(holdings: &[Holding], holding: &Holding, at: DateTime<Utc>) -> bool {
    let in_span = holding.order.window_from <= at && at < holding.last_instant();
    let waits = at >= holding.order.window_to;
    in_span && stands(holdings, holding) && !(waits && is_taken_over(holdings, holding))
}

fn stands(holdings: &[Holding], holding: &Holding) -> bool {
    let withdraws = |newer: &Holding| {
        newer.order.kind == OrderKind::Recall
            && newer.counts()
            && newer.order.supersedes.as_ref() == Some(&holding.order.order_no)
    };
    holding.order.kind == OrderKind::Limit
        && holding.counts()
        && !newer_than(holdings, holding).any(withdraws)
}

/// Whether a newer order holds at the end of the window: then load returns in that order's slot, and the wait for
/// this one's is void.
fn is_taken_over(holdings: &[Holding], holding: &Holding) -> bool {
    let end = holding.order.window_to;
    let covers = |newer: &Holding| newer.order.window_from < end && end <= newer.order.window_to;
    newer_than(holdings, holding).any(|newer| covers(newer) && stands(holdings, newer))
}

fn newer_than<'a>(holdings: &'a [Holding], holding: &'a Holding) -> impl Iterator<Item = &'a Holding> {
    holdings.iter().rev().take_while(move |newer| newer.key() > holding.key())
}

/// The next instant after `after` at which something else shall hold.
#[must_use]
pub fn next_change(holdings: &[Holding], after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let before = target(holdings, after);
    let later = edges(holdings, |edge| edge > after);
    later.into_iter().find(|edge| target(holdings, *edge).differs(&before))
}

/// Since when the orders stored by `at` say what they say about `at`.
#[must_use]
pub fn due_since(holdings: &[Holding], at: DateTime<Utc>) -> DateTime<Utc> {
    let now = target(holdings, at);
    let earlier = edges(holdings, |edge| edge <= at).into_iter().rev();
    let begins = |edge: &DateTime<Utc>| target(holdings, *edge - TimeDelta::nanoseconds(1)).differs(&now);
    let begin = earlier.take_while(|edge| !target(holdings, *edge).differs(&now)).find(begins);
    let told = |holding: &Holding| {
        let answered = holding.answer.as_ref().map(|answer| answer.at);
        [Some(holding.received_at), answered].into_iter().flatten().filter(|told| *told <= at).max()
    };
    // An order, recall or refusal that came after the instant it is about could not be acted on before.
    let last_word = holdings.iter().filter_map(told).max();
    begin.into_iter().chain(last_word).max().unwrap_or(at)
}

fn edges(holdings: &[Holding], wanted: impl Fn(DateTime<Utc>) -> bool) -> Vec<DateTime<Utc>> {
    let mut edges: Vec<_> = holdings.iter().flat_map(|holding| edges_of(&holding.order)).collect();
    edges.retain(|edge| wanted(*edge));
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn edges_of(order: &Order) -> impl Iterator<Item = DateTime<Utc>> {
    let segments = order.segments.iter().flat_map(|segment| [segment.from, segment.to]);
    let slot = order.restore.iter().map(|slot| slot.from);
    [order.window_from, order.window_to].into_iter().chain(segments).chain(slot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::order::{Head, Notice, RestoreSlot, Segment};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_642_960_800 + hour * 3600, 0).unwrap()
    }

    /// An order with the window `[from, to)`, one limit over all of it, and a slot.
    fn limit(sequence: u64, (from, to): (i64, i64), limit_kw: Option<i64>, slot: i64) -> Holding {
        let segment = |limit| Segment { from: at(from), to: at(to), limit: Kw(limit), cut: Kw(1) };
        let order = Order {
            order_no: format!("O{sequence}").into(),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            environment: "test".into(),
            facility: "F1".into(),
            sequence,
            epoch: 1,
            supersedes: None,
            plan_digest: String::new(),
            notice: Notice::default(),
            issued_at: at(-5),
            not_before: at(-5),
            expires: at(slot.max(to)),
            ack_by: at(-4),
            deliver_by: at(-4),
            window_from: at(from),
            window_to: at(to),
            segments: limit_kw.map(segment).into_iter().collect(),
            depth_base: "nominated".into(),
            floor: Kw::ZERO,
            ramp_up: None,
            restore: limit_kw.map(|_| RestoreSlot { from: at(slot), to: Kw(100) }),
            journal_head: Head::empty(),
        };
        Holding { order, received_at: at(-5), answer: None }
    }

    fn recall(sequence: u64, of: u64) -> Holding {
        let mut recall = limit(sequence, (0, 24), None, 24);
        recall.order.kind = OrderKind::Recall;
        recall.order.supersedes = Some(format!("O{of}").into());
        recall.received_at = at(6);
        recall
    }

    fn refused(mut holding: Holding) -> Holding {
        let order = &holding.order;
        holding.answer = Some(Answer {
            order_no: order.order_no.clone(),
            sequence: order.sequence,
            environment: "test".into(),
            facility: "F1".into(),
            answer: Response::Refused { reason: "no".into() },
            by: "person".into(),
            at: at(5),
        });
        holding
    }

    /// Limits in kW at the given hours; -1 for free.
    fn limits(holdings: &[Holding], hours: &[i64]) -> Vec<i64> {
        hours.iter().map(|hour| target(holdings, at(*hour)).limit.map_or(-1, |limit| limit.0)).collect()
    }

    #[test]
    fn without_an_order_and_outside_its_window_the_facility_is_free() {
        assert_eq!(target(&[], at(3)), Target::default());
        assert_eq!(limits(&[limit(1, (2, 4), Some(50), 4)], &[1, 2, 3, 4]), [-1, 50, 50, -1]);
    }

    #[test]
    fn the_last_limit_holds_until_the_slot() {
        assert_eq!(limits(&[limit(1, (2, 4), Some(50), 6)], &[3, 4, 5, 6]), [50, 50, 50, -1]);
    }

    #[test]
    fn between_its_segments_a_facility_is_free() {
        let mut order = limit(1, (0, 10), Some(50), 10);
        let mut late = order.order.segments[0].clone();
        (order.order.segments[0].to, late.from, late.limit) = (at(3), at(7), Kw(20));
        order.order.segments.push(late);
        assert_eq!(limits(&[order], &[2, 3, 6, 7, 9, 10]), [50, -1, -1, 20, 20, -1]);
    }

    #[test]
    fn a_deeper_order_comes_and_goes_and_the_partial_limit_holds_again() {
        let holdings = [limit(1, (0, 24), Some(380), 25), limit(2, (6, 12), Some(0), 13)];
        assert_eq!(limits(&holdings, &[5, 6, 11, 12, 13, 24, 25]), [380, 0, 0, 0, 380, 380, -1]);
    }

    #[test]
    fn a_newer_order_that_ends_last_has_the_only_slot() {
        let holdings = [limit(1, (0, 12), Some(50), 20), limit(2, (6, 12), Some(30), 14)];
        assert_eq!(limits(&holdings, &[5, 11, 13, 14, 19]), [50, 30, 30, -1, -1]);
    }

    #[test]
    fn a_newer_order_without_limits_frees_its_window() {
        let holdings = [limit(1, (0, 12), Some(50), 12), limit(2, (6, 9), None, 9)];
        assert_eq!(limits(&holdings, &[5, 6, 8, 9, 11]), [50, -1, -1, 50, 50]);
    }

    #[test]
    fn a_recalled_order_does_not_hold_and_the_one_below_does() {
        let holdings = [limit(1, (0, 24), Some(380), 24), limit(2, (2, 12), Some(0), 13), recall(3, 2)];
        assert_eq!(limits(&holdings, &[1, 3, 12]), [380, 380, 380]);
        assert_eq!(limits(&[limit(1, (0, 24), Some(380), 24), recall(2, 9)], &[3]), [380]);
    }

    #[test]
    fn a_recall_that_is_refused_a_drill_or_older_withdraws_nothing() {
        let order = || limit(2, (0, 24), Some(380), 24);
        let mut drill = recall(3, 2);
        drill.order.priority = Priority::Drill;
        for holdings in [[order(), refused(recall(3, 2))], [order(), drill], [recall(1, 2), order()]] {
            assert_eq!(limits(&holdings, &[3]), [380]);
        }
    }

    #[test]
    fn what_the_person_refused_and_drills_move_nothing() {
        let mut drill = limit(3, (0, 24), Some(10), 24);
        drill.order.priority = Priority::Drill;
        let holdings = [limit(1, (0, 24), Some(380), 24), refused(limit(2, (0, 24), Some(0), 24)), drill];
        assert_eq!(limits(&holdings, &[3]), [380]);
    }

    #[test]
    fn a_newer_epoch_is_newer_whatever_its_sequence() {
        let mut after_takeover = limit(1, (0, 24), Some(70), 24);
        after_takeover.order.epoch = 2;
        assert_eq!(limits(&[limit(9, (0, 24), Some(50), 24), after_takeover], &[3]), [70]);
    }

    #[test]
    fn the_next_change_is_the_next_one_that_matters() {
        let holdings = [limit(1, (0, 24), Some(380), 26), limit(2, (6, 12), Some(380), 12)];
        let changes: Vec<_> =
            std::iter::successors(Some(at(-9)), |after| next_change(&holdings, *after)).collect();
        assert_eq!(changes, [at(-9), at(0), at(6), at(12), at(26)]);
        assert_eq!(next_change(&[limit(1, (0, 9), None, 9)], at(-1)), None);
    }

    #[test]
    fn due_is_the_instant_in_the_order_or_that_of_the_word_which_came_later() {
        let holdings = [limit(1, (0, 24), Some(380), 26), limit(2, (6, 12), Some(0), 12)];
        assert_eq!(due_since(&holdings, at(8)), at(6));
        assert_eq!(due_since(&holdings, at(13)), at(12));
        assert_eq!(due_since(&holdings, at(27)), at(26));
        let mut late = limit(1, (0, 24), Some(380), 26);
        late.received_at = at(3);
        assert_eq!(due_since(&[late], at(4)), at(3));
        assert_eq!(due_since(&[limit(1, (0, 24), Some(1), 24), recall(2, 1)], at(7)), at(6));
    }

    #[test]
    fn the_stricter_target_is_the_one_with_less_load() {
        let target = |limit: Option<i64>| Target { order_no: None, limit: limit.map(Kw) };
        assert_eq!(target(Some(5)).stricter(target(None)), target(Some(5)));
        assert_eq!(target(None).stricter(target(Some(5))), target(Some(5)));
        assert_eq!(target(Some(7)).stricter(target(Some(5))), target(Some(5)));
        assert_eq!(target(Some(5)).stricter(target(Some(7))), target(Some(5)));
    }
}
