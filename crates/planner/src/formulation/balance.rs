//! Balance and ties (3.1, 3.2): `sum (nominated - cut) + flow out - flow in <= headroom + uncovered`,
//! `-reverse_limit <= flow <= limit`, `uncovered >= 0` at its price.

use super::Formulation;
use crate::problem::Problem;
use good_lp::{Expression, Variable};

/// Adds the rows; what stays uncovered comes back, by interval and zone.
pub(super) fn add(model: &mut Formulation, problem: &Problem) -> Vec<Variable> {
    let mut short = Vec::new();
    for t in 0..problem.steps {
        let mut rows: Vec<Expression> =
            (0..problem.zones.len()).map(|z| load(model, problem, z, t)).collect();
        for tie in &problem.ties {
            let flow = model.column(-tie.reverse_limit_mw[t], tie.limit_mw[t]);
            rows[tie.from] += flow;
            rows[tie.to] -= flow;
        }
        for (z, row) in rows.into_iter().enumerate() {
            let uncovered = model.column(0.0, f64::INFINITY);
            model.miss(problem, uncovered);
            model.at_most(row, problem.zones[z].headroom_mw[t] + Expression::from(uncovered));
            short.push(uncovered);
        }
    }
    short
}

/// What the facilities of a zone draw.
fn load(model: &Formulation, problem: &Problem, z: usize, t: usize) -> Expression {
    let cuts = problem.zones[z].facilities.iter().filter_map(|&f| model.facilities[f].as_ref());
    cuts.fold(problem.uncut_load_mw(z, t).into(), |load: Expression, columns| load - columns.cut[t])
}
