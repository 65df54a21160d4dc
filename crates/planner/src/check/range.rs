//! 3.3 and 3.7: the cuts that a facility can make, and those that standing orders ask for.

use super::report::{Findings, Place, Rule};
use super::terms::Terms;
use kezek_model::case::{Case, Facility};
use kezek_model::units::Kw;

/// Judges every interval that is not frozen; a frozen one has the cut it has, whatever stands here.
pub(super) fn judge(
    case: &Case,
    facility: &Facility,
    terms: &Terms,
    cut_kw: &[i64],
    findings: &mut Findings,
) {
    for (t, &cut) in cut_kw.iter().enumerate().skip(terms.freeze.len()) {
        let place = || Place::facility(&facility.id, case.grid.instant(t));
        if !is_allowed(facility, terms.room_kw[t], cut) {
            let expected = allowed(facility, terms.room_kw[t]);
            findings.add(Rule::Range, place(), format!("cut {} MW", Kw(cut)), expected);
        }
        if terms.demand_kw[t] > 0 && cut < terms.demand_kw[t] {
            let number = terms.limits[t].first().map_or("", |limit| limit.number.as_str());
            let expected = format!("at least {} MW, by order {number}", Kw(terms.demand_kw[t]));
            findings.add(Rule::StandingOrder, place(), format!("cut {} MW", Kw(cut)), expected);
        }
    }
}

/// Nothing, the full cut, or a cut from the smallest up in whole blocks.
fn is_allowed(facility: &Facility, room_kw: i64, cut_kw: i64) -> bool {
    let in_blocks = facility.block_kw.is_none_or(|block| block.0 > 0 && cut_kw % block.0 == 0);
    cut_kw == 0
        || cut_kw == room_kw
        || (cut_kw > 0 && facility.min_cut_kw.0 <= cut_kw && cut_kw < room_kw && in_blocks)
}

fn allowed(facility: &Facility, room_kw: i64) -> String {
    if room_kw == 0 {
        return "no cut: there is nothing to take".into();
    }
    let blocks = facility.block_kw.map_or(String::new(), |block| format!(" in blocks of {block} MW"));
    format!("0, {} MW{blocks} or more, or the full cut of {} MW", facility.min_cut_kw, Kw(room_kw))
}
