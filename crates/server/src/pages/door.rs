//! Signing in and out.

use std::time::Instant;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use kezek_pages::sign_in::{SignIn, SignInWords};
use serde::Deserialize;

use super::frame::{bare, html};
use super::problem::refusal;
use super::session::{Session, Taste, Visitor, encoded, is_own, local, no_cookie, unix_s};
use crate::access::Role;
use crate::accounts::{Account, Shown};
use crate::error::ServerError;
use crate::openid::OpenId;
use crate::routes::Room;
use crate::routes::refusal::{ApiError, Told};

/// Where somebody wanted to go.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Goal {
    #[serde(default)]
    pub(super) next: String,
}

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// Everybody begins where the work is.
pub(super) async fn home(visitor: Visitor) -> Redirect {
    Redirect::to(if visitor.may(Role::Facility) { "/my" } else { "/day" })
}

/// The page on which to sign in.
pub(super) async fn show(State(room): State<Room>, Query(goal): Query<Goal>, headers: HeaderMap) -> Response {
    page(&room, &headers, &goal.next, None)
}

/// Why somebody was not believed.
#[derive(Clone, Copy)]
pub(super) enum Refused {
    Wrong,
    Locked { minutes: u64 },
}

impl Refused {
    /// Makes a page the answer to it.
    pub(super) fn mark(self, page: &mut Response) {
        let (status, error) = match self {
            Self::Wrong => (StatusCode::UNAUTHORIZED, "login, password or code is wrong"),
            Self::Locked { .. } => (StatusCode::TOO_MANY_REQUESTS, "too many attempts to sign in"),
        };
        *page.status_mut() = status;
        let is_unproven = matches!(self, Self::Wrong);
        page.extensions_mut().insert(Told { error: error.into(), is_unproven });
    }
}

fn page(room: &Room, headers: &HeaderMap, next: &str, refused: Option<Refused>) -> Response {
    let taste = Taste::of(headers);
    let frame = bare(room, taste.language.unwrap_or_default(), taste.theme, "/sign-in");
    let locked_minutes = match refused {
        Some(Refused::Locked { minutes }) => Some(minutes),
        _ => None,
    };
    let wrong = matches!(refused, Some(Refused::Wrong));
    let w = SignInWords::of(frame.language);
    let (next, provider) = (local(next), room.openid.as_ref().map(OpenId::name));
    let next_encoded = &encoded(next);
    let mut response =
        html(&SignIn { frame: &frame, w, wrong, locked_minutes, next, provider, next_encoded });
    if let Some(refused) = refused {
        refused.mark(&mut response);
    }
    response
}

/// Says to somebody who is not signed in why nothing was done.
pub(super) fn at_the_door(room: &Room, headers: &HeaderMap, error: ApiError) -> Response {
    let taste = Taste::of(headers);
    let frame = bare(room, taste.language.unwrap_or_default(), taste.theme, "/sign-in");
    refusal(&frame, error, "/sign-in")
}

/// Lets somebody in who knows the password, and has the code where the account asks for one.
pub(super) async fn sign_in(
    State(room): State<Room>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    if !is_own(&headers) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "the form comes from another site", ""));
    }
    let account = match believe(&room, &typed.login, typed.password, typed.code).await? {
        Ok(account) => account,
        Err(refused) => return Ok(page(&room, &headers, &typed.next, Some(refused))),
    };
    tracing::info!(person = %account.name, "signed in");
    let cookie = Session::begin(&room, &account)?.cookie(&room)?;
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(local(&typed.next))).into_response())
}

/// As [`prove`], with so many attempts for each login and no more.
pub(super) async fn believe(
    room: &Room,
    login: &str,
    password: String,
    code: String,
) -> Result<Result<Account, Refused>, ServerError> {
    let counted = login.trim().to_lowercase();
    if let Some(wait) = room.attempts.wait(&counted, Instant::now()) {
        return Ok(Err(Refused::Locked { minutes: wait.as_secs() / 60 + 1 }));
    }
    let proven = prove(room, login.to_owned(), password, code).await?;
    if proven.is_none() {
        // The one that fills the bucket locks the login for the next.
        let _ = room.attempts.take(&counted, Instant::now());
    }
    Ok(proven.ok_or(Refused::Wrong))
}

/// Whom login, password and code prove. Hashing takes a processor for a while, so only a few do so at a time; a code is
/// good once.
async fn prove(
    room: &Room,
    login: String,
    password: String,
    code: String,
) -> Result<Option<Account>, ServerError> {
    let broke_off = || ServerError::BrokeOff { what: "signing in" };
    let _turn = room.hashing.acquire().await.map_err(|_| broke_off())?;
    let (accounts, _) = room.accounts.current(room.config());
    let proving = tokio::task::spawn_blocking(move || {
        let shown = Shown { login: &login, password: &password, code: &code };
        accounts.prove(&shown, unix_s()).map(|(account, step)| (account.clone(), step))
    });
    let proven = proving.await.map_err(|_| broke_off())?;
    Ok(proven.and_then(|(account, step)| room.take_code(&account.login, step).then_some(account)))
}

/// Asks somebody who is signed in to prove it again, before something that cannot be taken back.
pub(super) async fn prove_again(
    room: &Room,
    visitor: &Visitor,
    password: String,
    code: String,
) -> Result<(), ApiError> {
    let (status, error, hint) = match believe(room, &visitor.login, password, code).await? {
        Ok(_) => return Ok(()),
        Err(Refused::Wrong) => {
            let hint = "nothing was done; a code is good once, wait for the next one".to_owned();
            (StatusCode::FORBIDDEN, "password or code is wrong", hint)
        }
        Err(Refused::Locked { minutes }) => (
            StatusCode::TOO_MANY_REQUESTS,
            "too many wrong passwords or codes",
            format!("try again in {minutes} min"),
        ),
    };
    Err(ApiError::new(status, error, hint))
}

/// Ends the session at this browser.
pub(super) async fn sign_out(State(room): State<Room>, visitor: Visitor) -> Response {
    tracing::info!(person = %visitor.caller.name, "signed out");
    (AppendHeaders([(SET_COOKIE, no_cookie(&room))]), Redirect::to("/sign-in")).into_response()
}
