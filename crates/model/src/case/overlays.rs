//! `nominations.csv`, `quotas.csv`, `kept.csv` and `ties.csv`: series laid over the constants.

use super::known::Known;
use super::log::FaultLog;
use super::series::{Series, Told};
use super::table::{Columns, Row, Table};
use super::value::{self, POWER};
use crate::grid::TimeGrid;
use crate::units::Kw;

/// The name of the nominations' file.
pub(super) const NOMINATIONS: &str = "nominations.csv";
/// The name of the quotas' file.
pub(super) const QUOTAS: &str = "quotas.csv";
/// The name of the file of cuts already ordered.
pub(super) const KEPT: &str = "kept.csv";
/// The name of the ties' file.
pub(super) const TIES: &str = "ties.csv";

const POWERS: Columns = Columns { required: &["interval_start", "facility", "mw"], optional: &[] };
const CUTS: Columns = Columns { required: &["interval_start", "facility", "cut_mw"], optional: &[] };
const LIMITS: Columns =
    Columns { required: &["interval_start", "tie", "limit_mw", "reverse_limit_mw"], optional: &[] };

/// The limits of a tie in one interval, there and back; `None` for no limit.
pub(super) type Limits = (Option<f64>, Option<f64>);

/// What the overlays are read with.
pub(super) struct Overlays<'a> {
    pub(super) grid: Option<&'a TimeGrid>,
    pub(super) facilities: Option<&'a Known>,
    pub(super) ties: Option<&'a Known>,
    pub(super) log: &'a FaultLog,
}

impl Overlays<'_> {
    /// The nominations; `None` where the file could not be read.
    pub(super) fn nominations(&self, bytes: &[u8]) -> Option<Series<Kw>> {
        let table = Table::open(NOMINATIONS, bytes, POWERS, self.log)?;
        let whole = table.head.has("interval_start") && table.head.has("facility");
        let read = |row: &Row<'_>| row.required("mw", |text| value::kw(text, POWER));
        let series = Series::read(table, self.grid, self.facilities, "facility", read);
        self.tell_gaps(NOMINATIONS, &series, self.facilities, "facility", whole);
        whole.then_some(series)
    }

    /// The quotas, blank cells for none.
    pub(super) fn quotas(&self, bytes: &[u8]) -> Option<Series<Option<Kw>>> {
        let table = Table::open(QUOTAS, bytes, POWERS, self.log)?;
        let whole = table.head.has("interval_start") && table.head.has("facility");
        let read = |row: &Row<'_>| Some(row.kw("mw", POWER));
        let series = Series::read(table, self.grid, self.facilities, "facility", read);
        self.tell_gaps(QUOTAS, &series, self.facilities, "facility", whole);
        Some(series)
    }

    /// The limits of ties, blank cells for none.
    pub(super) fn limits(&self, bytes: &[u8]) -> Option<Series<Limits>> {
        let table = Table::open(TIES, bytes, LIMITS, self.log)?;
        let whole = table.head.has("interval_start") && table.head.has("tie");
        let read =
            |row: &Row<'_>| Some((row.number("limit_mw", POWER), row.number("reverse_limit_mw", POWER)));
        let series = Series::read(table, self.grid, self.ties, "tie", read);
        self.tell_gaps(TIES, &series, self.ties, "tie", whole);
        Some(series)
    }

    /// The cuts already ordered, which need not name every interval.
    pub(super) fn kept(&self, bytes: &[u8]) -> Option<Series<Kw>> {
        let table = Table::open(KEPT, bytes, CUTS, self.log)?;
        let read = |row: &Row<'_>| row.required("cut_mw", |text| value::kw(text, POWER));
        Some(Series::read(table, self.grid, self.facilities, "facility", read))
    }

    fn tell_gaps<T: Clone + Default>(
        &self,
        file: &str,
        series: &Series<T>,
        known: Option<&Known>,
        what: &str,
        whole: bool,
    ) {
        let (Some(grid), Some(known), true) = (self.grid, known, whole) else { return };
        let told = Told { log: self.log, file, grid };
        for key in series.keys() {
            series.tell_gap(&told, key, &format!("{what} {}", value::quoted(known.name(key))));
        }
    }
}
