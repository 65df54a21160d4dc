//! S3 at the sender, S8, S13 and S16: what leaves, when, and who is told of what does not arrive.

use super::Findings;
use super::approval::intended;
use super::evidence::{Seen, Sight};
use super::read::{Case, Entry, Leaving, Order};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    in_turn(case, findings);
    for leaving in &case.left {
        written_first(case, leaving, findings);
    }
    outcomes(case, findings);
    frozen(case, findings);
    called(case, findings);
}

/// S3: one content for a sequence, and no older one after a newer one.
fn in_turn(case: &Case, findings: &mut Findings) {
    let mut lanes: BTreeMap<&str, Vec<&Order>> = BTreeMap::new();
    for leaving in &case.left {
        let (order, lane) = (&leaving.order, lanes.entry(&leaving.to).or_default());
        let about = (leaving.at, Some(order.number.as_str()));
        findings.unless(leaving.to == order.facility, "S3", about, || {
            format!("it is for {} and went to {}", order.facility, leaving.to)
        });
        let other = lane.iter().find(|known| known.sequence == order.sequence && known != &&order);
        findings.unless(other.is_none(), "S3", about, || {
            format!("sequence {} has left with another content", order.sequence)
        });
        let newer = lane.iter().find(|known| known.key() > order.key());
        findings.unless(newer.is_none(), "S3", about, || {
            format!("{:?} left after {:?}", order.key(), newer.map(|newer| newer.key()))
        });
        lane.push(order);
    }
}

/// S8: the intent was durable before the order left; and the order is one that is known.
fn written_first(case: &Case, leaving: &Leaving, findings: &mut Findings) {
    let order = &leaving.order;
    let about = (leaving.at, Some(order.number.as_str()));
    match intended(case, leaving) {
        None => findings
            .unless(false, "S8", about, || format!("attempt {} was never written down", leaving.attempt)),
        Some(entry) => findings.unless(case.durable_place(entry.seq) < leaving.place, "S8", about, || {
            format!("attempt {} left before record {} was durable", leaving.attempt, entry.seq)
        }),
    }
}

/// S8: every attempt has one outcome, and one only; a start of the room is the outcome of what was under way.
fn outcomes(case: &Case, findings: &mut Findings) {
    let mut open: BTreeMap<(&str, u64), &Entry> = BTreeMap::new();
    for entry in &case.entries {
        let key = (entry.text("order_no"), entry.event["attempt"].as_u64().unwrap_or(0));
        match entry.kind.as_str() {
            "attempt-intended" => {
                let twice = open.insert(key, entry).is_some();
                findings.unless(!twice, "S8", (entry.at, Some(key.0)), || {
                    format!("attempt {} was intended twice", key.1)
                });
            }
            "attempt-ended" => _ = open.remove(&key),
            "opened" => open.clear(),
            _ => {}
        }
    }
    for (number, attempt) in open.into_keys() {
        findings.unless(false, "S8", (case.evidence.facts.ended_at, Some(number)), || {
            format!("attempt {attempt} has no outcome")
        });
    }
}

/// S13: from a second after a freeze until the thaw nothing leaves.
fn frozen(case: &Case, findings: &mut Findings) {
    let mut since: Option<&Entry> = None;
    for entry in case.entries.iter().filter(|entry| entry.is("frozen") || entry.is("thawed")) {
        if let (Some(frozen), "thawed") = (since, entry.kind.as_str()) {
            let different = entry.text("by") != entry.text("confirmed_by");
            findings.unless(different, "S13", (entry.at, None), || "one person thawed alone".to_owned());
            still(case, (case.durable_place(frozen.seq), case.durable_place(entry.seq)), findings);
        }
        since = entry.is("frozen").then_some(entry);
    }
    if let Some(frozen) = since {
        still(case, (case.durable_place(frozen.seq), usize::MAX), findings);
    }
}

fn still(case: &Case, (from, to): (usize, usize), findings: &mut Findings) {
    let Some(frozen_at) = case.evidence.seen.get(from).map(|seen| seen.at) else { return };
    for leaving in case.left.iter().filter(|leaving| from < leaving.place && leaving.place < to) {
        let at_once = leaving.at <= frozen_at + TimeDelta::seconds(1);
        findings.unless(at_once, "S13", (leaving.at, Some(&leaving.order.number)), || {
            "it left while issuing was frozen".to_owned()
        });
    }
}

/// S16: whenever somebody looks, every order that ought to be there by then is on the phone list.
fn called(case: &Case, findings: &mut Findings) {
    for (place, seen) in case.evidence.seen.iter().enumerate() {
        let Seen { at, sight: Sight::PhoneList { clock, orders } } = seen else { continue };
        for order in case.orders.values() {
            let missing = needs_call(case, order, *clock, place) && !orders.contains(&order.number);
            findings.unless(!missing, "S16", (*at, Some(&order.number)), || {
                format!("it has not arrived, must by {}, and nobody is told to call", order.deliver_by)
            });
        }
    }
}

fn needs_call(case: &Case, order: &Order, clock: DateTime<Utc>, place: usize) -> bool {
    let known = |entry: &Entry| case.durable_place(entry.seq) <= place;
    // Whether it had been issued, and written down, when somebody looked.
    let issued = case.durable_place(order.head.0 + 1) <= place;
    let late = issued && order.called_from() <= clock && clock < order.expires;
    let arrived = || case.arrivals(&order.number).any(known);
    let withdrawn =
        || case.of_kind("recalled").any(|entry| entry.text("order_no") == order.number && known(entry));
    late && !arrived() && !withdrawn() && !case.is_covered(order, clock)
}
