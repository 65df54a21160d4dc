//! `kezek study report`: what is left of a study for people and other tools.

use crate::run::{arg, home, kezek};
use crate::snapshot;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const DAYS: usize = 3;

fn header() -> Value {
    json!({
        "kezek_study": 2, "study": "Three days", "study_digest": "sha256:00112233445566778899aabbccddeeff",
        "engine": "0.1.0", "seed": 1, "draws": 2, "shard": { "index": 1, "count": 1 }, "gap": 0.01,
        "scenarios": [["base", ""], ["cold", "two kelvin colder"]],
        "zones": ["north", "south"], "ties": [{ "id": "north-south", "from": "north", "to": "south" }],
        "facilities": [{ "id": "F-1", "zone": "north" }, { "id": "F-2", "zone": "south" }],
        "first_day": "2026-01-05", "days": DAYS, "span_days": 1, "interval_hours": 1.0,
        "time_zone": "Asia/Almaty", "currency": "KZT", "income_per_mwh": 31000.0
    })
}

fn lived(draw: i64, scenario: i64) -> Value {
    let short = 1000 * (1 + draw + 2 * scenario);
    json!({ "draw": draw, "scenario": scenario, "outcome": {
        "days": vec![[3 * short, short, 2000, 9000, 2 * short, 0, short, short, 180, 2, 2, 500 * short, 0, 0]; DAYS],
        "nominated_kwh": [20_000, 30_000], "cut_kwh": [3 * short, 3 * short], "events": [3, 3],
        "cut_by_span_kwh": [vec![short; DAYS], vec![short; DAYS]],
        "need_curve_kw": vec![short; 101], "uncovered_curve_kw": vec![short / 2; 101],
        "zones": [[20_000, 3 * short, short, 60], [30_000, 3 * short, 2 * short, 120]]
    }})
}

/// A file of results with some seasons.
fn results(folder: &Path, seasons: &[(i64, i64)]) -> PathBuf {
    let lines = seasons.iter().map(|(draw, scenario)| lived(*draw, *scenario));
    let text: String = std::iter::once(header()).chain(lines).map(|line| format!("{line}\n")).collect();
    let path = folder.join("results.jsonl");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_report_is_a_page_a_workbook_tables_and_figures() {
    let home = home();
    let (path, out) = (results(home.path(), &[(0, 0), (0, 1), (1, 0), (1, 1)]), home.path().join("report"));
    let report = ["study", "report", arg(&path), "--out", arg(&out), "--language", "kk"];
    let ran = kezek(&report).ends_with(0);
    let told = ran.stdout.replace(arg(&out), "DIR");
    snapshot!("study-report", told);
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("lang=\"kk\"") && page.contains("Зерттеу есебі: Three days"));
    let before = std::fs::read(out.join("figures/duration.png")).unwrap();
    kezek(&report).ends_with(0);
    assert!(
        std::fs::read(out.join("figures/duration.png")).unwrap() == before,
        "the same results, the same bytes"
    );
}

#[test]
fn what_is_no_result_and_what_is_empty_is_refused() {
    let home = home();
    let out = home.path().join("report");
    let report = |path: &Path| kezek(&["study", "report", arg(path), "--out", arg(&out)]).ends_with(3);
    assert!(report(&results(home.path(), &[])).stderr.contains("hold no draw"));
    std::fs::write(home.path().join("other"), "day,mw\n").unwrap();
    assert!(report(&home.path().join("other")).stderr.contains("line 1"));
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn its_help_names_the_files() {
    let help = kezek(&["study", "report", "--help"]).ends_with(0).stdout;
    snapshot!("study-report-help", help);
}
