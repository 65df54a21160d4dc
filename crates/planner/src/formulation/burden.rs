//! The highest burden, where a stage minimises it:
//! `past_cut + hours * sum cut[t] <= burden * (past_nominated + nominated)` for every facility that has a burden.

use super::Formulation;
use crate::problem::Problem;
use crate::stages::Burdens;
use good_lp::Expression;

impl Formulation {
    /// Makes the highest burden the objective.
    pub(crate) fn minimise_burden(&mut self, problem: &Problem, burdens: &Burdens) {
        let burden = self.column(0.0, f64::INFINITY);
        for f in 0..problem.facilities.len() {
            let Some(share) = burdens.share(f) else { continue };
            let cut = self.facilities[f].as_ref().map(|own| own.cut.iter().sum::<Expression>());
            let cut = problem.hours * cut.unwrap_or_default() + share.past_cut_mwh;
            self.at_most(cut, share.whole_mwh * burden);
        }
        self.objective = burden.into();
    }
}
