//! From the solver's floats to whole kW: up in the cut, so that nothing covered is uncovered.

use crate::formulation::FacilityColumns;
use crate::problem::{FacilityRow, Problem};
use good_lp::Variable;
use std::collections::HashMap;

/// A fraction of a kW below which a float is taken as the whole number beside it.
const DUST_KW: f64 = 1e-3;

/// Cuts in kW per facility and interval, from the values of the cut columns in MW.
pub(crate) fn round(
    problem: &Problem,
    facilities: &[Option<FacilityColumns>],
    values: &HashMap<Variable, f64>,
) -> Vec<Vec<i64>> {
    let own = |(row, columns): (&FacilityRow, &Option<FacilityColumns>)| match columns {
        Some(columns) => (0..problem.steps).map(|t| round_cut(row, t, values[&columns.cut[t]])).collect(),
        None => vec![0; problem.steps],
    };
    problem.facilities.iter().zip(facilities).map(own).collect()
}

#[allow(clippy::cast_possible_truncation)]
fn round_cut(row: &FacilityRow, t: usize, mw: f64) -> i64 {
    if let Some(dictated) = row.frozen[t] {
        return dictated;
    }
    let kw = (mw * 1000.0 - DUST_KW).ceil() as i64;
    row.cut_at_least(t, kw.max(row.demand[t]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;

    #[test]
    fn rounds_up_in_the_cut_and_snaps_to_blocks() {
        let mut row = row(1, 10_500);
        assert_eq!(round_cut(&row, 0, 1.000_000_4), 1_000);
        assert_eq!(round_cut(&row, 0, 1.000_4), 1_001);
        assert_eq!(round_cut(&row, 0, 0.000_000_4), 0);
        assert_eq!(round_cut(&row, 0, 99.0), 10_500);
        row.block = 2_000;
        assert_eq!(round_cut(&row, 0, 3.999_999_9), 4_000);
        assert_eq!(round_cut(&row, 0, 10.4), 10_500);
    }
}
