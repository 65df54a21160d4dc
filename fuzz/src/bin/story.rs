//! A sequence of what people, facilities, networks and time do to the engine.
#![no_main]

use kezek_fuzz::{drawn, plant};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: plant((0..20).map(|seed| drawn(seed, 200))), |bytes: &[u8]| {
    kezek_engine::promises::chances_hold(bytes);
});
