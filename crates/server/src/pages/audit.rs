//! The audit search, filled from the end of the journal.

use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{Days, NaiveDate};
use kezek_pages::audit::{Audit, AuditWords, Deed, DeedWords, REFUSED, Search};
use kezek_pages::states::StateWords;
use kezek_pages::{Frame, Place};
use serde::Deserialize;

use super::day::midnight;
use super::frame::{frame, html};
use super::problem::problem;
use super::session::{Visitor, encoded};
use crate::audit::Deed as Done;
use crate::audit::recent::{Asked, Kept, Stretch, recent, refusals};
use crate::error::ServerError;
use crate::routes::Room;
use crate::routes::gate::STAFF;

/// Rows of one page.
const MAX_SHOWN: usize = 100;

/// What is searched for, as it stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    person: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    day: String,
    /// The record before which to go on; of refusals how many were shown.
    before: Option<u64>,
}

/// Who did what.
pub(super) async fn audit(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Audit)).await;
    match page(&room, &frame, which).await {
        Ok(page) => html(&page),
        Err(error) => problem(&room, &visitor, error.into(), "/day").await,
    }
}

async fn page<'a>(room: &Room, frame: &'a Frame, which: Which) -> Result<Audit<'a>, ServerError> {
    let search = Search {
        person: which.person.trim().to_owned(),
        about: which.about.trim().to_owned(),
        kind: which.kind.trim().to_owned(),
        day: which.day.trim().to_owned(),
    };
    let day: Option<NaiveDate> = search.day.parse().ok();
    let asked = Asked {
        person: search.person.clone(),
        about: search.about.clone(),
        kind: search.kind.clone(),
        but: String::new(),
        within: day.map(|day| (midnight(day, frame.zone), midnight(day + Days::new(1), frame.zone))),
        before: which.before,
    };
    let (w, d) = (AuditWords::of(frame.language), DeedWords::of(frame.language));
    let mut page = Audit { frame, w, d, search, rows: Vec::new(), looked: None, older: None };
    if page.search.kind == REFUSED {
        let skip = usize::try_from(which.before.unwrap_or(0)).unwrap_or(usize::MAX);
        let (found, more) = refused(room, asked, skip).await?;
        let shown = (skip + found.len()) as u64;
        page.rows = found.iter().map(|deed| row(deed, None, d)).collect();
        page.older = (more > 0).then(|| older(&page.search, shown));
        return Ok(page);
    }
    let head = room.head().seq;
    let stretch = look_back(room, asked, MAX_SHOWN).await?;
    page.rows = rows(&stretch, frame);
    page.looked = stretch.looked.map(|(from, to)| [from, to, head.max(to)]);
    page.older = stretch.next.map(|next| older(&page.search, next));
    Ok(page)
}

/// A stretch of the journal, read on a thread that may wait.
pub(super) async fn look_back(room: &Room, asked: Asked, most: usize) -> Result<Stretch, ServerError> {
    let database = room.config().database.clone();
    let reading = tokio::task::spawn_blocking(move || recent(&database, &asked, most));
    reading.await.map_err(|_| ServerError::BrokeOff { what: "the reading of the journal" })?
}

async fn refused(room: &Room, asked: Asked, skip: usize) -> Result<(Vec<Done>, usize), ServerError> {
    let database = room.config().database.clone();
    let reading = tokio::task::spawn_blocking(move || refusals(&database, &asked, skip, MAX_SHOWN));
    reading.await.map_err(|_| ServerError::BrokeOff { what: "the reading of what was refused" })?
}

/// What a stretch has, in the language of the page.
pub(super) fn rows(stretch: &Stretch, frame: &Frame) -> Vec<Deed> {
    let (d, s) = (DeedWords::of(frame.language), StateWords::of(frame.language));
    let told = |kept: &Kept| {
        let mut told = row(&kept.deed, Some(&kept.hash), d);
        // Of an answer without a reason the journal keeps its name alone.
        if kept.deed.action == "answered" && told.reason == "accepted" {
            told.reason = s.accepted.into();
        }
        told
    };
    stretch.found.iter().map(told).collect()
}

fn row(deed: &Done, hash: Option<&String>, d: &DeedWords) -> Deed {
    Deed {
        at: deed.at,
        record: deed.seq.zip(hash.cloned()),
        person: deed.person.clone().or_else(|| deed.from.clone()).unwrap_or_default(),
        second: deed.second_person.clone(),
        what: match deed.seq {
            Some(_) => d.of_kind(&deed.action),
            None => format!("{}: {}", deed.outcome, deed.action),
        },
        about: about(deed),
        reason: deed.reason.clone(),
    }
}

/// What it is about, and where that is shown.
fn about(deed: &Done) -> Option<(String, String)> {
    let order = || {
        let order = deed.order_no.as_ref()?.to_string();
        Some((order.clone(), format!("/orders/{}", encoded(&order))))
    };
    let plan = || {
        let digest = deed.plan_digest.as_ref()?;
        Some((digest.chars().take(8).collect(), format!("/plans/{}", encoded(digest))))
    };
    let licence = || {
        let number = deed.licence.as_ref()?;
        Some((number.clone(), format!("/facilities?q={}", encoded(number))))
    };
    let facility = || {
        let facility = deed.facility.as_ref()?.to_string();
        Some((facility.clone(), format!("/facilities/{}", encoded(&facility))))
    };
    order().or_else(plan).or_else(licence).or_else(facility)
}

fn older(search: &Search, before: u64) -> String {
    let fields =
        [("person", &search.person), ("about", &search.about), ("kind", &search.kind), ("day", &search.day)];
    let given = fields.iter().filter(|(_, text)| !text.is_empty());
    let given: String = given.map(|(name, text)| format!("&{name}={}", encoded(text))).collect();
    format!("/audit?before={before}{given}")
}
