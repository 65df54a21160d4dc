//! What a MW more of headroom, and of load that may return, would save: the prices that prove a bound.
//!
//! They outlive the plan: for a revised case any prices prove a bound, and those of the case before a near one at once.

use crate::decomposition::{Fleet, Prices, first_prices};
use chrono::{DateTime, Utc};
use kezek_model::case::Case;
use kezek_model::ids::ZoneId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The prices of a zone in an interval: slopes of the bound where it is smooth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarginalPrice {
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// The zone.
    pub zone: ZoneId,
    /// What a MWh more of headroom would save, in money.
    pub balance_per_mwh: f64,
    /// What would be saved if a MW more could return from the interval before, in money; 0 without a restore limit.
    pub restore_per_mw: f64,
}

/// The prices of a case by zone and interval.
pub(crate) fn of(case: &Case, prices: &Prices) -> Vec<MarginalPrice> {
    let row = |z: usize, t: usize| MarginalPrice {
        interval_start: case.grid.instant(t),
        zone: case.zones[z].id.clone(),
        balance_per_mwh: rounded(prices.balance[z][t] / case.grid.hours()),
        restore_per_mw: rounded(prices.restore[z][t]),
    };
    let zones = 0..case.zones.len();
    zones.flat_map(|z| (0..case.grid.len).map(move |t| (z, t))).map(|(z, t)| row(z, t)).collect()
}

/// Millionths are enough.
pub(crate) fn rounded(money: f64) -> f64 {
    (money * 1e6).round() / 1e6
}

/// Prices for the zones and intervals of a case, the first ones where none is known; `None` where none is known at all.
pub(crate) fn known(case: &Case, fleet: &Fleet<'_>, rows: &[MarginalPrice]) -> Option<Prices> {
    let sound = |row: &&MarginalPrice| row.balance_per_mwh.is_finite() && row.restore_per_mw.is_finite();
    let rows: BTreeMap<(&ZoneId, DateTime<Utc>), &MarginalPrice> =
        rows.iter().filter(sound).map(|row| ((&row.zone, row.interval_start), row)).collect();
    let row = |z: usize, t: usize| rows.get(&(&case.zones[z].id, case.grid.instant(t))).copied();
    let places = || (0..case.zones.len()).flat_map(|z| (0..case.grid.len).map(move |t| (z, t)));
    let found = places().filter(|&(z, t)| row(z, t).is_some()).count();
    let all = case.zones.len() * case.grid.len;
    let mut prices = match found {
        0 => return None,
        found if found < all => first_prices(fleet),
        _ => Prices::zero(fleet.problem),
    };
    for (z, t) in places() {
        if let Some(row) = row(z, t) {
            prices.balance[z][t] = row.balance_per_mwh * case.grid.hours();
            prices.restore[z][t] = row.restore_per_mw;
        }
    }
    Some(prices.clamped(fleet))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use crate::solve::{Settings, Watch, solve_priced};
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    fn example() -> Case {
        Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small")).unwrap()
    }

    fn priced(case: &Case) -> Vec<MarginalPrice> {
        let (began, stop) = (std::time::Instant::now(), AtomicBool::new(false));
        let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut |_| {} };
        solve_priced(case, Settings::of(case, 2), &mut watch).unwrap().1
    }

    #[test]
    fn a_solve_tells_prices_that_prove_a_bound() {
        let case = example();
        let problem = Problem::new(&case).unwrap();
        let fleet = Fleet::whole(&problem);
        let rows = priced(&case);
        assert_eq!(rows.len(), case.zones.len() * case.grid.len);
        let bound = |prices: &Prices| fleet.answer(prices).unwrap().bound;
        let known = known(&case, &fleet, &rows).unwrap();
        let none = Prices::zero(&problem);
        assert!(bound(&known) > bound(&none) + 1.0, "{} after {}", bound(&known), bound(&none));
    }

    #[test]
    fn what_is_not_known_has_first_prices() {
        let case = example();
        let problem = Problem::new(&case).unwrap();
        let fleet = Fleet::whole(&problem);
        assert!(known(&case, &fleet, &[]).is_none());
        let mut rows = priced(&case);
        rows.truncate(1);
        rows[0].balance_per_mwh = 1.25;
        let prices = known(&case, &fleet, &rows).unwrap();
        let first = first_prices(&fleet).clamped(&fleet);
        assert!((prices.balance[0][0] - 1.25 * case.grid.hours()).abs() < 1e-9);
        assert_eq!(prices.balance[0][1..], first.balance[0][1..]);
        rows[0].zone = "elsewhere".into();
        assert!(known(&case, &fleet, &rows).is_none());
        rows[0] = MarginalPrice { balance_per_mwh: f64::NAN, ..priced(&case)[0].clone() };
        assert!(known(&case, &fleet, &rows).is_none());
    }
}
