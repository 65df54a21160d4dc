//! Signing in at the provider: there, and back.

use axum::extract::{Query, State};
use axum::http::header::{REFRESH, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use kezek_courier::Purpose;
use kezek_pages::sign_in::{Arrived, SignInWords};
use serde::Deserialize;

use super::door::{Goal, at_the_door};
use super::frame::{bare, html};
use super::session::{Session, Taste, cookie, cookie_for, local, packed, unix_s, unpacked};
use crate::openid::{OpenId, Trip};
use crate::routes::Room;
use crate::routes::refusal::ApiError;

/// The cookie of somebody who is at the provider.
const TRIP: &str = "kezek-trip";
/// How long somebody may take there.
const TRIP_SECONDS: u64 = 600;

/// With what somebody comes back.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    /// Why the provider let nobody in.
    #[serde(default)]
    error: String,
}

/// To the provider.
pub(super) async fn leave(
    State(room): State<Room>,
    Query(goal): Query<Goal>,
    headers: HeaderMap,
) -> Response {
    match left(&room, local(&goal.next)).await {
        Ok(response) => response,
        Err(error) => at_the_door(&room, &headers, error),
    }
}

async fn left(room: &Room, next: &str) -> Result<Response, ApiError> {
    let trip = Trip::begin(&room.config().environment, next, unix_s() + TRIP_SECONDS)?;
    let page = provider(room)?.page(&trip).await?;
    let cookie = trip_cookie(room, &packed(room, Purpose::Trip, trip)?, TRIP_SECONDS);
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(page.as_str())).into_response())
}

fn provider(room: &Room) -> Result<&OpenId, ApiError> {
    room.openid.as_ref().ok_or_else(|| ApiError::absent("provider", "openid"))
}

/// Goes with the person, who comes back from another site: so it is laxer than a session's, and opens nothing.
fn trip_cookie(room: &Room, value: &str, seconds: u64) -> String {
    cookie_for(room, &format!("{TRIP}={value}; Path=/sign-in; SameSite=Lax"), seconds)
}

/// From the provider.
pub(super) async fn back(State(room): State<Room>, Query(back): Query<Back>, headers: HeaderMap) -> Response {
    match arrived(&room, &back, &headers).await {
        Ok(response) => response,
        Err(error) => at_the_door(&room, &headers, error),
    }
}

/// Whom the provider names and an account knows is let in.
async fn arrived(room: &Room, back: &Back, headers: &HeaderMap) -> Result<Response, ApiError> {
    let provider = provider(room)?;
    let lost = |error: &str| {
        ApiError::new(StatusCode::UNAUTHORIZED, error.to_owned(), "begin to sign in again, in this browser")
    };
    let is_known = |trip: &Trip| trip.environment == room.config().environment && unix_s() < trip.expires;
    let trip = cookie(headers, TRIP).and_then(|text| unpacked(room, Purpose::Trip, text)).filter(is_known);
    let trip = trip.ok_or_else(|| lost("nobody left for the provider from this browser of late"))?;
    if !crate::access::same(&back.state, &trip.state) {
        return Err(lost("what comes back is not of this sign-in"));
    }
    if back.code.is_empty() {
        return Err(lost(&format!("{} let nobody in: {}", provider.name(), back.error)));
    }
    let subject = provider.subject(&trip, &back.code, unix_s()).await?;
    let (accounts, _) = room.accounts.current(room.config());
    let account = accounts.all.iter().find(|account| account.openid.as_deref() == Some(&subject));
    let account = account.ok_or_else(|| stranger(provider.name(), &subject))?;
    tracing::info!(person = %account.name, provider = provider.name(), "signed in");
    let cookies = [trip_cookie(room, "", 0), Session::begin(room, account)?.cookie(room)?];
    Ok(inside(room, headers, &trip.next, cookies))
}

fn stranger(provider: &str, subject: &str) -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        format!("{provider} knows you as {subject:?}, but no account here is of that name"),
        format!("an administrator says who you are: `kezek account link LOGIN {subject}`"),
    )
}

/// A session's cookie is not sent along a way that began at another site, so a page of ours leads on.
fn inside(room: &Room, headers: &HeaderMap, next: &str, cookies: [String; 2]) -> Response {
    let taste = Taste::of(headers);
    let frame = bare(room, taste.language.unwrap_or_default(), taste.theme, "/sign-in");
    let w = SignInWords::of(frame.language);
    let page = html(&Arrived { frame: &frame, w, next });
    let refresh = [(REFRESH, format!("0; url={next}"))];
    (AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie))), refresh, page).into_response()
}
