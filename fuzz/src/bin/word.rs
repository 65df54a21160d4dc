//! A facility's answer or report.
#![no_main]

use kezek_engine::Event;
use kezek_fuzz::{json, plant, told};
use libfuzzer_sys::fuzz_target;

fn seeds() -> Vec<Vec<u8>> {
    let word = |(event, _)| match event {
        Event::Answered { answer } => Some(json(&answer)),
        Event::Reported { report } => Some(json(&report)),
        _ => None,
    };
    told().into_iter().filter_map(word).collect()
}

fuzz_target!(init: plant(seeds()), |bytes: &[u8]| kezek_study::noise::word_of_a_facility(bytes));
