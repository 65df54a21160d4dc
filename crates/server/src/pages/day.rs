//! The day board, filled.

mod matrix;
mod replayed;
mod ties;

pub(super) use replayed::replayed;

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use kezek_engine::query::{AnswerState, Life, OrderView, ProposalStatus, ProposalView, orders, proposals};
use kezek_model::case::Case;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::order::Priority;
use kezek_model::plan::Plan;
use kezek_model::units::Kw;
use kezek_pages::chart::Point;
use kezek_pages::day::{By, Day, DayWords, Matrix, Shortage, Todo, Urgency, ZoneRow};
use kezek_pages::figures::fill;
use kezek_pages::{Frame, Place};
use serde::Deserialize;

use matrix::Seen;

use super::alarm::alarm;
use super::frame::{frame, html};
use super::plans::window;
use super::problem::problem;
use super::session::Visitor;
use crate::api::OrderRow;
use crate::error::ServerError;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::orders::order_rows;
use crate::uncovered::{IssuedPlan, Metered, metered};

/// Less than this is nothing, in MW.
const NOTHING_MW: f64 = 0.05;

/// Which day, and whose cuts hour by hour.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    date: Option<NaiveDate>,
    by: Option<Rows>,
}

/// What may be asked for instead of zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rows {
    Facility,
}

impl Which {
    fn by(&self) -> By {
        self.by.map_or(By::Zone, |Rows::Facility| By::Facility)
    }
}

/// The board of today, or of another day.
pub(super) async fn day(State(room): State<Room>, visitor: Visitor, Query(which): Query<Which>) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let frame = frame(&room, &visitor, Some(Place::Day)).await;
    match board(&room, &visitor, &frame, &which).await {
        Ok(board) => html(&board),
        Err(error) => problem(&room, &visitor, error.into(), "/plans").await,
    }
}

async fn board<'a>(
    room: &Room,
    visitor: &Visitor,
    frame: &'a Frame,
    which: &Which,
) -> Result<Day<'a>, ServerError> {
    let date = which.date.unwrap_or_else(|| frame.now.with_timezone(&frame.zone).date_naive());
    let (from, to) = (midnight(date, frame.zone), midnight(date + Days::new(1), frame.zone));
    let w = DayWords::of(frame.language);
    let beside = [date - Days::new(1), date + Days::new(1)]
        .map(|date| Some(format!("/day?date={date}{}", which.by().asked())));
    let rows = order_rows(room);
    let mut board = Day {
        frame,
        w,
        day: from,
        beside,
        replay: None,
        has_plan: false,
        is_over: to <= frame.now,
        shortage: None,
        alarm: alarm(room, visitor, &rows),
        todo: todo(room, frame, w, &rows),
        points: Vec::new(),
        zones: Vec::new(),
        ties: Vec::new(),
        matrix: Matrix::default(),
    };
    let Some(issued) = followed(room, (from, to), frame.now).await? else { return Ok(board) };
    let accepted = accepted(room, (from, to), frame.now);
    let meters = room.look(|book| metered(&book.state, &issued, frame.now));
    let zones = zones(&issued.case, &issued.plan, &accepted, &meters);
    let grid = &issued.case.grid;
    let shown: Vec<usize> =
        (0..grid.len).filter(|&t| from <= grid.instant(t) && grid.instant(t) < to).collect();
    board.has_plan = !shown.is_empty();
    board.points = shown.iter().map(|&t| point(&issued.case, &zones, t)).collect();
    let is_ahead = |t: &usize| frame.now < grid.instant(t + 1);
    // Of a day that is over the whole is told.
    let ahead: Vec<usize> = shown.iter().copied().filter(|t| board.is_over || is_ahead(t)).collect();
    board.shortage = shortage(&issued.case, &zones, &ahead, frame.now);
    board.zones = zones.iter().map(|zone| zone.row(&shown, &ahead)).collect();
    board.ties = ties::ties(&issued.case, &issued.plan, &ahead);
    let seen = Seen { by: which.by(), path: format!("/day?date={date}"), hours: &shown, is_live: true };
    board.matrix = seen.matrix(&issued.case, &issued.plan, &zones);
    Ok(board)
}

/// The first instant of a civil day; where the clock leaps over midnight, the one it leaps to.
pub(super) fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let hours = (0..24).filter_map(|hour| date.and_hms_opt(hour, 0, 0));
    let mut instants = hours.filter_map(|local| zone.from_local_datetime(&local).earliest());
    instants.next().map_or_else(|| Utc.from_utc_datetime(&date.into()), |local| local.to_utc())
}

/// The plan that orders of a day follow: of those for it, one that none took the place of; the one that governs now, else
/// the one issued last.
async fn followed(
    room: &Room,
    day: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Option<IssuedPlan>, ServerError> {
    let digest = room.look(|book| {
        let views = proposals(&book.state, now);
        let issued = || views.iter().filter(|view| view.proposal.issued_at.is_some());
        let rank = |view: &ProposalView<'_>| {
            let proposed = &view.proposal.proposed;
            let (from, to) = window(proposed).filter(|_| proposed.priority() != Priority::Drill)?;
            let mut parents = issued().filter_map(|other| other.proposal.proposed.parent.as_deref());
            let stands = !parents.any(|parent| parent == proposed.plan_digest);
            let rank = (stands, from <= now && now < to, view.proposal.issued_at?);
            (from < day.1 && day.0 < to).then(|| (rank, proposed.plan_digest.clone()))
        };
        issued().filter_map(rank).max().map(|(_, digest)| digest)
    });
    with_case(room, digest).await
}

/// The plan that was approved last.
pub(super) async fn target(room: &Room) -> Result<Option<IssuedPlan>, ServerError> {
    let digest = room.look(|book| book.state.target().map(str::to_owned));
    with_case(room, digest).await
}

/// A plan and the case that it was judged with.
pub(super) async fn with_case(
    room: &Room,
    digest: Option<String>,
) -> Result<Option<IssuedPlan>, ServerError> {
    let papers = room.look(|book| {
        let papers = book.papers.get(&digest?)?;
        Some((papers.plan.clone(), papers.case.clone()))
    });
    let Some((plan, case)) = papers else { return Ok(None) };
    Ok(Some(IssuedPlan { plan: room.kept_plan(&plan).await?, case: room.kept_case(&case).await? }))
}

/// Facilities with orders for a day, and whether all of them are accepted cuts; what was taken back counts no more.
fn accepted(
    room: &Room,
    day: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> BTreeMap<FacilityId, bool> {
    let mut accepted = BTreeMap::new();
    room.look(|book| {
        for OrderView { record, life, answer, .. } in orders(&book.state, now) {
            let order = &record.order;
            let is_gone = !matches!(life, Life::Live | Life::Expired);
            if is_gone || order.window_to <= day.0 || day.1 <= order.window_from {
                continue;
            }
            let cuts = matches!(answer, AnswerState::Accepted) && !order.segments.is_empty();
            *accepted.entry(order.facility.clone()).or_insert(true) &= cuts;
        }
    });
    accepted
}

/// A zone through the whole plan, in MW.
struct Zone {
    id: ZoneId,
    need: Vec<f64>,
    planned: Vec<f64>,
    accepted: Vec<f64>,
    uncovered: Vec<f64>,
    metered: Vec<Option<f64>>,
}

fn zones(case: &Case, plan: &Plan, accepted: &BTreeMap<FacilityId, bool>, meters: &Metered) -> Vec<Zone> {
    let len = case.grid.len;
    let empty = |id: &ZoneId| Zone {
        id: id.clone(),
        need: vec![0.0; len],
        planned: vec![0.0; len],
        accepted: vec![0.0; len],
        uncovered: vec![0.0; len],
        metered: vec![None; len],
    };
    let mut zones: Vec<Zone> = case.zones.iter().map(|zone| empty(&zone.id)).collect();
    let mut nominated = vec![vec![0.0; len]; zones.len()];
    for (facility, rows) in case.facilities.iter().zip(plan.allocations.chunks(len)) {
        let Some(place) = case.zone_index(&facility.zone) else { continue };
        let is_accepted = accepted.get(&facility.id).copied().unwrap_or(false);
        for (t, row) in rows.iter().enumerate() {
            nominated[place][t] += row.nominated.mw();
            zones[place].planned[t] += row.cut.mw();
            if is_accepted {
                zones[place].accepted[t] += row.cut.mw();
            }
        }
    }
    for balance in &plan.zones {
        let (Some(place), Some(t)) =
            (case.zone_index(&balance.zone), case.grid.index_of(balance.interval_start))
        else {
            continue;
        };
        zones[place].uncovered[t] = balance.uncovered_mw;
        zones[place].need[t] = (nominated[place][t] - balance.headroom_mw - balance.import_mw).max(0.0);
    }
    for (place, zone) in zones.iter_mut().enumerate() {
        for (t, load) in meters.loads(place).iter().enumerate() {
            zone.metered[t] = Some((nominated[place][t] - load).max(0.0));
        }
    }
    zones
}

impl Zone {
    fn row(&self, shown: &[usize], ahead: &[usize]) -> ZoneRow {
        let worst = |series: &[f64]| ahead.iter().map(|&t| series[t]).fold(0.0, f64::max);
        ZoneRow {
            name: self.id.to_string(),
            need_mw: worst(&self.need),
            planned_mw: worst(&self.planned),
            accepted_mw: worst(&self.accepted),
            metered_mw: shown.iter().rev().find_map(|&t| self.metered[t]),
            uncovered_mw: worst(&self.uncovered),
        }
    }
}

fn sum(zones: &[Zone], figure: impl Fn(&Zone) -> f64) -> f64 {
    zones.iter().map(figure).sum()
}

fn point(case: &Case, zones: &[Zone], t: usize) -> Point {
    let is_metered = zones.iter().any(|zone| zone.metered[t].is_some());
    Point {
        from: case.grid.instant(t),
        to: case.grid.instant(t + 1),
        need_mw: sum(zones, |zone| zone.need[t]),
        planned_mw: sum(zones, |zone| zone.planned[t]),
        metered_mw: is_metered.then(|| sum(zones, |zone| zone.metered[t].unwrap_or(0.0))),
        uncovered_mw: sum(zones, |zone| zone.uncovered[t]),
    }
}

/// The first run of intervals in which something is short or cut.
fn shortage(case: &Case, zones: &[Zone], ahead: &[usize], now: DateTime<Utc>) -> Option<Shortage> {
    let is_short = |t: &&usize| {
        sum(zones, |zone| zone.need[**t].max(zone.planned[**t]).max(zone.uncovered[**t])) > NOTHING_MW
    };
    let run: Vec<usize> = ahead.iter().skip_while(|t| !is_short(t)).take_while(is_short).copied().collect();
    let (first, last) = (*run.first()?, *run.last()?);
    let worst = |figure: &dyn Fn(&Zone, usize) -> f64| {
        run.iter().map(|&t| sum(zones, |zone| figure(zone, t))).fold(0.0, f64::max)
    };
    Some(Shortage {
        is_now: case.grid.instant(first) <= now && now < case.grid.instant(last + 1),
        from: case.grid.instant(first),
        to: case.grid.instant(last + 1),
        need_mw: worst(&|zone, t| zone.need[t]),
        planned_mw: worst(&|zone, t| zone.planned[t]),
        accepted_mw: worst(&|zone, t| zone.accepted[t]),
        uncovered_mwh: run.iter().map(|&t| sum(zones, |zone| zone.uncovered[t])).sum::<f64>()
            * case.grid.hours(),
    })
}

/// What waits for a person: one line for each kind, never one for each facility.
fn todo(room: &Room, frame: &Frame, w: &DayWords, rows: &[OrderRow]) -> Vec<Todo> {
    let standing: Vec<_> = rows.iter().filter(|row| row.life == "live").collect();
    let mut todo = Vec::new();
    let mut tell = |urgency, text: &str, state: &str, kept: Vec<&&OrderRow>| {
        if kept.is_empty() {
            return;
        }
        let power: Kw = kept.iter().map(|row| row.cut_mw).sum();
        let left = kept.iter().map(|row| row.deliver_by).min().filter(|by| *by > frame.now);
        let left = left.map_or_else(String::new, |by| frame.age(&by));
        let text = if text == w.silent && left.is_empty() { w.late } else { text };
        let text = fill(text, &[&kept.len().to_string(), &frame.mw(&power), &left]);
        todo.push(Todo { urgency, text, path: format!("/orders?state={state}") });
    };
    let says = |word: &'static str| {
        standing.iter().filter(|row| row.words.iter().any(|said| said == word)).collect()
    };
    let delivery = |name: &'static str| standing.iter().filter(|row| row.delivery == name).collect();
    tell(Urgency::Urgent, w.breach, "breach", says("breach"));
    tell(Urgency::Urgent, w.silent, "silent", says("silent"));
    tell(Urgency::Urgent, w.undelivered, "call", delivery("gave-up"));
    tell(Urgency::Urgent, w.alarm, "call", delivery("alarm"));
    tell(Urgency::Soon, w.refused, "refused", says("refused"));
    todo.extend(plans(room, frame, w));
    todo.sort_by_key(|one| one.urgency);
    todo
}

fn plans(room: &Room, frame: &Frame, w: &DayWords) -> Vec<Todo> {
    room.look(|book| {
        let views = proposals(&book.state, frame.now);
        let waiting = views.iter().filter_map(|view| {
            let (urgency, text) = match view.status {
                ProposalStatus::Waiting => (Urgency::Waits, w.waits),
                ProposalStatus::Unconfirmed => (Urgency::Urgent, w.unconfirmed),
                _ => return None,
            };
            let proposed = &view.proposal.proposed;
            let short = proposed.plan_digest.chars().take(8).collect::<String>();
            let summary = &proposed.summary;
            let figures = [&short, &frame.tenth(&summary.cut_mwh), &summary.facilities.to_string()];
            let text = fill(text, &figures.map(String::as_str));
            Some(Todo { urgency, text, path: format!("/plans/{}", proposed.plan_digest) })
        });
        waiting.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_own_midnight_whatever_the_clock_did() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let almaty = chrono_tz::Asia::Almaty;
        assert_eq!(midnight(date("2024-02-29"), almaty), at("2024-02-28T18:00:00Z"));
        assert_eq!(midnight(date("2024-03-01"), almaty), at("2024-02-29T19:00:00Z"), "25 hours later");
        let gap = midnight(date("2018-11-04"), chrono_tz::America::Sao_Paulo);
        assert_eq!(gap, at("2018-11-04T03:00:00Z"), "the clock leapt from midnight to one");
    }
}
