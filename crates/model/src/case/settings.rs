//! `case.toml`.

use super::document::{Document, Keys, Section, toml_text};
use super::horizon;
use super::log::FaultLog;
use super::names::{nearest, suggestion};
use super::network::{self, Line};
use super::value::{self, Bounds, MONEY};
use super::{AuctionSettings, Objective, Policy, Risk, SolverSettings, Zone};
use crate::amount::{Price, Wh};
use crate::fault::Fault;
use crate::grid::TimeGrid;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The name of the file.
pub(super) const FILE: &str = "case.toml";

const ROOT: Keys = Keys {
    required: &["name", "issued_at", "horizon", "objective", "zone"],
    optional: &["schedules", "solver", "tie", "tier", "risk", "auction"],
};
const OBJECTIVE: Keys = Keys { required: &["policy", "uncovered_cost_per_mwh", "currency"], optional: &[] };
const SOLVER: Keys = Keys { required: &[], optional: &["gap", "time_limit_s", "threads", "seed"] };
const RISK: Keys = Keys { required: &["alpha", "weight", "known_at"], optional: &[] };
const AUCTION: Keys = Keys { required: &[], optional: &["lot_mwh", "start_price_per_mwh"] };

const GAP: Bounds = Bounds::new(0.0, 1.0, "a relative gap from 0 to 1, for example 0.001");
const SECONDS: Bounds = Bounds::new(0.001, 1e7, "seconds above 0 to 10000000");
const THREADS: Bounds = Bounds::new(1.0, 1024.0, "a whole number of threads from 1 to 1024");
const ALPHA: Bounds = Bounds::new(0.0, 0.999_999, "a share from 0 to 0.999999, for example 0.95");
const LOT: Bounds = Bounds::new(1e-6, 1e6, "MWh above 0");

/// Most schedules of a case.
const MOST_SCHEDULES: usize = 1000;

/// What `case.toml` says; `None` where a fault was told.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) name: Option<String>,
    pub(super) issued_at: Option<DateTime<Utc>>,
    pub(super) grid: Option<TimeGrid>,
    pub(super) objective: Option<Objective>,
    pub(super) solver: SolverSettings,
    /// Sorted.
    pub(super) zones: Option<Vec<Zone>>,
    /// Sorted.
    pub(super) ties: Option<Vec<Line>>,
    pub(super) tiers: BTreeMap<i64, f64>,
    pub(super) risk: Option<Risk>,
    pub(super) auction: Option<AuctionSettings>,
    /// Names of schedules with the row that names them.
    pub(super) schedules: Vec<(String, u64)>,
}

impl Settings {
    /// Reads the file and tells its faults.
    pub(super) fn read(bytes: Option<&[u8]>, log: &FaultLog) -> Self {
        let Some(bytes) = bytes else {
            let (file, found, expected) =
                (FILE.to_owned(), "no such file".to_owned(), "this file in the case".to_owned());
            log.tell(Fault { file, row: None, column: None, found, expected });
            return Self::default();
        };
        let Some(text) = toml_text(FILE, bytes, log) else { return Self::default() };
        let doc = Document::new(FILE, text, log);
        let Some(table) = doc.parse(text) else { return Self::default() };
        Self::of(&doc.root(&table, ROOT))
    }

    fn of(root: &Section<'_>) -> Self {
        let zones = network::zones(root);
        Self {
            name: root.text("name", value::name).map(str::to_owned),
            issued_at: root.instant("issued_at"),
            grid: root.section("horizon", horizon::KEYS).and_then(|section| horizon::read(&section)),
            objective: root.section("objective", OBJECTIVE).and_then(|section| objective(&section)),
            solver: root.section("solver", SOLVER).map(|section| solver(&section)).unwrap_or_default(),
            ties: network::ties(root, zones.as_deref()),
            zones,
            tiers: network::tiers(root),
            risk: root.section("risk", RISK).and_then(|section| risk(&section)),
            auction: root.section("auction", AUCTION).map(|section| auction(&section)),
            schedules: schedules(root),
        }
    }
}

/// The schedules that a `case.toml` names, as far as it can be read.
pub(super) fn schedule_names(bytes: &[u8]) -> Vec<String> {
    let log = FaultLog::default();
    Settings::read(Some(bytes), &log).schedules.into_iter().map(|(name, _)| name).collect()
}

fn objective(section: &Section<'_>) -> Option<Objective> {
    let policies = [Policy::LeastCost, Policy::EqualShare, Policy::Rotation];
    let policy = section.text("policy", |text| {
        let near = || suggestion(nearest(text, policies.iter().map(|policy| policy.as_str())));
        let found = policies.into_iter().find(|policy| policy.as_str() == text);
        found.ok_or_else(|| format!("least-cost, equal-share or rotation{}", near()))
    });
    let uncovered_cost_per_mwh = section.number("uncovered_cost_per_mwh", MONEY);
    let currency = section.text("currency", value::name).map(str::to_owned);
    Some(Objective { policy: policy?, uncovered_cost_per_mwh: uncovered_cost_per_mwh?, currency: currency? })
}

fn solver(section: &Section<'_>) -> SolverSettings {
    SolverSettings {
        gap: section.number("gap", GAP),
        time_limit_s: section.number("time_limit_s", SECONDS),
        threads: section.whole("threads", THREADS).and_then(|threads| u32::try_from(threads).ok()),
        seed: section.seed("seed"),
    }
}

fn risk(section: &Section<'_>) -> Option<Risk> {
    let (alpha, weight) = (section.number("alpha", ALPHA), section.number("weight", MONEY));
    let known_at = section.instant("known_at");
    Some(Risk { alpha: alpha?, weight: weight?, known_at: known_at? })
}

fn auction(section: &Section<'_>) -> AuctionSettings {
    let default = AuctionSettings::default();
    let settings = AuctionSettings {
        lot_mwh: section.number("lot_mwh", LOT).unwrap_or(default.lot_mwh),
        start_price_per_mwh: section
            .number("start_price_per_mwh", MONEY)
            .unwrap_or(default.start_price_per_mwh),
    };
    let too_fine = |key, number: f64| {
        section.tell(key, number.to_string(), "a number with at most six decimals: round it");
    };
    if Wh::from_mwh(settings.lot_mwh).is_none() {
        too_fine("lot_mwh", settings.lot_mwh);
    }
    if Price::from_per_mwh(settings.start_price_per_mwh).is_none() {
        too_fine("start_price_per_mwh", settings.start_price_per_mwh);
    }
    settings
}

fn schedules(root: &Section<'_>) -> Vec<(String, u64)> {
    let named = root.texts("schedules");
    if named.len() > MOST_SCHEDULES {
        root.tell("schedules", format!("{} schedules", named.len()), format!("at most {MOST_SCHEDULES}"));
        return Vec::new();
    }
    let mut schedules: Vec<(String, u64)> = Vec::new();
    for (name, row) in named {
        if schedules.iter().any(|(earlier, _)| earlier == name) {
            root.tell(
                "schedules",
                format!("{} twice", value::quoted(name)),
                "every schedule once: delete one of them",
            );
        } else {
            schedules.push((name.to_owned(), row));
        }
    }
    schedules
}
