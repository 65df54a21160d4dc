//! From a blend to a draft at once: every facility takes one of its group's columns, in the shares of the blend, or their
//! mean where that is a course as well.

use super::ascent::Ascent;
use super::master::{Blend, Column, Master};
use crate::problem::FacilityRow;
use crate::walk::walk;

/// Cuts of all members.
pub(crate) fn mixture(master: &Master, blend: &Blend) -> Vec<Vec<i64>> {
    let mut by_group: Vec<Vec<(&Column, f64)>> = vec![Vec::new(); master.groups.len()];
    for (column, &share) in master.columns.iter().zip(&blend.shares) {
        by_group[column.group].push((column, share));
    }
    let mut cuts = vec![Vec::new(); master.groups.iter().map(Vec::len).sum()];
    for (members, mut columns) in master.groups.iter().zip(by_group) {
        columns.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (j, &m) in members.iter().enumerate() {
            let Some(column) = at_place(&columns, j, members.len()) else { continue };
            cuts[m].clone_from(&column.cuts[j]);
        }
    }
    cuts
}

/// The column within whose share the middle of the `j`th of `n` equal parts lies.
#[allow(clippy::cast_precision_loss)]
fn at_place<'c>(columns: &[(&'c Column, f64)], j: usize, n: usize) -> Option<&'c Column> {
    let (place, mut sum) = ((j as f64 + 0.5) / n as f64, 0.0);
    let within = columns.iter().find(|(_, share)| {
        sum += share;
        sum >= place
    });
    within.or(columns.first()).map(|(column, _)| *column)
}

/// The same, with the mean of the columns for those who can be cut by it: what the blend costs, but for whole kW.
pub(crate) fn evened(ascent: &Ascent<'_>) -> Vec<Vec<i64>> {
    let mut cuts = mixture(&ascent.master, &ascent.blend);
    let row = |m: usize| ascent.fleet.facility(m);
    let even: Vec<usize> = (0..cuts.len()).filter(|&m| is_even(row(m))).collect();
    if !even.is_empty() {
        let means = means(ascent);
        for m in even {
            let mean = mean_course(row(m), &means[m]);
            if walk(row(m), &mean).broken.is_empty() {
                cuts[m] = mean;
            }
        }
    }
    cuts
}

/// Whether the mean of two courses is one, at the mean cost, whole kW and the smallest cut apart.
fn is_even(row: &FacilityRow) -> bool {
    let has_events = row.event_cost > 0.0 || !row.hour_budgets.is_empty() || !row.is_plain();
    !has_events && row.block == 0 && row.most_cut.is_none() && !row.before.running
}

/// Mean cuts upwards to whole kW, and on where load would return a kW too fast.
fn mean_course(row: &FacilityRow, means: &[(f64, f64)]) -> Vec<i64> {
    let mut cuts: Vec<i64> = Vec::with_capacity(means.len());
    for (t, (_, mean)) in means.iter().enumerate() {
        let held = match (cuts.last(), row.return_limit(t)) {
            (Some(&before), Some(limit)) if before > 0 => before - limit,
            _ => 0,
        };
        let kw = whole_kw(*mean, f64::ceil).max(held);
        cuts.push(row.frozen[t].unwrap_or(row.cut_at_least(t, kw)));
    }
    cuts
}

/// The share of a blend that is under cut, and the mean cut in kW, per member and interval.
#[allow(clippy::cast_precision_loss)]
pub(super) fn means(ascent: &Ascent<'_>) -> Vec<Vec<(f64, f64)>> {
    let (fleet, master) = (&ascent.fleet, &ascent.master);
    let mut means = vec![vec![(0.0, 0.0); fleet.problem.steps]; fleet.members.len()];
    let shared = master.columns.iter().zip(&ascent.blend.shares).filter(|(_, share)| **share > 1e-9);
    for (column, share) in shared {
        for (&m, cuts) in master.groups[column.group].iter().zip(column.cuts.iter()) {
            for (mean, &kw) in means[m].iter_mut().zip(cuts).filter(|(_, kw)| **kw > 0) {
                mean.0 += share;
                mean.1 += share * kw as f64;
            }
        }
    }
    means
}

/// A mean cut in whole kW: what is whole but for the dust of the shares is that.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn whole_kw(mean: f64, round: fn(f64) -> f64) -> i64 {
    let kw = if (mean - mean.round()).abs() < DUST_KW { mean.round() } else { round(mean) };
    kw as i64
}

/// What the solver's shares add to a mean.
const DUST_KW: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decomposition::{Fleet, Prices};
    use crate::testing::{alone, row};

    fn evened_of(row: FacilityRow, headroom_mw: f64) -> Vec<Vec<i64>> {
        let problem = alone(row, headroom_mw);
        let fleet = Fleet::whole(&problem);
        let mut ascent = Ascent::from(&fleet, &[vec![0]], Prices::zero(&problem)).unwrap();
        while ascent.step().unwrap() {}
        evened(&ascent)
    }

    #[test]
    fn who_can_be_cut_by_the_mean_is() {
        let mut plain = row(1, 10_000);
        assert_eq!(evened_of(plain.clone(), 3.999_5), [[6_001]]);
        plain.event_cost = 1.0;
        assert_ne!(evened_of(plain, 3.999_5), [[6_001]]);
    }
}
