//! The same days one after the other with linopy and HiGHS, in one Python process on one thread.

use crate::days::{Planned, Sample};
use crate::export::export;
use crate::season::{root, write};
use crate::words::Words;
use kezek_planner::exact::judged;
use kezek_planner::problem::Problem;
use serde::Deserialize;
use std::path::Path;
use std::process::{Command, Stdio};

/// `answer.json`, as `benches/peers/problem.py` writes it.
#[derive(Deserialize)]
struct Answer {
    modelled_s: f64,
    seconds: f64,
    cuts_kw: Option<Vec<Vec<i64>>>,
    bound: Option<f64>,
}

/// Plans all samples of one model.
pub(crate) fn plan(
    samples: &mut [Sample],
    folder: &Path,
    python: &Path,
    words: &Words,
) -> Result<(), String> {
    // What an earlier run left is not taken for an answer.
    drop(std::fs::remove_dir_all(folder));
    let of_day = |sample: &Sample| folder.join(format!("{:03}", sample.day));
    for sample in samples.iter() {
        let problem = Problem::new(&sample.case).map_err(|error| error.to_string())?;
        write(&of_day(sample).join("problem.json"), export(&problem)?.to_string().as_bytes())?;
    }
    let model = folder.file_name().unwrap_or_default();
    let ended = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(root().join("benches/study/looped.py"))
        .arg(model)
        .args([words.limit_s.to_string(), words.gap.to_string()])
        .args(samples.iter().map(of_day))
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    if !ended.success() {
        return Err(format!("looped.py ended with {ended}"));
    }
    for sample in samples.iter_mut() {
        let path = of_day(sample).join("answer.json");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let answer = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        sample.peer = Some(judge(sample, answer)?);
    }
    Ok(())
}

fn judge(sample: &Sample, answer: Answer) -> Result<Planned, String> {
    let Answer { modelled_s, seconds, cuts_kw, bound } = answer;
    let blank = Planned { seconds, modelled_s, objective: None, gap: f64::INFINITY, holds: false };
    let Some(cuts) = cuts_kw else { return Ok(blank) };
    let (plan, report) = judged(&sample.case, cuts).map_err(|error| error.to_string())?;
    if !report.passed() {
        eprintln!("day {}: {}", sample.day, report.to_string().lines().next().unwrap_or_default());
    }
    let gap = |bound: f64| (plan.objective - bound).max(0.0) / plan.objective.abs().max(1.0);
    Ok(Planned {
        objective: Some(plan.objective),
        gap: bound.map_or(f64::INFINITY, gap),
        holds: report.passed(),
        ..blank
    })
}
