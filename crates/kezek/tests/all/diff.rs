//! `kezek diff`.

use crate::run::{arg, copy_of, home, kezek, planned, replace};
use crate::snapshot;
use std::path::PathBuf;
use tempfile::TempDir;

/// `small` as it is, and with a cheap event for S1.
fn two_plans(home: &TempDir) -> (PathBuf, PathBuf) {
    let case = copy_of("small", home);
    replace(&case.join("facilities.csv"), "600.0", "200.0");
    let before = planned("examples/small", &home.path().join("before"));
    (before, planned(arg(&case), &home.path().join("after")))
}

#[test]
fn another_optimum_is_told_facility_by_facility() {
    let home = home();
    let (before, after) = two_plans(&home);
    let ran = kezek(&["diff", arg(&before), arg(&after)]).ends_with(0);
    assert!(ran.stderr.contains("the case was changed"), "{}", ran.stderr);
    snapshot!("diff", ran.stdout);
}

#[test]
fn newly_cut_and_released_are_told_apart() {
    let home = home();
    let whole = planned("examples/small", &home.path().join("whole"));
    // Where shortage costs next to nothing, nobody is cut.
    let case = copy_of("small", &home);
    replace(&case.join("case.toml"), "uncovered_cost_per_mwh = 1000.0", "uncovered_cost_per_mwh = 1.0");
    let none = home.path().join("none");
    kezek(&["plan", arg(&case), "--out", arg(&none)]).ends_with(4);
    let none = none.join("plan.json");
    let kind = |a: &PathBuf, b: &PathBuf| {
        let json = kezek(&["diff", arg(a), arg(b), "--format", "json"]).ends_with(0).json();
        let rows = json["facilities"].as_array().unwrap().clone();
        let n1 = rows.iter().find(|row| row["facility"] == "N1").unwrap();
        (n1["change"].clone(), n1["change_mwh"].as_f64().unwrap())
    };
    assert_eq!(kind(&none, &whole), ("newly-cut".into(), 25.0));
    assert_eq!(kind(&whole, &none), ("released".into(), -25.0));
}

#[test]
fn programs_get_rows() {
    let home = home();
    let (before, after) = two_plans(&home);
    let csv = kezek(&["diff", arg(&before), arg(&after), "--format", "csv", "-q"]).ends_with(0);
    assert_eq!(csv.stderr, "");
    insta::assert_snapshot!(csv.stdout, @r"
    facility,interval_start,interval_end,cut_before_mw,cut_after_mw
    N1,2026-01-15T13:00:00Z,2026-01-15T14:00:00Z,1,4
    S1,2026-01-15T12:00:00Z,2026-01-15T13:00:00Z,0,6
    S2,2026-01-15T12:00:00Z,2026-01-15T13:00:00Z,6,0
    S2,2026-01-15T13:00:00Z,2026-01-15T14:00:00Z,3,0
    ");
    let lines = kezek(&["diff", arg(&before), arg(&after), "--format", "jsonl"]).ends_with(0).stdout;
    assert_eq!(lines.lines().count(), 3);
}

#[test]
fn what_gives_way_in_one_plan_only_is_told() {
    let home = home();
    let before = planned("examples/kazakhstan-2022-01", &home.path().join("before"));
    let after = home.path().join("after.json");
    let mut plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&before).unwrap()).unwrap();
    plan["overridden"] = serde_json::json!([]);
    std::fs::write(&after, plan.to_string()).unwrap();
    let ran = kezek(&["diff", arg(&before), arg(&after)]).ends_with(0);
    assert!(
        ran.stdout.contains("gives way no more: max_cut_min of N07, by 2022-01-21/1, 144 intervals from"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("gives way now"), "{}", ran.stdout);
}

#[test]
fn the_same_plan_has_no_changes() {
    let home = home();
    let plan = planned("examples/small", home.path());
    let ran = kezek(&["diff", arg(&plan), arg(&plan)]).ends_with(0);
    assert!(ran.stdout.ends_with("Nothing: the two plans are the same.\n"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn plans_that_have_nothing_in_common_are_refused() {
    let home = home();
    let small = planned("examples/small", &home.path().join("small"));
    let west = planned("examples/west-island", &home.path().join("west"));
    let ran = kezek(&["diff", arg(&small), arg(&west)]).ends_with(3);
    assert!(
        ran.stderr.contains("one is of the case \"small\", the other of \"west-island\""),
        "{}",
        ran.stderr
    );

    let case = copy_of("small", &home);
    let forecast = std::fs::read_to_string(case.join("forecast.csv")).unwrap();
    let shorter: Vec<&str> = forecast.lines().filter(|line| !line.contains("T22:00")).collect();
    std::fs::write(case.join("forecast.csv"), shorter.join("\n")).unwrap();
    replace(&case.join("case.toml"), "T23:00", "T22:00");
    let short = planned(arg(&case), &home.path().join("short"));
    let ran = kezek(&["diff", arg(&small), arg(&short)]).ends_with(3);
    let told = "2026-01-15T12:00Z .. 2026-01-15T18:00Z in 6 intervals and 2026-01-15T12:00Z .. 2026-01-15T17:00Z in 5 intervals";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}
