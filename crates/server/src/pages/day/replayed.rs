//! The day board of what never happened: a day of a draw that a planner has lived again.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{DateTime, NaiveDate};
use kezek_model::came::Hour;
use kezek_pages::day::{Day, DayWords, Replay, ReplayedDay};
use kezek_pages::{Frame, Place};
use kezek_study::lab::outcome::DayFigures;
use kezek_study::lab::replay::Kept;

use super::super::frame::{frame, html};
use super::super::problem::problem;
use super::super::session::Visitor;
use super::super::studies::{Laid, laid, path_of};
use super::matrix::Seen;
use super::ties::ties;
use super::{Which, Zone, midnight, point, shortage};
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::refusal::ApiError;

/// A day of a replay; its worst one where none is named.
pub(in crate::pages) async fn replayed(
    State(room): State<Room>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let folder = room.config().studies.folder.clone();
    let asked = which.date;
    let reading = tokio::task::spawn_blocking(move || {
        let known = laid(folder.as_deref()).into_iter().find(|own| own.name == name);
        let laid = known.ok_or_else(|| ApiError::absent("replay", &name))?;
        let (date, kept) = day(&laid, asked)?;
        Ok((laid, date, kept))
    });
    let read = reading.await.unwrap_or_else(|_| Err(unreadable("the reading broke off")));
    match read {
        Ok((laid, date, kept)) => {
            let frame = frame(&room, &visitor, Some(Place::Studies)).await;
            let frame = frame.training(kept.case.grid.time_zone);
            html(&board(&frame, &laid, (date, &which), &kept))
        }
        Err(error) => problem(&room, &visitor, error, "/studies").await,
    }
}

fn day(laid: &Laid, date: Option<NaiveDate>) -> Result<(NaiveDate, Kept), ApiError> {
    let days = &laid.about.days;
    let badness = |(_, figures): &&(NaiveDate, DayFigures)| (figures.uncovered_kwh, figures.need_kwh);
    let worst = || days.iter().rev().max_by_key(badness).map(|(date, _)| *date);
    let date = date.or_else(worst).filter(|date| days.iter().any(|(own, _)| own == date));
    let date = date.ok_or_else(|| ApiError::absent("such day of the replay", &laid.name))?;
    let kept = Kept::read(&laid.path, date).map_err(|error| unreadable(&error.to_string()))?;
    Ok((date, kept))
}

fn unreadable(why: &str) -> ApiError {
    ApiError::bad(
        format!("the day cannot be read: {why}"),
        "write the replay again: `kezek study replay --out`",
    )
}

fn board<'f>(frame: &'f Frame, laid: &Laid, (date, which): (NaiveDate, &Which), kept: &Kept) -> Day<'f> {
    let (case, zones) = (&kept.case, zones(kept));
    let all: Vec<usize> = (0..kept.hours.first().map_or(0, Vec::len)).collect();
    let place = laid.about.days.iter().position(|(own, _)| *own == date).unwrap_or_default();
    let beside = |place: Option<usize>| {
        let (date, _) = laid.about.days.get(place?)?;
        Some(path_of(laid, Some(*date)) + which.by().asked())
    };
    let seen = Seen { by: which.by(), path: path_of(laid, Some(date)), hours: &all, is_live: false };
    Day {
        frame,
        w: DayWords::of(frame.language),
        day: case.grid.start,
        beside: [beside(place.checked_sub(1)), beside(place.checked_add(1))],
        replay: Some(replay(frame, laid, date)),
        has_plan: true,
        is_over: true,
        shortage: shortage(case, &zones, &all, DateTime::UNIX_EPOCH),
        alarm: None,
        todo: Vec::new(),
        points: all.iter().map(|&t| point(case, &zones, t)).collect(),
        zones: zones.iter().map(|zone| zone.row(&all, &all)).collect(),
        ties: ties(case, &kept.plan, &all),
        matrix: seen.matrix(case, &kept.plan, &zones),
    }
}

fn replay(frame: &Frame, laid: &Laid, shown: NaiveDate) -> Replay {
    let mwh = |kwh: i64| kwh as f64 / 1000.0;
    let day = |(date, figures): &(NaiveDate, DayFigures)| ReplayedDay {
        day: midnight(*date, frame.zone),
        path: path_of(laid, Some(*date)),
        need_mwh: mwh(figures.need_kwh),
        cut_mwh: mwh(figures.cut_kwh),
        uncovered_mwh: mwh(figures.uncovered_kwh),
        is_shown: *date == shown,
    };
    let about = &laid.about;
    Replay {
        study: about.study.clone(),
        scenario: about.scenario.clone(),
        draw: about.draw,
        days: about.days.iter().map(day).collect(),
    }
}

/// What came, and what was planned for it; of a replay nothing is metered but what arrived.
fn zones(kept: &Kept) -> Vec<Zone> {
    let (case, len) = (&kept.case, kept.case.grid.len);
    let zone = |(zone, hours): (&kezek_model::case::Zone, &Vec<Hour>)| {
        let mut planned = vec![0.0; hours.len()];
        let rows = case.facilities.iter().zip(kept.plan.allocations.chunks(len));
        for (_, rows) in rows.filter(|(facility, _)| facility.zone == zone.id) {
            planned.iter_mut().zip(rows).for_each(|(mw, row)| *mw += row.cut.mw());
        }
        let series = |mw: fn(&Hour) -> f64| hours.iter().map(mw).collect::<Vec<f64>>();
        Zone {
            id: zone.id.clone(),
            need: series(|hour| hour.need_mw),
            planned,
            accepted: series(|hour| hour.cut_mw),
            uncovered: series(|hour| hour.uncovered_mw),
            metered: hours.iter().map(|hour| Some(hour.cut_mw)).collect(),
        }
    };
    case.zones.iter().zip(&kept.hours).map(zone).collect()
}
