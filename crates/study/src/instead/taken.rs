//! What one plan takes, in sum, by zone and by facility.

use super::{OfFacility, OfZone, Part};
use crate::load;
use kezek_model::case::Case;
use kezek_model::plan::{Allocation, Plan};
use kezek_model::units::Kw;
use kezek_planner::check::burdens;
use kezek_planner::problem::{FacilityRow, Problem};
use kezek_planner::walk::events;
use serde::Serialize;

/// What a plan takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Taken {
    /// Energy cut.
    pub cut_mwh: f64,
    /// Of the cut, what met a shortage of its hour.
    pub met_mwh: f64,
    /// Energy uncovered.
    pub uncovered_mwh: f64,
    /// Hours under cut, of all facilities.
    pub facility_hours: f64,
    /// Events that begin.
    pub events: u64,
    /// What cuts and events cost the miners.
    pub cost: f64,
    /// Burdens of the facilities that can be cut.
    pub burden: Spread,
}

/// Burdens: shares of its energy that a facility has had cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The highest.
    pub highest: f64,
    /// As many are above as below.
    pub median: f64,
    /// The lowest.
    pub lowest: f64,
}

impl Spread {
    fn of(shares: impl Iterator<Item = f64>) -> Self {
        let mut shares: Vec<f64> = shares.collect();
        shares.sort_by(f64::total_cmp);
        let middle = |shares: &[f64]| (shares[(shares.len() - 1) / 2] + shares[shares.len() / 2]) / 2.0;
        match shares.as_slice() {
            [] => Self::default(),
            [lowest, .., highest] => Self { highest: *highest, median: middle(&shares), lowest: *lowest },
            [only] => Self { highest: *only, median: *only, lowest: *only },
        }
    }
}

/// A plan that passed the check, as the case has it.
pub(super) struct Course<'a> {
    case: &'a Case,
    pub(super) plan: &'a Plan,
    rows: Vec<FacilityRow>,
    /// Per facility; none where it cannot be cut.
    burdens: Vec<Option<f64>>,
    pub(super) cut_mw: Vec<Vec<f64>>,
    pub(super) uncovered_mw: Vec<Vec<f64>>,
    /// Per interval, all zones together.
    met_mw: Vec<f64>,
}

impl<'a> Course<'a> {
    /// A plan beside what would stay uncovered if nobody were cut.
    pub(super) fn new(case: &'a Case, plan: &'a Plan, need: &[Vec<f64>]) -> Self {
        let rows = Problem::of_mean(case).facilities;
        let can_be_cut = |row: &FacilityRow| row.room.iter().any(|&room| room > 0);
        let shares = burdens(case, plan).into_iter().zip(&rows);
        let burdens =
            shares.map(|(own, row)| own.filter(|_| can_be_cut(row)).map(|own| own.share())).collect();
        let uncovered_mw = load::uncovered(case, plan);
        let together = |zones: &[Vec<f64>], t: usize| zones.iter().map(|zone| zone[t]).sum::<f64>();
        let met = |t: usize| (together(need, t) - together(&uncovered_mw, t)).max(0.0);
        let met_mw = (0..case.grid.len).map(met).collect();
        let cut_mw = load::cuts(case, plan);
        Self { case, plan, rows, burdens, cut_mw, uncovered_mw, met_mw }
    }

    pub(super) fn taken(&self) -> Taken {
        let (totals, hours) = (&self.plan.totals, self.case.grid.hours());
        let under_cut = self.plan.allocations.iter().filter(|row| row.cut > Kw::ZERO).count();
        Taken {
            cut_mwh: totals.cut_mwh,
            met_mwh: self.met_mw.iter().sum::<f64>() * hours,
            uncovered_mwh: totals.uncovered_mwh,
            facility_hours: under_cut as f64 * hours,
            events: totals.events,
            cost: totals.cost,
            burden: Spread::of(self.burdens.iter().copied().flatten()),
        }
    }

    pub(super) fn add_to(&self, part: &mut Part, t: usize) {
        let hours = self.case.grid.hours();
        part.cut_mwh += self.cut_mw.iter().map(|zone| zone[t]).sum::<f64>() * hours;
        part.met_mwh += self.met_mw[t] * hours;
        part.uncovered_mwh += self.uncovered_mw.iter().map(|zone| zone[t]).sum::<f64>() * hours;
    }

    pub(super) fn of_zone(&self, zone: usize) -> OfZone {
        let hours = self.case.grid.hours();
        let own = self.rows.iter().zip(&self.burdens).filter(|(row, _)| row.zone == zone);
        OfZone {
            cut_mwh: self.cut_mw[zone].iter().sum::<f64>() * hours,
            uncovered_mwh: self.uncovered_mw[zone].iter().sum::<f64>() * hours,
            burden: Spread::of(own.filter_map(|(_, burden)| *burden)),
        }
    }

    pub(super) fn of_facility(&self, f: usize) -> OfFacility {
        let (row, hours) = (&self.rows[f], self.case.grid.hours());
        let cuts: Vec<i64> = self.of(f).iter().map(|row| row.cut.0).collect();
        let begun = events(row, &cuts).iter().filter(|event| event.age_minutes.is_none()).count();
        let cut_mwh = Kw(cuts.iter().sum()).mw() * hours;
        OfFacility {
            cut_mwh,
            hours: cuts.iter().filter(|&&cut| cut > 0).count() as f64 * hours,
            events: begun,
            burden: self.burdens[f],
            cost: cut_mwh * row.cut_cost_per_mwh + begun as f64 * row.event_cost,
        }
    }

    pub(super) fn nominated_mwh(&self, f: usize) -> f64 {
        self.of(f).iter().map(|row| row.nominated).sum::<Kw>().mw() * self.case.grid.hours()
    }

    fn of(&self, f: usize) -> &[Allocation] {
        &self.plan.allocations[f * self.case.grid.len..(f + 1) * self.case.grid.len]
    }
}
