//! Before anything else: who calls, and is what was sent of a size and form to be read at all.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use kezek_model::ids::FacilityId;
use serde::de::DeserializeOwned;

use super::Room;
use super::refusal::ApiError;
use crate::access::{Caller, Role};
use crate::limits::{MAX_NAME, MAX_TEXT};
use crate::porter::{Who, require_certificate};

/// Everybody of the control room, facilities apart.
pub(crate) const STAFF: [Role; 5] =
    [Role::Planner, Role::Dispatcher, Role::Approver, Role::Auditor, Role::Administrator];

impl FromRequestParts<Room> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, room: &Room) -> Result<Self, ApiError> {
        let hint = "send the header `Authorization: Bearer <token>`";
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = header.and_then(bearer) else {
            return Err(ApiError::new(StatusCode::UNAUTHORIZED, "no token was sent", hint));
        };
        let unknown = || ApiError::new(StatusCode::UNAUTHORIZED, "nobody has this token", hint);
        let caller = room.callers.find(token).cloned().ok_or_else(unknown)?;
        if let Some(who) = parts.extensions.get::<Who>() {
            who.0.get_or_init(|| caller.name.clone());
        }
        if let Some(facility) = caller.confined_to() {
            require_certificate(room, parts.extensions.get(), facility.as_str())?;
        }
        room.porter.count(&caller.name)?;
        Ok(caller)
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

impl Caller {
    /// Whether the caller has one of these roles.
    pub(crate) fn require(&self, roles: &[Role]) -> Result<(), ApiError> {
        if roles.iter().any(|role| self.has(*role)) {
            return Ok(());
        }
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        let hint = format!("this takes the role {}", names.join(" or "));
        Err(ApiError::new(StatusCode::FORBIDDEN, format!("{} may not do this", self.name), hint))
    }

    /// Whether the caller may see what concerns one facility.
    pub(crate) fn may_see(&self, facility: &FacilityId) -> bool {
        self.confined_to().is_none_or(|own| own == facility)
    }

    /// As [`Caller::may_see`].
    pub(crate) fn require_sight(&self, facility: &FacilityId) -> Result<(), ApiError> {
        if self.may_see(facility) {
            return Ok(());
        }
        let error = format!("{} sees its own orders only", self.name);
        Err(ApiError::new(StatusCode::FORBIDDEN, error, ""))
    }
}

/// The bytes of a request, bounded in size and time.
pub(crate) struct Raw(pub(crate) Bytes);

impl FromRequest<Room> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, room: &Room) -> Result<Self, ApiError> {
        let within = Duration::from_secs(room.config().limits.body_seconds);
        let reading = tokio::time::timeout(within, Bytes::from_request(request, room));
        let late =
            || ApiError::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time", "send it again");
        match reading.await.map_err(|_| late())? {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) => Err(unread(rejection.status())),
        }
    }
}

fn unread(status: StatusCode) -> ApiError {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(status, "the body is larger than this takes", "send less at once")
        }
        _ => ApiError::bad("the body broke off", "send it again"),
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Room> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, room: &Room) -> Result<Self, ApiError> {
        let Raw(bytes) = Raw::from_request(request, room).await?;
        // An empty body is an empty object: an approval without words needs none.
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let not_json = |error: serde_json::Error| {
            ApiError::bad(format!("the body is not the JSON expected: {error}"), "see /api/v1/openapi.json")
        };
        serde_json::from_slice(bytes).map(Self).map_err(not_json)
    }
}

/// What follows the question mark.
pub(crate) struct Filter<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Room> for Filter<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, room: &Room) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, room).await {
            Ok(Query(filter)) => Ok(Self(filter)),
            Err(rejection) => Err(ApiError::bad(rejection.body_text(), "see /api/v1/openapi.json")),
        }
    }
}

/// A text of a person: bounded, without control characters but line ends.
pub(crate) fn text(what: &str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let strange = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if text.chars().count() > MAX_TEXT || text.chars().any(strange) {
        return Err(ApiError::bad(
            format!("the {what} has control characters or more than {MAX_TEXT} characters"),
            "shorten it",
        ));
    }
    Ok(text.to_owned())
}

/// A text of a person that may not be empty.
pub(crate) fn words(what: &str, given: &str) -> Result<String, ApiError> {
    let given = text(what, given)?;
    if given.is_empty() {
        return Err(ApiError::bad(format!("the {what} is empty"), "say why"));
    }
    Ok(given)
}

/// The name becomes a part of order numbers, which travel in headers and addresses.
pub(crate) fn facility_name(facility: &FacilityId) -> Result<(), ApiError> {
    let name = facility.as_str();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if (1..=MAX_NAME).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    let error = format!("facility is {name:?}, expected 1 to {MAX_NAME} ASCII letters, digits, `-` or `_`");
    Err(ApiError::bad(error, "orders are numbered after their facility; give it such a name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_facilities_fit_into_a_header() {
        for name in ["F012", "north_1-a"] {
            assert!(facility_name(&name.into()).is_ok(), "{name}");
        }
        for name in ["", "a b", "a.b", "ф", &"x".repeat(MAX_NAME + 1)] {
            assert!(facility_name(&name.into()).is_err(), "{name}");
        }
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!((bearer("Basic abc"), bearer("Bearer "), bearer("abc")), (None, None, None));
    }

    #[test]
    fn texts_are_bounded() {
        assert_eq!(text("reason", " a\nb ").unwrap(), "a\nb");
        assert!(text("reason", "a\u{0}").is_err() && text("reason", &"x".repeat(MAX_TEXT + 1)).is_err());
        assert!(words("reason", " ").is_err() && words("reason", "x").is_ok());
    }
}
