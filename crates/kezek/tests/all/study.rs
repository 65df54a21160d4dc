//! `kezek study instead` and `kezek study stress`, on the winter of 2021-22.

use crate::run::{arg, home, kezek, planned, replace, root};
use crate::snapshot;
use kezek_model::case::Case;
use std::fs;
use std::path::{Path, PathBuf};

const JANUARY: &str = "examples/winter-2021-22/january";
/// The blackout of 25 January, as `examples/kazakhstan-2022-01` has it in its forecast.
const BLACKOUT: [&str; 8] = [
    "--at",
    "2022-01-25T05:59Z",
    "--until",
    "2022-01-25T10:00Z",
    "--island",
    "south",
    "--change",
    "south=-150",
];

/// A search that ends by itself, so that it finds the same every time.
const COARSE: [&str; 4] = ["--gap", "0.02", "--time-limit", "600"];

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

fn case(folder: &Path) -> Case {
    Case::read(folder).unwrap()
}

#[track_caller]
fn holds(folder: &Path, gap: &str) {
    kezek(&["check", arg(folder), arg(&folder.join("plan.json")), "--gap", gap, "-q"]).ends_with(0);
}

#[test]
fn what_the_suspension_took_beside_the_cheapest_cuts() {
    let home = home();
    let out = home.path().join("study");
    let args =
        [&["study", "instead", JANUARY, "--policy", "least-cost", "--out", arg(&out)], &COARSE[..]].concat();
    let ran = kezek(&args).ends_with(4);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    snapshot!("study-instead", ran.stdout);
    ["ordered", "instead"].iter().for_each(|name| holds(&out.join(name), COARSE[1]));
    assert!(case(&out.join("instead")).schedules.is_empty());
    assert_eq!(case(&out.join("ordered")), case(&root().join(JANUARY)));

    let hours = fs::read_to_string(out.join("hours.csv")).unwrap();
    assert_eq!(hours.lines().count(), 1 + 3 * 192);
    let evening =
        hours.lines().find(|line| line.starts_with("2022-01-27T13:00:00Z,") && line.contains(",south,"));
    snapshot!("study-instead-hours", [hours.lines().next(), evening].map(Option::unwrap).join("\n"));
    let facilities = fs::read_to_string(out.join("facilities.csv")).unwrap();
    let [header, n24] =
        ["facility,", "N24,"].map(|name| facilities.lines().find(|line| line.starts_with(name)));
    assert!(header.unwrap().ends_with("ordered_burden,instead_burden,ordered_cost,instead_cost"));
    assert!(n24.unwrap().ends_with(",0,0,0,0,0,0,,,0.00,0.00"), "who is protected has no burden: {n24:?}");
}

#[test]
fn a_rotation_gives_the_same_relief_for_a_fourteenth() {
    let args = ["study", "instead", JANUARY, "--time-limit", "12", "--format", "json"];
    let ran = kezek(&args);
    assert!(matches!(ran.code, Some(4 | 6)), "{}", ran.stderr);
    let told = ran.json();
    assert_eq!((&told["policy"], &told["orders"][0]), (&"rotation".into(), &"2022-01-21/1".into()));
    assert_near(number(&told["ordered"]["cut_mwh"]), 125_116.8, 0.05);
    assert_near(number(&told["ordered"]["uncovered_mwh"]), 522.0, 0.05);
    assert_eq!(told["relief"]["is_kept"], true, "{}", told["relief"]);
    let [cut, met] = ["cut_mwh", "met_mwh"].map(|key| number(&told["instead"][key]));
    assert!(met <= cut && cut < 125_116.8 / 13.0, "{cut} MWh cut, {met} MWh met a shortage");
    let highest = |side: &str| number(&told[side]["burden"]["highest"]);
    assert!(highest("instead") < highest("ordered") / 3.0);
}

#[test]
fn in_the_blackout_the_order_had_left_nothing_to_shed() {
    let home = home();
    let plan = planned(JANUARY, &home.path().join("plan"));
    let out = home.path().join("stress");
    let args =
        [&["study", "stress", JANUARY, "--plan", arg(&plan), "--out", arg(&out)], &BLACKOUT[..]].concat();
    let ran = kezek(&args).ends_with(4);
    let (told, moved) = ran.stdout.split_once("changed ").unwrap();
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    assert!(moved.contains("0 facilities are cut otherwise"), "the order holds: {moved}");
    snapshot!("study-stress", told);
    let again = out.join("again");
    holds(&again, "0.001");
    let (struck, known) = (case(&again), case(&root().join("examples/kazakhstan-2022-01")));
    assert_eq!(struck.scenarios, known.scenarios, "the forecast of the other example knows of the blackout");
    assert_eq!(struck.ties, known.ties);
    assert_eq!(fs::read_to_string(out.join("hours.csv")).unwrap().lines().count(), 1 + 3 * 4);
    assert_eq!(fs::read_to_string(out.join("facilities.csv")).unwrap().lines().count(), 1 + 40);
}

#[test]
fn without_the_order_mining_of_the_south_is_what_can_be_shed() {
    let home = home();
    let (study, out) = (home.path().join("study"), home.path().join("stress"));
    let instead = ["study", "instead", JANUARY, "--policy", "least-cost", "--out", arg(&study), "-q"];
    kezek(&[&instead, &COARSE[..]].concat()).ends_with(4);
    let folder: PathBuf = study.join("instead");
    let plan = folder.join("plan.json");
    let args =
        ["study", "stress", arg(&folder), "--plan", arg(&plan), "--out", arg(&out), "--format", "json"];
    let told = kezek(&[&args, &BLACKOUT[..], &["--gap", "0.005", "--time-limit", "600"]].concat())
        .ends_with(4)
        .json();
    let sum = |key: &str| number(&told["sum"][key]);
    assert_near(sum("planned_uncovered_mwh"), 0.0, 1e-6);
    let [standing, shed, again] =
        ["standing_uncovered_mwh", "shed_uncovered_mwh", "again_uncovered_mwh"].map(sum);
    assert!(standing > again && again >= shed - 1e-6 && shed > 7_000.0, "{standing} {again} {shed}");
    let south = &told["zones"][1];
    assert_eq!(south["zone"], "south");
    // What goes dark less by shedding is what is shed of the south, and nothing else.
    assert_near(standing - shed, number(&south["can_be_shed_mwh"]), 1e-6);
    assert!(number(&south["in_notice_mwh"]) > 0.0, "the first hour is within everybody's notice");
    holds(&out.join("again"), "0.005");
}

#[test]
fn what_cannot_be_studied_is_told() {
    let ran = kezek(&["study", "instead", "examples/small"]).ends_with(3);
    assert!(ran.stderr.contains("no standing order"), "{}", ran.stderr);
    kezek(&["study", "instead", "examples/west-island", "--policy", "fair"]).ends_with(2);

    let home = home();
    let plan = planned("examples/small", home.path());
    let stress =
        |blow: &[&str]| kezek(&[&["study", "stress", "examples/small", "--plan", arg(&plan)], blow].concat());
    let at = ["--at", "2026-01-15T14:00Z"];
    stress(&at).ends_with(2);
    for (blow, told) in [
        (["--island", "east"], "no zone east"),
        (["--change", "east=-5"], "no zone east"),
        (["--until", "2026-01-15T14:00Z"], "no interval"),
    ] {
        let blow = [&at[..], &blow, &["--island", "south"]].concat();
        let ran = stress(&blow).ends_with(3);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    let twice = [&at[..], &["--change", "south=1", "--change", "south=2"]].concat();
    assert!(stress(&twice).ends_with(3).stderr.contains("twice"));
    replace(&plan, "\"cut_mw\": 6.0", "\"cut_mw\": 6.5");
    let ran = stress(&[&at[..], &["--island", "south"]].concat()).ends_with(9);
    assert!(ran.stderr.contains("does not hold"), "{}", ran.stderr);
}

#[test]
fn the_winter_is_that_of_the_other_example() {
    let read = |path: &str| fs::read_to_string(root().join("examples").join(path)).unwrap();
    let facilities = read("kazakhstan-2022-01/facilities.csv");
    let [january, february] =
        ["january", "february"].map(|name| root().join("examples/winter-2021-22").join(name));
    for folder in [&january, &february] {
        assert_eq!(fs::read_to_string(folder.join("facilities.csv")).unwrap(), facilities);
    }
    let (known, forecast) =
        (read("kazakhstan-2022-01/forecast.csv"), read("winter-2021-22/january/forecast.csv"));
    let other = known.lines().zip(forecast.lines()).filter(|(known, own)| known != own);
    let starts: Vec<&str> = other.map(|(known, _)| &known[..28]).collect();
    let hours = ["06", "07", "08", "09"].map(|hour| format!("2022-01-25T{hour}:00:00Z,south,1"));
    assert_eq!(starts, hours.each_ref().map(|start| &start[..28]));
    let (january, february) = (case(&january), case(&february));
    let [week, later] = [&january, &february].map(|case| &case.scenarios[0].headroom_mw);
    for (zone, later) in week.iter().zip(later) {
        assert_eq!(zone[24..], later[..], "February is 25 to 31 January again");
    }
}
