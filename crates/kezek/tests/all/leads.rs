//! `kezek leads` on a made zone with a planted thief.

use crate::run::{arg, home, kezek};
use crate::snapshot;
use kezek_model::plan::utc_text;
use kezek_study::made::zone::MadeZone;
use std::fmt::Write as _;

#[test]
fn a_planted_thief_is_a_lead_with_a_size_and_a_confidence() {
    let home = home();
    let (totals, meters) = (home.path().join("totals.csv"), home.path().join("meters.csv"));
    let made = MadeZone { seed: 4, days: 300, mean_mw: 1_500.0, thief_mw: 80.0, thief_from: 170 };
    let (hours, readings) = made.hours();
    let mut text = String::from("zone,interval_start,total_mw,temperature_c\n");
    for hour in &hours {
        let celsius = hour.temperature_c.unwrap();
        writeln!(text, "south,{},{:.3},{celsius:.2}", utc_text(hour.at), hour.total_mw).unwrap();
    }
    std::fs::write(&totals, text).unwrap();
    let mut text = String::from("facility,interval_start,interval_end,mean_mw,quality,source\n");
    for row in &readings {
        // The case has S1 and S2 in the south.
        let facility = row.facility.as_str().replace('F', "S");
        let (from, to) = (utc_text(row.interval_start), utc_text(row.interval_end));
        writeln!(text, "{facility},{from},{to},{},ok,agent", row.mean).unwrap();
    }
    std::fs::write(&meters, text).unwrap();
    let asked = ["leads", "examples/small", "--totals", arg(&totals), "--readings", arg(&meters)];
    let asked = |more: &[&str]| kezek(&[&asked[..], more].concat());
    let found = asked(&["--format", "json"]).ends_with(0).json();
    let lead = &found["leads"][0];
    let (low, high) = (lead["low_mw"].as_f64().unwrap(), lead["high_mw"].as_f64().unwrap());
    assert!(low < 80.0 && 80.0 < high, "{lead}");
    assert!(lead["confidence"].as_f64().unwrap() >= 0.95, "{lead}");
    snapshot!("leads", asked(&[]).ends_with(0).stdout);
    snapshot!("leads-csv", asked(&["--format", "csv"]).ends_with(0).stdout);
    std::fs::write(&totals, "zone,interval_start,total_mw\nsouth,2026-01-15T12:00Z,1500\n").unwrap();
    let few = asked(&[]).ends_with(0).stdout;
    assert!(few.starts_with("no lead\n") && few.contains("too few"), "{few}");
    std::fs::write(&totals, "zone,interval_start,total_mw\nmoon,2026-01-15T12:00Z,1500\n").unwrap();
    assert!(asked(&[]).ends_with(3).stderr.contains("a zone of the case"));
    asked(&["--least-confidence", "1.5"]).ends_with(2);
}
