//! Standing orders as lower bounds on cuts (section 4).

use kezek_model::case::{Case, Facility};
use kezek_model::schedule::{Depth, DepthBase, DepthKind, StandingOrder, in_force};

/// What standing orders say to the facilities, interval by interval.
pub(super) struct Standing<'a> {
    orders: Vec<Held<'a>>,
}

struct Held<'a> {
    order: &'a StandingOrder,
    holds: Vec<bool>,
    in_period: Vec<bool>,
    /// Sum of the base of all facilities it counts, in kW, per interval.
    base_sum_kw: Vec<i128>,
}

/// The tightest limit of an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) limit_kw: i64,
    pub(super) number: String,
}

/// Nominated kW, entitlement and quota of a facility, before any cut.
pub(super) struct Entitlement {
    pub(super) nominated: Vec<i64>,
    pub(super) entitled: Vec<bool>,
}

const MICRO: f64 = 1e6;

impl<'a> Standing<'a> {
    pub(super) fn new(case: &'a Case, entitlements: &[Entitlement]) -> Self {
        let held = |order: &'a StandingOrder| Held {
            order,
            holds: order.holds(&case.grid),
            in_period: order.in_period(&case.grid),
            base_sum_kw: base_sums(case, order, entitlements),
        };
        Self { orders: in_force(&case.schedules).into_iter().map(held).collect() }
    }

    /// The lowest limit that holds for a facility in an interval, of equal ones the smallest number.
    pub(super) fn bound(&self, facility: &Facility, own: &Entitlement, t: usize) -> Option<Bound> {
        if facility.protected || !own.entitled[t] {
            return None;
        }
        let limits = self.orders.iter().filter(|held| held.holds[t] && held.order.covers(facility));
        limits
            .filter_map(|held| {
                let limit_kw =
                    limit_kw(&held.order.depth, facility, own.nominated[t], t, held.base_sum_kw[t])?;
                Some(Bound { limit_kw: limit_kw.max(facility.floor_kw.0), number: held.order.number.clone() })
            })
            .min_by(|a, b| (a.limit_kw, &a.number).cmp(&(b.limit_kw, &b.number)))
    }

    /// The programmes that a facility is under, with the intervals of their periods.
    pub(super) fn programmes<'b>(
        &'b self,
        facility: &'b Facility,
    ) -> impl Iterator<Item = (&'b kezek_model::schedule::Budget, &'b [bool])> {
        self.orders
            .iter()
            .filter(|held| held.order.covers(facility))
            .filter_map(|held| Some((held.order.budget.as_ref()?, held.in_period.as_slice())))
    }
}

fn base_sums(case: &Case, order: &StandingOrder, entitlements: &[Entitlement]) -> Vec<i128> {
    let mut sums = vec![0; case.grid.len];
    let counted = case.facilities.iter().zip(entitlements).filter(|(f, _)| !f.protected && order.covers(f));
    for (facility, own) in counted {
        for (t, sum) in sums.iter_mut().enumerate().filter(|&(t, _)| own.entitled[t]) {
            *sum += i128::from(base_kw(order.depth.of, facility, own.nominated[t], t));
        }
    }
    sums
}

fn base_kw(of: DepthBase, facility: &Facility, nominated: i64, t: usize) -> i64 {
    match of {
        DepthBase::Nominated => nominated,
        DepthBase::Quota => facility.quota_kw[t].map_or(nominated, |kw| kw.0),
        DepthBase::TwelveMonthMax => facility.twelve_month_max_kw.map_or(nominated, |kw| kw.0),
    }
}

/// The limit that a depth gives a facility, rounded down to kW; `None` where it gives none.
fn limit_kw(depth: &Depth, facility: &Facility, nominated: i64, t: usize, sum_kw: i128) -> Option<i64> {
    let base = i128::from(base_kw(depth.of, facility, nominated, t));
    let micro = micro(depth.value);
    let share = |whole: i128| if sum_kw == 0 { 0 } else { whole / sum_kw };
    let percent = base * micro / 100_000_000;
    let limit = match depth.kind {
        DepthKind::None => return None,
        DepthKind::Full => 0,
        DepthKind::ToPercent => percent,
        DepthKind::ByPercent => (base * 100_000_000 - base * micro).div_euclid(100_000_000),
        // micro-MW times kW over kW, and 1000 micro-MW to the kW
        DepthKind::ToMw => share(micro * base) / 1000,
        DepthKind::ByMw if sum_kw == 0 => 0,
        DepthKind::ByMw => (base * sum_kw * 1000 - micro * base).div_euclid(sum_kw * 1000),
    };
    Some(i64::try_from(limit).unwrap_or(i64::MAX))
}

#[allow(clippy::cast_possible_truncation)]
fn micro(value: f64) -> i128 {
    (value * MICRO).round() as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact_and_round_down() {
        let depth = |kind, value| Depth { kind, of: DepthBase::Nominated, value };
        let facility = crate::testing::facility("F01", "north", 10_001);
        let limit = |kind, value, sum| limit_kw(&depth(kind, value), &facility, 10_001, 0, sum);
        assert_eq!(limit(DepthKind::ToPercent, 5.0, 1), Some(500));
        assert_eq!(limit(DepthKind::ByPercent, 5.0, 1), Some(9_500));
        assert_eq!(limit(DepthKind::ToMw, 380.0, 3 * 10_001), Some(126_666));
        assert_eq!(limit(DepthKind::ByMw, 1.0, 3 * 10_001), Some(9_667));
        assert_eq!(limit(DepthKind::Full, 0.0, 1), Some(0));
        assert_eq!(limit(DepthKind::None, 0.0, 1), None);
        assert_eq!(limit(DepthKind::ToMw, 10.0, 0), Some(0));
    }
}
