//! A draw lived again and kept in a folder: of every day the case that was planned, its plan and what came; and, once the
//! season is over, `replay.json`, which says of what.

use super::change::World;
use super::future::Future;
use super::outcome::DayFigures;
use super::results::{ResultsError, disk};
use super::season::{Day, live};
use super::spec::Study;
use crate::derived::{DerivedError, day_files, with_orders};
use crate::errors::whole_kw;
use chrono::NaiveDate;
use kezek_model::came::{Hour, hours_csv, read_hours};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::fault::Faults;
use kezek_model::grid::TimeGrid;
use kezek_model::ids::ZoneId;
use kezek_model::plan::Plan;
use kezek_planner::solve::{Bench, PlanError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The version of the file's form.
const FORM: u32 = 1;
/// The file that says what a folder is a replay of.
pub const ABOUT: &str = "replay.json";
/// What came, hour by hour, in the folder of a day.
pub const HOURS: &str = "hours.csv";
/// The plan of a day.
pub const PLAN: &str = "plan.json";

/// Which season a folder has the days of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// The version of the form.
    pub kezek_replay: u32,
    /// What people call the study.
    pub study: String,
    /// [`Study::digest`].
    pub study_digest: String,
    /// The version of the engine.
    pub engine: String,
    /// The scenario's name.
    pub scenario: String,
    /// The draw.
    pub draw: u32,
    /// The days, each a folder of its date, with what [`DayFigures`] says of it.
    pub days: Vec<(NaiveDate, DayFigures)>,
}

/// A day as it was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What was planned: the day, and the hours after it that its plan looked at too.
    pub case: Case,
    /// The plan.
    pub plan: Plan,
    /// What came: zone by zone, in the order of the case's, one for each interval of the day.
    pub hours: Vec<Vec<Hour>>,
}

/// Why a draw can't be lived again, or not be kept.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A day can't be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// No thread.
    #[error(transparent)]
    Solver(#[from] kezek_planner::SolverError),
    /// A day's case has no files.
    #[error("the case of {0} cannot be written: {1}")]
    Day(String, DerivedError),
    /// The season's case can't be read again.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] ResultsError),
    /// A file is none of a replay.
    #[error("{}: {found}; expected what `kezek study replay --out` wrote", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
}

/// Lives through a draw of a scenario again, both by their place; the days are kept in `folder`, where one is given. `None`
/// where `stop` was set before the season was over: what is kept is no replay then.
///
/// # Errors
/// When a day can't be planned, or not be kept.
pub fn replay(
    study: &Study,
    (draw, scenario): (u32, usize),
    folder: Option<&Path>,
    stop: &AtomicBool,
) -> Result<Option<Vec<(NaiveDate, DayFigures)>>, ReplayError> {
    let (world, future, bench) = (World::new(study, scenario), Future::of(study, draw), Bench::new()?);
    let keeper = folder.map(|folder| Keeper::open(study, scenario, folder)).transpose()?;
    let (mut days, mut failed) = (Vec::new(), None);
    let lived = live(study, &world, &future, &bench, &mut |day| {
        days.push((day.date, *day.figures));
        failed = keeper.as_ref().and_then(|keeper| keeper.keep(day).err());
        failed.is_none() && !stop.load(Ordering::Relaxed)
    })?;
    match (failed, lived) {
        (Some(error), _) => return Err(error),
        (None, None) => return Ok(None),
        (None, Some(_)) => {}
    }
    if let Some(keeper) = keeper {
        keeper.end(study, (draw, scenario), &days)?;
    }
    Ok(Some(days))
}

/// Puts days into a folder.
struct Keeper<'k> {
    folder: &'k Path,
    /// The settings and standing orders of the season in its scenario.
    season: CaseFiles,
}

impl<'k> Keeper<'k> {
    /// What an earlier replay said of the folder holds no more.
    fn open(study: &Study, scenario: usize, folder: &'k Path) -> Result<Self, ReplayError> {
        let season = season_files(study, scenario)?;
        std::fs::create_dir_all(folder).map_err(disk(folder))?;
        remove(&folder.join(ABOUT))?;
        Ok(Self { folder, season })
    }

    fn keep(&self, day: &Day<'_>) -> Result<(), ReplayError> {
        let named = |error| ReplayError::Day(day.date.to_string(), error);
        let mut files = day_files(self.season.clone(), day.case).map_err(named)?;
        let folder = self.folder.join(day.date.to_string());
        let plan = serde_json::to_vec(day.plan).map_err(|error| disk(&folder)(error.into()))?;
        files.files.insert(PLAN.to_owned(), plan);
        files.files.insert(HOURS.to_owned(), hours_csv(&hours(day)).into_bytes());
        for (name, bytes) in &files.files {
            put(&folder.join(name), bytes)?;
        }
        for name in SOMETIMES.into_iter().filter(|name| !files.files.contains_key(*name)) {
            remove(&folder.join(name))?;
        }
        Ok(())
    }

    fn end(
        &self,
        study: &Study,
        (draw, scenario): (u32, usize),
        days: &[(NaiveDate, DayFigures)],
    ) -> Result<(), ReplayError> {
        let about = Replay {
            kezek_replay: FORM,
            study: study.spec.name.clone(),
            study_digest: study.digest.clone(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: study.scenarios()[scenario].to_owned(),
            draw,
            days: days.to_vec(),
        };
        let path = self.folder.join(ABOUT);
        let text = serde_json::to_vec(&about).map_err(|error| disk(&path)(error.into()))?;
        Ok(put(&path, &text)?)
    }
}

/// Tables that not every day has: one that an earlier replay left would be read as this day's.
const SOMETIMES: [&str; 4] = ["kept.csv", "quotas.csv", "state.csv", "ties.csv"];

fn remove(path: &Path) -> Result<(), ResultsError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(disk(path)(error)),
        _ => Ok(()),
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), ResultsError> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, bytes)).map_err(disk(path))
}

/// The files of the base case, with the standing orders that come on top in a scenario.
fn season_files(study: &Study, scenario: usize) -> Result<CaseFiles, ReplayError> {
    let files = CaseFiles::from_folder(&study.beside(&study.spec.case))?;
    let named = scenario.checked_sub(1).map_or(&[][..], |at| &study.spec.scenario[at].schedules);
    let read = |name: &PathBuf| {
        let path = study.beside(name);
        let last = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((last, std::fs::read(&path).map_err(disk(&path))?))
    };
    let orders = named.iter().map(read).collect::<Result<Vec<_>, ResultsError>>()?;
    with_orders(files, orders).map_err(|error| ReplayError::Day("the season".to_owned(), error))
}

/// What came of a day, zone by zone.
fn hours(day: &Day<'_>) -> Vec<Hour> {
    let (case, grid) = (day.case, &day.case.grid);
    let mut hours = Vec::with_capacity(case.zones.len() * grid.len);
    for (z, zone) in case.zones.iter().enumerate() {
        let own: Vec<usize> =
            (0..case.facilities.len()).filter(|&f| case.facilities[f].zone == zone.id).collect();
        let mw = |kw: &dyn Fn(usize) -> i64| own.iter().map(|&f| kw(f)).sum::<i64>() as f64 / 1000.0;
        hours.extend((0..day.headroom_mw[z].len()).map(|t| Hour {
            interval_start: grid.instant(t),
            zone: zone.id.clone(),
            headroom_mw: day.headroom_mw[z][t],
            nominated_mw: mw(&|f| day.plan.allocations[f * grid.len + t].nominated.0),
            cut_mw: mw(&|f| day.cuts_kw[f][t]),
            uncovered_mw: whole_kw(day.uncovered_mw[z][t]),
            need_mw: whole_kw(day.need_mw[z][t]),
        }));
    }
    hours
}

impl Replay {
    /// Reads what a folder is a replay of.
    ///
    /// # Errors
    /// When it is none, or one of another form.
    pub fn read(folder: &Path) -> Result<Self, ReplayError> {
        let path = folder.join(ABOUT);
        let own: Self = json(&path)?;
        if own.kezek_replay != FORM {
            let found = format!("form {} where this version reads {FORM}", own.kezek_replay);
            return Err(ReplayError::Form { path, found });
        }
        Ok(own)
    }
}

impl Kept {
    /// Reads a day of a replay.
    ///
    /// # Errors
    /// When its files are not those of a day.
    pub fn read(replay: &Path, date: NaiveDate) -> Result<Self, ReplayError> {
        let folder = replay.join(date.to_string());
        let case = Case::read(&folder)?;
        let (plan, path) = (json(&folder.join(PLAN))?, folder.join(HOURS));
        let table = std::fs::read(&path).map_err(disk(&path))?;
        let all = read_hours(&table).map_err(|error| form(&path, &error))?;
        let of_zone = |id: &ZoneId| all.iter().filter(|hour| hour.zone == *id).cloned().collect();
        let hours: Vec<Vec<Hour>> = case.zones.iter().map(|zone| of_zone(&zone.id)).collect();
        if hours.iter().any(|own| !is_first_day(&case.grid, own)) {
            return Err(form(&path, &"not every interval of the day once for every zone"));
        }
        Ok(Self { case, plan, hours })
    }
}

/// Whether hours are those of the civil day that a horizon begins with.
fn is_first_day(grid: &TimeGrid, hours: &[Hour]) -> bool {
    let date = |t: usize| grid.civil_date(t, grid.time_zone);
    let day = (0..grid.len).take_while(|&t| date(t) == date(0)).map(|t| grid.instant(t));
    day.eq(hours.iter().map(|hour| hour.interval_start))
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ReplayError> {
    let text = std::fs::read(path).map_err(disk(path))?;
    serde_json::from_slice(&text).map_err(|error| form(path, &error))
}

fn form(path: &Path, found: &dyn std::fmt::Display) -> ReplayError {
    ReplayError::Form { path: path.to_owned(), found: found.to_string() }
}
