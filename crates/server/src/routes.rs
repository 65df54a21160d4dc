//! The HTTP API: routes and their document are made of one piece and cannot drift.

pub(crate) mod facilities;
pub(crate) mod fetch;
pub(crate) mod gate;
pub(crate) mod issuing;
pub(crate) mod orders;
pub(crate) mod proposals;
pub(crate) mod receipts;
pub(crate) mod refusal;
pub(crate) mod settlement;
pub(crate) mod standing;
pub(crate) mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::limits::MAX_UNKNOWN_BYTES;
use crate::pages;
use crate::porter::keep_door;
use crate::room::ControlRoom;
use refusal::ApiError;

/// A control room that many requests share.
pub(crate) type Room = Arc<ControlRoom>;

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Kezek control room",
    description = "Proposals, approvals, orders, receipts, readings and verdicts. Send `Authorization: Bearer <token>`. \
                   Any route may answer 408, 413, 429 or 503 with `Retry-After`."
))]
struct Document;

/// Nobody has to show a token there, so nobody may send much.
fn small() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_UNKNOWN_BYTES)
}

fn documented() -> OpenApiRouter<Room> {
    OpenApiRouter::new()
        .routes(routes!(proposals::list, proposals::propose))
        .routes(routes!(proposals::detail))
        .routes(routes!(proposals::approve))
        .routes(routes!(proposals::send_back))
        .routes(routes!(proposals::plan))
        .routes(routes!(proposals::paper))
        .routes(routes!(orders::list))
        .routes(routes!(orders::detail))
        .routes(routes!(orders::bundle))
        .routes(routes!(orders::paper))
        .routes(routes!(orders::evidence))
        .routes(routes!(orders::recall))
        .routes(routes!(orders::called))
        .routes(routes!(orders::resend))
        .routes(routes!(orders::pending))
        .routes(routes!(fetch::fetch).layer(small()))
        .routes(routes!(receipts::answer).layer(small()))
        .routes(routes!(receipts::report).layer(small()))
        .routes(routes!(receipts::readings))
        .routes(routes!(receipts::verdicts))
        .routes(routes!(settlement::settlement))
        .routes(routes!(standing::volunteer).layer(small()))
        .routes(routes!(standing::list, standing::enter))
        .routes(routes!(standing::licences))
        .routes(routes!(standing::suspend))
        .routes(routes!(standing::reinstate))
        .routes(routes!(facilities::issue_code))
        .routes(routes!(facilities::enrol).layer(small()))
        .routes(routes!(facilities::confirm))
        .routes(routes!(facilities::adopt))
        .routes(routes!(facilities::endpoint))
        .routes(routes!(facilities::list))
        .routes(routes!(status::status))
        .routes(routes!(status::head))
        .routes(routes!(issuing::freeze))
        .routes(routes!(issuing::thaw))
        .routes(routes!(issuing::resume))
        .routes(routes!(status::health))
        .routes(routes!(status::document))
}

fn parts() -> (Router<Room>, OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", documented()).split_for_parts()
}

/// The document that describes the API.
#[must_use]
pub fn openapi() -> OpenApi {
    parts().1
}

/// All that a control room answers to.
pub fn router(room: Arc<ControlRoom>) -> Router {
    let limit = DefaultBodyLimit::max(room.config().max_body_bytes);
    let (router, _) = parts();
    router
        .merge(pages::router())
        .fallback(async || ApiError::new(StatusCode::NOT_FOUND, "no such path", "see /api/v1/openapi.json"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "no such method here", "see /api/v1/openapi.json")
        })
        .layer(limit)
        .layer(middleware::from_fn_with_state(Arc::clone(&room), keep_door))
        .with_state(room)
}
