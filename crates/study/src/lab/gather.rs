//! The parts of a study joined: all of them, and of the same study.

use super::results::{Header, Results, ResultsError, Shard};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why parts can't be joined.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A part can't be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// All that does not fit, one line each.
    #[error("{}", .0.join("\n"))]
    Mixed(Vec<String>),
}

/// Most gaps that are named.
const MOST_NAMED: usize = 10;

/// Joins the parts of a study.
///
/// # Errors
/// When a part can't be read; all of what is mixed, missing or there twice.
pub fn gather(paths: &[PathBuf]) -> Result<Results, GatherError> {
    let parts: Result<Vec<Results>, ResultsError> = paths.iter().map(|path| Results::read(path)).collect();
    let parts = parts?;
    let Some(first) = parts.first() else {
        return Err(GatherError::Mixed(vec![
            "no files; name those that `kezek study run --shard` wrote".into(),
        ]));
    };
    let header = whole(&first.header);
    let mut faults: Vec<String> = Vec::new();
    for (path, part) in paths.iter().zip(&parts) {
        faults.extend(differences(&header, &whole(&part.header), path, &paths[0]));
    }
    let mut lived = BTreeMap::new();
    for (path, part) in paths.iter().zip(parts) {
        for (key, outcome) in part.lived {
            if lived.insert(key, outcome).is_some() {
                let (draw, scenario) = (key.0, name(&header, key.1));
                faults
                    .push(format!("{}: draw {draw} of {scenario} is in an earlier file too", path.display()));
            }
        }
    }
    let all = || (0..header.draws).flat_map(|draw| (0..header.scenarios.len()).map(move |at| (draw, at)));
    let missing: Vec<(u32, usize)> = all().filter(|key| !lived.contains_key(key)).collect();
    for (draw, scenario) in missing.iter().take(MOST_NAMED) {
        faults.push(format!("draw {draw} of {} is in no file", name(&header, *scenario)));
    }
    if missing.len() > MOST_NAMED {
        faults.push(format!("and {} more are in no file", missing.len() - MOST_NAMED));
    }
    if faults.is_empty() { Ok(Results { header, lived }) } else { Err(GatherError::Mixed(faults)) }
}

fn whole(header: &Header) -> Header {
    Header { shard: Shard::WHOLE, ..header.clone() }
}

fn name(header: &Header, scenario: usize) -> &str {
    header.scenarios.get(scenario).map_or("an unknown scenario", |own| own.0.as_str())
}

fn differences(header: &Header, other: &Header, path: &Path, first: &Path) -> Vec<String> {
    let differs = |what: &str, own: String, other: String| {
        (own != other)
            .then(|| format!("{}: {what} {other}, where {} has {own}", path.display(), first.display()))
    };
    let found: Vec<String> = [
        differs("study", header.study.clone(), other.study.clone()),
        differs("study digest", header.study_digest.clone(), other.study_digest.clone()),
        differs("engine", header.engine.clone(), other.engine.clone()),
        differs("draws", header.draws.to_string(), other.draws.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found.is_empty() && header != other {
        return vec![format!("{}: its first line differs from that of {}", path.display(), first.display())];
    }
    found
}
