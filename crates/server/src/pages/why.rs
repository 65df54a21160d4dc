//! Why a plan cuts a facility, filled: the planner is asked again.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use kezek_model::case::Case;
use kezek_model::ids::FacilityId;
use kezek_model::plan::Plan;
use kezek_pages::why::{Cause, Caused, Headroom, Instead, Place, Rule, Span, WhyPage, WhyWords};
use kezek_pages::{Frame, Place as Menu};
use kezek_planner::why as planner;
use serde::Deserialize;

use super::day::with_case;
use super::frame::{frame, html};
use super::problem::problem;
use super::session::{Visitor, encoded};
use super::typed::instant;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::proposals::on_the_side;
use crate::routes::refusal::ApiError;
use crate::uncovered::IssuedPlan;

/// How long the planner may look; what it has found by then is told.
const PATIENCE_S: f64 = 8.0;

/// Who is asked about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    facility: String,
    /// On the clock of the page; empty for all events.
    #[serde(default)]
    time: String,
}

/// The page.
pub(super) async fn why(
    State(room): State<Room>,
    visitor: Visitor,
    Path(digest): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let back = format!("/plans/{}", encoded(&digest));
    let frame = frame(&room, &visitor, Some(Menu::Plans)).await;
    match answered(&room, &visitor, &frame, &digest, &asked).await {
        Ok(answer) => html(&page(&frame, &digest, answer)),
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

async fn answered(
    room: &Room,
    visitor: &Visitor,
    frame: &Frame,
    digest: &str,
    asked: &Asked,
) -> Result<planner::Why, ApiError> {
    visitor.caller.require(&STAFF)?;
    let known = with_case(room, Some(digest.to_owned())).await?;
    let IssuedPlan { plan, case } = known.ok_or_else(|| ApiError::absent("proposal", digest))?;
    let facility = FacilityId::from(asked.facility.trim());
    let wrong = |why: String| ApiError::bad(why, "give a time within the plan, or none");
    let at = match asked.time.trim() {
        "" => None,
        time => Some(instant(time, frame.zone).map_err(wrong)?),
    };
    let interval = at.map(|at| {
        let found = (0..case.grid.len).find(|t| case.grid.instant(*t) <= at && at < case.grid.instant(t + 1));
        found.ok_or_else(|| wrong(format!("{} is outside of the plan", asked.time)))
    });
    let interval = interval.transpose()?;
    on_the_side(room, move || ask(&case, &plan, &facility, interval)).await?
}

fn ask(
    case: &Case,
    plan: &Plan,
    facility: &FacilityId,
    interval: Option<usize>,
) -> Result<planner::Why, ApiError> {
    let (stop, start) = (AtomicBool::new(false), Instant::now());
    let patience = planner::Patience {
        time_limit_s: PATIENCE_S,
        threads: 1,
        seed: 1,
        elapsed: &|| start.elapsed(),
        stop: &stop,
    };
    let question = planner::Question { case, plan, facility, interval };
    planner::why(question, &patience).map_err(|error| match error {
        planner::WhyError::Facility(..) => ApiError::bad(error.to_string(), "name a facility of the plan"),
        _ => ApiError::bad(error.to_string(), "ask on the command line: `kezek why`"),
    })
}

fn page<'a>(frame: &'a Frame, digest: &'a str, answer: planner::Why) -> WhyPage<'a> {
    WhyPage {
        frame,
        w: WhyWords::of(frame.language),
        digest,
        facility: answer.facility.to_string(),
        zone: answer.zone.to_string(),
        currency: answer.currency,
        cut_mwh: answer.cut_mwh,
        burden: answer.burden.map(|share| share * 100.0),
        spans: answer.spans.into_iter().map(span).collect(),
    }
}

fn span(span: planner::Span) -> Span {
    let caused = |one: planner::CausedIn| Caused { from: one.start, to: one.end, cause: cause(one.cause) };
    let place = |place: planner::Place| Place {
        is_merit: place.order == planner::Order::Merit,
        figure: place.figure,
        place: place.place,
        of: place.of,
        before_cut: place.before_cut,
    };
    let instead = |instead: planner::Instead| Instead {
        possible: instead.possible,
        cost_at_least: instead.cost_at_least,
        cost_found: instead.cost_found,
        uncovered_more_mwh: instead.uncovered_more_mwh,
        takers: instead.takers.into_iter().map(|taker| (taker.facility.to_string(), taker.mwh)).collect(),
    };
    Span {
        from: span.start,
        to: span.end,
        cut_mwh: span.cut_mwh,
        peak_mw: span.peak_cut_mw,
        price: span.price_per_mwh,
        place: span.place.map(place),
        causes: span.causes.into_iter().map(caused).collect(),
        instead: span.instead.map(instead),
        headroom: span.headroom.map(|one| Headroom { at_most_mw: one.at_most_mw, proven: one.proven }),
    }
}

fn cause(cause: planner::Cause) -> Cause {
    let rules = |rules: Vec<planner::Lifted>| rules.into_iter().map(rule).collect();
    match cause {
        planner::Cause::Protected => Cause::Protected,
        planner::Cause::NotEntitled => Cause::NotEntitled,
        planner::Cause::NoRoom => Cause::NoRoom,
        planner::Cause::Notice => Cause::Notice,
        planner::Cause::Order { number, demanded_mw } => Cause::Order { number, mw: demanded_mw },
        planner::Cause::Forced { rules: forced } => Cause::Forced(rules(forced)),
        planner::Cause::ForcedTogether => Cause::ForcedTogether,
        planner::Cause::Needed { short_mw } => Cause::Needed { mw: short_mw },
        planner::Cause::Chance => Cause::Chance,
        planner::Cause::Spared { rules: spared } => Cause::Spared(rules(spared)),
        planner::Cause::Headroom => Cause::Headroom,
        planner::Cause::TooDear => Cause::TooDear,
        planner::Cause::Margin => Cause::Margin,
    }
}

fn rule(rule: planner::Lifted) -> Rule {
    match rule {
        planner::Lifted::MinCutMin => Rule::Shortest,
        planner::Lifted::MaxCutMin => Rule::Longest,
        planner::Lifted::MinGapMin => Rule::Gap,
        planner::Lifted::MaxEventsPerDay => Rule::Events,
        planner::Lifted::MaxCutHours => Rule::Hours,
        planner::Lifted::RampUpMwPerH => Rule::Ramp,
        planner::Lifted::RestoreLimitMw => Rule::Restore,
        planner::Lifted::BlockMw => Rule::Block,
        planner::Lifted::MinCutMw => Rule::Least,
        planner::Lifted::EventCost => Rule::EventCost,
    }
}
