//! What the plan before has in the intervals of a case, and what notice keeps of it.

use crate::problem::{Problem, Unplannable};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::case::Case;
use kezek_model::ids::FacilityId;
use kezek_model::plan::Plan;
use kezek_model::units::Kw;
use serde::Serialize;
use std::collections::BTreeMap;

/// A cut of a frozen interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frozen {
    /// The facility.
    pub facility: FacilityId,
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// The cut of the plan before.
    #[serde(rename = "cut_mw")]
    pub cut: Kw,
}

/// The cuts of a plan in the intervals of a case, in kW, and the intervals of which it says anything.
pub(crate) fn cuts_at(case: &Case, plan: &Plan) -> (Vec<Vec<i64>>, Vec<bool>) {
    let mut rows: BTreeMap<&FacilityId, BTreeMap<DateTime<Utc>, i64>> = BTreeMap::new();
    let mut starts: BTreeMap<DateTime<Utc>, ()> = BTreeMap::new();
    for row in &plan.allocations {
        rows.entry(&row.facility).or_default().insert(row.interval_start, row.cut.0);
        starts.insert(row.interval_start, ());
    }
    let starts: Vec<DateTime<Utc>> = starts.into_keys().collect();
    let step = starts.windows(2).map(|pair| pair[1] - pair[0]).min();
    let step = step.unwrap_or_else(|| TimeDelta::minutes(i64::from(case.grid.step_minutes)));
    // The interval of the plan that has the start of one of the case in it.
    let place = |t: usize| {
        let at = case.grid.instant(t);
        let after = starts.partition_point(|start| *start <= at);
        after.checked_sub(1).map(|place| starts[place]).filter(|start| at < *start + step)
    };
    let places: Vec<Option<DateTime<Utc>>> = (0..case.grid.len).map(place).collect();
    let cut = |own: Option<&BTreeMap<DateTime<Utc>, i64>>, start: &Option<DateTime<Utc>>| {
        own.zip(start.as_ref()).and_then(|(own, start)| own.get(start)).copied().unwrap_or(0)
    };
    let course = |facility: &kezek_model::case::Facility| {
        places.iter().map(|start| cut(rows.get(&facility.id), start)).collect()
    };
    (case.facilities.iter().map(course).collect(), places.iter().map(Option::is_some).collect())
}

/// Cuts of the plan before in frozen intervals that the case, without a row in `kept.csv`, has not: the rows that
/// `kept.csv` lacks. Where one of a facility is lacking, all its frozen intervals are named that have no row.
///
/// # Errors
/// When the case is none that is planned.
pub fn missing(case: &Case, before: &Plan) -> Result<Vec<Frozen>, Unplannable> {
    let problem = Problem::new(case)?;
    let (cuts, known) = cuts_at(case, before);
    let mut missing = Vec::new();
    for (f, facility) in case.facilities.iter().enumerate() {
        let row = &problem.facilities[f];
        let is_open = |t: &usize| row.frozen[*t].is_some() && known[*t] && facility.kept_kw[*t].is_none();
        let open: Vec<usize> = (0..problem.steps).filter(is_open).collect();
        if open.iter().any(|&t| row.frozen[t] != Some(cuts[f][t].min(row.room[t]))) {
            missing.extend(open.into_iter().map(|t| frozen(case, f, t, cuts[f][t])));
        }
    }
    Ok(missing)
}

/// Rows of `kept.csv` that say something else than the plan before: they win.
///
/// # Errors
/// When the case is none that is planned.
pub fn contrary(case: &Case, before: &Plan) -> Result<Vec<Frozen>, Unplannable> {
    let problem = Problem::new(case)?;
    let (cuts, known) = cuts_at(case, before);
    let mut contrary = Vec::new();
    for (f, facility) in case.facilities.iter().enumerate() {
        let row = &problem.facilities[f];
        let differs = |t: &usize| {
            let kept = facility.kept_kw[*t].is_some() && known[*t];
            kept && row.frozen[*t].is_some_and(|kw| kw != cuts[f][*t].min(row.room[*t]))
        };
        contrary.extend((0..problem.steps).filter(differs).map(|t| frozen(case, f, t, cuts[f][t])));
    }
    Ok(contrary)
}

fn frozen(case: &Case, f: usize, t: usize, kw: i64) -> Frozen {
    Frozen { facility: case.facilities[f].id.clone(), interval_start: case.grid.instant(t), cut: Kw(kw) }
}
