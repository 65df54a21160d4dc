//! `kezek study`: what planners simulate.

use crate::run::{arg, home, kezek};
use crate::snapshot;
use std::path::{Path, PathBuf};
use std::process::Command;

const STUDY: &str = "examples/winter-study/study.toml";

/// The results in a folder; there is one file.
pub(crate) fn only(folder: &Path) -> PathBuf {
    let found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn a_study_is_run_and_its_worst_draw_lived_again() {
    let home = home();
    let out = home.path().join("results");
    let ran = kezek(&["study", "run", STUDY, "--draws", "1", "--out", arg(&out)]).ends_with(0);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    snapshot!("study-run", ran.stdout);
    let gathered = kezek(&["study", "gather", arg(&only(&out)), "--out", arg(&out)]).ends_with(0);
    assert_eq!(gathered.stdout, ran.stdout);
    assert_eq!(only(&out), only(&out), "the same content has the same name");

    let days = home.path().join("days");
    let again = ["study", "replay", STUDY, "--draw", "0", "--scenario", "silence", "--out", arg(&days)];
    let replayed = kezek(&again).ends_with(0);
    snapshot!("study-replay", replayed.stdout);
    let day = days.join("2027-01-20");
    assert!(day.join("hours.csv").is_file() && days.join("replay.json").is_file());
    kezek(&["check", arg(&day), arg(&day.join("plan.json"))]).ends_with(0);
}

/// The script of the job files, as Kubernetes calls it.
#[test]
fn parts_of_an_indexed_job_make_the_whole() {
    let home = home();
    let (parts, whole) = (home.path().join("parts"), home.path().join("whole"));
    let root = crate::run::root();
    let script = root.join("examples/winter-study/jobs/part.sh");
    for index in ["0", "1"] {
        let part = Command::new(&script)
            .current_dir(&root)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("JOB_COMPLETION_INDEX", index)
            .env("PARTS", "2")
            .env("STUDY", small(home.path(), 2))
            .env("OUT", &parts)
            .env("KEZEK", env!("CARGO_BIN_EXE_kezek"))
            .output()
            .unwrap();
        assert!(part.status.success(), "{}", String::from_utf8_lossy(&part.stderr));
    }
    let found: Vec<PathBuf> = std::fs::read_dir(&parts).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut gather = vec!["study", "gather", "--out", arg(&whole)];
    gather.extend(found.iter().map(|path| arg(path)));
    kezek(&gather).ends_with(0);
    kezek(&["study", "run", arg(&small(home.path(), 2)), "--out", arg(&whole)]).ends_with(0);
    // The same bytes have the same name: there is still one file.
    only(&whole);
    let missing = kezek(&["study", "gather", arg(&found[0])]).ends_with(3);
    assert!(missing.stderr.contains("is in no file"), "{}", missing.stderr);
}

/// The example without its scenarios, with fewer draws.
pub(crate) fn small(home: &Path, draws: u32) -> PathBuf {
    let root = crate::run::root();
    let text = std::fs::read_to_string(root.join(STUDY)).unwrap();
    let plain = text.split("[[scenario]]").next().unwrap().replace("draws = 40", &format!("draws = {draws}"));
    let example = root.join("examples/winter-study");
    let placed = plain
        .replace("\"country\"", &format!("{:?}", example.join("country")))
        .replace("\"errors.csv\"", &format!("{:?}", example.join("errors.csv")));
    let path = home.join("study.toml");
    std::fs::write(&path, placed).unwrap();
    path
}

#[test]
fn faults_of_a_study_are_told_together() {
    let home = home();
    let path = home.path().join("study.toml");
    std::fs::write(&path, "name = \"x\"\ncase = \"nowhere\"\ndraws = 0\nseed = 1\n").unwrap();
    let told = kezek(&["study", "run", arg(&path)]).ends_with(3).stderr;
    assert!(told.contains("draws: found 0") && told.contains("nowhere"), "{told}");
    let told = kezek(&["study", "replay", STUDY, "--draw", "0", "--scenario", "warm"]).ends_with(3).stderr;
    assert!(told.contains("the study has base, cold"), "{told}");
}

#[test]
fn a_model_of_errors_is_chosen() {
    let told = kezek(&["study", "errors", "examples/winter-study/errors.csv"]).ends_with(0).stdout;
    snapshot!("study-errors", told);
}
