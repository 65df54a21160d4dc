//! A batch made ready for keeping: checked, sealed, its documents named by digest. Pure; every store begins here.

use kezek_model::canonical::{canonical_bytes, is_exact, sha256_hex};
use serde_json::Value;

use crate::error::JournalError;
use crate::limits::{MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_BODY_BYTES, MAX_DOCUMENT_BYTES, MAX_KIND_BYTES};
use crate::record::Entry;
use crate::row::{Row, Sealed, canonical_value, stamp};
use kezek_model::order::Head;

/// What one transaction writes.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// Digest and bytes, in the order of the entries; the same document may stand there twice.
    pub(crate) documents: Vec<(String, &'a [u8])>,
    pub(crate) rows: Vec<Row>,
    /// The head once the batch is written.
    pub(crate) head: Head,
}

impl<'a> Batch<'a> {
    /// Chains `entries` to `after`, or says which of them cannot be kept.
    pub(crate) fn seal(after: &Head, entries: &'a [Entry]) -> Result<Self, JournalError> {
        check_lengths(entries)?;
        let mut batch = Self { documents: Vec::new(), rows: Vec::new(), head: after.clone() };
        for (index, entry) in entries.iter().enumerate() {
            batch.push(index, entry)?;
        }
        batch.check_bytes()?;
        Ok(batch)
    }

    /// A batch of one document and no entry.
    pub(crate) fn of_document(after: &Head, bytes: &'a [u8]) -> Result<Self, JournalError> {
        check_document(bytes)?;
        Ok(Self { documents: vec![(sha256_hex(bytes), bytes)], rows: Vec::new(), head: after.clone() })
    }

    fn push(&mut self, index: usize, entry: &'a Entry) -> Result<(), JournalError> {
        let not_faithful = |what| JournalError::NotFaithful { index, kind: entry.kind.clone(), what };
        check_kind(index, &entry.kind)?;
        let at = stamp(entry.at).ok_or_else(|| not_faithful("its year is not between 0 and 9999"))?;
        let body = canonical_body(index, entry)?;
        let digests: Vec<String> = entry.documents.iter().map(|bytes| sha256_hex(bytes)).collect();
        let seq = self.head.seq.saturating_add(1);
        let sealed = Sealed {
            seq,
            at: &at,
            kind: &entry.kind,
            body: &body,
            documents: &digests,
            prev: &self.head.hash,
        };
        let hash = sealed.hash().ok_or_else(|| not_faithful("its body has no canonical form"))?;
        let row = Row {
            seq: i64::try_from(seq).map_err(|_| not_faithful("its number does not fit SQLite"))?,
            at,
            kind: entry.kind.clone(),
            body,
            documents: serde_json::json!(digests).to_string(),
            prev: self.head.hash.clone(),
            hash,
        };
        self.head = row.head();
        self.rows.push(row);
        self.documents.extend(digests.into_iter().zip(entry.documents.iter().map(Vec::as_slice)));
        Ok(())
    }

    fn check_bytes(&self) -> Result<(), JournalError> {
        let bodies: usize = self.rows.iter().map(|row| row.body.len()).sum();
        let documents: usize = self.documents.iter().map(|(_, bytes)| bytes.len()).sum();
        let found = bodies.saturating_add(documents);
        if found > MAX_BATCH_BYTES { Err(JournalError::BatchTooLarge { found }) } else { Ok(()) }
    }
}

fn check_lengths(entries: &[Entry]) -> Result<(), JournalError> {
    if entries.len() > MAX_BATCH_ENTRIES {
        return Err(JournalError::BatchTooLong { found: entries.len() });
    }
    entries.iter().flat_map(|entry| &entry.documents).try_for_each(|bytes| check_document(bytes))
}

fn check_document(bytes: &[u8]) -> Result<(), JournalError> {
    let found = bytes.len();
    if found > MAX_DOCUMENT_BYTES { Err(JournalError::DocumentTooLarge { found }) } else { Ok(()) }
}

fn check_kind(index: usize, kind: &str) -> Result<(), JournalError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (1..=MAX_KIND_BYTES).contains(&kind.len()) && kind.bytes().all(plain) {
        return Ok(());
    }
    Err(JournalError::Kind { index, kind: kind.to_owned() })
}

/// The canonical text of a body. Asserted before the write: it can be read back, and no integer was rounded.
fn canonical_body(index: usize, entry: &Entry) -> Result<String, JournalError> {
    let not_faithful = |what| JournalError::NotFaithful { index, kind: entry.kind.clone(), what };
    if !integers_are_exact(&entry.body) {
        return Err(not_faithful("it holds an integer beyond 2^53 - 1; write it as text"));
    }
    let bytes = canonical_bytes(&entry.body).map_err(|_| not_faithful("its body has no canonical form"))?;
    let body = String::from_utf8(bytes).map_err(|_| not_faithful("its body is not UTF-8"))?;
    if body.len() > MAX_BODY_BYTES {
        return Err(JournalError::BodyTooLarge { index, kind: entry.kind.clone(), found: body.len() });
    }
    canonical_value(&body).ok_or_else(|| not_faithful("its body is nested too deeply"))?;
    Ok(body)
}

fn integers_are_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_exact(number),
        Value::Array(values) => values.iter().all(integers_are_exact),
        Value::Object(fields) => fields.values().all(integers_are_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}
