//! A stretch of the chain that can be recomputed away from its journal, though most of its records stay there.
//!
//! A link is a record as a whole, or a **stub**: the state of SHA-256 before the block in which the record says what
//! came before it, and the few bytes from there on. In the canonical form of a record `prev` and `seq` come last, so a
//! stub and the hash of the record before give the hash of the record, while what the record says stays unsaid.
//!
//! To put something else in the place of a record somebody would have to find an input that gives a known SHA-256; a
//! stub does not make that easier in any way that is known. What a stub cannot show is what its record says: that no
//! record of a certain kind is among the stubs is the word of whoever made the stretch.

use kezek_model::canonical::canonical_bytes;
use kezek_model::order::Head;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::block_api::compress256;

use crate::record::Record;
use crate::row::{Sealed, stamp};

const BLOCK: usize = 64;
/// What SHA-256 begins with (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Records that follow one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// The end of the chain before the first of them.
    pub after: Head,
    /// The records, in order, without gaps.
    pub links: Vec<Link>,
}

/// One record of a stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// All that it says.
    Whole(Whole),
    /// Only that it is there.
    Stub(Stub),
}

/// What a record says; number and place in the chain follow from where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whole {
    /// When it happened: RFC 3339 in UTC with six decimals.
    pub at: String,
    /// What it is.
    pub kind: String,
    /// What it says.
    pub body: Value,
    /// Digests of the documents that came with it.
    pub documents: Vec<String>,
}

/// A record of which only its hash is to be recomputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stub {
    /// State of SHA-256 after the whole blocks before, 64 hexadecimal digits.
    pub state: String,
    /// How many blocks these are.
    pub blocks: u64,
    /// The bytes between them and `,"prev":`, hexadecimal.
    pub rest: String,
}

impl Link {
    /// The record as a whole. None for years that RFC 3339 cannot write.
    #[must_use]
    pub fn whole(record: &Record) -> Option<Self> {
        let (kind, body, documents) = (record.kind.clone(), record.body.clone(), record.documents.clone());
        Some(Self::Whole(Whole { at: stamp(record.at)?, kind, body, documents }))
    }

    /// The record without what it says. None where it has no canonical form, which no record of a journal lacks.
    #[must_use]
    pub fn stub(record: &Record) -> Option<Self> {
        let at = stamp(record.at)?;
        let body = canonical_text(&record.body)?;
        let sealed = Sealed {
            seq: record.seq,
            at: &at,
            kind: &record.kind,
            body: &body,
            documents: &record.documents,
            prev: &record.prev,
        };
        let text = sealed.text()?;
        let before = text.strip_suffix(&tail(record.seq, &record.prev))?.as_bytes();
        let mut state = INITIAL;
        let (blocks, rest) = before.as_chunks::<BLOCK>();
        compress256(&mut state, blocks);
        let state = state.map(|word| format!("{word:08x}")).concat();
        Some(Self::Stub(Stub { state, blocks: blocks.len() as u64, rest: hex(rest) }))
    }

    /// The hash of the record, if it follows the record before; none where a stub is none.
    #[must_use]
    pub fn hash(&self, before: &Head) -> Option<String> {
        let seq = before.seq.checked_add(1)?;
        match self {
            Self::Whole(whole) => whole.hash(seq, &before.hash),
            Self::Stub(stub) => stub.hash(seq, &before.hash),
        }
    }
}

fn canonical_text(body: &Value) -> Option<String> {
    String::from_utf8(canonical_bytes(body).ok()?).ok()
}

impl Whole {
    fn hash(&self, seq: u64, prev: &str) -> Option<String> {
        let (at, kind, documents) = (&self.at, &self.kind, &self.documents);
        Sealed { seq, at, kind, body: &canonical_text(&self.body)?, documents, prev }.hash()
    }
}

impl Stub {
    fn hash(&self, seq: u64, prev: &str) -> Option<String> {
        let mut bytes = unhex(&self.rest).filter(|rest| rest.len() < BLOCK)?;
        bytes.extend(tail(seq, prev).into_bytes());
        let length = self.blocks.checked_mul(BLOCK as u64)?.checked_add(bytes.len() as u64)?;
        bytes.push(0x80);
        while bytes.len() % BLOCK != BLOCK - 8 {
            bytes.push(0);
        }
        bytes.extend(length.checked_mul(8)?.to_be_bytes());
        let words = unhex(&self.state)?;
        let (words, odd) = words.as_chunks::<4>();
        let mut state: [u32; 8] = words
            .iter()
            .map(|word| u32::from_be_bytes(*word))
            .collect::<Vec<_>>()
            .try_into()
            .ok()
            .filter(|_| odd.is_empty())?;
        compress256(&mut state, bytes.as_chunks().0);
        Some(state.map(|word| format!("{word:08x}")).concat())
    }
}

impl Stretch {
    /// The head of the chain after each record, recomputed.
    ///
    /// # Errors
    /// The number of the first record that is no record and no stub.
    pub fn heads(&self) -> Result<Vec<Head>, u64> {
        let mut heads: Vec<Head> = Vec::with_capacity(self.links.len());
        for link in &self.links {
            let before = heads.last().unwrap_or(&self.after);
            let seq = before.seq.saturating_add(1);
            let hash = link.hash(before).ok_or(seq)?;
            heads.push(Head { seq, hash });
        }
        Ok(heads)
    }
}

/// How every record ends.
fn tail(seq: u64, prev: &str) -> String {
    format!(",\"prev\":\"{prev}\",\"seq\":{seq}}}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !text.len().is_multiple_of(2) || !text.bytes().all(lower) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, MemoryStore, Store};
    use chrono::DateTime;
    use proptest::prelude::*;
    use std::ops::ControlFlow;

    fn records(texts: &[String]) -> Vec<Record> {
        let mut store = MemoryStore::new();
        for (place, text) in texts.iter().enumerate() {
            let entry = Entry::new(DateTime::UNIX_EPOCH, "said", serde_json::json!({"text": text}));
            let entry = if place % 2 == 0 { entry.with_document(text.clone().into_bytes()) } else { entry };
            store.append(&[entry]).unwrap();
        }
        let mut records = Vec::new();
        store
            .load(0, &mut |record| {
                records.push(record);
                ControlFlow::Continue(())
            })
            .unwrap();
        records
    }

    proptest! {
        #[test]
        fn whole_or_stub_the_chain_is_the_journals(
            texts in proptest::collection::vec("\\PC{0,200}", 1..8), wholes in any::<u8>(), first in any::<usize>(),
        ) {
            let records = records(&texts);
            let records = &records[first % records.len()..];
            let link = |record: &Record| match wholes >> (record.seq % 8) & 1 {
                0 => Link::stub(record).unwrap(),
                _ => Link::whole(record).unwrap(),
            };
            let after = Head { seq: records[0].seq - 1, hash: records[0].prev.clone() };
            let stretch = Stretch { after, links: records.iter().map(link).collect() };
            let heads: Vec<Head> = records.iter().map(Record::head).collect();
            prop_assert_eq!(stretch.heads().unwrap(), heads);
        }

        #[test]
        fn any_change_of_a_link_changes_the_head(place in any::<usize>(), digit in 0_usize..16, whole in any::<bool>()) {
            let records = records(&["one".into(), "two".into(), "x".repeat(150), "four".into()]);
            let link = |record: &Record| if whole { Link::whole(record) } else { Link::stub(record) }.unwrap();
            let links: Vec<Link> = records.iter().map(link).collect();
            let text = serde_json::to_string(&links).unwrap();
            let mut bytes = text.clone().into_bytes();
            let place = place % bytes.len();
            bytes[place] = b"0123456789abcdef"[digit];
            let Ok(changed) = serde_json::from_slice::<Vec<Link>>(&bytes) else { return Ok(()) };
            prop_assume!(changed != links);
            let heads = Stretch { after: Head::empty(), links: changed }.heads();
            prop_assert!(heads.is_err() || heads.unwrap().last() != Some(&records[3].head()));
        }
    }
}
