//! What the rest of the house sees of a ledger.

use std::ops::ControlFlow;

use crate::error::JournalError;
use crate::postgres::Lease;
use crate::record::{Entry, Record};
use kezek_model::order::Head;

/// What is done with each record that is read; `Break` ends the reading.
pub type Visit<'a> = &'a mut dyn FnMut(Record) -> ControlFlow<()>;

/// An append-only, hash-chained journal with one writer.
pub trait Store: Send {
    /// Appends all entries and their documents in one transaction and returns the new head, once it is durable.
    /// An empty batch writes nothing and returns the head there is.
    ///
    /// # Errors
    /// When an entry is beyond a limit or would not read back the same, when the journal was changed by somebody else,
    /// when the database fails. Nothing of the batch is then in the journal.
    fn append(&mut self, entries: &[Entry]) -> Result<Head, JournalError>;

    /// Number and hash of the last record.
    ///
    /// # Errors
    /// When the database fails.
    fn head(&self) -> Result<Head, JournalError>;

    /// Reads the records after number `after_seq` (0: all), in order, each checked against the one before, and
    /// returns the head of the last one visited (of `after_seq`, if there was none).
    ///
    /// # Errors
    /// When a record does not fit the chain (those before it have been visited), when there is no record
    /// `after_seq`, when the database fails.
    fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError>;

    /// Keeps some bytes and returns their digest. Keeping them again changes nothing. A document kept this way is not
    /// part of the chain until a record names it; prefer [`Entry::with_document`].
    ///
    /// # Errors
    /// When the document is too large, when the database fails.
    fn put_document(&mut self, bytes: &[u8]) -> Result<String, JournalError>;

    /// The document with this digest, if it is kept.
    ///
    /// # Errors
    /// When its bytes no longer have this digest, when the database fails.
    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;

    /// Holds the journal for another while, where that is a lease and not the life of a process. An append does the same.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`] once another may write; when the database fails.
    fn renew(&mut self) -> Result<Option<Lease>, JournalError> {
        Ok(None)
    }
}
