//! How things stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kezek_engine::query::{ProposalView, proposals, summary, summary_of};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::fault::Faults;
use kezek_model::ids::FacilityId;
use kezek_model::order::Head;
use kezek_model::plan::Plan;
use serde::de::DeserializeOwned;

use super::Room;
use super::refusal::ApiError;
use crate::access::{Caller, ROLES, Role};
use crate::api::{HealthBody, StatusBody, Uncovered};
use crate::error::ServerError;
use crate::uncovered::{IssuedPlan, metered, uncovered};
use crate::view;

/// How things stand. A facility is told what concerns itself: its own counts and warnings, and whether orders leave.
#[utoipa::path(get, path = "/status", responses((status = 200, body = StatusBody)))]
pub(crate) async fn status(State(room): State<Room>, caller: Caller) -> Result<Json<StatusBody>, ApiError> {
    caller.require(&ROLES)?;
    let mut body = room.status().await?;
    if let Some(own) = caller.confined_to() {
        confine(&room, &mut body, own);
    }
    Ok(Json(body))
}

/// Leaves out what is about others, and the words of people of the control room.
fn confine(room: &Room, body: &mut StatusBody, own: &FacilityId) {
    body.warnings.retain(|warning| warning.facility.as_ref() == Some(own));
    body.counts = room.look(|book| summary_of(&book.state.records_of(own).collect::<Vec<_>>()));
    body.stopped = body.stopped.take().map(|_| "issuing has stopped".into());
    if let Some(frozen) = &mut body.frozen {
        (frozen.person, frozen.reason) = (String::new(), String::new());
    }
    body.journal_trouble = body.journal_trouble.take().map(|_| "the journal cannot be written".into());
    // A fault quotes what stands in the files, which are about others too.
    (body.registry_trouble, body.notice_trouble) = (Vec::new(), Vec::new());
    body.journal_head = Head::empty();
    (body.target, body.uncovered) = (None, Uncovered::default());
    (body.in_flight, body.enrolled) = (0, 1);
}

impl crate::room::ControlRoom {
    /// How things stand.
    ///
    /// # Errors
    /// When a plan cannot be read from the journal.
    pub async fn status(&self) -> Result<StatusBody, ServerError> {
        let uncovered = self.uncovered().await?;
        let (now, trouble, warnings) = (self.now(), self.trouble(), self.warnings());
        let (next_due, registry_trouble) = (self.next_due(), self.registry_trouble());
        let (_, notice_trouble) = self.texts.current();
        Ok(self.look(|book| StatusBody {
            environment: self.config().environment.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            epoch: book.state.epoch(),
            now,
            next_due,
            journal_head: book.head.clone(),
            journal_trouble: trouble,
            registry_trouble: registry_trouble.clone(),
            notice_trouble: notice_trouble.clone(),
            stopped: book.state.stopped().map(ToString::to_string),
            frozen: book.state.frozen().cloned(),
            target: book.state.target().map(str::to_owned),
            counts: summary(&book.state),
            uncovered,
            in_flight: book.state.in_flight(),
            enrolled: book.state.enrolments().count(),
            warnings: warnings.into_iter().map(|(at, warning)| view::warning_row(at, warning)).collect(),
        }))
    }

    /// What consumers went short of, by the meters, up to now, over all plans whose orders were issued.
    ///
    /// # Errors
    /// When a plan or its case cannot be read from the journal, or the ties cannot be dispatched.
    pub async fn uncovered(&self) -> Result<Uncovered, ServerError> {
        let now = self.now();
        let mut issued: Vec<_> = self.look(|book| {
            let papers = |seen: &ProposalView<'_>| {
                let papers = book.papers.get(&seen.proposal.proposed.plan_digest)?;
                Some((seen.proposal.issued_at?, papers.plan.clone(), papers.case.clone()))
            };
            proposals(&book.state, now).iter().filter_map(papers).collect()
        });
        issued.sort_by_key(|(at, ..)| *at);
        let mut plans = Vec::new();
        for (_, plan, case) in issued {
            plans.push(IssuedPlan { plan: self.kept_plan(&plan).await?, case: self.kept_case(&case).await? });
        }
        let meters = self.look(|book| plans.iter().map(|issued| metered(&book.state, issued, now)).collect());
        uncovered(&plans, meters).map_err(|error| ServerError::NotUnderstood { what: error.to_string() })
    }

    /// A case of the journal, read once.
    pub(crate) async fn kept_case(&self, document: &str) -> Result<Arc<Case>, ServerError> {
        if let Some(case) = self.cached_case(document) {
            return Ok(case);
        }
        let files: CaseFiles = self.kept(document).await?;
        let spoilt = |faults: Faults| ServerError::NotUnderstood { what: faults.to_string() };
        let case = Arc::new(Case::parse(&files).map_err(spoilt)?);
        self.cache_case(document, &case);
        Ok(case)
    }

    /// A document of the journal, read as what it is.
    pub(crate) async fn kept<T: DeserializeOwned>(&self, document: &str) -> Result<T, ServerError> {
        let missing = || ServerError::NotUnderstood { what: format!("document {document} is missing") };
        let bytes = self.document(document).await?.ok_or_else(missing)?;
        serde_json::from_slice(&bytes).map_err(|error| ServerError::NotUnderstood { what: error.to_string() })
    }

    /// A plan of the journal, read once.
    pub(crate) async fn kept_plan(&self, document: &str) -> Result<Arc<Plan>, ServerError> {
        if let Some(plan) = self.cached_plan(document) {
            return Ok(plan);
        }
        let plan: Arc<Plan> = Arc::new(self.kept(document).await?);
        self.cache_plan(document, &plan);
        Ok(plan)
    }
}

/// The end of the journal, to be kept elsewhere: a lost tail is found by it.
#[utoipa::path(get, path = "/journal/head", responses(
    (status = 200, description = "{seq, hash}", body = Object),
))]
pub(crate) async fn head(State(room): State<Room>, caller: Caller) -> Result<Json<Head>, ApiError> {
    caller.require(&[Role::Auditor])?;
    Ok(Json(room.head()))
}

/// Whether the server works: 503 where the journal cannot be written, or where it stands by while another leads.
#[utoipa::path(get, path = "/healthz", responses(
    (status = 200, body = HealthBody),
    (status = 503, body = HealthBody),
))]
pub(crate) async fn health(State(room): State<Room>) -> (StatusCode, Json<HealthBody>) {
    let trouble = room.trouble();
    let status = if trouble.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(HealthBody { ok: trouble.is_none(), trouble, leader: None }))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", responses(
    (status = 200, description = "OpenAPI 3.1", body = Object),
))]
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(super::openapi())
}
