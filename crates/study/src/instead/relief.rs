//! Whether two plans leave the same uncovered.

use crate::load;
use kezek_model::case::Case;
use kezek_model::ids::ZoneId;
use kezek_model::plan::Plan;
use serde::Serialize;

/// What a policy by burden may give back of the least uncovered energy, in MWh, and as a share of it: as much more is
/// the same relief.
const SLACK_MWH: f64 = 0.1;
const SLACK_SHARE: f64 = 1e-4;
/// Less than this is rounding, in MW: half a kW.
const NOTHING_MW: f64 = 0.0005;

/// By how much the plan instead leaves more uncovered than the ordered one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relief {
    /// No more than the slack in sum, and in no zone.
    pub is_kept: bool,
    /// What counts as the same, in sum and in each zone.
    pub slack_mwh: f64,
    /// In sum; below 0 where the plan instead leaves less.
    pub more_mwh: f64,
    /// The zones in which it leaves more than the slack.
    pub zones: Vec<MoreInZone>,
    /// Hours in which it leaves more, all zones together.
    pub hours_with_more: f64,
    /// The most that it leaves more in one of them.
    pub most_mw: f64,
}

/// A zone that the plan instead leaves worse off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MoreInZone {
    /// Its name.
    pub zone: ZoneId,
    /// By how much.
    pub more_mwh: f64,
}

impl Relief {
    pub(super) fn of(case: &Case, ordered: &Plan, instead: &Plan) -> Self {
        let hours = case.grid.hours();
        let more_mw: Vec<Vec<f64>> = load::uncovered(case, ordered)
            .iter()
            .zip(load::uncovered(case, instead))
            .map(|(ordered, instead)| instead.iter().zip(ordered).map(|(own, other)| own - other).collect())
            .collect();
        let slack_mwh = SLACK_MWH.max(SLACK_SHARE * ordered.totals.uncovered_mwh);
        let in_zone = |(zone, more): (&kezek_model::case::Zone, &Vec<f64>)| MoreInZone {
            zone: zone.id.clone(),
            more_mwh: more.iter().sum::<f64>() * hours,
        };
        let zones = case.zones.iter().zip(&more_mw).map(in_zone);
        let zones: Vec<MoreInZone> = zones.filter(|zone| zone.more_mwh > slack_mwh).collect();
        let together = |t: usize| more_mw.iter().map(|zone| zone[t]).sum::<f64>();
        let worse: Vec<f64> = (0..case.grid.len).map(together).filter(|more| *more > NOTHING_MW).collect();
        let more_mwh = instead.totals.uncovered_mwh - ordered.totals.uncovered_mwh;
        Self {
            is_kept: more_mwh <= slack_mwh && zones.is_empty(),
            slack_mwh,
            more_mwh,
            zones,
            hours_with_more: worse.len() as f64 * hours,
            most_mw: worse.into_iter().fold(0.0, f64::max),
        }
    }
}
