//! S5 and S6: after nothing that people do would more return in a zone, or more be cut, within a plan interval than it bears.
//!
//! Whoever issues or recalls settles how everything goes on, even without a control room. So after each such act what is
//! cut is drawn up anew: what was, as it was, and what will be, by the orders and recalls there are. What plans that
//! were issued before allowed at a time may stay; a plan without bounds ends the judgement.

use super::Findings;
use super::read::{Case, Entry, Order, instant, kw};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Instant = DateTime<Utc>;

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    let orders = as_sent(case);
    let acts: BTreeSet<Instant> = orders.iter().map(|order| order.issued_at).collect();
    let zones = zones(case);
    for act in acts {
        let Some(plans) = bounds(case, &orders, act) else { return };
        for (zone, facilities) in &zones {
            let course = Course::new(&orders, facilities, act);
            judge(case, zone, &plans, &course, findings);
        }
    }
}

/// Every order, in the words in which it left where it did.
fn as_sent(case: &Case) -> Vec<Order> {
    let mut orders = case.orders.clone();
    for leaving in &case.left {
        if let Some(order) = orders.get_mut(&leaving.order.number) {
            order.clone_from(&leaving.order);
        }
    }
    orders.into_values().filter(|order| !order.is_drill).collect()
}

/// Where facilities stand, by the plans.
fn zones<'a>(case: &'a Case<'_>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut zones: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let drafts = case.of_kind("proposed").flat_map(|entry| entry.event["drafts"].as_array()).flatten();
    for draft in drafts {
        if let (Some(zone), Some(facility)) = (draft["zone"].as_str(), draft["facility"].as_str()) {
            zones.entry(zone).or_default().insert(facility);
        }
    }
    zones
}

/// What a plan says that its zones bear.
struct Plan<'a> {
    interval: TimeDelta,
    zones: &'a Value,
    proposed: &'a Entry,
}

/// Those of all plans with orders by then; none where one of them says nothing.
fn bounds<'a>(case: &'a Case, orders: &[Order], act: Instant) -> Option<Vec<Plan<'a>>> {
    let digests: BTreeSet<&str> =
        orders.iter().filter(|order| order.issued_at <= act).map(|order| order.plan.as_str()).collect();
    let plan = |digest| {
        let proposed = case.proposed(digest)?;
        let bounds = &proposed.event["bounds"];
        let interval = TimeDelta::minutes(bounds["interval_minutes"].as_i64()?);
        Some(Plan { interval, zones: &bounds["zones"], proposed })
    };
    digests.into_iter().map(plan).collect()
}

impl Plan<'_> {
    fn zone(&self, name: &str) -> Option<&Value> {
        self.zones.as_array()?.iter().find(|zone| zone["zone"] == name)
    }

    /// The sum of what its moves say over a time, both ends counted.
    fn moved(&self, zone: &str, (from, to): (Instant, Instant), names: &[&str]) -> i64 {
        let moves = self.zone(zone).and_then(|zone| zone["moves"].as_array()).into_iter().flatten();
        let within = moves.filter(|moved| instant(&moved["at"]).is_some_and(|at| from <= at && at <= to));
        within.flat_map(|moved| names.iter().filter_map(|name| kw(&moved[*name]))).sum()
    }

    /// Most that may return; none for any.
    fn most_returned(&self, zone: &str, span: (Instant, Instant)) -> Option<i64> {
        let limit = kw(&self.zone(zone)?["restore_limit_mw"])?;
        Some(limit + self.moved(zone, span, &["fall_mw", "block_mw"]))
    }

    /// Most that may be cut; none for any.
    fn most_cut(&self, case: &Case, zone: &str, span: (Instant, Instant)) -> Option<i64> {
        let limit = kw(&case.settings(self.proposed.seq)?["shed_limit_mw"][zone])?;
        Some(limit + self.moved(zone, span, &["rise_mw"]))
    }
}

fn judge(case: &Case, zone: &str, plans: &[Plan], course: &Course, findings: &mut Findings) {
    let Some(interval) = plans.iter().map(|plan| plan.interval).min() else { return };
    for (from, to) in course.windows(interval) {
        let most = |of: &dyn Fn(&Plan) -> Option<i64>| {
            let each: Option<Vec<i64>> = plans.iter().map(of).collect();
            each.and_then(|each| each.into_iter().max())
        };
        let returned = most(&|plan| plan.most_returned(zone, (from, to)));
        let cut = most(&|plan| plan.most_cut(case, zone, (from, to)));
        for (promise, sign, most, word) in [("S5", -1, returned, "returns"), ("S6", 1, cut, "is cut")] {
            let Some(most) = most else { continue };
            let (net, moving) = (course.net(from, to) * sign, course.moving(from, to));
            // Whole kW: each that moves may be off by less than one.
            let holds = net <= most + i64::try_from(moving.len()).unwrap_or(0);
            findings.unless(holds, promise, (course.act, None), || {
                format!(
                    "{net} kW {word} in zone {zone} from {from} to {to}, at most {most} kW may: {moving:?}"
                )
            });
        }
    }
}

/// How what is cut of a zone changes, seen from an act.
struct Course<'a> {
    act: Instant,
    changes: BTreeMap<Instant, Vec<(&'a str, i64)>>,
}

impl<'a> Course<'a> {
    fn new(orders: &[Order], facilities: &BTreeSet<&'a str>, act: Instant) -> Self {
        let mut changes: BTreeMap<Instant, Vec<(&str, i64)>> = BTreeMap::new();
        for facility in facilities {
            let mine: Vec<&Order> =
                orders.iter().filter(|order| order.facility == *facility && order.issued_at <= act).collect();
            let mut before = 0;
            for at in edges(&mine) {
                let cut = cut_kw(&mine, at, at.min(act));
                if cut != before {
                    changes.entry(at).or_default().push((facility, cut - before));
                }
                before = cut;
            }
        }
        Self { act, changes }
    }

    /// Every two instants of change that are less than an interval apart, but for those that are wholly past.
    fn windows(&self, interval: TimeDelta) -> Vec<(Instant, Instant)> {
        let later = |from: Instant| self.changes.range(from..from + interval).map(move |(to, _)| (from, *to));
        let pairs = self.changes.keys().flat_map(|from| later(*from));
        pairs.filter(|(_, to)| *to >= self.act).collect()
    }

    fn net(&self, from: Instant, to: Instant) -> i64 {
        self.changes.range(from..=to).flat_map(|(_, moves)| moves).map(|(_, by)| by).sum()
    }

    /// The net change of each facility that has one.
    fn moving(&self, from: Instant, to: Instant) -> BTreeMap<&'a str, i64> {
        let mut moving = BTreeMap::new();
        for (facility, by) in self.changes.range(from..=to).flat_map(|(_, moves)| moves) {
            *moving.entry(*facility).or_insert(0) += by;
        }
        moving
    }
}

/// When anything can change.
fn edges(orders: &[&Order]) -> BTreeSet<Instant> {
    let of = |order: &&Order| {
        let segments = order.segments.iter().flat_map(|segment| [segment.from, segment.to]);
        let own = [order.issued_at, order.window.0, order.window.1, order.last()];
        own.into_iter().chain(order.slot).chain(segments).collect::<Vec<_>>()
    };
    orders.iter().flat_map(of).collect()
}

/// What is cut at an instant, by what was known then.
fn cut_kw(orders: &[&Order], at: Instant, known: Instant) -> i64 {
    let known: Vec<&Order> = orders.iter().copied().filter(|order| order.issued_at <= known).collect();
    let recalled = |order: &Order| {
        known.iter().any(|one| one.is_recall && one.supersedes.as_ref() == Some(&order.number))
    };
    let mut standing: Vec<&Order> =
        known.iter().copied().filter(|order| order.moves() && !recalled(order)).collect();
    standing.sort_by_key(|order| std::cmp::Reverse(order.key()));
    let taken_over = |index: usize, end: Instant| {
        let newer = standing[..index].iter();
        newer.clone().any(|newer| newer.window.0.max(newer.issued_at) < end && end <= newer.window.1)
    };
    let decides = |(index, order): &(usize, &&Order)| {
        let end = if taken_over(*index, order.window.1) { order.window.1 } else { order.last() };
        order.window.0 <= at && at < end
    };
    standing.iter().enumerate().find(decides).map_or(0, |(_, order)| order.cut_kw(at))
}
