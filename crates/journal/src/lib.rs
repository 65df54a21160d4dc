//! The ledger: an append-only, hash-chained journal of what was intended and what came of it.
//!
//! A **record** is one line of the journal: a number `seq` that starts at 1 and has no gaps, an instant, a kind, a
//! JSON body, the digests of the documents that came with it, the hash of the record before it and its own hash.
//! The hash is SHA-256 over the canonical JSON of `{seq, at, kind, body, prev}` (and `documents`, when there are any),
//! so that a changed byte anywhere breaks the chain at that place. A **document** is immutable bytes kept under their
//! digest: a plan, the snapshot of a case. A **head** is the number and hash of the last record; orders and evidence
//! carry it, and so prove later that nothing up to that record was changed or lost.
//!
//! ```
//! use kezek_journal::{Entry, MemoryStore, Store};
//! let mut journal = MemoryStore::new();
//! let at = chrono::DateTime::UNIX_EPOCH;
//! let plan = Entry::new(at, "plan_proposed", serde_json::json!({"by": "planner"})).with_document(b"{}".to_vec());
//! let head = journal.append(&[plan])?;
//! assert_eq!((head.seq, journal.head()?), (1, head));
//! # Ok::<(), kezek_journal::JournalError>(())
//! ```
//!
//! # What survives what
//!
//! A batch is one SQLite transaction with `synchronous=FULL`: [`Store::append`] returns after the write-ahead log was
//! flushed, and a batch is there wholly or not at all. The tests kill a writing process and cut the log at many
//! lengths. Neither proves anything about power loss: after SIGKILL the kernel still holds every page, and whether a
//! disk keeps what it says it has flushed only pulling its plug can show. What is checked is that a torn last
//! record is seen as torn and that the batches before it stand.
//!
//! In PostgreSQL a batch is one statement with `synchronous_commit=on`, on a server that is asked whether it flushes
//! (`fsync`, `full_page_writes`). One control room leads by a lease with a term; the statement that writes asks
//! whether the term still holds, so that a process that slept writes nothing more. Its calls wait for the server: make them
//! on a thread that may wait, not on one that drives a runtime.
//!
//! The chain alone cannot show that its end was cut off, nor that all of it was written anew by someone who
//! can compute SHA-256: for that [`verify`] takes heads that were handed out earlier.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod backup;
mod batch;
mod copy;
mod error;
mod limits;
mod link;
mod location;
mod lock;
mod memory;
mod postgres;
mod read;
mod reader;
mod record;
mod row;
mod schema;
mod sqlite;
mod store;
mod verify;

pub use backup::backup;
pub use copy::{Copied, copy};
pub use error::JournalError;
pub use kezek_model::order::Head;
pub use limits::{
    LEASE, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_BODY_BYTES, MAX_DOCUMENT_BYTES, MAX_FAULTS,
    MAX_KIND_BYTES, RENEW_EVERY,
};
pub use link::{Link, Stretch, Stub, Whole};
pub use location::{Location, Server};
pub use memory::MemoryStore;
pub use postgres::{Leader, Lease, PostgresReader, PostgresStore};
pub use read::Reader;
pub use reader::SqliteReader;
pub use record::{Entry, Record};
pub use sqlite::SqliteStore;
pub use store::{Store, Visit};
pub use verify::{Fault, Verification, verify, verify_at};
