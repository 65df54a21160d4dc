//! The studies that planners have laid with this control room: a list, and reports that are made on demand.

mod compare;
mod replays;

pub(super) use compare::compare;
pub(super) use replays::{Laid, laid, path_of};

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use kezek_pages::studies::{ReplayRow, Studies, StudiesWords, StudyRow};
use kezek_pages::{Language, Place};
use kezek_reports::{Report, ReportError, columns, figures, page, workbook};
use kezek_study::lab::results::{Header, Results, Shard};
use std::fs;
use std::path::{Path as FsPath, PathBuf};
use std::time::SystemTime;

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::limits::MAX_STUDY_BYTES;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::refusal::ApiError;

/// A report brings its style, letters and figures along, and nothing else.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; \
                             base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of results in the folder.
struct Found {
    name: String,
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
}

/// The list.
pub(super) async fn studies(State(room): State<Room>, visitor: Visitor) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Studies)).await;
    let folder = room.config().studies.folder.clone();
    let has_folder = folder.is_some();
    let listed = tokio::task::spawn_blocking(move || {
        let replays = laid(folder.as_deref()).iter().map(replay_row).collect();
        (listed(&found(folder.as_deref())), replays)
    });
    let ((rows, unread), replays) = listed.await.unwrap_or_default();
    html(&Studies { frame: &frame, w: StudiesWords::of(frame.language), has_folder, rows, replays, unread })
}

fn replay_row(laid: &Laid) -> ReplayRow {
    let about = &laid.about;
    let first = about.days.first().map_or_else(chrono::NaiveDate::default, |(date, _)| *date);
    ReplayRow {
        path: path_of(laid, None),
        study: about.study.clone(),
        scenario: about.scenario.clone(),
        draw: about.draw,
        season: (first, about.days.len()),
    }
}

/// What is in the folder, the newest first.
fn found(folder: Option<&FsPath>) -> Vec<Found> {
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let mut found: Vec<Found> =
        entries.into_iter().flatten().flatten().filter_map(|entry| one(&entry)).collect();
    found.sort_by(|a, b| b.written.cmp(&a.written).then_with(|| a.name.cmp(&b.name)));
    found
}

fn one(entry: &fs::DirEntry) -> Option<Found> {
    let (name, known) = (entry.file_name().into_string().ok()?, entry.metadata().ok()?);
    let is_results = known.is_file() && name.ends_with(".jsonl") && !name.starts_with('.');
    let written = known.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    is_results.then(|| Found { name, path: entry.path(), bytes: known.len(), written })
}

fn listed(found: &[Found]) -> (Vec<StudyRow>, Vec<String>) {
    let (mut rows, mut unread) = (Vec::new(), Vec::new());
    for file in found {
        match Header::read(&file.path) {
            Ok(header) => rows.push(row(file, header)),
            Err(_) => unread.push(file.name.clone()),
        }
    }
    (rows, unread)
}

fn row(file: &Found, header: Header) -> StudyRow {
    let part = header.shard;
    StudyRow {
        file: file.name.clone(),
        study: header.study,
        season: (header.first_day, header.days),
        draws: header.draws,
        part: (part != Shard::WHOLE).then(|| format!("{}/{}", part.index, part.count)),
        seed: header.seed,
        scenarios: header.scenarios.into_iter().map(|(name, _)| name).collect(),
        is_small: file.bytes <= MAX_STUDY_BYTES,
    }
}

/// A part of a report, made anew of the results; or the results.
pub(super) async fn part(
    State(room): State<Room>,
    visitor: Visitor,
    Path((file, part)): Path<(String, String)>,
) -> Response {
    match made(&room, &visitor, &file, &part).await {
        Ok(response) => response,
        Err(error) => problem(&room, &visitor, error, "/studies").await,
    }
}

async fn made(room: &Room, visitor: &Visitor, file: &str, part: &str) -> Result<Response, ApiError> {
    visitor.caller.require(&STAFF)?;
    let Some(kind) = kind(part) else { return Err(ApiError::absent("part of a report", part)) };
    let (folder, language) = (room.config().studies.folder.clone(), visitor.language);
    let (file, name) = (file.to_owned(), part.to_owned());
    let making = tokio::task::spawn_blocking(move || {
        let known = found(folder.as_deref()).into_iter().find(|own| own.name == file);
        bytes(&known.ok_or_else(|| ApiError::absent("study", &file))?, &name, language)
    });
    let bytes = making.await.map_err(|_| broken("the report broke off"))??;
    let policy = if part == REPORT { REPORT_POLICY } else { "default-src 'none'" };
    let shown = if part == REPORT { "inline".to_owned() } else { format!("attachment; filename=\"{part}\"") };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, shown),
        (header::CONTENT_SECURITY_POLICY, policy.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

const REPORT: &str = "report.html";
const RESULTS: &str = "results.jsonl";

/// The media type of a part.
fn kind(part: &str) -> Option<&'static str> {
    match part {
        REPORT => Some("text/html; charset=utf-8"),
        RESULTS => Some("application/jsonl"),
        "results.xlsx" => Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "draws.parquet" | "facilities.parquet" | "zones.parquet" => Some("application/vnd.apache.parquet"),
        _ => None,
    }
}

fn bytes(file: &Found, part: &str, language: Language) -> Result<Vec<u8>, ApiError> {
    if part == RESULTS {
        return fs::read(&file.path).map_err(|error| broken(&error.to_string()));
    }
    let results = small(file)?;
    let report = Report { results: &results, language };
    let made = match part {
        "results.xlsx" => workbook::xlsx(&report),
        "draws.parquet" => columns::draws(&results),
        "facilities.parquet" => columns::facilities(&results),
        "zones.parquet" => columns::zones(&results),
        _ => page::html(&report, &figures::all(&report)).map(String::into_bytes),
    };
    made.map_err(|error: ReportError| broken(&error.to_string()))
}

/// The results of a file that is small enough to be worked on while somebody waits.
fn small(file: &Found) -> Result<Results, ApiError> {
    if file.bytes > MAX_STUDY_BYTES {
        let hint = "download the results, and make the report with `kezek study report`";
        return Err(ApiError::bad("the results are too large for a report on demand", hint));
    }
    Results::read(&file.path).map_err(|error| broken(&error.to_string()))
}

fn broken(why: &str) -> ApiError {
    ApiError::bad(format!("no report can be made: {why}"), "run the study again, or ask its planner")
}
