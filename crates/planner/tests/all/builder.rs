//! Small cases, and plans written out from the cuts.

use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::case::{Case, Facility, Objective, Policy, Scenario, SolverSettings, Tie, Zone};
use kezek_model::grid::TimeGrid;
use kezek_model::plan::{Allocation, Flow, Overridden, Plan, Stage, Status, Totals, ZoneBalance};
use kezek_model::registry::Language;
use kezek_model::schedule::{Depth, DepthBase, DepthKind, Period, Scope, StandingOrder};
use kezek_model::units::Kw;
use kezek_pages::said;
use kezek_planner::check::{Finding, Rule, check};

pub const START: &str = "2024-03-04T00:00:00Z";

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A case of hourly intervals from midnight UTC with one zone per row of headroom (kW), `z0`, `z1` and so on.
pub fn case(headroom_kw: &[Vec<i64>]) -> Case {
    let zone = |z: usize| Zone { id: format!("z{z}").as_str().into(), restore_limit_mw: None };
    let mw = |series: &Vec<i64>| series.iter().map(|&kw| kw as f64 / 1000.0).collect();
    Case {
        name: "built".into(),
        issued_at: instant(START) - TimeDelta::days(2),
        grid: TimeGrid {
            start: instant(START),
            step_minutes: 60,
            len: headroom_kw[0].len(),
            time_zone: "Asia/Almaty".parse().unwrap(),
        },
        objective: Objective {
            policy: Policy::LeastCost,
            uncovered_cost_per_mwh: 5000.0,
            currency: "USD".into(),
        },
        solver: SolverSettings::default(),
        zones: (0..headroom_kw.len()).map(zone).collect(),
        ties: vec![],
        tier_adder_per_mwh: Default::default(),
        facilities: vec![],
        scenarios: vec![Scenario {
            id: String::new(),
            probability: 1.0,
            headroom_mw: headroom_kw.iter().map(mw).collect(),
        }],
        risk: None,
        auction: None,
        schedules: vec![],
    }
}

/// A facility without any rule, in zone `z0`.
pub fn facility(id: &str, nominated_kw: i64, len: usize) -> Facility {
    Facility {
        cut_cost_per_mwh: 50.0,
        event_cost: 1.0,
        ..Facility::unlimited(id.into(), "z0".into(), "UTC".parse().unwrap(), vec![Kw(nominated_kw); len])
    }
}

/// A tie `z0-z1` with a limit (kW) both ways.
pub fn tie(limit_kw: i64, len: usize) -> Tie {
    let limit_mw = vec![Some(limit_kw as f64 / 1000.0); len];
    Tie {
        id: "z0-z1".into(),
        from: "z0".into(),
        to: "z1".into(),
        limit_mw: limit_mw.clone(),
        reverse_limit_mw: limit_mw,
    }
}

/// An order on the first day of the horizon, by the clock of UTC, for everybody.
pub fn order(number: &str, kind: DepthKind, value: f64, from: &str, to: &str) -> StandingOrder {
    let day = instant(START).date_naive();
    StandingOrder {
        title: number.into(),
        number: number.into(),
        issuer: "operator".into(),
        signatory: "somebody".into(),
        basis: "shortage".into(),
        issued: day,
        supersedes: None,
        period: Period {
            first_day: day,
            last_day: day,
            time_zone: "UTC".parse().unwrap(),
            daily_from: from.into(),
            daily_to: to.into(),
            every_year: false,
        },
        scope: Scope::default(),
        depth: Depth { kind, of: DepthBase::Nominated, value },
        budget: None,
        settlement: None,
    }
}

/// Section 2.
pub fn nominated_kw(case: &Case, facility: &Facility, t: usize) -> i64 {
    let (floor, asked) = (facility.floor_kw.0, facility.nomination_kw[t].0);
    if is_entitled(case, facility, t) {
        asked.min(facility.quota_kw[t].map_or(i64::MAX, |quota| quota.0)).max(floor)
    } else {
        asked.min(floor)
    }
}

pub fn is_entitled(case: &Case, facility: &Facility, t: usize) -> bool {
    let day = case.grid.instant(t).with_timezone(&facility.time_zone).date_naive();
    !(facility.licence_from.is_some_and(|from| day < from) || facility.licence_to.is_some_and(|to| day > to))
}

/// Headroom less limits (kW) of a zone.
pub fn spare_kw(case: &Case, cut_kw: &[Vec<i64>], z: usize, t: usize) -> f64 {
    let zone = &case.zones[z].id;
    let of_zone = case.facilities.iter().zip(cut_kw).filter(|(facility, _)| facility.zone == *zone);
    let drawn: i64 = of_zone.map(|(facility, cut)| nominated_kw(case, facility, t) - cut[t]).sum();
    case.scenarios[0].headroom_mw[z][t] * 1000.0 - drawn as f64
}

/// The flow (MW) over the only tie, `z0-z1`, that leaves least uncovered, smallest first.
pub fn best_flow_mw(case: &Case, cut_kw: &[Vec<i64>], t: usize) -> Option<f64> {
    let tie = case.ties.first()?;
    let (spare_0, spare_1) = (spare_kw(case, cut_kw, 0, t) / 1000.0, spare_kw(case, cut_kw, 1, t) / 1000.0);
    let (least, most) = (-tie.reverse_limit_mw[t].unwrap(), tie.limit_mw[t].unwrap());
    let uncovered = |flow: f64| (flow - spare_0).max(0.0) + (-flow - spare_1).max(0.0);
    let candidates = [0.0, spare_0, -spare_1, least, most].map(|flow| flow.clamp(least, most));
    candidates
        .into_iter()
        .min_by(|a, b| (uncovered(*a) + a.abs() * 1e-9).total_cmp(&(uncovered(*b) + b.abs() * 1e-9)))
}

/// The plan with these cuts and best flows: rows in full, figures and `overridden` as the judge expects them.
///
/// Only what follows from the decisions is taken from the judge, so that a wrong decision stays wrong.
pub fn plan(case: &Case, cut_kw: &[Vec<i64>]) -> Plan {
    let flow_mw =
        (0..case.grid.len).map(|t| best_flow_mw(case, cut_kw, t).unwrap_or(0.0)).collect::<Vec<_>>();
    plan_with_flows(case, cut_kw, &flow_mw)
}

pub fn plan_with_flows(case: &Case, cut_kw: &[Vec<i64>], flow_mw: &[f64]) -> Plan {
    let mut plan = bare(case, cut_kw, flow_mw);
    fill_overridden(case, &mut plan);
    fill_figures(case, &mut plan);
    plan
}

/// Rows without figures.
pub fn bare(case: &Case, cut_kw: &[Vec<i64>], flow_mw: &[f64]) -> Plan {
    let intervals = || 0..case.grid.len;
    let stages = ["uncovered", "burden", "cost"].map(|stage| Stage {
        stage: stage.into(),
        value: f64::NAN,
        bound: Some(0.0),
        gap: Some(0.0),
    });
    Plan {
        case: case.name.clone(),
        case_digest: case.digest().unwrap(),
        engine: "0.1.0".into(),
        policy: case.objective.policy,
        seed: 1,
        parent: None,
        status: Status::Optimal,
        objective: f64::NAN,
        bound: None,
        gap: None,
        seconds: 0.0,
        totals: Totals {
            nominated_mwh: f64::NAN,
            cut_mwh: f64::NAN,
            uncovered_mwh: f64::NAN,
            cost: f64::NAN,
            events: u64::MAX,
            max_burden: f64::NAN,
        },
        stages: (case.objective.policy != Policy::LeastCost).then(|| stages.to_vec()),
        uncertainty: None,
        allocations: (case.facilities.iter().zip(cut_kw))
            .flat_map(|(facility, cut)| intervals().map(move |t| allocation(case, facility, cut[t], t)))
            .collect(),
        zones: (0..case.zones.len())
            .flat_map(|z| intervals().map(move |t| zone_row(case, cut_kw, flow_mw, z, t)))
            .collect(),
        flows: (case.ties.iter())
            .flat_map(|tie| intervals().map(move |t| (tie, t)))
            .map(|(tie, t)| Flow {
                tie: tie.id.clone(),
                interval_start: case.grid.instant(t),
                mw: flow_mw[t],
            })
            .collect(),
        overridden: vec![],
    }
}

fn allocation(case: &Case, facility: &Facility, cut_kw: i64, t: usize) -> Allocation {
    let nominated = Kw(nominated_kw(case, facility, t));
    Allocation {
        facility: facility.id.clone(),
        interval_start: case.grid.instant(t),
        nominated,
        limit: nominated - Kw(cut_kw),
        cut: Kw(cut_kw),
        reason: "because".into(),
    }
}

fn zone_row(case: &Case, cut_kw: &[Vec<i64>], flow_mw: &[f64], z: usize, t: usize) -> ZoneBalance {
    let headroom_mw = case.scenarios[0].headroom_mw[z][t];
    let import_mw = if case.ties.is_empty() || z > 1 { 0.0 } else { [-flow_mw[t], flow_mw[t]][z] };
    let spare_mw = spare_kw(case, cut_kw, z, t) / 1000.0;
    ZoneBalance {
        zone: case.zones[z].id.clone(),
        interval_start: case.grid.instant(t),
        headroom_mw,
        allocated_mw: headroom_mw - spare_mw,
        import_mw,
        uncovered_mw: (-spare_mw - import_mw).max(0.0),
    }
}

/// Names everything that gave way, in every interval.
fn fill_overridden(case: &Case, plan: &mut Plan) {
    let rules =
        ["min_gap_min", "max_events_per_day", "max_cut_min", "max_cut_hours", "min_cut_min", "notice_min"];
    if !check(case, plan, None).findings.iter().any(|finding| finding.rule == Rule::Overridden) {
        return;
    }
    let mut probe = plan.clone();
    for facility in &case.facilities {
        for (t, rule) in (0..case.grid.len).flat_map(|t| rules.map(|rule| (t, rule))) {
            probe.overridden.push(Overridden {
                facility: facility.id.clone(),
                interval_start: case.grid.instant(t),
                rule: rule.into(),
                by: "nobody".into(),
            });
        }
    }
    let findings = check(case, &probe, None).findings;
    let answers = findings.iter().filter(|finding| finding.rule == Rule::Overridden);
    plan.overridden = answers.filter(|answer| !answer.expected.starts_with("no row")).map(named).collect();
}

fn named(answer: &Finding) -> Overridden {
    Overridden {
        facility: answer.place.facility.clone().unwrap(),
        interval_start: answer.place.interval_start.unwrap(),
        rule: answer.found.split(' ').next().unwrap().into(),
        by: answer.expected.split(" or ").next().unwrap().into(),
    }
}

fn fill_figures(case: &Case, plan: &mut Plan) {
    for finding in check(case, plan, None).findings {
        let number = || finding.expected.parse::<f64>().unwrap();
        let name = finding.found.split(' ').next().unwrap();
        match (finding.rule, name) {
            (Rule::Objective, _) => plan.objective = number(),
            (Rule::Total, "nominated_mwh") => plan.totals.nominated_mwh = number(),
            (Rule::Total, "cut_mwh") => plan.totals.cut_mwh = number(),
            (Rule::Total, "uncovered_mwh") => plan.totals.uncovered_mwh = number(),
            (Rule::Total, "cost") => plan.totals.cost = number(),
            (Rule::Total, "max_burden") => plan.totals.max_burden = number(),
            (Rule::Total, _) => plan.totals.events = number() as u64,
            (Rule::Stage, name) => {
                let stages = plan.stages.iter_mut().flatten();
                stages.filter(|stage| stage.stage == name).for_each(|stage| stage.value = number());
            }
            _ => {}
        }
    }
    prove(plan, 0.0);
}

/// Gives a plan the bound that leaves a gap, and the status that goes with it.
pub fn prove(plan: &mut Plan, gap: f64) {
    plan.status = match gap {
        gap if gap <= 1e-6 => Status::Optimal,
        gap if gap <= 0.001 => Status::WithinGap,
        _ => Status::TimeLimit,
    };
    let bound = |value: f64| value - gap * value.abs().max(1.0);
    let relative = |value: f64| (value - bound(value)) / value.abs().max(1.0);
    (plan.bound, plan.gap) = (Some(bound(plan.objective)), Some(relative(plan.objective)));
    for stage in plan.stages.iter_mut().flatten() {
        (stage.bound, stage.gap) = (Some(bound(stage.value)), Some(relative(stage.value)));
    }
}

/// The stages by their names in `plan.json`.
const STAGES: [&str; 3] = ["uncovered", "burden", "cost"];

/// The pages say the whole finding in every language: but for names nothing stays English.
#[track_caller]
pub fn can_be_said(finding: &Finding) {
    let english = finding.to_string();
    for language in [Language::Ru, Language::Kk] {
        let said = said::known(&english, language, chrono_tz::UTC).unwrap_or_else(|| english.clone());
        let words = said.split(|letter: char| !letter.is_ascii_alphabetic());
        let left: Vec<&str> = words.filter(|word| word.len() > 3 && !STAGES.contains(word)).collect();
        assert!(left.is_empty(), "{left:?} in {language:?}: {said}");
    }
}

/// Whether the judge finds this rule broken at this facility (or zone or tie, or anywhere when empty) and interval.
pub fn finds(case: &Case, plan: &Plan, rule: Rule, name: &str, t: Option<usize>) -> bool {
    let findings = check(case, plan, None).findings;
    findings.iter().for_each(can_be_said);
    findings.iter().any(|finding| {
        let place = &finding.place;
        let names = [
            place.facility.as_ref().map(|id| id.as_str()),
            place.zone.as_ref().map(|id| id.as_str()),
            place.tie.as_ref().map(|id| id.as_str()),
        ];
        finding.rule == rule
            && (name.is_empty() || names.contains(&Some(name)))
            && t.is_none_or(|t| place.interval_start == Some(case.grid.instant(t)))
    })
}

/// Asserts that the plan with these cuts holds.
#[track_caller]
pub fn holds(case: &Case, cut_kw: &[Vec<i64>]) {
    let report = check(case, &plan(case, cut_kw), None);
    assert!(report.passed(), "{report}");
}

/// Asserts that the plan with these cuts breaks this rule there, and no rule of another kind.
#[track_caller]
pub fn breaks(case: &Case, cut_kw: &[Vec<i64>], rule: Rule, name: &str, t: usize) {
    let plan = plan(case, cut_kw);
    let report = check(case, &plan, None);
    assert!(finds(case, &plan, rule, name, Some(t)), "no {rule} in: {report}");
    assert!(report.findings.iter().all(|finding| finding.rule == rule), "{report}");
}
