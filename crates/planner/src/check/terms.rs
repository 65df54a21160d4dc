//! What the case dictates for each facility, before any plan is looked at.

use super::nomination::{is_entitled, nominated_kw, room_kw};
use super::notice::{self, Freeze};
use super::programme::{HourBudget, Programmes, Rules};
use super::standing::{self, Limit};
use kezek_model::case::{Case, Facility};

/// The terms of one facility, by interval.
pub(super) struct Terms {
    /// Whether the licence is valid.
    pub(super) entitled: Vec<bool>,
    /// Section 2.
    pub(super) nominated_kw: Vec<i64>,
    /// The full cut.
    pub(super) room_kw: Vec<i64>,
    /// The limits of standing orders, the one that wins first.
    pub(super) limits: Vec<Vec<Limit>>,
    /// The cut that standing orders ask for.
    pub(super) demand_kw: Vec<i64>,
    /// The rules of time and notice, programmes considered.
    pub(super) rules: Vec<Rules>,
    /// Hours under cut that are left, programmes considered.
    pub(super) hour_budgets: Vec<HourBudget>,
    /// The cut that notice keeps.
    pub(super) freeze: Freeze,
}

impl Terms {
    /// 3.8: whether the cut of an interval is kept by notice or asked for by an order.
    pub(super) fn is_forced(&self, t: usize) -> bool {
        self.freeze.cut_kw(t) > Some(0) || self.demand_kw[t] > 0
    }

    /// 3.6: the smallest cut that can be made in an interval; 0 where none can.
    pub(super) fn smallest_cut_kw(&self, facility: &Facility, t: usize) -> i64 {
        let room_kw = self.room_kw[t];
        let step_kw = facility.block_kw.map_or(1, |block| block.0.max(1));
        let least_kw = facility.min_cut_kw.0.max(1);
        let whole_blocks_kw = least_kw.div_euclid(step_kw) + i64::from(least_kw.rem_euclid(step_kw) > 0);
        whole_blocks_kw.saturating_mul(step_kw).min(room_kw).max(0)
    }
}

/// The terms of every facility of the case.
pub(super) fn of_case(case: &Case) -> Vec<Terms> {
    let intervals = 0..case.grid.len;
    let entitled: Vec<Vec<bool>> = case
        .facilities
        .iter()
        .map(|facility| intervals.clone().map(|t| is_entitled(facility, &case.grid, t)).collect())
        .collect();
    let nominated = |(facility, entitled): (&Facility, &Vec<bool>)| {
        entitled.iter().enumerate().map(|(t, &entitled)| nominated_kw(facility, entitled, t)).collect()
    };
    let nominated_kw: Vec<Vec<i64>> = case.facilities.iter().zip(&entitled).map(nominated).collect();
    let bound: Vec<Vec<bool>> = case
        .facilities
        .iter()
        .zip(&entitled)
        .map(|(facility, entitled)| {
            entitled.iter().map(|&entitled| entitled && !facility.protected).collect()
        })
        .collect();
    let limits = standing::limits(case, &nominated_kw, &bound);
    let programmes = Programmes::of_case(case);
    let rows = case.facilities.iter().zip(entitled).zip(nominated_kw).zip(limits);
    rows.map(|(((facility, entitled), nominated), limits)| {
        of_facility(case, facility, &programmes, entitled, nominated, limits)
    })
    .collect()
}

fn of_facility(
    case: &Case,
    facility: &Facility,
    programmes: &Programmes<'_>,
    entitled: Vec<bool>,
    nominated_kw: Vec<i64>,
    limits: Vec<Vec<Limit>>,
) -> Terms {
    let room = |(&entitled, &nominated): (&bool, &i64)| room_kw(facility, entitled, nominated);
    let room_kw: Vec<i64> = entitled.iter().zip(&nominated_kw).map(room).collect();
    let demand = |(limits, &nominated): (&Vec<Limit>, &i64)| {
        limits.first().map_or(0, |winner| nominated.saturating_sub(winner.limit_kw).max(0))
    };
    let demand_kw = limits.iter().zip(&nominated_kw).map(demand).collect();
    let rules: Vec<Rules> = (0..case.grid.len).map(|t| programmes.rules(facility, t)).collect();
    let freeze = notice::freeze(case, facility, &rules, &room_kw, &limits);
    let hour_budgets = programmes.hour_budgets(facility, case.grid.len);
    Terms { entitled, nominated_kw, room_kw, limits, demand_kw, rules, hour_budgets, freeze }
}
