//! What every store promises: one suite, run for each.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use chrono::TimeDelta;
use kezek_journal::{
    Entry, Head, JournalError, Location, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_BODY_BYTES,
    MAX_DOCUMENT_BYTES, MemoryStore, PostgresStore, SqliteReader, SqliteStore, Store, verify, verify_at,
};
use kezek_model::canonical::sha256_hex;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cluster::{Cluster, server};
use crate::fixture::{batch, entry, journal_of_three, records, start};

fn for_each_store(check: impl Fn(&mut dyn Store)) {
    check(&mut MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    check(&mut SqliteStore::open(&path).unwrap());
    let url = emptied();
    check(&mut PostgresStore::open(&server(&url), "the test").unwrap());
    for location in [Location::File(path), url.parse().unwrap()] {
        let found = verify_at(&location, &[]).unwrap();
        assert!(found.is_sound(), "{location}: {:?}", found.faults);
    }
}

/// The database of this test, with nothing in it: to make one takes longer than most that is done with it.
fn emptied() -> String {
    thread_local! {
        static DATABASE: String = Cluster::get().fresh();
    }
    let url = DATABASE.with(Clone::clone);
    Cluster::get().sql_at(&url, "DROP SCHEMA IF EXISTS kezek CASCADE").unwrap();
    url
}

#[test]
fn records_are_numbered_and_chained_from_one() {
    for_each_store(|store| {
        assert_eq!(store.head().unwrap(), Head::empty());
        assert_eq!(store.append(&[]).unwrap(), Head::empty());
        let head = store.append(&batch(1, 3)).unwrap();
        let head = {
            assert_eq!(head.seq, 3);
            store.append(&batch(2, 2)).unwrap()
        };
        assert_eq!((head.seq, &store.append(&[]).unwrap(), &store.head().unwrap()), (5, &head, &head));
        let found = records(store, 0).unwrap();
        let mut before = Head::empty();
        for record in &found {
            assert_eq!((record.seq, &record.prev), (before.seq + 1, &before.hash));
            before = record.head();
        }
        assert_eq!(before, head);
        assert_eq!(
            found[1].body,
            json!({"batch": 1, "place": 1, "size": 3, "reason": "тапшылық", "limit_kw": 12.5})
        );
        assert_eq!((found[1].kind.as_str(), found[1].at), ("order_issued", start() + TimeDelta::seconds(1)));
    });
}

#[test]
fn all_stores_make_the_same_chain() {
    let heads = std::cell::RefCell::new(BTreeSet::new());
    for_each_store(|store| {
        store.append(&batch(1, 4)).unwrap();
        heads.borrow_mut().insert(store.append(&batch(2, 1)).unwrap());
    });
    assert_eq!(heads.into_inner().len(), 1);
}

#[test]
fn reading_begins_and_ends_where_it_is_told() {
    for_each_store(|store| {
        let head = store.append(&batch(1, 5)).unwrap();
        assert_eq!(records(store, 3).unwrap().iter().map(|r| r.seq).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(store.load(5, &mut |_| panic!("there is nothing after the head")).unwrap(), head);
        let mut seen = 0;
        let stop = store.load(0, &mut |record| {
            seen = record.seq;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((stop.unwrap().seq, seen), (2, 2));
        for beyond in [6, u64::MAX] {
            assert!(
                matches!(records(store, beyond), Err(JournalError::UnknownSeq { seq, .. }) if seq == beyond)
            );
        }
    });
}

#[test]
fn documents_are_kept_once_under_their_digest() {
    for_each_store(|store| {
        let digest = store.put_document(b"a case").unwrap();
        assert_eq!(digest, sha256_hex(b"a case"));
        assert_eq!(store.put_document(b"a case").unwrap(), digest);
        assert_eq!(store.document(&digest).unwrap().unwrap(), b"a case");
        assert_eq!(store.document(&"0".repeat(64)).unwrap(), None);
        assert_eq!(store.head().unwrap(), Head::empty());
        let with = entry(1, 0, 1).with_document(b"a case".to_vec()).with_document(b"".to_vec());
        store.append(&[with]).unwrap();
        assert_eq!(records(store, 0).unwrap()[0].documents, [digest, sha256_hex(b"")]);
        assert_eq!(store.document(&sha256_hex(b"")).unwrap().unwrap(), b"");
    });
}

#[test]
fn a_batch_with_one_bad_entry_leaves_nothing() {
    let bad = [
        Entry::new(start(), "", json!({})),
        Entry::new(start(), "a kind", json!({})),
        Entry::new(start(), "k".repeat(65), json!({})),
        Entry::new(start() + TimeDelta::days(3_000_000), "k", json!({})),
        Entry::new(start(), "k", json!({"seq": (1_u64 << 53)})),
        Entry::new(start(), "k", json!([-(1_i64 << 53)])),
        Entry::new(start(), "k", (0..200).fold(json!(1), |inner, _| json!([inner]))),
        Entry::new(start(), "k", Value::String("x".repeat(MAX_BODY_BYTES - 1))),
        entry(1, 0, 1).with_document(vec![0; MAX_DOCUMENT_BYTES + 1]),
    ];
    for_each_store(|store| {
        let head = store.append(&batch(1, 2)).unwrap();
        for bad in &bad {
            let fresh = entry(2, 0, 2).with_document(b"must not stay".to_vec());
            let error = store.append(&[fresh, bad.clone()]).unwrap_err().to_string();
            assert!(error.contains("entry 1") || error.contains("a document of 33554433"), "{error}");
            assert_eq!(store.head().unwrap(), head);
            assert_eq!(records(store, 0).unwrap().len(), 2);
            assert_eq!(store.document(&sha256_hex(b"must not stay")).unwrap(), None);
        }
    });
}

#[test]
fn limits_are_the_largest_that_pass() {
    for_each_store(|store| {
        let full = Value::String("x".repeat(MAX_BODY_BYTES - 2));
        store.append(&[Entry::new(start(), "k".repeat(64), full)]).unwrap();
        store.append(&[Entry::new(start(), "k", json!({"seq": (1_u64 << 53) - 1}))]).unwrap();
        let many = vec![Entry::new(start(), "k", json!({})); MAX_BATCH_ENTRIES];
        assert_eq!(store.append(&many).unwrap().seq, 2 + MAX_BATCH_ENTRIES as u64);
        let one_more = vec![many[0].clone(); MAX_BATCH_ENTRIES + 1];
        assert!(matches!(store.append(&one_more), Err(JournalError::BatchTooLong { found: 10_001 })));
        let third = entry(1, 0, 1).with_document(vec![1; MAX_BATCH_BYTES / 3]);
        assert!(store.append(&vec![third.clone(); 2]).is_ok());
        assert!(matches!(store.append(&vec![third; 3]), Err(JournalError::BatchTooLarge { .. })));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_appended_reads_back_the_same(bodies in prop::collection::vec(any_json(), 1..12), cut in 0_usize..12) {
        let entries: Vec<Entry> = bodies.into_iter().map(|body| Entry::new(start(), "any", body)).collect();
        let cut = cut.min(entries.len());
        for_each_store(|store| {
            store.append(&entries[..cut]).unwrap();
            store.append(&entries[cut..]).unwrap();
            let found = records(store, 0).unwrap();
            assert_eq!(found.len(), entries.len());
            for (record, entry) in found.iter().zip(&entries) {
                assert!(same(&record.body, &entry.body), "{} became {}", entry.body, record.body);
            }
        });
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..(1_i64 << 53)).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// Equal but for the spelling of numbers: 1.0 comes back as 1.
fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (a, b) => a == b,
    }
}

#[test]
fn a_second_writer_is_refused_and_the_first_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut first = SqliteStore::open(&path).unwrap();
    let head = first.append(&batch(1, 2)).unwrap();
    let link = folder.path().join("other-name.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for name in [&path, &link] {
        let error = SqliteStore::open(name).unwrap_err();
        assert!(matches!(error, JournalError::Taken { .. }), "{error}");
        assert!(error.to_string().contains("written by another process"), "{error}");
    }
    drop(first);
    assert_eq!(reopened(&path).head().unwrap(), head);
}

/// A process that another test starts holds a copy of the lock between its fork and its exec: it is waited for.
fn reopened(path: &std::path::Path) -> SqliteStore {
    for _ in 0..200 {
        match SqliteStore::open(path) {
            Err(JournalError::Taken { .. }) => std::thread::sleep(std::time::Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} stays taken", path.display())
}

#[test]
fn readers_and_the_auditor_work_while_a_writer_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut writer = SqliteStore::open(&path).unwrap();
    writer.append(&batch(0, 4)).unwrap();
    let reader = SqliteReader::open(&path).unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| (1..60).for_each(|n| drop(writer.append(&batch(n, 4)).unwrap())));
        let mut rounds = 0;
        while !writing.is_finished() || rounds == 0 {
            let handed_out = reader.head().unwrap();
            let found = verify(&path, std::slice::from_ref(&handed_out)).unwrap();
            assert!(found.is_sound(), "{:?}", found.faults);
            assert!(found.head.seq >= handed_out.seq);
            assert_eq!(found.records % 4, 0, "a part of a batch was seen");
            rounds += 1;
        }
    });
    let mut seen = 0;
    reader
        .load(0, &mut |_| {
            seen += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, 240);
}

#[test]
fn verifying_a_closed_journal_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let names = || -> BTreeSet<_> {
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect()
    };
    let (before, bytes) = (names(), std::fs::read(&path).unwrap());
    let found = verify(&path, &heads).unwrap();
    assert!(found.is_sound(), "{:?}", found.faults);
    assert_eq!((found.records, found.documents, Some(&found.head)), (6, 3, heads.last()));
    assert_eq!(SqliteReader::open(&path).unwrap().head().unwrap(), heads[2]);
    assert_eq!((names(), std::fs::read(&path).unwrap()), (before, bytes));
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    assert!(matches!(verify(&path, &[]), Err(JournalError::Missing { .. })));
    assert!(matches!(SqliteReader::open(&path), Err(JournalError::Missing { .. })));
    assert!(!path.exists());
    assert!(matches!(SqliteStore::open(Path::new("/no/such/folder/j.db")), Err(JournalError::File { .. })));
}

#[test]
fn sql_that_changes_the_past_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let conn = rusqlite::Connection::open(&path).unwrap();
    for sql in [
        "UPDATE journal SET body = '{}' WHERE seq = 2",
        "UPDATE journal SET seq = 9 WHERE seq = 6",
        "DELETE FROM journal WHERE seq = 6",
        "INSERT OR REPLACE INTO journal SELECT seq, at, kind, '{}', documents, prev, hash FROM journal WHERE seq = 6",
        "INSERT INTO journal VALUES (8, 'a', 'k', '{}', '[]', 'p', 'h')",
        "UPDATE document SET bytes = x'00'",
        "DELETE FROM document",
        "INSERT OR REPLACE INTO document SELECT digest, x'00' FROM document",
    ] {
        let error = conn.execute(sql, []).expect_err(sql);
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::ConstraintViolation), "{sql}");
    }
    drop(conn);
    assert!(verify(&path, &heads).unwrap().is_sound());
}
