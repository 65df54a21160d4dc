//! What the zones of a plan bear, so that the engine judges returns and new cuts by itself (S5, S6).

use crate::draft::{Draft, Terms};
use crate::event::Proposed;
use crate::slots;
use chrono::{DateTime, Utc};
use kezek_model::case::{Case, Facility};
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::plan::{Allocation, Plan};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the zones of a plan bear within one plan interval, wherever it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Length of a plan interval.
    pub interval_minutes: u32,
    /// One for every zone of the case.
    pub zones: Vec<ZoneBounds>,
}

/// What one zone bears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneBounds {
    /// Which.
    pub zone: ZoneId,
    /// Most that may return, net of new cuts; `None`: any.
    #[serde(rename = "restore_limit_mw")]
    pub restore_limit: Option<Kw>,
    /// Where cuts change and load does not, or cannot otherwise; in order of time.
    pub moves: Vec<Move>,
}

/// What changes cuts at an instant without being held against the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// When.
    pub at: DateTime<Utc>,
    /// By what the nominations of facilities fall that were under cut: so much less is cut of them, and no load returns.
    #[serde(rename = "fall_mw")]
    pub fall: Kw,
    /// By what the nominations of facilities rise that are under cut: so much more is cut of them, and no load is shed.
    #[serde(rename = "rise_mw")]
    pub rise: Kw,
    /// What a facility that cannot return in parts brings back at once, where that alone is above the limit.
    #[serde(rename = "block_mw")]
    pub block: Kw,
}

/// A return that is above the restore limit of its zone by itself, because the facility cannot return in smaller parts: it
/// stands alone in a slot of its own, and approvers should know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoneReturn<'a> {
    /// Whose.
    pub facility: &'a FacilityId,
    /// In which zone.
    pub zone: &'a ZoneId,
    /// When.
    pub at: DateTime<Utc>,
    /// What returns at once.
    pub returns: Kw,
    /// What the zone bears.
    pub restore_limit: Kw,
}

/// The returns of a plan that are above the restore limit of their zone by themselves, by zone, facility and time.
#[must_use]
pub fn lone_returns(proposed: &Proposed) -> Vec<LoneReturn<'_>> {
    let zones = proposed.bounds.iter().flat_map(|bounds| &bounds.zones);
    let limited = zones.filter_map(|zone| zone.restore_limit.map(|limit| (&zone.zone, limit)));
    limited.flat_map(|(zone, limit)| blocks(&proposed.drafts, zone, limit)).collect()
}

impl ZoneBounds {
    /// What returns in a span of time, its end counted, without being held against the restore limit.
    pub(crate) fn excused_return(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Kw {
        self.within(from, to).map(|moved| moved.fall + moved.block).sum()
    }

    /// What is cut in a span of time, its end counted, without being held against the shed limit.
    pub(crate) fn excused_cut(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Kw {
        self.within(from, to).map(|moved| moved.rise).sum()
    }

    fn within(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(move |moved| from <= moved.at && moved.at <= to)
    }
}

/// What the zones of a case bear under a plan and the drafts made of it.
#[must_use]
pub fn bounds(case: &Case, plan: &Plan, terms: &Terms, drafts: &[Draft]) -> Bounds {
    let mut moves = nominations(case, plan);
    let zones = case.zones.iter().map(|zone| {
        let restore_limit = slots::restore_limit(zone, terms.restore_limit);
        let mut moves = moves.remove(&zone.id).unwrap_or_default();
        for block in restore_limit.into_iter().flat_map(|limit| blocks(drafts, &zone.id, limit)) {
            moves.entry(block.at).or_insert_with(|| Move::none(block.at)).block += block.returns;
        }
        ZoneBounds { zone: zone.id.clone(), restore_limit, moves: moves.into_values().collect() }
    });
    Bounds { interval_minutes: case.grid.step_minutes, zones: zones.collect() }
}

impl Move {
    fn none(at: DateTime<Utc>) -> Self {
        Self { at, fall: Kw::ZERO, rise: Kw::ZERO, block: Kw::ZERO }
    }
}

type Moves = BTreeMap<DateTime<Utc>, Move>;

/// Where nominations of facilities under cut change: the `fall` of the planning problem, and its counterpart.
fn nominations(case: &Case, plan: &Plan) -> BTreeMap<ZoneId, Moves> {
    let facilities: BTreeMap<&FacilityId, &Facility> = case.facilities.iter().map(|f| (&f.id, f)).collect();
    let mut moves: BTreeMap<ZoneId, Moves> = BTreeMap::new();
    for pair in plan.allocations.windows(2).filter(|pair| pair[0].facility == pair[1].facility) {
        let Some(facility) = facilities.get(&pair[1].facility) else { continue };
        let (fall, rise) = excused(&pair[0], &pair[1]);
        if fall > Kw::ZERO || rise > Kw::ZERO {
            let at = pair[1].interval_start;
            let moved =
                moves.entry(facility.zone.clone()).or_default().entry(at).or_insert_with(|| Move::none(at));
            (moved.fall, moved.rise) = (moved.fall + fall, moved.rise + rise);
        }
    }
    moves
}

fn excused(before: &Allocation, after: &Allocation) -> (Kw, Kw) {
    let risen = after.nominated - before.nominated;
    let fall = if before.cut > Kw::ZERO { (Kw::ZERO - risen).max(Kw::ZERO) } else { Kw::ZERO };
    let rise = if after.cut > Kw::ZERO { risen.max(Kw::ZERO) } else { Kw::ZERO };
    (fall, rise)
}

/// Steps of a return after the horizon that are above the limit by themselves: the facility has no smaller ones.
fn blocks<'a>(drafts: &'a [Draft], zone: &ZoneId, restore_limit: Kw) -> Vec<LoneReturn<'a>> {
    let drafts = drafts.iter().filter(|draft| draft.zone == *zone);
    let returns = drafts.flat_map(|draft| {
        returns_after_window(draft).into_iter().map(move |(at, returns)| {
            let (facility, zone) = (&draft.facility, &draft.zone);
            LoneReturn { facility, zone, at, returns, restore_limit }
        })
    });
    returns.filter(|block| block.returns > restore_limit).collect()
}

/// When a draft lets load return after its window, and how much.
fn returns_after_window(draft: &Draft) -> Vec<(DateTime<Utc>, Kw)> {
    let mut held: Vec<(DateTime<Utc>, Kw)> = draft.segments.iter().map(|s| (s.to, s.cut)).collect();
    if let (Some(last), Some(slot)) = (held.last_mut(), &draft.restore) {
        last.0 = slot.from;
    }
    let after = held.iter().skip(1).map(|(_, cut)| *cut).chain([Kw::ZERO]);
    let drops = held.iter().zip(after).map(|(&(until, cut), after)| (until, cut - after));
    drops.filter(|(until, _)| draft.window_to <= *until).collect()
}
