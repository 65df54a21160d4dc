//! Deaths in the middle. None of this says anything about power loss: the kernel outlives the process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use kezek_journal::{Head, Record, SqliteReader, SqliteStore, Store, verify};
use proptest::prelude::*;

use crate::fixture::{batch, records};

/// Names the journal that the process started by [`killed_while_writing`] writes.
const CHILD: &str = "KEZEK_JOURNAL_TEST_CHILD";

/// Opens what a crash left, and asserts that it is a sound prefix of whole batches that can be written again.
fn reopened(path: &Path, acknowledged: &[Head]) -> u64 {
    let found = verify(path, acknowledged).unwrap();
    assert!(found.is_sound(), "{:?}", found.faults);
    let mut store = SqliteStore::open(path).unwrap();
    let kept = records(&store, 0).unwrap();
    assert_whole_batches(&kept);
    for digest in kept.iter().flat_map(|record| &record.documents) {
        assert!(store.document(digest).unwrap().is_some(), "a record came without its document");
    }
    let head = store.append(&batch(1_000_000, 3)).unwrap();
    assert_eq!(head.seq, kept.len() as u64 + 3);
    kept.len() as u64
}

fn assert_whole_batches(records: &[Record]) {
    let number = |record: &Record, name: &str| record.body[name].as_u64().unwrap() as usize;
    let mut rest = records;
    while let Some(first) = rest.first() {
        let size = number(first, "size");
        assert!(rest.len() >= size, "batch {} is torn", number(first, "batch"));
        let (whole, others) = rest.split_at(size);
        assert!(
            whole
                .iter()
                .enumerate()
                .all(|(n, r)| number(r, "place") == n && r.body["batch"] == first.body["batch"])
        );
        rest = others;
    }
}

/// The files of a journal whose writer still lives: everything is in the write-ahead log.
fn files_of_a_living_writer() -> (Vec<u8>, Vec<u8>, Vec<Head>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let heads = (1..8).map(|n| store.append(&batch(n, n)).unwrap()).collect();
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    (read("journal.db"), read("journal.db-wal"), heads)
}

fn placed(folder: &Path, database: &[u8], log: &[u8]) -> std::path::PathBuf {
    let path = folder.join("journal.db");
    std::fs::write(&path, database).unwrap();
    std::fs::write(folder.join("journal.db-wal"), log).unwrap();
    path
}

#[test]
fn a_log_cut_at_any_length_leaves_whole_batches() {
    let (database, log, heads) = files_of_a_living_writer();
    let mut lengths = std::collections::BTreeSet::new();
    let step = log.len() / 120;
    for cut in (0..=log.len()).step_by(step).chain([log.len() - 1, log.len()]) {
        let folder = tempfile::tempdir().unwrap();
        let path = placed(folder.path(), &database, &log[..cut]);
        if is_before_the_first_commit(&path) {
            continue;
        }
        let kept = reopened(&path, &[]);
        let is_lost = |head: &&Head| head.seq > kept;
        if let Some(lost) = heads.iter().find(is_lost) {
            let folder = tempfile::tempdir().unwrap();
            let path = placed(folder.path(), &database, &log[..cut]);
            assert!(
                !verify(&path, std::slice::from_ref(lost)).unwrap().is_sound(),
                "the lost tail was not found"
            );
        }
        lengths.insert(kept);
    }
    let batches: std::collections::BTreeSet<u64> =
        [0].into_iter().chain(heads.iter().map(|head| head.seq)).collect();
    assert_eq!(lengths, batches, "every prefix of whole batches was met, and nothing else");
}

/// Cut so early that even the tables are gone: an empty database, which the auditor calls no journal.
fn is_before_the_first_commit(path: &Path) -> bool {
    // Read-only, because closing a connection that can write would fold the log into the database.
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    conn.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_torn_log_leaves_whole_batches(place in any::<prop::sample::Index>(), torn in prop::collection::vec(any::<u8>(), 1..64)) {
        let (database, mut log, _) = files_of_a_living_writer();
        let begin = place.index(log.len());
        let end = (begin + torn.len()).min(log.len());
        log[begin..end].copy_from_slice(&torn[..end - begin]);
        let folder = tempfile::tempdir().unwrap();
        let path = placed(folder.path(), &database, &log);
        if !is_before_the_first_commit(&path) {
            reopened(&path, &[]);
        }
    }
}

#[test]
fn copies_taken_while_a_writer_writes_are_whole_batches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let mut head = store.append(&batch(1, 1)).unwrap();
    for n in 2..40 {
        let copies = tempfile::tempdir().unwrap();
        let copy = std::thread::scope(|scope| {
            let writing = scope.spawn(|| store.append(&batch(n, 1 + n % 7)).unwrap());
            std::thread::sleep(Duration::from_micros(150 * n as u64 % 2_000));
            let database = std::fs::read(&path).unwrap();
            let log = std::fs::read(folder.path().join("journal.db-wal")).unwrap();
            let before = std::mem::replace(&mut head, writing.join().unwrap());
            (placed(copies.path(), &database, &log), before)
        });
        reopened(&copy.0, &[copy.1]);
    }
}

/// Not a test of its own: what the killed process does. It appends without end and tells each head it was given.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let mut store = SqliteStore::open(Path::new(&path)).unwrap();
    for n in 1..100_000 {
        let head = store.append(&batch(n, 1 + n % 9)).unwrap();
        println!("head {} {}", head.seq, head.hash);
    }
}

#[test]
fn killed_while_writing_nothing_acknowledged_is_lost() {
    for round in 1..=8 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heads = std::thread::spawn(move || {
            lines.map_while(Result::ok).filter_map(|line| head_in(&line)).collect()
        });
        while SqliteReader::open(&path).and_then(|reader| reader.head()).map_or(0, |head| head.seq) < 10 {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(SqliteStore::open(&path).is_err(), "the child holds the lock");
        std::thread::sleep(Duration::from_millis(23 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged: Vec<Head> = heads.join().unwrap();
        let kept = reopened(&path, &acknowledged);
        assert!(kept >= acknowledged.last().unwrap().seq && acknowledged.len() > 2);
    }
}

fn head_in(line: &str) -> Option<Head> {
    let (seq, hash) = line.split_once("head ")?.1.split_once(' ')?;
    (hash.len() == 64).then(|| Head { seq: seq.parse().unwrap_or(u64::MAX), hash: hash.to_owned() })
}
