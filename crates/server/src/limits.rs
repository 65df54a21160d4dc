//! Every bound of the corridor in one place.

use std::time::Duration;

/// Largest body of a request unless configured, in bytes: a case of 5 000 facilities and its plan.
pub const MAX_REQUEST_BYTES: usize = 16 << 20;

/// Largest body of a request that shows no token, in bytes: a signed answer has less than one thousand.
pub const MAX_UNKNOWN_BYTES: usize = 64 << 10;

/// Most readings of one request.
pub const MAX_READINGS: usize = 10_000;

/// Longest comment, reason or address, in characters.
pub const MAX_TEXT: usize = 4_000;

/// Longest name of a facility, in characters.
pub const MAX_NAME: usize = 64;

/// Most rows of one list; the newest are given.
pub const MAX_ROWS: usize = 10_000;

/// Inputs that may wait for the journal.
pub const MAX_WAITING: usize = 4_096;

/// Requests that become one transaction.
pub(crate) const MAX_BATCH: usize = 512;

/// Bytes of documents after which no more requests are taken into a transaction.
pub(crate) const MAX_BATCH_BYTES: usize = 24 << 20;

/// Events that time brings in one transaction.
pub(crate) const MAX_DUE: usize = 2_000;

/// Bytes of an event above which it is kept as a document beside its record.
pub(crate) const MAX_EVENT_BYTES: usize = 256 << 10;

/// Deliveries under way at the same time.
pub(crate) const MAX_DELIVERIES: usize = 256;

/// Plans that are parsed and checked at the same time; a further one waits.
pub(crate) const MAX_CHECKS: usize = 2;

/// How long a plan waits for its turn to be checked, before whoever sent it is asked to come again.
pub(crate) const CHECK_WITHIN: Duration = Duration::from_secs(30);

/// Warnings that the status shows.
pub(crate) const MAX_WARNINGS: usize = 100;

/// What happened and nobody has looked at yet, kept for those who follow.
pub(crate) const MAX_UNSEEN: usize = 16_384;

/// Enrolment codes that wait to be used.
pub(crate) const MAX_CODES: usize = 10_000;

/// How long an enrolment code is good, in hours.
pub(crate) const CODE_HOURS: i64 = 72;

/// How often the server looks whether something is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How often a control room that stands by looks whether anybody leads.
pub(crate) const LOOK_AFTER_LEADER: Duration = Duration::from_secs(1);

/// How long requests and deliveries under way may take to end at shutdown.
pub(crate) const CLOSE_WITHIN: Duration = Duration::from_secs(12);
