//! The text of a standing order.
#![no_main]

use kezek_fuzz::{plant, texts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: plant(texts("schedules").into_values()), |bytes: &[u8]| {
    kezek_model::noise::standing_order(&String::from_utf8_lossy(bytes));
});
