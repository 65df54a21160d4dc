//! What a MWh is worth in a zone and interval.

use crate::again::exact_prices;
use crate::decomposition::{Fleet, Prices};
use crate::draft::Draft;
use crate::problem::{Problem, count};
use crate::solve::marginal::rounded;
use crate::solver::SolverError;

/// The prices of the greatest bound, found from the first ones where there are any, and that bound.
pub(super) fn at_best(
    fleet: &Fleet<'_>,
    draft: &Draft<'_>,
    first: Option<&Prices>,
) -> Result<(Prices, f64), SolverError> {
    if fleet.members.is_empty() {
        return Ok((Prices::zero(fleet.problem), draft.objective()));
    }
    exact_prices(fleet, draft, first)
}

/// The mean price of a facility's zone over some intervals, per MWh.
pub(super) fn per_mwh(problem: &Problem, prices: &Prices, f: usize, from: usize, to: usize) -> f64 {
    let own = &prices.balance[problem.facilities[f].zone][from..to];
    rounded(own.iter().sum::<f64>() / (count(to - from) * problem.hours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decomposition::tests::{STEPS, problems};
    use crate::fallback::fallback;
    use proptest::prelude::*;

    fn bound(problem: &Problem) -> (Prices, f64) {
        at_best(&Fleet::whole(problem), &fallback(problem, &|| false), None).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        /// What is saved by a little more headroom is at most its price, what less costs at least that.
        #[test]
        fn a_price_lies_between_what_more_headroom_saves_and_what_less_costs(
            problem in problems(),
            (zone, t) in (0..2_usize, 0..STEPS),
        ) {
            let (prices, here) = bound(&problem);
            let price = prices.balance[zone][t];
            let bound_with = |change_mw: f64| {
                let mut other = problem.clone();
                other.zones[zone].headroom_mw[t] += change_mw;
                bound(&other).1
            };
            let noise = 1e-6 * here.abs().max(1.0) + 1e-6;
            prop_assert!(here - bound_with(0.2) <= 0.2 * price + noise);
            prop_assert!(bound_with(-0.2) - here >= 0.2 * price - noise);
        }
    }

    #[test]
    fn a_zone_that_cuts_its_only_facility_pays_what_that_costs() {
        let row = crate::testing::row(1, 10_000);
        let cost = row.cut_cost_per_mwh;
        let mut problem = crate::testing::alone(row, 6.0);
        assert!((per_mwh(&problem, &bound(&problem).0, 0, 0, 1) - cost).abs() < 1e-6);
        problem.zones[0].headroom_mw = vec![-1.0];
        assert!((per_mwh(&problem, &bound(&problem).0, 0, 0, 1) - 500.0).abs() < 1e-6);
    }
}
