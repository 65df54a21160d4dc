//! The nouns: entry and record; the head is the one that orders carry.

use chrono::{DateTime, Utc};
use kezek_model::order::Head;
use serde::Serialize;
use serde_json::Value;

/// What is to be appended.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When it happened, by the engine's clock; kept to the microsecond.
    pub at: DateTime<Utc>,
    /// What it is: ASCII letters, digits, `_`, `.`, `-`.
    pub kind: String,
    /// What it says. Integers beyond 2^53 - 1 are refused, because canonical JSON would round them.
    pub body: Value,
    /// Documents that are kept together with this entry, in the same transaction. Their digests become part of the
    /// record and of its hash, so that [`verify`](crate::verify) misses a document that was taken away.
    pub documents: Vec<Vec<u8>>,
}

impl Entry {
    /// An entry without documents.
    #[must_use]
    pub fn new(at: DateTime<Utc>, kind: impl Into<String>, body: Value) -> Self {
        Self { at, kind: kind.into(), body, documents: Vec::new() }
    }

    /// The same entry with one more document.
    #[must_use]
    pub fn with_document(mut self, bytes: Vec<u8>) -> Self {
        self.documents.push(bytes);
        self
    }
}

/// One line of the journal, as it was read and found to fit the chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Its number: 1, 2, 3 ... without gaps.
    pub seq: u64,
    /// When it happened, to the microsecond.
    pub at: DateTime<Utc>,
    /// What it is.
    pub kind: String,
    /// What it says.
    pub body: Value,
    /// Digests of the documents that came with it, in the order they were given.
    pub documents: Vec<String>,
    /// Hash of the record before; 64 zeros for the first.
    pub prev: String,
    /// Hash of this record.
    pub hash: String,
}

impl Record {
    /// The head of the chain that ends with this record.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash.clone() }
    }
}
