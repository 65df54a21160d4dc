//! Section 7: totals, objective and stages follow from the rows.

use super::report::{Findings, Place, Rule};
use super::terms::Terms;
use super::time::Course;
use kezek_model::case::{Case, Facility, Policy};
use kezek_model::plan::Plan;

/// What figures of energy, money and burden may be off, or a millionth of the figure where that is more.
pub(super) const ENERGY_TOLERANCE_MWH: f64 = 0.001;
pub(super) const MONEY_TOLERANCE: f64 = 0.01;
pub(super) const BURDEN_TOLERANCE: f64 = 1e-5;
const SHARE_TOLERANCE: f64 = 1e-6;

/// What the rows add up to.
pub(super) struct Sums {
    pub(super) nominated_mwh: f64,
    pub(super) cut_mwh: f64,
    pub(super) uncovered_mwh: f64,
    /// Uncovered and overrun energy.
    pub(super) missing_mwh: f64,
    /// The objective without uncovered and overrun energy.
    pub(super) cost: f64,
    pub(super) objective: f64,
    pub(super) events: u64,
    pub(super) max_burden: f64,
    /// What rounding to kW can have added.
    pub(super) rounding: Rounding,
}

/// What rounding to kW can have added: less than 1 kW of cut in every row that need not be whole before.
#[derive(Default)]
pub(super) struct Rounding {
    pub(super) missing_mwh: f64,
    pub(super) burden: f64,
    pub(super) cost: f64,
}

/// A figure is near enough to what the rows say; one that is no number never is.
pub(super) fn is_near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerated(expected, tolerance)
}

/// What is allowed to a figure of this size.
pub(super) fn tolerated(expected: f64, tolerance: f64) -> f64 {
    tolerance.max(SHARE_TOLERANCE * expected.abs())
}

/// Adds up the rows.
pub(super) fn sums(
    case: &Case,
    terms: &[Terms],
    cut_kw: &[Vec<i64>],
    courses: &[Course],
    uncovered_mw: &[Vec<f64>],
) -> Sums {
    let mut sums = Sums {
        uncovered_mwh: uncovered_mw.iter().flatten().sum::<f64>() * case.grid.hours(),
        nominated_mwh: terms.iter().map(|terms| mwh(case, terms.nominated_kw.iter())).sum(),
        cut_mwh: cut_kw.iter().map(|cut_kw| mwh(case, cut_kw.iter())).sum(),
        missing_mwh: 0.0,
        cost: 0.0,
        objective: 0.0,
        events: 0,
        max_burden: 0.0,
        rounding: Rounding::default(),
    };
    sums.missing_mwh = sums.uncovered_mwh;
    for (((facility, terms), cut_kw), course) in case.facilities.iter().zip(terms).zip(cut_kw).zip(courses) {
        let overrun = (0..cut_kw.len()).filter(|&t| course.over[t] && !terms.is_forced(t));
        sums.missing_mwh += mwh(case, overrun.map(|t| &cut_kw[t]));
        sums.cost += cut_price(case, facility) * mwh(case, cut_kw.iter());
        sums.cost += facility.event_cost * course.starts() as f64;
        sums.events += course.starts() as u64;
        sums.max_burden = sums.max_burden.max(burden(case, facility, terms, cut_kw));
        sums.rounding.add(case, facility, terms, cut_kw, course);
    }
    sums.objective = sums.cost + case.objective.uncovered_cost_per_mwh * sums.missing_mwh;
    sums
}

fn mwh<'a>(case: &Case, kw: impl Iterator<Item = &'a i64>) -> f64 {
    kw.sum::<i64>() as f64 / 1000.0 * case.grid.hours()
}

fn cut_price(case: &Case, facility: &Facility) -> f64 {
    facility.cut_cost_per_mwh + case.tier_adder_per_mwh.get(&facility.tier).copied().unwrap_or(0.0)
}

/// What burdens a facility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burden {
    /// Energy that it has nominated.
    pub nominated_mwh: f64,
    /// Energy cut away from it.
    pub cut_mwh: f64,
}

impl Burden {
    /// The share of its energy that it has had cut; 0 where it has none.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.nominated_mwh > 0.0 { self.cut_mwh / self.nominated_mwh } else { 0.0 }
    }
}

/// Energy of the entitled intervals, the past considered by `rotation` only.
pub(super) fn burden_parts(
    case: &Case,
    facility: &Facility,
    terms: &Terms,
    cut_kw: &[i64],
) -> Option<Burden> {
    let entitled = || (0..cut_kw.len()).filter(|&t| terms.entitled[t]);
    if facility.protected || entitled().next().is_none() {
        return None;
    }
    let past = if case.objective.policy == Policy::Rotation { facility.ledger } else { Default::default() };
    Some(Burden {
        nominated_mwh: past.nominated_mwh + mwh(case, entitled().map(|t| &terms.nominated_kw[t])),
        cut_mwh: past.cut_mwh + mwh(case, entitled().map(|t| &cut_kw[t])),
    })
}

/// The share of its energy that a facility has had cut; 0 where it has none.
fn burden(case: &Case, facility: &Facility, terms: &Terms, cut_kw: &[i64]) -> f64 {
    burden_parts(case, facility, terms, cut_kw).map_or(0.0, |burden| burden.share())
}

impl Rounding {
    /// Rows that can have been rounded: free, without blocks, and deeper than the least that is asked for.
    fn add(&mut self, case: &Case, facility: &Facility, terms: &Terms, cut_kw: &[i64], course: &Course) {
        let least_kw = |t: usize| facility.min_cut_kw.0.max(terms.demand_kw[t]).max(0);
        let rounded = || {
            let free = (terms.freeze.len()..cut_kw.len()).filter(|_| facility.block_kw.is_none());
            free.filter(|&t| cut_kw[t] > least_kw(t))
        };
        let mwh_per_kw = case.grid.hours() / 1000.0;
        let rows_mwh = rounded().count() as f64 * mwh_per_kw;
        let over_mwh =
            rounded().filter(|&t| course.over[t] && !terms.is_forced(t)).count() as f64 * mwh_per_kw;
        self.missing_mwh += over_mwh;
        self.cost += cut_price(case, facility) * rows_mwh + case.objective.uncovered_cost_per_mwh * over_mwh;
        let burden = burden_parts(case, facility, terms, cut_kw);
        if let Some(burden) = burden.filter(|burden| burden.nominated_mwh > 0.0) {
            self.burden = self.burden.max(rows_mwh / burden.nominated_mwh);
        }
    }
}

/// Judges totals, objective and stages.
pub(super) fn judge(case: &Case, plan: &Plan, sums: &Sums, findings: &mut Findings) {
    let totals = &plan.totals;
    let figures = [
        ("nominated_mwh", totals.nominated_mwh, sums.nominated_mwh, ENERGY_TOLERANCE_MWH),
        ("cut_mwh", totals.cut_mwh, sums.cut_mwh, ENERGY_TOLERANCE_MWH),
        ("uncovered_mwh", totals.uncovered_mwh, sums.uncovered_mwh, ENERGY_TOLERANCE_MWH),
        ("cost", totals.cost, sums.cost, MONEY_TOLERANCE),
        ("max_burden", totals.max_burden, sums.max_burden, BURDEN_TOLERANCE),
    ];
    for (name, found, expected, tolerance) in figures {
        if !is_near(found, expected, tolerance) {
            findings.add(Rule::Total, Place::plan(), format!("{name} {found}"), expected);
        }
    }
    if totals.events != sums.events {
        findings.add(Rule::Total, Place::plan(), format!("events {}", totals.events), sums.events);
    }
    let is_one_future = case.scenarios.len() == 1;
    if is_one_future && !is_near(plan.objective, sums.objective, MONEY_TOLERANCE) {
        findings.add(Rule::Objective, Place::plan(), plan.objective, sums.objective);
    }
    judge_stages(case, plan, sums, findings);
}

/// Lexicographic policies have three stages, in order; `least-cost` has none.
fn judge_stages(case: &Case, plan: &Plan, sums: &Sums, findings: &mut Findings) {
    let expected: &[(&str, f64, f64)] = match case.objective.policy {
        Policy::LeastCost => &[],
        Policy::EqualShare | Policy::Rotation => &[
            ("uncovered", sums.missing_mwh, ENERGY_TOLERANCE_MWH),
            ("burden", sums.max_burden, BURDEN_TOLERANCE),
            ("cost", sums.objective, MONEY_TOLERANCE),
        ],
    };
    let found = plan.stages.as_deref().unwrap_or_default();
    let names = found.iter().map(|stage| stage.stage.as_str()).collect::<Vec<_>>();
    if !names.iter().eq(expected.iter().map(|(name, _, _)| name))
        || plan.stages.is_some() == expected.is_empty()
    {
        let expected = expected.iter().map(|(name, _, _)| *name).collect::<Vec<_>>().join(", ");
        let expected = if expected.is_empty() { "none".into() } else { expected };
        findings.add(Rule::Stage, Place::plan(), format!("stages {names:?}"), expected);
        return;
    }
    for (stage, &(name, value, tolerance)) in found.iter().zip(expected) {
        if case.scenarios.len() == 1 && !is_near(stage.value, value, tolerance) {
            findings.add(Rule::Stage, Place::plan(), format!("{name} {}", stage.value), value);
        }
    }
}
