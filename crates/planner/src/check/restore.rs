//! 3.6: load comes back no faster than facility and zone bear; what is dictated is not judged.

use super::report::{Findings, Place, Rule};
use super::terms::Terms;
use kezek_model::case::{Case, Facility, Zone};
use kezek_model::units::Kw;

/// What the last digits of MW figures may add up to, in kW.
const NOISE_KW: f64 = 1e-6;

/// The cut before an interval; before the first one that of `state.csv`, at most the first room.
fn before_kw(facility: &Facility, terms: &Terms, cut_kw: &[i64], t: usize) -> i64 {
    match t {
        0 => facility.state.cut_kw.0.min(terms.room_kw.first().copied().unwrap_or(0)),
        _ => cut_kw[t - 1],
    }
}

/// What the nomination itself falls by.
fn fall_kw(terms: &Terms, t: usize) -> i64 {
    if t == 0 { 0 } else { (terms.nominated_kw[t - 1] - terms.nominated_kw[t]).max(0) }
}

/// Each facility within its ramp or its smallest cut, into every interval that is not frozen.
///
/// Rounding to kW may cost less than 1 kW. Ramps are compared in kW-minutes per hour, where nothing is lost.
pub(super) fn judge_facility(
    case: &Case,
    facility: &Facility,
    terms: &Terms,
    cut_kw: &[i64],
    findings: &mut Findings,
) {
    let Some(ramp) = facility.ramp_up_kw_per_h else { return };
    let ramp_60 = ramp.0.saturating_mul(i64::from(case.grid.step_minutes));
    for t in terms.freeze.len()..cut_kw.len() {
        let smallest_kw = terms.smallest_cut_kw(facility, t.saturating_sub(1));
        let drop_kw = before_kw(facility, terms, cut_kw, t) - cut_kw[t];
        let allowed_60 = ramp_60.max(smallest_kw.saturating_mul(60));
        let beyond_60 = (drop_kw - fall_kw(terms, t)).saturating_mul(60).saturating_sub(allowed_60);
        if beyond_60 >= 60 {
            let place = Place::facility(&facility.id, case.grid.instant(t));
            let expected = format!("at most {} MW", Kw(allowed_60 / 60 + fall_kw(terms, t)));
            findings.add(Rule::Ramp, place, format!("a return of {} MW", Kw(drop_kw)), expected);
        }
    }
}

/// Each zone within its limit, net of what deepens.
pub(super) fn judge_zones(case: &Case, terms: &[Terms], cut_kw: &[Vec<i64>], findings: &mut Findings) {
    for zone in &case.zones {
        let Some(limit_mw) = zone.restore_limit_mw else { continue };
        for t in 0..case.grid.len {
            let returned = returned(case, zone, terms, cut_kw, t);
            let allowed_kw = returned.allowed_kw(limit_mw);
            if returned.net_kw as f64 > allowed_kw + returned.under_cut as f64 - NOISE_KW
                && returned.net_kw as f64 > allowed_kw + NOISE_KW
            {
                let place = Place::zone(&zone.id, case.grid.instant(t));
                let found = format!("a net return of {} MW", Kw(returned.net_kw));
                findings.add(Rule::ZoneRestore, place, found, format!("at most {} MW", allowed_kw / 1000.0));
            }
        }
    }
}

/// What returns in a zone into one interval.
#[derive(Default)]
struct Returned {
    /// All facilities.
    net_kw: i64,
    /// Those that notice keeps: dictated.
    frozen_kw: i64,
    /// The falls of nomination of those that were under cut.
    falls_kw: i64,
    /// How many were under cut; each may lose less than 1 kW to rounding.
    under_cut: usize,
}

impl Returned {
    /// The limit with the falls; where the dictated returns alone are beyond it, the others may not add to them.
    fn allowed_kw(&self, limit_mw: f64) -> f64 {
        (limit_mw * 1000.0 + self.falls_kw as f64).max(self.frozen_kw as f64)
    }
}

fn returned(case: &Case, zone: &Zone, terms: &[Terms], cut_kw: &[Vec<i64>], t: usize) -> Returned {
    let mut returned = Returned::default();
    let rows = case.facilities.iter().zip(terms).zip(cut_kw);
    for ((facility, terms), cut_kw) in rows.filter(|((facility, _), _)| facility.zone == zone.id) {
        let before_kw = before_kw(facility, terms, cut_kw, t);
        let drop_kw = before_kw - cut_kw[t];
        returned.net_kw += drop_kw;
        returned.frozen_kw += if terms.freeze.cut_kw(t).is_some() { drop_kw } else { 0 };
        returned.falls_kw += if before_kw > 0 { fall_kw(terms, t) } else { 0 };
        returned.under_cut += usize::from(before_kw > 0);
    }
    returned
}
