//! How the burden is shared, filled by the plan in force and by all orders so far.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use kezek_model::case::Policy;
use kezek_model::ids::FacilityId;
use kezek_pages::burden::{Burden, BurdenRow, BurdenWords};
use kezek_pages::{Frame, Place};
use kezek_planner::check::burdens;

use super::day::target;
use super::frame::{frame, html};
use super::problem::problem;
use super::session::Visitor;
use super::verdicts::settled;
use crate::api::FacilityCompliance;
use crate::routes::Room;
use crate::routes::refusal::ApiError;

/// The page.
pub(super) async fn burden(State(room): State<Room>, visitor: Visitor) -> Response {
    let frame = frame(&room, &visitor, Some(Place::Burden)).await;
    match page(&room, &visitor, &frame).await {
        Ok(page) => html(&page),
        Err(error) => problem(&room, &visitor, error, "/").await,
    }
}

async fn page<'a>(room: &Room, visitor: &Visitor, frame: &'a Frame) -> Result<Burden<'a>, ApiError> {
    let settled = settled(room, visitor, None).await?;
    let w = BurdenWords::of(frame.language);
    let plan = room.look(|book| book.state.target().map(str::to_owned));
    let mut page = Burden { frame, w, plan, counts_past: false, rows: Vec::new(), exempt: Vec::new() };
    let Some(issued) = target(room).await? else { return Ok(page) };
    let so_far: BTreeMap<&FacilityId, &FacilityCompliance> =
        settled.facilities.iter().map(|known| (&known.facility, known)).collect();
    page.counts_past = issued.case.objective.policy == Policy::Rotation;
    for (facility, burden) in issued.case.facilities.iter().zip(burdens(&issued.case, &issued.plan)) {
        let Some(burden) = burden else {
            page.exempt.push(facility.id.to_string());
            continue;
        };
        let known = so_far.get(&facility.id);
        page.rows.push(BurdenRow {
            facility: facility.id.to_string(),
            zone: facility.zone.to_string(),
            share: burden.share(),
            energy: [burden.nominated_mwh, burden.cut_mwh],
            ordered: known.map(|known| known.ordered.mwh()),
            achieved: known.and_then(|known| known.achieved).map(|wh| wh.mwh()),
        });
    }
    page.rows.sort_by(|one, other| other.share.total_cmp(&one.share));
    Ok(page)
}
