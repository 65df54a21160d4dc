//! Section 7: bound, gap and status belong together.
//!
//! A lower bound cannot be proven again without solving; it is held against what it bounds. The status is decided by
//! the gap as far as it can be: `gap <= 1e-6` is `optimal`, `gap` above the gap asked for (or no gap) is `time-limit`,
//! between them `within-gap`. Solvers judge their gap before rounding to kW, so what rounding can have added to the
//! objective may turn a proven `optimal` into a gap that looks like `within-gap`, and a proven `within-gap` into one
//! that looks like `time-limit`; in that narrow band either is accepted.

use super::figures::{BURDEN_TOLERANCE, ENERGY_TOLERANCE_MWH, MONEY_TOLERANCE, Sums, is_near, tolerated};
use super::report::{Findings, Place, Rule};
use kezek_model::case::{Case, Policy};
use kezek_model::plan::{Plan, Stage, Status};

/// Up to this gap nothing better exists.
const OPTIMAL_GAP: f64 = 1e-6;
/// The gap asked for where nobody asks for one.
const DEFAULT_GAP: f64 = 0.001;
/// What a gap may be off in its last digits.
const GAP_NOISE: f64 = 1e-9;
/// What later stages may give back of the first two: MWh, share of the MWh, burden.
const UNCOVERED_SLACK_MWH: f64 = 0.1;
const UNCOVERED_SLACK_SHARE: f64 = 1e-4;
const BURDEN_SLACK: f64 = 0.001;

/// What was reached and what was proven, of the objective or of a stage.
struct Proof<'p> {
    rule: Rule,
    name: &'p str,
    value: f64,
    bound: Option<f64>,
    gap: Option<f64>,
    /// What the value may be off.
    tolerance: f64,
    /// What rounding and later stages can have added to the gap.
    added_gap: f64,
}

/// Judges bound, gap and status.
pub(super) fn judge(case: &Case, plan: &Plan, sums: &Sums, asked_gap: Option<f64>, findings: &mut Findings) {
    let objective = Proof {
        rule: Rule::Gap,
        name: "objective",
        value: plan.objective,
        bound: plan.bound,
        gap: plan.gap,
        tolerance: MONEY_TOLERANCE,
        added_gap: sums.rounding.cost / size(plan.objective),
    };
    objective.judge(findings);
    let stages = stages(case, plan, sums);
    for stage in &stages {
        stage.judge(findings);
    }
    if let Some(last) = stages.last() {
        objective.judge_same(last, findings);
    }
    let proofs = if stages.is_empty() { vec![objective] } else { stages };
    let asked_gap = asked_gap.or(case.solver.gap).unwrap_or(DEFAULT_GAP);
    judge_status(plan.status, &proofs, asked_gap, findings);
}

/// What a gap is relative to.
fn size(value: f64) -> f64 {
    value.abs().max(1.0)
}

fn stages<'p>(case: &Case, plan: &'p Plan, sums: &Sums) -> Vec<Proof<'p>> {
    let stages = plan.stages.as_deref().filter(|_| case.objective.policy != Policy::LeastCost);
    let slack_mwh = UNCOVERED_SLACK_MWH.max(UNCOVERED_SLACK_SHARE * sums.missing_mwh);
    let allowances = |name: &str| match name {
        "uncovered" => (ENERGY_TOLERANCE_MWH, sums.rounding.missing_mwh + slack_mwh),
        "burden" => (BURDEN_TOLERANCE, sums.rounding.burden + BURDEN_SLACK),
        _ => (MONEY_TOLERANCE, sums.rounding.cost),
    };
    let proof = |stage: &'p Stage| {
        let (tolerance, added) = allowances(&stage.stage);
        let (value, bound, gap) = (stage.value, stage.bound, stage.gap);
        let added_gap = added / size(value);
        Proof { rule: Rule::Stage, name: &stage.stage, value, bound, gap, tolerance, added_gap }
    };
    stages.unwrap_or_default().iter().map(proof).collect()
}

impl Proof<'_> {
    /// A gap stands where a bound does and follows from it; a bound is not above what was reached.
    fn judge(&self, findings: &mut Findings) {
        let Self { rule, name, value, bound, gap, tolerance, .. } = *self;
        let expected = bound.map(|bound| (value - bound) / size(value));
        let follows = match (gap, expected) {
            (None, None) => true,
            (Some(gap), Some(expected)) => (gap - expected).abs() <= GAP_NOISE * size(expected),
            _ => false,
        };
        if !follows {
            let (found, expected) = (figure(gap), figure(expected));
            findings.add(rule, Place::plan(), format!("gap of {name} {found}"), expected);
        }
        if !bound.is_none_or(|bound| bound <= value + tolerated(value, tolerance)) {
            let found = format!("bound of {name} {}", figure(bound));
            findings.add(Rule::Bound, Place::plan(), found, format!("at most {value}"));
        }
    }

    /// Objective, bound and gap of a plan are those of its last stage.
    fn judge_same(&self, last: &Self, findings: &mut Findings) {
        let same = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => is_near(one, other, GAP_NOISE),
            (one, other) => one.is_none() && other.is_none(),
        };
        for (rule, found, expected) in
            [(Rule::Bound, self.bound, last.bound), (Rule::Gap, self.gap, last.gap)]
        {
            if !same(found, expected) {
                let expected = format!("{}, of the last stage", figure(expected));
                findings.add(rule, Place::plan(), figure(found), expected);
            }
        }
    }

    /// Whether the gap may have been within `most` before rounding and later stages added to it.
    fn is_within(&self, most: f64) -> bool {
        self.gap.is_some_and(|gap| gap <= most + self.added_gap)
    }

    /// Whether the gap as written is within `most`.
    fn is_shown_within(&self, most: f64) -> bool {
        self.gap.is_some_and(|gap| gap <= most + GAP_NOISE)
    }
}

fn figure(figure: Option<f64>) -> String {
    figure.map_or("none".into(), |figure| figure.to_string())
}

fn judge_status(status: Status, proofs: &[Proof<'_>], asked_gap: f64, findings: &mut Findings) {
    let (shown_optimal, shown_within) = (
        proofs.iter().all(|proof| proof.is_shown_within(OPTIMAL_GAP)),
        proofs.iter().all(|proof| proof.is_shown_within(asked_gap)),
    );
    let holds = match status {
        Status::Optimal => proofs.iter().all(|proof| proof.is_within(OPTIMAL_GAP)),
        Status::WithinGap => {
            !shown_optimal && proofs.iter().all(|proof| proof.is_within(asked_gap.max(OPTIMAL_GAP)))
        }
        Status::TimeLimit => !shown_optimal && !shown_within,
    };
    if !holds {
        let expected = match (shown_optimal, shown_within) {
            (true, _) => "optimal".into(),
            (false, true) => format!("within-gap (of {asked_gap})"),
            (false, false) => format!("time-limit (the gap asked for is {asked_gap})"),
        };
        let gaps = proofs.iter().map(|proof| figure(proof.gap)).collect::<Vec<_>>().join(", ");
        findings.add(Rule::Status, Place::plan(), format!("{status:?} with a gap of {gaps}"), expected);
    }
}
