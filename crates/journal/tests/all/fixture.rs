//! Batches to append and ways to look at what was kept.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use kezek_journal::{Entry, Head, JournalError, Record, SqliteStore, Store};
use serde_json::json;

/// The beginning of the suspension of 24 January 2022, 00:00 in Almaty.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_642_960_800, 0).unwrap()
}

pub(crate) fn entry(batch: usize, place: usize, size: usize) -> Entry {
    let body = json!({"batch": batch, "place": place, "size": size, "reason": "тапшылық", "limit_kw": 12.5});
    Entry::new(start() + TimeDelta::seconds(batch as i64), "order_issued", body)
}

/// Batch `batch` of `size` entries, the last of them with a document.
pub(crate) fn batch(batch: usize, size: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = (0..size).map(|place| entry(batch, place, size)).collect();
    let last = entries.pop().unwrap();
    entries.push(last.with_document(format!("plan of batch {batch}").into_bytes()));
    entries
}

pub(crate) fn records(store: &dyn Store, after_seq: u64) -> Result<Vec<Record>, JournalError> {
    let mut found = Vec::new();
    store.load(after_seq, &mut |record| {
        found.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// A closed journal of six records in three batches; returns the head after each batch.
pub(crate) fn journal_of_three(folder: &Path) -> (PathBuf, Vec<Head>) {
    let path = folder.join("journal.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let heads = (1..=3).map(|size| store.append(&batch(size, size)).unwrap()).collect();
    (path, heads)
}
