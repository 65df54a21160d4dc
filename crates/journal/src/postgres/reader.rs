//! Reading the journal in PostgreSQL. No transaction is needed: the journal only grows, so its end as it was at the
//! beginning bounds what is read, and every part of it stays as it is.

use std::ops::ControlFlow;

use kezek_model::canonical::sha256_hex;
use kezek_model::order::Head;

use super::connection::Connection;
use super::lease::{Leader, leader, signed, unsigned};
use super::schema::{difference, exists};
use crate::error::JournalError;
use crate::limits::{RECORDS_AT_ONCE, RECORDS_TO_WAKE};
use crate::location::Server;
use crate::row::Row;
use crate::store::Visit;

/// In the order of [`row_of`].
const RECORDS: &str = "
SELECT seq, at, kind, body, documents, prev, hash FROM kezek.journal WHERE seq > $1 ORDER BY seq LIMIT $2";
const HEAD: &str = "SELECT seq, hash FROM kezek.journal ORDER BY seq DESC LIMIT 1";
const HASH: &str = "SELECT hash FROM kezek.journal WHERE seq = $1";
const DOCUMENT: &str = "SELECT bytes FROM kezek.document WHERE digest = $1";
const DIGESTS: &str = "SELECT digest FROM kezek.document ORDER BY digest";

/// A journal in PostgreSQL that is only read, also while somebody writes it.
pub struct PostgresReader {
    pub(crate) connection: Connection,
}

impl PostgresReader {
    /// Opens the journal in this database for reading.
    ///
    /// # Errors
    /// [`JournalError::Missing`] when there is none; when its tables are not those of a journal; when the server cannot
    /// be reached or may lose what it keeps.
    pub fn open(server: &Server) -> Result<Self, JournalError> {
        let connection = Connection::open(server)?;
        if !exists(&connection)? {
            return Err(JournalError::Missing { path: server.shown().into() });
        }
        Self { connection }.checked()
    }

    /// Itself, if version, tables and triggers are those of a journal.
    pub(crate) fn checked(self) -> Result<Self, JournalError> {
        let what = difference(&self.connection)?;
        match what.is_empty() {
            true => Ok(self),
            false => {
                Err(JournalError::NotAJournal { path: self.connection.place().into(), what: what.join(", ") })
            }
        }
    }

    /// Who leads now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn leader(&self) -> Result<Option<Leader>, JournalError> {
        leader(&self.connection)
    }

    /// As [`Store::head`](crate::Store::head).
    ///
    /// # Errors
    /// As there.
    pub fn head(&self) -> Result<Head, JournalError> {
        let rows = self.connection.query("reading its head", HEAD, &[])?;
        let head = |row: &tokio_postgres::Row| Head { seq: unsigned(row.get(0)), hash: row.get(1) };
        Ok(rows.first().map_or_else(Head::empty, head))
    }

    /// As [`Store::load`](crate::Store::load).
    ///
    /// # Errors
    /// As there.
    pub fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
        let end = self.head()?;
        let mut head = self.head_at(after_seq)?;
        let mut broken = None;
        self.rows(signed(after_seq), end.seq, &mut |row| {
            let seq = row.head().seq;
            match row.open(&head) {
                Ok(record) => {
                    head = record.head();
                    visit(record)
                }
                Err(faults) => {
                    broken = Some(JournalError::Broken { seq, what: faults.join("; ") });
                    ControlFlow::Break(())
                }
            }
        })?;
        broken.map_or(Ok(head), Err)
    }

    /// Rows after `after` up to `end` as they stand there, whatever they say.
    pub(crate) fn rows(
        &self,
        mut after: i64,
        end: u64,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), JournalError> {
        let mut at_once = RECORDS_TO_WAKE;
        loop {
            let rows = self.connection.query("reading its records", RECORDS, &[&after, &at_once])?;
            for row in &rows {
                let row = row_of(row);
                after = row.seq;
                if after > signed(end) || visit(row).is_break() {
                    return Ok(());
                }
            }
            if rows.is_empty() || after >= signed(end) {
                return Ok(());
            }
            at_once = RECORDS_AT_ONCE;
        }
    }

    fn head_at(&self, seq: u64) -> Result<Head, JournalError> {
        if seq == 0 {
            return Ok(Head::empty());
        }
        let rows = self.connection.query("reading its records", HASH, &[&signed(seq)])?;
        match rows.first() {
            Some(row) => Ok(Head { seq, hash: row.get(0) }),
            None => Err(JournalError::UnknownSeq { seq, head: self.head()? }),
        }
    }

    /// As [`Store::document`](crate::Store::document).
    ///
    /// # Errors
    /// As there.
    pub fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let Some(bytes) = self.bytes(digest)? else { return Ok(None) };
        let found = sha256_hex(&bytes);
        match found == digest {
            true => Ok(Some(bytes)),
            false => Err(JournalError::DocumentChanged { digest: digest.to_owned(), found }),
        }
    }

    /// What is kept under a digest, whatever it is.
    pub(crate) fn bytes(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let rows = self.connection.query("reading a document", DOCUMENT, &[&digest])?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    /// The digests of all documents, ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn digests(&self) -> Result<Vec<String>, JournalError> {
        let rows = self.connection.query("listing its documents", DIGESTS, &[])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

fn row_of(row: &tokio_postgres::Row) -> Row {
    Row {
        seq: row.get(0),
        at: row.get(1),
        kind: row.get(2),
        body: row.get(3),
        documents: row.get(4),
        prev: row.get(5),
        hash: row.get(6),
    }
}
