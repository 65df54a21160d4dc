//! Whoever can write the file can change it; the auditor must see it.

use std::path::Path;

use kezek_journal::{Head, JournalError, SqliteReader, SqliteStore, Store, verify};
use kezek_model::canonical::{digest_of, sha256_hex};
use proptest::prelude::*;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::fixture::{batch, journal_of_three, records};

const COLUMNS: [&str; 7] = ["seq", "at", "kind", "body", "documents", "prev", "hash"];

/// Runs `edit` with the triggers out of the way and puts them back, so that only the rows give the edit away.
fn edit(path: &Path, edit: impl FnOnce(&Connection)) {
    let conn = Connection::open(path).unwrap();
    let triggers: Vec<(String, String)> = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    triggers.iter().for_each(|(name, _)| conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
    edit(&conn);
    triggers.iter().for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
}

fn faults(path: &Path, expected: &[Head]) -> Vec<String> {
    verify(path, expected).unwrap().faults.iter().map(ToString::to_string).collect()
}

/// Changes one byte of one column; the new value keeps the column's type wherever it can.
fn change_byte(conn: &Connection, seq: i64, column: &str, place: usize, with: u8) {
    if column == "seq" {
        let far = 100 + i64::from(with);
        conn.execute("UPDATE journal SET seq = ? WHERE seq = ?", params![far, seq]).unwrap();
        return;
    }
    let read = format!("SELECT CAST({column} AS BLOB) FROM journal WHERE seq = ?");
    let mut bytes: Vec<u8> = conn.query_row(&read, [seq], |row| row.get(0)).unwrap();
    let place = place % bytes.len();
    bytes[place] = if bytes[place] == with { with ^ 1 } else { with };
    // A cast makes text of bytes without looking whether they are UTF-8, as an edit of the raw file would.
    let write = format!("UPDATE journal SET {column} = CAST(? AS TEXT) WHERE seq = ?");
    conn.execute(&write, params![bytes, seq]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn one_changed_byte_of_any_column_is_found(
        seq in 1_i64..=6, column in prop::sample::select(&COLUMNS[..]), place in any::<usize>(), with in any::<u8>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = journal_of_three(folder.path());
        edit(&path, |conn| change_byte(conn, seq, column, place, with));
        let found = verify(&path, &[]).unwrap();
        prop_assert!(found.faults.iter().any(|fault| fault.seq.is_some()), "{column} of {seq}: {:?}", found.faults);
let loaded = SqliteStore::open(&path).and_then(|store| records(&store, 0));
        prop_assert!(loaded.is_err(), "a broken chain was loaded");
    }

    #[test]
    fn raw_bytes_never_panic_and_never_pass_for_another_history(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (path, heads) = journal_of_three(folder.path());
        let told = told(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        for (place, with) in changes {
            let place = place.index(bytes.len());
            bytes[place] = with;
        }
        std::fs::write(&path, bytes).unwrap();
        assert_sound_only_if(&path, &heads, &told);
        drop(SqliteStore::open(&path).map(|store| records(&store, 0)));
    }

    #[test]
    fn a_file_cut_anywhere_never_panics_and_never_passes(cut in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let (path, heads) = journal_of_three(folder.path());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..cut.index(bytes.len())]).unwrap();
        prop_assert!(!verify(&path, &heads).unwrap().is_sound());
        prop_assert!(told(&path).is_err());
    }

    #[test]
    fn a_file_of_anything_is_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..3_000), has_magic in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let magic: &[u8] = if has_magic { b"SQLite format 3\0" } else { b"" };
        std::fs::write(&path, [magic, &bytes].concat()).unwrap();
        prop_assert!(!verify(&path, &[]).unwrap().is_sound());
        prop_assert!(SqliteReader::open(&path).is_err());
    }
}

/// Everything a reader can be told by the file; a document that a record names must be there.
fn told(path: &Path) -> Result<String, String> {
    let reader = SqliteReader::open(path).map_err(|error| error.to_string())?;
    let mut told = String::new();
    let mut named = Vec::new();
    let read = reader.load(0, &mut |record| {
        told.push_str(&format!("{record:?}\n"));
        named.extend(record.documents);
        std::ops::ControlFlow::Continue(())
    });
    read.map_err(|error| error.to_string())?;
    for digest in named {
        let document = reader.document(&digest).map_err(|error| error.to_string())?;
        told.push_str(&format!("{:?}\n", document.ok_or("a document is missing")?));
    }
    Ok(told)
}

fn assert_sound_only_if(path: &Path, heads: &[Head], before: &str) {
    let after = told(path);
    if verify(path, heads).unwrap().is_sound() {
        assert_eq!(after.unwrap(), before, "verified, but tells something else");
    }
}

#[test]
fn no_byte_of_the_file_header_makes_anybody_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let told = told(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for (place, with) in (0..100).flat_map(|place| [0, 1, 2, 3, 4, 0x7f, 0xff].map(|with| (place, with))) {
        let mut changed = bytes.clone();
        changed[place] = with;
        std::fs::write(&path, changed).unwrap();
        assert_sound_only_if(&path, &heads, &told);
        drop(SqliteStore::open(&path).map(|store| records(&store, 0)));
    }
}

#[test]
fn every_raw_byte_of_a_small_journal_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let told = told(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let used = (0..bytes.len()).filter(|place| bytes[*place] != 0);
    let mut found = 0;
    for place in used.step_by(7) {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        std::fs::write(&path, changed).unwrap();
        found += usize::from(!verify(&path, &heads).unwrap().is_sound());
        assert_sound_only_if(&path, &heads, &told);
    }
    assert!(found > 500, "only {found} changes were found");
}

#[test]
fn a_value_of_another_type_is_found() {
    // The tables are strict, but a raw edit is not bound to that: take the rule away for the time of the edit.
    for (column, value) in
        [("body", Value::Blob(b"{}".to_vec())), ("kind", Value::Integer(7)), ("at", Value::Real(1.5))]
    {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = journal_of_three(folder.path());
        edit(&path, |conn| {
            let sql = |from: &str, to: &str| {
                conn.execute_batch(&format!(
                    "PRAGMA writable_schema = ON;
                     UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE name = 'journal';
                     PRAGMA writable_schema = RESET;"
                ))
                .unwrap();
            };
            let loose = format!("{column} ANY");
            sql(&format!("{column} TEXT"), &loose);
            conn.execute(&format!("UPDATE journal SET {column} = ? WHERE seq = 2"), [&value]).unwrap();
            sql(&loose, &format!("{column} TEXT"));
        });
        let found = faults(&path, &[]);
        assert!(found.iter().any(|fault| fault.starts_with(&format!("record 2: {column} is"))), "{found:?}");
    }
}

#[test]
fn a_body_spelled_differently_is_found_although_it_means_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = journal_of_three(folder.path());
    edit(&path, |conn| conn.execute_batch("UPDATE journal SET body = body || ' ' WHERE seq = 4").unwrap());
    assert_eq!(faults(&path, &[]), ["record 4: body is not canonical JSON"]);
}

#[test]
fn a_missing_record_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = journal_of_three(folder.path());
    edit(&path, |conn| conn.execute_batch("DELETE FROM journal WHERE seq IN (2, 3)").unwrap());
    let found = faults(&path, &[]);
    assert!(found[0].starts_with("record 4: seq is 4, expected 2"), "{found:?}");
    assert!(found[1].starts_with("record 4: prev is"), "{found:?}");
}

#[test]
fn a_lost_tail_is_found_by_the_heads_that_were_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let tail = "DELETE FROM journal WHERE seq > 3; DELETE FROM document WHERE bytes = CAST('plan of batch 3' AS BLOB)";
    edit(&path, |conn| conn.execute_batch(tail).unwrap());
    assert_eq!(faults(&path, &heads[..2]), [""; 0]);
    assert_eq!(
        faults(&path, &heads),
        ["record 6: was handed out as a head and is lost: the journal ends at 3"]
    );
}

#[test]
fn a_chain_written_anew_is_found_by_the_heads_that_were_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    edit(&path, |conn| {
        let mut prev: String =
            conn.query_row("SELECT prev FROM journal WHERE seq = 3", [], |row| row.get(0)).unwrap();
        for seq in 3..=6 {
            prev = rewrite(conn, seq, &prev);
        }
    });
    assert_eq!(faults(&path, &heads[..1]), [""; 0], "the forger can compute SHA-256 too");
    let found = faults(&path, &heads);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("record 3: hash is") && found[0].ends_with("was handed out"), "{found:?}");
}

/// Forges record `seq` with another body and a hash that fits, as the documentation of the crate gives it.
fn rewrite(conn: &Connection, seq: i64, prev: &str) -> String {
    let (at, kind, documents): (String, String, String) = conn
        .query_row("SELECT at, kind, documents FROM journal WHERE seq = ?", [seq], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    let documents: serde_json::Value = serde_json::from_str(&documents).unwrap();
    let mut sealed = serde_json::json!({"seq": seq, "at": at, "kind": kind, "body": {}, "prev": prev});
    if documents != serde_json::json!([]) {
        sealed["documents"] = documents;
    }
    let hash = digest_of(&sealed).unwrap();
    let write = "UPDATE journal SET body = '{}', prev = ?, hash = ? WHERE seq = ?";
    conn.execute(write, params![prev, hash, seq]).unwrap();
    hash
}

#[test]
fn a_changed_and_a_missing_document_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = journal_of_three(folder.path());
    let digests = [sha256_hex(b"plan of batch 1"), sha256_hex(b"plan of batch 2")];
    edit(&path, |conn| {
        conn.execute("UPDATE document SET bytes = x'7b7d' WHERE digest = ?", [&digests[0]]).unwrap();
        conn.execute("DELETE FROM document WHERE digest = ?", [&digests[1]]).unwrap();
    });
    let found = faults(&path, &[]);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains(&digests[0]) && found[0].contains("was changed"), "{found:?}");
    assert_eq!(
        found[1..].iter().filter(|fault| fault.contains("missing or changed")).count(),
        2,
        "{found:?}"
    );
    let store = SqliteStore::open(&path).unwrap();
    assert!(matches!(store.document(&digests[0]), Err(JournalError::DocumentChanged { .. })));
}

#[test]
fn a_dropped_trigger_is_found_and_the_writer_does_not_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    Connection::open(&path).unwrap().execute_batch("DROP TRIGGER journal_is_not_cut").unwrap();
    assert_eq!(faults(&path, &heads), ["journal_is_not_cut is missing or changed"]);
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, JournalError::NotAJournal { .. }), "{error}");
}

#[test]
fn the_list_of_faults_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    SqliteStore::open(&path).unwrap().append(&batch(1, 1_500)).unwrap();
    edit(&path, |conn| conn.execute_batch("UPDATE journal SET kind = 'other'").unwrap());
    let found = verify(&path, &[]).unwrap();
    assert_eq!((found.faults.len(), found.records), (kezek_journal::MAX_FAULTS, 1_500));
}
