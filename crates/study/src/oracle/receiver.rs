//! S3, S4, S12 and S14 at the facilities: what they take, and which limit they hold.

use super::Findings;
use super::evidence::{Seen, Sight};
use super::read::{Case, Order};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// How far a clock may be off at either end of an order's validity.
const TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// What a facility holds, as it was seen to take it.
#[derive(Default)]
pub(super) struct Held {
    orders: Vec<Order>,
    refused: BTreeSet<String>,
}

impl Held {
    pub(super) fn take(&mut self, order: Order) {
        self.orders.push(order);
        self.orders.sort_by_key(Order::key);
    }

    pub(super) fn refuse(&mut self, number: &str) {
        self.refused.insert(number.to_owned());
    }

    /// The limit that holds; none for free.
    pub(super) fn limit_kw(&self, at: DateTime<Utc>) -> Option<i64> {
        let governs = self.orders.iter().rev().find(|order| self.is_in_force(order, at));
        governs.and_then(|order| order.limit_kw(at))
    }

    fn is_in_force(&self, order: &Order, at: DateTime<Utc>) -> bool {
        let within = order.window.0 <= at && at < order.last();
        let void = || at >= order.window.1 && self.is_taken_over(order);
        within && self.stands(order) && !void()
    }

    fn stands(&self, order: &Order) -> bool {
        let recall = |newer: &Order| {
            newer.is_recall
                && newer.key() > order.key()
                && newer.supersedes.as_ref() == Some(&order.number)
                && !self.refused.contains(&newer.number)
        };
        order.moves() && !self.refused.contains(&order.number) && !self.orders.iter().any(recall)
    }

    /// A newer order holds at the end of the window: the wait for the slot is that one's matter.
    fn is_taken_over(&self, order: &Order) -> bool {
        let end = order.window.1;
        self.orders.iter().any(|newer| {
            newer.key() > order.key() && newer.window.0 < end && end <= newer.window.1 && self.stands(newer)
        })
    }

    fn newest(&self) -> Option<(u64, u64)> {
        self.orders.last().map(Order::key)
    }

    fn find(&self, number: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.number == number)
    }
}

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    let mut held: BTreeMap<&str, Held> = BTreeMap::new();
    for seen in &case.evidence.seen {
        match &seen.sight {
            Sight::Arrived { facility, clock, bytes, is_new: true, .. } => {
                let Some(order) = Order::from_bytes(bytes) else { continue };
                let held = held.entry(facility).or_default();
                taken(case, (seen, facility, *clock), &order, held, findings);
                held.take(order);
            }
            Sight::Answered { facility, order_no, accepts: false } => {
                held.entry(facility).or_default().refuse(order_no);
            }
            Sight::Limited { facility, clock, limit_kw, order_no } => {
                let held = held.entry(facility).or_default();
                let (by, about) = (order_no.as_deref(), (seen.at, order_no.as_deref()));
                limited(held, *limit_kw, *clock, about, findings);
                let drill = by.and_then(|number| held.find(number)).is_some_and(|order| order.is_drill);
                findings.unless(!drill, "S14", about, || format!("{facility} moves its load in a drill"));
            }
            _ => {}
        }
    }
}

fn taken(
    case: &Case,
    (seen, facility, clock): (&Seen, &str, DateTime<Utc>),
    order: &Order,
    held: &Held,
    findings: &mut Findings,
) {
    let about = (seen.at, Some(order.number.as_str()));
    findings.unless(order.facility == facility, "S3", about, || {
        format!("{facility} took an order for {}", order.facility)
    });
    let newer = held.newest().is_none_or(|newest| newest < order.key());
    findings.unless(newer, "S3", about, || {
        format!("{facility} took {:?} and held {:?}", order.key(), held.newest())
    });
    let issued = case.left.iter().any(|leaving| leaving.order == *order);
    findings.unless(issued, "S3", about, || format!("{facility} took what the control room never sent"));
    let valid = order.not_before - TOLERANCE <= clock && clock <= order.expires + TOLERANCE;
    findings.unless(valid, "S12", about, || {
        format!("{facility} took it at {clock}, it is good from {} to {}", order.not_before, order.expires)
    });
    let environment = &case.evidence.facts.environment;
    findings.unless(order.environment == *environment, "S14", about, || {
        format!("{facility} of {environment} took an order of {}", order.environment)
    });
}

/// S4: no limit is looser than what the orders that were taken say.
fn limited(
    held: &Held,
    limit_kw: Option<i64>,
    clock: DateTime<Utc>,
    about: (DateTime<Utc>, Option<&str>),
    findings: &mut Findings,
) {
    let free = |limit_kw: Option<i64>| limit_kw.unwrap_or(i64::MAX);
    let says = held.limit_kw(clock);
    findings.unless(free(limit_kw) <= free(says), "S4", about, || {
        format!("the limit was set to {limit_kw:?} kW, the orders say {says:?} kW")
    });
}
