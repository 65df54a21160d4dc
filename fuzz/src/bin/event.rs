//! One event as a journal holds it, in the middle of a story.
#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use kezek_engine::State;
use kezek_fuzz::{json, midway, plant, told};
use libfuzzer_sys::fuzz_target;

static MIDWAY: LazyLock<(State, DateTime<Utc>)> = LazyLock::new(midway);

fuzz_target!(init: plant(told().iter().map(|(event, _)| json(event))), |bytes: &[u8]| {
    if let Ok(event) = serde_json::from_slice(bytes) {
        let (state, at) = &*MIDWAY;
        kezek_study::noise::event(state, event, *at);
    }
});
