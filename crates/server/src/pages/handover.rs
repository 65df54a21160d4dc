//! The sheet of the shift, filled.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::query::{ProposalStatus, proposals};
use kezek_pages::audit::AuditWords;
use kezek_pages::figures::fill;
use kezek_pages::handover::{Handover, HandoverWords, Warned};
use kezek_pages::issuing::{Frozen, IssuingWords};
use kezek_pages::orders::OrdersWords;
use kezek_pages::plans::PlansWords;
use kezek_pages::{Frame, Place};

use super::audit::{look_back, rows};
use super::frame::{frame, html};
use super::orders::{filled, sum};
use super::plans::plan_row;
use super::problem::problem;
use super::session::Visitor;
use crate::api::OrderRow;
use crate::audit::recent::Asked;
use crate::error::ServerError;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::orders::order_rows;

/// How long a shift is.
const SHIFT_HOURS: i64 = 12;
/// Rows of one list: a sheet is for paper.
const MAX_SHOWN: usize = 40;
/// Warnings that are shown.
const MAX_WARNINGS: usize = 10;

/// The sheet as of now.
pub(super) async fn handover(State(room): State<Room>, visitor: Visitor) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Handover)).await;
    match sheet(&room, &frame).await {
        Ok(sheet) => html(&sheet),
        Err(error) => problem(&room, &visitor, error.into(), "/day").await,
    }
}

async fn sheet<'a>(room: &Room, frame: &'a Frame) -> Result<Handover<'a>, ServerError> {
    let asked = Asked {
        // Readings come by the hundred and are no news for the next shift.
        but: "read".into(),
        within: Some((frame.now - TimeDelta::hours(SHIFT_HOURS), DateTime::<Utc>::MAX_UTC)),
        ..Asked::default()
    };
    let stretch = look_back(room, asked, MAX_SHOWN).await?;
    let orders = order_rows(room);
    let standing: Vec<&OrderRow> = orders.iter().filter(|row| row.life == "live").collect();
    let mut attention: Vec<_> =
        standing.iter().map(|row| filled(row, frame.language)).filter(|row| row.urgency.is_some()).collect();
    attention.sort_by_key(|row| row.urgency);
    let more = attention.len().saturating_sub(MAX_SHOWN);
    attention.truncate(MAX_SHOWN);
    let w = HandoverWords::of(frame.language);
    let (plans, frozen) = room.look(|book| {
        let is_open =
            |status: &ProposalStatus| matches!(status, ProposalStatus::Waiting | ProposalStatus::Unconfirmed);
        let views = proposals(&book.state, frame.now);
        let plans = views.iter().filter(|view| is_open(&view.status)).map(plan_row).collect();
        (plans, book.state.frozen().cloned())
    });
    Ok(Handover {
        frame,
        w,
        b: OrdersWords::of(frame.language),
        p: PlansWords::of(frame.language),
        a: AuditWords::of(frame.language),
        i: IssuingWords::of(frame.language),
        standing: sum(&standing),
        attention,
        more,
        plans,
        frozen: frozen.map(|one| Frozen { by: one.person, reason: one.reason, since: one.since }),
        trouble: trouble(room, frame, w),
        warnings: warnings(room, MAX_WARNINGS)
            .into_iter()
            .filter(|one| frame.now - one.at < TimeDelta::hours(SHIFT_HOURS))
            .collect(),
        deeds: rows(&stretch, frame),
        not_all: stretch.next.is_some(),
    })
}

/// What is wrong, the freeze apart: feeds that are too old, files with faults, a journal that cannot be written.
fn trouble(room: &Room, frame: &Frame, w: &HandoverWords) -> Vec<String> {
    let words = frame.words();
    let mut trouble: Vec<String> = Vec::new();
    trouble.extend(room.trouble().map(|why| format!("{} ({why})", words.journal)));
    let stopped = room.look(|book| book.state.stopped().map(ToString::to_string));
    trouble.extend(stopped.map(|promise| format!("{} ({})", words.stopped, frame.told(&promise))));
    for feed in &frame.feeds {
        match &feed.last {
            None => trouble.push(fill(w.missing, &[feed.name])),
            Some(last) if frame.is_old(feed) => trouble.push(fill(w.old, &[feed.name, &frame.age(last)])),
            Some(_) => {}
        }
    }
    trouble.extend(room.registry_trouble().into_iter().map(|fault| format!("{}: {fault}", words.registry)));
    let (_, accounts) = room.accounts.current(room.config());
    trouble.extend(accounts.map(|fault| format!("{}: {fault}", words.accounts)));
    trouble
}

/// The latest warnings, newest first.
pub(super) fn warnings(room: &Room, most: usize) -> Vec<Warned> {
    let latest = room.warnings().into_iter().take(most);
    latest
        .map(|(at, warning)| Warned {
            at,
            order_no: warning.order_no.map(|number| number.to_string()),
            text: warning.text,
        })
        .collect()
}
