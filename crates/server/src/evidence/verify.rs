//! Verifying: everything that can be reckoned again is, from the file alone.
//!
//! Nothing here asks the engine's guard or its permits. The verdict is reckoned by the engine's `comply`, the plan is
//! judged by the planner's independent check; all else is written down once more.

mod delivery;
mod enrolment;
mod paper;
mod rules;
mod words;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kezek_courier::{PublicKey, Purpose, Signed, open_signed};
use kezek_engine::Event;
use kezek_journal::{Link, Whole};
use kezek_model::canonical::{canonical_json, sha256_hex};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Head, Order};
use serde::Serialize;
use serde_json::Value;

use super::{Evidence, FORM};
use crate::record::Remark;

/// What a file was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The order that it is about, as far as it can be read.
    pub order_no: Option<OrderNo>,
    /// What holds, as part and words.
    pub holds: Vec<(&'static str, String)>,
    /// What does not, as part and words.
    pub faults: Vec<(&'static str, String)>,
    /// The ends of the chain that the file proves its records by.
    pub heads: Vec<Head>,
}

impl Finding {
    /// Whether everything holds.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn note(&mut self, part: &'static str, result: Result<String, String>) {
        match result {
            Ok(words) => self.holds.push((part, words)),
            Err(words) => self.faults.push((part, words)),
        }
    }
}

/// A record of the file that was found whole, with what it says.
struct Told<'a> {
    seq: u64,
    whole: &'a Whole,
    event: Event,
    remark: Remark,
    /// The bytes that came with it, the event's own document apart.
    documents: Vec<&'a [u8]>,
}

/// The file, read and ready to be judged.
struct File<'a> {
    evidence: &'a Evidence,
    order: &'a Order,
    key: &'a PublicKey,
    told: &'a [Told<'a>],
}

/// Judges a file. Without a key the one in the file is used, and the finding says so; heads that are known from elsewhere
/// are compared where the file reaches them.
#[must_use]
pub fn verify(bytes: &[u8], key: Option<&PublicKey>, heads: &[Head]) -> Finding {
    let mut finding = Finding::default();
    let sealed = match read(bytes) {
        Ok(sealed) => sealed,
        Err(what) => {
            finding.note("form", Err(what));
            return finding;
        }
    };
    let evidence = &sealed.body;
    finding.order_no = Some(evidence.order_no.clone());
    finding.note("form", Ok(format!("{FORM}, canonical, {} bytes", bytes.len())));
    let own = evidence.control_room_public_key.parse::<PublicKey>();
    let pinned = match (key, own) {
        (Some(key), _) => *key,
        (None, Ok(own)) => own,
        (None, Err(_)) => {
            finding.note("seal", Err("the file names no key, and none was given".into()));
            return finding;
        }
    };
    finding.note("seal", seal(bytes, &pinned, key.is_some(), evidence));
    finding.heads = chain(&mut finding, evidence, heads);
    judge(&mut finding, evidence, &pinned);
    finding
}

fn read(bytes: &[u8]) -> Result<Signed<Evidence>, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("it is not JSON: {error}"))?;
    let canonical = canonical_json(&value).map_err(|error| error.to_string())?;
    if canonical != bytes {
        return Err("it is not in canonical form: some byte was changed or added".into());
    }
    let sealed: Signed<Evidence> =
        serde_json::from_value(value).map_err(|error| format!("it is no evidence file: {error}"))?;
    match sealed.body.form == FORM {
        true => Ok(sealed),
        false => Err(format!("its form is {:?}, expected {FORM:?}", sealed.body.form)),
    }
}

fn seal(bytes: &[u8], key: &PublicKey, is_given: bool, evidence: &Evidence) -> Result<String, String> {
    if is_given && evidence.control_room_public_key != key.to_string() {
        return Err("the key in the file is another than the one given".into());
    }
    open_signed::<Evidence>(Purpose::Evidence, bytes, std::slice::from_ref(key))
        .map_err(|error| kezek_courier::error::describe(&error))?;
    Ok(match is_given {
        true => format!("signed by the control room, key {}", key.key_id()),
        false => {
            format!("signed by the key in the file, {}; compare it with the control room's", key.key_id())
        }
    })
}

/// Recomputes every stretch; the heads known from elsewhere, those that the orders carry among them, must be in it where
/// it reaches them.
fn chain(finding: &mut Finding, evidence: &Evidence, heads: &[Head]) -> Vec<Head> {
    let (mut ends, mut known) = (Vec::new(), BTreeMap::new());
    for stretch in &evidence.chain {
        known.insert(stretch.after.seq, stretch.after.hash.clone());
        match stretch.heads() {
            Ok(found) => {
                ends.extend(found.last().cloned());
                known.extend(found.into_iter().map(|head| (head.seq, head.hash)));
            }
            Err(seq) => {
                finding.note("chain", Err(format!("record {seq} is neither a record nor the stub of one")));
                return ends;
            }
        }
    }
    if ends != evidence.heads {
        let named: Vec<String> = evidence.heads.iter().map(ToString::to_string).collect();
        finding.note(
            "chain",
            Err(format!("it does not lead to the head that is named, {}", named.join(" and "))),
        );
    }
    let carried = evidence.orders.iter().map(|order| &order.body.journal_head);
    let reached: Vec<&Head> =
        carried.chain(heads).filter(|head| known.contains_key(&head.seq) || heads.contains(head)).collect();
    for head in &reached {
        if known.get(&head.seq) != Some(&head.hash) {
            finding.note("chain", Err(format!("the head {head} that was handed out is not on it")));
        }
    }
    let own = evidence.orders.iter().find(|order| order.body.order_no == evidence.order_no);
    let is_tied = own.is_some_and(|order| known.contains_key(&order.body.journal_head.seq));
    if !is_tied {
        finding.note("chain", Err("it does not reach the head that the order carries".into()));
    }
    finding.note("chain", Ok(words::chain(evidence, &ends, reached.len())));
    ends
}

fn judge(finding: &mut Finding, evidence: &Evidence, key: &PublicKey) {
    let documents = match documents(evidence) {
        Ok(documents) => documents,
        Err(what) => return finding.note("documents", Err(what)),
    };
    finding.note("documents", Ok(format!("{} documents have their digests", documents.len())));
    let told = match told(evidence, &documents) {
        Ok(told) => told,
        Err(what) => return finding.note("records", Err(what)),
    };
    finding.note("records", Ok(words::records(evidence, told.len())));
    let own = evidence.orders.iter().find(|order| order.body.order_no == evidence.order_no);
    let Some(own) = own else { return finding.note("order", Err("the order itself is missing".into())) };
    let file = File { evidence, order: &own.body, key, told: &told };
    finding.note("order", paper::order(&file));
    finding.note("plan", paper::plan(&file));
    finding.note("approvals", rules::approvals(&file));
    finding.note("delivery", delivery::delivery(&file));
    finding.note("receipts", rules::receipts(&file));
    finding.note("readings", rules::readings(&file));
    finding.note("verdict", paper::verdict(&file));
}

/// Every document that a whole record names, and no other.
fn documents(evidence: &Evidence) -> Result<BTreeMap<&str, Vec<u8>>, String> {
    let mut documents = BTreeMap::new();
    for (digest, text) in &evidence.documents {
        let bytes = STANDARD.decode(text).map_err(|_| format!("document {digest} is not base64"))?;
        if sha256_hex(&bytes) != *digest {
            return Err(format!("document {digest} has another digest"));
        }
        documents.insert(digest.as_str(), bytes);
    }
    let mut named: Vec<&str> =
        wholes(evidence).flat_map(|(_, whole)| &whole.documents).map(String::as_str).collect();
    named.sort_unstable();
    named.dedup();
    match named.iter().copied().eq(documents.keys().copied()) {
        true => Ok(documents),
        false => Err("its documents are not those that its records name".into()),
    }
}

fn wholes(evidence: &Evidence) -> impl Iterator<Item = (u64, &Whole)> {
    evidence.chain.iter().flat_map(|stretch| {
        stretch.links.iter().enumerate().filter_map(|(place, link)| match link {
            Link::Whole(whole) => Some((stretch.after.seq + 1 + place as u64, whole)),
            Link::Stub(_) => None,
        })
    })
}

fn told<'a>(evidence: &'a Evidence, documents: &'a BTreeMap<&str, Vec<u8>>) -> Result<Vec<Told<'a>>, String> {
    wholes(evidence).map(|(seq, whole)| tell(seq, whole, documents)).collect()
}

fn tell<'a>(seq: u64, whole: &'a Whole, documents: &'a BTreeMap<&str, Vec<u8>>) -> Result<Told<'a>, String> {
    let unreadable = |error: serde_json::Error| format!("record {seq} cannot be read: {error}");
    let mut papers: Vec<&[u8]> = whole
        .documents
        .iter()
        .filter_map(|digest| documents.get(digest.as_str()))
        .map(Vec::as_slice)
        .collect();
    let event = match whole.body.get("event") {
        Some(event) => serde_json::from_value(event.clone()).map_err(unreadable)?,
        None => serde_json::from_slice(papers.pop().unwrap_or_default()).map_err(unreadable)?,
    };
    let remark = whole.body.get("remark").cloned().map(serde_json::from_value).transpose();
    let remark = remark.map_err(unreadable)?.unwrap_or_default();
    Ok(Told { seq, whole, event, remark, documents: papers })
}
