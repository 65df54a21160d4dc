//! `kezek frontier`, and the plan of the policy whose price it draws.

use crate::run::{arg, copy_of, home, kezek, planned, replace};
use serde_json::Value;

const CASE: &str = "examples/rotation-almaty";

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn cut_mwh(plan: &Value, facility: &str) -> f64 {
    let rows = plan["allocations"].as_array().unwrap().iter();
    rows.filter(|row| row["facility"] == facility).map(|row| number(&row["cut_mw"])).sum()
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

#[test]
fn the_rotation_worked_by_hand() {
    let home = home();
    let path = planned(CASE, home.path());
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let stages = plan["stages"].as_array().unwrap();
    assert_near(number(&stages[0]["value"]), 0.0, 0.1);
    assert_near(number(&stages[1]["bound"]), 239.9 / 3120.0, 2e-5);
    assert_near(number(&stages[1]["value"]), 239.9 / 3120.0, 0.001 + 2e-5);
    assert_near(number(&plan["objective"]), 5326.54, 1.0);
    for (facility, mwh) in [("A", 17.891), ("B", 37.891), ("C", 57.891), ("D", 6.327), ("H", 0.0)] {
        assert_near(cut_mwh(&plan, facility), mwh, 0.02);
    }
    kezek(&["check", CASE, arg(&path)]).ends_with(0);
    let table = kezek(&["plan", CASE]).ends_with(0).stdout;
    for told in ["2. smallest highest burden", "proven not below", "no plan has less than 7.7 %"] {
        assert!(table.contains(told), "no {told:?}:\n{table}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
}

#[test]
fn the_other_policies_of_the_readme() {
    let home = home();
    let case = copy_of("rotation-almaty", &home);
    replace(&case.join("case.toml"), "\"rotation\"  ", "\"equal-share\"");
    let plan = kezek(&["plan", arg(&case), "--format", "json"]).ends_with(0).json();
    assert_near(number(&plan["totals"]["max_burden"]), 119.9 / 480.0 + 0.001, 1e-4);
    assert_near(number(&plan["objective"]), 5394.3, 1.0);
    replace(&case.join("case.toml"), "equal-share", "least-cost");
    let plan = kezek(&["plan", arg(&case), "--format", "json"]).ends_with(0).json();
    assert_near(number(&plan["objective"]), 3800.0, 0.01);
    assert!(plan.get("stages").is_none());
}

#[test]
fn fairness_has_a_price() {
    let ran = kezek(&["frontier", CASE, "--points", "6"]).ends_with(0);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    for told in ["floor      7.69 %", "highest burden", "per percentage point", "*"] {
        assert!(ran.stdout.contains(told), "no {told:?}:\n{}", ran.stdout);
    }
}

#[test]
fn json_and_csv_say_the_same() {
    let home = home();
    let out = home.path().join("frontier.csv");
    let json = kezek(&["frontier", CASE, "--points", "5", "--format", "json", "--out", arg(&out)])
        .ends_with(0)
        .json();
    let points = json["points"].as_array().unwrap();
    assert_eq!(points.len(), 5);
    assert_near(number(&points[4]["objective"]), 3800.0, 0.01);
    assert_near(number(&points[4]["burden"]), 0.16, 1e-9);
    for pair in points.windows(2) {
        assert!(number(&pair[0]["limit"]) < number(&pair[1]["limit"]));
        assert!(number(&pair[0]["objective"]) >= number(&pair[1]["objective"]) - 1e-6, "fairness costs");
    }
    for point in points {
        assert!(number(&point["burden"]) <= number(&point["limit"]) + 1e-9);
        assert!(number(&point["bound"]) <= number(&point["objective"]));
    }
    let csv = std::fs::read_to_string(&out).unwrap();
    let burdens: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    let expected: Vec<String> = points.iter().map(|point| point["burden"].to_string()).collect();
    assert_eq!(burdens, expected);
}

#[test]
fn the_policy_can_be_chosen_and_its_name_is_known() {
    let points = |policy: &str| {
        let args = ["frontier", CASE, "--points", "2", "--policy", policy, "--format", "json"];
        number(&kezek(&args).ends_with(0).json()["points"][1]["burden"])
    };
    assert_near(points("equal-share"), 100.0 / 120.0, 1e-9);
    assert_near(points("rotation"), 0.16, 1e-9);
    kezek(&["frontier", CASE, "--policy", "least-cost"]).ends_with(2);
    kezek(&["frontier", CASE, "--points", "1"]).ends_with(2);
}

#[test]
fn a_frontier_that_is_stopped_says_so() {
    let ran = kezek(&["frontier", CASE, "--time-limit", "0.000001"]).ends_with(6);
    assert!(ran.stderr.contains("not all points"), "{}", ran.stderr);
}
