//! The comparison: one row after the other, one case after the other, one peer after the other.

use crate::answer::{Answer, Point};
use crate::results::{Outcome, Results};
use crate::row::Row;
use crate::words::{USAGE, Words};
use crate::{export, highs_log, peers_folder, root, said, table};
use kezek_model::case::Case;
use kezek_planner::exact::judged;
use kezek_planner::problem::Problem;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) fn compare(words: &[String]) -> Result<(), String> {
    let Some(words) = Words::read(words)? else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut results = Results::read()?;
    let mut cases = Vec::new();
    for row in &words.rows {
        for &seed in &words.seeds {
            let made = Made::new(row, seed)?;
            if !words.table_only {
                made.run_all(&words, &mut results)?;
            }
            cases.push(made.key());
        }
    }
    table::print(&words, &results, &cases);
    Ok(())
}

/// A case of a row, and where it is kept.
struct Made {
    row: Row,
    seed: u64,
    family: String,
    case: Case,
    digest: String,
    folder: PathBuf,
}

/// What a case is found by.
pub(crate) struct Key {
    pub(crate) row: Row,
    pub(crate) seed: u64,
    pub(crate) family: String,
    pub(crate) case_digest: String,
}

impl Made {
    fn new(row: &Row, seed: u64) -> Result<Self, String> {
        let goal = row.goal(seed);
        let case = Case::parse(&goal.files()).map_err(|faults| faults.to_string())?;
        let digest = case.digest().map_err(|error| error.to_string())?;
        let folder = peers_folder().join(format!("{}-{seed}", row.name()));
        Ok(Self { row: row.clone(), seed, family: goal.family.name(), case, digest, folder })
    }

    fn key(self) -> Key {
        Key { row: self.row, seed: self.seed, family: self.family, case_digest: self.digest }
    }

    fn run_all(&self, words: &Words, results: &mut Results) -> Result<(), String> {
        self.write()?;
        for peer in &words.peers {
            let limit_s = limit_s(&self.row, peer, words);
            let again = words.again.as_ref() == Some(peer);
            if !again && results.of(&self.digest, peer, limit_s).is_some() {
                continue;
            }
            let outcome = self.run(peer, limit_s, words)?;
            eprintln!("{}", line(&outcome));
            results.add(outcome)?;
        }
        Ok(())
    }

    /// Writes the case for Rust and the problem for Python.
    fn write(&self) -> Result<(), String> {
        let folder = self.folder.join("case");
        std::fs::create_dir_all(&folder).map_err(said(folder.display()))?;
        for (name, bytes) in self.row.goal(self.seed).files().files {
            std::fs::write(folder.join(&name), bytes).map_err(said(name))?;
        }
        let problem = Problem::new(&self.case).map_err(|error| error.to_string())?;
        let path = self.folder.join("problem.json");
        std::fs::write(&path, export::export(&problem)?.to_string()).map_err(said(path.display()))
    }

    fn run(&self, peer: &str, limit_s: f64, words: &Words) -> Result<Outcome, String> {
        let folder = self.folder.join(peer);
        // What an earlier run left is not taken for an answer.
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).map_err(said(folder.display()))?;
        let mut outcome = self.blank(peer, limit_s);
        match answer(peer, &folder, limit_s, words) {
            Ok(answer) => self.fill(&mut outcome, answer, &folder)?,
            Err(why) => outcome.failed = Some(why),
        }
        Ok(outcome)
    }

    fn blank(&self, peer: &str, limit_s: f64) -> Outcome {
        Outcome {
            row: self.row.name(),
            seed: self.seed,
            family: self.family.clone(),
            peer: peer.to_owned(),
            case_digest: self.digest.clone(),
            limit_s,
            date: chrono::Utc::now().format("%Y-%m-%d").to_string(),
            commit: commit(),
            modelled_s: 0.0,
            seconds: 0.0,
            objective: None,
            bound: None,
            peak_mib: 0.0,
            broken: Vec::new(),
            failed: None,
            trace: Vec::new(),
        }
    }

    /// Judges the plan and costs it, whoever made it.
    fn fill(&self, outcome: &mut Outcome, answer: Answer, folder: &Path) -> Result<(), String> {
        outcome.modelled_s = answer.modelled_s;
        outcome.seconds = answer.seconds;
        outcome.bound = answer.bound;
        outcome.peak_mib = answer.peak_mib;
        outcome.trace = answer.trace;
        if let Ok(log) = std::fs::read_to_string(folder.join("highs.log")) {
            outcome.trace = highs_log::trace(&log, answer.modelled_s);
        }
        if let Some(cuts) = answer.cuts_kw {
            let (plan, report) = judged(&self.case, cuts).map_err(|error| error.to_string())?;
            outcome.objective = Some(plan.objective);
            if !report.passed() {
                outcome.broken = report.to_string().lines().take(5).map(str::to_owned).collect();
            }
        }
        let end = Point { s: answer.seconds, objective: outcome.objective, bound: answer.bound };
        outcome.trace.push(end);
        Ok(())
    }
}

/// Kezek has the row's own time, the others what they are given.
pub(crate) fn limit_s(row: &Row, peer: &str, words: &Words) -> f64 {
    if peer == "kezek" { row.last_goal().1 } else { words.peer_seconds }
}

/// Runs a peer in a process of its own and reads its answer.
fn answer(peer: &str, folder: &Path, limit_s: f64, words: &Words) -> Result<Answer, String> {
    let errors = folder.join("errors.txt");
    let mut command = command(peer, folder, limit_s, words)?;
    command.stdout(Stdio::null()).stderr(std::fs::File::create(&errors).map_err(said(errors.display()))?);
    let patience = Duration::from_secs_f64(limit_s * 1.5 + FOR_MODELLING_S);
    wait(command.spawn().map_err(said(peer))?, patience)
        .map_err(|why| format!("{why}; {}", last_line(&errors)))?;
    let path = folder.join("answer.json");
    let text = std::fs::read_to_string(&path).map_err(said(path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Seconds that a model may take to be stated, beside the time of its solver.
const FOR_MODELLING_S: f64 = 600.0;

/// The shell holds the run to its memory.
fn command(peer: &str, folder: &Path, limit_s: f64, words: &Words) -> Result<Command, String> {
    let mut command = Command::new("sh");
    let limit = format!("ulimit -v {}; exec \"$@\"", words.memory_gib << 20);
    command.args(["-c", &limit, "sh"]);
    match peer {
        "kezek" | "highs" => {
            command.arg(std::env::current_exe().map_err(said("this programme"))?).args(["run", peer]);
        }
        _ => {
            let script = root().join(format!("benches/peers/with_{}.py", peer.replace('-', "_")));
            command.env("PYTHONDONTWRITEBYTECODE", "1").arg(&words.python).arg(script);
        }
    }
    command.arg(folder).args([limit_s.to_string(), words.threads.to_string()]);
    Ok(command)
}

fn wait(mut child: std::process::Child, patience: Duration) -> Result<(), String> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return if status.success() { Ok(()) } else { Err(format!("ended with {status}")) };
        }
        if began.elapsed() > patience {
            // It may have ended just now.
            drop(child.kill());
            drop(child.wait());
            return Err(format!("stopped after {:.0} s", patience.as_secs_f64()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn last_line(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().last().unwrap_or("no word").to_owned()
}

fn commit() -> String {
    let asked = Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root()).output();
    asked.ok().map_or_else(String::new, |said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

fn line(outcome: &Outcome) -> String {
    let Outcome { row, seed, family, peer, seconds, .. } = outcome;
    let figures = match (&outcome.failed, outcome.objective) {
        (Some(why), _) => format!("failed: {why}"),
        (None, None) => "no plan".to_owned(),
        (None, Some(objective)) => format!("{objective:.2}, gap {:.3} %", outcome.gap() * 100.0),
    };
    let broken = outcome.broken.first().map_or_else(String::new, |first| format!(", BROKEN: {first}"));
    format!("{row} seed {seed} ({family}) {peer}: {figures} in {seconds:.1} s{broken}")
}
