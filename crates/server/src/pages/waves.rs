//! The waves in which load returns, filled.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::State as Known;
use kezek_engine::query::{Life, OrderView, is_restored, orders, proposals};
use kezek_model::ids::FacilityId;
use kezek_model::order::{OrderKind, Priority};
use kezek_pages::Place;
use kezek_pages::waves::{Member, Wave, Waves, WavesWords};

use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use crate::routes::Room;
use crate::routes::gate::STAFF;

/// How long a wave is shown after it began.
const PAST_HOURS: i64 = 12;

/// All waves to come, and those of the last hours.
pub(super) async fn waves(State(room): State<Room>, visitor: Visitor) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Orders)).await;
    let mut waves: BTreeMap<(DateTime<Utc>, String), Vec<Member>> = BTreeMap::new();
    room.look(|book| {
        let zones = zones(&book.state, frame.now);
        for view in orders(&book.state, frame.now) {
            let Some((at, member)) = member(&view) else { continue };
            if frame.now - TimeDelta::hours(PAST_HOURS) < at {
                let order = &view.record.order;
                let zone = zones.get(&(order.plan_digest.as_str(), &order.facility));
                waves.entry((at, zone.cloned().unwrap_or_default())).or_default().push(member);
            }
        }
    });
    let waves = waves.into_iter().map(|((at, zone), members)| Wave { at, zone, members }).collect();
    html(&Waves { frame: &frame, w: WavesWords::of(frame.language), waves })
}

/// In which zone each facility of each plan is.
fn zones(state: &Known, now: DateTime<Utc>) -> BTreeMap<(&str, &FacilityId), String> {
    let views = proposals(state, now);
    let drafts = views.into_iter().flat_map(|view| {
        let proposed = &view.proposal.proposed;
        proposed
            .drafts
            .iter()
            .map(|draft| ((proposed.plan_digest.as_str(), &draft.facility), draft.zone.to_string()))
    });
    drafts.collect()
}

/// When load of an order returns, and whose; a drill moves none, and what another order took over returns with that.
fn member(view: &OrderView<'_>) -> Option<(DateTime<Utc>, Member)> {
    let order = &view.record.order;
    let is_meant = order.kind == OrderKind::Limit
        && order.priority != Priority::Drill
        && matches!(view.life, Life::Live | Life::Expired);
    let (slot, last) = order.restore.as_ref().zip(order.segments.last()).filter(|_| is_meant)?;
    let member = Member {
        order_no: order.order_no.to_string(),
        facility: order.facility.to_string(),
        power: slot.to - last.limit,
        is_back: is_restored(view.record),
    };
    Some((slot.from, member))
}
