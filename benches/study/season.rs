//! A made season, lived through on one thread with a clock, and drawn on all of them.

use crate::words::Words;
use kezek_model::case::Case;
use kezek_planner::solve::Bench;
use kezek_study::lab::Study;
use kezek_study::lab::change::World;
use kezek_study::lab::future::Future;
use kezek_study::lab::results::Shard;
use kezek_study::lab::run::{Running, run};
use kezek_study::lab::season::live;
use kezek_study::made::{Family, Goal, Horizon};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Share of what a zone nominates by which a kelvin less changes its demand.
const SHARE_PER_KELVIN: f64 = 0.005;

/// A season.
pub(crate) struct Season {
    pub(crate) name: String,
    /// Where its files are.
    pub(crate) folder: PathBuf,
    study: Study,
}

/// A season that was lived through.
pub(crate) struct Lived {
    /// Seconds of each day: the plan, and what came of it.
    pub(crate) days_s: Vec<f64>,
    /// The proven gap of each day's plan.
    pub(crate) gaps: Vec<f64>,
    /// Days whose plan ended by work.
    pub(crate) by_work: usize,
    /// What was planned.
    pub(crate) cases: Vec<Case>,
}

impl Season {
    /// Makes the season of a seed.
    pub(crate) fn new(seed: u64, words: &Words) -> Result<Self, String> {
        let family = Family::of(seed).name();
        let folder = root().join(format!("target/study/{}x{}-{seed}", words.facilities, words.days));
        let files = Goal::new(seed, words.facilities, Horizon::days(words.days, 60)).files();
        let case = Case::parse(&files).map_err(|faults| faults.to_string())?;
        for (name, bytes) in &files.files {
            write(&folder.join("country").join(name), bytes)?;
        }
        let path = folder.join("study.toml");
        write(&path, study_toml(&case, seed, words).as_bytes())?;
        let study = Study::read(&path).map_err(|faults| faults.to_string())?;
        Ok(Self {
            name: format!("{} x {} d, {seed} ({family})", words.facilities, words.days),
            folder,
            study,
        })
    }

    /// Lives through the first draw.
    pub(crate) fn live(&self) -> Result<Lived, String> {
        let (world, future) = (World::new(&self.study, 0), Future::of(&self.study, 0));
        let bench = Bench::new().map_err(|error| error.to_string())?;
        let mut lived = Lived { days_s: Vec::new(), gaps: Vec::new(), by_work: 0, cases: Vec::new() };
        let mut began = Instant::now();
        live(&self.study, &world, &future, &bench, &mut |day| {
            lived.days_s.push(began.elapsed().as_secs_f64());
            lived.gaps.push(day.plan.gap.unwrap_or(f64::INFINITY));
            lived.by_work += usize::from(day.figures.by_work > 0);
            lived.cases.push(day.case.clone());
            began = Instant::now();
            true
        })
        .map_err(|error| error.to_string())?;
        Ok(lived)
    }

    /// Draws a second on all threads.
    pub(crate) fn draws_per_s(&self, words: &Words) -> Result<f64, String> {
        let folder = self.folder.join("results");
        // What an earlier run kept would not be lived again.
        drop(std::fs::remove_dir_all(&folder));
        let began = Instant::now();
        let mut running = Running {
            shard: "1/1".parse::<Shard>()?,
            threads: threads(),
            folder: &folder,
            stop: &AtomicBool::new(false),
            progress: &mut |_| {},
        };
        run(&self.study, &mut running).map_err(|error| error.to_string())?;
        Ok(f64::from(words.draws) / began.elapsed().max(Duration::from_micros(1)).as_secs_f64())
    }
}

/// Processors of this machine.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The study: one scenario, weather that shifts the demand of all zones.
fn study_toml(case: &Case, seed: u64, words: &Words) -> String {
    let per_kelvin = case.zones.iter().map(|zone| {
        let own = case.facilities.iter().filter(|facility| facility.zone == zone.id);
        let nominated: f64 = own.map(|facility| facility.nomination_kw[0].mw()).sum();
        format!("{} = {:.3}", zone.id, SHARE_PER_KELVIN * nominated)
    });
    format!(
        "name = \"season\"\ncase = \"country\"\ndraws = {}\nseed = {seed}\n\n[planning]\ngap = {:?}\n\
         window_days = 30\n\n[weather]\nspread_kelvin = 3.0\npersistence = 0.7\nmw_per_kelvin = {{ {} }}\n",
        words.draws,
        words.gap,
        per_kelvin.collect::<Vec<_>>().join(", "),
    )
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| std::fs::write(path, bytes)).map_err(|error| format!("{}: {error}", path.display()))
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
