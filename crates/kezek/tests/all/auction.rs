//! `kezek auction`, and the plan that follows from it.

use crate::run::{arg, copy_of, home, kezek, replace};
use crate::snapshot;
use kezek_model::case::Case;
use kezek_planner::problem::Problem;
use std::path::Path;

const CASE: &str = "examples/auction-north-south";

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_night_that_is_worked_by_hand() {
    let home = home();
    let out = home.path().join("auction");
    let ran = kezek(&["auction", CASE, "--out", arg(&out)]).ends_with(0);
    assert_eq!(ran.stderr, "");
    snapshot!("auction", ran.stdout);
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 100, "wider than 100 columns:\n{line}");
    }
    let mut names: Vec<_> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["quotas.csv", "refused.csv", "register.csv", "unsold.csv"]);
    snapshot!("auction-register", text(&out, "register.csv"));
    snapshot!("auction-refused", text(&out, "refused.csv"));
    snapshot!("auction-unsold", text(&out, "unsold.csv"));
    let csv = kezek(&["auction", CASE, "--format", "csv"]).ends_with(0).stdout;
    assert_eq!(csv, text(&out, "quotas.csv"));
}

#[test]
fn json_has_everything() {
    let json = kezek(&["auction", CASE, "--format", "json"]).ends_with(0).json();
    let sum = |list: &str, part: &str| -> f64 {
        json[list].as_array().unwrap().iter().map(|row| row[part].as_f64().unwrap()).sum()
    };
    assert_eq!((sum("bids", "won_mwh"), sum("bids", "paid")), (188.0, 2_860_000.0));
    assert_eq!((sum("zones", "quota_mwh"), sum("zones", "unsold_mwh")), (215.0, 27.0));
    assert_eq!(sum("quotas", "mw"), 188.0);
    assert_eq!(sum("transfers", "mwh"), 10.0 + 8.0 + 6.0);
    assert_eq!(json["quotas"].as_array().unwrap().len(), 5 * 4, "also where nothing was won");
    let lost = &json["bids"][0]["lost"];
    assert_eq!(lost, &serde_json::json!([]), "the first bid won all");
}

#[test]
fn what_the_readme_says_to_look_at() {
    let won = |case: &Path, start: &str, facility: &str| -> f64 {
        let json = kezek(&["auction", arg(case), "--format", "json"]).ends_with(0).json();
        let bids = json["bids"].as_array().unwrap();
        let is_it = |row: &&serde_json::Value| row["interval_start"] == start && row["facility"] == facility;
        bids.iter().find(is_it).unwrap()["won_mwh"].as_f64().unwrap()
    };
    let home = home();
    let case = copy_of("auction-north-south", &home);
    replace(&case.join("ties.csv"), "8.5", "9");
    assert_eq!(won(&case, "2026-01-19T20:00:00Z", "S1"), 14.0);
    replace(&case.join("bids.csv"), "N1,20,15000,2026-01-19T09:45:00", "N1,20,15000,2026-01-19T09:44:59");
    assert_eq!(won(&case, "2026-01-19T21:00:00Z", "N1"), 20.0);
    assert_eq!(won(&case, "2026-01-19T22:00:00Z", "N1"), 0.0);
}

/// auction -> quotas.csv -> case -> problem and plan.
#[test]
fn what_was_won_is_what_the_plan_entitles_to() {
    let home = home();
    let case = copy_of("auction-north-south", &home);
    let before = Case::read(&case).unwrap();
    assert!(Problem::new(&before).unwrap().facilities.iter().all(|row| row.nominated == [0; 4]));
    kezek(&["auction", arg(&case), "--out", arg(home.path())]).ends_with(0);
    std::fs::copy(home.path().join("quotas.csv"), case.join("quotas.csv")).unwrap();
    let problem = Problem::new(&Case::read(&case).unwrap()).unwrap();
    let nominated: Vec<_> = problem.facilities.iter().map(|row| row.nominated.clone()).collect();
    let won: [[i64; 4]; 5] = [[40, 40, 9, 10], [10, 30, 5, 0], [20, 13, 6, 0], [0, 0, 0, 5], [0, 0, 0, 0]];
    assert_eq!(nominated, won.map(|mw| mw.map(|mw| mw * 1000)));

    let plan = kezek(&["plan", arg(&case), "--format", "json"]).ends_with(0).json();
    assert_eq!(plan["totals"]["nominated_mwh"], 188.0);
    assert!((plan["objective"].as_f64().unwrap() - 90_000.0).abs() < 0.01);
    // The auction does not mind its own result in the folder.
    kezek(&["auction", arg(&case), "--format", "csv"]).ends_with(0);
}

#[test]
fn all_faults_are_told_and_nothing_is_written() {
    let home = home();
    let case = copy_of("auction-north-south", &home);
    replace(&case.join("bids.csv"), "N2,30,14000", "N3,30,14000");
    replace(&case.join("quota.csv"), "2026-01-20T01:00:00+05:00,south,5\n", "");
    std::fs::remove_file(case.join("prepaid.csv")).unwrap();
    let out = home.path().join("out");
    let ran = kezek(&["auction", arg(&case), "--out", arg(&out)]).ends_with(3);
    for told in [
        "bids.csv, row 3, facility: found \"N3\"",
        "prepaid.csv: found no such file",
        "quota.csv, interval_start: found no row for zone \"south\" at 2026-01-19T20:00:00Z",
        "3 faults; nothing was done",
    ] {
        assert!(ran.stderr.contains(told), "no {told:?}:\n{}", ran.stderr);
    }
    assert!(!out.exists() && ran.stdout.is_empty());
}

#[test]
fn what_is_no_whole_kw_is_rounded_down_and_told() {
    let home = home();
    let case = copy_of("auction-north-south", &home);
    replace(&case.join("case.toml"), "lot_mwh = 1.0", "lot_mwh = 0.7005");
    let ran = kezek(&["auction", arg(&case), "--format", "csv"]).ends_with(0);
    // 57 lots are 39.9285 MWh.
    assert!(ran.stdout.contains("2026-01-19T19:00:00Z,N1,39.928\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("rounded down to whole kW"), "{}", ran.stderr);
    assert_eq!(kezek(&["auction", arg(&case), "--format", "csv", "-q"]).ends_with(0).stderr, "");
}

#[test]
fn nobody_need_bid_and_a_zone_may_stand_aside() {
    let home = home();
    let case = copy_of("auction-north-south", &home);
    let rows = text(&case, "quota.csv");
    let north: String =
        rows.lines().filter(|line| !line.contains("south")).map(|line| format!("{line}\n")).collect();
    std::fs::write(case.join("quota.csv"), north).unwrap();
    std::fs::write(case.join("bids.csv"), "interval_start,facility,mwh,price_per_mwh\n").unwrap();
    let ran = kezek(&["auction", arg(&case)]).ends_with(0);
    for told in [
        "Zone north: 190.0 MWh offered, 0.0 bid for, 0.0 won, 190.0 unsold",
        "no bids",
        "Zone south: no quota, takes no part",
        "Bidders: nobody bid",
    ] {
        assert!(ran.stdout.contains(told), "no {told:?}:\n{}", ran.stdout);
    }
    let csv = kezek(&["auction", arg(&case), "--format", "csv"]).ends_with(0).stdout;
    assert_eq!(csv.lines().count(), 1 + 2 * 4, "the facilities of the north, with 0:\n{csv}");
}

#[test]
fn many_intervals_and_facilities_are_folded() {
    let home = home();
    let case = copy_of("auction-north-south", &home);
    replace(&case.join("case.toml"), "end = \"2026-01-20T04:00\"", "end = \"2026-01-23T00:00\"");
    std::fs::remove_file(case.join("ties.csv")).unwrap();
    let start: chrono::DateTime<chrono::Utc> = "2026-01-19T19:00:00Z".parse().unwrap();
    let mut tables = [
        ("quota.csv", "interval_start,zone,mwh\n".to_owned()),
        ("bids.csv", "interval_start,facility,mwh,price_per_mwh\n".to_owned()),
        ("prepaid.csv", "facility,amount\n".to_owned()),
        ("facilities.csv", text(&case, "facilities.csv")),
    ];
    for hour in 0..72 {
        let at = (start + chrono::TimeDelta::hours(hour)).to_rfc3339();
        tables[0].1 += &format!("{at},north,100\n{at},south,0\n");
    }
    let row = tables[3].1.lines().nth(1).unwrap().to_owned();
    for place in 10..75 {
        tables[1].1 += &format!("{},X{place},2,13000\n", start.to_rfc3339());
        tables[2].1 += &format!("X{place},30000\n");
        tables[3].1 += &format!("{}\n", row.replacen("N1", &format!("X{place}"), 1));
    }
    for (name, text) in tables {
        std::fs::write(case.join(name), text).unwrap();
    }
    let ran = kezek(&["auction", arg(&case)]).ends_with(0);
    assert_eq!(ran.stdout.matches("and 24 more").count(), 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("and 5 more"), "{}", ran.stdout);
    assert!(ran.stdout.contains("winners    65 facilities"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
}
