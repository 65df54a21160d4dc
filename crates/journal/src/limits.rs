//! Every bound of the ledger in one place.

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

/// Largest integer that canonical JSON writes without rounding it (RFC 8785 knows doubles only).
pub(crate) const MAX_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// Milliseconds that a statement waits while another process holds the file.
pub(crate) const BUSY_WAIT_MILLISECONDS: u64 = 5_000;

/// Bytes that SQLite may read as one value, so that a forged length cannot take all memory.
pub(crate) const MAX_VALUE_BYTES: usize = MAX_DOCUMENT_BYTES + (1 << 20);
