//! Why: what a plan does with one facility, and what would be different otherwise.
//!
//! Every statement is the answer to a question that is really asked: with a rule lifted, with a cut forbidden, with
//! another headroom. What is proven is told apart from what is only the best that was found.
//!
//! * **Price.** What a MWh more of headroom in the zone and interval would save: the multiplier of the balance (3.1) at
//!   which the Lagrangian bound is greatest, over the hours of the interval. Where the bound is not smooth it is one of
//!   its slopes, between that to the left and that to the right.
//! * **Place.** Among the facilities of the zone that have room in the interval, by what a MWh of them costs with events
//!   spread over a full cut of three hours (`least-cost`), or by burden (the other policies).
//! * **Cause.** Notice, an order, a licence are read from the case. Else one rule at a time is lifted for this facility
//!   alone: a rule *forces* a cut if without it sparing the interval would cost nothing, all others staying as they are;
//!   a rule *spares* a facility if without it a cut would pay at the prices of its zone.
//! * **Instead.** The case planned again with the cut forbidden, under every other rule; among the plans found as cheap,
//!   one that changes few facilities.
//! * **Headroom.** The smallest rise of the zone's headroom in that interval alone, with which there is a plan that
//!   spares the facility there and is as near to the bound of that case as this plan is to that of its own.

mod causes;
mod headroom;
mod instead;
mod places;
mod prices;
mod rules;
mod scene;

pub(crate) use places::burden;
pub(crate) use scene::cuts_of;

pub use causes::Cause;
pub use headroom::Headroom;
pub use instead::{Instead, Taker};
pub use places::{Order, Place};
pub use rules::Lifted;

use crate::solve::PlanError;
use crate::solver::{SolverError, pool};
use crate::walk::events;
use chrono::{DateTime, Utc};
use kezek_model::case::Case;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::plan::Plan;
use scene::Scene;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The case.
    pub case: &'a Case,
    /// A plan of it, from wherever.
    pub plan: &'a Plan,
    /// The facility.
    pub facility: &'a FacilityId,
    /// An interval of the grid; `None` for the events of the whole horizon.
    pub interval: Option<usize>,
}

/// How long to look, and who stops.
pub struct Patience<'a> {
    /// Seconds for all plans that are made again.
    pub time_limit_s: f64,
    /// Threads.
    pub threads: u32,
    /// Seed.
    pub seed: u64,
    /// Time since the start.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// Set by whoever has seen enough.
    pub stop: &'a AtomicBool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WhyError {
    /// The case has no such facility; perhaps another one was meant.
    #[error("the case has no facility {0}{near}", near = near(.1.as_ref()))]
    Facility(FacilityId, Option<FacilityId>),
    /// The plan does not hold.
    #[error(
        "the plan does not hold, so that nothing can be said of it; `kezek check` tells what is broken:\n{0}"
    )]
    Plan(String),
    /// The case cannot be planned.
    #[error(transparent)]
    Planning(#[from] PlanError),
}

impl From<SolverError> for WhyError {
    fn from(error: SolverError) -> Self {
        Self::Planning(error.into())
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The facility.
    pub facility: FacilityId,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: ZoneId,
    /// Digest of the plan.
    pub plan_digest: String,
    /// Money.
    pub currency: String,
    /// What a cut MWh of it costs, tier included.
    pub cut_cost_per_mwh: f64,
    /// What a cut event of it costs.
    pub event_cost: f64,
    /// MWh cut over the horizon.
    pub cut_mwh: f64,
    /// The share of its energy that is cut, as the policy counts it; absent where it has no burden.
    pub burden: Option<f64>,
    /// The interval that was asked for, or one span per event.
    pub spans: Vec<Span>,
}

/// An interval, or an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    /// Its start.
    pub start: DateTime<Utc>,
    /// Its end, exclusive.
    pub end: DateTime<Utc>,
    /// MWh cut in it.
    pub cut_mwh: f64,
    /// Greatest MW cut in it.
    pub peak_cut_mw: f64,
    /// The zone's marginal price per MWh, the mean over the span.
    pub price_per_mwh: f64,
    /// Where it stands among the facilities of its zone.
    pub place: Option<Place>,
    /// The causes, each with its intervals.
    pub causes: Vec<CausedIn>,
    /// What would be without the cut; absent where nothing is cut.
    pub instead: Option<Instead>,
    /// What headroom would have spared it; only for an interval in which it is cut.
    pub headroom: Option<Headroom>,
}

/// A cause and where it holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CausedIn {
    /// Start of the first interval.
    pub start: DateTime<Utc>,
    /// End of the last of a run of intervals.
    pub end: DateTime<Utc>,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// The same as a sentence.
    pub text: String,
}

/// Answers a question about a plan that holds.
///
/// # Errors
/// When the plan does not hold, the case has no such facility or cannot be planned, or the solver fails.
pub fn why(question: Question<'_>, patience: &Patience<'_>) -> Result<Why, WhyError> {
    let f = question
        .case
        .facility_index(question.facility)
        .ok_or_else(|| unknown(question.case, question.facility))?;
    let is_over = || {
        patience.stop.load(Ordering::Relaxed) || (patience.elapsed)().as_secs_f64() > patience.time_limit_s
    };
    pool(patience.threads)?.install(|| answer(question, f, patience, &is_over))
}

fn unknown(case: &Case, facility: &FacilityId) -> WhyError {
    WhyError::Facility(facility.clone(), case.nearest_facility(facility).cloned())
}

fn near(facility: Option<&FacilityId>) -> String {
    facility.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn answer(
    question: Question<'_>,
    f: usize,
    patience: &Patience<'_>,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Why, WhyError> {
    let problem = scene::problem(question.case, question.plan)?;
    let scene = Scene::new(question, &problem, patience, is_over)?;
    let spans: Result<Vec<Span>, WhyError> = match question.interval {
        Some(t) => Ok(vec![scene.span(f, t, t + 1)?]),
        None => {
            let events = events(&problem.facilities[f], &scene.cuts()[f]);
            events.iter().map(|event| scene.span(f, event.from, event.to)).collect()
        }
    };
    let (facility, row) = (&question.case.facilities[f], &problem.facilities[f]);
    Ok(Why {
        facility: facility.id.clone(),
        name: facility.name.clone(),
        zone: facility.zone.clone(),
        plan_digest: question.plan.digest().map_err(PlanError::from)?,
        currency: question.case.objective.currency.clone(),
        cut_cost_per_mwh: row.cut_cost_per_mwh,
        event_cost: row.event_cost,
        cut_mwh: scene.mwh(f, 0, problem.steps),
        burden: places::burden(question.case, &problem, f, &scene.cuts()[f]),
        spans: spans?,
    })
}
