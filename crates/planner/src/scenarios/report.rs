//! What the plan of a stochastic case says of its scenarios.

use super::futures::Futures;
use super::tail;
use crate::assemble::Costed;
use kezek_model::case::Case;
use kezek_model::plan::{ScenarioOutcome, Shortage, Uncertainty};

/// The figures of the plan, from what is done in each scenario; the objective comes with them.
pub(crate) fn uncertainty(case: &Case, futures: &Futures, each: &[Costed]) -> (f64, Uncertainty) {
    let uncovered_mwh: Vec<f64> = each.iter().map(|costed| costed.uncovered_mwh).collect();
    let expected = |of: &dyn Fn(&Costed) -> f64| -> f64 {
        each.iter().zip(&futures.probability).map(|(costed, p)| p * of(costed)).sum()
    };
    let cvar_uncovered_mwh = tail::mean(&futures.probability, futures.alpha, &uncovered_mwh);
    let expected_objective = expected(&|costed| costed.objective);
    let outcome = |(scenario, costed): (&kezek_model::case::Scenario, &Costed)| ScenarioOutcome {
        scenario: scenario.id.clone(),
        probability: scenario.probability,
        objective: costed.objective,
        cut_mwh: crate::problem::mw(costed.cuts.iter().flatten().sum()) * futures.first.hours,
        uncovered_mwh: costed.uncovered_mwh,
    };
    let is_short = |costed: &Costed, t: usize| costed.dispatch.uncovered.iter().any(|zone| zone[t] > 0.0);
    let chance = |t: usize| expected(&|costed| f64::from(u8::from(is_short(costed, t)))).min(1.0);
    let shortage = |t: usize| Shortage { interval_start: case.grid.instant(t), probability: chance(t) };
    let uncertainty = Uncertainty {
        expected_objective,
        expected_uncovered_mwh: expected(&|costed| costed.uncovered_mwh),
        cvar_uncovered_mwh,
        scenarios: case.scenarios.iter().zip(each).map(outcome).collect(),
        shortage: (0..futures.first.steps).map(shortage).collect(),
    };
    (expected_objective + futures.weight * cvar_uncovered_mwh, uncertainty)
}
