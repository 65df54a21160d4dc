//! Where drills begin, filled; and a plan that is laid before the approvers once more as a drill.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use kezek_engine::query::{ProposalView, proposals};
use kezek_model::case::CaseFiles;
use kezek_model::order::Priority;
use kezek_pages::Place;
use kezek_pages::drills::{Drills, DrillsWords};
use kezek_pages::plans::PlansWords;
use serde::Deserialize;

use super::frame::{frame, html};
use super::plans::plan_row;
use super::problem::problem;
use super::session::Visitor;
use crate::access::Role;
use crate::api::ProposeBody;
use crate::limits::MAX_ROWS;
use crate::routes::Room;
use crate::routes::gate::{Body, STAFF, words};
use crate::routes::proposals as route;
use crate::routes::refusal::ApiError;

/// The page.
pub(super) async fn drills(State(room): State<Room>, visitor: Visitor) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Drills)).await;
    let is_drill = |view: &&ProposalView<'_>| view.proposal.proposed.priority() == Priority::Drill;
    let is_ahead = |view: &&ProposalView<'_>| {
        let starts = view.proposal.proposed.drafts.iter().map(|draft| draft.window_from);
        !is_drill(view) && starts.min().is_some_and(|from| frame.now < from)
    };
    let (ready, past) = room.look(|book| {
        let views = proposals(&book.state, frame.now);
        let newest = || views.iter().rev();
        let ready = newest().filter(is_ahead).take(MAX_ROWS).map(plan_row).collect();
        (ready, newest().filter(is_drill).take(MAX_ROWS).map(plan_row).collect())
    });
    let (w, p) = (DrillsWords::of(frame.language), PlansWords::of(frame.language));
    let may_launch = visitor.caller.require(&route::PROPOSERS).is_ok();
    html(&Drills { frame: &frame, w, p, ready, past, may_launch })
}

/// Which plan, and why.
#[derive(Deserialize)]
pub(super) struct Launch {
    #[serde(default)]
    seal: String,
    plan: String,
    #[serde(default)]
    comment: String,
}

/// Lays a copy of a plan before the approvers as a drill: made from that plan, it has a digest of its own.
pub(super) async fn launch(State(room): State<Room>, visitor: Visitor, Form(form): Form<Launch>) -> Response {
    match propose(&room, &visitor, form).await {
        Ok(digest) => Redirect::to(&format!("/plans/{digest}")).into_response(),
        Err(error) => problem(&room, &visitor, error, "/drills").await,
    }
}

async fn propose(room: &Room, visitor: &Visitor, form: Launch) -> Result<String, ApiError> {
    visitor.require_seal(&form.seal)?;
    let roles: &[Role] = &route::PROPOSERS;
    visitor.caller.require(roles)?;
    let comment = words("comment", &form.comment)?;
    let papers = room.look(|book| book.papers.get(&form.plan).cloned());
    let papers = papers.ok_or_else(|| ApiError::absent("proposal", &form.plan))?;
    let case: CaseFiles = room.kept(&papers.case).await?;
    let mut plan = room.kept_plan(&papers.plan).await?.as_ref().clone();
    plan.parent = Some(form.plan);
    let (asked_gap, priority) = (papers.asked_gap, Some(Priority::Drill));
    let body = Body(ProposeBody { case, plan, comment, asked_gap, priority });
    let (_, proposed) = route::propose(State(room.clone()), visitor.caller.clone(), body).await?;
    Ok(proposed.0.plan_digest)
}
