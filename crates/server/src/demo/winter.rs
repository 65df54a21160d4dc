//! A study of a winter to come, run beside the room once its week is over, so that its planners have one to look at.

use super::DemoError;
use kezek_study::lab::Study;
use kezek_study::lab::compare::{Metric, summary};
use kezek_study::lab::replay::replay;
use kezek_study::lab::results::Shard;
use kezek_study::lab::run::{Running, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Futures that are drawn: enough for a look, too few for a finding.
const DRAWS: u32 = 3;

/// The scenario whose worst draw is lived again, so that there is one to watch.
const WATCHED: &str = "cold";

/// Where results lie in the folder of a demo.
pub(super) fn folder(demo: &Path) -> PathBuf {
    demo.join("studies")
}

/// Stops what runs when it goes.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs the study of `examples/winter-study` on a thread of its own; one line about how that went. It stops when nobody waits
/// for it any more.
pub(super) async fn study(demo: &Path) -> String {
    let (demo, stop) = (demo.to_owned(), Stop(Arc::default()));
    let is_stopped = Arc::clone(&stop.0);
    let lived = tokio::task::spawn_blocking(move || lived(&demo, &is_stopped)).await;
    match lived {
        Ok(Ok(())) => {
            format!("A made-up winter was studied in {DRAWS} draws; planners find it under Studies.")
        }
        Ok(Err(error)) => format!("The study of a made-up winter broke off: {error}"),
        Err(_) => "The study of a made-up winter broke off".to_owned(),
    }
}

fn lived(demo: &Path, stop: &AtomicBool) -> Result<(), DemoError> {
    let (source, folder) = (demo.join("winter-study"), folder(demo));
    write(&source)
        .map_err(|error| DemoError::Io { what: format!("write {}", source.display()), source: error })?;
    let study = Study::read(&source.join("study.toml"))?;
    let progress = &mut |_| {};
    let ran = run(&study, &mut Running { shard: Shard::WHOLE, threads: 1, folder: &folder, stop, progress })?;
    // Somebody who waits no longer wants no replay either.
    let Some((results, _)) = ran else { return Ok(()) };
    let scenario = study.scenarios().iter().position(|name| *name == WATCHED).unwrap_or_default();
    let worst = Metric::named("uncovered_mwh").and_then(|metric| summary(&results, scenario, metric));
    let draw = worst.map_or(0, |own| own.worst.1);
    replay(&study, (draw, scenario), Some(&folder.join(format!("{WATCHED}-{draw}"))), stop)?;
    Ok(())
}

/// Writes `examples/winter-study` with few draws.
fn write(folder: &Path) -> std::io::Result<()> {
    macro_rules! example {
        ($name:literal) => {
            include_str!(concat!("../../../../examples/winter-study/", $name))
        };
    }
    fs::create_dir_all(folder.join("country"))?;
    fs::write(folder.join("study.toml"), few_draws(example!("study.toml")))?;
    fs::write(folder.join("errors.csv"), example!("errors.csv"))?;
    fs::write(folder.join("country/case.toml"), example!("country/case.toml"))?;
    fs::write(folder.join("country/facilities.csv"), example!("country/facilities.csv"))?;
    fs::write(folder.join("country/forecast.csv"), example!("country/forecast.csv"))
}

fn few_draws(study: &str) -> String {
    study.replace("\ndraws = 40\n", &format!("\ndraws = {DRAWS}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_few_draws_here() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        assert_eq!(Study::read(&folder.path().join("study.toml")).unwrap().spec.draws, DRAWS);
    }
}
