//! Plans for several scenarios, and `kezek scenarios`, which draws them.

use crate::run::{arg, copy_of, home, kezek, replace};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn three_evenings_have_one_cut_and_say_what_it_comes_to() {
    let home = home();
    let out = home.path().join("plans");
    let table = kezek(&["plan", "examples/three-evenings", "--out", arg(&out)]).ends_with(4);
    kezek(&["check", "examples/three-evenings", arg(&out.join("plan.json"))]).ends_with(0);
    for line in table.stdout.lines() {
        assert!(line.chars().count() <= 100, "wider than 100 columns:\n{line}");
    }
    for told in
        ["  frost             20.0 %", "19:00-20:00: 20.0 %", "expected: objective 8 768.00 USD", "optimal"]
    {
        assert!(table.stdout.contains(told), "no {told:?} in\n{}", table.stdout);
    }
    assert!(table.stderr.contains("with a probability of 50.0 %"), "{}", table.stderr);

    let text = std::fs::read_to_string(out.join("plan.json")).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!((plan["objective"].as_f64().unwrap() - 16_768.0).abs() < 0.01, "{}", plan["objective"]);
    assert_eq!(plan["uncertainty"]["scenarios"][1]["scenario"], "frost");
    assert_eq!(plan["uncertainty"]["shortage"].as_array().unwrap().len(), 6);
}

#[test]
fn a_plan_whose_scenarios_do_not_add_up_does_not_hold() {
    let home = home();
    let out = home.path().join("plans");
    kezek(&["plan", "examples/three-evenings", "--out", arg(&out), "-q"]).ends_with(4);
    let plan = out.join("plan.json");
    replace(&plan, "\"cvar_uncovered_mwh\": 16.0", "\"cvar_uncovered_mwh\": 6.0");
    let judged = kezek(&["check", "examples/three-evenings", arg(&plan)]).ends_with(9);
    assert!(judged.stdout.contains("cvar_uncovered_mwh"), "{}", judged.stdout);
}

/// A month of hours; every third day brought a tenth more than was forecast.
fn past(folder: &Path) -> std::path::PathBuf {
    let mut table = String::from("time,forecast_mw,actual_mw\n");
    for day in 1..=30 {
        for hour in 0..24 {
            let actual = if day % 3 == 0 { 1100 } else { 1000 };
            writeln!(table, "2025-11-{day:02}T{hour:02}:00:00Z,1000,{actual}").unwrap();
        }
    }
    let path = folder.join("past.csv");
    std::fs::write(&path, table).unwrap();
    path
}

#[test]
fn scenarios_are_drawn_into_a_copy_that_can_be_planned() {
    let home = home();
    let (past, out) = (past(home.path()), home.path().join("drawn"));
    let draw = |out: &Path, seed: &str| {
        let known = ["--known-at", "2026-01-15T13:00Z", "--alpha", "0.9", "--weight", "100"];
        let all = [
            &["scenarios", "examples/small", "--errors", arg(&past), "--count", "4", "--seed", seed][..],
            &known,
        ];
        kezek(&[&all.concat()[..], &["--out", arg(out)]].concat())
    };
    let drawn = draw(&out, "1").ends_with(0);
    assert!(drawn.stdout.contains("4 scenarios from 29 whole days"), "{}", drawn.stdout);
    let csv = std::fs::read_to_string(out.join("forecast.csv")).unwrap();
    assert!(csv.starts_with("scenario,probability,interval_start,zone,headroom_mw\n"));
    assert_eq!(csv.lines().count(), 1 + 4 * 2 * 6);
    let plans = home.path().join("plans");
    let planned = kezek(&["plan", arg(&out), "--out", arg(&plans), "-q"]);
    assert!(matches!(planned.code, Some(0 | 4)), "{}", planned.stderr);
    kezek(&["check", arg(&out), arg(&plans.join("plan.json"))]).ends_with(0);

    let again = home.path().join("again");
    draw(&again, "1").ends_with(0);
    assert_eq!(std::fs::read_to_string(again.join("forecast.csv")).unwrap(), csv);
    let refused = draw(&out, "1").ends_with(3);
    assert!(refused.stderr.contains("exists already"), "{}", refused.stderr);
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let home = home();
    let (past, out) = (past(home.path()), home.path().join("drawn"));
    let refused = |case: &str, more: &[&str], told: &str| {
        let ran = kezek(&[&["scenarios", case, "--errors", arg(&past), "--out", arg(&out)], more].concat())
            .ends_with(3);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert!(!out.exists());
    };
    refused("examples/small", &["--forecast-column", "mw"], "no column `mw`");
    refused("examples/small", &["--demand-mw", "east=5"], "east");
    refused("examples/three-evenings", &[], "scenarios already");
    let rotating = copy_of("three-evenings", &home);
    replace(&rotating.join("case.toml"), "least-cost", "rotation");
    let ran = kezek(&["plan", arg(&rotating)]).ends_with(3);
    assert!(ran.stderr.contains("planned for the least cost"), "{}", ran.stderr);
}
