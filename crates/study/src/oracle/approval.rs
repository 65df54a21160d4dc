//! S2 and S15: who has approved what leaves, and what the check had said.

use super::Findings;
use super::evidence::Sight;
use super::read::{Case, Entry, Leaving, kw, segments};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// How long one person's word is enough in an emergency.
const ALONE: TimeDelta = TimeDelta::minutes(15);

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    for leaving in &case.left {
        match leaving.order.is_recall {
            true => recalled(case, leaving, findings),
            false => approved(case, leaving, findings),
        }
    }
    for entry in case.of_kind("approved") {
        checked(case, entry, findings);
    }
    forbidden(case, findings);
}

/// The approvals of a plan that were written down before a record.
fn approvals<'a>(case: &'a Case, plan: &'a str, before: u64) -> impl Iterator<Item = &'a Entry> {
    case.of_kind("approved").filter(move |entry| entry.text("plan_digest") == plan && entry.seq < before)
}

fn approved(case: &Case, leaving: &Leaving, findings: &mut Findings) {
    let order = &leaving.order;
    let about = (leaving.at, Some(order.number.as_str()));
    let Some(proposed) = case.proposed(&order.plan) else {
        return findings.unless(false, "S2", about, || format!("no plan {} was proposed", order.plan));
    };
    let before = intended(case, leaving).map_or(u64::MAX, |entry| entry.seq);
    let known = || approvals(case, &order.plan, before);
    let people: BTreeSet<String> = known().map(|entry| entry.text("person").to_lowercase()).collect();
    let needed = people_needed(case, proposed, before, order.is_emergency);
    findings.unless(people.len() >= needed, "S2", about, || {
        format!("{} people had approved plan {}, {needed} must have", people.len(), order.plan)
    });
    let author = proposed.text("author").to_lowercase();
    findings.unless(order.is_emergency || !people.contains(&author), "S2", about, || {
        format!("{author} made plan {} and approved it", order.plan)
    });
    if order.is_emergency && people.len() < 2 && leaving.attempt == 1 {
        let issued = known().map(|entry| entry.at).min().unwrap_or(order.issued_at);
        let left = intended(case, leaving).map_or(order.issued_at, |entry| entry.at);
        findings.unless(left < issued + ALONE, "S2", about, || {
            "it left for the first time after 15 minutes with one person's word".to_owned()
        });
    }
}

/// The record of the intent to make this attempt.
pub(super) fn intended<'a>(case: &'a Case, leaving: &Leaving) -> Option<&'a Entry> {
    case.of_kind("attempt-intended").find(|entry| {
        entry.text("order_no") == leaving.order.number
            && entry.event["attempt"].as_u64() == Some(u64::from(leaving.attempt))
    })
}

fn people_needed(case: &Case, proposed: &Entry, before: u64, is_emergency: bool) -> usize {
    let above = case.settings(before).and_then(|settings| kw(&settings["two_people_above_mw"]));
    let is_large = above.is_some_and(|above| peak_cut_kw(proposed) > above);
    if is_large && !is_emergency { 2 } else { 1 }
}

fn peak_cut_kw(proposed: &Entry) -> i64 {
    let drafts = proposed.event["drafts"].as_array().map_or(&[][..], Vec::as_slice);
    let cuts: Vec<_> = drafts.iter().filter_map(|draft| segments(&draft["segments"])).flatten().collect();
    let at = |instant: DateTime<Utc>| {
        let holds = cuts.iter().filter(|segment| segment.from <= instant && instant < segment.to);
        holds.map(|segment| segment.cut_kw).sum::<i64>()
    };
    cuts.iter().map(|segment| at(segment.from)).max().unwrap_or(0)
}

fn recalled(case: &Case, leaving: &Leaving, findings: &mut Findings) {
    let order = &leaving.order;
    let before = intended(case, leaving).map_or(u64::MAX, |entry| entry.seq);
    let asked = case.of_kind("recalled").any(|entry| {
        Some(entry.text("order_no")) == order.supersedes.as_deref()
            && entry.seq < before
            && !entry.text("person").is_empty()
    });
    findings.unless(asked, "S2", (leaving.at, Some(&order.number)), || {
        format!("nobody had recalled order {:?}", order.supersedes)
    });
}

/// S15, for the plan as it was proposed and as it was approved, and beside what truly holds of it.
fn checked(case: &Case, approved: &Entry, findings: &mut Findings) {
    let plan = approved.text("plan_digest");
    let about = (approved.at, None);
    let proposed = case.proposed(plan);
    for entry in [Some(approved), proposed].into_iter().flatten() {
        let check = &entry.event["check"];
        let passed = check["passed"] == true && check["plan_digest"] == plan;
        findings
            .unless(passed, "S15", about, || format!("plan {plan} was {} with check {check}", entry.kind));
    }
    findings.unless(!case.evidence.facts.unsound_plans.contains(plan), "S15", about, || {
        format!("plan {plan} fails its check and was approved")
    });
}

/// What a promise forbids was refused to whoever asked for it.
fn forbidden(case: &Case, findings: &mut Findings) {
    for seen in &case.evidence.seen {
        if let Sight::Asked { person, what, forbidden_by: Some(promise), refused } = &seen.sight {
            findings.unless(refused.is_some(), promise, (seen.at, None), || {
                format!("{person} was allowed to: {what}")
            });
        }
    }
}
