//! Writing the journal in SQLite.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::batch::Batch;
use crate::error::JournalError;
use crate::lock::{WriterLock, resolved};
use crate::reader::{SqliteReader, head_of};
use crate::record::Entry;
use crate::schema::{connect_writing, create_if_empty, require_safe_sqlite};
use crate::store::{Store, Visit};
use kezek_model::order::Head;

/// A journal in an SQLite file, open for writing. At most one process has it so.
#[derive(Debug)]
pub struct SqliteStore {
    /// Reads on the connection that writes; dropped before the lock is given back.
    reader: SqliteReader,
    /// Where this writer left the journal, to see whether anybody else wrote.
    head: Head,
    _lock: WriterLock,
}

impl SqliteStore {
    /// Opens the journal at `path` for writing, and makes it if there is none. The chain is checked by
    /// [`Store::load`], not here.
    ///
    /// # Errors
    /// [`JournalError::Taken`] when another process writes it; when the file is not a journal or lacks a trigger;
    /// when SQLite is too old or fails.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        require_safe_sqlite()?;
        let path = resolved(path)?;
        let lock = WriterLock::take(&path)?;
        let failed = |doing| {
            let path = path.clone();
            move |source| JournalError::Database { path, doing, source }
        };
        let mut conn = connect_writing(&path).map_err(failed("opening it to write"))?;
        create_if_empty(&mut conn).map_err(failed("making its tables"))?;
        let reader = SqliteReader { path: path.clone(), conn }.checked()?;
        let head = reader.head()?;
        Ok(Self { reader, head, _lock: lock })
    }

    fn write(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        let failed = self.reader.failed("appending");
        let tx =
            self.reader.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let found = head_of(&tx).map_err(&failed)?;
        if found != self.head {
            return Err(JournalError::HeadMoved { expected: self.head.clone(), found });
        }
        for (digest, bytes) in &batch.documents {
            insert_document(&tx, digest, bytes).map_err(&failed)?;
        }
        insert_rows(&tx, &batch).map_err(&failed)?;
        let committed = tx.commit();
        self.is_written(committed, &batch.head).map_err(&failed)?;
        self.head = batch.head;
        Ok(())
    }

    /// A commit whose end is in doubt has been written where the journal ends as it would; telling people that nothing
    /// had happened would be wrong then.
    fn is_written(&self, committed: rusqlite::Result<()>, head: &Head) -> rusqlite::Result<()> {
        match committed {
            Err(_) if head_of(&self.reader.conn).is_ok_and(|found| found == *head) => Ok(()),
            committed => committed,
        }
    }
}

fn insert_document(conn: &Connection, digest: &str, bytes: &[u8]) -> rusqlite::Result<()> {
    let mut known = conn.prepare_cached("SELECT 1 FROM document WHERE digest = ?")?;
    if known.query_row([digest], |_| Ok(())).optional()?.is_none() {
        conn.prepare_cached("INSERT INTO document(digest, bytes) VALUES (?, ?)")?.execute((digest, bytes))?;
    }
    Ok(())
}

fn insert_rows(conn: &Connection, batch: &Batch<'_>) -> rusqlite::Result<()> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO journal(seq, at, kind, body, documents, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for row in &batch.rows {
        insert.execute((row.seq, &row.at, &row.kind, &row.body, &row.documents, &row.prev, &row.hash))?;
    }
    Ok(())
}

impl Store for SqliteStore {
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
        let batch = Batch::of_document(&after, bytes)?;
        let digest = kezek_model::canonical::sha256_hex(bytes);
        self.write(batch)?;
        Ok(digest)
    }

    fn document(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.reader.document(digest)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn entries(count: usize) -> Vec<Entry> {
        (0..count)
            .map(|n| Entry::new(DateTime::UNIX_EPOCH, "filler", json!({"text": "x".repeat(2_000), "n": n})))
            .collect()
    }

    /// Sets what lets no more be written: no page beyond those there are, or none at all.
    type Fault = fn(&Connection, bool);

    fn full_disk(conn: &Connection, faulty: bool) {
        let pages = conn.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0)).unwrap();
        conn.pragma_update(None, "max_page_count", if faulty { pages } else { i64::from(i32::MAX) }).unwrap();
    }

    fn read_only_disk(conn: &Connection, faulty: bool) {
        conn.pragma_update(None, "query_only", faulty).unwrap();
    }

    /// A story of appends and documents of all sizes, one of which meets the fault; it is tried again afterwards.
    fn story_with(fault: Fault, place: usize) -> Head {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.db");
        let mut store = SqliteStore::open(&path).unwrap();
        for step in 0..STEPS {
            let before = store.head().unwrap();
            let write = |store: &mut SqliteStore| match step % 3 {
                2 => store.put_document(format!("{step}").repeat(40_000).as_bytes()).map(|_| ()),
                _ => store.append(&entries(step * 7 + 3)).map(|_| ()),
            };
            if step == place {
                fault(&store.reader.conn, true);
                let error = write(&mut store).unwrap_err();
                assert!(matches!(error, JournalError::Database { doing: "appending", .. }), "{error}");
                assert_eq!(
                    (head_of(&store.reader.conn).unwrap(), store.head().unwrap()),
                    (before.clone(), before)
                );
                fault(&store.reader.conn, false);
            }
            write(&mut store).unwrap();
        }
        let head = store.head().unwrap();
        drop(store);
        let found = crate::verify(&path, std::slice::from_ref(&head)).unwrap();
        assert!(found.is_sound(), "{:?}", found.faults);
        head
    }

    const STEPS: usize = 12;

    #[test]
    fn a_full_or_read_only_disk_at_any_write_leaves_nothing_of_it_and_the_journal_usable() {
        let whole = story_with(full_disk, STEPS);
        for place in 0..STEPS {
            assert_eq!(story_with(full_disk, place), whole, "full at write {place}");
            assert_eq!(story_with(read_only_disk, place), whole, "read-only at write {place}");
        }
    }

    #[test]
    fn a_commit_in_doubt_is_judged_by_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("j.db")).unwrap();
        let head = store.append(&entries(2)).unwrap();
        let doubtful = || Err(rusqlite::Error::InvalidQuery);
        assert!(store.is_written(doubtful(), &head).is_ok());
        assert!(store.is_written(doubtful(), &Head { seq: 3, ..head.clone() }).is_err());
        assert!(store.is_written(Ok(()), &head).is_ok());
    }

    #[test]
    fn a_row_that_somebody_else_appended_stops_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.db");
        let mut store = SqliteStore::open(&path).unwrap();
        store.append(&entries(1)).unwrap();
        let intruder = Connection::open(&path).unwrap();
        intruder.execute("INSERT INTO journal VALUES (2, 'a', 'b', '{}', '[]', 'c', 'd')", []).unwrap();
        assert!(matches!(store.append(&entries(1)), Err(JournalError::HeadMoved { .. })));
    }

    #[test]
    fn every_commit_is_flushed_and_the_log_is_written_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("j.db")).unwrap();
        let text =
            |name| store.reader.conn.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
        let number =
            |name| store.reader.conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(text("journal_mode"), "wal");
        assert_eq!((number("synchronous"), number("foreign_keys"), number("trusted_schema")), (2, 1, 0));
    }
}
