//! Results, a line of JSON each.

use crate::answer::Point;
use crate::{peers_folder, said};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::PathBuf;

/// What one run came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    pub(crate) row: String,
    pub(crate) seed: u64,
    pub(crate) family: String,
    pub(crate) peer: String,
    /// Digest of the case: another recipe makes another case, whose results are others.
    pub(crate) case_digest: String,
    /// The time it was given.
    pub(crate) limit_s: f64,
    /// The civil date, UTC.
    pub(crate) date: String,
    /// The commit that was built.
    pub(crate) commit: String,
    pub(crate) modelled_s: f64,
    pub(crate) seconds: f64,
    /// Objective of its plan, computed by Kezek; nothing where it found none.
    pub(crate) objective: Option<f64>,
    pub(crate) bound: Option<f64>,
    pub(crate) peak_mib: f64,
    /// Rules that its plan breaks, in the words of the check.
    pub(crate) broken: Vec<String>,
    /// Why there is no answer.
    pub(crate) failed: Option<String>,
    pub(crate) trace: Vec<Point>,
}

impl Outcome {
    /// Its gap by its own bound.
    pub(crate) fn gap(&self) -> f64 {
        match (self.objective, self.bound) {
            (Some(objective), Some(bound)) => (objective - bound).max(0.0) / objective.abs().max(1.0),
            _ => f64::INFINITY,
        }
    }

    /// The first moment with a gap of at most this.
    pub(crate) fn seconds_to_gap(&self, gap: f64) -> f64 {
        self.gaps().find(|at| at.1 <= gap).map_or(f64::INFINITY, |at| at.0)
    }

    /// The gap after so many seconds.
    pub(crate) fn gap_after(&self, seconds: f64) -> f64 {
        self.gaps().take_while(|at| at.0 <= seconds).map(|at| at.1).fold(f64::INFINITY, f64::min)
    }

    /// The first moment with an objective of at most this.
    pub(crate) fn seconds_to_objective(&self, objective: f64) -> f64 {
        let reached = self.trace.iter().find(|at| at.objective.is_some_and(|own| own <= objective));
        reached.map_or(f64::INFINITY, |at| at.s)
    }

    /// Moments with the gap between the best objective and the best bound so far.
    fn gaps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let mut best = (f64::INFINITY, f64::NEG_INFINITY);
        self.trace.iter().map(move |at| {
            best.0 = at.objective.map_or(best.0, |objective| best.0.min(objective));
            best.1 = at.bound.map_or(best.1, |bound| best.1.max(bound));
            let gap = (best.0 - best.1).max(0.0) / best.0.abs().max(1.0);
            (at.s, if gap.is_finite() { gap } else { f64::INFINITY })
        })
    }
}

/// All results there are.
pub(crate) struct Results {
    outcomes: Vec<Outcome>,
}

impl Results {
    pub(crate) fn read() -> Result<Self, String> {
        let text = match std::fs::read_to_string(path()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("{}: {error}", path().display())),
        };
        let outcomes = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
        let outcomes = outcomes.map_err(|error| format!("{}: {error}", path().display()))?;
        Ok(Self { outcomes })
    }

    pub(crate) fn add(&mut self, outcome: Outcome) -> Result<(), String> {
        let mut line = serde_json::to_string(&outcome).map_err(|error| error.to_string())?;
        line.push('\n');
        let file = std::fs::File::options().create(true).append(true).open(path());
        file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(said(path().display()))?;
        self.outcomes.push(outcome);
        Ok(())
    }

    /// The newest result of a peer for a case and a time.
    pub(crate) fn of(&self, case_digest: &str, peer: &str, limit_s: f64) -> Option<&Outcome> {
        let is_it = |outcome: &&Outcome| {
            outcome.case_digest == case_digest && outcome.peer == peer && outcome.limit_s == limit_s
        };
        self.outcomes.iter().rev().find(is_it)
    }
}

fn path() -> PathBuf {
    peers_folder().join("results.jsonl")
}
