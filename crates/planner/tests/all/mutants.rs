//! Plans that hold, each with one thing changed: none may hold any more.
//!
//! Two ways: one value of the file is changed and everything else left as it was; or one decision is changed and all
//! figures that follow are made right again, so that only the constraint itself can refuse it. `seed` is not changed:
//! the command line may give any seed and nothing else in a plan follows from it. Nor are free text, `engine` and
//! `seconds`.

use crate::brute::{small_scenes, solved};
use crate::builder::{START, case, facility, instant, order, plan, plan_with_flows, prove, tie};
use crate::reference::{Frame, course, frame, zone_excess};
use crate::scenes::Scene;
use chrono::TimeDelta;
use kezek_model::case::{Case, Policy, State};
use kezek_model::plan::Plan;
use kezek_model::schedule::{Budget, DepthKind};
use kezek_model::units::Kw;
use kezek_planner::check::check;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a value stands in a plan: names of objects, positions of lists.
type Path = Vec<String>;

/// Fields that are not changed.
const APART: [&str; 4] = ["engine", "seconds", "seed", "reason"];

fn leaves(value: &Value, path: &Path, found: &mut Vec<Path>) {
    let deeper = |name: String| [path.clone(), vec![name]].concat();
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &deeper(name.clone()), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(k, item)| leaves(item, &deeper(k.to_string()), found))
        }
        _ => found.push(path.clone()),
    }
}

/// Other values for one field, each further away than any tolerance.
fn others(case: &Case, path: &Path, old: &Value) -> Vec<Value> {
    let field = path.last().unwrap().as_str();
    match field {
        "facility" => names(case.facilities.iter().map(|facility| facility.id.as_str()), old),
        "zone" => names(case.zones.iter().map(|zone| zone.id.as_str()), old),
        "tie" => names(case.ties.iter().map(|tie| tie.id.as_str()), old),
        "interval_start" => instants(case, old),
        "status" => names(["optimal", "within-gap", "time-limit"].into_iter(), old),
        "policy" => names(["least-cost", "equal-share", "rotation"].into_iter(), old),
        "stage" => names(["uncovered", "burden", "cost"].into_iter(), old),
        "rule" => names(["min_gap_min", "max_cut_min", "min_cut_mw"].into_iter(), old),
        "by" => names(["void/1", "C/9"].into_iter(), old),
        "case" => names(["another"].into_iter(), old),
        "case_digest" => vec![json!("0".repeat(64)), json!(old.as_str().unwrap().replace(['1', '2'], "3"))],
        "parent" => vec![json!("not a digest"), json!("a".repeat(63)), json!("g".repeat(64))],
        "events" => vec![json!(old.as_u64().unwrap() + 1), json!(u64::MAX)],
        _ => numbers(path, old),
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>, old: &Value) -> Vec<Value> {
    names.chain(["nobody"]).map(|name| json!(name)).filter(|name| name != old).collect()
}

fn instants(case: &Case, old: &Value) -> Vec<Value> {
    let at = instant(old.as_str().unwrap());
    let step = i64::from(case.grid.step_minutes) * 60;
    [-step, step, 1, 86_400 * 365].map(|seconds| json!(at + TimeDelta::seconds(seconds))).to_vec()
}

fn numbers(path: &Path, old: &Value) -> Vec<Value> {
    let old = old.as_f64().unwrap();
    let money = 0.03_f64.max(old.abs() * 3e-6);
    let energy = 0.003_f64.max(old.abs() * 3e-6);
    let delta = match (path[0].as_str(), path.last().unwrap().as_str()) {
        ("allocations", _) => 0.001,
        ("zones" | "flows", _) => 0.0011,
        ("totals", "max_burden") => 3e-5,
        ("totals", "cost") | (_, "objective" | "value") => money,
        ("totals", _) => energy,
        (_, "bound") => old.abs().max(1.0) * 1e-6,
        (_, "gap") => 1e-6,
        other => panic!("no delta for {other:?}"),
    };
    [-delta, delta, 7.0 * delta, 1e6].map(|delta| json!(old + delta)).to_vec()
}

fn field_of(path: &Path) -> String {
    path.iter().filter(|part| part.parse::<usize>().is_err()).cloned().collect::<Vec<_>>().join(".")
}

/// Whether a plan with this text is refused, by the reader or by the judge.
fn is_refused(case: &Case, value: &Value) -> bool {
    Plan::from_json(&value.to_string()).map_or(true, |plan| !check(case, &plan, None).passed())
}

/// Every change of one field of a plan; changes that were accepted come back.
fn change_fields(
    case: &Case,
    plan: &Plan,
    every: usize,
    counts: &mut BTreeMap<String, usize>,
) -> Vec<String> {
    let report = check(case, plan, None);
    assert!(report.passed(), "{report}");
    let value = serde_json::to_value(plan).unwrap();
    let (mut paths, mut accepted) = (Vec::new(), Vec::new());
    leaves(&value, &vec![], &mut paths);
    for path in paths.iter().filter(|path| !APART.contains(&path.last().unwrap().as_str())) {
        let pointer = format!("/{}", path.join("/"));
        let old = value.pointer(&pointer).unwrap();
        for (k, other) in others(case, path, old).into_iter().enumerate() {
            let row = path.get(1).and_then(|row| row.parse::<usize>().ok()).unwrap_or(0);
            if (row + k) % every != 0 {
                continue;
            }
            let mut changed = value.clone();
            *changed.pointer_mut(&pointer).unwrap() = other.clone();
            *counts.entry(field_of(path)).or_default() += 1;
            if !is_refused(case, &changed) {
                accepted.push(format!("{pointer}: {old} became {other}"));
            }
        }
    }
    accepted
}

/// Almaty's day of 25 hours: the clock shows 23:00 twice.
fn long_day() -> (Case, Vec<Vec<i64>>) {
    let mut case = case(&[vec![15_000; 25], vec![4_000; 25]]);
    case.grid.start = instant("2024-02-28T18:00:00Z");
    case.issued_at = case.grid.start - TimeDelta::hours(1);
    case.ties.push(tie(3_000, 25));
    case.zones[0].restore_limit_mw = Some(5.0);
    let mut first = facility("F0", 20_000, 25);
    first.time_zone = "Asia/Almaty".parse().unwrap();
    first.max_events_per_day = Some(1);
    first.min_cut_kw = Kw(1_000);
    first.ramp_up_kw_per_h = Some(Kw(4_000));
    let mut second = facility("F1", 8_000, 25);
    second.zone = "z1".into();
    second.block_kw = Some(Kw(2_000));
    second.notice_minutes = 240;
    second.max_cut_hours = Some(9.0);
    second.state = State {
        cut_kw: Kw(4_000),
        cut_since: Some(instant("2024-02-28T16:00:00Z")),
        last_cut_end: None,
        events_today: None,
    };
    case.facilities = vec![first, second];
    let cuts_0 = (0..25).map(|t| if t < 18 { 5_000 } else { 23_000 - 1_000 * t }).map(|cut| cut.max(1_000));
    let cuts_1 = (0..25).map(|t| if t < 6 { 4_000 } else { 0 });
    let cuts = vec![cuts_0.collect(), cuts_1.collect()];
    (case, cuts)
}

/// Orders that force cuts which no rule of time would let start, go on so long, or come so soon.
fn overridden() -> (Case, Vec<Vec<i64>>) {
    let mut case = case(&[vec![30_000; 12]]);
    case.issued_at = instant(START);
    case.schedules = vec![
        order("A/1", DepthKind::Full, 0.0, "01:00", "05:00"),
        order("B/1", DepthKind::ToPercent, 40.0, "06:00", "08:00"),
        order("C/9", DepthKind::Full, 0.0, "00:00", "24:00"),
        order("void/1", DepthKind::Full, 0.0, "00:00", "24:00"),
    ];
    case.schedules[2].scope.facilities = vec!["somebody else".into()];
    case.schedules[2].supersedes = Some("void/1".into());
    case.schedules.iter_mut().for_each(|order| order.scope.except = vec!["F4".into()]);
    let mut first = facility("F0", 10_000, 12);
    first.notice_minutes = 300;
    (first.min_gap_minutes, first.max_events_per_day) = (240, Some(1));
    (first.max_cut_minutes, first.max_cut_hours) = (Some(120), Some(3.0));
    let mut second = facility("F1", 10_000, 12);
    second.protected = true;
    let mut third = facility("F2", 6_000, 12);
    third.max_cut_minutes = Some(180);
    third.state.cut_kw = Kw(2_000);
    third.state.cut_since = Some(instant(START) - TimeDelta::minutes(60));
    third.notice_minutes = 60;
    let mut slow = facility("F3", 10_000, 12);
    (slow.max_cut_minutes, slow.ramp_up_kw_per_h) = (Some(120), Some(Kw(4_000)));
    let mut short = facility("F4", 10_000, 12);
    short.state = third.state;
    (short.min_cut_minutes, short.notice_minutes) = (240, 120);
    (short.kept_kw[0], short.kept_kw[1]) = (Some(Kw(1_500)), Some(Kw(0)));
    case.facilities = vec![first, second, third, slow, short];
    let cuts = vec![
        vec![0, 10_000, 10_000, 10_000, 10_000, 0, 6_000, 6_000, 0, 0, 0, 0],
        vec![0; 12],
        vec![2_000, 6_000, 6_000, 6_000, 6_000, 0, 3_600, 3_600, 0, 0, 0, 0],
        vec![0, 10_000, 10_000, 10_000, 10_000, 6_000, 6_000, 6_000, 2_000, 0, 0, 0],
        vec![1_500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    (case, cuts)
}

/// A programme with budgets, a zone that must come back slowly, and cuts that were ordered before.
fn programme(policy: Policy) -> (Case, Vec<Vec<i64>>) {
    let mut case = case(&[vec![12_000; 10], vec![12_000; 10]]);
    case.objective.policy = policy;
    case.issued_at = instant(START);
    case.ties.push(tie(2_000, 10));
    case.zones[0].restore_limit_mw = Some(3.0);
    let mut programme = order("P/1", DepthKind::None, 0.0, "00:00", "24:00");
    programme.budget = Some(Budget {
        notice_minutes: Some(120),
        min_gap_minutes: Some(180),
        max_events_per_day: Some(2),
        max_cut_hours: Some(6.0),
    });
    case.schedules = vec![programme];
    let mut first = facility("F0", 10_000, 10);
    (first.kept_kw[0], first.kept_kw[1]) = (Some(Kw(3_000)), Some(Kw(4_000)));
    (first.floor_kw, first.ledger.nominated_mwh, first.ledger.cut_mwh) = (Kw(1_000), 100.0, 30.0);
    let mut second = facility("F1", 7_000, 10);
    second.min_cut_minutes = 120;
    let mut third = facility("F2", 7_000, 10);
    (third.zone, third.licence_to) = ("z1".into(), Some(instant(START).date_naive().pred_opt().unwrap()));
    case.facilities = vec![first, second, third];
    let cuts = vec![
        vec![3_000, 4_000, 4_000, 2_000, 0, 0, 0, 5_000, 3_000, 0],
        vec![0, 0, 2_000, 2_000, 2_000, 0, 0, 0, 0, 0],
        vec![0; 10],
    ];
    (case, cuts)
}

fn hand_made() -> Vec<(Case, Vec<Vec<i64>>)> {
    let policies = [Policy::LeastCost, Policy::EqualShare, Policy::Rotation];
    [long_day(), overridden()].into_iter().chain(policies.map(programme)).collect()
}

#[test]
fn the_hand_made_plans_hold() {
    for (case, cuts) in hand_made() {
        crate::builder::holds(&case, &cuts);
    }
    let (case, cuts) = overridden();
    let rules = plan(&case, &cuts).overridden.into_iter().map(|row| row.rule);
    let rules = rules.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let expected =
        ["max_cut_hours", "max_cut_min", "max_events_per_day", "min_cut_min", "min_gap_min", "notice_min"];
    assert_eq!(rules, expected);
}

#[test]
fn a_plan_with_one_field_changed_is_refused() {
    let (mut counts, mut accepted) = (BTreeMap::new(), Vec::new());
    for (k, (case, cuts)) in hand_made().into_iter().enumerate() {
        let mut plan = plan(&case, &cuts);
        plan.parent = (k == 0).then(|| "a".repeat(64));
        accepted.extend(change_fields(&case, &plan, 1 + 2 * usize::from(k == 0), &mut counts));
        prove(&mut plan, 0.3);
        accepted.extend(change_fields(&case, &plan, 7, &mut counts));
    }
    for (_, scene, _, cuts) in small_scenes(1..40) {
        accepted.extend(change_fields(&scene.case, &plan(&scene.case, &cuts), 5, &mut counts));
    }
    for (scene, plan) in
        small_scenes(140..180).filter_map(|(_, scene, _, _)| solved(&scene).ok().map(|plan| (scene, plan)))
    {
        accepted.extend(change_fields(&scene.case, &plan, 5, &mut counts));
    }
    let total: usize = counts.values().sum();
    counts.iter().for_each(|(field, count)| println!("{count:6} {field}"));
    println!("{total:6} in all");
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
    assert!(total >= 1000);
}

/// Every other cut of one facility in one interval, all figures made right: refused exactly where the reference says.
#[test]
fn a_plan_with_one_decision_changed_is_refused_by_the_rule_it_breaks() {
    let (mut counts, mut allowed) = (BTreeMap::<String, usize>::new(), 0);
    for (seed, scene, _, cuts) in small_scenes(40..140) {
        let frames: Vec<Frame> = (0..cuts.len()).map(|i| frame(&scene, i)).collect();
        for (i, t) in (0..cuts.len()).flat_map(|i| (0..scene.case.grid.len).map(move |t| (i, t))) {
            let others = (-1..=frames[i].room[t] + 1).filter(|&cut| cut != cuts[i][t]);
            for cut in others {
                let mut changed = cuts.clone();
                changed[i][t] = cut;
                let expected = is_allowed(&scene, &frames, &changed, i);
                let report = check(&scene.case, &plan(&scene.case, &changed), None);
                assert_eq!(report.passed(), expected, "seed {seed}: {changed:?}: {report}");
                let rules = report.findings.iter().map(|finding| finding.rule.to_string());
                rules.for_each(|rule| *counts.entry(rule).or_default() += 1);
                allowed += usize::from(expected);
            }
        }
    }
    counts.iter().for_each(|(rule, count)| println!("{count:6} {rule}"));
    println!("{allowed:6} allowed");
    let families = ["range", "standing-order", "min-cut", "max-cut", "min-gap", "max-events", "max-hours"];
    for rule in families.into_iter().chain(["notice", "ramp", "zone-restore"]) {
        assert!(counts.get(rule).is_some_and(|&count| count >= 10), "{rule} is hardly tried: {counts:?}");
    }
}

fn is_allowed(scene: &Scene, frames: &[Frame], cuts: &[Vec<i64>], i: usize) -> bool {
    let slices: Vec<&[i64]> = cuts.iter().map(Vec::as_slice).collect();
    let within_rounding = |z: usize, t: usize| {
        let facilities = scene.case.facilities.iter().zip(frames).zip(cuts);
        let of_zone = facilities.filter(|((facility, _), _)| facility.zone == scene.case.zones[z].id);
        let before = of_zone.map(|((facility, frame), cut)| match t {
            0 => facility.state.cut_kw.0.min(frame.room[0]),
            _ => cut[t - 1],
        });
        zone_excess(scene, frames, &slices, z, t) < before.filter(|&cut| cut > 0).count().max(1) as i64
    };
    let mut places = (0..scene.case.zones.len()).flat_map(|z| (0..scene.case.grid.len).map(move |t| (z, t)));
    course(scene, i, &frames[i], &cuts[i]).is_some() && places.all(|(z, t)| within_rounding(z, t))
}

#[test]
fn a_flow_beyond_its_tie_is_refused_though_all_figures_follow() {
    let mut count = 0;
    for (case, cuts) in hand_made().into_iter().filter(|(case, _)| !case.ties.is_empty()) {
        for (t, beyond) in (0..case.grid.len).flat_map(|t| [0.000_01, 0.5].map(|beyond| (t, beyond))) {
            let mut flow_mw = vec![0.0; case.grid.len];
            flow_mw[t] = case.ties[0].limit_mw[t].unwrap() + beyond;
            assert!(!check(&case, &plan_with_flows(&case, &cuts, &flow_mw), None).passed());
            flow_mw[t] = -case.ties[0].reverse_limit_mw[t].unwrap() - beyond;
            assert!(!check(&case, &plan_with_flows(&case, &cuts, &flow_mw), None).passed());
            count += 2;
        }
    }
    println!("{count} flows beyond a tie");
    assert!(count > 100);
}
