//! What a record of the journal costs beside a bare SQLite insert with the same durability, in one run.
//!
//! `./dev bench --bench journal` prints Markdown rows for `benches/README.md`. Whether a commit reaches the disk is the
//! machine's promise; the ratio holds either way.

use chrono::{DateTime, Utc};
use kezek_journal::{Entry, SqliteStore, Store};
use rusqlite::Connection;
use std::time::Instant;

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
