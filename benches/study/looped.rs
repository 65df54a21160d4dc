//! The same days one after the other with linopy or PyPSA and HiGHS, in one Python process on one thread.

use crate::days::{Model, Planned, Sample};
use crate::export::export;
use crate::season::{root, write};
use crate::words::Words;
use kezek_planner::exact::judged;
use kezek_planner::problem::Problem;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Who else plans the days of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Linopy,
    Pypsa,
}

impl Peer {
    pub(crate) fn of(model: Model) -> &'static [Self] {
        match model {
            Model::Plain => &[Self::Linopy, Self::Pypsa],
            Model::Whole => &[Self::Linopy],
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linopy => "linopy, HiGHS",
            Self::Pypsa => "PyPSA, HiGHS",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Linopy => "looped_linopy.py",
            Self::Pypsa => "looped_pypsa.py",
        }
    }
}

/// `answer.json`, as `benches/peers/problem.py` writes it.
#[derive(Deserialize)]
struct Answer {
    modelled_s: f64,
    seconds: f64,
    cuts_kw: Option<Vec<Vec<i64>>>,
    bound: Option<f64>,
}

/// Plans all samples of a model by each of its peers.
pub(crate) fn plan(
    samples: &mut [Sample],
    model: Model,
    folder: &Path,
    python: &Path,
    words: &Words,
) -> Result<(), String> {
    for &peer in Peer::of(model) {
        let folder = folder.join(model.name()).join(format!("{peer:?}").to_lowercase());
        // What an earlier run left is not taken for an answer.
        drop(std::fs::remove_dir_all(&folder));
        let of_day = |sample: &Sample| folder.join(format!("{:03}", sample.day));
        for sample in samples.iter() {
            let problem = Problem::new(&sample.case).map_err(|error| error.to_string())?;
            write(&of_day(sample).join("problem.json"), export(&problem)?.to_string().as_bytes())?;
        }
        let folders: Vec<PathBuf> = samples.iter().map(of_day).collect();
        run(peer, model, &folders, python, words)?;
        for (sample, folder) in samples.iter_mut().zip(&folders) {
            let planned = judge(sample, answer(folder)?)?;
            sample.peers.push(planned);
        }
    }
    Ok(())
}

fn run(peer: Peer, model: Model, folders: &[PathBuf], python: &Path, words: &Words) -> Result<(), String> {
    let ended = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(root().join("benches/study").join(peer.script()))
        .arg(model.name())
        .args([words.limit_s.to_string(), words.gap.to_string()])
        .args(folders)
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    if ended.success() { Ok(()) } else { Err(format!("{} ended with {ended}", peer.script())) }
}

fn answer(folder: &Path) -> Result<Answer, String> {
    let path = folder.join("answer.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
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
