//! What a record of the journal costs beside a bare SQLite insert with the same durability, in one run.
//!
//! The second table holds SQLite and PostgreSQL side by side: single appends, each durable when it returns, and 10 000
//! records in one transaction. It starts a PostgreSQL server of its own on a Unix socket.
//!
//! `./dev bench --bench journal` prints Markdown rows for `benches/README.md`. Whether a commit reaches the disk is the
//! machine's promise; the ratio holds either way.

use chrono::{DateTime, Utc};
use cluster::Cluster;
use kezek_journal::{Entry, Location, SqliteStore, Store};
use rusqlite::Connection;
use std::time::Instant;

#[path = "../crates/journal/tests/all/cluster.rs"]
#[allow(dead_code, clippy::unwrap_used)]
mod cluster;

const ROUNDS: usize = 9;
const RECORDS: usize = 2_000;

fn main() {
    println!(
        "| records a commit | journal, records/s median (spread) | bare insert, rows/s median | ratio |"
    );
    println!("|---|---|---|---|");
    for batch in [1, 10, 100, 1_000] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(rate(batch, journal));
            bare.push(rate(batch, bare_insert));
        }
        let (ours, bare) = (spread(ours), spread(bare));
        println!(
            "| {batch} | {:.0} ({:.0}-{:.0}) | {:.0} | {:.2} |",
            ours.1,
            ours.0,
            ours.2,
            bare.1,
            ours.1 / bare.1
        );
    }
    side_by_side();
}

/// Where the same journal is kept in each back end.
fn side_by_side() {
    println!("\n| | SQLite, median (spread) | PostgreSQL, median (spread) | ratio |\n|---|---|---|---|");
    let (mut single, mut large) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..ROUNDS {
        let folder = std::env::temp_dir().join(format!("kezek-bench-{}-{round}", std::process::id()));
        let Ok(()) = std::fs::create_dir_all(&folder) else { panic!("no folder for the benchmark") };
        let url = Cluster::get().fresh();
        let Ok(server) = url.parse::<Location>();
        for (place, location) in [Location::File(folder.join("ledger.db")), server].iter().enumerate() {
            let Ok(mut store) = location.store("the benchmark") else { panic!("{location} opens") };
            single[place].push(500.0 / seconds(|| (0..500).for_each(|n| append(&mut *store, n, 1))));
            large[place].push(1_000.0 * seconds(|| append(&mut *store, 500, 10_000)));
        }
        Cluster::get().drop(&url);
        drop(std::fs::remove_dir_all(&folder));
    }
    row("single appends, records/s", single);
    row("10 000 records in one transaction, ms", large);
}

fn row(name: &str, [sqlite, postgres]: [Vec<f64>; 2]) {
    let (sqlite, postgres) = (spread(sqlite), spread(postgres));
    println!(
        "| {name} | {:.0} ({:.0}-{:.0}) | {:.0} ({:.0}-{:.0}) | {:.2} |",
        sqlite.1,
        sqlite.0,
        sqlite.2,
        postgres.1,
        postgres.0,
        postgres.2,
        postgres.1 / sqlite.1
    );
}

fn seconds(run: impl FnOnce()) -> f64 {
    let began = Instant::now();
    run();
    began.elapsed().as_secs_f64()
}

fn append(store: &mut dyn Store, first: usize, many: usize) {
    let at: DateTime<Utc> = DateTime::UNIX_EPOCH;
    let entries: Vec<Entry> = (0..many).map(|n| Entry::new(at, "attempt-ended", body(first + n))).collect();
    assert!(store.append(&entries).is_ok(), "the journal appends");
}

/// Records a second, in commits of `batch`.
fn rate(batch: usize, run: fn(&std::path::Path, usize, usize)) -> f64 {
    let folder = std::env::temp_dir().join(format!("kezek-bench-{}-{batch}", std::process::id()));
    let Ok(()) = std::fs::create_dir_all(&folder) else { panic!("no folder for the benchmark") };
    let commits = (RECORDS / batch).clamp(1, 300);
    let began = Instant::now();
    run(&folder.join("ledger.db"), commits, batch);
    let seconds = began.elapsed().as_secs_f64();
    drop(std::fs::remove_dir_all(&folder));
    (commits * batch) as f64 / seconds
}

fn body(n: usize) -> serde_json::Value {
    serde_json::json!({"order_no": format!("2022-0124-F{n:05}-v1"), "attempt": 1, "outcome": {"received": {"status": 200}}})
}

fn journal(path: &std::path::Path, commits: usize, batch: usize) {
    let Ok(mut store) = SqliteStore::open(path) else { panic!("the journal opens") };
    let at: DateTime<Utc> = DateTime::UNIX_EPOCH;
    for commit in 0..commits {
        let entries: Vec<Entry> =
            (0..batch).map(|n| Entry::new(at, "attempt-ended", body(commit * batch + n))).collect();
        assert!(store.append(&entries).is_ok(), "the journal appends");
    }
}

fn bare_insert(path: &std::path::Path, commits: usize, batch: usize) {
    let run = || -> rusqlite::Result<()> {
        let mut connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows(n INTEGER PRIMARY KEY, body TEXT)")?;
        for commit in 0..commits {
            let transaction = connection.transaction()?;
            for n in 0..batch {
                transaction
                    .execute("INSERT INTO rows(body) VALUES (?1)", [body(commit * batch + n).to_string()])?;
            }
            transaction.commit()?;
        }
        Ok(())
    };
    assert!(run().is_ok(), "bare SQLite inserts");
}

/// Least, median, greatest.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[0], values[values.len() / 2], values[values.len() - 1])
}
