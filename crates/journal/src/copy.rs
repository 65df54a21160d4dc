//! From one back end to another without losing the chain: each record is checked as it is read, sealed again as it is
//! written, and the ends have to be the same.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use kezek_model::order::Head;
use serde::Serialize;

use crate::error::JournalError;
use crate::limits::{COPIED_AT_ONCE, COPIED_BYTES};
use crate::read::Reader;
use crate::record::{Entry, Record};
use crate::store::Store;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Records.
    pub records: u64,
    /// Documents.
    pub documents: u64,
    /// The end of the copy.
    pub head: Head,
}

/// Copies records and documents as far as the journal went when the copy began. The hash of every record is computed anew.
///
/// # Errors
/// [`JournalError::NotEmpty`] when `to` holds records; when a record of `from` does not fit its chain or a document is
/// missing or changed; when either database fails. `to` then holds a sound beginning of `from`, and no more.
pub fn copy(from: &dyn Reader, to: &mut dyn Store, place: &str) -> Result<Copied, JournalError> {
    let found = to.head()?;
    if found != Head::empty() {
        return Err(JournalError::NotEmpty { place: place.to_owned(), head: found });
    }
    let mut copying = Copying { from, to, waiting: Vec::new(), bytes: 0, kept: BTreeSet::new() };
    let mut failed = None;
    let end = from.load(0, &mut |record| match copying.take(record) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    copying.finish(&end)
}

struct Copying<'a> {
    from: &'a dyn Reader,
    to: &'a mut dyn Store,
    waiting: Vec<Entry>,
    /// Of the documents that wait.
    bytes: usize,
    /// Digests of the documents that records named.
    kept: BTreeSet<String>,
}

impl Copying<'_> {
    fn take(&mut self, record: Record) -> Result<(), JournalError> {
        let mut documents = Vec::new();
        for digest in record.documents {
            let bytes = self.document(record.seq, &digest)?;
            self.bytes += bytes.len();
            documents.push(bytes);
            self.kept.insert(digest);
        }
        let (at, kind, body) = (record.at, record.kind, record.body);
        self.waiting.push(Entry { at, kind, body, documents });
        match self.waiting.len() >= COPIED_AT_ONCE || self.bytes >= COPIED_BYTES {
            true => self.write(),
            false => Ok(()),
        }
    }

    fn document(&self, seq: u64, digest: &str) -> Result<Vec<u8>, JournalError> {
        let missing = || JournalError::Broken { seq, what: format!("its document {digest} is missing") };
        self.from.document(digest)?.ok_or_else(missing)
    }

    fn write(&mut self) -> Result<(), JournalError> {
        self.to.append(&std::mem::take(&mut self.waiting))?;
        self.bytes = 0;
        Ok(())
    }

    /// Documents that no record names come last.
    fn finish(mut self, end: &Head) -> Result<Copied, JournalError> {
        self.write()?;
        let head = self.to.head()?;
        if head != *end {
            return Err(JournalError::HeadMoved { expected: end.clone(), found: head });
        }
        for digest in self.from.digests()? {
            if self.kept.contains(&digest) {
                continue;
            }
            if let Some(bytes) = self.from.document(&digest)? {
                self.to.put_document(&bytes)?;
                self.kept.insert(digest);
            }
        }
        let documents = u64::try_from(self.kept.len()).unwrap_or(u64::MAX);
        Ok(Copied { records: head.seq, documents, head })
    }
}
