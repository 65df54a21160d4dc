//! `kezek why`.

use crate::run::{arg, home, kezek, planned, replace};
use crate::snapshot;

#[test]
fn a_cut_is_explained_for_people() {
    let home = home();
    let plan = planned("examples/small", home.path());
    let ran = kezek(&["why", "examples/small", arg(&plan), "N1", "2026-01-15T17:30"]).ends_with(0);
    snapshot!("why-interval", ran.stdout);
    let ran = kezek(&["why", "examples/small", arg(&plan), "S1"]).ends_with(0);
    snapshot!("why-events", ran.stdout);
}

#[test]
fn programs_get_the_same_as_json() {
    let home = home();
    let plan = planned("examples/small", home.path());
    let ran = kezek(&["why", "examples/small", arg(&plan), "N1", "2026-01-15T12:00Z", "--format", "json"]);
    let span = &ran.ends_with(0).json()["spans"][0];
    assert_eq!((&span["causes"][0]["cause"], &span["instead"]["possible"]), (&"needed".into(), &true.into()));
    assert_eq!((&span["start"], &span["price_per_mwh"]), (&"2026-01-15T12:00:00Z".into(), &40.0.into()));
    assert!(span["headroom"]["at_most_mw"].as_f64().unwrap() > 5.0);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let home = home();
    let plan = planned("examples/small", home.path());
    for (facility, time, told) in [
        ("N9", "2026-01-15T17:30", "no facility N9; did you mean `N1`?"),
        ("Tengri", "2026-01-15T17:30", "no facility Tengri\n"),
        ("N1", "2026-01-16T17:30", "not within the horizon"),
        ("N1", "noon", "expected an instant"),
    ] {
        let ran = kezek(&["why", "examples/small", arg(&plan), facility, time]).ends_with(3);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    replace(&plan, "\"cut_mw\": 6.0", "\"cut_mw\": 7.0");
    let ran = kezek(&["why", "examples/small", arg(&plan), "N1"]).ends_with(9);
    assert!(ran.stderr.contains("does not hold"), "{}", ran.stderr);
}
