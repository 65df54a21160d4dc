//! One run of Kezek or HiGHS: `run PEER FOLDER SECONDS THREADS` reads `FOLDER/../case`, writes `FOLDER/answer.json`.

use crate::answer::{Answer, Point, peak_mib};
use crate::said;
use kezek_model::case::Case;
use kezek_model::plan::Plan;
use kezek_planner::exact::Exact;
use kezek_planner::solve::{Progress, Settings, Watch, solve};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Nobody stops for a gap before this.
const GAP: f64 = 1e-4;

pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let [peer, folder, seconds, threads] = words else {
        return Err("run PEER FOLDER SECONDS THREADS".to_owned());
    };
    let folder = Path::new(folder);
    let case = Case::read(&folder.join("../case")).map_err(|faults| faults.to_string())?;
    let settings = Settings {
        gap: GAP,
        time_limit_s: seconds.parse().map_err(|_| format!("{seconds} is no number of seconds"))?,
        threads: threads.parse().map_err(|_| format!("{threads} is no number of threads"))?,
        seed: 1,
    };
    let answer = match peer.as_str() {
        "kezek" => kezek(&case, settings)?,
        _ => highs(&case, settings, &folder.join("highs.log"))?,
    };
    let path = folder.join("answer.json");
    let text = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
    std::fs::write(&path, text).map_err(said(path.display()))
}

fn kezek(case: &Case, settings: Settings) -> Result<Answer, String> {
    let (began, stop, mut trace) = (Instant::now(), AtomicBool::new(false), Vec::new());
    let mut progress = |at: Progress| {
        let objective = Some(at.incumbent).filter(|objective| objective.is_finite());
        trace.push(Point { s: at.seconds, objective, bound: at.bound });
    };
    let mut watch = Watch { elapsed: &|| began.elapsed(), stop: &stop, progress: &mut progress };
    let plan = solve(case, settings, &mut watch).map_err(|error| error.to_string())?;
    let seconds = began.elapsed().as_secs_f64();
    trace.push(Point { s: seconds, objective: Some(plan.objective), bound: plan.bound });
    let cuts_kw = Some(cuts(&plan, case.grid.len));
    Ok(Answer { modelled_s: 0.0, seconds, cuts_kw, bound: plan.bound, trace, peak_mib: peak_mib() })
}

/// Allocations are sorted by facility, then time, as the facilities of the case are.
fn cuts(plan: &Plan, steps: usize) -> Vec<Vec<i64>> {
    plan.allocations.chunks(steps).map(|own| own.iter().map(|row| row.cut.0).collect()).collect()
}

fn highs(case: &Case, settings: Settings, log: &Path) -> Result<Answer, String> {
    let began = Instant::now();
    let exact = Exact::new(case, settings, log).map_err(|error| error.to_string())?;
    let modelled_s = began.elapsed().as_secs_f64();
    let found = exact.minimise().map_err(|error| error.to_string())?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(Answer {
        modelled_s,
        seconds,
        cuts_kw: found.cuts,
        bound: found.bound,
        trace: Vec::new(),
        peak_mib: peak_mib(),
    })
}
