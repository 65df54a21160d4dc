//! Section 2: what a facility may intend to draw, and what can be taken away from it.

use super::report::{Findings, Place, Rule};
use super::rows::Rows;
use super::terms::Terms;
use kezek_model::case::{Case, Facility};
use kezek_model::grid::TimeGrid;
use kezek_model::plan::Allocation;
use kezek_model::units::Kw;

/// Whether the licence is valid at the start of interval `t`, by the facility's own clock.
pub(super) fn is_entitled(facility: &Facility, grid: &TimeGrid, t: usize) -> bool {
    let day = grid.civil_date(t, facility.time_zone);
    facility.licence_from.is_none_or(|from| from <= day) && facility.licence_to.is_none_or(|to| day <= to)
}

/// `max(floor, min(nomination, quota))`; the floor at most where there is no licence.
pub(super) fn nominated_kw(facility: &Facility, entitled: bool, t: usize) -> i64 {
    let (nomination, floor) = (facility.nomination_kw[t].0, facility.floor_kw.0);
    if !entitled {
        return floor.min(nomination);
    }
    floor.max(facility.quota_kw[t].map_or(nomination, |quota| nomination.min(quota.0)))
}

/// The full cut.
pub(super) fn room_kw(facility: &Facility, entitled: bool, nominated_kw: i64) -> i64 {
    if facility.protected || !entitled { 0 } else { nominated_kw - facility.floor_kw.0 }
}

/// Each row: the nomination of section 2, `limit = nominated - cut`, and a reason.
pub(super) fn judge(case: &Case, terms: &[Terms], rows: &Rows<'_>, findings: &mut Findings) {
    for ((facility, terms), series) in case.facilities.iter().zip(terms).zip(&rows.allocations) {
        for (row, &nominated_kw) in series.iter().zip(&terms.nominated_kw) {
            let place = || Place::facility(&facility.id, row.interval_start);
            judge_row(row, nominated_kw, place, findings);
        }
    }
}

fn judge_row(row: &Allocation, nominated_kw: i64, place: impl Fn() -> Place, findings: &mut Findings) {
    if row.nominated.0 != nominated_kw {
        let expected = format!("{} MW", Kw(nominated_kw));
        findings.add(Rule::Nomination, place(), format!("nominated {} MW", row.nominated), expected);
    }
    let limit = row.nominated - row.cut;
    if row.limit != limit {
        let expected = format!("nominated - cut = {limit} MW");
        findings.add(Rule::Limit, place(), format!("limit {} MW", row.limit), expected);
    }
    if row.reason.trim().is_empty() {
        findings.add(Rule::Limit, place(), "no reason", "a short text");
    }
}
