//! The search in a thread of its own, so that a stop signal is obeyed at once; a search to which nobody listens any
//! more ends with its time limit.

use super::{Settings, first};
use crate::formulation::Formulation;
use crate::problem::Problem;
use crate::round::round;
use crate::solver::{Effort, Programme, SolverError};
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a search says.
pub(super) enum Word {
    /// A lower bound, where time sufficed to prove one; the search waits for its time.
    Bound(Option<f64>),
    /// It ended.
    Ended {
        /// The best cuts, in kW per facility and interval.
        cuts: Option<Vec<Vec<i64>>>,
        /// Their objective before they were rounded to kW.
        reached: Option<f64>,
        /// A proven lower bound.
        bound: Option<f64>,
    },
    /// The solver failed; the fallback stands.
    Failed(SolverError),
}

/// Both ends of a search: what it says, and the seconds it is given once it has said its first bound.
pub(super) struct Search {
    pub(super) words: Receiver<Word>,
    pub(super) go: Sender<f64>,
}

/// Starts a search from cuts that are allowed.
pub(super) fn start(problem: Problem, cuts: Vec<Vec<i64>>, settings: Settings, left_s: f64) -> Search {
    let (saying, words) = channel();
    let (go, going) = channel();
    std::thread::spawn(move || {
        let last = search(&problem, &cuts, settings, left_s, &saying, &going).unwrap_or_else(Word::Failed);
        // Whoever listened may be gone.
        drop(saying.send(last));
    });
    Search { words, go }
}

/// Part of the gap that is kept for rounding to kW.
const GAP_FOR_SEARCH: f64 = 0.95;

fn search(
    problem: &Problem,
    cuts: &[Vec<i64>],
    settings: Settings,
    left_s: f64,
    saying: &Sender<Word>,
    going: &Receiver<f64>,
) -> Result<Word, SolverError> {
    let mut formulation = Formulation::new(problem);
    let columns = std::mem::take(&mut formulation.facilities);
    let effort = Effort {
        gap: settings.gap * GAP_FOR_SEARCH,
        time_limit_s: left_s,
        threads: settings.threads,
        seed: settings.seed,
    };
    let (programme, bound) = Programme::new(formulation, effort)?.relax()?;
    drop(saying.send(Word::Bound(bound)));
    let Ok(left_s) = going.recv() else { return Ok(Word::Ended { cuts: None, reached: None, bound }) };
    let answer = programme.minimise(&first::values(problem, &columns, cuts), left_s)?;
    Ok(Word::Ended {
        cuts: answer.values.map(|values| round(problem, &columns, &values)),
        reached: answer.reached,
        bound: [bound, answer.bound].into_iter().flatten().reduce(f64::max),
    })
}
