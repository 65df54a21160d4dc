//! The files of the registry, filled; and one of them anew.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use kezek_pages::Place;
use kezek_pages::registry::{RegistryFile, RegistryPage, RegistryWords};
use serde::Deserialize;

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::access::Role;
use crate::record::Remark;
use crate::registry::{FILES, Replaced};
use crate::routes::Room;
use crate::routes::gate::words;
use crate::routes::refusal::ApiError;

/// A longer file stands in no form.
const MOST_SHOWN: usize = 60_000;
/// Who keeps the registry.
const KEEPERS: [Role; 2] = [Role::Dispatcher, Role::Administrator];

/// What was sent, and found wrong.
struct Sent {
    name: &'static str,
    text: String,
    faults: Vec<String>,
}

/// Which file has just been imported.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// The files.
pub(super) async fn registry(
    State(room): State<Room>,
    visitor: Visitor,
    Query(done): Query<Done>,
) -> Response {
    match visitor.caller.require(&KEEPERS) {
        Ok(()) => page(&room, &visitor, known(&done.done), None).await,
        Err(error) => problem(&room, &visitor, error, "/facilities").await,
    }
}

fn known(name: &str) -> Option<&'static str> {
    FILES.into_iter().find(|file| *file == name)
}

async fn page(room: &Room, visitor: &Visitor, done: Option<&'static str>, sent: Option<Sent>) -> Response {
    let frame = frame(room, visitor, Some(Place::Facilities)).await;
    let file = |name| {
        let text = room.registry_file(name).unwrap_or_default();
        let rows = text.lines().skip(1).filter(|line| !line.trim().is_empty()).count();
        let text = if text.len() <= MOST_SHOWN { text } else { String::new() };
        match &sent {
            Some(sent) if sent.name == name => {
                RegistryFile { name, rows, text: sent.text.clone(), faults: sent.faults.clone() }
            }
            _ => RegistryFile { name, rows, text, faults: Vec::new() },
        }
    };
    let (w, has_folder) = (RegistryWords::of(frame.language), room.config().registry.is_some());
    let files = if has_folder { FILES.map(file).into() } else { Vec::new() };
    let mut page = html(&RegistryPage { frame: &frame, w, has_folder, done, files });
    if sent.is_some() {
        *page.status_mut() = StatusCode::BAD_REQUEST;
    }
    page
}

/// A file as it stands.
pub(super) async fn file(State(room): State<Room>, visitor: Visitor, Path(name): Path<String>) -> Response {
    let found = visitor.caller.require(&KEEPERS).and_then(|()| {
        let text = known(&name).and_then(|name| room.registry_file(name));
        text.ok_or_else(|| ApiError::absent("file of the registry", &name))
    });
    match found {
        Ok(text) => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response(),
        Err(error) => problem(&room, &visitor, error, "/registry").await,
    }
}

/// A file anew.
#[derive(Deserialize)]
pub(super) struct FileForm {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    reason: String,
}

/// Imports a file, or says all that is wrong with it.
pub(super) async fn import(
    State(room): State<Room>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(form): Form<FileForm>,
) -> Response {
    let importing = async {
        visitor.require_seal(&form.seal)?;
        visitor.caller.require(&KEEPERS)?;
        let name = known(&name).ok_or_else(|| ApiError::absent("file of the registry", &name))?;
        let comment = Some(words("reason", &form.reason)?);
        let remark = Remark { comment, entered_by: Some(visitor.caller.name.clone()), ..Remark::default() };
        let text = form.text.replace("\r\n", "\n");
        Ok::<_, ApiError>((name, room.replace_registry(name, text, remark).await?))
    };
    match importing.await {
        Ok((name, Replaced::Holds)) => Redirect::to(&format!("/registry?done={name}")).into_response(),
        Ok((name, Replaced::Faulty(faults))) => {
            let sent = Sent { name, text: form.text.clone(), faults };
            page(&room, &visitor, None, Some(sent)).await
        }
        Err(error) => problem(&room, &visitor, error, "/registry").await,
    }
}
