//! S1, S4, S6 and S7: what orders say, and how many there are.

use super::Findings;
use super::read::{Case, Leaving, Order, instant, kw, segments};
use chrono::TimeDelta;
use std::collections::BTreeMap;

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    for leaving in &case.left {
        spared(case, leaving, findings);
        as_proposed(case, leaving, findings);
    }
    rate(case, findings);
}

/// S1, and of S6 the floors.
fn spared(case: &Case, leaving: &Leaving, findings: &mut Findings) {
    let order = &leaving.order;
    let about = (leaving.at, Some(order.number.as_str()));
    let Some(facility) = case.evidence.facts.facilities.get(&order.facility) else {
        return findings.unless(false, "S1", about, || format!("nobody is called {}", order.facility));
    };
    findings.unless(!facility.is_protected || order.segments.is_empty(), "S1", about, || {
        format!("{} is protected and would be cut", order.facility)
    });
    let lowest = order.segments.iter().map(|segment| segment.limit_kw).min();
    findings.unless(lowest.is_none_or(|limit| limit >= facility.floor_kw), "S6", about, || {
        format!("a limit of {lowest:?} kW is below the floor of {} kW", facility.floor_kw)
    });
}

/// S4: an order lets go when the approved plan says so, and a recall sets nothing.
fn as_proposed(case: &Case, leaving: &Leaving, findings: &mut Findings) {
    let order = &leaving.order;
    let about = (leaving.at, Some(order.number.as_str()));
    if order.is_recall {
        let empty = order.segments.is_empty() && order.slot.is_none();
        return findings.unless(empty, "S4", about, || "a recall sets limits".to_owned());
    }
    let drafts = case.proposed(&order.plan).and_then(|entry| entry.event["drafts"].as_array());
    let draft = drafts.into_iter().flatten().find(|draft| draft["facility"] == order.facility.as_str());
    let same = draft.is_some_and(|draft| {
        segments(&draft["segments"]).as_ref() == Some(&order.segments)
            && instant(&draft["restore"]["from"]) == order.slot
            && instant(&draft["window_from"]) == Some(order.window.0)
            && instant(&draft["window_to"]) == Some(order.window.1)
            && kw(&draft["floor_mw"]) == kw(&order.whole["floor_mw"])
    });
    findings.unless(same, "S4", about, || "it says other than was proposed".to_owned());
}

/// S7, over all orders that are listed and all that left.
fn rate(case: &Case, findings: &mut Findings) {
    let mut issued: BTreeMap<&str, &Order> = BTreeMap::new();
    issued.extend(case.orders.iter().map(|(number, order)| (number.as_str(), order)));
    issued.extend(case.left.iter().map(|leaving| (leaving.order.number.as_str(), &leaving.order)));
    let mut times: Vec<_> = issued.values().map(|order| order.issued_at).collect();
    times.sort_unstable();
    let registered = case.evidence.facts.facilities.len();
    let set = case.settings(u64::MAX).and_then(|settings| settings["orders_per_minute"].as_u64());
    let most = set.map_or(2 * registered, |most| usize::try_from(most).unwrap_or(usize::MAX));
    for (index, first) in times.iter().enumerate() {
        let within = times[index..].iter().take_while(|at| **at - *first < TimeDelta::minutes(1)).count();
        findings.unless(within <= most, "S7", (*first, None), || {
            format!("{within} orders were issued within a minute, at most {most} may be")
        });
    }
}
