//! The registry, filled: the facilities of the newest case, of the folder beside it, and whoever is enrolled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::query::proposals;
use kezek_engine::state::Suspension;
use kezek_model::case::{Case, Facility};
use kezek_model::ids::FacilityId;
use kezek_model::receipt::Reading;
use kezek_model::registry::FETCHED;
use kezek_pages::facilities::{Facilities, FacilitiesWords, Reach, Row, SuspendedRow, Tally, Wait};
use kezek_pages::licence::{Licence, PastSuspended, Suspended};
use kezek_pages::{Frame, Place};
use serde::Deserialize;

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::book::Book;
use crate::error::ServerError;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::orders::order_rows;
use crate::routes::refusal::ApiError;
use crate::routes::standing::SUSPENDERS;
use crate::view;

/// Which facilities.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
}

/// All facilities, or those that are searched for.
pub(super) async fn facilities(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Facilities)).await;
    let all = match rows(&room, &frame).await {
        Ok(all) => all,
        Err(error) => return problem(&room, &visitor, error.into(), "/day").await,
    };
    let (search, state) = (which.q.trim(), which.state.trim());
    let tallies = tallies(&all, state);
    let counts = [all.len(), all.iter().filter(|row| row.reach.is_some()).count()];
    let nominated = all.iter().filter_map(|row| row.nominated).sum();
    let mut shown: Vec<Row> = all.into_iter().filter(|row| is_meant(row, search, state)).collect();
    // Stable: facilities that wait alike stay by name.
    shown.sort_by_key(|row| row.urgency().map_or(u8::MAX, |urgency| urgency as u8));
    html(&Facilities {
        frame: &frame,
        w: FacilitiesWords::of(frame.language),
        counts,
        nominated,
        tallies,
        search,
        state,
        rows: shown,
        suspensions: room.look(suspensions),
        may_suspend: visitor.caller.require(&SUSPENDERS).is_ok(),
    })
}

fn tallies(all: &[Row], state: &str) -> Vec<Tally> {
    let count = |wait: Wait| all.iter().filter(|row| row.waits.contains(&wait)).count();
    let tally = |wait: Wait| Tally { wait, count: count(wait), is_chosen: wait.state() == state };
    Wait::ALL.into_iter().map(tally).filter(|tally| tally.count > 0).collect()
}

fn is_meant(row: &Row, search: &str, state: &str) -> bool {
    let search = search.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&search);
    let numbers = || row.licences.iter().any(|licence| has(&licence.number) || has(&licence.holder));
    let found = search.is_empty()
        || [&row.id, &row.name, &row.licensee, &row.zone].into_iter().any(|text| has(text))
        || numbers();
    found && (state.is_empty() || row.waits.iter().any(|wait| wait.state() == state))
}

fn suspensions(book: &Book) -> Vec<SuspendedRow> {
    let rows = view::licence_rows(&book.state).into_iter();
    rows.map(|row| SuspendedRow {
        suspended: Suspended { by: row.person, reason: row.reason, since: row.since },
        facilities: row.facilities.iter().map(ToString::to_string).collect(),
        number: row.licence,
    })
    .collect()
}

/// The case that orders follow, else that of the newest plan.
pub(super) async fn newest_case(room: &Room) -> Result<Option<Arc<Case>>, ServerError> {
    let document = room.look(|book| {
        let views = proposals(&book.state, book.clock);
        let newest = || Some(views.last()?.proposal.proposed.plan_digest.as_str());
        let papers = book.papers.get(book.state.target().or_else(newest)?)?;
        Some(papers.case.clone())
    });
    match document {
        Some(document) => room.kept_case(&document).await.map(Some),
        None => Ok(None),
    }
}

/// Every facility that anything is known of, by name.
pub(super) async fn rows(room: &Room, frame: &Frame) -> Result<Vec<Row>, ServerError> {
    let case = newest_case(room).await?;
    let silent: BTreeSet<FacilityId> =
        order_rows(room).into_iter().filter(is_silent).map(|row| row.facility).collect();
    Ok(room.look(|book| {
        let mut known: BTreeMap<FacilityId, Option<&Facility>> = BTreeMap::new();
        let registry = book.state.registry();
        known.extend(book.state.enrolments().map(|(id, _)| (id.clone(), None)));
        known.extend(registry.endpoints.iter().map(|one| (one.facility.clone(), None)));
        known.extend(registry.tenants.iter().map(|one| (one.facility.clone(), None)));
        known.extend(registry.contacts.iter().map(|one| (one.facility.clone(), None)));
        let of_case = case.iter().flat_map(|case| &case.facilities);
        known.extend(of_case.map(|facility| (facility.id.clone(), Some(facility))));
        known.iter().map(|(id, of_case)| row(book, frame, id, *of_case, silent.contains(id))).collect()
    }))
}

/// Whether an order stands of which the meter tells nothing, though its cut has begun.
fn is_silent(row: &crate::api::OrderRow) -> bool {
    row.life == "live" && row.meter == "unknown"
}

fn row(book: &Book, frame: &Frame, id: &FacilityId, of_case: Option<&Facility>, is_silent: bool) -> Row {
    let held = book.state.enrolment(id);
    let licences = licences(book, id, of_case);
    let mut row = Row {
        id: id.to_string(),
        name: of_case.map(|facility| facility.name.clone()).unwrap_or_default(),
        licensee: of_case.map(|facility| facility.licensee.clone()).unwrap_or_default(),
        zone: of_case.map(|facility| facility.zone.to_string()).unwrap_or_default(),
        protected: of_case.is_some_and(|facility| facility.protected),
        nominated: of_case.and_then(|facility| facility.nomination_kw.iter().max().copied()),
        quota: of_case.and_then(|facility| facility.quota_kw.iter().flatten().min().copied()),
        reach: held.map(|held| Reach {
            fetches: held.address == FETCHED,
            host: host(&held.address),
            relay: held.relay.clone(),
            key: held.public_key.clone(),
        }),
        last_report: last_report(book, id),
        last_reading: last_reading(book, id, frame.now).map(|reading| reading.interval_end),
        orders: book.state.records_of(id).count(),
        waits: Vec::new(),
        licences,
    };
    row.waits = waits(book, frame, id, &row, is_silent);
    row
}

fn waits(book: &Book, frame: &Frame, id: &FacilityId, row: &Row, is_silent: bool) -> Vec<Wait> {
    let held = book.state.enrolment(id);
    let file = book.state.registry().endpoint_of(id);
    let is_other = file.is_some_and(|file| held.is_none_or(|held| view::differs(file, held)));
    let is_suspended = row.licences.iter().any(|licence| licence.suspended.is_some());
    let is_licensed = row.licences.is_empty() || row.licences.iter().any(|licence| licence.holds(frame));
    let waits = [
        held.is_none().then_some(Wait::Unreached),
        held.and_then(|held| held.pending.as_ref()).map(|_| Wait::Change),
        is_other.then_some(Wait::File),
        is_suspended.then_some(Wait::Suspended),
        (!is_licensed && !is_suspended).then_some(Wait::Unlicensed),
        is_silent.then_some(Wait::Stale),
    ];
    waits.into_iter().flatten().collect()
}

/// The licence of the case, and those of the tenants beside it.
fn licences(book: &Book, id: &FacilityId, of_case: Option<&Facility>) -> Vec<Licence> {
    let mut licences: Vec<Licence> = Vec::new();
    if let Some(facility) = of_case.filter(|facility| !facility.licence_no.is_empty()) {
        licences.push(Licence {
            number: facility.licence_no.clone(),
            holder: facility.licensee.clone(),
            from: facility.licence_from,
            to: facility.licence_to,
            ..Licence::default()
        });
    }
    for tenant in book.state.registry().tenants_of(id) {
        if !licences.iter().any(|known| known.number == tenant.licence) {
            let (number, holder) = (tenant.licence.clone(), tenant.tenant.clone());
            licences.push(Licence { number, holder, ..Licence::default() });
        }
    }
    let found: BTreeMap<&String, &Suspension> = book.state.suspensions().collect();
    for licence in &mut licences {
        licence.suspended = found.get(&licence.number).copied().map(suspended);
        let past = book.state.past_suspensions(&licence.number).iter();
        licence.past = past
            .map(|one| PastSuspended {
                suspended: suspended(&one.suspension),
                until: one.until,
                ended_by: one.ended_by.clone(),
                reason: one.reason.clone(),
            })
            .collect();
    }
    licences
}

fn suspended(one: &Suspension) -> Suspended {
    Suspended { by: one.person.clone(), reason: one.reason.clone(), since: one.since }
}

/// What stands between `//` and the path.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

fn last_report(book: &Book, id: &FacilityId) -> Option<DateTime<Utc>> {
    let said = book.state.records_of(id).flat_map(|record| {
        record.answers.iter().map(|one| one.at).chain(record.reports.iter().map(|one| one.at))
    });
    said.max()
}

/// The reading that ended last. Days nearby are looked at first: there may be years.
pub(super) fn last_reading<'a>(book: &'a Book, id: &FacilityId, now: DateTime<Utc>) -> Option<&'a Reading> {
    let since =
        |from| book.state.readings(id, from, DateTime::<Utc>::MAX_UTC).max_by_key(|one| one.interval_end);
    since(now - TimeDelta::days(1))
        .or_else(|| since(now - TimeDelta::days(30)))
        .or_else(|| since(DateTime::UNIX_EPOCH))
}

/// The page again, or why nothing was done.
pub(super) async fn after(
    room: &Room,
    visitor: &Visitor,
    done: Result<(), ApiError>,
    page: &str,
) -> Response {
    match done {
        Ok(()) => Redirect::to(page).into_response(),
        Err(error) => problem(room, visitor, error, page).await,
    }
}
