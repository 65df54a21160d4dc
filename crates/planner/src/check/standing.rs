//! Section 4 and 3.7: the limits that standing orders set, exactly, rounded down to kW and never below the floor.

use super::calendar;
use kezek_model::case::{Case, Facility};
use kezek_model::schedule::{DepthBase, DepthKind, StandingOrder};

/// `value` has at most six decimals: counted in millionths it is a whole number.
const MILLIONTHS: f64 = 1e6;
/// Beyond this a `value` changes no limit any more; products of it with kW still fit.
const LARGEST_VALUE: f64 = 1e12;

/// The limit that an order sets for a facility in an interval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Limit {
    /// The most it may draw.
    pub(super) limit_kw: i64,
    /// The number of the order.
    pub(super) number: String,
}

/// Whether nothing in the case names this order as replaced.
pub(super) fn in_force(case: &Case, order: &StandingOrder) -> bool {
    case.schedules.iter().all(|other| other.supersedes.as_deref() != Some(order.number.as_str()))
}

/// In scope is what is in every list that is not empty, and not in `except`.
pub(super) fn in_scope(order: &StandingOrder, facility: &Facility) -> bool {
    let scope = &order.scope;
    let named = |list: &[String], name: Option<&str>| {
        list.is_empty() || name.is_some_and(|name| list.iter().any(|entry| entry == name))
    };
    let id = facility.id.as_str();
    named(&scope.zones, Some(facility.zone.as_str()))
        && named(&scope.regions, facility.region.as_deref())
        && named(&scope.classes, Some(&facility.class))
        && named(&scope.facilities, Some(id))
        && !scope.except.iter().any(|entry| entry == id)
}

/// The limits of all orders by facility and interval, the one that wins first.
///
/// `bound[i][t]` says where facility `i` is entitled and not protected: only there an order binds it and it counts in
/// the sum that shares are taken of.
pub(super) fn limits(case: &Case, nominated_kw: &[Vec<i64>], bound: &[Vec<bool>]) -> Vec<Vec<Vec<Limit>>> {
    let mut limits = vec![vec![Vec::new(); case.grid.len]; case.facilities.len()];
    let with_limit = case.schedules.iter().filter(|order| order.depth.kind != DepthKind::None);
    for order in with_limit.filter(|order| in_force(case, order)) {
        let scope: Vec<usize> =
            (0..case.facilities.len()).filter(|&i| in_scope(order, &case.facilities[i])).collect();
        for (t, _) in calendar::holds(order, &case.grid).iter().enumerate().filter(|(_, holds)| **holds) {
            let base = |&i: &usize| (i, base_kw(order.depth.of, &case.facilities[i], nominated_kw[i][t], t));
            let bases: Vec<(usize, i64)> = scope.iter().filter(|&&i| bound[i][t]).map(base).collect();
            let sum_kw = bases.iter().map(|(_, base_kw)| base_kw).sum();
            for (i, base_kw) in bases {
                let limit_kw = limit_kw(order, base_kw, sum_kw).max(case.facilities[i].floor_kw.0);
                limits[i][t].push(Limit { limit_kw, number: order.number.clone() });
            }
        }
    }
    limits.iter_mut().flatten().for_each(|several| several.sort());
    limits
}

/// What a share or a percentage refers to; the nomination where that is blank.
fn base_kw(of: DepthBase, facility: &Facility, nominated_kw: i64, t: usize) -> i64 {
    match of {
        DepthBase::Nominated => nominated_kw,
        DepthBase::Quota => facility.quota_kw[t].map_or(nominated_kw, |quota| quota.0),
        DepthBase::TwelveMonthMax => facility.twelve_month_max_kw.map_or(nominated_kw, |max| max.0),
    }
}

/// The limit before the floor, rounded down to kW.
fn limit_kw(order: &StandingOrder, base_kw: i64, sum_kw: i64) -> i64 {
    let (value, base, sum) = (millionths(order.depth.value), i128::from(base_kw), i128::from(sum_kw));
    // A share of `value` MW is `value * 1000 * base / sum` kW; of nothing there is no share, and the floor holds.
    let share_of = |value: i128, whole: i128| (whole * sum - value * base).div_euclid(1000 * sum);
    let limit = match order.depth.kind {
        DepthKind::ToPercent => (value * base).div_euclid(100_000_000),
        DepthKind::ByPercent => ((100_000_000 - value) * base).div_euclid(100_000_000),
        DepthKind::ToMw if sum > 0 => share_of(-value, 0),
        DepthKind::ByMw if sum > 0 => share_of(value, 1000 * base),
        DepthKind::Full | DepthKind::ToMw | DepthKind::ByMw | DepthKind::None => 0,
    };
    i64::try_from(limit).unwrap_or(if limit > 0 { i64::MAX } else { 0 })
}

fn millionths(value: f64) -> i128 {
    (value.clamp(-LARGEST_VALUE, LARGEST_VALUE) * MILLIONTHS).round() as i128
}
