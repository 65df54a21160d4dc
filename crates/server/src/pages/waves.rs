//! The waves in which load returns, filled.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::State as Known;
use kezek_engine::query::{Life, OrderView, is_restored, orders};
use kezek_model::ids::{FacilityId, ZoneId};
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
        let mut zones = BTreeMap::new();
        for view in orders(&book.state, frame.now) {
            let Some((at, member)) = member(&view) else { continue };
            if frame.now - TimeDelta::hours(PAST_HOURS) < at {
                let order = &view.record.order;
                let of_plan = zones
                    .entry(&order.plan_digest)
                    .or_insert_with(|| zones_of(&book.state, &order.plan_digest));
                let zone = of_plan.get(&order.facility).map(ToString::to_string).unwrap_or_default();
                waves.entry((at, zone)).or_default().push(member);
            }
        }
    });
    let waves = waves.into_iter().map(|((at, zone), members)| Wave { at, zone, members }).collect();
    html(&Waves { frame: &frame, w: WavesWords::of(frame.language), waves })
}

/// In which zone each facility of a plan is.
fn zones_of<'a>(state: &'a Known, plan_digest: &str) -> BTreeMap<&'a FacilityId, &'a ZoneId> {
    let drafts = state.proposal(plan_digest).into_iter().flat_map(|known| &known.proposed.drafts);
    drafts.map(|draft| (&draft.facility, &draft.zone)).collect()
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
