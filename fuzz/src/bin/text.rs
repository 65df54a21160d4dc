//! Addresses, keys, networks, headers.
#![no_main]

use kezek_fuzz::plant;
use kezek_study::noise::TEXTS;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: plant(TEXTS.map(Into::into)), |bytes: &[u8]| {
    kezek_study::noise::text(&String::from_utf8_lossy(bytes));
});
