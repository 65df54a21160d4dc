//! From cuts in whole kW to the plan as written: every row, every figure that follows, and the reasons.

mod overridden;
mod reason;

use crate::dispatch::{Dispatch, dispatch};
use crate::problem::{Problem, count, mw};
use crate::solver::SolverError;
use crate::walk::{Walk, walk};
use kezek_model::case::Case;
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
    /// The objective.
    pub(crate) objective: f64,
}

impl Costed {
    /// Dispatches the ties for some cuts and counts what they cost.
    pub(crate) fn new(problem: &Problem, cuts: Vec<Vec<i64>>, threads: u32) -> Result<Self, SolverError> {
        let dispatch = dispatch(problem, &cuts, threads)?;
        let walks: Vec<Walk> =
            problem.facilities.iter().zip(&cuts).map(|(row, own)| walk(row, own)).collect();
        let mwh = |kw: i64| mw(kw) * problem.hours;
        let (mut cost, mut overrun_mwh) = (0.0, 0.0);
        for ((row, own), walk) in problem.facilities.iter().zip(&cuts).zip(&walks) {
            cost += mwh(own.iter().sum()) * row.cut_cost_per_mwh + count(walk.starts.len()) * row.event_cost;
            overrun_mwh += mwh(walk.overrun.iter().map(|&t| own[t]).sum());
        }
        let uncovered_mwh = dispatch.uncovered.iter().flatten().sum::<f64>() * problem.hours;
        let objective = cost + problem.uncovered_cost_per_mwh * (uncovered_mwh + overrun_mwh);
        Ok(Self { cuts, dispatch, walks, cost, uncovered_mwh, objective })
    }

    /// The plan as written.
    pub(crate) fn plan(
        &self,
        case: &Case,
        problem: &Problem,
        proof: Proof,
    ) -> Result<Plan, kezek_model::canonical::CanonicalError> {
        let bound = proof.bound.map(|bound| bound.min(self.objective));
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
            totals: self.totals(problem),
            stages: None,
            allocations: self.allocations(case, problem),
            zones: self.zones(case, problem),
            flows: self.flows(case),
            overridden: self.overridden(case, problem),
        })
    }

    fn totals(&self, problem: &Problem) -> Totals {
        let mwh = |kw: i64| mw(kw) * problem.hours;
        let nominated: i64 = problem.facilities.iter().flat_map(|row| &row.nominated).sum();
        Totals {
            nominated_mwh: mwh(nominated),
            cut_mwh: mwh(self.cuts.iter().flatten().sum()),
            uncovered_mwh: self.uncovered_mwh,
            cost: self.cost,
            events: self.walks.iter().map(|walk| walk.starts.len() as u64).sum(),
            max_burden: self.max_burden(problem),
        }
    }

    /// The highest share of its entitled energy that a facility has cut; protected ones have no burden.
    fn max_burden(&self, problem: &Problem) -> f64 {
        let burden = |(row, own): (&crate::problem::FacilityRow, &Vec<i64>)| {
            let entitled = (0..problem.steps).filter(|&t| row.entitled[t]);
            let nominated: i64 = entitled.map(|t| row.nominated[t]).sum();
            if nominated == 0 { 0.0 } else { mw(own.iter().sum()) / mw(nominated) }
        };
        problem.facilities.iter().zip(&self.cuts).map(burden).fold(0.0, f64::max)
    }

    fn allocations(&self, case: &Case, problem: &Problem) -> Vec<Allocation> {
        let row = |f: usize, t: usize| {
            let (nominated, cut) = (problem.facilities[f].nominated[t], self.cuts[f][t]);
            Allocation {
                facility: case.facilities[f].id.clone(),
                interval_start: case.grid.instant(t),
                nominated: Kw(nominated),
                limit: Kw(nominated - cut),
                cut: Kw(cut),
                reason: reason::reason(case, problem, self, f, t),
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

/// `(objective - bound) / max(1, |objective|)`.
pub(crate) fn relative_gap(objective: f64, bound: f64) -> f64 {
    (objective - bound) / objective.abs().max(1.0)
}
