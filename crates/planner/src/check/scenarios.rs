//! Section 6: what a plan says of the scenarios of its case fits together; where it says nothing, nothing is judged.

use super::figures::{ENERGY_TOLERANCE_MWH, MONEY_TOLERANCE, is_near};
use super::report::{Findings, Place, Rule};
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Uncertainty};

/// What a probability may be off.
const PROBABILITY_TOLERANCE: f64 = 1e-9;

/// Judges names, probabilities, means, the tail, the objective and the chances of a shortage.
pub(super) fn judge(case: &Case, plan: &Plan, findings: &mut Findings) {
    let Some(said) = &plan.uncertainty else { return };
    if case.scenarios.len() == 1 {
        findings.add(Rule::Total, Place::plan(), "uncertainty of a case with one future", "none");
        return;
    }
    let names = |names: &mut dyn Iterator<Item = (&String, f64)>| -> Vec<(String, f64)> {
        names.map(|(name, probability)| (name.clone(), probability)).collect()
    };
    let found = names(&mut said.scenarios.iter().map(|own| (&own.scenario, own.probability)));
    let expected = names(&mut case.scenarios.iter().map(|own| (&own.id, own.probability)));
    if found != expected {
        findings.add(Rule::Total, Place::plan(), format!("scenarios {found:?}"), format!("{expected:?}"));
        return;
    }
    judge_figures(case, plan, said, findings);
    judge_chances(case, said, findings);
}

fn judge_figures(case: &Case, plan: &Plan, said: &Uncertainty, findings: &mut Findings) {
    let uncovered = || said.scenarios.iter().map(|own| (own.probability, own.uncovered_mwh));
    let objective: f64 = said.scenarios.iter().map(|own| own.probability * own.objective).sum();
    let (alpha, weight) = case.risk.as_ref().map_or((0.0, 0.0), |risk| (risk.alpha, risk.weight));
    let tail = tail_mean(uncovered().collect(), alpha);
    let figures = [
        ("expected_objective", said.expected_objective, objective, MONEY_TOLERANCE),
        (
            "expected_uncovered_mwh",
            said.expected_uncovered_mwh,
            uncovered().map(|(probability, mwh)| probability * mwh).sum(),
            ENERGY_TOLERANCE_MWH,
        ),
        ("cvar_uncovered_mwh", said.cvar_uncovered_mwh, tail, ENERGY_TOLERANCE_MWH),
    ];
    for (name, found, expected, tolerance) in figures {
        if !is_near(found, expected, tolerance) {
            findings.add(Rule::Total, Place::plan(), format!("{name} {found}"), expected);
        }
    }
    if !is_near(plan.objective, objective + weight * tail, MONEY_TOLERANCE) {
        findings.add(Rule::Objective, Place::plan(), plan.objective, objective + weight * tail);
    }
}

/// The mean of the worst `1 - alpha` of some MWh with their probabilities.
fn tail_mean(mut outcomes: Vec<(f64, f64)>, alpha: f64) -> f64 {
    outcomes.sort_by(|one, other| other.1.total_cmp(&one.1));
    let whole = (1.0 - alpha) * outcomes.iter().map(|(probability, _)| probability).sum::<f64>();
    let (mut left, mut sum) = (whole, 0.0);
    for (probability, mwh) in outcomes {
        let taken = probability.min(left);
        sum += taken * mwh;
        left -= taken;
    }
    sum / whole
}

/// One chance for every interval, between 0 and the probability that anything at all stays uncovered.
fn judge_chances(case: &Case, said: &Uncertainty, findings: &mut Findings) {
    let starts = said.shortage.iter().map(|own| own.interval_start);
    if !starts.eq((0..case.grid.len).map(|t| case.grid.instant(t))) {
        findings.add(
            Rule::Total,
            Place::plan(),
            "shortage of other intervals",
            "one row for every interval, in order",
        );
    }
    let short = said.scenarios.iter().filter(|own| own.uncovered_mwh > 0.0);
    let most = short.map(|own| own.probability).sum::<f64>();
    for own in &said.shortage {
        if !(0.0..=most + PROBABILITY_TOLERANCE).contains(&own.probability) {
            let found = format!("shortage at {} with probability {}", own.interval_start, own.probability);
            findings.add(Rule::Total, Place::plan(), found, format!("from 0 to {most}"));
        }
    }
}
