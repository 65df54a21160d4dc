//! From one back end to another and back, and backups: the chain stays the same to the last digit.

use kezek_journal::{
    Head, JournalError, Location, SqliteReader, SqliteStore, Store, backup, copy, verify, verify_at,
};

use crate::cluster::Cluster;
use crate::fixture::{batch, journal_of_three, records};

/// What a journal ends at, read anew.
fn head(location: &Location) -> Head {
    location.reader().unwrap().head().unwrap()
}

fn copied(from: &Location, to: &Location) -> Result<kezek_journal::Copied, JournalError> {
    let mut store = to.store("the test").unwrap();
    copy(&*from.reader()?, &mut *store, &to.to_string())
}

#[test]
fn there_and_back_again_the_chain_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let lone = SqliteStore::open(&path).unwrap().put_document(b"named by no record").unwrap();
    let (file, server): (Location, Location) = (path.into(), Cluster::get().fresh().parse().unwrap());
    let back = Location::File(folder.path().join("back.db"));
    let first = copied(&file, &server).unwrap();
    assert_eq!((first.records, first.documents, Some(&first.head)), (6, 4, heads.last()));
    assert_eq!(copied(&server, &back).unwrap(), first);
    for location in [&file, &server, &back] {
        let found = verify_at(location, &heads).unwrap();
        assert!(found.is_sound(), "{location}: {:?}", found.faults);
        assert_eq!(
            (found.records, found.documents, found.head),
            (first.records, first.documents, first.head.clone())
        );
        assert!(location.reader().unwrap().document(&lone).unwrap().is_some());
    }
    // What was copied can be gone on with, and gives the same chain everywhere.
    let mut ends = Vec::new();
    for location in [&file, &server, &back] {
        ends.push(location.store("the test").unwrap().append(&batch(4, 3)).unwrap());
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

#[test]
fn many_records_and_large_documents_go_in_several_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut store = SqliteStore::open(&path).unwrap();
    store.append(&batch(1, 2_500)).unwrap();
    for n in 2_u8..6 {
        let mut entries = batch(usize::from(n), 1);
        entries[0].documents.push(vec![n; 9 << 20]);
        store.append(&entries).unwrap();
    }
    drop(store);
    let (file, server): (Location, Location) = (path.into(), Cluster::get().fresh().parse().unwrap());
    let copied = copied(&file, &server).unwrap();
    assert_eq!((copied.records, copied.documents, &copied.head), (2_504, 9, &head(&file)));
}

#[test]
fn what_is_not_empty_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let server: Location = Cluster::get().fresh().parse().unwrap();
    let other = server.store("the test").unwrap().append(&batch(9, 1)).unwrap();
    let refused = copied(&path.into(), &server).unwrap_err();
    assert!(matches!(&refused, JournalError::NotEmpty { head, .. } if *head == other), "{refused}");
    assert_eq!(head(&server), other);
    assert_ne!(Some(&other), heads.last());
}

#[test]
fn a_broken_chain_is_not_copied_further_than_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let (path, heads) = journal_of_three(folder.path());
    let conn = rusqlite::Connection::open(&path).unwrap();
    let trigger: String = conn
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'journal_is_not_changed'", [], |row| {
            row.get(0)
        })
        .unwrap();
    conn.execute_batch(
        "DROP TRIGGER journal_is_not_changed; UPDATE journal SET kind = 'other' WHERE seq = 5",
    )
    .unwrap();
    conn.execute_batch(&trigger).unwrap();
    drop(conn);
    let server: Location = Cluster::get().fresh().parse().unwrap();
    let refused = copied(&path.into(), &server).unwrap_err();
    assert!(matches!(refused, JournalError::Broken { seq: 5, .. }), "{refused}");
    assert!(head(&server).seq <= heads[1].seq + 1);
    assert!(verify_at(&server, &[]).unwrap().is_sound());
}

#[test]
fn a_backup_is_whole_while_a_writer_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let url: Location = Cluster::get().fresh().parse().unwrap();
    for (place, location) in [Location::File(path), url].into_iter().enumerate() {
        let mut store = location.store("the test").unwrap();
        let first = store.append(&batch(0, 4)).unwrap();
        std::thread::scope(|scope| {
            let writing = scope
                .spawn(move || (1..40).map(|n| store.append(&batch(n, 4)).unwrap()).collect::<Vec<Head>>());
            let mut backups = Vec::new();
            for n in 0..5 {
                let file = folder.path().join(format!("backup-{place}-{n}.db"));
                backups.push((backup(&location, &file).unwrap(), file));
            }
            let heads = writing.join().unwrap();
            for (copied, file) in backups {
                assert_eq!(copied.records % 4, 0, "a part of a batch was copied");
                assert!(copied.head == first || heads.contains(&copied.head));
                assert!(verify(&file, std::slice::from_ref(&copied.head)).unwrap().is_sound());
                assert_eq!(SqliteReader::open(&file).unwrap().head().unwrap(), copied.head);
            }
        });
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".part"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_backup_never_takes_the_place_of_another_and_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = journal_of_three(folder.path());
    let from = Location::File(path);
    let to = folder.path().join("backup.db");
    backup(&from, &to).unwrap();
    let bytes = std::fs::read(&to).unwrap();
    assert!(matches!(backup(&from, &to), Err(JournalError::File { .. })));
    assert_eq!(std::fs::read(&to).unwrap(), bytes);
    let nowhere = Location::File(folder.path().join("none.db"));
    let new = folder.path().join("new.db");
    assert!(matches!(backup(&nowhere, &new), Err(JournalError::Missing { .. })));
    assert!(!new.exists() && !folder.path().join("new.db.part").exists());
    assert_eq!(records(&SqliteStore::open(&to).unwrap(), 0).unwrap().len(), 6);
}
