//! Plans before the approvers.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kezek_engine::emergency::confirm_by;
use kezek_engine::query::{ProposalView, proposals};
use kezek_engine::{CheckSummary, Event, Proposed};
use kezek_model::canonical::canonical_json;
use kezek_model::case::{Case, CaseFiles};
use kezek_model::ids::OrderNo;
use kezek_model::order::Head;
use kezek_model::plan::Plan;
use kezek_planner::edit::{EditError, Hand, edit};
use serde::de::DeserializeOwned;

use super::Room;
use super::gate::{Body, STAFF, facility_name, text, words};
use super::refusal::ApiError;
use crate::access::{Caller, Role};
use crate::api::{
    ApprovedBody, CommentBody, ErrorBody, ProposalDetail, ProposalRow, ProposeBody, ProposedBody, TakenBody,
};
use crate::book::Papers;
use crate::error::ServerError;
use crate::judge;
use crate::limits::{CHECK_WITHIN, MAX_ROWS};
use crate::record::{Input, Remark};
use crate::view;

/// Plans, newest first.
#[utoipa::path(get, path = "/proposals", responses((status = 200, body = Vec<ProposalRow>)))]
pub(crate) async fn list(
    State(room): State<Room>,
    caller: Caller,
) -> Result<Json<Vec<ProposalRow>>, ApiError> {
    caller.require(&STAFF)?;
    let now = room.now();
    let rows = room.look(|book| {
        let row = |seen: &ProposalView<'_>| {
            view::proposal_row(seen, book.papers.get(&seen.proposal.proposed.plan_digest))
        };
        proposals(&book.state, now).iter().rev().take(MAX_ROWS).map(row).collect()
    });
    Ok(Json(rows))
}

/// Who may propose.
pub(crate) const PROPOSERS: [Role; 2] = [Role::Planner, Role::Dispatcher];

/// Lays a plan before the approvers. A plan that fails the check is refused with what was found.
#[utoipa::path(post, path = "/proposals", request_body = ProposeBody, responses(
    (status = 201, body = ProposedBody),
    (status = 400, body = ErrorBody, description = "the case has faults"),
    (status = 409, body = ErrorBody, description = "the plan fails the check, or is known"),
))]
pub(crate) async fn propose(
    State(room): State<Room>,
    caller: Caller,
    Body(body): Body<ProposeBody>,
) -> Result<(StatusCode, Json<ProposedBody>), ApiError> {
    caller.require(&PROPOSERS)?;
    let comment = text("comment", &body.comment)?;
    let remark = Remark { comment: Some(comment).filter(|text| !text.is_empty()), ..Remark::default() };
    Ok((StatusCode::CREATED, Json(lay(&room, caller.name, body, remark).await?)))
}

/// Lays a plan before the approvers, with what is written beside it.
pub(crate) async fn lay(
    room: &Room,
    author: String,
    body: ProposeBody,
    remark: Remark,
) -> Result<ProposedBody, ApiError> {
    let Prepared { plan_digest, check, input } = prepare(room, author, body, remark).await?;
    room.happen(vec![input]).await?;
    Ok(ProposedBody { plan_digest, check })
}

struct Prepared {
    plan_digest: String,
    check: crate::api::CheckBody,
    input: Input,
}

/// Reading a case and judging a plan take a processor for a while, so only a few do so at a time.
pub(crate) async fn on_the_side<T: Send + 'static>(
    room: &Room,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let busy = || {
        let error = "too many other plans are being checked";
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, error, "try again in a few seconds")
    };
    let turn = tokio::time::timeout(CHECK_WITHIN, room.checks.clone().acquire_owned()).await;
    let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
    let working = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    working.await.map_err(|_| ServerError::BrokeOff { what: "the check" }.into())
}

async fn prepare(
    room: &Room,
    author: String,
    body: ProposeBody,
    remark: Remark,
) -> Result<Prepared, ApiError> {
    let config = room.config().clone();
    let work = move || {
        let ProposeBody { case, plan, asked_gap, priority, .. } = body;
        let digest = |_| ApiError::bad("a number of the plan is not finite", "plan again");
        let plan_digest = plan.digest().map_err(digest)?;
        plan.allocations.iter().try_for_each(|row| facility_name(&row.facility))?;
        let judged = judge::judge(&case, &plan, asked_gap)?;
        let check = judge::check_body(&judged.report);
        if !check.passed {
            let error = format!("plan {plan_digest} fails its check");
            let hint = "nothing was kept; plan again, or mend the plan until `kezek check` passes";
            return Err(ApiError::new(StatusCode::CONFLICT, error, hint).with_faults(check.findings));
        }
        let proposed = judge::proposed(&config, &author, &plan, &plan_digest, &judged, priority);
        let input = with_papers(proposed, &case, &plan)?.with_remark(Remark { asked_gap, ..remark });
        Ok(Prepared { plan_digest, check, input })
    };
    on_the_side(room, work).await?
}

/// Plan and case are kept as they were judged.
fn with_papers(proposed: Proposed, case: &CaseFiles, plan: &Plan) -> Result<Input, ApiError> {
    let unkept = |_| ApiError::bad("the case has a file that is not UTF-8", "mend it");
    let (plan, case) = (canonical_json(plan).map_err(unkept)?, canonical_json(case).map_err(unkept)?);
    let input = Input::from(Event::Proposed(Box::new(proposed)));
    Ok(input.with_document(plan).with_document(case))
}

/// One plan with all that approvers should see.
#[utoipa::path(get, path = "/proposals/{digest}", params(("digest" = String, Path)), responses(
    (status = 200, body = ProposalDetail),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn detail(
    State(room): State<Room>,
    caller: Caller,
    Path(digest): Path<String>,
) -> Result<Json<ProposalDetail>, ApiError> {
    caller.require(&STAFF)?;
    let now = room.now();
    let found = room.look(|book| {
        let views = proposals(&book.state, now);
        let seen = views.iter().find(|seen| seen.proposal.proposed.plan_digest == digest)?;
        let drafts = seen.proposal.proposed.drafts.iter();
        Some(ProposalDetail {
            row: view::proposal_row(seen, book.papers.get(&digest)),
            check: view::check_row(seen),
            drafts: drafts.map(|draft| view::draft_row(&book.state, draft)).collect(),
            orders: orders_of(&book.state, &digest),
        })
    });
    found.map(Json).ok_or_else(|| ApiError::absent("proposal", &digest))
}

fn orders_of(state: &kezek_engine::State, plan_digest: &str) -> Vec<OrderNo> {
    let orders = state.records().map(|record| &record.order);
    orders.filter(|order| order.plan_digest == plan_digest).map(|order| order.order_no.clone()).collect()
}

fn papers(room: &Room, digest: &str) -> Result<Papers, ApiError> {
    let found = room.look(|book| book.papers.get(digest).cloned());
    found.ok_or_else(|| ApiError::absent("proposal", digest))
}

async fn document(room: &Room, digest: &str) -> Result<Vec<u8>, ApiError> {
    room.document(digest).await?.ok_or_else(|| ApiError::absent("document", digest))
}

fn parsed<T: DeserializeOwned>(document: &[u8]) -> Result<T, ServerError> {
    serde_json::from_slice(document).map_err(|error| ServerError::NotUnderstood { what: error.to_string() })
}

/// The plan as it was proposed.
#[utoipa::path(get, path = "/plans/{digest}", params(("digest" = String, Path)), responses(
    (status = 200, description = "plan.json in canonical form", content_type = "application/json"),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn plan(
    State(room): State<Room>,
    caller: Caller,
    Path(digest): Path<String>,
) -> Result<Response, ApiError> {
    caller.require(&STAFF)?;
    let bytes = document(&room, &papers(&room, &digest)?.plan).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes).into_response())
}

/// The plan on paper: PDF, A4 across, with a matrix of facilities and hours for each day and those who approved so far.
#[utoipa::path(get, path = "/plans/{digest}/paper", params(("digest" = String, Path)), responses(
    (status = 200, description = "the plan as PDF", content_type = "application/pdf"),
    (status = 404, body = ErrorBody),
))]
pub(crate) async fn paper(
    State(room): State<Room>,
    caller: Caller,
    Path(digest): Path<String>,
) -> Result<Response, ApiError> {
    caller.require(&STAFF)?;
    let bytes = room.plan_paper(&digest).await?.ok_or_else(|| ApiError::absent("plan", &digest))?;
    Ok(super::orders::pdf(bytes, &format!("plan-{}", digest.get(..8).unwrap_or(&digest))))
}

/// Approves exactly this plan; the check runs once more. The last approval needed issues the orders.
#[utoipa::path(post, path = "/proposals/{digest}/approve", request_body = CommentBody,
    params(("digest" = String, Path)), responses(
    (status = 200, body = ApprovedBody),
    (status = 409, body = ErrorBody, description = "own plan, version clash, too late, check failed"),
))]
pub(crate) async fn approve(
    State(room): State<Room>,
    caller: Caller,
    Path(digest): Path<String>,
    Body(body): Body<CommentBody>,
) -> Result<Json<ApprovedBody>, ApiError> {
    caller.require(&[Role::Approver])?;
    let comment = Some(text("comment", &body.comment)?).filter(|comment| !comment.is_empty());
    let check = check_anew(&room, &digest).await?;
    let event = Event::Approved {
        plan_digest: digest.clone(),
        person: caller.name,
        check,
        journal_head: Head::empty(),
    };
    let remark = Remark { comment, ..Remark::default() };
    room.happen(vec![Input::from(event).with_remark(remark)]).await?;
    approved(&room, &digest).map(Json)
}

/// The independent check of what is kept, not of what anybody says about it (S15).
async fn check_anew(room: &Room, digest: &str) -> Result<CheckSummary, ApiError> {
    let papers = papers(room, digest)?;
    let (plan, case) = (document(room, &papers.plan).await?, document(room, &papers.case).await?);
    let work = move || {
        let (plan, case): (Plan, CaseFiles) = (parsed(&plan)?, parsed(&case)?);
        let digest = plan.digest().map_err(|error| ServerError::NotUnderstood { what: error.to_string() })?;
        let judged = judge::judge(&case, &plan, papers.asked_gap)?;
        Ok::<_, ApiError>(judge::check_summary(&digest, &judged.report))
    };
    on_the_side(room, work).await?
}

/// A plan with changes that a person has set, on the case it was judged with. Nothing is kept of it.
pub(crate) async fn edited(room: &Room, digest: &str, hands: Vec<Hand>) -> Result<ProposeBody, ApiError> {
    let papers = papers(room, digest)?;
    let (plan, case) = (document(room, &papers.plan).await?, document(room, &papers.case).await?);
    let (stands, priority) = room.look(|book| {
        let found = book.state.proposal(digest).map(|known| known.proposed.priority());
        (book.state.target() == Some(digest), found)
    });
    let work = move || {
        let (before, case): (Plan, CaseFiles) = (parsed(&plan)?, parsed(&case)?);
        let mut plan = edit(&Case::parse(&case)?, &before, &hands).map_err(uneditable)?;
        // A plan that only waits is no plan to replace: what it would have replaced is.
        if !stands {
            plan.parent = before.parent;
        }
        let (comment, asked_gap) = (String::new(), papers.asked_gap);
        Ok::<_, ApiError>(ProposeBody { case, plan, comment, asked_gap, priority })
    };
    on_the_side(room, work).await?
}

/// All that is wrong with the changes, line by line.
fn uneditable(error: EditError) -> ApiError {
    let hint = "nothing was kept; mend the change";
    match error {
        EditError::Faults(faults) => ApiError::bad("the changes cannot be made", hint)
            .with_faults(faults.iter().map(ToString::to_string).collect()),
        other => ApiError::bad(other.to_string(), hint),
    }
}

fn approved(room: &Room, digest: &str) -> Result<ApprovedBody, ApiError> {
    let now = room.now();
    let found = room.look(|book| {
        let views = proposals(&book.state, now);
        let seen = views.iter().find(|seen| seen.proposal.proposed.plan_digest == digest)?;
        Some(ApprovedBody {
            approved: seen.proposal.issued_at.is_some(),
            approvals: seen.proposal.approvals.len(),
            needed: seen.people_needed,
            confirm_by: confirm_by(seen.proposal),
            orders: orders_of(&book.state, digest),
        })
    });
    let body = found.ok_or_else(|| ApiError::absent("proposal", digest))?;
    match room.look(|book| book.state.stopped().map(ToString::to_string)) {
        Some(promise) if !body.approved => {
            let hint = "two people must resume issuing";
            Err(ApiError::new(StatusCode::CONFLICT, format!("issuing has stopped: {promise}"), hint))
        }
        _ => Ok(body),
    }
}

/// Sends a plan back to its author.
#[utoipa::path(post, path = "/proposals/{digest}/return", request_body = CommentBody,
    params(("digest" = String, Path)), responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody),
))]
pub(crate) async fn send_back(
    State(room): State<Room>,
    caller: Caller,
    Path(digest): Path<String>,
    Body(body): Body<CommentBody>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&[Role::Approver])?;
    let comment = words("comment", &body.comment)?;
    let event = Event::Returned { plan_digest: digest, person: caller.name, comment };
    room.happen(vec![event.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}
