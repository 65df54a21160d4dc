//! A refusal as a page: what was not done, why, and the way back.

use axum::response::{IntoResponse as _, Response};
use kezek_pages::Frame;
use kezek_pages::problem::{Problem, ProblemWords};

use super::frame::{frame, html};
use super::session::Visitor;
use crate::routes::Room;
use crate::routes::refusal::ApiError;

/// Says why something was not done; `back` is the page to go on with.
pub(super) async fn problem(room: &Room, visitor: &Visitor, error: ApiError, back: &str) -> Response {
    refusal(&frame(room, visitor, None).await, error, back)
}

/// The same inside a frame.
pub(super) fn refusal(frame: &Frame, error: ApiError, back: &str) -> Response {
    let (text, hint, faults) = error.words();
    let (parts, _) = error.into_response().into_parts();
    let (w, status) = (ProblemWords::of(frame.language), parts.status.as_u16());
    let mut page = html(&Problem { frame, w, status, error: &text, hint: &hint, faults: &faults, back });
    // Status, headers and what the porter writes down are the refusal's own.
    *page.status_mut() = parts.status;
    page.extensions_mut().extend(parts.extensions);
    page
}
