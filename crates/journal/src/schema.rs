//! Tables and triggers of the journal, how a connection is set up, and whether a file has them.

use std::path::Path;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::error::JournalError;
use crate::limits::{BUSY_WAIT_MILLISECONDS, MAX_VALUE_BYTES};
use crate::lock::beside;

/// "KZKJ": tells `file` and us that a database is a journal.
const APPLICATION_ID: i64 = 0x4b5a_4b4a;

/// Version of the tables below.
const SCHEMA_VERSION: i64 = 1;

/// First SQLite whose write-ahead log cannot be corrupted by a reset during a checkpoint.
const MIN_SQLITE_VERSION: i32 = 3_051_003;

/// The triggers on INSERT also stop `INSERT OR REPLACE`, which deletes without firing a DELETE trigger.
const TABLES: &str = "
CREATE TABLE journal(seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  documents TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE document(digest TEXT NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TRIGGER journal_grows_at_its_end BEFORE INSERT ON journal
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM journal)
  BEGIN SELECT RAISE(ABORT, 'the journal grows only at its end'); END;
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER document_is_kept_once BEFORE INSERT ON document
  WHEN EXISTS (SELECT 1 FROM document WHERE digest = NEW.digest)
  BEGIN SELECT RAISE(ABORT, 'a document is kept once'); END;
CREATE TRIGGER document_is_not_changed BEFORE UPDATE ON document
  BEGIN SELECT RAISE(ABORT, 'a document is not changed'); END;
CREATE TRIGGER document_is_not_removed BEFORE DELETE ON document
  BEGIN SELECT RAISE(ABORT, 'a document is not removed'); END;
";

/// Refuses an SQLite library that can corrupt the journal.
pub(crate) fn require_safe_sqlite() -> Result<(), JournalError> {
    require_version(rusqlite::version_number())
}

fn require_version(number: i32) -> Result<(), JournalError> {
    if number >= MIN_SQLITE_VERSION {
        return Ok(());
    }
    let found = format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
    Err(JournalError::SqliteTooOld { found })
}

/// A connection that writes: write-ahead log, every commit flushed.
pub(crate) fn connect_writing(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    guard(&conn)?;
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        // A file system without shared memory; SQLite says so only by not obeying.
        return Err(rusqlite::Error::InvalidParameterName(format!("journal_mode is {mode}, expected wal")));
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    Ok(conn)
}

/// A connection that cannot write. Without a write-ahead log nobody has the journal open, and it is read as a file at
/// rest: no lock and no file is made beside it, so that a copy in a read-only folder can be read too.
pub(crate) fn connect_reading(path: &Path) -> rusqlite::Result<(Connection, Rest)> {
    let rest = if beside(path, "-wal").exists() { Rest::InUse } else { Rest::AtRest };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match rest {
        Rest::InUse => Connection::open_with_flags(path, flags)?,
        Rest::AtRest => Connection::open_with_flags(immutable_uri(path), flags | OpenFlags::SQLITE_OPEN_URI)?,
    };
    guard(&conn)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok((conn, rest))
}

/// Whether a journal was at rest when it was opened for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It has a write-ahead log: a writer has it open, or died.
    InUse,
    /// It is one closed file.
    AtRest,
}

fn guard(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(Duration::from_millis(BUSY_WAIT_MILLISECONDS))?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(MAX_VALUE_BYTES).unwrap_or(i32::MAX))?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

/// Makes the tables in a database that has none yet.
pub(crate) fn create_if_empty(conn: &mut Connection) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let is_empty = tx.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    if is_empty && version_of(&tx)? == (0, 0) {
        create(&tx)?;
    }
    tx.commit()
}

fn create(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(TABLES)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.pragma_update(None, "user_version", SCHEMA_VERSION)
}

fn version_of(conn: &Connection) -> rusqlite::Result<(i64, i64)> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get(0));
    Ok((number("application_id")?, number("user_version")?))
}

/// How a database differs from a journal.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Each difference in words; none in a journal.
    pub(crate) what: Vec<String>,
    /// Whether the two tables are there as they should be, so that their rows can be read.
    pub(crate) is_readable: bool,
}

/// Compares version, tables and triggers with those of a new journal.
pub(crate) fn difference(conn: &Connection) -> rusqlite::Result<Difference> {
    let model = Connection::open_in_memory()?;
    create(&model)?;
    let (found, expected) = (statements(conn)?, statements(&model)?);
    let mut what = Vec::new();
    if version_of(conn)? != version_of(&model)? {
        what.push(format!(
            "application id and version are {:?}, expected {:?}",
            version_of(conn)?,
            version_of(&model)?
        ));
    }
    what.extend(
        expected.iter().filter(|s| !found.contains(s)).map(|s| format!("{} is missing or changed", s.name)),
    );
    what.extend(
        found.iter().filter(|s| !expected.contains(s)).map(|s| format!("{} does not belong there", s.name)),
    );
    let is_readable = expected.iter().filter(|s| s.kind == "table").all(|s| found.contains(s));
    Ok(Difference { what, is_readable })
}

#[derive(PartialEq, Eq)]
struct Statement {
    kind: String,
    name: String,
    sql: String,
}

fn statements(conn: &Connection) -> rusqlite::Result<Vec<Statement>> {
    let mut query = conn.prepare(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'
         ORDER BY name LIMIT 100",
    )?;
    let rows = query
        .query_map([], |row| Ok(Statement { kind: row.get(0)?, name: row.get(1)?, sql: row.get(2)? }))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_that_can_corrupt_is_refused() {
        assert!(require_version(3_051_003).is_ok());
        assert!(require_version(4_000_000).is_ok());
        let error = require_version(3_051_002).unwrap_err().to_string();
        assert!(error.contains("SQLite 3.51.2"), "{error}");
        assert!(require_version(3_040_001).is_err());
        assert!(require_safe_sqlite().is_ok());
    }

    #[test]
    fn a_missing_trigger_and_a_foreign_table_are_seen() {
        let mut conn = Connection::open_in_memory().unwrap();
        create_if_empty(&mut conn).unwrap();
        assert!(difference(&conn).unwrap().what.is_empty());
        conn.execute_batch("DROP TRIGGER journal_is_not_cut; CREATE TABLE x(y);").unwrap();
        let found = difference(&conn).unwrap();
        assert_eq!(found.what, ["journal_is_not_cut is missing or changed", "x does not belong there"]);
        assert!(found.is_readable);
        conn.execute_batch("ALTER TABLE journal RENAME COLUMN at TO instant;").unwrap();
        assert!(!difference(&conn).unwrap().is_readable);
    }

    #[test]
    fn a_path_with_signs_of_a_uri_stays_a_path() {
        assert_eq!(immutable_uri(Path::new("/a b/%?#ж.db")), "file:/a%20b/%25%3F%23%D0%B6.db?immutable=1");
    }
}
