//! Where the facts come from, filled; readings that a person enters.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::query::proposals;
use kezek_model::ids::FacilityId;
use kezek_model::readings;
use kezek_pages::feeds::{Entered, Feeds, FeedsWords, Kept, Ledger, Source, ZoneMeters};
use kezek_pages::{Frame, Place};
use serde::Deserialize;

use super::facilities::{last_reading, newest_case};
use super::frame::{frame, html};
use super::handover::warnings;
use super::problem::problem;
use super::session::Visitor;
use crate::access::Role;
use crate::api::StatusBody;
use crate::error::ServerError;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::receipts::{entered, take};
use crate::routes::refusal::ApiError;

/// Who may enter readings.
const READERS: [Role; 2] = [Role::Dispatcher, Role::Auditor];
/// Warnings that are shown.
const MAX_WARNINGS: usize = 20;
/// How a pasted table is called where it has faults.
const TABLE: &str = "table";

/// What became of a table that was sent before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    entered: Option<usize>,
    #[serde(default)]
    known: bool,
}

/// The page.
pub(super) async fn feeds(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    let taken = which.entered.map(|count| Entered::Taken(count, !which.known));
    match page(&room, &visitor, taken).await {
        Ok(page) => page,
        Err(error) => problem(&room, &visitor, error, "/day").await,
    }
}

async fn page(room: &Room, visitor: &Visitor, entered: Option<Entered>) -> Result<Response, ApiError> {
    visitor.caller.require(&STAFF)?;
    let frame = frame(room, visitor, Some(Place::Feeds)).await;
    let w = FeedsWords::of(frame.language);
    let status = room.status().await?;
    Ok(html(&Feeds {
        frame: &frame,
        w,
        sources: sources(room, &frame, w),
        stale_minutes: room.config().tolerance.stale_minutes,
        zones: zones(room, &frame).await?,
        ledger: ledger(room, status),
        tolerance: room.look(|book| book.state.config().tolerance.to_string()),
        files: files(room, w),
        warnings: warnings(room, MAX_WARNINGS),
        may_enter: visitor.caller.require(&READERS).is_ok(),
        entered,
    }))
}

fn sources(room: &Room, frame: &Frame, w: &FeedsWords) -> Vec<Source> {
    let of_frame = frame.feeds.iter().map(|feed| Source {
        name: feed.name,
        last: feed.last,
        is_old: frame.is_old(feed),
    });
    let issued = room.look(|book| {
        proposals(&book.state, frame.now).iter().filter_map(|seen| seen.proposal.issued_at).max()
    });
    let plans = Source { name: w.plans, last: issued, is_old: false };
    of_frame.chain([plans]).collect()
}

/// A facility's meter is silent where its newest interval is over for longer than the settings say, and its own length.
async fn zones(room: &Room, frame: &Frame) -> Result<Vec<ZoneMeters>, ServerError> {
    let case = newest_case(room).await?;
    let limit = TimeDelta::minutes(i64::from(room.config().tolerance.stale_minutes));
    Ok(room.look(|book| {
        let mut zones: BTreeMap<FacilityId, String> =
            book.state.enrolments().map(|(id, _)| (id.clone(), String::new())).collect();
        let of_case = case.iter().flat_map(|case| &case.facilities);
        zones.extend(of_case.map(|facility| (facility.id.clone(), facility.zone.to_string())));
        let mut meters: BTreeMap<String, ZoneMeters> = BTreeMap::new();
        for (id, zone) in zones {
            let empty = || ZoneMeters { zone: zone.clone(), facilities: 0, newest: None, stale: Vec::new() };
            let row = meters.entry(zone.clone()).or_insert_with(empty);
            let last = last_reading(book, &id, frame.now);
            let due = |end: DateTime<Utc>, length: TimeDelta| end + length + limit;
            let is_fresh = last
                .is_some_and(|one| frame.now <= due(one.interval_end, one.interval_end - one.interval_start));
            row.facilities += 1;
            row.newest = row.newest.max(last.map(|one| one.interval_end));
            row.stale.extend((!is_fresh).then(|| id.to_string()));
        }
        meters.into_values().collect()
    }))
}

fn ledger(room: &Room, status: StatusBody) -> Ledger {
    let counts = &status.counts;
    Ledger {
        on_server: room.config().database.path().is_none(),
        trouble: status.journal_trouble,
        head: (status.journal_head.seq, status.journal_head.hash),
        epoch: status.epoch,
        version: status.version,
        next_due: status.next_due,
        in_flight: status.in_flight,
        counts: [
            counts.orders,
            counts.received,
            counts.accepted,
            counts.refused,
            counts.silent,
            counts.complying,
            counts.breach,
            counts.unknown,
        ],
        uncovered: [status.uncovered.mwh, status.uncovered.assumed_hours],
    }
}

fn files(room: &Room, w: &FeedsWords) -> Vec<Kept> {
    let config = room.config();
    let (accounts, trouble) = room.accounts.current(config);
    let registry = match &config.registry {
        Some(folder) => format!("{}: {}", folder.display(), w.sound),
        None => w.no_registry.to_owned(),
    };
    let second = [
        config.second_channel.sms.as_ref().map(|_| "SMS"),
        config.second_channel.email.as_ref().map(|_| "e-mail"),
    ];
    let second: Vec<&str> = second.into_iter().flatten().collect();
    let kept = |name, said: String, faults: Vec<String>| Kept {
        name,
        said: if faults.is_empty() { said } else { String::new() },
        faults,
    };
    vec![
        kept(w.registry, registry, room.registry_trouble()),
        kept(w.accounts, format!("{}, {}", accounts.all.len(), w.sound), trouble.into_iter().collect()),
        kept(
            w.second,
            if second.is_empty() { w.no_second.to_owned() } else { second.join(", ") },
            Vec::new(),
        ),
    ]
}

/// A table of readings.
#[derive(Deserialize)]
pub(super) struct TableForm {
    #[serde(default)]
    seal: String,
    #[serde(default)]
    table: String,
}

/// Enters a table of readings: all of it or nothing.
pub(super) async fn enter(
    State(room): State<Room>,
    visitor: Visitor,
    Form(form): Form<TableForm>,
) -> Response {
    let allowed = visitor.require_seal(&form.seal).and_then(|()| visitor.caller.require(&READERS));
    if let Err(error) = allowed {
        return problem(&room, &visitor, error, "/feeds").await;
    }
    let read = match readings::read(TABLE, &form.table) {
        Ok(read) => read,
        Err(faults) => {
            return wrong(&room, &visitor, form.table, faults.0.iter().map(ToString::to_string)).await;
        }
    };
    let count = read.len();
    let taking = async { take(&room, entered(visitor.caller.clone(), read)?).await };
    match taking.await {
        Ok(taken) if taken.0.taken => Redirect::to(&format!("/feeds?entered={count}")).into_response(),
        Ok(_) => Redirect::to(&format!("/feeds?entered={count}&known=true")).into_response(),
        Err(error) => {
            let (text, hint, _) = error.words();
            let said = [text, hint].into_iter().filter(|text| !text.is_empty());
            wrong(&room, &visitor, form.table, said).await
        }
    }
}

/// The page with the table as it was sent, and what is wrong with it.
async fn wrong(
    room: &Room,
    visitor: &Visitor,
    table: String,
    faults: impl Iterator<Item = String>,
) -> Response {
    match page(room, visitor, Some(Entered::Wrong(table, faults.collect()))).await {
        Ok(mut page) => {
            *page.status_mut() = StatusCode::BAD_REQUEST;
            page
        }
        Err(error) => problem(room, visitor, error, "/feeds").await,
    }
}
