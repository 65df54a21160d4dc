//! A part of the chain in a file of evidence.
#![no_main]

use kezek_fuzz::{json, plant, told};
use kezek_journal::{Entry, Head, Link, MemoryStore, Record, Store, Stretch};
use libfuzzer_sys::fuzz_target;
use std::ops::ControlFlow;

fn records() -> Vec<Record> {
    let mut store = MemoryStore::new();
    let entries = told()
        .into_iter()
        .take(60)
        .map(|(event, at)| Entry::new(at, "said", serde_json::json!({ "event": event })));
    store.append(&entries.collect::<Vec<_>>()).expect("sound entries");
    let mut records = Vec::new();
    let keep = &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    };
    store.load(0, keep).expect("a journal in memory");
    records
}

fn seed(records: &[Record]) -> Vec<u8> {
    let after = Head { seq: records[0].seq - 1, hash: records[0].prev.clone() };
    let link = |record: &Record| if record.seq % 2 == 0 { Link::stub(record) } else { Link::whole(record) };
    json(&Stretch { after, links: records.iter().filter_map(link).collect() })
}

fuzz_target!(init: plant(records().chunks(3).map(seed)), |bytes: &[u8]| kezek_study::noise::stretch(bytes));
