//! Several writers on one database: one leads, and whoever lost the lease writes nothing more.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Instant;

use kezek_journal::{JournalError, LEASE, PostgresReader, PostgresStore, Store, verify_at};

use crate::cluster::{Cluster, server};
use crate::fixture::{batch, records};

/// Lets the lease run out, as if its holder had slept for long enough.
fn run_out(url: &str) {
    Cluster::get().sql_at(url, "UPDATE kezek.lease SET expires = clock_timestamp()").unwrap();
}

#[test]
fn one_leads_and_the_next_takes_over_where_it_ended() {
    let url = Cluster::get().fresh();
    let mut first = PostgresStore::open(&server(&url), "the first").unwrap();
    let head = first.append(&batch(1, 3)).unwrap();
    let Err(refused) = PostgresStore::open(&server(&url), "the second") else { panic!("two lead") };
    assert!(matches!(&refused, JournalError::Led { by, .. } if by == "the first"), "{refused}");
    let reader = PostgresReader::open(&server(&url)).unwrap();
    let leader = reader.leader().unwrap().unwrap();
    assert_eq!((leader.term, leader.holder.as_str()), (first.term(), "the first"));
    assert!(leader.rest <= LEASE);
    drop(first);
    assert_eq!(reader.leader().unwrap(), None, "an orderly end gives the lease back");
    let mut second = PostgresStore::open(&server(&url), "the second").unwrap();
    assert_eq!((second.head().unwrap(), second.term()), (head, leader.term + 1));
    second.append(&batch(2, 2)).unwrap();
    assert!(verify_at(&url.parse().unwrap(), &[]).unwrap().is_sound());
}

#[test]
fn whoever_slept_through_the_end_of_the_lease_appends_nothing() {
    let url = Cluster::get().fresh();
    let mut sleeper = PostgresStore::open(&server(&url), "the sleeper").unwrap();
    sleeper.append(&batch(1, 2)).unwrap();
    run_out(&url);
    // Nobody has taken it: whoever comes first goes on.
    sleeper.append(&batch(2, 1)).unwrap();
    run_out(&url);
    let mut next = PostgresStore::open(&server(&url), "the next").unwrap();
    let lost = |outcome: Result<_, JournalError>| match outcome {
        Err(JournalError::LeaseLost { by, .. }) => assert_eq!(by, "the next"),
        other => panic!("{other:?}"),
    };
    lost(sleeper.append(&batch(3, 4)).map(|_| ()));
    lost(sleeper.put_document(b"must not stay").map(|_| ()));
    lost(sleeper.renew().map(|_| ()));
    let head = next.append(&batch(4, 1)).unwrap();
    assert_eq!(head.seq, 4);
    // Even where the end of the journal happens to fit, the term does not.
    lost(sleeper.append(&batch(5, 1)).map(|_| ()));
    drop(sleeper);
    next.renew().unwrap();
    assert_eq!(records(&next, 0).unwrap().len(), 4);
    assert_eq!(
        next.document(&kezek_model::canonical::sha256_hex(b"must not stay")).unwrap(),
        None,
        "a document of the sleeper was kept"
    );
}

#[test]
fn of_many_that_come_at_once_one_makes_the_journal_and_leads() {
    let url = Cluster::get().fresh();
    let outcomes: Vec<Result<PostgresStore, JournalError>> = std::thread::scope(|scope| {
        let open = |n: usize| {
            let server = server(&url);
            scope.spawn(move || PostgresStore::open(&server, &format!("number {n}")))
        };
        let threads: Vec<_> = (0..6).map(open).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let refused = |outcome: &&Result<PostgresStore, JournalError>| matches!(outcome, Err(JournalError::Led { by, .. }) if by.starts_with("number"));
    let told: Vec<String> =
        outcomes.iter().map(|o| o.as_ref().map_or_else(|e| format!("{e:?}"), |_| "leads".into())).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{told:?}");
    assert_eq!(outcomes.iter().filter(refused).count(), 5, "{told:?}");
}

#[test]
fn a_lease_is_renewed_by_its_own_clock_and_told_by_that_of_the_database() {
    let url = Cluster::get().fresh();
    let mut store = PostgresStore::open(&server(&url), "one").unwrap();
    let before = Instant::now();
    let lease = store.renew().unwrap().unwrap();
    assert!(lease.until >= before && lease.until <= Instant::now() + LEASE);
    let apart = (chrono::Utc::now() - lease.clock).num_milliseconds().abs();
    assert!(apart < 5_000, "the database and this test run on one machine, and are {apart} ms apart");
}

#[test]
fn a_session_that_breaks_off_is_replaced_and_nothing_is_written_twice() {
    let url = Cluster::get().fresh();
    let mut store = PostgresStore::open(&server(&url), "one").unwrap();
    let break_off = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for n in 1..=4 {
        assert_eq!(store.append(&batch(n, 2)).unwrap().seq, 2 * n as u64);
        Cluster::get().sql_at(&url, break_off).unwrap();
    }
    // A renewal may be the one that notices; the next one has a session again.
    drop(store.renew());
    assert!(store.renew().unwrap().is_some());
    assert_eq!(records(&store, 0).unwrap().len(), 8);
}

/// A wire that loses the answers of the server from the given one on, and breaks off.
struct Wire {
    folder: tempfile::TempDir,
    /// How many answers still come through; negative while all do.
    rest: Arc<AtomicI32>,
}

impl Wire {
    fn new() -> Self {
        let (folder, rest) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI32::new(-1)));
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let left = Arc::clone(&rest);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(Cluster::get().home.join(".s.PGSQL.5432")).unwrap();
                let (mut asked, mut asks) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut asked, &mut asks));
                let left = Arc::clone(&left);
                std::thread::spawn(move || answers(server, client, &left));
            }
        });
        Self { folder, rest }
    }
}

fn answers(mut server: UnixStream, mut client: UnixStream, left: &AtomicI32) {
    let mut bytes = [0; 65_536];
    while let Ok(length @ 1..) = server.read(&mut bytes) {
        let rest = left.load(Ordering::SeqCst);
        if rest == 0 {
            left.store(-1, Ordering::SeqCst);
            break;
        }
        if rest > 0 {
            left.store(rest - 1, Ordering::SeqCst);
        }
        if client.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

#[test]
fn an_append_whose_answer_is_lost_is_written_once() {
    let (url, wire) = (Cluster::get().fresh(), Wire::new());
    let through = url.replace(Cluster::get().home.to_str().unwrap(), wire.folder.path().to_str().unwrap());
    let mut store = PostgresStore::open(&server(&through), "one").unwrap();
    for n in 0..6 {
        wire.rest.store(n, Ordering::SeqCst);
        let head = store.append(&batch(1 + n as usize, 3)).unwrap();
        assert_eq!(head.seq, 3 * (1 + n as u64), "answer {n} was lost");
        wire.rest.store(-1, Ordering::SeqCst);
    }
    assert_eq!(records(&store, 0).unwrap().len(), 18);
    assert!(verify_at(&url.parse().unwrap(), &[store.head().unwrap()]).unwrap().is_sound());
}
