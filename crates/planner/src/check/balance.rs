//! 3.1 and 3.2: ties within their limits, and what every zone lacks after all cuts and flows.

use super::report::{Findings, Place, Rule};
use super::rows::Rows;
use kezek_model::case::Case;
use kezek_model::plan::ZoneBalance;

/// What a tie may be beyond its limit.
const TIE_TOLERANCE_MW: f64 = 1e-6;
/// What a figure of a zone may be off: half a kW.
const ZONE_TOLERANCE_MW: f64 = 0.0005;
/// What the last digits of sums of MW may add up to.
const NOISE_MW: f64 = 1e-9;

/// Judges ties and zones; the uncovered MW by zone and interval come back, as the limits and flows leave them.
pub(super) fn judge(case: &Case, rows: &Rows<'_>, findings: &mut Findings) -> Vec<Vec<f64>> {
    judge_ties(case, rows, findings);
    let balance = |z: usize, t: usize| Balance::of(case, rows, z, t);
    let zones = 0..case.zones.len();
    zones
        .map(|z| {
            let intervals = 0..case.grid.len;
            intervals.map(|t| judge_zone(&balance(z, t), case, rows.zones[z][t], t, findings)).collect()
        })
        .collect()
}

fn judge_ties(case: &Case, rows: &Rows<'_>, findings: &mut Findings) {
    for (tie, flows) in case.ties.iter().zip(&rows.flow_mw) {
        for (t, &flow) in flows.iter().enumerate() {
            let most = tie.limit_mw[t].unwrap_or(f64::INFINITY);
            let least = -tie.reverse_limit_mw[t].unwrap_or(f64::INFINITY);
            if !(least - TIE_TOLERANCE_MW..=most + TIE_TOLERANCE_MW).contains(&flow) {
                let place = Place::tie(&tie.id, case.grid.instant(t));
                findings.add(Rule::Tie, place, format!("{flow} MW"), format!("from {least} to {most} MW"));
            }
        }
    }
}

/// One zone in one interval, MW.
struct Balance {
    headroom_mw: f64,
    allocated_mw: f64,
    import_mw: f64,
}

impl Balance {
    fn of(case: &Case, rows: &Rows<'_>, z: usize, t: usize) -> Self {
        let zone = &case.zones[z].id;
        let drawn =
            case.facilities.iter().zip(&rows.allocations).filter(|(facility, _)| facility.zone == *zone);
        let allocated_kw: i64 = drawn.map(|(_, series)| series[t].limit.0).sum();
        let flow = |(tie, flows): (&kezek_model::case::Tie, &Vec<f64>)| {
            f64::from(i8::from(tie.to == *zone) - i8::from(tie.from == *zone)) * flows[t]
        };
        Self {
            headroom_mw: headroom_mw(case, z, t),
            allocated_mw: allocated_kw as f64 / 1000.0,
            import_mw: case.ties.iter().zip(&rows.flow_mw).map(flow).sum(),
        }
    }

    fn uncovered_mw(&self) -> f64 {
        let short = self.allocated_mw - self.headroom_mw - self.import_mw;
        if short > NOISE_MW { short } else { 0.0 }
    }
}

/// The headroom, of several scenarios the mean.
fn headroom_mw(case: &Case, z: usize, t: usize) -> f64 {
    match case.scenarios.as_slice() {
        [only] => only.headroom_mw[z][t],
        several => several.iter().map(|scenario| scenario.probability * scenario.headroom_mw[z][t]).sum(),
    }
}

fn judge_zone(balance: &Balance, case: &Case, row: &ZoneBalance, t: usize, findings: &mut Findings) -> f64 {
    let figures = [
        ("headroom", row.headroom_mw, balance.headroom_mw),
        ("allocated", row.allocated_mw, balance.allocated_mw),
        ("import", row.import_mw, balance.import_mw),
        ("uncovered", row.uncovered_mw, balance.uncovered_mw()),
    ];
    for (name, found, expected) in figures {
        // Asked this way round, a figure that is no number is refused too.
        let is_near = (found - expected).abs() <= ZONE_TOLERANCE_MW + NOISE_MW;
        if !is_near {
            let place = Place::zone(&row.zone, case.grid.instant(t));
            findings.add(Rule::ZoneFigure, place, format!("{name} {found} MW"), format!("{expected} MW"));
        }
    }
    balance.uncovered_mw()
}
