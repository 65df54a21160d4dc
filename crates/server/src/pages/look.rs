//! In which language and colours pages are shown; style sheet and script.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use kezek_pages::Theme;
use kezek_pages::assets::Asset;
use kezek_pages::words::{code, from_code};
use serde::Deserialize;

use super::session::{LANGUAGE, THEME, local, set_cookie};
use crate::routes::Room;

const YEAR_S: u64 = 365 * 24 * 3600;

/// What is chosen, and where to go on.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    language: Option<String>,
    theme: Option<String>,
    #[serde(default)]
    back: String,
}

/// Remembers at the browser how somebody likes to look.
pub(super) async fn look(State(room): State<Room>, Query(choice): Query<Choice>) -> Response {
    let language = choice.language.as_deref().and_then(from_code);
    let language = language.map(|language| set_cookie(&room, LANGUAGE, code(language), YEAR_S));
    let theme = choice.theme.as_deref().map(|name| set_cookie(&room, THEME, Theme::of(name).name(), YEAR_S));
    let cookies = language.into_iter().chain(theme).map(|cookie| (SET_COOKIE, cookie));
    (AppendHeaders(cookies.collect::<Vec<_>>()), Redirect::to(local(&choice.back))).into_response()
}

/// Style sheet and script; their names change with them.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some(asset) = Asset::find(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (CONTENT_TYPE, asset.media),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.text).into_response()
}
