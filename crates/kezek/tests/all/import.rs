//! `kezek import`, with tables made here and, where `KEZEK_TEST_DATA` names them, with real ones.

use crate::run::{Ran, arg, home, kezek};
use crate::snapshot;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const NORTH: &str = r#"
zone = "north"
step_minutes = 60
unit = "MW"
separator = ";"
decimal = ","
[time]
column = "Date"
formats = ["%d.%m.%Y %H:%M"]
time_zone = "Asia/Almaty"
[[column]]
name = "Headroom"
part = "headroom"
min = -1000
max = 1000
"#;

const NORTH_ROWS: &str = "Date;Headroom
15.01.2026 17:00;24,5
15.01.2026 18:00;20
15.01.2026 19:00;-3,25
";

struct Bench {
    home: TempDir,
    pairs: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        Self { home: home(), pairs: Vec::new() }
    }

    /// Adds a profile and its table.
    fn with(mut self, name: &str, profile: &str, rows: &str) -> Self {
        let [profile_path, table] =
            ["toml", "csv"].map(|ending| self.home.path().join(format!("{name}.{ending}")));
        std::fs::write(&profile_path, profile).unwrap();
        std::fs::write(&table, rows).unwrap();
        self.pairs.push(format!("{}={}", profile_path.display(), table.display()));
        self
    }

    fn out(&self) -> PathBuf {
        self.home.path().join("out")
    }

    fn run(&self, more: &[&str]) -> Ran {
        let pairs: Vec<&str> = self.pairs.iter().map(String::as_str).collect();
        kezek(&[&["import"], pairs.as_slice(), &["--out", arg(&self.out())], more].concat())
    }

    fn written(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.out().join(name)).ok()
    }
}

fn south() -> String {
    NORTH.replace("north", "south")
}

#[test]
fn two_zones_make_one_forecast() {
    let bench = Bench::new().with("north", NORTH, NORTH_ROWS).with("south", &south(), NORTH_ROWS);
    let ran = bench.run(&[]).ends_with(0);
    snapshot!("import", ran.stdout);
    insta::assert_snapshot!(bench.written("forecast.csv").unwrap(), @r"
    interval_start,zone,headroom_mw
    2026-01-15T12:00:00Z,north,24.5
    2026-01-15T12:00:00Z,south,24.5
    2026-01-15T13:00:00Z,north,20.0
    2026-01-15T13:00:00Z,south,20.0
    2026-01-15T14:00:00Z,north,-3.250
    2026-01-15T14:00:00Z,south,-3.250
    ");
    assert_eq!(bench.written("rejects.csv").unwrap().lines().count(), 1, "a header and no reject");
}

#[test]
fn tables_that_follow_one_another_join_up() {
    let later = NORTH_ROWS.replace("15.01", "16.01");
    let bench = Bench::new().with("first", NORTH, NORTH_ROWS).with("second", NORTH, &later);
    let ran = bench.run(&["--format", "json"]).ends_with(3);
    assert_eq!(ran.json()["missing"], 21, "the night between them is a gap");
    assert!(
        ran.stderr.contains("21 intervals missing in zone north, first 2026-01-15T15:00Z"),
        "{}",
        ran.stderr
    );
    let next = NORTH_ROWS.replace("17:00", "20:00").replace("18:00", "21:00").replace("19:00", "22:00");
    Bench::new().with("first", NORTH, NORTH_ROWS).with("second", NORTH, &next).run(&[]).ends_with(0);
}

#[test]
fn what_is_implausible_is_rejected_and_leaves_a_gap() {
    let bench = Bench::new().with("north", NORTH, &NORTH_ROWS.replace(";20\n", ";20000\n"));
    let ran = bench.run(&[]).ends_with(3);
    assert!(
        ran.stderr.contains("1 interval missing in zone north, first 2026-01-15T13:00Z"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("--allow-gaps") && ran.stderr.contains("rejects.csv"), "{}", ran.stderr);
    assert_eq!(bench.written("forecast.csv"), None);
    assert!(bench.written("rejects.csv").unwrap().contains("above the maximum of 1000"));
    let ran = bench.run(&["--allow-gaps"]).ends_with(0);
    assert!(ran.stderr.contains("a case over them will be refused"), "{}", ran.stderr);
    assert_eq!(bench.written("forecast.csv").unwrap().lines().count(), 3);
}

#[test]
fn zones_of_different_length_are_a_gap() {
    let shorter = NORTH_ROWS.replace("15.01.2026 17:00;24,5\n", "");
    let bench = Bench::new().with("north", NORTH, NORTH_ROWS).with("south", &south(), &shorter);
    let ran = bench.run(&[]).ends_with(3);
    assert!(
        ran.stderr.contains("1 interval missing in zone south, first 2026-01-15T12:00Z"),
        "{}",
        ran.stderr
    );
    assert!(!bench.out().exists(), "no reject, no forecast, no folder");
}

#[test]
fn an_interval_given_twice_is_refused() {
    let bench = Bench::new().with("one", NORTH, NORTH_ROWS).with("two", NORTH, NORTH_ROWS);
    let ran = bench.run(&["--allow-gaps"]).ends_with(3);
    assert!(
        ran.stderr.contains("3 intervals are given twice, first zone north at 2026-01-15T12:00Z"),
        "{}",
        ran.stderr
    );
    assert_eq!(bench.written("forecast.csv"), None);
}

#[test]
fn naive_time_stamps_without_a_named_zone_are_refused() {
    let naive = NORTH.replace("time_zone = \"Asia/Almaty\"\n", "");
    let bench = Bench::new().with("naive", &naive, NORTH_ROWS).with(
        "south",
        &south(),
        &NORTH_ROWS.replace(";20\n", ";x\n"),
    );
    let ran = bench.run(&["--allow-gaps"]).ends_with(3);
    assert!(ran.stderr.contains("a time stamp without offset"), "{}", ran.stderr);
    assert!(ran.stderr.contains("no forecast.csv was written"), "{}", ran.stderr);
    assert_eq!(bench.written("forecast.csv"), None);
    assert!(bench.written("rejects.csv").is_some(), "those of the other table");
}

#[test]
fn nothing_usable_is_no_forecast_whatever_is_allowed() {
    let bench = Bench::new().with("north", NORTH, "Date;Headroom\n15.01.2026 17:00;none\n");
    let ran = bench.run(&["--allow-gaps"]).ends_with(3);
    assert!(ran.stderr.contains("no row is usable"), "{}", ran.stderr);
    assert!(bench.written("rejects.csv").is_some() && bench.written("forecast.csv").is_none());
}

#[test]
fn a_pair_without_its_half_is_wrong_usage_and_a_missing_file_is_refused() {
    let ran = kezek(&["import", "north.toml", "--out", "x"]).ends_with(2);
    assert!(ran.stderr.contains("with = between them"), "{}", ran.stderr);
    kezek(&["import", "north.toml=north.csv"]).ends_with(2);
    let ran = kezek(&["import", "north.toml=north.csv", "--out", "x"]).ends_with(3);
    assert!(ran.stderr.contains("north.toml: found no such file"), "{}", ran.stderr);
    assert!(ran.stderr.contains("north.csv: found no such file"), "{}", ran.stderr);
}

/// The folder of real tables, or a message that they are left out.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("KEZEK_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: KEZEK_TEST_DATA does not name the folder with the tables of KOREM and OPSD");
    }
    folder
}

/// Imports a table, makes a case of a civil day around it, plans it and has the plan judged.
fn imported_and_planned(
    profile: &str,
    table: &Path,
    zone: &str,
    more: &[&str],
    day: [&str; 2],
    draws_mw: [u32; 3],
) -> Ran {
    let home = home();
    let (whole, case) = (home.path().join("whole"), home.path().join("case"));
    let pair = format!("examples/import/{profile}.toml={}", table.display());
    let ran = kezek(&[&["import", pair.as_str(), "--out", arg(&whole)], more].concat()).ends_with(0);
    let forecast = std::fs::read_to_string(whole.join("forecast.csv")).unwrap();
    std::fs::create_dir(&case).unwrap();
    let inside = |line: &&str| line.starts_with("interval_start") || (day[0]..day[1]).contains(&&line[..20]);
    std::fs::write(case.join("forecast.csv"), forecast.lines().filter(inside).collect::<Vec<_>>().join("\n"))
        .unwrap();
    std::fs::write(case.join("case.toml"), case_toml(zone, day)).unwrap();
    std::fs::write(case.join("facilities.csv"), facilities(zone, draws_mw)).unwrap();
    let plan = home.path().join("plans");
    let planned = kezek(&["plan", arg(&case), "--out", arg(&plan)]);
    assert!(matches!(planned.code, Some(0 | 4)), "{}", planned.stderr);
    assert!(
        planned.stdout.contains(&format!("Zone {zone}: short in")),
        "no shortage to plan:\n{}",
        planned.stdout
    );
    kezek(&["check", arg(&case), arg(&plan.join("plan.json"))]).ends_with(0);
    ran
}

fn case_toml(zone: &str, day: [&str; 2]) -> String {
    let [start, end] = day.map(|instant| &instant[..16]);
    format!(
        "name = \"imported\"\nissued_at = 2019-01-01T00:00:00Z\n[horizon]\nstart = \"{start}\"\nend = \"{end}\"\n\
         time_zone = \"UTC\"\nstep_minutes = 60\n[objective]\npolicy = \"least-cost\"\n\
         uncovered_cost_per_mwh = 1000.0\ncurrency = \"USD\"\n[[zone]]\nid = \"{zone}\"\n"
    )
}

fn facilities(zone: &str, draws_mw: [u32; 3]) -> String {
    let mut text = String::from(
        "facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,nominated_mw,quota_mw,floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,max_cut_min,min_gap_min,max_events_per_day,max_cut_hours,ramp_up_mw_per_h\n",
    );
    for (number, mw) in draws_mw.into_iter().enumerate() {
        let cost = 50 + 10 * number;
        writeln!(text, "M{number},Mine {number},L,EX-{number},2019-01-01,2030-01-01,{zone},UTC,1,false,{mw},,1,1,,{cost},100,60,60,,60,2,,").unwrap();
    }
    text
}

#[test]
fn korem_goes_in_and_is_planned() {
    let Some(data) = data() else { return };
    let joint = data.join("kz/korem_ct_zone1_north_south_2026-09-01_03.csv");
    let day = ["2026-09-02T00:00:00Z", "2026-09-03T00:00:00Z"];
    let ran = imported_and_planned(
        "korem-north-south",
        &joint,
        "north-south",
        &["--format", "json"],
        day,
        [500, 400, 300],
    );
    assert_eq!((&ran.json()["tables"][0]["taken"], &ran.json()["missing"]), (&72.into(), &0.into()));
    let west = data.join("kz/korem_ct_zone2_west_2024-02-28_03-02_tzswitch.csv");
    let day = ["2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"];
    let ran = imported_and_planned("korem-west", &west, "west", &["--format", "json"], day, [120, 80, 60]);
    assert_eq!((&ran.json()["tables"][0]["taken"], &ran.json()["missing"]), (&96.into(), &0.into()));
}

#[test]
fn opsd_goes_in_with_its_holes_named_and_is_planned() {
    let Some(data) = data() else { return };
    let greece = data.join("opsd/opsd_greece_load_forecast_actual_2019-10_2020-09.csv");
    let day = ["2020-07-30T00:00:00Z", "2020-07-31T00:00:00Z"];
    let ran = imported_and_planned(
        "opsd-greece",
        &greece,
        "greece",
        &["--allow-gaps", "--format", "json"],
        day,
        [900, 600, 300],
    );
    assert_eq!((&ran.json()["tables"][0]["taken"], &ran.json()["missing"]), (&8785.into(), &1.into()));
    let gb = data.join("opsd/opsd_gb_load_forecast_actual_price_2019-10_2020-09.csv");
    let day = ["2019-12-02T00:00:00Z", "2019-12-03T00:00:00Z"];
    let ran = imported_and_planned(
        "opsd-gb",
        &gb,
        "gb",
        &["--allow-gaps", "--format", "json"],
        day,
        [3000, 2000, 1000],
    );
    assert_eq!((&ran.json()["tables"][0]["taken"], &ran.json()["missing"]), (&8707.into(), &79.into()));
}
