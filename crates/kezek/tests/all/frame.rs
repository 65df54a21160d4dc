//! What holds for every verb.

use crate::run::{command, kezek, root};
use crate::snapshot;

#[test]
fn help_teaches_with_examples_and_exit_codes() {
    let ran = kezek(&["--help"]).ends_with(0);
    snapshot!("help", ran.stdout);
}

const VERBS: [&str; 70] = [
    "plan",
    "why",
    "scenarios",
    "study run",
    "study replay",
    "study gather",
    "study report",
    "study errors",
    "check",
    "diff",
    "frontier",
    "study instead",
    "study stress",
    "auction",
    "schedule show",
    "import",
    "config init",
    "config show",
    "config notices",
    "serve",
    "propose",
    "proposals",
    "approve",
    "send-back",
    "orders list",
    "orders phone",
    "orders show",
    "orders watch",
    "recall",
    "resend",
    "called",
    "freeze",
    "thaw",
    "adopt",
    "voluntary list",
    "voluntary declare",
    "licence suspend",
    "licence reinstate",
    "licence list",
    "resume",
    "readings",
    "verdicts",
    "settlement",
    "facilities",
    "enrolment-code",
    "confirm",
    "status",
    "evidence export",
    "evidence verify",
    "journal verify",
    "journal list",
    "leads",
    "journal copy",
    "db backup",
    "db restore",
    "db drill",
    "token new",
    "account add",
    "account reset",
    "account link",
    "account remove",
    "account list",
    "agent",
    "agent init",
    "agent enrol",
    "agent orders",
    "agent answer",
    "agent voluntary",
    "demo",
    "completions",
];

#[test]
fn every_verb_has_help_with_an_example() {
    for verb in VERBS {
        let verb: Vec<&str> = verb.split(' ').collect();
        let ran = kezek(&[&verb[..], &["--help"]].concat()).ends_with(0);
        assert!(ran.stdout.contains("Example"), "{verb:?} teaches nothing:\n{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("\n  kezek {}", verb.join(" "))), "{verb:?}:\n{}", ran.stdout);
        let widest = ran.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(112), "{verb:?} is {widest:?} wide");
    }
}

#[test]
fn no_verb_is_missing_above() {
    let help = kezek(&["--help"]).ends_with(0).stdout;
    let verbs = help.split_once("Commands:\n").unwrap().1.split("\n\n").next().unwrap().lines();
    let first = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    for verb in
        verbs.filter(first).filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help")
    {
        assert!(VERBS.iter().any(|known| known.split(' ').next() == Some(verb)), "{verb}");
    }
}

#[test]
fn nothing_asked_and_nonsense_asked_are_wrong_usage() {
    let bare = kezek(&[]).ends_with(2);
    assert!(bare.stderr.contains("Usage: kezek"));
    assert!(kezek(&["plna"]).ends_with(2).stderr.contains("'plan'"), "the nearest verb is named");
    let format = kezek(&["plan", "examples/small", "--format", "xml"]).ends_with(2);
    assert!(format.stderr.contains("table, json, csv"), "{}", format.stderr);
    kezek(&["-v", "-q", "check", "a", "b"]).ends_with(2);
}

#[test]
fn the_version_is_that_of_the_package() {
    let expected = format!("kezek {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(kezek(&["--version"]).ends_with(0).stdout, expected);
}

#[test]
fn shells_complete_the_verbs() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = kezek(&["completions", shell]).ends_with(0);
        assert!(ran.stdout.contains("schedule") && ran.stdout.contains("time-limit"), "{shell}");
    }
    kezek(&["completions", "tcsh"]).ends_with(2);
}

#[test]
fn the_man_page_publishes_the_exit_codes() {
    let page = kezek(&["man"]).ends_with(0).stdout;
    assert!(page.contains(".TH kezek 1"), "{page}");
    assert!(page.contains("6  stopped before the gap asked for"), "{page}");
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("man");
    kezek(&["man", "--out", out.to_str().unwrap()]).ends_with(0);
    assert!(out.join("kezek-plan.1").is_file());
    assert!(!kezek(&["--help"]).stdout.contains("man page"), "the verb is for packagers");
}

#[test]
fn the_readme_publishes_the_same_codes() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let paragraph = readme.split("\n\n").find(|text| text.starts_with("Exit codes:")).unwrap();
    let listed = paragraph["Exit codes:".len()..]
        .split([';', ','])
        .filter_map(|part| part.split_whitespace().next().and_then(|word| word.parse::<u8>().ok()));
    let help = kezek(&["--help"]).stdout;
    let codes = help.split_once("Exit codes:\n").unwrap().1.lines();
    let published = codes.map(|line| line.split_whitespace().next().unwrap().parse::<u8>().unwrap());
    assert_eq!(listed.collect::<Vec<u8>>(), published.collect::<Vec<u8>>());
}

#[test]
fn colour_only_where_it_is_wanted() {
    let plan = ["plan", "examples/small"];
    assert!(!kezek(&plan).stdout.contains('\x1b'), "stdout is no terminal here");
    let always = kezek(&[&plan[..], &["--color", "always"]].concat());
    assert!(always.stdout.contains("\x1b[1;31mstays uncovered: 3.0 MWh"), "{}", always.stdout);
    let plain = command().args(plan).env("NO_COLOR", "1").output().unwrap();
    assert!(!plain.stdout.contains(&0x1b));
}

#[test]
fn quiet_leaves_errors_only() {
    assert_eq!(kezek(&["plan", "examples/small", "-q"]).ends_with(4).stderr, "");
    assert!(kezek(&["plan", "nowhere", "-q"]).ends_with(3).stderr.contains("no such folder"));
}

#[test]
fn more_is_said_on_request_and_on_stderr() {
    let loud = kezek(&["plan", "examples/small", "-v", "--format", "json"]).ends_with(4);
    assert!(loud.stderr.contains("case read"), "{}", loud.stderr);
    loud.json();
    let json = kezek(&["plan", "examples/small", "-v", "--log-format", "json"]);
    let first = json.stderr.lines().next().unwrap();
    let line: serde_json::Value = serde_json::from_str(first).unwrap();
    assert_eq!(line["fields"]["message"], "case read");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = command()
        .args(["plan", "examples/kazakhstan-2022-01", "--format", "json", "-q"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}
