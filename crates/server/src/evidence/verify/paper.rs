//! The order against its plan, the plan against its case, the verdict against its readings.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kezek_courier::Purpose;
use kezek_engine::again::{Grounds, tally_again};
use kezek_engine::{Event, Proposed};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::ids::OrderNo;
use kezek_model::order::OrderKind;
use kezek_model::plan::{Allocation, Plan, utc_text};
use kezek_model::receipt::Compliance;
use kezek_model::units::Kw;
use kezek_planner::check::check;

use super::{File, Told};

/// The proposal of the order's plan.
pub(super) fn proposed<'a>(file: &'a File<'_>) -> Result<(&'a Told<'a>, &'a Proposed), String> {
    let mut found = file.told.iter().filter_map(|told| match &told.event {
        Event::Proposed(proposed) if proposed.plan_digest == file.order.plan_digest => {
            Some((told, proposed.as_ref()))
        }
        _ => None,
    });
    found.next().ok_or_else(|| "the proposal of its plan is missing".to_owned())
}

/// The control room signed it and all its neighbours, and it says of each instant what the draft says.
pub(super) fn order(file: &File<'_>) -> Result<String, String> {
    for signed in &file.evidence.orders {
        let number = &signed.body.order_no;
        signed
            .verify(Purpose::Order, std::slice::from_ref(file.key))
            .map_err(|error| format!("{number}: {}", kezek_courier::error::describe(&error)))?;
        if signed.body.facility != file.order.facility || signed.body.environment != file.evidence.environment
        {
            return Err(format!("{number} is of another facility or environment"));
        }
    }
    let sequences: Vec<u64> = file.evidence.orders.iter().map(|order| order.body.sequence).collect();
    if sequences.windows(2).any(|pair| pair[1] != pair[0] + 1) {
        return Err(format!("an order of {} is missing: sequences {sequences:?}", file.order.facility));
    }
    let opened = file.told.iter().filter(|told| matches!(told.event, Event::Opened { .. }));
    let environments: BTreeSet<&str> = opened
        .filter_map(|told| match &told.event {
            Event::Opened { environment, .. } => Some(environment.as_str()),
            _ => None,
        })
        .collect();
    if environments != BTreeSet::from([file.evidence.environment.as_str()]) {
        return Err(format!("the journal is of {environments:?}"));
    }
    if file.order.kind == OrderKind::Limit {
        as_drafted(file)?;
    }
    let others = file.evidence.orders.len() - 1;
    Ok(format!(
        "{} is signed by the control room, and so are {others} more of its facility",
        file.order.order_no
    ))
}

fn as_drafted(file: &File<'_>) -> Result<(), String> {
    let (_, proposed) = proposed(file)?;
    let order = file.order;
    let draft = proposed.drafts.iter().find(|draft| draft.facility == order.facility);
    let draft = draft.ok_or_else(|| format!("its plan has no draft for {}", order.facility))?;
    let same = draft.segments == order.segments
        && draft.restore == order.restore
        && (draft.floor, draft.window_from, draft.window_to)
            == (order.floor, order.window_from, order.window_to)
        && (draft.priority, &draft.notice) == (order.priority, &order.notice);
    match same && (!draft.protected || draft.segments.is_empty()) {
        true => Ok(()),
        false => Err("it says other than what was proposed and approved".into()),
    }
}

/// Plan and case have their digests, the check passes once more, and the order's segments are the plan's cut.
pub(super) fn plan(file: &File<'_>) -> Result<String, String> {
    let (told, proposed) = proposed(file)?;
    let [plan, case] = told.documents[..] else { return Err("plan or case is missing".into()) };
    let files: CaseFiles =
        serde_json::from_slice(case).map_err(|error| format!("the case cannot be read: {error}"))?;
    let plan: Plan =
        serde_json::from_slice(plan).map_err(|error| format!("the plan cannot be read: {error}"))?;
    let case = Case::parse(&files).map_err(|faults| format!("the case has faults: {faults}"))?;
    let digests = (plan.digest(), case.digest());
    let (Ok(plan_digest), Ok(case_digest)) = digests else { return Err("a number is not finite".into()) };
    if plan_digest != file.order.plan_digest || plan_digest != proposed.plan_digest {
        return Err(format!("the plan has the digest {plan_digest}, the order {}", file.order.plan_digest));
    }
    if case_digest != plan.case_digest || case_digest != proposed.case_digest {
        return Err(format!("the case has the digest {case_digest}, its plan {}", plan.case_digest));
    }
    if files.vintage() != file.evidence.forecast {
        return Err("the forecast is another than the file says".into());
    }
    let report = check(&case, &plan, told.remark.asked_gap);
    if !report.passed() || !proposed.check.passed || proposed.check.plan_digest != plan_digest {
        return Err("it does not pass its check".into());
    }
    as_planned(file, &case, &plan)?;
    let published = file.evidence.forecast.as_ref().and_then(|vintage| vintage.published_at);
    let published =
        published.map_or(", published nobody says when".into(), |at| format!(" published {}", utc_text(at)));
    Ok(format!("{plan_digest} passes its check and cuts what the order says; forecast{published}"))
}

/// In every interval of the plan the order cuts what the plan cuts, and where it cuts, its limit is the plan's.
fn as_planned(file: &File<'_>, case: &Case, plan: &Plan) -> Result<(), String> {
    if file.order.kind == OrderKind::Recall {
        return Ok(());
    }
    let facility = case.facilities.iter().find(|facility| facility.id == file.order.facility);
    let facility = facility.ok_or_else(|| format!("the case has no {}", file.order.facility))?;
    let rows = plan.allocations.iter().filter(|row| row.facility == file.order.facility);
    let segment = |at: DateTime<Utc>| file.order.segments.iter().find(|s| s.from <= at && at < s.to);
    let fits = |row: &&Allocation| match segment(row.interval_start) {
        Some(segment) => segment.cut == row.cut && segment.limit == row.limit.max(facility.floor_kw),
        None => row.cut == Kw::ZERO,
    };
    let mut wrong = rows.filter(|row| !fits(row));
    if let Some(row) = wrong.next() {
        return Err(format!(
            "at {} the order says other than the plan's cut of {} MW",
            row.interval_start, row.cut
        ));
    }
    let beyond = |from, to| from < case.grid.start || case.grid.end() < to;
    match file.order.segments.iter().any(|segment| beyond(segment.from, segment.to)) {
        true => Err("the order cuts beyond its plan".into()),
        false => Ok(()),
    }
}

/// The verdict from the readings, once more, and what was journaled.
pub(super) fn verdict(file: &File<'_>) -> Result<String, String> {
    let judged = file.told.iter().rev().find_map(|told| match &told.event {
        Event::Judged { order_no, tally } if *order_no == file.order.order_no => Some((told.seq, tally)),
        _ => None,
    });
    if file.evidence.verdict_is_final && judged.map(|(_, tally)| tally) != file.evidence.verdict.as_ref() {
        return Err("the verdict in the file is another than the journaled one".into());
    }
    let until = judged.filter(|_| file.evidence.verdict_is_final).map_or(u64::MAX, |(seq, _)| seq);
    let again = grounds(file, until).and_then(|grounds| {
        tally_again(grounds, &file.order.order_no)
            .ok_or_else(|| "the order is not among its grounds".to_owned())
    })?;
    match &file.evidence.verdict {
        Some(verdict) if *verdict == again => {
            let word = verdict.verdict.map_or("never governed", |verdict| match verdict {
                Compliance::Complying => "complying",
                Compliance::Unknown => "unknown",
                Compliance::Breach => "breach",
            });
            let is_final = if file.evidence.verdict_is_final { "final" } else { "so far" };
            Ok(format!("{word}, {is_final}, by settings {:?}, follows from the readings", verdict.tolerance))
        }
        _ => Err("the readings give another verdict than the file".into()),
    }
}

/// What the verdict rests on, from the records before one.
fn grounds(file: &File<'_>, until: u64) -> Result<Grounds, String> {
    let (_, proposed) = proposed(file)?;
    let before = || file.told.iter().take_while(move |told| told.seq < until);
    let tolerance = before().filter_map(|told| match &told.event {
        Event::Opened { config, .. } => Some(config.tolerance.clone()),
        _ => None,
    });
    let tolerance = tolerance.last().ok_or("no settings are among the records")?;
    let recalled = |number: &OrderNo| {
        before().find_map(|told| match &told.event {
            Event::Recalled { order_no, .. } if order_no == number => told.at(),
            _ => None,
        })
    };
    let orders = file.evidence.orders.iter().map(|order| &order.body);
    let issued_before = |order: &&kezek_model::order::Order| order.journal_head.seq < until;
    let orders =
        orders.filter(issued_before).map(|order| (order.clone(), recalled(&order.order_no))).collect();
    let readings = before().filter_map(|told| match &told.event {
        Event::Read { readings } => Some(readings),
        _ => None,
    });
    let readings = readings.flatten().filter(|reading| reading.facility == file.order.facility);
    Ok(Grounds { tolerance, proposed: proposed.clone(), orders, readings: readings.cloned().collect() })
}

impl Told<'_> {
    /// When it happened.
    pub(super) fn at(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(&self.whole.at).ok().map(|at| at.to_utc())
    }
}
