//! The demo runs through unattended, and its week ends as it always does.

use crate::run::kezek;
use serde_json::json;

#[test]
fn the_week_of_january_2022_is_played_to_its_end() {
    let run = kezek(&["demo", "--once", "--format", "json"]).ends_with(0);
    let counts: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let expected = json!({
        "orders": 38, "received": 37, "accepted": 36, "refused": 1, "silent": 2, "complying": 35, "breach": 3,
        "restored": 36, "uncovered_mwh": 7824.96, "journal_ok": true,
    });
    assert_eq!(counts, expected);
    assert!(run.stderr.contains("cannot approve it; another person must"), "{}", run.stderr);
}
