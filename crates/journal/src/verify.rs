//! The auditor: recomputes everything and lists what does not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use kezek_model::canonical::sha256_hex;
use rusqlite::{Connection, ErrorCode, types::ValueRef};
use serde::Serialize;

use crate::error::JournalError;
use crate::limits::MAX_FAULTS;
use crate::location::{Location, Server};
use crate::lock::{beside, resolved};
use crate::postgres::PostgresReader;
use crate::reader::{RECORDS, read_record, text_of};
use crate::record::Record;
use crate::schema::{Rest, connect_reading, difference, require_safe_sqlite};
use kezek_model::order::Head;

/// Something in a journal that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Number of the record concerned; none when it is the file, its tables or a document.
    pub seq: Option<u64>,
    /// What was found and what was expected.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "record {seq}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Records that were read.
    pub records: u64,
    /// Documents that were read.
    pub documents: u64,
    /// Number and hash of the last record that was read.
    pub head: Head,
    /// Everything that does not fit, [`MAX_FAULTS`] at most.
    pub faults: Vec<Fault>,
}

impl Verification {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Recomputes the whole journal at `path`, without writing and without a lock; a server may go on meanwhile.
///
/// `expected` are heads that were handed out earlier, in orders and evidence: each must still be in the chain, which
/// is how a lost tail and a chain that was written anew are found. A file that is damaged or no journal at all
/// is a fault, not an error.
///
/// # Errors
/// When there is no such file, or the system does not let us read it. A journal with a write-ahead log beside it (its
/// writer lives, or died) can only be read where SQLite may make its `-shm` file; a closed one can be read anywhere.
pub fn verify(path: &Path, expected: &[Head]) -> Result<Verification, JournalError> {
    require_safe_sqlite()?;
    let path = resolved(path)?;
    if !path.exists() {
        return Err(JournalError::Missing { path });
    }
    let (found, rest) = examine(&path, expected)?;
    if rest == Rest::AtRest && beside(&path, "-wal").exists() {
        // A writer came in between, so the file was not at rest after all: what was found may be half of a page.
        return examine(&path, expected).map(|(found, _)| found);
    }
    Ok(found)
}

/// As [`verify`], wherever the journal is kept. On a server the schema and every row are read through SQL: the pages
/// beneath are the server's to look after.
///
/// # Errors
/// As [`verify`]; when the server cannot be reached or may lose what it keeps.
pub fn verify_at(location: &Location, expected: &[Head]) -> Result<Verification, JournalError> {
    match location {
        Location::File(path) => verify(path, expected),
        Location::Server(server) => examine_server(server, expected),
    }
}

fn examine_server(server: &Server, expected: &[Head]) -> Result<Verification, JournalError> {
    let mut auditor = Auditor::new(expected);
    match PostgresReader::open(server) {
        Ok(reader) => auditor.read_server(&reader)?,
        Err(JournalError::NotAJournal { what, .. }) => auditor.note(None, what),
        Err(error) => return Err(error),
    }
    Ok(auditor.conclude())
}

fn examine(path: &Path, expected: &[Head]) -> Result<(Verification, Rest), JournalError> {
    let mut auditor = Auditor::new(expected);
    let mut rest = Rest::InUse;
    let outcome = connect_reading(path).and_then(|(conn, found)| {
        rest = found;
        auditor.read(&conn)
    });
    if let Err(source) = outcome {
        if !is_damage(&source) {
            return Err(JournalError::Database { path: path.to_owned(), doing: "verifying it", source });
        }
        auditor.note(None, format!("the file is damaged or not a journal: {source}"));
    }
    Ok((auditor.conclude(), rest))
}

/// Whether an error says something about the bytes of the file, not about the machine that reads it.
fn is_damage(error: &rusqlite::Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
        )
    )
}

struct Auditor<'a> {
    found: Verification,
    /// Hashes that were handed out, by the number of their record.
    expected: BTreeMap<u64, BTreeSet<&'a str>>,
    /// Documents that records name, with the first record that does.
    named: BTreeMap<String, u64>,
}

impl<'a> Auditor<'a> {
    fn new(expected: &'a [Head]) -> Self {
        let mut by_seq: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
        for head in expected {
            by_seq.entry(head.seq).or_default().insert(&head.hash);
        }
        let found = Verification { records: 0, documents: 0, head: Head::empty(), faults: Vec::new() };
        Self { found, expected: by_seq, named: BTreeMap::new() }
    }

    fn note(&mut self, seq: Option<u64>, what: String) {
        if self.found.faults.len() < MAX_FAULTS {
            self.found.faults.push(Fault { seq, what });
        }
    }

    fn read(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let snapshot = conn.unchecked_transaction()?;
        let schema = difference(&snapshot)?;
        for what in schema.what {
            self.note(None, what);
        }
        if !schema.is_readable {
            return Ok(());
        }
        self.read_records(&snapshot)?;
        self.read_documents(&snapshot)?;
        self.read_pages(&snapshot)
    }

    fn read_records(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        self.check_expected(&Head::empty());
        let mut query = conn.prepare(&format!("{RECORDS} ORDER BY seq"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (head, record) = read_record(row, &self.found.head)?;
            self.take_record(head, record);
        }
        Ok(())
    }

    fn take_record(&mut self, head: Head, record: Result<Record, Vec<String>>) {
        match record {
            Ok(record) => self.name(record.documents, record.seq),
            Err(faults) => faults.into_iter().for_each(|what| self.note(Some(head.seq), what)),
        }
        self.check_expected(&head);
        self.found.head = head;
        self.found.records += 1;
    }

    fn read_server(&mut self, reader: &PostgresReader) -> Result<(), JournalError> {
        self.check_expected(&Head::empty());
        let end = reader.head()?.seq;
        reader.rows(i64::MIN, end, &mut |row| {
            let head = row.head();
            let record = row.open(&self.found.head);
            self.take_record(head, record);
            ControlFlow::Continue(())
        })?;
        for digest in reader.digests()? {
            let bytes = reader.bytes(&digest)?;
            self.take_document(&digest, bytes.is_some_and(|bytes| sha256_hex(&bytes) == digest));
        }
        Ok(())
    }

    fn take_document(&mut self, digest: &str, is_whole: bool) {
        self.found.documents += 1;
        if is_whole {
            self.named.remove(digest);
        } else {
            self.note(None, format!("document {digest:?} was changed: its bytes do not have this digest"));
        }
    }

    fn name(&mut self, digests: Vec<String>, seq: u64) {
        for digest in digests {
            self.named.entry(digest).or_insert(seq);
        }
    }

    /// Each number is met once; what is left at the end was lost.
    fn check_expected(&mut self, head: &Head) {
        for hash in self.expected.remove(&head.seq).unwrap_or_default() {
            if hash != head.hash {
                self.note(Some(head.seq), format!("hash is {}, but {hash} was handed out", head.hash));
            }
        }
    }

    fn read_documents(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let mut query = conn.prepare("SELECT digest, bytes FROM document")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (digest, fault) = text_of(row.get_ref(0)?, "the digest of a document");
            let is_whole = match row.get_ref(1)? {
                ValueRef::Blob(bytes) => fault.is_none() && sha256_hex(bytes) == digest,
                _ => false,
            };
            self.take_document(&digest, is_whole);
        }
        Ok(())
    }

    /// SQLite's own look at the pages: it sees what no query happens to touch.
    fn read_pages(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let mut query = conn.prepare("PRAGMA integrity_check(20)")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let said: String = row.get(0)?;
            if said != "ok" {
                self.note(None, format!("SQLite finds the file damaged: {said}"));
            }
        }
        Ok(())
    }

    fn conclude(mut self) -> Verification {
        let end = self.found.head.seq;
        for (digest, seq) in std::mem::take(&mut self.named) {
            self.note(Some(seq), format!("its document {digest} is missing or changed"));
        }
        for seq in std::mem::take(&mut self.expected).into_keys() {
            self.note(Some(seq), format!("was handed out as a head and is lost: the journal ends at {end}"));
        }
        self.found
    }
}
