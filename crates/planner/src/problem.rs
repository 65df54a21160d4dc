//! The problem: the case as the mathematics sees it, in whole kW, intervals and minutes (sections 1 to 4).

mod facility;
mod standing;

pub use facility::{Before, FacilityRow, HourBudget};

use kezek_model::case::Case;

/// A problem with one future. Positions follow the sorted lists of the case.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Number of intervals.
    pub steps: usize,
    /// Length of an interval in hours.
    pub hours: f64,
    /// Price of a MWh of shortage or overrun.
    pub uncovered_cost_per_mwh: f64,
    /// The zones.
    pub zones: Vec<ZoneRow>,
    /// The ties.
    pub ties: Vec<TieRow>,
    /// The facilities.
    pub facilities: Vec<FacilityRow>,
}

/// A zone.
#[derive(Clone, Debug)]
pub struct ZoneRow {
    /// MW for mining, per interval; may be negative.
    pub headroom_mw: Vec<f64>,
    /// Most MW that may return per interval.
    pub restore_limit_mw: Option<f64>,
    /// Positions of its facilities.
    pub facilities: Vec<usize>,
}

/// A tie.
#[derive(Clone, Debug)]
pub struct TieRow {
    /// Position of the zone that a positive flow leaves.
    pub from: usize,
    /// Position of the zone that it enters.
    pub to: usize,
    /// Most MW forwards, per interval; infinite for no limit.
    pub limit_mw: Vec<f64>,
    /// Most MW backwards, per interval; infinite for no limit.
    pub reverse_limit_mw: Vec<f64>,
}

/// Why a case can't be planned.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplannable {
    /// The case holds several futures.
    #[error(
        "the case has {0} scenarios, and this asks for a single headroom: leave `scenario` and `probability` out of forecast.csv (`kezek plan` alone takes several)"
    )]
    Scenarios(usize),
    /// Several futures are planned for the least cost only.
    #[error(
        "several scenarios are planned for the least cost, not by policy `{0}`: set `policy = \"least-cost\"` under [objective] in case.toml, or leave `scenario` and `probability` out of forecast.csv"
    )]
    ScenariosOfPolicy(&'static str),
}

/// Facility-intervals up to which exact programmes are tried.
const EXACT: usize = 600;

impl Problem {
    /// Derives the problem of a case.
    ///
    /// # Errors
    /// When the case asks for something that this version does not solve.
    pub fn new(case: &Case) -> Result<Self, Unplannable> {
        if case.scenarios.len() != 1 {
            return Err(Unplannable::Scenarios(case.scenarios.len()));
        }
        Ok(Self::of_mean(case))
    }

    /// The problem of a case at the mean headroom of its scenarios.
    #[must_use]
    pub fn of_mean(case: &Case) -> Self {
        let mean = |z: usize, t: usize| match case.scenarios.as_slice() {
            [only] => only.headroom_mw[z][t],
            several => several.iter().map(|scenario| scenario.probability * scenario.headroom_mw[z][t]).sum(),
        };
        let series = |z: usize| (0..case.grid.len).map(|t| mean(z, t)).collect();
        let headroom_mw: Vec<Vec<f64>> = (0..case.zones.len()).map(series).collect();
        let facilities = facility::rows(case);
        let zones = zone_rows(case, &headroom_mw, &facilities);
        Self {
            steps: case.grid.len,
            hours: case.grid.hours(),
            uncovered_cost_per_mwh: case.objective.uncovered_cost_per_mwh,
            zones,
            ties: tie_rows(case),
            facilities,
        }
    }

    /// Money for a MW uncovered in one interval.
    pub(crate) fn uncovered_price(&self) -> f64 {
        self.hours * self.uncovered_cost_per_mwh
    }

    /// Money for a kW of overrun in one interval.
    pub(crate) fn overrun_per_kw(&self) -> f64 {
        self.uncovered_price() / 1000.0
    }

    /// Whether the exact programme is tried where the decomposition leaves a gap.
    pub(crate) fn is_small(&self) -> bool {
        self.facilities.len() * self.steps <= EXACT
    }

    /// Whether the energy of a facility is limited.
    pub(crate) fn is_limited(&self) -> bool {
        self.facilities.iter().any(|row| row.most_cut.is_some())
    }

    /// Length of an interval in minutes.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn step_minutes(&self) -> i64 {
        (self.hours * 60.0).round() as i64
    }

    /// Load of a zone that no cut touches, in MW: what its facilities draw when nobody is cut.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn uncut_load_mw(&self, zone: usize, t: usize) -> f64 {
        let load_kw: i64 = self.zones[zone].facilities.iter().map(|&f| self.facilities[f].nominated[t]).sum();
        load_kw as f64 / 1000.0
    }
}

fn zone_rows(case: &Case, headroom_mw: &[Vec<f64>], facilities: &[FacilityRow]) -> Vec<ZoneRow> {
    let members = |zone| (0..facilities.len()).filter(|&f| facilities[f].zone == zone).collect();
    let row = |(z, zone): (usize, &kezek_model::case::Zone)| ZoneRow {
        headroom_mw: headroom_mw[z].clone(),
        restore_limit_mw: zone.restore_limit_mw,
        facilities: members(z),
    };
    case.zones.iter().enumerate().map(row).collect()
}

fn tie_rows(case: &Case) -> Vec<TieRow> {
    let spread = |limits: &[Option<f64>]| limits.iter().map(|mw| mw.unwrap_or(f64::INFINITY)).collect();
    let row = |tie: &kezek_model::case::Tie| {
        Some(TieRow {
            from: case.zone_index(&tie.from)?,
            to: case.zone_index(&tie.to)?,
            limit_mw: spread(&tie.limit_mw),
            reverse_limit_mw: spread(&tie.reverse_limit_mw),
        })
    };
    case.ties.iter().filter_map(row).collect()
}

/// kW as MW.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn mw(kw: i64) -> f64 {
    kw as f64 / 1000.0
}

/// A count as a coefficient.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}
