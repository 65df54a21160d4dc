//! What the draws say together: figures of the same day, hour or facility over all draws of a scenario.

use kezek_study::lab::compare::quantile;
use kezek_study::lab::outcome::Outcome;
use kezek_study::lab::results::Results;

/// Positions in [`kezek_study::lab::outcome::DAY_FIGURES`].
pub(crate) const NEED_PEAK: usize = 1;
pub(crate) const ROOM: usize = 2;
pub(crate) const CUT: usize = 4;
pub(crate) const UNCOVERED: usize = 6;

/// Some values of the draws.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// 5 % of the draws are below.
    pub low: f64,
    /// 25 %.
    pub quarter: f64,
    /// Half.
    pub median: f64,
    /// 75 %.
    pub three_quarters: f64,
    /// 95 %.
    pub high: f64,
    /// The mean.
    pub mean: f64,
}

impl Spread {
    /// Of values in any order; all nothing where there are none.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share| quantile(&values, share);
        Self {
            low: at(0.05),
            quarter: at(0.25),
            median: at(0.5),
            three_quarters: at(0.75),
            high: at(0.95),
            mean: values.iter().sum::<f64>() / values.len().max(1) as f64,
        }
    }
}

/// A figure of every day of a scenario.
pub fn by_day(results: &Results, scenario: usize, figure: impl Fn(&[i64]) -> f64) -> Vec<Spread> {
    spreads(results, scenario, results.header.days, |own, day| own.days.get(day).map(|own| figure(own)))
}

/// A figure of every facility of a scenario.
pub fn by_facility(
    results: &Results,
    scenario: usize,
    figure: impl Fn(&Outcome, usize) -> Option<f64>,
) -> Vec<Spread> {
    spreads(results, scenario, results.header.facilities.len(), figure)
}

/// A duration curve of a scenario in MW, percent by percent.
pub(crate) fn curve(results: &Results, scenario: usize, of: fn(&Outcome) -> &Vec<i64>) -> Vec<Spread> {
    let percents = kezek_study::lab::outcome::CURVE;
    spreads(results, scenario, percents, |own, percent| of(own).get(percent).map(|kw| *kw as f64 / 1000.0))
}

fn spreads(
    results: &Results,
    scenario: usize,
    count: usize,
    figure: impl Fn(&Outcome, usize) -> Option<f64>,
) -> Vec<Spread> {
    let of = |at| Spread::of(results.of(scenario).filter_map(|(_, own)| figure(own, at)).collect());
    (0..count).map(of).collect()
}

/// Burden of a facility in percent; none without an entitlement.
#[must_use]
pub fn burden_percent(outcome: &Outcome, facility: usize) -> Option<f64> {
    let (nominated, cut) = (*outcome.nominated_kwh.get(facility)?, *outcome.cut_kwh.get(facility)?);
    (nominated > 0).then(|| 100.0 * cut as f64 / nominated as f64)
}

/// How many draws there are.
#[must_use]
pub fn draws(results: &Results) -> usize {
    results.of(0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::results;
    use kezek_study::lab::outcome::DAY_FIGURES;

    #[test]
    fn positions_are_those_of_the_names() {
        let names = [NEED_PEAK, ROOM, CUT, UNCOVERED].map(|at| DAY_FIGURES[at]);
        assert_eq!(names, ["need_peak_kw", "room_kw", "cut_kwh", "uncovered_kwh"]);
    }

    #[test]
    fn quantiles_are_of_the_draws() {
        let spread = Spread::of(vec![5.0, 1.0, 3.0, 2.0, 4.0]);
        let told =
            [spread.low, spread.quarter, spread.median, spread.three_quarters, spread.high, spread.mean];
        let near = [1.2, 2.0, 3.0, 4.0, 4.8, 3.0];
        assert!(told.iter().zip(near).all(|(a, b)| (a - b).abs() < 1e-9), "{told:?}");
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }

    #[test]
    fn a_facility_without_entitlement_has_no_burden() {
        let mut results = results();
        let own = results.lived.values_mut().next().unwrap();
        (own.nominated_kwh[1], own.cut_kwh[1]) = (200, 50);
        own.nominated_kwh[0] = 0;
        assert_eq!((burden_percent(own, 0), burden_percent(own, 1)), (None, Some(25.0)));
    }
}
