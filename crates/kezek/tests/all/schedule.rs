//! `kezek schedule show`.

use crate::run::{home, kezek};
use crate::snapshot;

const SUSPENSION: &str = "schedules/2022-01-24-suspension.toml";

#[test]
fn an_order_in_plain_words_and_in_utc() {
    snapshot!("schedule", kezek(&["schedule", "show", SUSPENSION]).ends_with(0).stdout);
}

#[test]
fn whether_it_holds_at_an_instant() {
    let at = |instant| kezek(&["schedule", "show", SUSPENSION, "--at", instant]).ends_with(0).stdout;
    let last = at("2022-01-31T23:59+06:00");
    assert!(
        last.contains(
            "at         2022-01-31T17:59Z (23:59 on 31 January 2022 Asia/Almaty, UTC+06:00): holds"
        ),
        "{last}"
    );
    assert!(at("2022-01-31T18:00:00Z").contains("does not hold; it is over"), "the end is exclusive");
}

#[test]
fn on_another_clock() {
    let ran = kezek(&["schedule", "show", SUSPENSION, "--zone", "Asia/Oral"]).ends_with(0);
    assert!(ran.stdout.contains("23:00 on 23 January 2022 Asia/Oral, UTC+05:00"), "{}", ran.stdout);
}

#[test]
fn an_instant_without_offset_is_wrong_usage() {
    let ran = kezek(&["schedule", "show", SUSPENSION, "--at", "2022-01-24T00:00"]).ends_with(2);
    assert!(ran.stderr.contains("offset"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_no_order_is_refused() {
    let ran = kezek(&["schedule", "show", "examples/small/case.toml"]).ends_with(3);
    assert!(ran.stderr.contains("examples/small/case.toml, period: found nothing"), "{}", ran.stderr);
    assert!(ran.stderr.trim_end().ends_with("faults; nothing was done"), "{}", ran.stderr);
    kezek(&["schedule", "show", "schedules/none.toml"]).ends_with(3);
    let home = home();
    let file = home.path().join("order.toml");
    std::fs::write(&file, b"title = \"one\"\nissuer = \"\xff\"\n").unwrap();
    let ran = kezek(&["schedule", "show", file.to_str().unwrap()]).ends_with(3);
    assert!(ran.stderr.contains("row 2: found bytes that are not UTF-8"), "{}", ran.stderr);
}
