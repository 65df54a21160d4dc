//! The problem as the Python peers read it: `problem.json`, derived quantities only, so that they state nothing but
//! the model.

use kezek_planner::problem::{FacilityRow, Problem, TieRow, ZoneRow};
use serde_json::{Value, json};

/// The problem of a case without forced cuts: the peers' models leave the exemptions of standing orders out.
pub(crate) fn export(problem: &Problem) -> Result<Value, String> {
    let is_exempt = |row: &FacilityRow| row.before.running || (0..problem.steps).any(|t| row.forced(t));
    if problem.facilities.iter().any(is_exempt) {
        return Err("the peers' models know no cut that is running or ordered".to_owned());
    }
    Ok(json!({
        "steps": problem.steps,
        "step_minutes": problem.step_minutes(),
        "uncovered_cost_per_mwh": problem.uncovered_cost_per_mwh,
        "zones": (0..problem.zones.len()).map(|z| zone(problem, z, &problem.zones[z])).collect::<Vec<_>>(),
        "ties": problem.ties.iter().map(tie).collect::<Vec<_>>(),
        "facilities": problem.facilities.iter().map(facility).collect::<Vec<_>>(),
    }))
}

fn zone(problem: &Problem, z: usize, row: &ZoneRow) -> Value {
    json!({
        "headroom_mw": row.headroom_mw,
        "uncut_load_mw": (0..problem.steps).map(|t| problem.uncut_load_mw(z, t)).collect::<Vec<_>>(),
        "restore_limit_mw": row.restore_limit_mw,
        "facilities": row.facilities,
    })
}

fn tie(row: &TieRow) -> Value {
    json!({
        "from": row.from,
        "to": row.to,
        "limit_mw": row.limit_mw,
        "reverse_limit_mw": row.reverse_limit_mw,
    })
}

fn facility(row: &FacilityRow) -> Value {
    let steps = 0..row.room.len();
    let budgets = row.hour_budgets.iter();
    json!({
        "zone": row.zone,
        "room_kw": row.room,
        "smallest_kw": steps.clone().map(|t| row.smallest_cut(t)).collect::<Vec<_>>(),
        "block_kw": row.block,
        "is_frozen": row.frozen.iter().map(Option::is_some).collect::<Vec<_>>(),
        "cut_cost_per_mwh": row.cut_cost_per_mwh,
        "event_cost": row.event_cost,
        "min_minutes": row.min_minutes,
        "max_minutes": row.max_minutes,
        "gap_minutes": row.gap_minutes,
        "starts_per_day": row.starts_per_day,
        "day": row.day,
        "hour_budgets": budgets
            .map(|budget| json!({"counts": budget.counts, "max_intervals": budget.max_intervals}))
            .collect::<Vec<_>>(),
        "return_limit_kw": steps.clone().map(|t| row.return_limit(t)).collect::<Vec<_>>(),
        "fall_kw": steps.map(|t| row.fall(t)).collect::<Vec<_>>(),
        "idle_minutes": row.before.idle_minutes,
        "starts_today": row.before.starts_today,
    })
}
