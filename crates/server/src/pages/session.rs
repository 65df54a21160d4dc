//! Who is signed in: a cookie with a session that the control room has signed. Nothing is kept here, so that a restart or
//! another server of the same control room knows everybody again.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kezek_courier::{Purpose, Signed, open_signed};
use kezek_model::registry::Language;
use kezek_pages::Theme;
use kezek_pages::words::from_code;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::access::{Caller, Role};
use crate::accounts::Account;
use crate::error::ServerError;
use crate::limits::SESSION_HOURS;
use crate::porter::Who;
use crate::routes::Room;
use crate::routes::refusal::ApiError;

/// The cookie with the session.
const SESSION: &str = "kezek-session";
/// The cookies with what a person likes to look at.
pub(super) const LANGUAGE: &str = "kezek-language";
pub(super) const THEME: &str = "kezek-theme";

/// What the cookie says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    environment: String,
    login: String,
    /// Of the account: a reset ends the session.
    generation: u64,
    /// Stands in every form.
    seal: String,
    /// Seconds since 1970.
    expires: u64,
}

/// The time of this machine: sessions and codes belong to people, whatever clock the orders go by.
pub(super) fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Session {
    pub(super) fn begin(room: &Room, account: &Account) -> Result<Self, ServerError> {
        let mut seal = [0; 16];
        getrandom::fill(&mut seal)
            .map_err(|_| ServerError::BrokeOff { what: "the randomness of this machine" })?;
        Ok(Self {
            environment: room.config().environment.clone(),
            login: account.login.clone(),
            generation: account.generation,
            seal: URL_SAFE_NO_PAD.encode(seal),
            expires: unix_s() + SESSION_HOURS * 3600,
        })
    }

    /// The header that sets the cookie.
    pub(super) fn cookie(self, room: &Room) -> Result<String, ServerError> {
        let text = packed(room, Purpose::Session, self)?;
        Ok(set_cookie(room, SESSION, &text, SESSION_HOURS * 3600))
    }

    fn read(room: &Room, text: &str) -> Option<Self> {
        let session: Self = unpacked(room, Purpose::Session, text)?;
        (session.environment == room.config().environment && unix_s() < session.expires).then_some(session)
    }
}

/// What the control room will know again, as the value of a cookie.
pub(super) fn packed<T: Serialize>(room: &Room, purpose: Purpose, body: T) -> Result<String, ServerError> {
    let signed = Signed::new(purpose, body, room.messenger.key())?;
    let bytes = serde_json::to_vec(&signed).map_err(|_| ServerError::BrokeOff { what: "the cookie" })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The same read, if it was this control room that packed it.
pub(super) fn unpacked<T: DeserializeOwned>(room: &Room, purpose: Purpose, text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(open_signed::<T>(purpose, &bytes, &[room.public_key()]).ok()?.body)
}

/// The header that ends the session at the browser.
pub(super) fn no_cookie(room: &Room) -> String {
    set_cookie(room, SESSION, "", 0)
}

/// Goes along only from a page of ours to a page of ours.
pub(super) fn set_cookie(room: &Room, name: &str, value: &str, seconds: u64) -> String {
    cookie_for(room, &format!("{name}={value}; Path=/; SameSite=Strict"), seconds)
}

/// Over an encrypted line a cookie goes over no other.
pub(super) fn cookie_for(room: &Room, what: &str, seconds: u64) -> String {
    let secure = if room.tls.is_some() { "; Secure" } else { "" };
    format!("{what}; Max-Age={seconds}; HttpOnly{secure}")
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// In which language and colours somebody looks, signed in or not.
pub(super) struct Taste {
    pub(super) language: Option<Language>,
    pub(super) theme: Theme,
}

impl Taste {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let language = cookie(headers, LANGUAGE).and_then(from_code).or_else(|| accepted(headers));
        Self { language, theme: cookie(headers, THEME).map_or(Theme::Auto, Theme::of) }
    }
}

/// The first language of the browser that there is.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let wanted = headers.get(axum::http::header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    wanted.split(',').find_map(|one| from_code(one.trim().get(..2)?))
}

/// Somebody who has signed in.
pub(crate) struct Visitor {
    /// As the API knows people.
    pub(crate) caller: Caller,
    pub(super) login: String,
    /// Whether the account asks for codes.
    pub(super) has_codes: bool,
    pub(super) seal: String,
    pub(super) language: Language,
    pub(super) theme: Theme,
    /// The page, with what follows the question mark.
    pub(super) path: String,
}

impl Visitor {
    fn of(room: &Room, parts: &Parts, path: String) -> Option<Self> {
        let session = Session::read(room, cookie(&parts.headers, SESSION)?)?;
        let (accounts, _) = room.accounts.current(room.config());
        let account = accounts.find(&session.login).filter(|known| known.generation == session.generation)?;
        let taste = Taste::of(&parts.headers);
        let chosen = cookie(&parts.headers, LANGUAGE).and_then(from_code);
        Some(Self {
            caller: Caller::signed_in(account),
            login: account.login.clone(),
            has_codes: account.code_secret.is_some(),
            seal: session.seal,
            language: chosen.unwrap_or(account.language),
            theme: taste.theme,
            path,
        })
    }

    pub(crate) fn may(&self, role: Role) -> bool {
        self.caller.has(role)
    }

    /// Whether a form was sent from a page of this person, and from no other site.
    pub(crate) fn require_seal(&self, seal: &str) -> Result<(), ApiError> {
        match crate::access::same(seal, &self.seal) {
            true => Ok(()),
            false => Err(ApiError::new(
                axum::http::StatusCode::FORBIDDEN,
                "the form is not of this session",
                "open the page again and repeat it",
            )),
        }
    }
}

impl FromRequestParts<Room> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, room: &Room) -> Result<Self, Response> {
        let path = path_of(parts);
        let Some(visitor) = Self::of(room, parts, path.clone()) else {
            // A form is not repeated after signing in: the page that it was on is shown.
            let next = if parts.method == Method::GET { path } else { "/".into() };
            return Err(Redirect::to(&format!("/sign-in?next={}", encoded(&next))).into_response());
        };
        if parts.method != Method::GET && !is_own(&parts.headers) {
            let error = ApiError::new(
                axum::http::StatusCode::FORBIDDEN,
                "the form comes from another site",
                "open the page here and repeat it",
            );
            return Err(error.into_response());
        }
        if let Some(who) = parts.extensions.get::<Who>() {
            who.0.get_or_init(|| visitor.caller.name.clone());
        }
        room.porter.count(&visitor.caller.name).map_err(axum::response::IntoResponse::into_response)?;
        Ok(visitor)
    }
}

pub(super) fn path_of(parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
    uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string)
}

/// Browsers say where a form comes from.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        // A client that is no browser sends no cookie by itself either.
        (None, _) => true,
        (Some(_), None) => false,
    }
}

/// A text as part of an address.
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A path of this server, whatever was asked for.
pub(super) fn local(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n'])
        && path.is_ascii();
    if is_local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_paths_of_this_server_are_followed() {
        for path in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"] {
            assert_eq!(local(path), "/", "{path}");
        }
        assert_eq!(local("/plans/x?y=1"), "/plans/x?y=1");
    }

    #[test]
    fn a_form_of_another_site_is_told_by_its_origin() {
        let own = [("host", "room.example:8080"), ("origin", "http://room.example:8080")];
        assert!(is_own(&headers(&own)) && is_own(&headers(&own[..1])));
        for origin in ["http://evil.example", "null", "http://room.example:8080.evil.example"] {
            let mut all = headers(&own);
            all.insert("origin", HeaderValue::from_static(origin));
            assert!(!is_own(&all), "{origin}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let all = headers(&[("cookie", "a=1; kezek-theme=dark; b=kezek-language=ru")]);
        assert_eq!((cookie(&all, THEME), cookie(&all, LANGUAGE)), (Some("dark"), None));
        assert_eq!(
            Taste::of(&headers(&[("accept-language", "de-DE, kk;q=0.9")])).language,
            Some(Language::Kk)
        );
    }
}
