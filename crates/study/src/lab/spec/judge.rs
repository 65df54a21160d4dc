//! What a study's file must be beyond its syntax; all faults together.

mod against;
mod alone;

use super::{Errors, Scenario, Spec, Study, Way, fault};
use crate::errors::{Columns, Day, Kind, Model, Past, choose};
use kezek_model::canonical::{digest_of, sha256_hex};
use kezek_model::case::Case;
use kezek_model::fault::{Fault, Faults};
use kezek_model::grid::TimeGrid;
use kezek_model::schedule::StandingOrder;
use std::ops::Range;
use std::path::Path;

/// Reads what the file refers to, and judges all of it.
pub(super) fn read(path: &Path, spec: Spec) -> Result<Study, Faults> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut notes = Notes { path, folder, faults: Vec::new(), left_out: Vec::new() };
    let case = notes.keep(Case::read(&notes.beside(&spec.case)));
    let time_zone = case.as_ref().map_or(chrono_tz::UTC, |case| case.grid.time_zone);
    let past: Vec<Option<(Model, String)>> =
        spec.errors.iter().map(|errors| notes.past(errors, time_zone, spec.seed)).collect();
    let orders: Vec<Vec<StandingOrder>> = spec.scenario.iter().map(|own| notes.orders(own)).collect();
    notes.alone(&spec);
    if let Some(case) = &case {
        notes.against(&spec, &orders, case);
    }
    let Notes { faults, left_out, .. } = notes;
    let (Some(case), true) = (case, faults.is_empty()) else { return Err(Faults(faults)) };
    let (models, tables): (Vec<_>, Vec<_>) = past.into_iter().flatten().unzip();
    let said = Spec { draws: 0, ..spec.clone() };
    let digest = digest_of(&(said, case.digest().ok(), tables, &orders)).map_err(|error| {
        Faults(vec![fault(path, None, &error.to_string(), "numbers that can be written down")])
    })?;
    let days = days(&case.grid);
    let folder = folder.to_owned();
    Ok(Study { spec, case, models, left_out, orders, digest, days, folder })
}

struct Notes<'a> {
    path: &'a Path,
    folder: &'a Path,
    faults: Vec<Fault>,
    left_out: Vec<String>,
}

impl Notes<'_> {
    fn beside(&self, file: &Path) -> std::path::PathBuf {
        self.folder.join(file)
    }

    fn keep<T>(&mut self, read: Result<T, Faults>) -> Option<T> {
        read.map_err(|faults| self.faults.extend(faults.0)).ok()
    }

    fn tell(&mut self, key: &str, found: impl ToString, expected: &str) {
        self.faults.push(fault(self.path, Some(key), &found.to_string(), expected));
    }

    fn text(&mut self, file: &Path, expected: &str) -> Option<String> {
        let path = self.beside(file);
        let read = std::fs::read_to_string(&path);
        read.map_err(|error| self.faults.push(fault(&path, None, &error.to_string(), expected))).ok()
    }

    /// What some errors are drawn from, and the digest of their table.
    fn past(&mut self, errors: &Errors, time_zone: chrono_tz::Tz, seed: u64) -> Option<(Model, String)> {
        let text = self.text(&errors.file, "a table of past forecasts")?;
        let columns = Columns {
            time: errors.time.clone(),
            forecast: errors.forecast.clone(),
            actual: errors.actual.clone(),
        };
        let file = self.beside(&errors.file);
        let past =
            Past::read(&text, &columns, errors.of.basis(), time_zone).map_err(|error| error.to_string());
        let told = past.as_ref().ok().and_then(Past::left_out);
        self.left_out.extend(told.map(|told| format!("{}: {told}", file.display())));
        let model = past.map(|past| past.days).and_then(|days| match errors.model {
            Way::Best => choose(&days, seed).map(|choice| choice.chosen).map_err(|few| few.to_string()),
            Way::Blocks => Model::fit(Kind::Blocks(errors.block_days), &days).ok_or_else(|| few(&days)),
            Way::Parametric => Model::fit(Kind::HourlyAndDaily, &days).ok_or_else(|| few(&days)),
        });
        let told = |error: String| {
            self.faults.push(fault(&file, None, &error, "a table that errors can be drawn from"));
        };
        Some((model.map_err(told).ok()?, sha256_hex(text.as_bytes())))
    }

    fn orders(&mut self, scenario: &Scenario) -> Vec<StandingOrder> {
        let read = |file: &std::path::PathBuf| {
            let text = self.text(file, "a standing order")?;
            let name = self.beside(file).display().to_string();
            self.keep(StandingOrder::parse(&name, &text))
        };
        scenario.schedules.iter().filter_map(read).collect()
    }
}

fn few(days: &[Day]) -> String {
    format!("{} whole days; two are the fewest, and a block is at least one", days.len())
}

/// The intervals of each civil day.
fn days(grid: &TimeGrid) -> Vec<Range<usize>> {
    let date = |t: usize| grid.civil_date(t, grid.time_zone);
    let mut days: Vec<Range<usize>> = Vec::new();
    for t in 0..grid.len {
        match days.last_mut() {
            Some(day) if date(day.start) == date(t) => day.end = t + 1,
            _ => days.push(t..t + 1),
        }
    }
    days
}
