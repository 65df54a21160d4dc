//! The page of a facility, filled.

pub(super) mod acts;

use axum::extract::{Path, State};
use axum::response::Response;
use kezek_engine::comply::verdicts;
use kezek_engine::query::orders;
use kezek_engine::state::{Change, Enrolment};
use kezek_engine::voluntary::voluntary;
use kezek_model::ids::FacilityId;
use kezek_model::receipt::Compliance;
use kezek_model::registry::{Channel, Endpoint, FETCHED};
use kezek_pages::facilities::{FacilitiesWords, Row};
use kezek_pages::facility::{Code, FacilityPage, FacilityWords, Last, May, Metered, Told, Voluntary, Way};
use kezek_pages::issuing::{Disbelief, IssuingWords};
use kezek_pages::orders::OrdersWords;
use kezek_pages::states::StateWords;
use kezek_pages::{Frame, Place};

use super::facilities::{last_reading, rows};
use super::frame::{frame, html};
use super::order::verdict_word;
use super::orders::{contact, filled};
use super::problem::problem;
use super::session::Visitor;
use crate::access::Role;
use crate::book::Book;
use crate::routes::Room;
use crate::routes::facilities as route;
use crate::routes::gate::STAFF;
use crate::routes::refusal::ApiError;
use crate::routes::standing::SUSPENDERS;
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
