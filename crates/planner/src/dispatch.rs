//! Flows for given cuts: the least uncovered power, and of equal ones the least flow.

use crate::problem::Problem;
use crate::solver::{SolverError, minimise_linear};
use good_lp::{Expression, ProblemVariables, variable};

/// What the ties carry and what stays short, in MW.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dispatch {
    /// Per tie and interval.
    pub(crate) flows: Vec<Vec<f64>>,
    /// Per zone and interval.
    pub(crate) uncovered: Vec<Vec<f64>>,
}

/// Power below which a shortage is the solver's dust.
const DUST_MW: f64 = 1e-6;
/// Price of a MW of flow beside 1 for a MW of shortage: it only tells equal dispatches apart.
const FLOW_PRICE: f64 = 1e-6;

/// Dispatches the ties of every interval for cuts in kW per facility and interval.
///
/// # Errors
/// When the solver fails.
pub(crate) fn dispatch(problem: &Problem, cuts: &[Vec<i64>]) -> Result<Dispatch, SolverError> {
    let shortage = shortages(problem, cuts);
    let flows = if problem.ties.is_empty() { vec![] } else { least_shortage(problem, &shortage)? };
    let uncovered = remaining(problem, &shortage, &flows);
    Ok(Dispatch { flows, uncovered })
}

/// Load less headroom of every zone and interval, in MW; negative where there is room to spare.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn shortages(problem: &Problem, cuts: &[Vec<i64>]) -> Vec<Vec<f64>> {
    let shortage = |z: usize, t: usize| {
        let zone = &problem.zones[z];
        let load: i64 =
            zone.facilities.iter().map(|&f| problem.facilities[f].nominated[t] - cuts[f][t]).sum();
        load as f64 / 1000.0 - zone.headroom_mw[t]
    };
    (0..problem.zones.len()).map(|z| (0..problem.steps).map(|t| shortage(z, t)).collect()).collect()
}

/// The flows that leave the least shortage, and of those the least.
pub(crate) fn least_shortage(problem: &Problem, shortage: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, SolverError> {
    let (mut variables, mut rows) = (ProblemVariables::new(), Vec::new());
    let mut objective = Expression::from(0.0);
    let mut flows = Vec::new();
    for t in 0..problem.steps {
        let mut net: Vec<Expression> = shortage.iter().map(|zone| Expression::from(zone[t])).collect();
        for tie in &problem.ties {
            let forth = variables.add(variable().min(0.0).max(tie.limit_mw[t]));
            let back = variables.add(variable().min(0.0).max(tie.reverse_limit_mw[t]));
            objective += FLOW_PRICE * (forth + back);
            net[tie.from] += forth - back;
            net[tie.to] += back - forth;
            flows.push((forth, back));
        }
        for zone in net {
            let uncovered = variables.add(variable().min(0.0));
            objective += uncovered;
            rows.push(zone.leq(uncovered));
        }
    }
    let wanted: Vec<_> = flows.iter().flat_map(|&(forth, back)| [forth, back]).collect();
    let values = minimise_linear(variables, objective, rows, &wanted)?;
    let ties = problem.ties.len();
    let flow = |l: usize, t: usize| {
        let at = 2 * (t * ties + l);
        (values[at] - values[at + 1]).clamp(-problem.ties[l].reverse_limit_mw[t], problem.ties[l].limit_mw[t])
    };
    Ok((0..ties).map(|l| (0..problem.steps).map(|t| tidy(flow(l, t))).collect()).collect())
}

/// A flow without the solver's dust: no negative zero, no trailing noise.
fn tidy(mw: f64) -> f64 {
    if (mw - (mw * 1e6).round() / 1e6).abs() < 1e-9 { (mw * 1e6).round() / 1e6 + 0.0 } else { mw }
}

/// What is over headroom and import in every zone and interval, in MW; negative where there is power to spare.
pub(crate) fn net_load(problem: &Problem, shortage: &[Vec<f64>], flows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut left = shortage.to_vec();
    for (tie, flow) in problem.ties.iter().zip(flows) {
        for (t, mw) in flow.iter().enumerate() {
            left[tie.from][t] += mw;
            left[tie.to][t] -= mw;
        }
    }
    left
}

/// What is still short with some flows, in MW.
pub(crate) fn remaining(problem: &Problem, shortage: &[Vec<f64>], flows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut left = net_load(problem, shortage, flows);
    left.iter_mut().flatten().for_each(|mw| *mw = if *mw < DUST_MW { 0.0 } else { *mw });
    left
}
