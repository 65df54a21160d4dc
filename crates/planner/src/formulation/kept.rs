//! What an earlier stage reached, where a later one keeps it: `sum hours * (uncovered + overrun) <= allowed`.

use super::Formulation;

impl Formulation {
    /// Allows no more uncovered and overrun energy than this, in MWh.
    pub(crate) fn keep_missing(&mut self, allowed_mwh: f64) {
        let missing = self.missing.clone();
        self.at_most(missing, allowed_mwh);
    }
}
