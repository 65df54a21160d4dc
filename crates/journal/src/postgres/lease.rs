//! Who may write: one row, a term that only goes up, and the clock of the database.
//!
//! A control room takes the lease when it is free or has run out, which begins a new term. Every append asks, in the
//! very statement that writes, whether the term still is its own; so whoever slept through the end of a lease writes
//! nothing more, however long it believes to lead. Holding a lease is no lock: nothing is held between two statements.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::connection::{Connection, seconds};
use crate::error::JournalError;
use crate::limits::LEASE;

const TAKE: &str = "
UPDATE kezek.lease SET term = term + 1, holder = $1, expires = clock_timestamp() + make_interval(secs => $2)
WHERE expires <= clock_timestamp() RETURNING term, extract(epoch FROM clock_timestamp())::float8";

const RENEW: &str = "
UPDATE kezek.lease SET expires = clock_timestamp() + make_interval(secs => $2)
WHERE term = $1 RETURNING term, extract(epoch FROM clock_timestamp())::float8";

const GIVE_BACK: &str = "UPDATE kezek.lease SET expires = clock_timestamp() WHERE term = $1";

const LEADER: &str = "
SELECT term, holder, extract(epoch FROM expires - clock_timestamp())::float8 FROM kezek.lease";

/// The right to be the only writer for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lease {
    /// Of all leases ever taken on this journal; only up.
    pub term: u64,
    /// Until then nobody else can have taken it, by this machine's steady clock.
    pub until: Instant,
    /// What the clock of the database showed when it was renewed last.
    pub clock: DateTime<Utc>,
}

/// Who holds the lease.
#[derive(Clone, Debug, PartialEq)]
pub struct Leader {
    /// Which of all leases it is.
    pub term: u64,
    /// Who, in words of its own.
    pub holder: String,
    /// How long it still holds if it is not renewed.
    pub rest: Duration,
}

/// Takes the lease, or says who has it.
pub(crate) fn take(connection: &Connection, holder: &str) -> Result<Lease, JournalError> {
    let asked = Instant::now();
    let rows = connection.query("taking the lease", TAKE, &[&holder, &seconds(LEASE)])?;
    match rows.first() {
        Some(row) => Ok(granted(asked, row)),
        None => {
            let held = leader(connection)?;
            let by = held.map_or_else(|| "another control room".into(), |leader| leader.holder);
            Err(JournalError::Led { place: connection.place(), by })
        }
    }
}

/// Holds it for another while, or says that it is lost.
pub(crate) fn renew(connection: &Connection, term: u64) -> Result<Lease, JournalError> {
    let asked = Instant::now();
    let rows = connection.query("renewing the lease", RENEW, &[&signed(term), &seconds(LEASE)])?;
    rows.first().map(|row| granted(asked, row)).ok_or_else(|| lost(connection, term))
}

/// The lease runs from before it was asked for, so that this side never believes in it for longer than the other.
fn granted(asked: Instant, row: &tokio_postgres::Row) -> Lease {
    let (term, clock): (i64, f64) = (row.get(0), row.get(1));
    let clock = DateTime::from_timestamp_micros((clock * 1e6) as i64).unwrap_or_default();
    Lease { term: unsigned(term), until: asked + LEASE, clock }
}

/// Lets another control room take it at once.
pub(crate) fn give_back(connection: &Connection, term: u64) -> Result<(), JournalError> {
    connection.query("giving the lease back", GIVE_BACK, &[&signed(term)]).map(|_| ())
}

/// Who holds it, if it has not run out.
pub(crate) fn leader(connection: &Connection) -> Result<Option<Leader>, JournalError> {
    let rows = connection.query("asking who leads", LEADER, &[])?;
    Ok(rows.first().and_then(|row| {
        let (term, holder, rest): (i64, String, f64) = (row.get(0), row.get(1), row.get(2));
        (rest > 0.0).then(|| Leader { term: unsigned(term), holder, rest: Duration::from_secs_f64(rest) })
    }))
}

/// The error of a writer whose term is over.
pub(crate) fn lost(connection: &Connection, term: u64) -> JournalError {
    let held = leader(connection).ok().flatten();
    let by = held.map_or_else(|| "another control room".into(), |leader| leader.holder);
    JournalError::LeaseLost { place: connection.place(), term, by }
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
