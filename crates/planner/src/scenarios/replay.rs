//! What a plan comes to in a future that it did not know: the best deeper cuts, once it is known.

use super::futures::Futures;
use super::joint::Joint;
use super::search::plan_alone;
use crate::assemble::Costed;
use crate::solve::PlanError;
use kezek_model::case::{Case, Scenario};

/// What a future cost with a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The objective of section 3.
    pub objective: f64,
    /// The objective without uncovered and overrun energy.
    pub cost: f64,
    /// Energy cut, the plan's included.
    pub cut_mwh: f64,
    /// Shortage that remains.
    pub uncovered_mwh: f64,
}

/// Plays a future: cuts as planned (kW per facility and interval), deepened from `known_at` and notice on as suits a
/// headroom in MW per zone and interval that is known by then; `uncovered_premium_per_mwh` is what a MWh of shortage is
/// worth to whoever deepens, beyond its price.
///
/// # Errors
/// When the solver that dispatches the ties fails.
pub fn respond(
    case: &Case,
    cuts: &[Vec<i64>],
    headroom_mw: &[Vec<f64>],
    uncovered_premium_per_mwh: f64,
) -> Result<Outcome, PlanError> {
    let scenario = Scenario { id: String::new(), probability: 1.0, headroom_mw: headroom_mw.to_vec() };
    let mut futures = Futures::new(&Case { scenarios: vec![scenario], ..case.clone() });
    (futures.alpha, futures.weight) = (0.0, uncovered_premium_per_mwh);
    let planned = Joint::of(&futures, cuts.to_vec(), vec![cuts.to_vec()]);
    let price = futures.first.uncovered_cost_per_mwh + futures.weight;
    let aim = plan_alone(&futures.first, price, &|| false)?;
    let answer = |aim: Option<Vec<Vec<Vec<i64>>>>| {
        let mut answer = planned.clone();
        aim.iter().for_each(|aim| answer.deepen_towards(aim));
        answer.deepen();
        answer
    };
    // Once from the plan on, once from what would have been best without one.
    let answers = [answer(None), answer(Some(vec![aim.cuts]))].into_iter().filter(Joint::is_allowed);
    let best = answers.min_by(|a, b| a.objective.total_cmp(&b.objective)).unwrap_or(planned);
    let each = best.each.into_iter().next();
    let costed = Costed::new(&futures.each[0], each.map_or_else(Vec::new, |draft| draft.cuts))?;
    Ok(Outcome {
        objective: costed.objective,
        cost: costed.cost,
        cut_mwh: crate::problem::mw(costed.cuts.iter().flatten().sum()) * futures.first.hours,
        uncovered_mwh: costed.uncovered_mwh,
    })
}
