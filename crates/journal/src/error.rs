//! What can go wrong with the ledger.

use std::path::PathBuf;

use crate::limits::{MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_BODY_BYTES, MAX_DOCUMENT_BYTES, MAX_KIND_BYTES};
use kezek_model::order::Head;

/// Why the ledger refused. The text of a source is never repeated: print the chain.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The SQLite library can corrupt a write-ahead log (its versions 3.7.0 to 3.51.2).
    #[error(
        "SQLite {found} can corrupt a journal in WAL mode, expected 3.51.3 or later; build with the bundled SQLite"
    )]
    SqliteTooOld {
        /// Version of the library that is linked.
        found: String,
    },
    /// Another process has the journal open for writing.
    #[error("{path} is being written by another process; stop the other `kezek serve` or name another file")]
    Taken {
        /// The journal.
        path: PathBuf,
    },
    /// There is no file to read.
    #[error("there is no journal at {path}; check the path")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file beside the database could not be used.
    #[error("{path} could not be used while {doing}; check that the folder exists and may be written")]
    File {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite failed. After a failed append nothing of the batch counts as written; open the journal again to see.
    #[error("journal {path} failed while {doing}; `kezek journal verify` says whether the file is damaged")]
    Database {
        /// The journal.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The address of a database server cannot be used.
    #[error(
        "the database {place} cannot be used: {what}; write postgres://USER@HOST:PORT/DATABASE, the password in a file or in \
         the environment"
    )]
    Address {
        /// The address, without a password.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// A database server failed. After a failed append nothing of the batch counts as written.
    #[error("the database {place} failed while {doing}; look at its log")]
    Server {
        /// The address, without a password.
        place: String,
        /// What was being done.
        doing: &'static str,
        /// What the server or the driver said.
        source: Box<tokio_postgres::Error>,
    },
    /// A database server did not answer in time; what was asked may have happened.
    #[error("the database {place} gave no answer within {} s while {doing}", within.as_secs())]
    NoAnswer {
        /// The address, without a password.
        place: String,
        /// What was being done.
        doing: &'static str,
        /// How long was waited.
        within: std::time::Duration,
    },
    /// A database server is set up so that it may lose what it says is durable, or would not read back the same.
    #[error("the database {place} is not safe for a journal: {what}; change its settings")]
    Unsafe {
        /// The address, without a password.
        place: String,
        /// Each setting that is wrong.
        what: String,
    },
    /// Another control room holds the lease.
    #[error("the journal {place} is led by {by}; stop it, or stand by until its lease has run out")]
    Led {
        /// The address, without a password.
        place: String,
        /// Who leads.
        by: String,
    },
    /// The lease is over, and another control room may lead.
    #[error("the lease {term} of the journal {place} is lost to {by}: nothing more is written here")]
    LeaseLost {
        /// The address, without a password.
        place: String,
        /// The lease that was held.
        term: u64,
        /// Who leads now.
        by: String,
    },
    /// What is to be filled holds something already.
    #[error("{place} is not empty, it ends at {head}; name one that is")]
    NotEmpty {
        /// The journal.
        place: String,
        /// Where it ends.
        head: Head,
    },
    /// The file is a database, but its tables or triggers are not those of a journal of this version.
    #[error(
        "{path} is not a journal of this version: {what}; run `kezek journal verify`, or restore a backup"
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// A record does not fit the chain.
    #[error(
        "journal record {seq} does not fit the chain: {what}; stop, run `kezek journal verify` and restore a backup"
    )]
    Broken {
        /// Number of the record.
        seq: u64,
        /// What does not fit.
        what: String,
    },
    /// The bytes of a document have another digest than the one they are kept under.
    #[error("document {digest} was changed: its bytes have the digest {found}; restore a backup")]
    DocumentChanged {
        /// The digest it is kept under.
        digest: String,
        /// The digest of what is there.
        found: String,
    },
    /// Somebody else appended to the file, or an earlier failed append was written after all.
    #[error("the journal ends at {found}, but this writer left it at {expected}; open it again")]
    HeadMoved {
        /// The end this writer knows.
        expected: Head,
        /// The end that is there.
        found: Head,
    },
    /// Reading was to begin after a record that does not exist.
    #[error("the journal has no record {seq} to read on from; it ends at {head}")]
    UnknownSeq {
        /// The number asked for.
        seq: u64,
        /// Where the journal ends.
        head: Head,
    },
    /// A batch has too many entries.
    #[error("a batch of {found} entries, expected at most {MAX_BATCH_ENTRIES}; append in several batches")]
    BatchTooLong {
        /// Entries of the batch.
        found: usize,
    },
    /// A batch has too many bytes.
    #[error("a batch of {found} bytes, expected at most {MAX_BATCH_BYTES}; append in several batches")]
    BatchTooLarge {
        /// Bytes of all bodies and documents.
        found: usize,
    },
    /// A body is too large.
    #[error(
        "entry {index} of the batch ({kind}) has a body of {found} bytes, expected at most {MAX_BODY_BYTES}; put the bulk into a document"
    )]
    BodyTooLarge {
        /// Place in the batch, from 0.
        index: usize,
        /// Kind of the entry.
        kind: String,
        /// Bytes of the body.
        found: usize,
    },
    /// A document is too large.
    #[error("a document of {found} bytes, expected at most {MAX_DOCUMENT_BYTES}; split it")]
    DocumentTooLarge {
        /// Bytes of the document.
        found: usize,
    },
    /// A kind has characters or a length it may not have.
    #[error(
        "entry {index} of the batch has the kind {kind:?}, expected 1 to {MAX_KIND_BYTES} ASCII letters, digits, `_`, `.` or `-`"
    )]
    Kind {
        /// Place in the batch, from 0.
        index: usize,
        /// The kind.
        kind: String,
    },
    /// A body or an instant cannot be written so that it reads back the same.
    #[error("entry {index} of the batch ({kind}) would not read back as it was written: {what}")]
    NotFaithful {
        /// Place in the batch, from 0.
        index: usize,
        /// Kind of the entry.
        kind: String,
        /// What would be lost.
        what: &'static str,
    },
}
