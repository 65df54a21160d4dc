//! What a study's file must be beyond its syntax; all faults together.

use super::{BASE, Errors, Of, Scenario, Spec, Study, Way, fault};
use crate::errors::{Basis, Columns, Day, Kind, Model, Series, choose};
use chrono::Timelike as _;
use kezek_model::canonical::{digest_of, sha256_hex};
use kezek_model::case::Case;
use kezek_model::fault::{Fault, Faults};
use kezek_model::grid::TimeGrid;
use kezek_model::ids::ZoneId;
use kezek_model::schedule::StandingOrder;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// Most futures of one study.
const MOST_DRAWS: u32 = 100_000;
/// Reads what the file refers to, and judges all of it.
pub(super) fn read(path: &Path, spec: Spec) -> Result<Study, Faults> {
    let mut notes = Notes { path, faults: Vec::new() };
    let case = notes.keep(Case::read(&notes.beside(&spec.case)));
    let time_zone = case.as_ref().map_or(chrono_tz::UTC, |case| case.grid.time_zone);
    let past: Vec<Option<(Model, String)>> =
        spec.errors.iter().map(|errors| notes.past(errors, time_zone, spec.seed)).collect();
    let orders: Vec<Vec<StandingOrder>> = spec.scenario.iter().map(|own| notes.orders(own)).collect();
    notes.plain(&spec);
    if let Some(case) = &case {
        notes.against(&spec, case);
    }
    let (Some(case), true) = (case, notes.faults.is_empty()) else { return Err(Faults(notes.faults)) };
    let (models, tables): (Vec<_>, Vec<_>) = past.into_iter().flatten().unzip();
    let said = Spec { draws: 0, ..spec.clone() };
    let digest = digest_of(&(said, case.digest().ok(), tables, &orders)).map_err(|error| {
        Faults(vec![fault(path, None, &error.to_string(), "numbers that can be written down")])
    })?;
    let days = days(&case.grid);
    Ok(Study { spec, case, models, orders, digest, days })
}

struct Notes<'a> {
    path: &'a Path,
    faults: Vec<Fault>,
}

impl Notes<'_> {
    fn beside(&self, file: &Path) -> std::path::PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(file)
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
        let basis = match errors.of {
            Of::Demand => Basis::Forecast,
            Of::Supply => Basis::MeanForecast,
        };
        let file = self.beside(&errors.file);
        let series = Series::parse_with(&text, &columns, basis);
        let days = series.map(|series| series.days(time_zone)).map_err(|error| error.to_string());
        let model = days.and_then(|days| match errors.model {
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

    /// What can be judged without the case.
    fn plain(&mut self, spec: &Spec) {
        if spec.draws == 0 || spec.draws > MOST_DRAWS {
            self.tell("draws", spec.draws, &format!("from 1 to {MOST_DRAWS}"));
        }
        if !(0.0..=1.0).contains(&spec.planning.gap) {
            self.tell("planning.gap", spec.planning.gap, "a share, from 0 to 1");
        }
        if spec.planning.toil == 0 {
            self.tell("planning.toil", 0, "at least 1");
        }
        if !(spec.money.income_per_mwh >= 0.0 && spec.money.income_per_mwh.is_finite()) {
            self.tell("money.income_per_mwh", spec.money.income_per_mwh, "money per MWh, at least 0");
        }
        self.names("scenario", [BASE].into_iter().chain(spec.scenario.iter().map(|own| own.name.as_str())));
        self.names("unit", spec.unit.iter().map(|own| own.name.as_str()));
        self.names("errors", spec.errors.iter().map(|own| own.name.as_str()));
        if let Some(weather) = &spec.weather {
            if !(0.0..1.0).contains(&weather.persistence) {
                self.tell("weather.persistence", weather.persistence, "a share, from 0 to below 1");
            }
            if !(0.0..=40.0).contains(&weather.spread_kelvin) {
                self.tell("weather.spread_kelvin", weather.spread_kelvin, "kelvin, from 0 to 40");
            }
        }
        for unit in &spec.unit {
            let key = |name: &str| format!("unit \"{}\", {name}", unit.name);
            if unit.zone.is_some() == unit.tie.is_some() {
                self.tell(&key("zone"), "both or none", "either `zone` or `tie`");
            }
            for (name, value) in [
                ("mw", unit.mw),
                ("mean_up_hours", unit.mean_up_hours),
                ("mean_down_hours", unit.mean_down_hours),
            ] {
                if !(value > 0.0 && value.is_finite()) {
                    self.tell(&key(name), value, "a number above 0");
                }
            }
        }
        for scenario in &spec.scenario {
            self.scenario(scenario, spec.weather.is_some());
        }
    }

    fn names<'n>(&mut self, what: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen = BTreeSet::new();
        for name in names {
            let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
            if what == "scenario" && (name.is_empty() || !name.chars().all(is_plain)) {
                self.tell("scenario.name", format!("\"{name}\""), "letters, digits, `-`, `_` and `.` only");
            }
            if !seen.insert(name) {
                self.tell(
                    &format!("{what}.name"),
                    format!("\"{name}\" twice"),
                    "every name once (`base` is taken)",
                );
            }
        }
    }

    fn scenario(&mut self, scenario: &Scenario, has_weather: bool) {
        let key = |name: &str| format!("scenario \"{}\", {name}", scenario.name);
        if scenario.colder_kelvin != 0.0 && !has_weather {
            self.tell(
                &key("colder_kelvin"),
                scenario.colder_kelvin,
                "a [weather] that says what a kelvin costs",
            );
        }
        if !(-40.0..=40.0).contains(&scenario.colder_kelvin) {
            self.tell(&key("colder_kelvin"), scenario.colder_kelvin, "from -40 to 40");
        }
        let times = scenario.headroom.iter().map(|own| ("headroom", own.from, own.to));
        let ties = scenario.tie.iter().map(|own| ("tie", own.from, own.to));
        let silences = scenario.silence.iter().map(|own| ("silence", Some(own.from), Some(own.to)));
        for (name, from, to) in times.chain(ties).chain(silences) {
            if let (Some(from), Some(to)) = (from, to)
                && from >= to
            {
                self.tell(&key(name), format!("{from} to {to}"), "a time that ends after it began");
            }
        }
        for change in &scenario.facilities {
            if let (Some(from), Some(to)) = (change.from, change.to)
                && from >= to
            {
                self.tell(
                    &key("facilities"),
                    format!("{from} to {to}"),
                    "a day after the first (`to` is exclusive)",
                );
            }
            if change.nominate_percent.is_none() && !change.suspended {
                self.tell(&key("facilities"), "no change", "`nominate_percent` or `suspended = true`");
            }
            if change.nominate_percent.is_some_and(|percent| !(0.0..=1000.0).contains(&percent)) {
                self.tell(&key("facilities"), "nominate_percent out of range", "from 0 to 1000");
            }
        }
        let mw =
            scenario.headroom.iter().map(|own| own.add_mw).chain(scenario.tie.iter().map(|own| own.add_mw));
        if mw.into_iter().any(|mw| !mw.is_finite() || mw.abs() > 1e6) {
            self.tell(&key("add_mw"), "a number out of range", "MW, at most a million");
        }
    }

    /// What must be known to the case.
    fn against(&mut self, spec: &Spec, case: &Case) {
        if case.scenarios.len() > 1 {
            self.tell(
                "case",
                format!("{} scenarios in forecast.csv", case.scenarios.len()),
                "a case with one forecast",
            );
        }
        let midnight = |at: chrono::DateTime<chrono::Utc>| {
            at.with_timezone(&case.grid.time_zone).time().num_seconds_from_midnight() == 0
        };
        if !midnight(case.grid.start) || !midnight(case.grid.end()) {
            self.tell("case", "a horizon of parts of days", "a horizon of whole civil days of its clock");
        }
        let zone = |notes: &mut Self, key: String, zone: &ZoneId| {
            if case.zone_index(zone).is_none() {
                let known: Vec<&str> = case.zones.iter().map(|own| own.id.as_str()).collect();
                notes.tell(&key, format!("zone \"{zone}\""), &format!("one of {}", known.join(", ")));
            }
        };
        let tie = |notes: &mut Self, key: String, tie: &kezek_model::ids::TieId| {
            if !case.ties.iter().any(|own| own.id == *tie) {
                let known: Vec<&str> = case.ties.iter().map(|own| own.id.as_str()).collect();
                notes.tell(&key, format!("tie \"{tie}\""), &format!("one of {}", known.join(", ")));
            }
        };
        let shares = |notes: &mut Self, key: String, of: &BTreeMap<ZoneId, f64>| {
            for (id, mw) in of {
                zone(notes, key.clone(), id);
                if !(mw.is_finite() && *mw >= 0.0) {
                    notes.tell(&key, mw, "MW, at least 0");
                }
            }
        };
        if let Some(weather) = &spec.weather {
            shares(self, "weather.mw_per_kelvin".into(), &weather.mw_per_kelvin);
        }
        for errors in &spec.errors {
            shares(self, format!("errors \"{}\", base_mw", errors.name), &errors.base_mw);
        }
        for unit in &spec.unit {
            let key = format!("unit \"{}\"", unit.name);
            unit.zone.iter().for_each(|own| zone(self, key.clone(), own));
            unit.tie.iter().for_each(|own| tie(self, key.clone(), own));
        }
        for scenario in &spec.scenario {
            let key = format!("scenario \"{}\"", scenario.name);
            scenario.headroom.iter().for_each(|own| zone(self, key.clone(), &own.zone));
            scenario.tie.iter().for_each(|own| tie(self, key.clone(), &own.tie));
            for change in &scenario.facilities {
                change.zones.iter().for_each(|own| zone(self, key.clone(), own));
                for facility in change.names.iter().filter(|own| case.facility_index(own).is_none()) {
                    let near = case
                        .nearest_facility(facility)
                        .map_or(String::new(), |near| format!(", perhaps {near}"));
                    self.tell(
                        &key,
                        format!("facility \"{facility}\""),
                        &format!("a facility of the case{near}"),
                    );
                }
            }
        }
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
