//! `kezek plan`, and that `kezek check` agrees.

use crate::run::{arg, command, copy_of, home, kezek, planned, replace};
use crate::snapshot;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// Plans an example three ways, has it judged, and gives the table and the plan.
fn planned_and_checked(example: &str, code: i32) -> (String, Value) {
    let home = home();
    let (case, out) = (format!("examples/{example}"), home.path().join("plans"));
    let table = kezek(&["plan", &case, "--out", arg(&out)]).ends_with(code);
    let json = std::fs::read_to_string(out.join("plan.json")).unwrap();
    let file: Value = serde_json::from_str(&json).unwrap();

    let printed = kezek(&["plan", &case, "--format", "json", "--out", arg(&out)]).ends_with(code);
    assert_eq!(printed.stdout, std::fs::read_to_string(out.join("plan.json")).unwrap());
    assert_eq!(without_seconds(printed.json()), without_seconds(file.clone()), "the same plan every time");

    let csv = kezek(&["plan", &case, "--format", "csv", "-q"]).ends_with(code).stdout;
    assert_eq!(csv, std::fs::read_to_string(out.join("plan.csv")).unwrap());
    assert_eq!(csv.lines().count(), 1 + file["allocations"].as_array().unwrap().len());

    let mut names: Vec<_> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["plan.csv", "plan.json", "prices.csv"], "nothing else is left");

    let check = kezek(&["check", &case, arg(&out.join("plan.json"))]).ends_with(0);
    assert!(check.stdout.starts_with("the plan holds"), "{}", check.stdout);
    assert_fits(&table.stdout);
    (table.stdout, file)
}

fn without_seconds(mut plan: Value) -> Value {
    plan.as_object_mut().unwrap().remove("seconds");
    plan
}

#[track_caller]
fn assert_fits(table: &str) {
    for line in table.lines() {
        assert!(line.chars().count() <= 100, "wider than 100 columns:\n{line}");
    }
}

#[track_caller]
fn assert_near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 0.01, "found {found}, expected {expected}");
}

#[test]
fn small_ends_with_4_and_says_what_stays_uncovered() {
    let (table, plan) = planned_and_checked("small", 4);
    assert_near(&plan["objective"], 8200.0);
    assert_near(&plan["totals"]["uncovered_mwh"], 3.0);
    // The flow of the last hour is free between 3 and 4 MW.
    snapshot!("small", table.replace("49.0", "48.0"));
}

#[test]
fn the_day_of_25_hours_is_shown_with_both_offsets() {
    let (table, plan) = planned_and_checked("clock-change-2024-02-29", 0);
    assert_near(&plan["objective"], 31_065.0);
    assert_near(&plan["totals"]["uncovered_mwh"], 0.0);
    snapshot!("clock-change", table);
}

#[test]
fn the_island_in_the_west() {
    let (table, plan) = planned_and_checked("west-island", 4);
    assert_near(&plan["objective"], 311_852.0);
    assert_near(&plan["totals"]["uncovered_mwh"], 82.8);
    assert!(table.contains("stays uncovered: 82.8 MWh, up to"), "{table}");
    assert!(table.contains("stays uncovered: 0.0 MWh\n"), "the north says so too:\n{table}");
}

#[test]
fn the_week_of_january_2022() {
    let (table, plan) = planned_and_checked("kazakhstan-2022-01", 4);
    assert_near(&plan["objective"], 45_801_903.88);
    assert_near(&plan["totals"]["uncovered_mwh"], 7600.8);
    snapshot!("kazakhstan", table);
}

#[test]
fn a_dry_run_reads_everything_and_plans_nothing() {
    let ran = kezek(&["plan", "examples/small", "--dry-run", "--threads", "1", "--seed", "7"]).ends_with(0);
    snapshot!("dry-run", ran.stdout);
    kezek(&["plan", "examples/small", "--dry-run", "--out", "x"]).ends_with(2);
}

#[test]
fn all_faults_of_a_case_are_told_and_nothing_is_written() {
    let home = home();
    let case = copy_of("small", &home);
    replace(&case.join("facilities.csv"), "20.0,20.0,2.0,1.0", "20.0,many,2.0,1.0");
    replace(&case.join("facilities.csv"), "south", "sauth");
    replace(&case.join("case.toml"), "currency", "curency");
    let out = home.path().join("plans");
    let ran = kezek(&["plan", arg(&case), "--out", arg(&out)]).ends_with(3);
    assert_eq!(ran.stdout, "");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let (count, faults) = lines.split_last().unwrap();
    assert_eq!(*count, format!("{} faults; nothing was done", faults.len()));
    for (file, about) in
        [("facilities.csv, row 2", "many"), ("facilities.csv, row 3", "sauth"), ("case.toml", "curency")]
    {
        let told = faults.iter().any(|line| line.starts_with(file) && line.contains(about));
        assert!(told, "no line about {about}:\n{}", ran.stderr);
    }
    assert!(!out.exists());
}

#[test]
fn stopped_and_uncovered_says_both_and_the_plan_is_written() {
    let home = home();
    let ran = kezek(&["plan", "examples/small", "--time-limit", "0.000001", "--out", arg(home.path())])
        .ends_with(6);
    assert!(
        ran.stderr.contains("stopped before the gap asked for") && ran.stderr.contains("MWh stay uncovered")
    );
    assert!(ran.stdout.contains("time-limit") && ran.stdout.contains("proven not below"), "{}", ran.stdout);
    kezek(&["check", "examples/small", arg(&home.path().join("plan.json"))]).ends_with(0);
}

#[test]
fn senseless_numbers_are_wrong_usage() {
    for bad in [
        ["--gap", "1"],
        ["--gap", "-0.1"],
        ["--gap", "nan"],
        ["--time-limit", "0"],
        ["--time-limit", "inf"],
        ["--threads", "0"],
    ] {
        let flag = format!("{}={}", bad[0], bad[1]);
        let ran = kezek(&["plan", "examples/small", &flag]).ends_with(2);
        assert!(ran.stderr.contains(bad[0]), "{}", ran.stderr);
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure_but_the_plan_is_shown() {
    let home = home();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ran = kezek(&["plan", "examples/small", "--out", arg(&file.join("plans"))]).ends_with(1);
    assert!(ran.stderr.starts_with("error: cannot make the folder"), "{}", ran.stderr);
    assert!(ran.stdout.contains("objective  8 200.00 USD"));
}

#[test]
fn ctrl_c_keeps_the_best_plan_so_far() {
    let home = home();
    let case = hard_case(home.path());
    let out = home.path().join("plans");
    let mut child = command()
        .args(["plan", arg(&case), "--gap", "0", "--time-limit", "600", "--out", arg(&out), "-v"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("case read") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended too early");
    }
    std::thread::sleep(Duration::from_millis(1500));
    let interrupt =
        std::process::Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(interrupt.unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{rest}");
    assert!(rest.contains("stopped before the gap asked for"), "{rest}");
    kezek(&["check", arg(&case), arg(&out.join("plan.json")), "--gap", "0"]).ends_with(0);
}

#[test]
fn many_facilities_and_windows_are_folded() {
    let home = home();
    let case = hard_case(home.path());
    let ran = kezek(&["plan", arg(&case), "--time-limit", "2"]).ends_with(6);
    assert_fits(&ran.stdout);
    assert!(ran.stdout.contains("  and "), "{}", ran.stdout);
    assert!(ran.stdout.lines().count() < 150, "a page or two, not a listing");
}

/// Far too many choices for a proof within minutes.
fn hard_case(home: &Path) -> PathBuf {
    let folder = home.join("hard");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("case.toml"), HARD).unwrap();
    let mut state = 7_u64;
    let mut draw = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let mut facilities = String::from(
        "facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,nominated_mw,quota_mw,floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,max_cut_min,min_gap_min,max_events_per_day,max_cut_hours,ramp_up_mw_per_h\n",
    );
    for f in 0..60 {
        let (zone, nominated) = (["a", "b"][f % 2], 8 + draw(50));
        let (least, block) = (1 + draw(4), 2 + draw(6));
        let (cost, event) = (40 + draw(50), 200 + draw(2300));
        let (shortest, longest) = (60 * (1 + draw(4)), 60 * (4 + draw(5)));
        let (gap, events, hours) = (60 * (1 + draw(4)), 1 + draw(2), 6 + draw(10));
        writeln!(
            facilities,
            "F{f:02},Farm {f},L,EX-{f},2025-01-01,2027-12-31,{zone},Asia/Almaty,1,false,{nominated},,1,{least},{block},{cost},{event},60,{shortest},{longest},{gap},{events},{hours},12"
        )
        .unwrap();
    }
    std::fs::write(folder.join("facilities.csv"), facilities).unwrap();
    let mut forecast = String::from("interval_start,zone,headroom_mw\n");
    for hour in 0..48 {
        for zone in ["a", "b"] {
            let (day, hour, headroom) = (15 + hour / 24, hour % 24, 450 + draw(550));
            writeln!(forecast, "2026-01-{day}T{hour:02}:00:00+05:00,{zone},{headroom}").unwrap();
        }
    }
    std::fs::write(folder.join("forecast.csv"), forecast).unwrap();
    folder
}

const HARD: &str = r#"
name = "hard"
issued_at = 2026-01-01T00:00:00Z
[horizon]
start = "2026-01-15T00:00"
end = "2026-01-17T00:00"
time_zone = "Asia/Almaty"
step_minutes = 60
[objective]
policy = "least-cost"
uncovered_cost_per_mwh = 3000.0
currency = "USD"
[[zone]]
id = "a"
restore_limit_mw = 40.0
[[zone]]
id = "b"
[[tie]]
id = "a-b"
from = "a"
to = "b"
limit_mw = 55.0
reverse_limit_mw = 35.0
"#;

#[test]
fn energy_cut_beyond_the_limits_of_a_facility_is_told() {
    let home = home();
    let case = copy_of("small", &home);
    // N1 has been cut for hours already, may be cut for three in all, and returns by 1 MW an hour.
    replace(&case.join("facilities.csv"), "60,60,,0,,,\n", "60,60,180,0,,,1.0\n");
    std::fs::write(
        case.join("state.csv"),
        "facility,cut_mw,cut_since,last_cut_end\nN1,18.0,2026-01-15T10:00:00Z,\n",
    )
    .unwrap();
    let ran = kezek(&["plan", arg(&case)]).ends_with(4);
    assert!(ran.stdout.contains("overrun    "), "{}", ran.stdout);
    assert!(ran.stdout.contains("max_cut_min by state"), "{}", ran.stdout);
    assert!(!kezek(&["plan", "examples/small"]).stdout.contains("overrun"));
}

#[test]
fn a_plan_is_written_over_an_older_one() {
    let home = home();
    let plan = planned("examples/small", home.path());
    let first = std::fs::read(&plan).unwrap();
    planned("examples/west-island", home.path());
    assert_ne!(std::fs::read(&plan).unwrap(), first);
}
