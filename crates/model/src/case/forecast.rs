//! `forecast.csv`: the headroom of every zone, in one future or in several.

use super::Scenario;
use super::known::{Known, Reference};
use super::log::FaultLog;
use super::series::{Series, Told};
use super::table::{Columns, Head, Row, Table};
use super::value::{self, POWER, PROBABILITY, SIGNED_POWER, quoted};
use crate::grid::TimeGrid;
use std::collections::BTreeMap;

/// The name of the file.
pub(super) const FILE: &str = "forecast.csv";

const PARTS: [&str; 4] = ["supply_mw", "import_mw", "demand_mw", "reserve_mw"];

const COLUMNS: Columns = Columns {
    required: &["interval_start", "zone"],
    optional: &[
        "headroom_mw",
        "supply_mw",
        "import_mw",
        "demand_mw",
        "reserve_mw",
        "scenario",
        "probability",
        "published_at",
    ],
};

/// Most scenarios of a case.
const MOST: usize = 1000;

/// A scenario as its first row tells it.
struct Future {
    place: usize,
    probability: Option<f64>,
    row: u64,
}

/// What has been read so far.
struct Reading<'a> {
    grid: Option<&'a TimeGrid>,
    zones: Option<&'a Known>,
    /// Most values that are kept.
    most_cells: usize,
    futures: BTreeMap<String, Future>,
    probabilities_hold: bool,
    series: Series<f64>,
}

/// Reads the scenarios, sorted by name; a single one without name unless the case is stochastic.
pub(super) fn read(
    bytes: &[u8],
    grid: Option<&TimeGrid>,
    zones: Option<&Known>,
    most_cells: usize,
    log: &FaultLog,
) -> Vec<Scenario> {
    let Some(table) = Table::open(FILE, bytes, COLUMNS, log) else { return Vec::new() };
    check_header(&table.head);
    let stochastic = table.head.has("scenario") || table.head.has("probability");
    let placeable = table.head.has("interval_start") && table.head.has("zone");
    let mut reading = Reading {
        grid,
        zones,
        most_cells,
        futures: BTreeMap::new(),
        probabilities_hold: table.head.has("scenario") && table.head.has("probability"),
        series: Series::new(),
    };
    if !stochastic {
        reading.futures.insert(String::new(), Future { place: 0, probability: Some(1.0), row: 1 });
    }
    let broken = table.each(|row| reading.take(row, stochastic));
    reading.series.lose(broken);
    if placeable { reading.finish(log) } else { Vec::new() }
}

fn check_header(head: &Head<'_>) {
    let parts: Vec<&str> = PARTS.into_iter().filter(|part| head.has(part)).collect();
    if head.has("headroom_mw") && !parts.is_empty() {
        let found = format!("headroom_mw beside {}", parts.join(", "));
        let expected = format!("either headroom_mw or all of {}, never both", PARTS.join(", "));
        head.tell(Some(1), Some("headroom_mw"), found, expected);
    } else if head.has_strangers {
        // The unknown column may be what is missing here.
    } else if parts.is_empty() && !head.has("headroom_mw") {
        let expected = format!("this column, or all of {} in its place", PARTS.join(", "));
        head.tell(Some(1), Some("headroom_mw"), "no such column", expected);
    } else if !parts.is_empty() {
        for part in PARTS.into_iter().filter(|part| !head.has(part)) {
            let expected = format!(
                "this column beside {}: headroom = supply + import - demand - reserve",
                parts.join(", ")
            );
            head.tell(Some(1), Some(part), "no such column", expected);
        }
    }
    for (column, other) in [("scenario", "probability"), ("probability", "scenario")] {
        if head.has(other) && !head.has(column) && !head.has_strangers {
            let expected = format!("this column beside {other}: a stochastic case has both");
            head.tell(Some(1), Some(column), "no such column", expected);
        }
    }
}

impl Reading<'_> {
    fn take(&mut self, row: &Row<'_>, stochastic: bool) {
        let zone = Known::find(self.zones, row, "zone");
        let future = if stochastic { self.future(row) } else { Some(0) };
        let value = headroom(row).unwrap_or_default();
        row.instant("published_at");
        let key = match (zone, future, self.zones) {
            (Reference::To(zone), Some(future), Some(zones)) => Reference::To(future * zones.len() + zone),
            _ => Reference::Lost,
        };
        self.series.put(row, self.grid, key, "zone", value);
    }

    /// The scenario of a row; `None` where a fault was told.
    fn future(&mut self, row: &Row<'_>) -> Option<usize> {
        let probability = row.required("probability", |text| value::number(text, PROBABILITY));
        self.probabilities_hold &= probability.is_some();
        let name = row.required("scenario", value::name)?;
        if let Some(future) = self.futures.get(name) {
            if let (Some(first), Some(other)) = (future.probability, probability)
                && first != other
            {
                self.probabilities_hold = false;
                row.tell_name("probability", || {
                    format!("{first} for scenario {} as in row {}", quoted(name), future.row)
                });
            }
            return Some(future.place);
        }
        self.add_future(row, name, probability)
    }

    fn add_future(&mut self, row: &Row<'_>, name: &str, probability: Option<f64>) -> Option<usize> {
        let place = self.futures.len();
        let cells = (place + 1) * self.zones.map_or(0, Known::len) * self.grid.map_or(0, |grid| grid.len);
        if place >= MOST || cells > self.most_cells {
            let most = format!("at most {MOST} scenarios and {} values", self.most_cells);
            let fault = row.head.fault(Some(row.number), Some("scenario"), "one scenario more", "");
            row.head.log.tell_name(fault, || most);
            self.probabilities_hold = false;
            return None;
        }
        self.futures.insert(name.to_owned(), Future { place, probability, row: row.number });
        Some(place)
    }

    fn finish(self, log: &FaultLog) -> Vec<Scenario> {
        let (Some(grid), Some(zones)) = (self.grid, self.zones) else { return Vec::new() };
        let told = Told { log, file: FILE, grid };
        let mut has_gaps = false;
        let mut scenarios = Vec::new();
        for (name, future) in &self.futures {
            for zone in 0..zones.len() {
                let scenario =
                    if name.is_empty() { String::new() } else { format!(", scenario {}", quoted(name)) };
                let label = format!("zone {}{scenario}", quoted(zones.name(zone)));
                has_gaps |= self.series.tell_gap(&told, future.place * zones.len() + zone, &label);
            }
            let values = |zone| self.series.values(future.place * zones.len() + zone).unwrap_or_default();
            let headroom_mw = (0..zones.len()).map(values).collect();
            let probability = future.probability.unwrap_or_default();
            scenarios.push(Scenario { id: name.clone(), probability, headroom_mw });
        }
        if self.probabilities_hold && !has_gaps {
            check_sum(&scenarios, log);
        }
        scenarios
    }
}

fn check_sum(scenarios: &[Scenario], log: &FaultLog) {
    let sum: f64 = scenarios.iter().map(|scenario| scenario.probability).sum();
    if (sum - 1.0).abs() > 1.000_001e-6 && !scenarios.is_empty() {
        let (file, column) = (FILE.to_owned(), Some("probability".to_owned()));
        let found = format!("{} scenarios with {sum} together", scenarios.len());
        let expected = "probabilities that are 1 together".to_owned();
        log.tell(crate::fault::Fault { file, row: None, column, found, expected });
    }
}

fn headroom(row: &Row<'_>) -> Option<f64> {
    let mw = |column, bounds| row.required(column, |text| value::number(text, bounds));
    if row.head.has("headroom_mw") {
        return mw("headroom_mw", SIGNED_POWER);
    }
    let (supply, import) = (mw("supply_mw", POWER), mw("import_mw", SIGNED_POWER));
    let (demand, reserve) = (mw("demand_mw", POWER), mw("reserve_mw", POWER));
    // Beyond a milliwatt only the noise of binary fractions is left.
    let headroom = supply? + import? - demand? - reserve?;
    Some((headroom * 1e9).round() / 1e9 + 0.0)
}
