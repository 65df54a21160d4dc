//! The plan as it stands: the problem, the draft of its cuts, and the prices of its zones.

use super::instead::Part;
use super::{CausedIn, Patience, Question, Span, WhyError};
use super::{causes, headroom, instead, places, prices};
use crate::again::{Aim, Found, again};
use crate::check::{Rule, check};
use crate::decomposition::{Fleet, Prices};
use crate::draft::Draft;
use crate::problem::{Problem, mw};
use crate::solve::PlanError;
use crate::solver::SolverError;
use crate::stages::{Burdens, Stage};
use kezek_model::case::{Case, Policy};
use kezek_model::plan::Plan;
use std::collections::BTreeMap;

/// All that questions are asked of.
pub(super) struct Scene<'a> {
    pub(super) case: &'a Case,
    pub(super) problem: &'a Problem,
    /// The plan's cuts.
    pub(super) draft: Draft<'a>,
    /// The prices of the best bound.
    pub(super) prices: Prices,
    /// The plan with the best bound known of it.
    pub(super) found: Found,
    is_over: &'a (dyn Fn() -> bool + Sync),
    threads: u32,
    seed: u64,
    time_limit_s: f64,
}

/// The problem of a case whose plan holds; under another policy than `least-cost` that of the last stage, in which no
/// burden exceeds the plan's. With which gap the plan was content does not matter here.
pub(super) fn problem(case: &Case, plan: &Plan) -> Result<Problem, WhyError> {
    let mut report = check(case, plan, None);
    report.findings.retain(|finding| finding.rule != Rule::Status);
    if !report.passed() {
        return Err(WhyError::Plan(report.to_string()));
    }
    let problem = Problem::new(case).map_err(PlanError::from)?;
    if case.objective.policy == Policy::LeastCost {
        return Ok(problem);
    }
    let burdens = Burdens::new(case, &problem);
    let highest = burdens.highest(&cuts_of(case, plan));
    let told = plan.stages.iter().flatten().find(|stage| stage.stage == Stage::Burden.name());
    let most = told.map_or(highest, |stage| stage.value.max(highest)) + BURDEN_SLACK;
    Ok(burdens.capped(&problem, most))
}

/// The cuts of a plan, kW per facility and interval.
pub(crate) fn cuts_of(case: &Case, plan: &Plan) -> Vec<Vec<i64>> {
    let mut cuts = vec![vec![0; case.grid.len]; case.facilities.len()];
    let places: BTreeMap<_, usize> =
        case.facilities.iter().enumerate().map(|(f, own)| (&own.id, f)).collect();
    for row in &plan.allocations {
        let place = places.get(&row.facility).zip(case.grid.index_of(row.interval_start));
        if let Some((&f, t)) = place {
            cuts[f][t] = row.cut.0;
        }
    }
    cuts
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        question: Question<'a>,
        problem: &'a Problem,
        patience: &Patience<'a>,
        is_over: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Self, WhyError> {
        let draft = Draft::new(problem, cuts_of(question.case, question.plan));
        let fleet = Fleet::whole(problem);
        let (prices, bound) = prices::at_best(&fleet, &draft, None)?;
        let objective = draft.objective();
        let found = Found { cuts: draft.cuts.clone(), objective, bound };
        let (threads, seed) = (patience.threads, patience.seed);
        let (case, time_limit_s) = (question.case, patience.time_limit_s);
        Ok(Self { case, problem, draft, prices, found, is_over, threads, seed, time_limit_s })
    }

    pub(super) fn cuts(&self) -> &[Vec<i64>] {
        &self.draft.cuts
    }

    pub(super) fn is_over(&self) -> bool {
        (self.is_over)()
    }

    /// An aim for a plan that is made again, as near as `gap`.
    pub(super) fn aim(&self, gap: f64) -> Aim<'_> {
        Aim {
            gap: if self.problem.is_small() { gap } else { gap.max(NEAR_IF_LARGE) },
            patience: Some(PATIENCE),
            threads: self.threads,
            seed: self.seed,
            exact_s: self.time_limit_s,
            enough: f64::NEG_INFINITY,
            prices: Some(&self.prices),
            is_over: self.is_over,
        }
    }

    /// A lower bound of a problem with the same facilities, as good as can be had: of a small one the optimum.
    pub(super) fn bound_of(&self, problem: &Problem) -> Result<f64, SolverError> {
        let draft = Draft::new(problem, self.cuts().to_vec());
        if problem.is_small() {
            return Ok(again(problem, draft, self.aim(NEAR))?.bound);
        }
        self.priced_bound_of(problem)
    }

    /// The bound that prices alone prove of a problem with the same facilities, from those of the scene.
    pub(super) fn priced_bound_of(&self, problem: &Problem) -> Result<f64, SolverError> {
        let draft = Draft::new(problem, self.cuts().to_vec());
        Ok(prices::at_best(&Fleet::whole(problem), &draft, Some(&self.prices))?.1)
    }

    /// MWh that a facility is cut in `[from, to)`.
    pub(super) fn mwh(&self, f: usize, from: usize, to: usize) -> f64 {
        mw(self.cuts()[f][from..to].iter().sum()) * self.problem.hours
    }

    /// All that is said of `[from, to)`.
    pub(super) fn span(&self, f: usize, from: usize, to: usize) -> Result<Span, WhyError> {
        let own = &self.cuts()[f][from..to];
        let is_cut = own.iter().any(|&kw| kw > 0);
        let instead = if is_cut { Some(instead::instead(self, Part { f, from, to })?) } else { None };
        let headroom = if is_cut && to == from + 1 { Some(headroom::sparing(self, f, from)?) } else { None };
        Ok(Span {
            start: self.case.grid.instant(from),
            end: self.case.grid.instant(to),
            cut_mwh: self.mwh(f, from, to),
            peak_cut_mw: own.iter().copied().max().map_or(0.0, mw),
            price_per_mwh: prices::per_mwh(self.problem, &self.prices, f, from, to),
            place: places::place(self.case, self.problem, self.cuts(), f, from),
            causes: self.causes(f, from, to),
            instead,
            headroom,
        })
    }

    /// The causes of all intervals, equal neighbours together.
    fn causes(&self, f: usize, from: usize, to: usize) -> Vec<CausedIn> {
        let mut runs: Vec<CausedIn> = Vec::new();
        for t in from..to {
            let cause = causes::cause(self, f, t);
            let end = self.case.grid.instant(t + 1);
            match runs.last_mut() {
                Some(run) if run.cause == cause => run.end = end,
                _ => {
                    let text = cause.sentence(self, f, t);
                    runs.push(CausedIn { start: self.case.grid.instant(t), end, cause, text });
                }
            }
        }
        runs
    }
}

/// What the last stage may give back of the highest burden.
const BURDEN_SLACK: f64 = 0.001;
/// Relative gap at which a bound is good enough.
const NEAR: f64 = 1e-7;
/// The same for a problem whose optimum is not sought.
const NEAR_IF_LARGE: f64 = 1e-4;
/// Rounds of neighbourhoods that may better nothing.
const PATIENCE: usize = 8;
