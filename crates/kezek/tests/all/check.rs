//! `kezek check`.

use crate::run::{arg, copy_of, home, kezek, planned, replace};
use crate::snapshot;

#[test]
fn a_changed_cut_breaks_rules_that_are_all_named() {
    let home = home();
    let plan = planned("examples/small", home.path());
    replace(&plan, "\"cut_mw\": 6.0", "\"cut_mw\": 7.0");
    let ran = kezek(&["check", "examples/small", arg(&plan)]).ends_with(9);
    snapshot!("check-broken", ran.stdout);
    let lines = ran.stdout.lines().count();
    assert_eq!(ran.stderr, format!("{lines} broken rules; the plan does not hold\n"));
}

#[test]
fn programs_get_the_findings_as_json() {
    let home = home();
    let plan = planned("examples/small", home.path());
    let holds = kezek(&["check", "examples/small", arg(&plan), "--format", "json"]).ends_with(0).json();
    assert_eq!((&holds["holds"], holds["findings"].as_array().unwrap().len()), (&true.into(), 0));
    replace(&plan, "\"cut_mw\": 6.0", "\"cut_mw\": 7.0");
    let json = kezek(&["check", "examples/small", arg(&plan), "--format", "json"]).ends_with(9).json();
    let first = &json["findings"][0];
    assert_eq!(json["holds"], false);
    assert_eq!((&first["rule"], &first["facility"]), (&"limit".into(), &"N1".into()));
    assert_eq!(first["interval_start"], "2026-01-15T12:00:00Z");
    let lines = kezek(&["check", "examples/small", arg(&plan), "--format", "jsonl"]).ends_with(9).stdout;
    let parsed: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&parsed, json["findings"].as_array().unwrap());
}

#[test]
fn a_status_that_does_not_follow_from_the_gap_is_found() {
    let home = home();
    let plan = planned("examples/west-island", home.path());
    replace(&plan, "\"optimal\"", "\"time-limit\"");
    let ran = kezek(&["check", "examples/west-island", arg(&plan)]).ends_with(9);
    assert!(ran.stdout.starts_with("status: plan: found"), "{}", ran.stdout);
}

#[test]
fn a_plan_that_is_none_is_refused_with_line_and_column() {
    let home = home();
    let plan = planned("examples/small", home.path());
    let whole = std::fs::read_to_string(&plan).unwrap();
    for (name, text, start) in [
        ("torn", whole[..whole.find("\"events\"").unwrap() + 3].to_owned(), "row 18, column"),
        (
            "key",
            whole.replacen("\"seed\"", "\"sead\"", 1),
            "row 6, column 8: found unknown field `sead`; expected one of `case`",
        ),
        ("fine", whole.replacen("6.0", "6.0001", 1), "found 6.0001 MW is not a whole number of kW"),
        ("type", whole.replacen("\"seed\": 1", "\"seed\": \"one\"", 1), "expected u64"),
        ("toml", "[plan]".to_owned(), "row 1, column 2: found text that is no JSON"),
    ] {
        std::fs::write(&plan, text).unwrap();
        let ran = kezek(&["check", "examples/small", arg(&plan)]).ends_with(3);
        assert!(ran.stderr.contains(start), "{name}: {}", ran.stderr);
        assert!(ran.stderr.ends_with("1 fault; nothing was done\n"), "{name}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{name}");
    }
}

#[test]
fn faults_of_case_and_plan_come_together() {
    let home = home();
    let case = copy_of("small", &home);
    replace(&case.join("facilities.csv"), "south", "sauth");
    let ran = kezek(&["check", arg(&case), arg(&home.path().join("none.json"))]).ends_with(3);
    assert!(
        ran.stderr.contains("sauth") && ran.stderr.contains("none.json: found no such file"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.ends_with("2 faults; nothing was done\n"), "{}", ran.stderr);
}

#[test]
fn a_plan_of_another_case_does_not_hold() {
    let home = home();
    let plan = planned("examples/west-island", home.path());
    let ran = kezek(&["check", "examples/small", arg(&plan)]).ends_with(9);
    assert!(
        ran.stdout.starts_with("identity: plan: found case \"west-island\"; expected \"small\"\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_plan_is_judged_by_the_gap_it_was_asked_for() {
    let home = home();
    let plan = home.path().join("plan.json");
    let planned = kezek(&["plan", "examples/small", "--gap", "0.9", "--format", "json", "-q"]).ends_with(4);
    let mut json = planned.json();
    let objective = json["objective"].as_f64().unwrap();
    let bound = objective * 0.9;
    json["status"] = "within-gap".into();
    json["bound"] = bound.into();
    json["gap"] = ((objective - bound) / objective).into();
    std::fs::write(&plan, json.to_string()).unwrap();
    kezek(&["check", "examples/small", arg(&plan), "--gap", "0.9"]).ends_with(0);
    let strict = kezek(&["check", "examples/small", arg(&plan)]).ends_with(9);
    assert!(strict.stdout.starts_with("status: plan: found"), "{}", strict.stdout);
}
