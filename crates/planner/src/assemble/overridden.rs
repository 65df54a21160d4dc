//! Names every rule that gave way, and to what: an order, or what held at the start.

use crate::problem::FacilityRow;
use crate::walk::{Event, Walk, events};
use kezek_model::case::Case;
use kezek_model::plan::Overridden;

pub(super) fn rows<'a>(
    case: &'a Case,
    f: usize,
    row: &'a FacilityRow,
    cuts: &[i64],
    walk: &'a Walk,
) -> impl Iterator<Item = Overridden> + 'a {
    let events = events(row, cuts);
    walk.overridden.iter().map(move |&(t, rule)| Overridden {
        facility: case.facilities[f].id.clone(),
        interval_start: case.grid.instant(t),
        rule: rule.column().to_owned(),
        by: by(row, &events, t),
    })
}

/// The order that holds here; else the nearest one that demands a cut of the event, the earlier first; else the one
/// that ended the freeze; else `state`.
fn by(row: &FacilityRow, events: &[Event], t: usize) -> String {
    if let Some(number) = &row.ordered_by[t] {
        return number.clone();
    }
    // What ends in this interval belongs to the event that ended.
    let event = events.iter().find(|event| (event.from..=event.to).contains(&t));
    let (from, to) = event.map_or((t, t + 1), |event| (event.from, event.to));
    let demanding = |s: &usize| row.frozen[*s].is_none() && row.demand[*s] > 0;
    let nearest = (from..t).rev().find(demanding).or_else(|| (t..to).find(demanding));
    let ended_freeze = || (0..t).rev().find(|&s| row.within_notice[t] && row.ordered_by[s].is_some());
    nearest
        .or_else(ended_freeze)
        .and_then(|s| row.ordered_by[s].clone())
        .unwrap_or_else(|| "state".to_owned())
}
