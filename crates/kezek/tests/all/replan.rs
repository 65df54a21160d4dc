//! `kezek plan --from`.

use crate::run::{arg, copy_of, home, kezek, planned, replace};

#[test]
fn the_same_case_keeps_its_plan() {
    let home = home();
    let plan = planned("examples/small", &home.path().join("before"));
    let ran = kezek(&["plan", "examples/small", "--from", arg(&plan), "-q"]).ends_with(4);
    let told = "changed    0 facilities are cut otherwise than in the plan before, proven the fewest within the gap: \
                0.0 MWh, 0 events new, 0 events removed\n";
    assert!(ran.stdout.ends_with(told), "{}", ran.stdout);
}

#[test]
fn prices_are_written_beside_a_plan_and_taken_up_again() {
    let home = home();
    let plan = planned("examples/small", &home.path().join("before"));
    let prices = plan.with_file_name("prices.csv");
    let text = std::fs::read_to_string(&prices).unwrap();
    assert!(text.starts_with("interval_start,zone,balance_per_mwh,restore_per_mw\n2026-01-15T"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("2026-01-15T12:00:00Z,")).count(), 2, "{text}");
    let from = || kezek(&["plan", "examples/small", "--from", arg(&plan)]).ends_with(4);
    assert!(!from().stderr.contains("prices.csv"));
    std::fs::write(&prices, "interval_start,zone,money\n2026-01-15T12:00:00Z,north,1\n").unwrap();
    let foreign = from();
    assert!(
        foreign.stderr.contains("prices.csv") && foreign.stdout.contains("changed    0"),
        "{}",
        foreign.stderr
    );
    std::fs::remove_file(&prices).unwrap();
    let missing = from().stderr;
    assert_eq!(missing.lines().filter(|line| line.contains("prices.csv")).count(), 1, "{missing}");
}

#[test]
fn frozen_cuts_are_kept_once_the_case_knows_of_them() {
    let home = home();
    let before = planned("examples/small", &home.path().join("before"));
    let case = copy_of("small", &home);
    let toml = std::fs::read_to_string(case.join("case.toml")).unwrap();
    let issued = toml.lines().find(|line| line.starts_with("issued_at")).unwrap().to_owned();
    replace(&case.join("case.toml"), &issued, "issued_at = 2026-01-15T12:00:00Z");
    let after = home.path().join("after");
    let refused = kezek(&["plan", arg(&case), "--from", arg(&before), "--out", arg(&after)]).ends_with(3);
    assert!(
        refused.stderr.contains("N1 2026-01-15T12:00:00Z 6.0 MW") && refused.stderr.contains("--keep"),
        "{}",
        refused.stderr
    );
    assert!(!case.join("kept.csv").exists() && !after.exists());
    let ran =
        kezek(&["plan", arg(&case), "--from", arg(&before), "--keep", "--out", arg(&after)]).ends_with(4);
    assert!(ran.stderr.contains("added to"), "{}", ran.stderr);
    kezek(&["check", arg(&case), arg(&after.join("plan.json"))]).ends_with(0);
    let kept = std::fs::read_to_string(case.join("kept.csv")).unwrap();
    assert!(kept.starts_with("interval_start,facility,cut_mw\n2026-01-15T12:00:00Z,N1,6.0\n"), "{kept}");
}
