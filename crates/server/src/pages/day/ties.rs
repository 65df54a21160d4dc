//! How full a plan makes the ties.

use kezek_model::case::{Case, Tie};
use kezek_model::plan::Plan;
use kezek_pages::day::TieRow;

/// Every tie in the interval that fills it most, of those that lie ahead; without a limit where most flows.
pub(super) fn ties(case: &Case, plan: &Plan, ahead: &[usize]) -> Vec<TieRow> {
    let fullest = |tie: &Tie| {
        let flows = plan.flows.iter().filter(|flow| flow.tie == tie.id);
        let rows = flows.filter_map(|flow| {
            let t = case.grid.index_of(flow.interval_start).filter(|t| ahead.contains(t))?;
            Some(row(tie, t, flow.mw, flow.interval_start))
        });
        rows.reduce(|fullest, row| if load(&row) > load(&fullest) { row } else { fullest })
    };
    case.ties.iter().filter_map(fullest).collect()
}

fn row(tie: &Tie, t: usize, mw: f64, at: chrono::DateTime<chrono::Utc>) -> TieRow {
    let (way, limits) = match mw < 0.0 {
        true => ([&tie.to, &tie.from], &tie.reverse_limit_mw),
        false => ([&tie.from, &tie.to], &tie.limit_mw),
    };
    TieRow {
        name: tie.id.to_string(),
        way: way.map(ToString::to_string),
        flow_mw: mw.abs(),
        limit_mw: limits[t],
        at,
    }
}

/// What is fuller: a share of the limit first, then the flow.
fn load(row: &TieRow) -> (f64, f64) {
    (row.percent().unwrap_or(0.0), row.flow_mw)
}
