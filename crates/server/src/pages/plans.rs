//! The list of plans, filled.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use kezek_engine::Proposed;
use kezek_engine::query::{ProposalStatus, ProposalView, proposals};
use kezek_pages::Place;
use kezek_pages::plans::{PlanRow, Plans, PlansWords, Status};

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::limits::MAX_ROWS;
use crate::routes::Room;
use crate::routes::gate::STAFF;

/// All plans, newest first.
pub(super) async fn plans(State(room): State<Room>, visitor: Visitor) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Plans)).await;
    let rows = room.look(|book| {
        let views = proposals(&book.state, frame.now);
        views.iter().rev().take(MAX_ROWS).map(plan_row).collect()
    });
    html(&Plans { frame: &frame, w: PlansWords::of(frame.language), rows })
}

/// From when until when its orders govern.
pub(super) fn window(proposed: &Proposed) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let drafts = || proposed.drafts.iter();
    drafts().map(|draft| draft.window_from).min().zip(drafts().map(|draft| draft.window_to).max())
}

/// What the list says of a plan.
pub(super) fn plan_row(view: &ProposalView<'_>) -> PlanRow {
    let (proposal, proposed) = (view.proposal, &view.proposal.proposed);
    PlanRow {
        digest: proposed.plan_digest.clone(),
        at: proposal.at,
        author: proposed.author.clone(),
        status: status(&view.status),
        window: window(proposed),
        cut_mwh: proposed.summary.cut_mwh,
        peak_mw: proposed.summary.peak_cut.mw(),
        facilities: proposed.summary.facilities,
        uncovered_mwh: proposed.summary.uncovered_mwh,
        approvals: proposal.approvals.len(),
        needed: view.people_needed,
    }
}

fn status(status: &ProposalStatus) -> Status {
    match status {
        ProposalStatus::Waiting => Status::Waiting,
        ProposalStatus::Returned => Status::Returned,
        ProposalStatus::Approved => Status::Approved,
        ProposalStatus::Unconfirmed => Status::Unconfirmed,
        ProposalStatus::Clash => Status::Clash,
        ProposalStatus::Lapsed => Status::Lapsed,
    }
}
