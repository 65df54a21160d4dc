//! A second reading of sections 3.3 to 3.8 for one facility, in minutes from the start of the horizon.
#![allow(clippy::needless_range_loop)]

use crate::builder::{is_entitled, nominated_kw};
use crate::scenes::Scene;
use chrono::TimeDelta;

/// What an allowed course of one facility adds to the objective.
#[derive(Clone, Debug)]
pub struct Course {
    pub cut_kw: Vec<i64>,
    pub price: f64,
}

const FOREVER: i64 = 1_000_000;

/// What holds for a facility before any cut is chosen.
pub struct Frame {
    pub nominated: Vec<i64>,
    pub room: Vec<i64>,
    pub frozen: Vec<Option<i64>>,
    pub demand: Vec<i64>,
    pub since: i64,
    last_end: Option<i64>,
}

pub fn frame(scene: &Scene, i: usize) -> Frame {
    let (case, f) = (&scene.case, &scene.case.facilities[i]);
    let n = case.grid.len;
    let minutes = |at: chrono::DateTime<chrono::Utc>| (at - case.grid.start).num_minutes();
    let nominated: Vec<i64> = (0..n).map(|t| nominated_kw(case, f, t)).collect();
    let bound: Vec<bool> = (0..n).map(|t| !f.protected && is_entitled(case, f, t)).collect();
    let room: Vec<i64> = (0..n).map(|t| if bound[t] { nominated[t] - f.floor_kw.0 } else { 0 }).collect();
    let limit =
        |t: usize| scene.percent[t].filter(|_| bound[t]).map(|p| (nominated[t] * p / 100).max(f.floor_kw.0));
    let demand = (0..n).map(|t| limit(t).map_or(0, |limit| (nominated[t] - limit).max(0))).collect();
    let notice_by_start = minutes(case.issued_at) + f.notice_minutes;
    let (mut frozen, mut p, mut free) = (Vec::new(), f.state.cut_kw.0, false);
    for t in 0..n {
        free |= t as i64 * 60 >= notice_by_start || limit(t).is_some();
        p = f.kept_kw[t].map_or(f.state.cut_kw.0.min(p), |kept| kept.0).min(room[t]);
        frozen.push((!free).then_some(p));
    }
    let since = f.state.cut_since.map_or(0, minutes);
    let last_end = f.state.last_cut_end.map(minutes);
    Frame { nominated, room, frozen, demand, since, last_end }
}

/// The course of a facility with these cuts, or nothing where they break a rule.
pub fn course(scene: &Scene, i: usize, frame: &Frame, cut: &[i64]) -> Option<Course> {
    let (case, f) = (&scene.case, &scene.case.facilities[i]);
    let n = cut.len();
    for t in 0..n {
        let (c, room) = (cut[t], frame.room[t]);
        if let Some(kept) = frame.frozen[t] {
            if c != kept {
                return None;
            }
            continue;
        }
        let partial = c > 0 && c < room && c >= f.min_cut_kw.0 && f.block_kw.is_none_or(|b| c % b.0 == 0);
        if !(c == 0 || c == room || partial) || c < frame.demand[t] || !ramp_holds(scene, i, frame, cut, t) {
            return None;
        }
    }
    let forced = |t: usize| frame.demand[t] > 0 || (frame.frozen[t].is_some() && cut[t] > 0);
    let running = f.state.cut_kw.0 > 0;
    let mut last_end = if running { None } else { frame.last_end };
    if running && cut[0] == 0 {
        last_end = Some(0);
        if -frame.since < f.min_cut_minutes && frame.room[0] > 0 && frame.frozen[0].is_none() {
            return None;
        }
    }
    let day =
        |minute: i64| (case.grid.start + TimeDelta::minutes(minute)).with_timezone(&f.time_zone).date_naive();
    let began_today = running && day(frame.since) == day(0);
    let (mut starts, mut today) = (f.state.events_today.unwrap_or(0).max(u32::from(began_today)), day(0));
    let (mut hours, mut price, mut t) = (0.0, 0.0, 0);
    while t < n {
        if cut[t] == 0 {
            t += 1;
            continue;
        }
        let end = (t..n).find(|&s| cut[s] == 0).unwrap_or(n);
        let carried = running && t == 0;
        let began = if carried { frame.since } else { t as i64 * 60 };
        let exempt = carried || (t..end).any(forced);
        if today != day(t as i64 * 60) {
            (starts, today) = (0, day(t as i64 * 60));
        }
        if !carried {
            starts += 1;
            price += f.event_cost;
            let too_many = f.max_events_per_day.is_some_and(|most| starts > most);
            let too_soon = last_end.is_some_and(|last| began < last + f.min_gap_minutes);
            if (too_many || too_soon) && !forced(t) {
                return None;
            }
        }
        let length = end as i64 * 60 - began;
        let excused = end == n || frame.room[end] == 0 || frame.frozen[end].is_some();
        if length < f.min_cut_minutes && !excused {
            return None;
        }
        let most = f.max_cut_minutes.unwrap_or(FOREVER);
        if length > most && !exempt {
            return None;
        }
        for s in t..end {
            let out_of_hours = f.max_cut_hours.is_some_and(|most| hours + 1.0 > most);
            if exempt && (out_of_hours || (s as i64 + 1) * 60 - began > most) {
                price += if forced(s) {
                    0.0
                } else {
                    case.objective.uncovered_cost_per_mwh * cut[s] as f64 / 1000.0
                };
            } else if out_of_hours {
                return None;
            } else {
                hours += 1.0;
            }
            price += f.cut_cost_per_mwh * cut[s] as f64 / 1000.0;
        }
        (last_end, t) = (Some(end as i64 * 60), end);
    }
    Some(Course { cut_kw: cut.to_vec(), price })
}

/// The allowed cuts of a facility in an interval, whatever the others do.
pub fn levels(scene: &Scene, i: usize, frame: &Frame, t: usize) -> Vec<i64> {
    let f = &scene.case.facilities[i];
    let mut levels = vec![0, frame.room[t]];
    let step = f.block_kw.map_or(1, |block| block.0);
    levels
        .extend((1..).map(|k| k * step).take_while(|&c| c < frame.room[t]).filter(|&c| c >= f.min_cut_kw.0));
    levels.extend(frame.frozen[t]);
    levels.sort_unstable();
    levels.dedup();
    levels
}

fn ramp_holds(scene: &Scene, i: usize, frame: &Frame, cut: &[i64], t: usize) -> bool {
    let f = &scene.case.facilities[i];
    let Some(ramp) = f.ramp_up_kw_per_h else { return true };
    let before = if t == 0 { f.state.cut_kw.0.min(frame.room[0]) } else { cut[t - 1] };
    let at = t.max(1) - 1;
    let step = f.block_kw.map_or(1, |block| block.0);
    let least = (1..=frame.room[at]).find(|&c| c == frame.room[at] || (c % step == 0 && c >= f.min_cut_kw.0));
    let fall = if t == 0 { 0 } else { (frame.nominated[t - 1] - frame.nominated[t]).max(0) };
    before - cut[t] <= ramp.0.max(least.unwrap_or(0)) + fall
}

/// How far (kW) the zone's return into interval `t` is beyond its limit, nothing allowed for rounding.
pub fn zone_excess(scene: &Scene, frames: &[Frame], cuts: &[&[i64]], z: usize, t: usize) -> i64 {
    let zone = &scene.case.zones[z];
    let Some(limit) = zone.restore_limit_mw else { return 0 };
    let (mut net, mut frozen, mut falls) = (0, 0, 0);
    for (i, f) in scene.case.facilities.iter().enumerate().filter(|(_, f)| f.zone == zone.id) {
        let before = if t == 0 { f.state.cut_kw.0.min(frames[i].room[0]) } else { cuts[i][t - 1] };
        net += before - cuts[i][t];
        frozen += frames[i].frozen[t].map_or(0, |_| before - cuts[i][t]);
        if before > 0 && t > 0 {
            falls += (frames[i].nominated[t - 1] - frames[i].nominated[t]).max(0);
        }
    }
    net - ((limit * 1000.0).round() as i64 + falls).max(frozen)
}
