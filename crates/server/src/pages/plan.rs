//! One plan before the approvers, filled; and what they decide.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, Utc};
use kezek_engine::query::{ProposalStatus, ProposalView, proposals};
use kezek_engine::state::Proposal;
use kezek_engine::{Draft, lone_returns, to_issue};
use kezek_model::ids::FacilityId;
use kezek_model::plan::Plan;
use kezek_pages::Place;
use kezek_pages::plan::{Before, Change, Choice, Cut, Lone, PlanPage, PlanWords};
use serde::Deserialize;

use super::door::prove_again;
use super::frame::{frame, html};
use super::plans::plan_row;
use super::problem::problem;
use super::session::Visitor;
use crate::access::Role;
use crate::api::CommentBody;
use crate::book::Book;
use crate::routes::Room;
use crate::routes::gate::{Body, STAFF};
use crate::routes::proposals as api;
use crate::routes::refusal::ApiError;

/// One plan.
pub(super) async fn plan(State(room): State<Room>, visitor: Visitor, Path(digest): Path<String>) -> Response {
    match page(&room, &visitor, &digest).await {
        Ok(page) => page,
        Err(error) => problem(&room, &visitor, error, "/plans").await,
    }
}

async fn page(room: &Room, visitor: &Visitor, digest: &str) -> Result<Response, ApiError> {
    visitor.caller.require(&STAFF)?;
    let absent = || ApiError::absent("proposal", digest);
    let document =
        room.look(|book| book.papers.get(digest).map(|papers| papers.plan.clone())).ok_or_else(absent)?;
    let kept = room.kept_plan(&document).await?;
    let frame = frame(room, visitor, Some(Place::Plans)).await;
    let page = room.look(|book| {
        let views = proposals(&book.state, frame.now);
        let view = views.iter().find(|view| view.proposal.proposed.plan_digest == digest)?;
        Some(fill(book, &frame, visitor, &views, view, &kept))
    });
    Ok(html(&page.ok_or_else(absent)?))
}

fn fill<'a>(
    book: &Book,
    frame: &'a kezek_pages::Frame,
    visitor: &Visitor,
    views: &[ProposalView<'_>],
    view: &ProposalView<'_>,
    plan: &Plan,
) -> PlanPage<'a> {
    let (proposal, proposed) = (view.proposal, &view.proposal.proposed);
    let before = before(book, views, view);
    let (changes, same) = changes(before.map(|before| &before.proposed.drafts[..]), &proposed.drafts, plan);
    let lone = |lone: &kezek_engine::LoneReturn<'_>| Lone {
        facility: lone.facility.to_string(),
        zone: lone.zone.to_string(),
        power: lone.returns,
        limit: lone.restore_limit,
    };
    let is_unreached =
        |draft: &&Draft| !draft.segments.is_empty() && book.state.enrolment(&draft.facility).is_none();
    let unreached = proposed.drafts.iter().filter(is_unreached).map(|draft| draft.facility.to_string());
    let papers = book.papers.get(&proposed.plan_digest);
    let said = |person: &str| {
        let remarks = papers.iter().flat_map(|papers| &papers.remarks);
        remarks.filter(|(who, _)| who == person).map(|(_, said)| said.clone()).next().unwrap_or_default()
    };
    PlanPage {
        frame,
        w: PlanWords::of(frame.language),
        plan: plan_row(view),
        comment: papers.and_then(|papers| papers.comment.clone()).unwrap_or_default(),
        before: before.map(|before| compared(book, before)),
        changes,
        same,
        first_cut: first_cut(&proposed.drafts, frame.now),
        findings: proposed.check.findings.clone(),
        lone: lone_returns(proposed).iter().map(lone).collect(),
        no_address: unreached.collect(),
        approvals: proposal
            .approvals
            .iter()
            .map(|one| (one.person.clone(), one.at, said(&one.person)))
            .collect(),
        returned: proposal.returned.as_ref().map(|one| (one.person.clone(), one.comment.clone())),
        facilities: editable(visitor, &proposed.drafts),
        choice: choice(book, visitor, view, frame.now),
        has_codes: visitor.has_codes,
    }
}

/// All facilities, for those who may propose plans.
fn editable(visitor: &Visitor, drafts: &[Draft]) -> Vec<String> {
    match visitor.may(Role::Planner) || visitor.may(Role::Dispatcher) {
        true => drafts.iter().map(|draft| draft.facility.to_string()).collect(),
        false => Vec::new(),
    }
}

/// The plan it was made from and takes the place of. One without fills hours that have none, unless they have by now.
fn before<'a>(book: &Book, views: &[ProposalView<'a>], view: &ProposalView<'_>) -> Option<&'a Proposal> {
    let proposed = &view.proposal.proposed;
    let digest = match view.status {
        ProposalStatus::Clash if proposed.parent.is_none() => book.state.target(),
        _ => proposed.parent.as_deref(),
    };
    let found = views.iter().find(|other| Some(other.proposal.proposed.plan_digest.as_str()) == digest)?;
    Some(found.proposal)
}

fn compared(book: &Book, before: &Proposal) -> Before {
    let (digest, summary) = (&before.proposed.plan_digest, &before.proposed.summary);
    Before {
        digest: digest.clone(),
        stands: book.state.target() == Some(digest),
        cut_mwh: summary.cut_mwh,
        peak_mw: summary.peak_cut.mw(),
        facilities: summary.facilities,
        uncovered_mwh: summary.uncovered_mwh,
    }
}

/// Who changes, the greatest change first, and how many do not.
fn changes(before: Option<&[Draft]>, after: &[Draft], plan: &Plan) -> (Vec<Change>, usize) {
    let before: BTreeMap<&FacilityId, &Draft> =
        before.unwrap_or_default().iter().map(|draft| (&draft.facility, draft)).collect();
    let mut reasons: BTreeMap<&FacilityId, &str> = BTreeMap::new();
    for row in plan.allocations.iter().rev().filter(|row| row.cut.0 > 0) {
        reasons.insert(&row.facility, &row.reason);
    }
    let change = |draft: &Draft| {
        let (old, new) = (cuts(before.get(&draft.facility).copied()), cuts(Some(draft)));
        (old != new).then(|| Change {
            facility: draft.facility.to_string(),
            zone: draft.zone.to_string(),
            change_mwh: energy_mwh(&new) - energy_mwh(&old),
            before: old,
            after: new,
            why: reasons.get(&draft.facility).copied().unwrap_or_default().to_owned(),
        })
    };
    let mut changes: Vec<Change> = after.iter().filter_map(change).collect();
    let same = after.len() - changes.len();
    changes.sort_by(|one, other| other.change_mwh.abs().total_cmp(&one.change_mwh.abs()));
    (changes, same)
}

pub(super) fn cuts(draft: Option<&Draft>) -> Vec<Cut> {
    let segments = draft.into_iter().flat_map(|draft| &draft.segments).filter(|segment| segment.cut.0 > 0);
    segments.map(|s| Cut { from: s.from, to: s.to, limit: s.limit, cut: s.cut }).collect()
}

fn energy_mwh(cuts: &[Cut]) -> f64 {
    cuts.iter().map(|cut| cut.cut.mw() * (cut.to - cut.from).as_seconds_f64() / 3600.0).sum()
}

fn first_cut(drafts: &[Draft], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let starts = drafts.iter().flat_map(|draft| &draft.segments).map(|segment| segment.from);
    starts.filter(|from| *from > now).min()
}

fn choice(book: &Book, visitor: &Visitor, view: &ProposalView<'_>, now: DateTime<Utc>) -> Choice {
    let (proposal, name) = (view.proposal, &visitor.caller.name);
    let is_open = matches!(view.status, ProposalStatus::Waiting | ProposalStatus::Unconfirmed);
    match () {
        () if !is_open || !visitor.may(Role::Approver) => Choice::None,
        () if proposal.proposed.author == *name => Choice::Own,
        () if proposal.approvals.iter().any(|approval| approval.person == *name) => Choice::Counted,
        () => {
            let is_last = proposal.issued_at.is_none() && proposal.approvals.len() + 1 >= view.people_needed;
            let orders = is_last.then(|| to_issue(&book.state, &proposal.proposed.drafts, now).count());
            Choice::Decide { orders }
        }
    }
}

/// The plan as it was proposed.
pub(super) async fn file(State(room): State<Room>, visitor: Visitor, Path(digest): Path<String>) -> Response {
    match api::plan(State(room.clone()), visitor.caller.clone(), Path(digest)).await {
        Ok(file) => file,
        Err(error) => problem(&room, &visitor, error, "/plans").await,
    }
}

/// The plan on paper.
pub(super) async fn paper(
    State(room): State<Room>,
    visitor: Visitor,
    Path(digest): Path<String>,
) -> Response {
    let back = format!("/plans/{digest}");
    match api::paper(State(room.clone()), visitor.caller.clone(), Path(digest)).await {
        Ok(file) => file,
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// What an approver says.
#[derive(Deserialize)]
pub(super) struct Decision {
    seal: String,
    comment: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// Approves the plan, once the approver has proved again who it is.
pub(super) async fn approve(
    State(room): State<Room>,
    visitor: Visitor,
    Path(digest): Path<String>,
    Form(decision): Form<Decision>,
) -> Response {
    let back = format!("/plans/{digest}");
    let approving = async {
        visitor.require_seal(&decision.seal)?;
        visitor.caller.require(&[Role::Approver])?;
        prove_again(&room, &visitor, decision.password, decision.code).await?;
        let body = Body(CommentBody { comment: decision.comment });
        api::approve(State(room.clone()), visitor.caller.clone(), Path(digest), body).await
    };
    match approving.await {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// Sends the plan back to its author.
pub(super) async fn send_back(
    State(room): State<Room>,
    visitor: Visitor,
    Path(digest): Path<String>,
    Form(decision): Form<Decision>,
) -> Response {
    let back = format!("/plans/{digest}");
    let returning = async {
        visitor.require_seal(&decision.seal)?;
        let body = Body(CommentBody { comment: decision.comment });
        api::send_back(State(room.clone()), visitor.caller.clone(), Path(digest), body).await
    };
    match returning.await {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}
