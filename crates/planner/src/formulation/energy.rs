//! Energy, where a stage limits it: `sum cut[t] <= most_cut`.

use super::{FacilityColumns, Formulation};
use crate::problem::{FacilityRow, mw};
use good_lp::Expression;

pub(super) fn add(model: &mut Formulation, row: &FacilityRow, columns: &FacilityColumns) {
    if let Some(most) = row.most_cut {
        model.at_most(columns.cut.iter().sum::<Expression>(), mw(most));
    }
}
