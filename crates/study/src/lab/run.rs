//! Many seasons on all cores; those that are finished are kept whenever it stops.

use super::change::World;
use super::future::Future;
use super::results::{Header, Lived, Results, ResultsError, Shard, disk, plain};
use super::season::live;
use super::{Study, outcome::Outcome};
use kezek_planner::solve::{Bench, PlanError};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// How a study is run.
pub struct Running<'r> {
    /// The part that is asked.
    pub shard: Shard,
    /// Threads; a season lives on one.
    pub threads: usize,
    /// The folder in which finished seasons are kept until all are there.
    pub folder: &'r Path,
    /// Set to stop: seasons under way are lost, finished ones are kept.
    pub stop: &'r AtomicBool,
    /// Told of every season: how many are finished, how many of them before this run, how many there are.
    pub progress: &'r mut dyn FnMut(Progress),
}

/// How far a study is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Seasons that are finished.
    pub done: usize,
    /// Those of them that were when this run began.
    pub kept: usize,
    /// All.
    pub all: usize,
}

/// Why a study did not end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A day can't be planned.
    #[error("draw {draw} of scenario {scenario}: {error}")]
    Plan {
        /// Which future.
        draw: u32,
        /// Which scenario.
        scenario: String,
        /// Why.
        error: PlanError,
    },
    /// No thread.
    #[error(transparent)]
    Solver(#[from] kezek_planner::SolverError),
    /// The disk refused, or what was kept can't be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// Another run has the folder.
    #[error("{} is in use: another run of this study keeps its seasons there", .0.display())]
    Busy(PathBuf),
}

/// Runs a part of a study, carrying on with what is kept; `None` where it was stopped.
///
/// # Errors
/// When a day can't be planned, or the disk refuses.
pub fn run(study: &Study, running: &mut Running<'_>) -> Result<Option<(Results, PathBuf)>, RunError> {
    let header = Header::of(study, running.shard);
    let mut kept = Kept::open(running.folder, &header)?;
    let asked: Vec<(u32, usize)> = running
        .shard
        .draws(study.spec.draws)
        .flat_map(|draw| (0..header.scenarios.len()).map(move |scenario| (draw, scenario)))
        .collect();
    let wanted: BTreeSet<(u32, usize)> = asked.iter().copied().collect();
    kept.lived.retain(|key, _| wanted.contains(key));
    let left: Vec<(u32, usize)> =
        asked.iter().filter(|key| !kept.lived.contains_key(*key)).copied().collect();
    let (before, all) = (kept.lived.len(), asked.len());
    (running.progress)(Progress { done: before, kept: before, all });
    let mut told = |done: usize| (running.progress)(Progress { done, kept: before, all });
    spread(study, &left, running.threads, running.stop, &mut |lived| {
        kept.add(lived)?;
        told(kept.lived.len());
        Ok(())
    })?;
    if kept.lived.len() < all {
        return Ok(None);
    }
    let results = Results { header, lived: std::mem::take(&mut kept.lived) };
    let path = results.write(running.folder)?;
    kept.discard()?;
    Ok(Some((results, path)))
}

/// Lives through one season.
///
/// # Errors
/// When a day can't be planned.
pub fn alone(study: &Study, draw: u32, scenario: usize) -> Result<Option<Outcome>, RunError> {
    let (world, bench) = (World::new(study, scenario), Bench::new()?);
    one(study, &world, (draw, scenario), &bench, &AtomicBool::new(false))
}

fn one(
    study: &Study,
    world: &World,
    (draw, scenario): (u32, usize),
    bench: &Bench,
    stop: &AtomicBool,
) -> Result<Option<Outcome>, RunError> {
    let future = Future::of(study, draw);
    let lived = live(study, world, &future, bench, &mut |_| !stop.load(Ordering::Relaxed));
    lived.map_err(|error| RunError::Plan { draw, scenario: study.scenarios()[scenario].to_owned(), error })
}

/// Seasons on several threads, each told as soon as it is finished; the first fault ends all.
fn spread(
    study: &Study,
    left: &[(u32, usize)],
    threads: usize,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Lived) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let worlds: Vec<World> = (0..study.scenarios().len()).map(|at| World::new(study, at)).collect();
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (saying, hearing) = channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, left.len().max(1)) {
            let (saying, worlds, next, over) = (saying.clone(), &worlds, &next, &over);
            scope.spawn(move || {
                let work = || -> Result<(), RunError> {
                    let bench = Bench::new()?;
                    while !stop.load(Ordering::Relaxed) && !over.load(Ordering::Relaxed) {
                        let Some(&key) = left.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                        let Some(outcome) = one(study, &worlds[key.1], key, &bench, stop)? else { break };
                        // Whoever listened may be gone.
                        let _ = saying.send(Ok(Lived { draw: key.0, scenario: key.1, outcome }));
                    }
                    Ok(())
                };
                if let Err(error) = work() {
                    let _ = saying.send(Err(error));
                }
            });
        }
        drop(saying);
        let heard = hearing.into_iter().try_for_each(|lived| tell(lived?));
        over.store(true, Ordering::Relaxed);
        heard
    })
}

/// Seasons that are finished, on disk until all are.
struct Kept {
    path: PathBuf,
    file: File,
    lived: BTreeMap<(u32, usize), Outcome>,
}

impl Kept {
    /// Opens what was kept of a part of a study; a last line that was torn is lived again.
    fn open(folder: &Path, header: &Header) -> Result<Self, RunError> {
        std::fs::create_dir_all(folder).map_err(disk(folder))?;
        let (name, digest) = (plain(&header.study), &header.study_digest[..16]);
        let path = folder.join(format!(".{name}-{}-{digest}.part", header.shard));
        let options = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let file = options.map_err(disk(&path))?;
        if file.try_lock().is_err() {
            return Err(RunError::Busy(path));
        }
        let text = std::fs::read_to_string(&path).map_err(disk(&path))?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(disk(&path))?;
        let mut lived = BTreeMap::new();
        for (at, line) in text[..whole].lines().enumerate() {
            let own: Lived = serde_json::from_str(line).map_err(|error| ResultsError::Line {
                path: path.clone(),
                line: at + 1,
                found: error.to_string(),
            })?;
            lived.insert((own.draw, own.scenario), own.outcome);
        }
        Ok(Self { path, file, lived })
    }

    fn add(&mut self, lived: Lived) -> Result<(), RunError> {
        let line = serde_json::to_string(&lived).map_err(|error| disk(&self.path)(error.into()))? + "\n";
        self.file.write_all(line.as_bytes()).map_err(disk(&self.path))?;
        self.lived.insert((lived.draw, lived.scenario), lived.outcome);
        Ok(())
    }

    fn discard(self) -> Result<(), RunError> {
        std::fs::remove_file(&self.path).map_err(disk(&self.path))?;
        Ok(())
    }
}
