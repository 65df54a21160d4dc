//! After the quiet phase everything has come together: orders arrived, verdicts given, limits as the journal says.

use super::Findings;
use super::evidence::Sight;
use super::read::{Case, Order};
use super::receiver::Held;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Minutes of quiet after which nothing may be missing any more.
const SETTLED_MINUTES: i64 = 20;

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    let facts = &case.evidence.facts;
    findings
        .unless(!facts.is_cut_short, "end", (facts.ended_at, None), || "it never comes to an end".to_owned());
    issued(case, findings);
    arrived(case, findings);
    judged(case, findings);
    obeyed(case, findings);
}

/// Every facility that an approved plan cuts has its order.
fn issued(case: &Case, findings: &mut Findings) {
    for approved in case.of_kind("approved") {
        let plan = approved.text("plan_digest");
        let orders = || case.orders.values().filter(|order| order.plan == plan && !order.is_recall);
        let Some(proposed) = case.proposed(plan).filter(|_| orders().next().is_some()) else { continue };
        let drafts = proposed.event["drafts"].as_array().into_iter().flatten();
        let cut = drafts.filter(|draft| draft["segments"].as_array().is_some_and(|rows| !rows.is_empty()));
        for facility in cut.filter_map(|draft| draft["facility"].as_str()) {
            let told = orders().any(|order| order.facility == facility);
            findings.unless(told, "end", (approved.at, None), || {
                format!("plan {plan} cuts {facility}, which has no order")
            });
        }
    }
    for leaving in &case.left {
        let listed = case.orders.get(&leaving.order.number) == Some(&leaving.order);
        findings.unless(listed, "end", (leaving.at, Some(&leaving.order.number)), || {
            "it left and the control room does not list it".to_owned()
        });
    }
}

/// Whether nothing but time is needed for an order to arrive.
fn is_deliverable(case: &Case, order: &Order) -> bool {
    let settled = case.quiet_after(SETTLED_MINUTES);
    let overtaken = || {
        case.left.iter().any(|leaving| {
            leaving.order.facility == order.facility && leaving.order.sequence > order.sequence
        })
    };
    order.expires > settled
        && case.recalled_at(&order.number).is_none()
        && !case.is_covered(order, DateTime::<Utc>::MAX_UTC)
        && !overtaken()
}

fn arrived(case: &Case, findings: &mut Findings) {
    for order in case.orders.values().filter(|order| is_deliverable(case, order)) {
        let arrived = case.arrivals(&order.number).next().is_some();
        findings.unless(arrived, "end", (case.evidence.facts.ended_at, Some(&order.number)), || {
            format!("it never arrived at {}", order.facility)
        });
    }
}

/// Every order that limits has been judged once its time was over: the liar is found out, the honest is not accused.
fn judged(case: &Case, findings: &mut Findings) {
    let ended = case.evidence.facts.ended_at;
    let verdicts: BTreeMap<&str, &Value> =
        case.of_kind("judged").map(|entry| (entry.text("order_no"), &entry.event["tally"])).collect();
    let late = case.settings(u64::MAX).and_then(|settings| settings["reading_late_minutes"].as_i64());
    let over = |order: &&Order| order.expires + TimeDelta::minutes(late.unwrap_or(0) + 1) < ended;
    for order in case.orders.values().filter(|order| !order.segments.is_empty()).filter(over) {
        let tally = verdicts.get(order.number.as_str());
        let about = (ended, Some(order.number.as_str()));
        findings.unless(tally.is_some(), "end", about, || "it was never judged".to_owned());
        let breaches = tally.and_then(|tally| tally["breach"].as_u64()).unwrap_or(0);
        if order.moves() && stood_alone(case, order) {
            fairly(case, order, breaches, findings);
        }
    }
}

/// The order was taken before its window, and there is no other for this facility.
fn stood_alone(case: &Case, order: &Order) -> bool {
    let others = case.orders.values().filter(|other| other.facility == order.facility).count();
    let took = case.evidence.seen.iter().find_map(|seen| match &seen.sight {
        Sight::Arrived { facility, clock, is_new: true, .. } if *facility == order.facility => Some(*clock),
        _ => None,
    });
    let refused = case.evidence.seen.iter().any(|seen| {
        matches!(&seen.sight, Sight::Answered { order_no, accepts: false, .. } if *order_no == order.number)
    });
    others == 1 && !refused && took.is_some_and(|took| took + TimeDelta::minutes(1) < order.window.0)
}

/// A liar draws what it nominated: where that is far above a limit, there is a breach.
fn fairly(case: &Case, order: &Order, breaches: u64, findings: &mut Findings) {
    let about = (case.evidence.facts.ended_at, Some(order.number.as_str()));
    let Some(facility) = case.evidence.facts.facilities.get(&order.facility) else { return };
    let lowest = order.segments.iter().map(|segment| segment.limit_kw).min().unwrap_or(0);
    let is_gross =
        facility.nominated_kw > lowest + (lowest / 10).max(100) && facility.nominated_kw > 2 * lowest;
    findings.unless(facility.lies || breaches == 0, "end", about, || {
        format!("a facility that obeyed is said to be in breach ({breaches})")
    });
    findings.unless(!(facility.lies && is_gross) || breaches > 0, "end", about, || {
        format!("a facility that drew {} kW under {lowest} kW is not found out", facility.nominated_kw)
    });
}

/// In the quiet phase every facility holds the limit that governs by the journal.
fn obeyed(case: &Case, findings: &mut Findings) {
    let names: BTreeSet<&String> = case.evidence.facts.facilities.keys().collect();
    for facility in names {
        let held = known_to(case, facility);
        let limits = limits(case, facility);
        // A plan may be approved in the quiet phase too, once nothing that returns is in its way.
        let mine = case.orders.values().filter(|order| order.facility == *facility);
        let told = mine.map(|order| order.issued_at + TimeDelta::minutes(SETTLED_MINUTES));
        let mut at = told.chain([case.quiet_after(SETTLED_MINUTES)]).max().unwrap_or_default();
        while at < case.evidence.facts.ended_at {
            let says = held.limit_kw(at);
            let near = |s: i64| held.limit_kw(at + TimeDelta::seconds(s)) == says;
            let is_steady = [-400, -200, -90, 90, 200, 400].into_iter().all(near);
            let holds = limits.iter().rev().find(|(since, _)| *since <= at).and_then(|(_, limit)| *limit);
            findings.unless(!is_steady || holds == says, "end", (at, None), || {
                format!("{facility} holds {holds:?} kW, by the journal it must hold {says:?} kW")
            });
            at += TimeDelta::minutes(5);
        }
    }
}

/// What a facility must hold by the journal: every order and recall that has arrived or still can.
fn known_to(case: &Case, facility: &str) -> Held {
    let mut held = Held::default();
    let mine = case.orders.values().filter(|order| order.facility == facility);
    let has = |order: &&Order| case.arrivals(&order.number).next().is_some();
    for order in mine.filter(|order| has(order) || is_deliverable(case, order)) {
        held.take(order.clone());
    }
    for seen in &case.evidence.seen {
        if let Sight::Answered { facility: name, order_no, accepts: false } = &seen.sight
            && name == facility
        {
            held.refuse(order_no);
        }
    }
    held
}

fn limits(case: &Case, facility: &str) -> Vec<(DateTime<Utc>, Option<i64>)> {
    let set = case.evidence.seen.iter().filter_map(|seen| match &seen.sight {
        Sight::Limited { facility: name, limit_kw, .. } if name == facility => Some((seen.at, *limit_kw)),
        _ => None,
    });
    set.collect()
}
