//! S9 and S10: the journal is one chain, holds every head that was handed out, and nothing twice.

use super::Findings;
use super::evidence::Sight;
use super::read::Case;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn examine(case: &Case, findings: &mut Findings) {
    let hashes = chain(case, findings);
    heads(case, &hashes, findings);
    repeated(case, findings);
}

/// Hash by number, as it is written; every one of them is computed anew.
fn chain(case: &Case, findings: &mut Findings) -> BTreeMap<u64, String> {
    let ended = (case.evidence.facts.ended_at, None);
    let (mut prev, mut hashes) = ("0".repeat(64), BTreeMap::from([(0, "0".repeat(64))]));
    for (record, expected) in case.evidence.records.iter().zip(1_u64..) {
        let seq = record["seq"].as_u64().unwrap_or(0);
        let fits = seq == expected && record["prev"] == prev.as_str();
        findings.unless(fits, "S9", ended, || format!("record {seq} does not follow the one before it"));
        let hash = record["hash"].as_str().unwrap_or_default().to_owned();
        let found = hash_of(record);
        findings.unless(found == hash, "S9", ended, || {
            format!("record {seq} was changed: it has the hash {found}, and {hash} is written")
        });
        prev.clone_from(&hash);
        hashes.insert(seq, hash);
    }
    hashes
}

/// SHA-256 over the canonical JSON of a record without its hash.
fn hash_of(record: &Value) -> String {
    let mut sealed = json!({"seq": record["seq"], "at": stamped(&record["at"]), "kind": record["kind"],
        "body": record["body"], "prev": record["prev"]});
    if record["documents"].as_array().is_some_and(|documents| !documents.is_empty()) {
        sealed["documents"] = record["documents"].clone();
    }
    let bytes = serde_json_canonicalizer::to_vec(&sealed).unwrap_or_default();
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An instant with six decimals, as the journal keeps it.
fn stamped(at: &Value) -> String {
    let at = super::read::instant(at).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// What orders carry and what the disk has promised is there.
fn heads(case: &Case, hashes: &BTreeMap<u64, String>, findings: &mut Findings) {
    for leaving in &case.left {
        let (seq, hash) = &leaving.order.head;
        let there = hashes.get(seq) == Some(hash);
        findings.unless(there, "S9", (leaving.at, Some(&leaving.order.number)), || {
            format!("it carries head {seq}, which the journal does not have")
        });
    }
    for seen in &case.evidence.seen {
        if let Sight::Durable { seq, hash } = &seen.sight {
            findings.unless(hashes.get(seq) == Some(hash), "S9", (seen.at, None), || {
                format!("record {seq} was durable and is lost or changed")
            });
        }
    }
}

/// The same word is written down once; of what happens again in time only the first counts.
fn repeated(case: &Case, findings: &mut Findings) {
    const ONCE: [&str; 4] = ["proposed", "answered", "reported", "read"];
    let mut known: BTreeSet<String> = BTreeSet::new();
    for entry in case.entries.iter().filter(|entry| ONCE.contains(&entry.kind.as_str())) {
        let mut word = entry.event.clone();
        // The head is the journal's own word.
        word.as_object_mut().map(|fields| fields.remove("journal_head"));
        let is_new = known.insert(word.to_string());
        findings.unless(is_new, "S10", (entry.at, None), || {
            format!("record {} says once more what was said before ({})", entry.seq, entry.kind)
        });
    }
}
