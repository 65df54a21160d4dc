//! The journal of tests and simulations: the same rules, no disk.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::batch::Batch;
use crate::error::JournalError;
use crate::record::Entry;
use crate::row::Row;
use crate::store::{Store, Visit};
use kezek_model::order::Head;

/// A journal in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Vec<Row>,
    documents: BTreeMap<String, Vec<u8>>,
}

impl MemoryStore {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn write(&mut self, batch: Batch<'_>) -> Head {
        for (digest, bytes) in batch.documents {
            self.documents.entry(digest).or_insert_with(|| bytes.to_vec());
        }
        self.rows.extend(batch.rows);
        batch.head
    }

    fn end(&self) -> Head {
        self.rows.last().map_or_else(Head::empty, Row::head)
    }

    fn head_at(&self, seq: u64) -> Result<Head, JournalError> {
        let unknown = || JournalError::UnknownSeq { seq, head: self.end() };
        let Some(index) = seq.checked_sub(1) else { return Ok(Head::empty()) };
        let index = usize::try_from(index).map_err(|_| unknown())?;
        self.rows.get(index).map(Row::head).ok_or_else(unknown)
    }
}

impl Store for MemoryStore {
    fn append(&mut self, entries: &[Entry]) -> Result<Head, JournalError> {
        let after = self.end();
        let batch = Batch::seal(&after, entries)?;
        Ok(self.write(batch))
    }

    fn head(&self) -> Result<Head, JournalError> {
        Ok(self.end())
    }

    fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
        let mut head = self.head_at(after_seq)?;
        for row in self.rows.iter().skip(usize::try_from(after_seq).unwrap_or(usize::MAX)) {
            let next = row.head();
            let record = row
                .clone()
                .open(&head)
                .map_err(|faults| JournalError::Broken { seq: next.seq, what: faults.join("; ") })?;
            head = next;
            if visit(record) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(head)
    }

    fn put_document(&mut self, bytes: &[u8]) -> Result<String, JournalError> {
        let after = self.end();
        let batch = Batch::of_document(&after, bytes)?;
        let digest = kezek_model::canonical::sha256_hex(bytes);
        self.write(batch);
        Ok(digest)
    }

    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.documents.get(digest).cloned())
    }
}
