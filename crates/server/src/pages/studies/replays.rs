//! Draws that planners have lived again and laid with the results, as `kezek study replay --out` writes them.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use kezek_pages::frame::encoded;
use kezek_study::lab::replay::Replay;

/// A replay in the folder of studies.
pub(in crate::pages) struct Laid {
    /// Its folder's name.
    pub(in crate::pages) name: String,
    /// Its folder.
    pub(in crate::pages) path: PathBuf,
    /// What it is of.
    pub(in crate::pages) about: Replay,
}

/// All of them, by name; what has no `replay.json` is none, or not finished.
pub(in crate::pages) fn laid(folder: Option<&Path>) -> Vec<Laid> {
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let one = |entry: fs::DirEntry| {
        let (name, path) = (entry.file_name().into_string().ok()?, entry.path());
        let about = Replay::read(&path).ok()?;
        Some(Laid { name, path, about })
    };
    let mut laid: Vec<Laid> = entries.into_iter().flatten().flatten().filter_map(one).collect();
    laid.sort_by(|a, b| a.name.cmp(&b.name));
    laid
}

/// Where a replay is watched, or one of its days.
pub(in crate::pages) fn path_of(laid: &Laid, date: Option<NaiveDate>) -> String {
    let path = format!("/studies/replays/{}", encoded(&laid.name));
    date.map_or_else(|| path.clone(), |date| format!("{path}?date={date}"))
}
