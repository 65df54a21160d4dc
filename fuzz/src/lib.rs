//! What the targets share: where their first inputs go, several files as one input, and a story to begin with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use kezek_engine::{Effect, Event, State, step};
use kezek_model::case::CaseFiles;
use kezek_model::order::Order;
use serde::Serialize;

/// Stands before the name of each file in an input.
const MARK: &str = "==> ";

/// Writes the inputs that a run begins with into the folder `KEZEK_CORPUS`, if it is named.
pub fn plant(seeds: impl IntoIterator<Item = Vec<u8>>) {
    let Some(folder) = std::env::var_os("KEZEK_CORPUS") else { return };
    for (place, seed) in seeds.into_iter().enumerate() {
        fs::write(Path::new(&folder).join(format!("seed-{place}")), seed)
            .expect("a folder that can be written to");
    }
}

/// The files of one input: each after a line with its name.
#[must_use]
pub fn files(bytes: &[u8]) -> CaseFiles {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut name = String::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(MARK.as_bytes()) {
            Some(named) => name = String::from_utf8_lossy(named).trim_end().to_owned(),
            None => files.entry(name.clone()).or_default().extend(line),
        }
    }
    CaseFiles { files }
}

/// The other way round.
#[must_use]
pub fn bundle(files: &CaseFiles) -> Vec<u8> {
    let file =
        |(name, bytes): (&String, &Vec<u8>)| [format!("{MARK}{name}\n").as_bytes(), bytes, b"\n"].concat();
    files.files.iter().flat_map(file).collect()
}

/// The files directly in a folder of the repository, by path.
#[must_use]
pub fn texts(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("./dev fuzz starts in the repository");
    let paths = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    paths.map(|path| (path.display().to_string(), fs::read(&path).expect("a file"))).collect()
}

/// Bytes without a pattern, always the same.
#[must_use]
pub fn drawn(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(&mut next).take(length).collect()
}

/// What was journaled in some stories.
#[must_use]
pub fn told() -> Vec<(Event, DateTime<Utc>)> {
    (0..20).flat_map(|seed| kezek_engine::promises::told(&drawn(seed, 500))).collect()
}

/// The state in the middle of one of them.
#[must_use]
pub fn midway() -> (State, DateTime<Utc>) {
    let story = |seed| kezek_engine::promises::told(&drawn(seed, 500));
    let journal = (0..20).map(story).max_by_key(Vec::len).expect("twenty");
    let mut state = State::new();
    let (half, at) = (journal.len() / 2, journal[journal.len() / 2].1);
    for (event, at) in journal.into_iter().take(half) {
        step(&mut state, event, at);
    }
    (state, at)
}

/// The orders that left in them.
#[must_use]
pub fn orders() -> Vec<Order> {
    let mut orders = BTreeMap::new();
    for seed in 0..20 {
        let mut state = State::new();
        for (event, at) in kezek_engine::promises::told(&drawn(seed, 500)) {
            for effect in step(&mut state, event, at) {
                if let Effect::Send { order, .. } = effect {
                    orders.insert(serde_json::to_string(&order).expect("JSON"), *order);
                }
            }
        }
    }
    orders.into_values().collect()
}

/// The bytes of a seed.
#[must_use]
pub fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("JSON")
}
