//! Reading the journal in SQLite, also while another process writes it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use kezek_model::canonical::sha256_hex;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _};

use crate::error::JournalError;
use crate::lock::resolved;
use crate::record::Record;
use crate::row::Row;
use crate::schema::{connect_reading, difference, require_safe_sqlite};
use crate::store::Visit;
use kezek_model::order::Head;

/// All records of a table scan, in the order of [`read_record`].
pub(crate) const RECORDS: &str = "SELECT seq, at, kind, body, documents, prev, hash FROM journal";

/// A journal that is only read. Takes no lock; each call sees a whole number of batches.
#[derive(Debug)]
pub struct SqliteReader {
    /// For messages.
    pub(crate) path: PathBuf,
    pub(crate) conn: Connection,
}

impl SqliteReader {
    /// Opens the journal at `path` for reading. A journal that a writer has open is followed as it grows. One that
    /// nobody has open is read as a file at rest: close this reader and open another once a writer has come.
    ///
    /// # Errors
    /// When there is no such file, when it is not a journal, when SQLite is too old or fails.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        require_safe_sqlite()?;
        let path = resolved(path)?;
        if !path.exists() {
            return Err(JournalError::Missing { path });
        }
        let failed =
            |source| JournalError::Database { path: path.clone(), doing: "opening it to read", source };
        let (conn, _) = connect_reading(&path).map_err(failed)?;
        Self { path, conn }.checked()
    }

    /// Itself, if version, tables and triggers are those of a journal.
    pub(crate) fn checked(self) -> Result<Self, JournalError> {
        let found = difference(&self.conn).map_err(self.failed("reading its schema"))?;
        if found.what.is_empty() {
            return Ok(self);
        }
        Err(JournalError::NotAJournal { path: self.path, what: found.what.join(", ") })
    }

    pub(crate) fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> JournalError + use<> {
        let path = self.path.clone();
        move |source| JournalError::Database { path: path.clone(), doing, source }
    }

    /// As [`Store::head`](crate::Store::head).
    ///
    /// # Errors
    /// As there.
    pub fn head(&self) -> Result<Head, JournalError> {
        head_of(&self.conn).map_err(self.failed("reading its head"))
    }

    /// As [`Store::load`](crate::Store::load).
    ///
    /// # Errors
    /// As there.
    pub fn load(&self, after_seq: u64, visit: Visit<'_>) -> Result<Head, JournalError> {
        let failed = self.failed("reading its records");
        let snapshot = self.conn.unchecked_transaction().map_err(&failed)?;
        let mut head = self.head_at(after_seq)?;
        let mut query =
            snapshot.prepare(&format!("{RECORDS} WHERE seq > ? ORDER BY seq")).map_err(&failed)?;
        let mut rows = query.query([signed(after_seq)]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let (next, found) = read_record(row, &head).map_err(&failed)?;
            let broken =
                |faults: Vec<String>| JournalError::Broken { seq: next.seq, what: faults.join("; ") };
            let record = found.map_err(broken)?;
            head = next;
            if visit(record) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(head)
    }

    fn head_at(&self, seq: u64) -> Result<Head, JournalError> {
        if seq == 0 {
            return Ok(Head::empty());
        }
        let hash = self
            .conn
            .query_row("SELECT hash FROM journal WHERE seq = ?", [signed(seq)], |row| row.get(0))
            .optional()
            .map_err(self.failed("reading its records"))?;
        match hash {
            Some(hash) => Ok(Head { seq, hash }),
            None => Err(JournalError::UnknownSeq { seq, head: self.head()? }),
        }
    }

    /// As [`Store::document`](crate::Store::document).
    ///
    /// # Errors
    /// As there.
    pub fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let bytes: Option<Vec<u8>> = self
            .conn
            .query_row("SELECT bytes FROM document WHERE digest = ?", [digest], |row| row.get(0))
            .optional()
            .map_err(self.failed("reading a document"))?;
        let Some(bytes) = bytes else { return Ok(None) };
        let found = sha256_hex(&bytes);
        if found != digest {
            return Err(JournalError::DocumentChanged { digest: digest.to_owned(), found });
        }
        Ok(Some(bytes))
    }

    /// The digests of all documents, ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn digests(&self) -> Result<Vec<String>, JournalError> {
        let failed = self.failed("listing its documents");
        let mut query = self.conn.prepare("SELECT digest FROM document ORDER BY digest").map_err(&failed)?;
        let rows = query.query_map([], |row| row.get(0)).map_err(&failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(&failed)
    }
}

/// Number and hash of the last record, as they stand there.
pub(crate) fn head_of(conn: &Connection) -> rusqlite::Result<Head> {
    let newest = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1";
    let head = |row: &rusqlite::Row<'_>| Ok(Head { seq: unsigned(row.get(0)?), hash: row.get(1)? });
    Ok(conn.query_row(newest, [], head).optional()?.unwrap_or_else(Head::empty))
}

/// One row of [`RECORDS`]: the head it claims to be, and the record or everything that speaks against it.
pub(crate) fn read_record(
    row: &rusqlite::Row<'_>,
    after: &Head,
) -> rusqlite::Result<(Head, Result<Record, Vec<String>>)> {
    let mut faults = Vec::new();
    let mut text = |index: usize, name: &str| -> rusqlite::Result<String> {
        let (text, fault) = text_of(row.get_ref(index)?, name);
        faults.extend(fault);
        Ok(text)
    };
    let row = Row {
        seq: row.get(0)?,
        at: text(1, "at")?,
        kind: text(2, "kind")?,
        body: text(3, "body")?,
        documents: text(4, "documents")?,
        prev: text(5, "prev")?,
        hash: text(6, "hash")?,
    };
    let head = row.head();
    if faults.is_empty() {
        return Ok((head, row.open(after)));
    }
    faults.extend(row.open(after).err().unwrap_or_default());
    Ok((head, Err(faults)))
}

/// The text of a column and, if it is anything but UTF-8 text, what it is instead.
pub(crate) fn text_of(value: ValueRef<'_>, name: &str) -> (String, Option<String>) {
    match value {
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (String::from_utf8_lossy(bytes).into_owned(), Some(format!("{name} is not UTF-8"))),
        },
        other => (String::new(), Some(format!("{name} is {}, expected text", other.data_type()))),
    }
}

/// A number as SQLite knows it. No record has a number beyond that.
fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A number as SQLite gave it. No record has a negative one, so a forged one becomes 0 and does not fit.
pub(crate) fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}
