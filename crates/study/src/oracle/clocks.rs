//! S11: time of the journal goes one way, and a leap of the wall clock stops issuing.

use super::Findings;
use super::evidence::Sight;
use super::read::{Case, Entry};

/// A leap of so many milliseconds or less is the clock being put right.
const LEAP_MS: i64 = 2_000;

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    for pair in case.entries.windows(2) {
        findings.unless(pair[0].at <= pair[1].at, "S11", (pair[1].at, None), || {
            format!("record {} is of {}, after one of {}", pair[1].seq, pair[1].at, pair[0].at)
        });
    }
    leaps(case, findings);
    for entry in case.of_kind("resumed") {
        let different = entry.text("by") != entry.text("confirmed_by");
        findings.unless(different, "S11", (entry.at, None), || "one person resumed alone".to_owned());
    }
    stopped(case, findings);
}

/// While the wall clock is off nothing is written down before a doubt is; whoever resumes trusts what it shows then.
fn leaps(case: &Case, findings: &mut Findings) {
    let (mut apart_ms, mut known) = (0, 0);
    for seen in &case.evidence.seen {
        match seen.sight {
            Sight::Leapt { by_ms } => apart_ms += by_ms,
            // A room that starts knows no other clock than the one it finds.
            Sight::Opened => apart_ms = 0,
            Sight::Durable { seq, .. } => {
                let last = turns(case, 0, seq).last();
                let doubts = last.is_some_and(|entry| entry.is("clocks-disagree"));
                let resumed = turns(case, known, seq).any(|entry| entry.is("resumed"));
                findings.unless(
                    apart_ms.abs() <= LEAP_MS || doubts || resumed,
                    "S11",
                    (seen.at, None),
                    || format!("the wall clock is {apart_ms} ms off and record {seq} says nothing of it"),
                );
                known = seq;
                if resumed {
                    apart_ms = 0;
                }
            }
            _ => {}
        }
    }
}

/// Doubts and resumptions among the records after one and up to another.
fn turns<'a>(case: &'a Case, after: u64, upto: u64) -> impl Iterator<Item = &'a Entry> {
    let within = case.entries.iter().filter(move |entry| after < entry.seq && entry.seq <= upto);
    within.filter(|entry| entry.is("clocks-disagree") || entry.is("resumed"))
}

/// Nothing is issued between a doubt and the word of two people.
fn stopped(case: &Case, findings: &mut Findings) {
    let mut doubt = false;
    for entry in &case.entries {
        match entry.kind.as_str() {
            "clocks-disagree" => doubt = true,
            "resumed" => doubt = false,
            "approved" | "recalled" => findings.unless(!doubt, "S11", (entry.at, None), || {
                format!("record {} issues while time is in doubt", entry.seq)
            }),
            _ => {}
        }
    }
}
