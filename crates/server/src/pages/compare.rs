//! Plans side by side, filled.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use kezek_engine::query::{ProposalView, proposals};
use kezek_model::order::Segment;
use kezek_pages::Place;
use kezek_pages::compare::{Column, Compare, CompareWords};

use super::frame::{frame, html};
use super::plans::plan_row;
use super::problem::problem;
use super::session::Visitor;
use crate::routes::Room;
use crate::routes::gate::STAFF;

/// More lines in one picture are not told apart.
const MOST: usize = 5;

/// The plans that were ticked in the list: `?p=DIGEST&p=DIGEST`.
pub(super) async fn compare(
    State(room): State<Room>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let query = query.unwrap_or_default();
    let wanted: BTreeSet<&str> = query.split('&').filter_map(|pair| pair.strip_prefix("p=")).collect();
    let frame = frame(&room, &visitor, Some(Place::Plans)).await;
    let columns = room.look(|book| {
        let views = proposals(&book.state, frame.now);
        let is_wanted = |view: &&ProposalView<'_>| wanted.contains(&*view.proposal.proposed.plan_digest);
        let columns: Vec<Column> = views.iter().filter(is_wanted).map(column).collect();
        if (2..=MOST).contains(&columns.len()) { columns } else { Vec::new() }
    });
    html(&Compare { frame: &frame, w: CompareWords::of(frame.language), columns })
}

fn column(view: &ProposalView<'_>) -> Column {
    let (mut zones, mut facilities) = (BTreeMap::new(), BTreeMap::new());
    let drafts = &view.proposal.proposed.drafts;
    for draft in drafts {
        let mwh: f64 = draft.segments.iter().map(energy_mwh).sum();
        if mwh > 0.0 {
            *zones.entry(draft.zone.to_string()).or_default() += mwh;
            *facilities.entry(draft.facility.to_string()).or_default() += mwh;
        }
    }
    let segments: Vec<&Segment> = drafts.iter().flat_map(|draft| &draft.segments).collect();
    Column { plan: plan_row(view), zones, facilities, curve: curve(&segments) }
}

fn energy_mwh(segment: &Segment) -> f64 {
    segment.cut.mw() * (segment.to - segment.from).as_seconds_f64() / 3600.0
}

/// The total cut from each instant on at which it changes.
fn curve(segments: &[&Segment]) -> Vec<(DateTime<Utc>, f64)> {
    let mut steps: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
    for segment in segments {
        *steps.entry(segment.from).or_default() += segment.cut.0;
        *steps.entry(segment.to).or_default() -= segment.cut.0;
    }
    let total = steps.into_iter().scan(0, |total, (at, change)| {
        *total += change;
        Some((at, *total as f64 / 1000.0))
    });
    total.collect()
}
