//! `STUDY.toml`: the base case, what may happen, and the scenarios.

mod judge;

use crate::errors::{Basis, Model};
use chrono::{NaiveDateTime, NaiveTime};
use kezek_model::case::{Case, Policy};
use kezek_model::fault::{Fault, Faults};
use kezek_model::ids::{FacilityId, TieId, ZoneId};
use kezek_model::schedule::StandingOrder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Name of the scenario that changes nothing.
pub const BASE: &str = "base";

/// A study as its file says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What people call it.
    pub name: String,
    /// The folder of the base case, beside the file. Its horizon is the season: whole civil days.
    pub case: PathBuf,
    /// How many futures are drawn.
    pub draws: u32,
    /// Of all that is drawn.
    pub seed: u64,
    /// How the days are planned.
    #[serde(default)]
    pub planning: Planning,
    /// What money is counted beside the objective.
    #[serde(default)]
    pub money: Money,
    /// Weather that the day-ahead forecast knows.
    #[serde(default)]
    pub weather: Option<Weather>,
    /// What the day-ahead forecast misses.
    #[serde(default)]
    pub errors: Vec<Errors>,
    /// What may fail.
    #[serde(default)]
    pub unit: Vec<Unit>,
    /// What is compared with the base.
    #[serde(default)]
    pub scenario: Vec<Scenario>,
}

/// `[planning]`: every civil day of the case's clock is planned on the day before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Planning {
    /// Civil time, on the day before, at which the orders leave.
    pub issued: NaiveTime,
    /// A day's plan ends at this proven relative gap.
    pub gap: f64,
    /// Or after so many facility-intervals for which courses were asked (counted work: a clock would make other plans on
    /// other machines).
    pub toil: u64,
    /// Days that burden looks back on; the whole season and the case's ledger where it is left out.
    pub window_days: Option<u32>,
    /// Hours of the next day that a day's plan looks at too, and that the next day's plan decides anew; at most 24.
    pub lookahead_hours: u32,
}

impl Default for Planning {
    fn default() -> Self {
        Self {
            issued: NaiveTime::from_hms_opt(14, 0, 0).unwrap_or_default(),
            gap: 0.01,
            toil: 200_000,
            window_days: None,
            lookahead_hours: 0,
        }
    }
}

/// `[money]`, in the currency of the case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Money {
    /// What a MWh that was not mined with would have brought, as an association of miners would count a loss.
    pub income_per_mwh: f64,
}

/// `[weather]`: how much colder or warmer a day is than the season's mean, the same in all zones and known a day ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weather {
    /// MW of demand that a kelvin less adds, by zone.
    pub mw_per_kelvin: BTreeMap<ZoneId, f64>,
    /// Standard deviation of a day's temperature about the mean.
    #[serde(default)]
    pub spread_kelvin: f64,
    /// Share of a day's deviation that the next one keeps (first-order autoregression).
    #[serde(default)]
    pub persistence: f64,
}

/// `[[errors]]`: past errors of a forecast, drawn again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// What people call the forecast.
    pub name: String,
    /// A table of past forecasts, beside the file: start of the interval, forecast, actual.
    pub file: PathBuf,
    /// Column with the start of the interval.
    #[serde(default = "time")]
    pub time: String,
    /// Column with what was forecast, in MW.
    #[serde(default = "forecast")]
    pub forecast: String,
    /// Column with what came, in MW.
    #[serde(default = "actual")]
    pub actual: String,
    /// What was forecast.
    pub of: Of,
    /// MW that the errors are shares of, by zone.
    pub base_mw: BTreeMap<ZoneId, f64>,
    /// How they are drawn.
    #[serde(default)]
    pub model: Way,
    /// Days in succession that `blocks` draws together.
    #[serde(default = "one")]
    pub block_days: usize,
}

fn one() -> usize {
    1
}

fn time() -> String {
    "time".into()
}
fn forecast() -> String {
    "forecast_mw".into()
}
fn actual() -> String {
    "actual_mw".into()
}

/// What a forecast is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// More than forecast leaves less headroom; errors are shares of each forecast.
    Demand,
    /// More than forecast leaves more headroom; errors are shares of the mean forecast, as a calm has none.
    Supply,
}

impl Of {
    /// What its errors are a share of.
    #[must_use]
    pub fn basis(self) -> Basis {
        match self {
            Self::Demand => Basis::Forecast,
            Self::Supply => Basis::MeanForecast,
        }
    }

    /// Which way a MW more than forecast moves headroom.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Demand => -1.0,
            Self::Supply => 1.0,
        }
    }
}

/// How errors are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// As did best out of sample.
    #[default]
    Best,
    /// Whole past days, in blocks.
    Blocks,
    /// By a model fitted to them.
    Parametric,
}

/// `[[unit]]`: a plant or a line that fails and is mended, after times of exponential length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its name, which its chances go by.
    pub name: String,
    /// The zone whose headroom it gives; or else `tie`.
    #[serde(default)]
    pub zone: Option<ZoneId>,
    /// The tie that it is a part of, both ways.
    #[serde(default)]
    pub tie: Option<TieId>,
    /// What is lost when it is out.
    pub mw: f64,
    /// Mean time to failure.
    pub mean_up_hours: f64,
    /// Mean time to repair.
    pub mean_down_hours: f64,
}

/// `[[scenario]]`: what is otherwise than in the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Short, without blanks.
    pub name: String,
    /// A sentence for people.
    #[serde(default)]
    pub about: String,
    /// Every day is so much colder; below 0 warmer. Needs `[weather]`.
    #[serde(default)]
    pub colder_kelvin: f64,
    /// Another policy.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// Another [`Planning::lookahead_hours`].
    #[serde(default)]
    pub lookahead_hours: Option<u32>,
    /// MW that come to a zone's headroom, or are lost to it.
    #[serde(default)]
    pub headroom: Vec<HeadroomChange>,
    /// MW that come to a tie's limits, or are lost to them.
    #[serde(default)]
    pub tie: Vec<TieChange>,
    /// Facilities that draw less, or may not draw.
    #[serde(default)]
    pub facilities: Vec<FacilityChange>,
    /// No order reaches a facility.
    #[serde(default)]
    pub silence: Vec<Silence>,
    /// Standing orders that come on top, beside the file.
    #[serde(default)]
    pub schedules: Vec<PathBuf>,
}

/// A change of headroom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadroomChange {
    /// Where.
    pub zone: ZoneId,
    /// MW; below 0 for a plant out, imports lost, or a load that nobody has declared.
    pub add_mw: f64,
    /// From this civil time on; from the start of the season where left out.
    #[serde(default)]
    pub from: Option<NaiveDateTime>,
    /// Up to this civil time, exclusive.
    #[serde(default)]
    pub to: Option<NaiveDateTime>,
}

/// A change of a tie's limits, both ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieChange {
    /// Which.
    pub tie: TieId,
    /// MW; a limit never falls below 0.
    pub add_mw: f64,
    /// From this civil time on.
    #[serde(default)]
    pub from: Option<NaiveDateTime>,
    /// Up to this civil time, exclusive.
    #[serde(default)]
    pub to: Option<NaiveDateTime>,
}

/// A change of facilities: those in every list that is not empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacilityChange {
    /// By name.
    #[serde(default)]
    pub names: Vec<FacilityId>,
    /// By zone.
    #[serde(default)]
    pub zones: Vec<ZoneId>,
    /// They nominate this share of what they did, in percent, rounded down to kW.
    #[serde(default)]
    pub nominate_percent: Option<f64>,
    /// Their licences are suspended.
    #[serde(default)]
    pub suspended: bool,
    /// On this share of days, in percent, they draw all day what they nominated, whatever they were ordered. Nobody knows
    /// before, and every facility and day by itself.
    #[serde(default)]
    pub disobey_percent: Option<f64>,
    /// From this civil day on.
    #[serde(default)]
    pub from: Option<chrono::NaiveDate>,
    /// Up to this civil day, exclusive.
    #[serde(default)]
    pub to: Option<chrono::NaiveDate>,
}

/// A time in which no order reaches a facility: those that were on their way arrive at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// First civil time without a word.
    pub from: NaiveDateTime,
    /// When orders arrive again.
    pub to: NaiveDateTime,
}

/// A study that was read: its file, and all that the file refers to.
#[derive(Clone, Debug)]
pub struct Study {
    /// What the file says.
    pub spec: Spec,
    /// The base case.
    pub case: Case,
    /// What each of [`Spec::errors`] is drawn from.
    pub models: Vec<Model>,
    /// What of their tables was left out, for somebody to be told.
    pub left_out: Vec<String>,
    /// Standing orders of each of [`Spec::scenario`].
    pub orders: Vec<Vec<StandingOrder>>,
    /// SHA-256 of all of it; the number of draws apart, so that a study can be carried on with more.
    pub digest: String,
    /// The intervals of each civil day of the season.
    days: Vec<Range<usize>>,
    /// Where its file is.
    folder: PathBuf,
}

impl Study {
    /// The intervals of each civil day of the season, on the clock of the case.
    #[must_use]
    pub fn days(&self) -> &[Range<usize>] {
        &self.days
    }

    /// Reads a study.
    ///
    /// # Errors
    /// All faults that its file has, and all that those have which it refers to; a fault of syntax comes alone.
    pub fn read(path: &Path) -> Result<Self, Faults> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Faults(vec![fault(path, None, &error.to_string(), "a study in TOML that can be read")])
        })?;
        let spec: Spec = toml::from_str(&text).map_err(|error| {
            let row = error.span().map(|span| 1 + text[..span.start].matches('\n').count() as u64);
            let fault = fault(path, None, error.message(), "a study: see `kezek study run --help`");
            Faults(vec![Fault { row, ..fault }])
        })?;
        judge::read(path, spec)
    }

    /// A file that stands beside that of the study.
    #[must_use]
    pub fn beside(&self, file: &Path) -> PathBuf {
        self.folder.join(file)
    }

    /// Names of all scenarios, the base first.
    #[must_use]
    pub fn scenarios(&self) -> Vec<&str> {
        std::iter::once(BASE).chain(self.spec.scenario.iter().map(|own| own.name.as_str())).collect()
    }
}

fn fault(file: &Path, column: Option<&str>, found: &str, expected: &str) -> Fault {
    Fault {
        file: file.display().to_string(),
        row: None,
        column: column.map(str::to_owned),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}
