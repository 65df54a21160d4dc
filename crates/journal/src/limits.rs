//! Every bound of the ledger in one place.

use std::time::Duration;

/// Entries of one batch.
pub const MAX_BATCH_ENTRIES: usize = 10_000;

/// Bytes of one body, in canonical JSON. What is larger belongs into a document.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Bytes of one document.
pub const MAX_DOCUMENT_BYTES: usize = 32 << 20;

/// Bytes of all bodies and documents of one batch.
pub const MAX_BATCH_BYTES: usize = 64 << 20;

/// Bytes of a kind: ASCII letters, digits, `_`, `.` and `-`.
pub const MAX_KIND_BYTES: usize = 64;

/// Faults that one verification lists before it gives up counting.
pub const MAX_FAULTS: usize = 1_000;

/// Milliseconds that a statement waits while another process holds the file.
pub(crate) const BUSY_WAIT_MILLISECONDS: u64 = 5_000;

/// Bytes that SQLite may read as one value, so that a forged length cannot take all memory.
pub(crate) const MAX_VALUE_BYTES: usize = MAX_DOCUMENT_BYTES + (1 << 20);

/// How long a lease lasts unless it is renewed: longer than any pause that is not a failure, and short enough that
/// another control room leads within fifteen seconds.
pub const LEASE: Duration = Duration::from_secs(8);

/// How often whoever leads renews it.
pub const RENEW_EVERY: Duration = Duration::from_secs(2);

/// How long a database server may take to answer a call.
pub(crate) const CALL_WITHIN: Duration = Duration::from_secs(10);

/// How long it may take to accept a connection.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Records that are fetched at once from a database server.
pub(crate) const RECORDS_AT_ONCE: i64 = 2_000;

/// Records that are fetched first: whoever follows a journal seldom finds more.
pub(crate) const RECORDS_TO_WAKE: i64 = 100;

/// Entries of one transaction while a journal is copied.
pub(crate) const COPIED_AT_ONCE: usize = 1_000;

/// Bytes of documents after which a transaction of a copy ends.
pub(crate) const COPIED_BYTES: usize = 16 << 20;
