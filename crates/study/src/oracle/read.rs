//! The journal and the orders as the oracle reads them: small forms of its own over JSON.

use super::evidence::{Evidence, Sight};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// A record of the journal.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) seq: u64,
    pub(super) at: DateTime<Utc>,
    pub(super) kind: String,
    pub(super) event: Value,
}

impl Entry {
    pub(super) fn text(&self, name: &str) -> &str {
        self.event[name].as_str().unwrap_or_default()
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

/// An order, from signed bytes or from the list of the control room.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub(super) number: String,
    pub(super) facility: String,
    pub(super) environment: String,
    pub(super) plan: String,
    pub(super) is_recall: bool,
    pub(super) is_drill: bool,
    pub(super) is_emergency: bool,
    pub(super) epoch: u64,
    pub(super) sequence: u64,
    pub(super) supersedes: Option<String>,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) not_before: DateTime<Utc>,
    pub(super) expires: DateTime<Utc>,
    pub(super) deliver_by: DateTime<Utc>,
    pub(super) window: (DateTime<Utc>, DateTime<Utc>),
    pub(super) segments: Vec<Segment>,
    pub(super) slot: Option<DateTime<Utc>>,
    pub(super) head: (u64, String),
    pub(super) whole: Value,
}

/// A limit over a time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    pub(super) limit_kw: i64,
    pub(super) cut_kw: i64,
}

pub(super) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.to_utc())
}

/// MW with at most three decimals, as whole kW.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn kw(value: &Value) -> Option<i64> {
    value.as_f64().map(|mw| (mw * 1000.0).round() as i64)
}

pub(super) fn segments(value: &Value) -> Option<Vec<Segment>> {
    let segment = |row: &Value| {
        Some(Segment {
            from: instant(&row["from"])?,
            to: instant(&row["to"])?,
            limit_kw: kw(&row["limit_mw"])?,
            cut_kw: kw(&row["cut_mw"])?,
        })
    };
    value.as_array()?.iter().map(segment).collect()
}

impl Order {
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_value(&serde_json::from_slice(bytes).ok()?)
    }

    pub(super) fn from_value(whole: &Value) -> Option<Self> {
        let text = |name: &str| whole[name].as_str().map(str::to_owned);
        let at = |name: &str| instant(&whole[name]);
        Some(Self {
            number: text("order_no")?,
            facility: text("facility")?,
            environment: text("environment")?,
            plan: text("plan_digest")?,
            is_recall: text("kind")? == "recall",
            is_drill: text("priority")? == "drill",
            is_emergency: text("priority")? == "emergency",
            epoch: whole["epoch"].as_u64()?,
            sequence: whole["sequence"].as_u64()?,
            supersedes: text("supersedes"),
            issued_at: at("issued_at")?,
            not_before: at("not_before")?,
            expires: at("expires")?,
            deliver_by: at("deliver_by")?,
            window: (at("window_from")?, at("window_to")?),
            segments: segments(&whole["segments"])?,
            slot: instant(&whole["restore"]["from"]),
            head: (
                whole["journal_head"]["seq"].as_u64()?,
                whole["journal_head"]["hash"].as_str()?.to_owned(),
            ),
            whole: whole.clone(),
        })
    }

    pub(super) fn key(&self) -> (u64, u64) {
        (self.epoch, self.sequence)
    }

    /// Whether it can move a load at all.
    pub(super) fn moves(&self) -> bool {
        !self.is_recall && !self.is_drill
    }

    /// When four fifths of its lead time are gone.
    pub(super) fn called_from(&self) -> DateTime<Utc> {
        self.issued_at + (self.deliver_by - self.issued_at) * 4 / 5
    }

    /// The end of its window and of the wait for its slot.
    pub(super) fn last(&self) -> DateTime<Utc> {
        self.slot.map_or(self.window.1, |slot| slot.max(self.window.1))
    }

    /// What it says about an instant; none for free.
    pub(super) fn limit_kw(&self, at: DateTime<Utc>) -> Option<i64> {
        self.segment(at).map(|segment| segment.limit_kw)
    }

    /// What it cuts at an instant.
    pub(super) fn cut_kw(&self, at: DateTime<Utc>) -> i64 {
        self.segment(at).map_or(0, |segment| segment.cut_kw)
    }

    /// The one that holds at an instant; the last one until the slot.
    fn segment(&self, at: DateTime<Utc>) -> Option<&Segment> {
        let inside = self.segments.iter().find(|segment| segment.from <= at && at < segment.to);
        let held = || {
            let last = self.segments.last()?;
            (last.to <= at && at < self.slot?).then_some(last)
        };
        inside.or_else(held)
    }
}

/// The evidence, read.
pub(super) struct Case<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) entries: Vec<Entry>,
    /// All orders that the control room lists, by number.
    pub(super) orders: BTreeMap<String, Order>,
    /// Everything that left: place among what was seen, time, attempt, order.
    pub(super) left: Vec<Leaving>,
    /// For each record the place among what was seen at which it was durable.
    durable: Vec<(u64, usize)>,
    /// What could not be read.
    pub(super) unread: Vec<String>,
}

/// An order that was handed to the network.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    pub(super) place: usize,
    pub(super) at: DateTime<Utc>,
    pub(super) attempt: u32,
    pub(super) to: String,
    pub(super) order: Order,
}

impl<'a> Case<'a> {
    pub(super) fn read(evidence: &'a Evidence) -> Self {
        let mut unread = Vec::new();
        let entries = evidence.records.iter().filter_map(|record| noted(entry(record), record, &mut unread));
        let entries: Vec<Entry> = entries.collect();
        let mut orders = BTreeMap::new();
        for value in &evidence.orders {
            if let Some(order) = noted(Order::from_value(value), value, &mut unread) {
                orders.insert(order.number.clone(), order);
            }
        }
        let left = left(evidence, &mut unread);
        let durable = durable(evidence);
        Self { evidence, entries, orders, left, durable, unread }
    }

    pub(super) fn of_kind<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Entry> + 'b {
        self.entries.iter().filter(move |entry| entry.is(kind))
    }

    /// Place among what was seen at which a record had become durable; the end where it never was.
    pub(super) fn durable_place(&self, seq: u64) -> usize {
        let index = self.durable.partition_point(|(upto, _)| *upto < seq);
        self.durable.get(index).map_or(usize::MAX, |(_, place)| *place)
    }

    /// The proposal of a plan.
    pub(super) fn proposed(&self, plan: &str) -> Option<&Entry> {
        self.of_kind("proposed").find(|entry| entry.text("plan_digest") == plan)
    }

    /// The settings that held when a record was written.
    pub(super) fn settings(&self, seq: u64) -> Option<&Value> {
        let before = self.of_kind("opened").filter(|entry| entry.seq <= seq);
        before.last().map(|entry| &entry.event["config"])
    }

    /// Until when a withdrawal had not been made.
    pub(super) fn recalled_at(&self, number: &str) -> Option<DateTime<Utc>> {
        self.of_kind("recalled").find(|entry| entry.text("order_no") == number).map(|entry| entry.at)
    }

    /// What shows that a facility has an order: a receipt, or its own signed answer or report.
    pub(super) fn arrivals(&self, number: &str) -> impl Iterator<Item = &Entry> {
        let ended = self.of_kind("attempt-ended").filter(move |entry| {
            entry.text("order_no") == number && entry.event["outcome"]["kind"] == "received"
        });
        let answered =
            self.of_kind("answered").filter(move |entry| entry.event["answer"]["order_no"] == number);
        let reported =
            self.of_kind("reported").filter(move |entry| entry.event["report"]["order_no"] == number);
        ended.chain(answered).chain(reported)
    }

    /// Whether newer orders that stand leave nothing of an order to hold, as far as was known by an instant.
    pub(super) fn is_covered(&self, order: &Order, by: DateTime<Utc>) -> bool {
        let stands = |newer: &&Order| {
            newer.facility == order.facility
                && newer.sequence > order.sequence
                && newer.moves()
                && newer.issued_at <= by
                && self.recalled_at(&newer.number).is_none_or(|at| at > by)
        };
        let covers = |newer: &Order| {
            newer.window.0 <= order.window.0.max(newer.issued_at) && order.window.1 <= newer.window.1
        };
        order.moves() && self.orders.values().filter(stands).any(covers)
    }

    pub(super) fn quiet_after(&self, minutes: i64) -> DateTime<Utc> {
        self.evidence.facts.quiet_from + TimeDelta::minutes(minutes)
    }
}

fn noted<T>(read: Option<T>, from: &Value, unread: &mut Vec<String>) -> Option<T> {
    if read.is_none() {
        unread.push(from.to_string().chars().take(200).collect());
    }
    read
}

fn entry(record: &Value) -> Option<Entry> {
    let event = record["body"]["event"].clone();
    let kind = record["kind"].as_str()?.to_owned();
    (event["event"] == kind.as_str()).then_some(())?;
    Some(Entry { seq: record["seq"].as_u64()?, at: instant(&record["at"])?, kind, event })
}

fn left(evidence: &Evidence, unread: &mut Vec<String>) -> Vec<Leaving> {
    let mut left = Vec::new();
    for (place, seen) in evidence.seen.iter().enumerate() {
        if let Sight::Left { facility, bytes, attempt } = &seen.sight {
            match Order::from_bytes(bytes) {
                Some(order) => {
                    let (at, attempt, to) = (seen.at, *attempt, facility.clone());
                    left.push(Leaving { place, at, attempt, to, order });
                }
                None => unread.push(String::from_utf8_lossy(bytes).chars().take(200).collect()),
            }
        }
    }
    left
}

fn durable(evidence: &Evidence) -> Vec<(u64, usize)> {
    let places = evidence.seen.iter().enumerate().filter_map(|(place, seen)| match seen.sight {
        Sight::Durable { seq, .. } => Some((seq, place)),
        _ => None,
    });
    places.collect()
}
