//! Range (3.3): a cut is 0 or in `[min_cut, room]`, with blocks a whole multiple of them; the full cut is always allowed.
//!
//! Without blocks: `least * on <= cut <= room * on`. With blocks:
//! `cut = block * blocks + room * full`, `fewest * (on - full) <= blocks <= most * (on - full)`, `full <= on`.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, mw};
use good_lp::Expression;

pub(super) fn add(model: &mut Formulation, row: &FacilityRow, columns: &mut FacilityColumns) {
    for t in (0..row.room.len()).filter(|&t| row.frozen[t].is_none() && row.room[t] > 0) {
        let least = row.smallest_cut(t);
        if least == row.room[t] {
            model.equal(columns.cut[t], mw(row.room[t]) * columns.on[t]);
        } else if row.block == 0 {
            model.at_most(columns.cut[t], mw(row.room[t]) * columns.on[t]);
            model.at_most(mw(least) * columns.on[t], columns.cut[t]);
        } else {
            add_blocks(model, row, columns, t);
        }
    }
}

#[allow(clippy::cast_precision_loss)]
fn add_blocks(model: &mut Formulation, row: &FacilityRow, columns: &mut FacilityColumns, t: usize) {
    let (fewest, most) = (row.smallest_cut(t) / row.block, row.room[t] / row.block);
    let blocks = model.whole_column(0.0, most as f64);
    columns.blocks[t] = Some(blocks);
    let mut cut = mw(row.block) * blocks;
    let mut partly = Expression::from(columns.on[t]);
    if most * row.block < row.room[t] {
        let full = model.whole_column(0.0, 1.0);
        columns.full[t] = Some(full);
        model.at_most(full, columns.on[t]);
        cut += mw(row.room[t]) * full;
        partly -= full;
    }
    model.equal(columns.cut[t], cut);
    model.at_most(blocks, most as f64 * partly.clone());
    model.at_most(fewest as f64 * partly, blocks);
}
