//! From a blend to a draft at once: every facility takes one of its group's columns, in the shares of the blend.

use super::master::{Blend, Column, Master};

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
