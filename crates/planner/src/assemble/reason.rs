//! One short sentence for every row: why this facility draws what it draws.

use super::Costed;
use crate::problem::{FacilityRow, Problem, mw};
use kezek_model::case::Case;

pub(super) fn reason(case: &Case, problem: &Problem, costed: &Costed, f: usize, t: usize) -> String {
    let row = &problem.facilities[f];
    if case.facilities[f].protected {
        "protected: never cut".to_owned()
    } else if !row.entitled[t] {
        "licence not valid: entitled to nothing beyond its floor".to_owned()
    } else if costed.cuts[f][t] > 0 {
        why_cut(case, problem, costed, f, t)
    } else {
        why_spared(case, problem, costed, row, t)
    }
}

fn why_cut(case: &Case, problem: &Problem, costed: &Costed, f: usize, t: usize) -> String {
    let row = &problem.facilities[f];
    let cut = costed.cuts[f][t];
    if row.frozen[t].is_some() {
        return "cut stays: notice has not passed".to_owned();
    }
    if let Some(number) = row.ordered_by[t].as_ref().filter(|_| row.demand[t] == cut) {
        return format!("standing order {number}");
    }
    let zone = &case.facilities[f].zone;
    let price = format!("{:.2} {}/MWh", row.cut_cost_per_mwh, case.objective.currency);
    if needed(problem, costed, row.zone, t, cut) {
        return format!("zone {zone} is short; this cut costs {price}");
    }
    let earlier = t.checked_sub(1).map_or(row.before.cut, |s| costed.cuts[f][s]);
    if earlier > 0 {
        "cut goes on: shortest event, ramp or restore limit".to_owned()
    } else {
        format!("cut helps another zone or hour of its event; costs {price}")
    }
}

/// Whether without the cut the zone's load would exceed what it has.
fn needed(problem: &Problem, costed: &Costed, z: usize, t: usize, cut_kw: i64) -> bool {
    spare_mw(problem, costed, z, t) < mw(cut_kw) - 1e-9
}

/// Headroom and import less what is drawn, in MW.
fn spare_mw(problem: &Problem, costed: &Costed, z: usize, t: usize) -> f64 {
    let zone = &problem.zones[z];
    let drawn: i64 =
        zone.facilities.iter().map(|&f| problem.facilities[f].nominated[t] - costed.cuts[f][t]).sum();
    zone.headroom_mw[t] + costed.import_mw(problem, z, t) - mw(drawn)
}

fn why_spared(case: &Case, problem: &Problem, costed: &Costed, row: &FacilityRow, t: usize) -> String {
    let zone = &case.zones[row.zone].id;
    if row.frozen[t].is_some() {
        "not cut: notice has not passed".to_owned()
    } else if row.room[t] == 0 {
        "nothing to cut above its floor".to_owned()
    } else if costed.dispatch.uncovered[row.zone][t] > 0.0 {
        format!("not cut though zone {zone} is short: its own limits or costs forbid it")
    } else if problem.uncut_load_mw(row.zone, t) <= problem.zones[row.zone].headroom_mw[t] {
        format!("not cut: zone {zone} has headroom for all")
    } else {
        format!("not cut: cheaper cuts and imports cover zone {zone}")
    }
}
