//! Writing the journal in PostgreSQL, as long as the lease is ours.

use kezek_model::canonical::sha256_hex;
use kezek_model::order::Head;
use tokio_postgres::Row;

use super::connection::{Connection, seconds};
use super::lease::{self, Lease, signed, unsigned};
use super::reader::PostgresReader;
use super::schema::create_if_missing;
use crate::batch::Batch;
use crate::error::JournalError;
use crate::limits::LEASE;
use crate::location::Server;
use crate::record::Entry;
use crate::store::{Store, Visit};

/// The whole append: is the lease ours, does the journal end where we left it, then documents and records. One
/// statement is one transaction, one flush and one round trip, and a process that is halted is never halted inside it.
const APPEND: &str = "
WITH mine AS (
  UPDATE kezek.lease SET expires = clock_timestamp() + make_interval(secs => $2) WHERE term = $1 RETURNING 1),
head AS (SELECT seq, hash FROM kezek.journal ORDER BY seq DESC LIMIT 1),
fit AS (SELECT 1 FROM mine WHERE coalesce((SELECT hash FROM head), repeat('0', 64)) = $3::text),
kept AS (
  INSERT INTO kezek.document SELECT d.digest, d.bytes FROM unnest($4::text[], $5::bytea[]) AS d(digest, bytes)
  WHERE EXISTS (SELECT 1 FROM fit) ON CONFLICT (digest) DO NOTHING),
written AS (
  INSERT INTO kezek.journal
  SELECT r.* FROM unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) AS r
  WHERE EXISTS (SELECT 1 FROM fit) RETURNING 1)
SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM fit), (SELECT count(*) FROM written),
  (SELECT seq FROM head), (SELECT hash FROM head)";

/// A journal in a PostgreSQL database, held for writing by a lease. At most one process can write it.
pub struct PostgresStore {
    reader: PostgresReader,
    /// Where this writer left the journal, to see whether anybody else wrote.
    head: Head,
    term: u64,
}

impl PostgresStore {
    /// Takes the lease of the journal in this database, and makes the journal if there is none. `holder` says to people
    /// who leads. The chain is checked by [`Store::load`], not here.
    ///
    /// # Errors
    /// [`JournalError::Led`] while somebody else holds the lease; otherwise as [`PostgresReader::open`].
    pub fn open(server: &Server, holder: &str) -> Result<Self, JournalError> {
        let connection = Connection::open(server)?;
        create_if_missing(&connection)?;
        let reader = PostgresReader { connection }.checked()?;
        let Lease { term, .. } = lease::take(&reader.connection, holder)?;
        let head = reader.head()?;
        Ok(Self { reader, head, term })
    }

    /// Which of all leases it holds.
    #[must_use]
    pub fn term(&self) -> u64 {
        self.term
    }

    /// A session that works; the old one may have broken off without a word.
    fn connect(&mut self) -> Result<(), JournalError> {
        if self.reader.connection.is_over() {
            self.reader.connection = self.reader.connection.renewed()?;
        }
        Ok(())
    }

    /// What was asked without an answer may have happened. It is asked for a second time only where that is known.
    fn write(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        self.connect()?;
        let outcome = match self.try_write(&batch) {
            Err(JournalError::Server { source, .. })
                if source.is_closed() || source.as_db_error().is_none() =>
            {
                self.settle(&batch)
            }
            Err(JournalError::NoAnswer { .. }) => self.settle(&batch),
            other => other,
        };
        if outcome.is_ok() {
            self.head = batch.head;
        }
        outcome
    }

    /// After a session broke off in the middle: the batch is there, or it is not and can be written once.
    fn settle(&mut self, batch: &Batch<'_>) -> Result<(), JournalError> {
        self.reader.connection = self.reader.connection.renewed()?;
        lease::renew(&self.reader.connection, self.term)?;
        let found = self.reader.head()?;
        match found == batch.head && !batch.rows.is_empty() {
            true => Ok(()),
            false => self.try_write(batch),
        }
    }

    fn try_write(&self, batch: &Batch<'_>) -> Result<(), JournalError> {
        let column = |of: fn(&crate::row::Row) -> &str| batch.rows.iter().map(of).collect::<Vec<&str>>();
        let seqs: Vec<i64> = batch.rows.iter().map(|row| row.seq).collect();
        let (digests, bytes): (Vec<&str>, Vec<&[u8]>) =
            batch.documents.iter().map(|(digest, bytes)| (digest.as_str(), *bytes)).unzip();
        let found = self.reader.connection.query(
            "appending",
            APPEND,
            &[
                &signed(self.term),
                &seconds(LEASE),
                &self.head.hash,
                &digests,
                &bytes,
                &seqs,
                &column(|row| &row.at),
                &column(|row| &row.kind),
                &column(|row| &row.body),
                &column(|row| &row.documents),
                &column(|row| &row.prev),
                &column(|row| &row.hash),
            ],
        )?;
        self.judge(found.first(), batch.rows.len())
    }

    /// What the statement says of itself: nothing was written unless all of it was.
    fn judge(&self, found: Option<&Row>, expected: usize) -> Result<(), JournalError> {
        let count = |column: usize| found.map_or(0, |row| row.get::<_, i64>(column));
        if count(0) != 1 {
            return Err(lease::lost(&self.reader.connection, self.term));
        }
        if count(1) != 1 || usize::try_from(count(2)) != Ok(expected) {
            let seq: Option<i64> = found.and_then(|row| row.get(3));
            let hash: Option<String> = found.and_then(|row| row.get(4));
            let end = Head { seq: unsigned(seq.unwrap_or(0)), hash: hash.unwrap_or(Head::empty().hash) };
            return Err(JournalError::HeadMoved { expected: self.head.clone(), found: end });
        }
        Ok(())
    }
}

impl Store for PostgresStore {
    fn append(&mut self, entries: &[Entry]) -> Result<Head, JournalError> {
        let after = self.head.clone();
        let batch = Batch::seal(&after, entries)?;
        if !batch.rows.is_empty() {
            self.write(batch)?;
        }
        Ok(self.head.clone())
    }

    fn head(&self) -> Result<Head, JournalError> {
        Ok(self.head.clone())
    }

    fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
        self.reader.load(after_seq, visit)
    }

    fn put_document(&mut self, bytes: &[u8]) -> Result<String, JournalError> {
        let after = self.head.clone();
        self.write(Batch::of_document(&after, bytes)?)?;
        Ok(sha256_hex(bytes))
    }

    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.reader.document(digest)
    }

    fn renew(&mut self) -> Result<Option<Lease>, JournalError> {
        self.connect()?;
        lease::renew(&self.reader.connection, self.term).map(Some)
    }
}

impl Drop for PostgresStore {
    /// Another may lead at once. Where this fails, or waiting is not allowed, the lease runs out by itself.
    fn drop(&mut self) {
        let may_wait = tokio::runtime::Handle::try_current().is_err();
        if may_wait && !self.reader.connection.is_over() {
            drop(lease::give_back(&self.reader.connection, self.term));
        }
    }
}
