//! A case from its files: read everything, tell every fault, put together what holds.

use super::facilities::{self, Entry, Register};
use super::known::Known;
use super::log::FaultLog;
use super::network::Line;
use super::overlays::{self, Limits, Overlays};
use super::series::Series;
use super::settings::{self, Settings};
use super::{Case, CaseFiles, Facility, Ledger, Scenario, State, Tie, forecast, history};
use crate::fault::{Fault, Faults};
use crate::grid::TimeGrid;
use crate::schedule::StandingOrder;
use crate::units::Kw;
use std::collections::BTreeMap;
use std::path::Path;

/// Most values of a series over all its names: facilities x intervals, scenarios x zones x intervals.
const MOST_CELLS: usize = 10_000_000;

impl Case {
    /// Reads a case from its folder.
    ///
    /// # Errors
    /// As [`CaseFiles::from_folder`] and [`Case::parse`].
    pub fn read(folder: &Path) -> Result<Self, Faults> {
        Self::parse(&CaseFiles::from_folder(folder)?)
    }

    /// Reads a case from the contents of its files; touches no disk.
    ///
    /// # Errors
    /// All faults of the case together, in the order of files and rows, at most a thousand.
    pub fn parse(files: &CaseFiles) -> Result<Self, Faults> {
        let log = FaultLog::default();
        let case = draft(files, &log);
        match case {
            Some(case) if log.is_empty() => Ok(case),
            _ => Err(log.into_faults()),
        }
    }
}

/// What has been read of the optional files.
struct Layers {
    nominations: Option<Series<Kw>>,
    quotas: Option<Series<Option<Kw>>>,
    kept: Option<Series<Kw>>,
    limits: Option<Series<Limits>>,
    states: BTreeMap<usize, State>,
    ledgers: BTreeMap<usize, Ledger>,
}

/// The case; of no use where a fault was told.
fn draft(files: &CaseFiles, log: &FaultLog) -> Option<Case> {
    let mut settings = Settings::read(files.get(settings::FILE), log);
    let zones = known_zones(&settings);
    let register = required(files, facilities::FILE, log)
        .map(|bytes| facilities::read(bytes, zones.as_ref(), log))
        .unwrap_or_default();
    settings.grid = settings.grid.take().filter(|grid| is_bounded(grid, &settings, &register, log));
    let grid = settings.grid.as_ref();
    let scenarios = required(files, forecast::FILE, log)
        .map(|bytes| forecast::read(bytes, grid, zones.as_ref(), MOST_CELLS, log))
        .unwrap_or_default();
    let layers = layers(files, &settings, &register, log);
    check_nominations(files, &register, &layers, log);
    let schedules = schedules(files, &settings, log);
    assemble(settings, register, scenarios, layers, schedules)
}

/// The bytes of a file that has to be there; its absence is told.
pub(super) fn required<'f>(files: &'f CaseFiles, file: &str, log: &FaultLog) -> Option<&'f [u8]> {
    let bytes = files.get(file);
    if bytes.is_none() {
        tell(log, file, None, None, "no such file", "this file in the case");
    }
    bytes
}

/// Tells a fault of a file.
pub(super) fn tell(
    log: &FaultLog,
    file: &str,
    row: Option<u64>,
    column: Option<&str>,
    found: &str,
    expected: &str,
) {
    let column = column.map(str::to_owned);
    log.tell(Fault {
        file: file.to_owned(),
        row,
        column,
        found: found.to_owned(),
        expected: expected.to_owned(),
    });
}

/// Whether all series of the case fit into memory.
pub(super) fn is_bounded(grid: &TimeGrid, settings: &Settings, register: &Register, log: &FaultLog) -> bool {
    let zones = settings.zones.as_ref().map_or(0, Vec::len);
    let ties = settings.ties.as_ref().map_or(0, Vec::len);
    let names = register.entries.len().max(zones).max(ties);
    let fits = names.saturating_mul(grid.len) <= MOST_CELLS;
    if !fits {
        let found = format!("{names} names over {} intervals", grid.len);
        let expected =
            format!("at most {MOST_CELLS} values in a series: shorten the horizon or split the case");
        tell(log, settings::FILE, None, Some("horizon"), &found, &expected);
    }
    fits
}

fn layers(files: &CaseFiles, settings: &Settings, register: &Register, log: &FaultLog) -> Layers {
    let (grid, known) = (settings.grid.as_ref(), register.known.as_ref());
    let ties = known_ties(settings);
    let overlays = Overlays { grid, facilities: known, ties: ties.as_ref(), log };
    Layers {
        nominations: files.get(overlays::NOMINATIONS).and_then(|bytes| overlays.nominations(bytes)),
        quotas: files.get(overlays::QUOTAS).and_then(|bytes| overlays.quotas(bytes)),
        kept: files.get(overlays::KEPT).and_then(|bytes| overlays.kept(bytes)),
        limits: files.get(overlays::TIES).and_then(|bytes| overlays.limits(bytes)),
        states: files.get(history::STATE).map(|b| history::states(b, grid, known, log)).unwrap_or_default(),
        ledgers: files.get(history::LEDGER).map(|b| history::ledgers(b, known, log)).unwrap_or_default(),
    }
}

/// The names of the zones.
pub(super) fn known_zones(settings: &Settings) -> Option<Known> {
    let zones = settings.zones.as_deref()?;
    Some(Known::new("the id of a [[zone]] of case.toml", zones.iter().map(|zone| zone.id.as_str())))
}

/// The names of the ties.
pub(super) fn known_ties(settings: &Settings) -> Option<Known> {
    let ties = settings.ties.as_deref()?;
    Some(Known::new("the id of a [[tie]] of case.toml", ties.iter().map(|tie| tie.id.as_str())))
}

/// A nomination may be blank only where `nominations.csv` has the facility.
fn check_nominations(files: &CaseFiles, register: &Register, layers: &Layers, log: &FaultLog) {
    let unreadable = files.get(overlays::NOMINATIONS).is_some() && layers.nominations.is_none();
    let lost = layers.nominations.as_ref().is_some_and(Series::has_lost);
    if unreadable || lost {
        return;
    }
    for (place, entry) in register.entries.iter().enumerate() {
        let named = layers.nominations.as_ref().is_some_and(|series| series.names(place));
        if entry.nomination_is_blank && !named {
            let expected = "MW, or rows for this facility in nominations.csv";
            tell(log, facilities::FILE, Some(entry.row), Some("nominated_mw"), "a blank cell", expected);
        }
    }
}

/// The standing orders, sorted by number.
fn schedules(files: &CaseFiles, settings: &Settings, log: &FaultLog) -> Vec<StandingOrder> {
    let mut orders: BTreeMap<String, (&str, StandingOrder)> = BTreeMap::new();
    for (name, row) in &settings.schedules {
        let Some(order) = schedule(files, name, *row, log) else { continue };
        if let Some((earlier, _)) = orders.get(&order.number) {
            let found = format!("{:?}, the number of {earlier} too", order.number);
            tell(log, name, None, Some("number"), &found, "a number of its own for every schedule");
        } else {
            orders.insert(order.number.clone(), (name, order));
        }
    }
    orders.into_values().map(|(_, order)| order).collect()
}

fn schedule(files: &CaseFiles, name: &str, row: u64, log: &FaultLog) -> Option<StandingOrder> {
    let Some(bytes) = files.get(name) else {
        let found = format!("{name:?}, and there is no such file");
        let expected =
            "the path of a schedule, relative to the folder of the case: correct it or put the file there";
        tell(log, settings::FILE, Some(row), Some("schedules"), &found, expected);
        return None;
    };
    let text = super::document::toml_text(name, bytes, log)?;
    StandingOrder::parse(name, text).map_err(|faults| log.tell_all(faults)).ok()
}

fn assemble(
    settings: Settings,
    register: Register,
    scenarios: Vec<Scenario>,
    layers: Layers,
    schedules: Vec<StandingOrder>,
) -> Option<Case> {
    let grid = settings.grid?;
    let entries = register.entries.into_iter().enumerate();
    let facilities = entries.map(|(place, entry)| facility(place, entry, &layers, grid.len)).collect();
    let lines = settings.ties?.into_iter().enumerate();
    let ties = lines.map(|(place, line)| tie(place, line, layers.limits.as_ref(), grid.len)).collect();
    Some(Case {
        name: settings.name?,
        issued_at: settings.issued_at?,
        grid,
        objective: settings.objective?,
        solver: settings.solver,
        zones: settings.zones?,
        ties,
        tier_adder_per_mwh: settings.tiers,
        facilities,
        scenarios,
        risk: settings.risk,
        auction: settings.auction,
        schedules,
    })
}

fn facility(place: usize, entry: Entry, layers: &Layers, len: usize) -> Facility {
    let nominations = layers.nominations.as_ref().and_then(|series| series.values(place));
    let quotas = layers.quotas.as_ref().and_then(|series| series.values(place));
    let kept = layers.kept.as_ref().and_then(|series| series.sparse(place));
    Facility {
        nomination_kw: nominations.unwrap_or_else(|| vec![entry.nominated_kw.unwrap_or_default(); len]),
        quota_kw: quotas.unwrap_or_else(|| vec![entry.quota_kw; len]),
        kept_kw: kept.unwrap_or_else(|| vec![None; len]),
        state: layers.states.get(&place).copied().unwrap_or_default(),
        ledger: layers.ledgers.get(&place).copied().unwrap_or_default(),
        ..entry.facility
    }
}

/// A tie with its limits spread over the intervals.
pub(super) fn tie(place: usize, line: Line, limits: Option<&Series<Limits>>, len: usize) -> Tie {
    let limits = limits.and_then(|series| series.values(place));
    let constant = (Some(line.limit_mw), Some(line.reverse_limit_mw));
    let (limit_mw, reverse_limit_mw) = limits.unwrap_or_else(|| vec![constant; len]).into_iter().unzip();
    Tie { id: line.id, from: line.from, to: line.to, limit_mw, reverse_limit_mw }
}
