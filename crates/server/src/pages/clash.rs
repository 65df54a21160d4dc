//! A plan that somebody else has changed by hand since: the later change is refused, and both are shown.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use kezek_engine::Draft;
use kezek_engine::query::{ProposalStatus, proposals};
use kezek_model::ids::FacilityId;
use kezek_pages::clash::{Clash, ClashWords, Line, Saved, Sides};
use kezek_pages::plan::PlanWords;
use kezek_pages::{Frame, Place};

use super::frame::{frame, html};
use super::plan::cuts;
use super::session::Visitor;
use crate::book::Book;
use crate::routes::Room;
use crate::routes::refusal::ApiError;

/// The newest plan made by hand from this one, or from one of those, where anybody else had a part in it. What was
/// returned or has lapsed is in nobody's way.
pub(super) fn newer(book: &Book, digest: &str, person: &str, now: DateTime<Utc>) -> Option<String> {
    let (mut line, mut newest, mut others) = (BTreeSet::from([digest.to_owned()]), None, false);
    for view in proposals(&book.state, now) {
        let proposed = &view.proposal.proposed;
        let from = book.papers.get(&proposed.plan_digest).and_then(|papers| papers.edited_from.as_ref());
        use ProposalStatus::{Approved, Unconfirmed, Waiting};
        let stands = matches!(view.status, Waiting | Unconfirmed | Approved);
        if stands && from.is_some_and(|from| line.contains(from)) {
            others |= proposed.author != person;
            line.insert(proposed.plan_digest.clone());
            newest = Some(proposed.plan_digest.clone());
        }
    }
    newest.filter(|_| others)
}

/// What both began with, what was saved since, what was typed.
pub(super) async fn clash(
    room: &Room,
    visitor: &Visitor,
    (began, newer): (&str, &str),
    lines: Vec<Line>,
    comment: &str,
) -> Response {
    let frame = frame(room, visitor, Some(Place::Plans)).await;
    let page = room.look(|book| page(book, &frame, (began, newer), lines, comment));
    let Some(page) = page else { return ApiError::absent("proposal", newer).into_response() };
    let error = format!("{} has changed plan {began} meanwhile", page.saved.author);
    let mut shown = html(&page);
    // What the porter writes down is said in the API's words.
    let told = ApiError::new(StatusCode::CONFLICT, error, "save it on top of the newer plan").into_response();
    *shown.status_mut() = told.status();
    shown.extensions_mut().extend(told.into_parts().0.extensions);
    shown
}

fn page<'a>(
    book: &Book,
    frame: &'a Frame,
    (began, newer): (&'a str, &str),
    lines: Vec<Line>,
    comment: &'a str,
) -> Option<Clash<'a>> {
    let (first, second) = (book.state.proposal(began)?, book.state.proposal(newer)?);
    let papers = book.papers.get(newer);
    Some(Clash {
        frame,
        w: ClashWords::of(frame.language),
        p: PlanWords::of(frame.language),
        began,
        saved: Saved {
            digest: newer.to_owned(),
            author: second.proposed.author.clone(),
            at: second.at,
            comment: papers.and_then(|papers| papers.comment.clone()).unwrap_or_default(),
        },
        sides: sides(&first.proposed.drafts, &second.proposed.drafts, &lines),
        lines,
        comment,
    })
}

/// Everybody whom one of the two has changed; a facility that nobody knows stands there too.
fn sides(began: &[Draft], saved: &[Draft], lines: &[Line]) -> Vec<Sides> {
    let typed = || lines.iter().filter(|line| !line.facility.is_empty());
    let mut all: BTreeSet<FacilityId> = saved.iter().map(|draft| draft.facility.clone()).collect();
    all.extend(typed().map(|line| FacilityId::from(line.facility.as_str())));
    let of = |drafts: &[Draft], id: &FacilityId| cuts(drafts.iter().find(|draft| draft.facility == *id));
    let side = |id: FacilityId| {
        let (before, after) = (of(began, &id), of(saved, &id));
        Sides {
            yours: typed().filter(|line| line.facility == id.as_str()).cloned().collect(),
            facility: id.to_string(),
            theirs: (before != after).then_some(after),
            began: before,
        }
    };
    let sides = all.into_iter().map(side);
    sides.filter(|side| side.theirs.is_some() || !side.yours.is_empty()).collect()
}
