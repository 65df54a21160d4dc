//! How a failure is told over HTTP.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kezek_courier::error::describe;
use kezek_engine::Refusal;
use kezek_model::fault::Faults;

use crate::api::ErrorBody;
use crate::error::ServerError;

/// A failure on its way to the caller.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    body: ErrorBody,
    /// Whether what was shown to prove something did not.
    is_unproven: bool,
    /// How long to wait, in seconds.
    wait_s: u64,
}

/// What was said to the caller: stands among the extensions of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) error: String,
    pub(crate) is_unproven: bool,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, error: impl Into<String>, hint: impl Into<String>) -> Self {
        let body = ErrorBody { error: error.into(), hint: hint.into(), faults: Vec::new() };
        Self { status, body, is_unproven: status == StatusCode::UNAUTHORIZED, wait_s: 1 }
    }

    pub(crate) fn with_wait(mut self, seconds: u64) -> Self {
        self.wait_s = seconds;
        self
    }

    pub(crate) fn bad(error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, hint)
    }

    pub(crate) fn absent(what: &str, name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what} {name}"), "")
    }

    /// What is said: error, hint, faults.
    pub(crate) fn words(&self) -> (String, String, Vec<String>) {
        let ErrorBody { error, hint, faults } = self.body.clone();
        (error, hint, faults)
    }

    pub(crate) fn with_faults(mut self, faults: Vec<String>) -> Self {
        self.body.faults = faults;
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let told = Told { error: self.body.error.clone(), is_unproven: self.is_unproven };
        let mut response = (self.status, Json(self.body)).into_response();
        response.extensions_mut().insert(told);
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::PAYLOAD_TOO_LARGE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(self.wait_s));
            }
            _ => {}
        }
        response
    }
}

impl From<Faults> for ApiError {
    fn from(faults: Faults) -> Self {
        let lines = faults.0.iter().map(ToString::to_string).collect();
        let error = format!("the case has {} faults", faults.0.len());
        Self::bad(error, "mend the case and propose again; nothing was kept").with_faults(lines)
    }
}

impl From<ServerError> for ApiError {
    fn from(error: ServerError) -> Self {
        let hint = match &error {
            ServerError::JournalDown { .. } => "watching goes on; look at the disk of the control room",
            _ => "",
        };
        let is_unproven = matches!(error, ServerError::Code { .. });
        Self { is_unproven, ..Self::new(status(&error), describe(&error), hint) }
    }
}

fn status(error: &ServerError) -> StatusCode {
    match error {
        ServerError::Refused(refusal) => refused(refusal),
        ServerError::Code { .. } => StatusCode::CONFLICT,
        ServerError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        ServerError::JournalDown { .. } | ServerError::Closed => StatusCode::SERVICE_UNAVAILABLE,
        ServerError::NotUnderstood { .. } => StatusCode::BAD_REQUEST,
        ServerError::OpenId { .. } | ServerError::Unreachable { .. } => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn refused(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownPlan(_) | Refusal::UnknownOrder(_) | Refusal::UnknownFacility(_) => {
            StatusCode::NOT_FOUND
        }
        Refusal::Implausible(_) => StatusCode::BAD_REQUEST,
        Refusal::NotOpened => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_status() {
        let of = |error: ServerError| status(&error).as_u16();
        assert_eq!(of(Refusal::UnknownPlan("p".into()).into()), 404);
        assert_eq!(of(Refusal::Implausible("x".into()).into()), 400);
        assert_eq!(of(Refusal::SamePerson { person: "A".into() }.into()), 409);
        assert_eq!(of(ServerError::Busy { waiting: 1 }), 429);
        assert_eq!(of(ServerError::JournalDown { why: "full".into() }), 503);
        assert_eq!(of(ServerError::Code { why: "is old" }), 409);
    }
}
