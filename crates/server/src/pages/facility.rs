//! The page of a facility, filled, and what people do on it.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use kezek_engine::comply::verdicts;
use kezek_engine::query::orders;
use kezek_engine::state::{Change, Enrolment};
use kezek_engine::voluntary::voluntary;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::{Compliance, Voluntary as Declared};
use kezek_model::registry::{Channel, Endpoint, FETCHED};
use kezek_model::units::Kw;
use kezek_pages::facilities::{FacilitiesWords, Row};
use kezek_pages::facility::{Code, FacilityPage, FacilityWords, Last, May, Metered, Told, Voluntary, Way};
use kezek_pages::issuing::{Disbelief, IssuingWords};
use kezek_pages::orders::OrdersWords;
use kezek_pages::states::StateWords;
use kezek_pages::{Frame, Place};
use serde::Deserialize;

use super::door::{Refused, believe};
use super::facilities::{SUSPENDERS, after, last_reading, rows};
use super::frame::{frame, html};
use super::issuing::disbelief;
use super::order::verdict_word;
use super::orders::{contact, filled};
use super::problem::problem;
use super::session::{Visitor, encoded};
use crate::access::{Caller, Role};
use crate::api::{CodeBody, ConfirmBody};
use crate::book::Book;
use crate::routes::Room;
use crate::routes::facilities as route;
use crate::routes::gate::{Body, STAFF, words};
use crate::routes::issuing::agreed;
use crate::routes::refusal::ApiError;
use crate::routes::standing;
use crate::view;

/// Orders that are shown; the board has all.
const MAX_ORDERS: usize = 100;
/// Readings that are shown.
const MAX_READINGS_SHOWN: usize = 24;
/// Orders whose readings are looked at.
const MAX_JUDGED: usize = 5;

/// One facility.
pub(super) async fn show(State(room): State<Room>, visitor: Visitor, Path(id): Path<String>) -> Response {
    match page(&room, &visitor, &id, None, None).await {
        Ok(page) => page,
        Err(error) => problem(&room, &visitor, error, "/facilities").await,
    }
}

async fn page(
    room: &Room,
    visitor: &Visitor,
    id: &str,
    code: Option<Code>,
    disbelief: Option<Disbelief>,
) -> Result<Response, ApiError> {
    visitor.caller.require(&STAFF)?;
    let frame = frame(room, visitor, Some(Place::Facilities)).await;
    let row = rows(room, &frame).await?.into_iter().find(|row| row.id == id);
    let row = row.ok_or_else(|| ApiError::absent("facility", id))?;
    let page = room.look(|book| fill(book, &frame, visitor, row));
    Ok(html(&FacilityPage { code, disbelief, ..page }))
}

fn fill<'a>(book: &Book, frame: &'a Frame, visitor: &Visitor, row: Row) -> FacilityPage<'a> {
    let (id, language) = (FacilityId::from(row.id.as_str()), frame.language);
    let (registry, held) = (book.state.registry(), book.state.enrolment(&id));
    let file = registry.endpoint_of(&id).filter(|file| held.is_none_or(|held| view::differs(file, held)));
    let may = |roles: &[Role]| visitor.caller.require(roles).is_ok();
    FacilityPage {
        frame,
        w: FacilityWords::of(language),
        f: FacilitiesWords::of(language),
        b: OrdersWords::of(language),
        s: StateWords::of(language),
        i: IssuingWords::of(language),
        orders: told(book, frame, &id),
        compliance: compliance(book, &id),
        readings: readings(book, frame, &id),
        last: last_reading(book, &id, frame.now).map(|reading| Last {
            mean: reading.mean,
            at: reading.interval_end,
            source: reading.source.clone(),
        }),
        way: held.map(way),
        pending: held.and_then(|held| held.pending.as_ref()).map(changed),
        proposed: file.map(proposed),
        contacts: registry
            .contacts_of(&id)
            .iter()
            .map(|one| contact(&view::contact_row(one), language))
            .collect(),
        voluntary: given(book, &id),
        may: May {
            suspend: may(&SUSPENDERS),
            confirm: may(&route::ADOPTERS),
            enrol: may(&[Role::Administrator]),
            declare: may(&[Role::Dispatcher]),
        },
        code: None,
        disbelief: None,
        row,
    }
}

fn told(book: &Book, frame: &Frame, id: &FacilityId) -> Vec<Told> {
    let s = StateWords::of(frame.language);
    let mut views: Vec<_> =
        orders(&book.state, frame.now).filter(|view| view.record.order.facility == *id).collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.record.order.sequence));
    let told = |view: &kezek_engine::query::OrderView<'_>| Told {
        row: filled(&view::order_row(&book.state, view), frame.language),
        verdict: view::totals(&book.state, view.record)
            .filter(|totals| totals.verdict.is_some())
            .map(|totals| (verdict_word(totals.verdict, s), !totals.is_final)),
    };
    views.iter().take(MAX_ORDERS).map(told).collect()
}

/// Complied, all that are over, broken, not proven.
fn compliance(book: &Book, id: &FacilityId) -> [usize; 4] {
    let judged = book.state.records_of(id).filter_map(|record| view::totals(&book.state, record));
    let verdicts: Vec<Compliance> =
        judged.filter(|totals| totals.is_final).filter_map(|totals| totals.verdict).collect();
    let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let [complied, broken] = [Compliance::Complying, Compliance::Breach].map(count);
    [complied, verdicts.len(), broken, count(Compliance::Unknown)]
}

fn readings(book: &Book, frame: &Frame, id: &FacilityId) -> Vec<Metered> {
    let s = StateWords::of(frame.language);
    let begun =
        book.state.records_of(id).filter(|record| record.order.starts().is_some_and(|at| at <= frame.now));
    let judged = begun.take(MAX_JUDGED);
    let mut rows: Vec<Metered> = judged
        .flat_map(|record| verdicts(&book.state, &record.order.order_no, frame.now))
        .filter_map(|verdict| {
            Some(Metered {
                from: verdict.interval_start,
                to: verdict.interval_end,
                limit: verdict.limit,
                metered: verdict.metered?,
                word: match verdict.compliance {
                    Compliance::Complying if verdict.metered > Some(verdict.limit) => s.drifting,
                    Compliance::Complying => s.complying,
                    Compliance::Breach => s.breach,
                    Compliance::Unknown => s.no_reading,
                },
                is_breach: verdict.compliance == Compliance::Breach,
            })
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.from));
    rows.truncate(MAX_READINGS_SHOWN);
    rows
}

fn way(held: &Enrolment) -> Way {
    Way {
        address: held.address.clone(),
        fetches: held.address == FETCHED,
        public_key: held.public_key.clone(),
        relay: held.relay.clone(),
        by: held.by.clone(),
        approved_by: held.approved_by.clone(),
        since: Some(held.since),
    }
}

fn changed(change: &Change) -> Way {
    Way {
        address: change.address.clone(),
        fetches: change.address == FETCHED,
        public_key: change.public_key.clone(),
        relay: change.relay.clone(),
        by: change.by.clone(),
        approved_by: None,
        since: Some(change.at),
    }
}

fn proposed(file: &Endpoint) -> Way {
    Way {
        address: file.address.clone(),
        fetches: file.channel == Channel::Fetch,
        public_key: file.public_key.clone(),
        relay: file.relay.clone(),
        by: String::new(),
        approved_by: None,
        since: None,
    }
}

fn given(book: &Book, id: &FacilityId) -> Vec<Voluntary> {
    let own = voluntary(&book.state).into_iter().filter(|view| view.volunteered.declared.facility == *id);
    let rows = own.map(|view| view::voluntary_row(&view)).map(|row| Voluntary {
        from: row.from,
        to: row.to,
        limit: row.limit_mw,
        cut: row.cut_mw,
        by: match row.entered_by {
            Some(entered_by) => format!("{} ({entered_by})", row.by),
            None => row.by,
        },
        minutes: [row.kept_minutes, row.missed_minutes],
        credited_mwh: row.credited_mwh,
    });
    rows.collect()
}

/// An address, key and relay as they were shown.
#[derive(Deserialize)]
pub(super) struct WayForm {
    #[serde(default)]
    seal: String,
    address: String,
    public_key: String,
    #[serde(default)]
    relay: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

impl WayForm {
    fn relay(&self) -> Option<String> {
        Some(self.relay.clone()).filter(|relay| !relay.is_empty())
    }

    fn endpoint(&self, facility: &FacilityId) -> Endpoint {
        let channel = if self.address == FETCHED { Channel::Fetch } else { Channel::Push };
        Endpoint {
            facility: facility.clone(),
            channel,
            address: self.address.clone(),
            public_key: self.public_key.clone(),
            relay: self.relay(),
        }
    }
}

/// A second person confirms the change that waits.
pub(super) async fn confirm(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<WayForm>,
) -> Response {
    let page = format!("/facilities/{}", encoded(&id));
    let done = match visitor.require_seal(&form.seal) {
        Ok(()) => {
            let relay = form.relay();
            let body = Body(ConfirmBody { address: form.address, public_key: form.public_key, relay });
            route::confirm(State(room.clone()), visitor.caller.clone(), Path(id), body).await.map(|_| ())
        }
        Err(error) => Err(error),
    };
    after(&room, &visitor, done, &page).await
}

/// Two people let the word of the file hold.
pub(super) async fn adopt(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<WayForm>,
) -> Response {
    let back = format!("/facilities/{}", encoded(&id));
    let shown = match together(&room, &visitor, &id, form).await {
        Ok(Ok(())) => Ok(Redirect::to(&back).into_response()),
        Ok(Err(refused)) => {
            page(&room, &visitor, &id, None, Some(disbelief(refused))).await.map(|mut page| {
                refused.mark(&mut page);
                page
            })
        }
        Err(error) => Err(error),
    };
    match shown {
        Ok(shown) => shown,
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// Whoever may not do it learns nothing of anybody's password.
async fn together(
    room: &Room,
    visitor: &Visitor,
    id: &str,
    form: WayForm,
) -> Result<Result<(), Refused>, ApiError> {
    visitor.require_seal(&form.seal)?;
    visitor.caller.require(&route::ADOPTERS)?;
    // A code is good once: nothing else may be amiss before it is used.
    words("reason", &form.reason)?;
    let facility = FacilityId::from(id);
    let shown = form.endpoint(&facility);
    let second = match believe(room, &form.login, form.password, form.code).await? {
        Ok(account) => Caller::signed_in(&account),
        Err(refused) => return Ok(Err(refused)),
    };
    let agreed = agreed(visitor.caller.clone(), &second, &form.reason, &route::ADOPTERS)?;
    route::adopted(room, agreed, facility, Some(shown)).await.map(|_| Ok(()))
}

/// A form without words.
#[derive(Deserialize)]
pub(super) struct Sealed {
    #[serde(default)]
    seal: String,
}

/// Makes a code and shows it, once.
pub(super) async fn code(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<Sealed>,
) -> Response {
    let back = format!("/facilities/{}", encoded(&id));
    let making = async {
        visitor.require_seal(&form.seal)?;
        let body = Body(CodeBody { facility: FacilityId::from(id.as_str()) });
        let (_, made) = route::issue_code(State(room.clone()), visitor.caller.clone(), body).await?;
        page(&room, &visitor, &id, Some((made.0.code, made.0.expires)), None).await
    };
    match making.await {
        Ok(page) => page,
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// A voluntary cut as a dispatcher was told of it, on the clock of the page.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    seal: String,
    from: String,
    to: String,
    limit_mw: String,
    cut_mw: String,
    by: String,
}

/// Enters a voluntary cut.
pub(super) async fn declare(
    State(room): State<Room>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Response {
    let back = format!("/facilities/{}", encoded(&id));
    let entering = async {
        visitor.require_seal(&form.seal)?;
        let zone = super::frame::zone(&room).await;
        let declared = Declared {
            facility: FacilityId::from(id.as_str()),
            environment: room.config().environment.clone(),
            from: local(&form.from, zone)?,
            to: local(&form.to, zone)?,
            limit: power(&form.limit_mw)?,
            cut: power(&form.cut_mw)?,
            by: words("name of who says so", &form.by)?,
        };
        standing::enter(State(room.clone()), visitor.caller.clone(), Body(declared)).await.map(|_| ())
    };
    let done = entering.await;
    after(&room, &visitor, done, &back).await
}

/// `2026-01-24T17:00` on a civil clock.
fn local(text: &str, zone: chrono_tz::Tz) -> Result<DateTime<Utc>, ApiError> {
    let read = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M").ok();
    let at = read.and_then(|local| zone.from_local_datetime(&local).earliest());
    at.map(|at| at.to_utc())
        .ok_or_else(|| ApiError::bad(format!("the time is {text:?}"), "give one such as 2026-01-24T17:00"))
}

/// A power in MW, with a point or a comma.
fn power(text: &str) -> Result<Kw, ApiError> {
    let read = text.trim().replace(',', ".").parse().ok().and_then(Kw::from_mw);
    read.ok_or_else(|| ApiError::bad(format!("the power is {text:?}"), "give MW with at most three decimals"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_on_the_clock_of_the_page() {
        let at = local("2026-01-24T17:00", chrono_tz::Asia::Almaty).unwrap();
        assert_eq!(at.to_rfc3339(), "2026-01-24T12:00:00+00:00");
        assert!(local("17:00", chrono_tz::Asia::Almaty).is_err());
        assert_eq!((power("12,5").unwrap(), power(" 12.5 ").unwrap()), (Kw(12_500), Kw(12_500)));
        assert!(power("12.3456").is_err() && power("much").is_err());
    }
}
