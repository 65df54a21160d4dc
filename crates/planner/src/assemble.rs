//! From cuts in whole kW to the plan as written: every row, every figure that follows, and the reasons.

mod overridden;
mod reason;

use crate::dispatch::{Dispatch, dispatch};
use crate::problem::{Problem, count, mw};
use crate::solver::SolverError;
use crate::stages::{Burdens, Stage};
use crate::walk::{Walk, walk};
use kezek_model::case::{Case, Policy};
use kezek_model::plan::{Allocation, Flow, Overridden, Plan, Status, Totals, ZoneBalance};
use kezek_model::units::Kw;

/// What a search knows beside the cuts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof {
    /// Why it stopped.
    pub(crate) status: Status,
    /// A proven lower bound of the objective.
    pub(crate) bound: Option<f64>,
    /// Seed of the search.
    pub(crate) seed: u64,
    /// Seconds spent.
    pub(crate) seconds: f64,
}

/// Cuts with all that follows from them.
pub(crate) struct Costed {
    /// kW per facility and interval.
    pub(crate) cuts: Vec<Vec<i64>>,
    /// Flows and shortages.
    pub(crate) dispatch: Dispatch,
    /// Events, overrun and what gave way, per facility.
    pub(crate) walks: Vec<Walk>,
    /// The objective without uncovered and overrun energy.
    pub(crate) cost: f64,
    /// Shortage in MWh.
    pub(crate) uncovered_mwh: f64,
    /// Shortage and overrun in MWh.
    pub(crate) missing_mwh: f64,
    /// The objective.
    pub(crate) objective: f64,
}

impl Costed {
    /// Dispatches the ties for some cuts and counts what they cost.
    pub(crate) fn new(problem: &Problem, cuts: Vec<Vec<i64>>) -> Result<Self, SolverError> {
        let dispatch = dispatch(problem, &cuts)?;
        let walks: Vec<Walk> =
            problem.facilities.iter().zip(&cuts).map(|(row, own)| walk(row, own)).collect();
        let mwh = |kw: i64| mw(kw) * problem.hours;
        let (mut cost, mut overrun_mwh) = (0.0, 0.0);
        for ((row, own), walk) in problem.facilities.iter().zip(&cuts).zip(&walks) {
            cost += mwh(own.iter().sum()) * row.cut_cost_per_mwh + count(walk.starts.len()) * row.event_cost;
            overrun_mwh += mwh(walk.overrun.iter().map(|&t| own[t]).sum());
        }
        let uncovered_mwh = dispatch.uncovered.iter().flatten().sum::<f64>() * problem.hours;
        let missing_mwh = uncovered_mwh + overrun_mwh;
        let objective = cost + problem.uncovered_cost_per_mwh * missing_mwh;
        Ok(Self { cuts, dispatch, walks, cost, uncovered_mwh, missing_mwh, objective })
    }

    /// What the stages of a lexicographic policy minimise, one after the other.
    pub(crate) fn values(&self, burdens: &Burdens) -> [f64; 3] {
        [self.missing_mwh, burdens.highest(&self.cuts), self.objective]
    }

    /// The plan as written; of a lexicographic policy no stage but the last is proven by its bound.
    pub(crate) fn plan(
        &self,
        case: &Case,
        problem: &Problem,
        proof: Proof,
    ) -> Result<Plan, kezek_model::canonical::CanonicalError> {
        let bound = proof.bound.map(|bound| bound.min(self.objective));
        let burdens = Burdens::new(case, problem);
        let is_staged = case.objective.policy != Policy::LeastCost;
        Ok(Plan {
            case: case.name.clone(),
            case_digest: case.digest()?,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            policy: case.objective.policy,
            seed: proof.seed,
            parent: None,
            status: proof.status,
            objective: self.objective,
            bound,
            gap: bound.map(|bound| relative_gap(self.objective, bound)),
            seconds: proof.seconds,
            totals: self.totals(problem, &burdens),
            stages: is_staged.then(|| stages(self.values(&burdens), [None, None, bound])),
            uncertainty: None,
            allocations: self.allocations(case, problem),
            zones: self.zones(case, problem),
            flows: self.flows(case),
            overridden: self.overridden(case, problem),
        })
    }

    fn totals(&self, problem: &Problem, burdens: &Burdens) -> Totals {
        let mwh = |kw: i64| mw(kw) * problem.hours;
        let nominated: i64 = problem.facilities.iter().flat_map(|row| &row.nominated).sum();
        Totals {
            nominated_mwh: mwh(nominated),
            cut_mwh: mwh(self.cuts.iter().flatten().sum()),
            uncovered_mwh: self.uncovered_mwh,
            cost: self.cost,
            events: self.walks.iter().map(|walk| walk.starts.len() as u64).sum(),
            max_burden: burdens.highest(&self.cuts),
        }
    }

    fn allocations(&self, case: &Case, problem: &Problem) -> Vec<Allocation> {
        let reasons = reason::Reasons::new(case, problem, self);
        let row = |f: usize, t: usize| {
            let (nominated, cut) = (problem.facilities[f].nominated[t], self.cuts[f][t]);
            Allocation {
                facility: case.facilities[f].id.clone(),
                interval_start: case.grid.instant(t),
                nominated: Kw(nominated),
                limit: Kw(nominated - cut),
                cut: Kw(cut),
                reason: reasons.of(f, t),
            }
        };
        let facilities = 0..case.facilities.len();
        facilities.flat_map(|f| (0..problem.steps).map(move |t| (f, t))).map(|(f, t)| row(f, t)).collect()
    }

    fn zones(&self, case: &Case, problem: &Problem) -> Vec<ZoneBalance> {
        let mut rows = Vec::with_capacity(problem.zones.len() * problem.steps);
        for (z, zone) in problem.zones.iter().enumerate() {
            for t in 0..problem.steps {
                let drawn = |&f: &usize| problem.facilities[f].nominated[t] - self.cuts[f][t];
                rows.push(ZoneBalance {
                    zone: case.zones[z].id.clone(),
                    interval_start: case.grid.instant(t),
                    headroom_mw: zone.headroom_mw[t],
                    allocated_mw: mw(zone.facilities.iter().map(drawn).sum()),
                    import_mw: self.import_mw(problem, z, t),
                    uncovered_mw: self.dispatch.uncovered[z][t],
                });
            }
        }
        rows
    }

    fn import_mw(&self, problem: &Problem, z: usize, t: usize) -> f64 {
        let signed = |(tie, flow): (&crate::problem::TieRow, &Vec<f64>)| {
            f64::from(i8::from(tie.to == z) - i8::from(tie.from == z)) * flow[t]
        };
        problem.ties.iter().zip(&self.dispatch.flows).map(signed).sum::<f64>() + 0.0
    }

    fn flows(&self, case: &Case) -> Vec<Flow> {
        let rows = case.ties.iter().zip(&self.dispatch.flows);
        let row = |(tie, t, mw): (&kezek_model::case::Tie, usize, f64)| Flow {
            tie: tie.id.clone(),
            interval_start: case.grid.instant(t),
            mw,
        };
        rows.flat_map(|(tie, flows)| flows.iter().enumerate().map(move |(t, &mw)| (tie, t, mw)))
            .map(row)
            .collect()
    }

    fn overridden(&self, case: &Case, problem: &Problem) -> Vec<Overridden> {
        let rows = (0..problem.facilities.len())
            .flat_map(|f| overridden::rows(case, f, &problem.facilities[f], &self.cuts[f], &self.walks[f]));
        let mut rows: Vec<Overridden> = rows.collect();
        rows.sort();
        rows
    }
}

/// The stages as written.
pub(crate) fn stages(values: [f64; 3], bounds: [Option<f64>; 3]) -> Vec<kezek_model::plan::Stage> {
    let stage = |((stage, value), bound): ((Stage, f64), Option<f64>)| {
        let bound = bound.map(|bound| bound.min(value));
        let gap = bound.map(|bound| relative_gap(value, bound));
        kezek_model::plan::Stage { stage: stage.name().to_owned(), value, bound, gap }
    };
    Stage::ALL.into_iter().zip(values).zip(bounds).map(stage).collect()
}

/// `(objective - bound) / max(1, |objective|)`.
pub(crate) fn relative_gap(objective: f64, bound: f64) -> f64 {
    (objective - bound) / objective.abs().max(1.0)
}

/// The greatest objective that is within a relative gap of a bound.
pub(crate) fn within(bound: f64, gap: f64) -> f64 {
    let within = bound / (1.0 - gap);
    if within >= 1.0 { within } else { (bound + gap).min(1.0) }
}
