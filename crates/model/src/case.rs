//! The case: everything the planner is told, read, resolved and checked.
//!
//! Series have one value per interval of the grid; a constant has been spread over it.

mod auction;
mod document;
mod facilities;
mod files;
mod forecast;
mod history;
mod horizon;
mod known;
mod log;
mod names;
mod network;
mod overlays;
mod reading;
mod registry;
mod series;
mod settings;
mod table;
mod tables;
mod value;
mod vintage;

pub use auction::{Auction, Bid, Bidder, JointTie, OfferedZone};
pub use files::CaseFiles;
pub use vintage::Vintage;

use crate::grid::TimeGrid;
use crate::ids::{FacilityId, TieId, ZoneId};
use crate::schedule::StandingOrder;
use crate::units::Kw;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A planning case. Zones, ties and facilities are sorted by their names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// What people call it.
    pub name: String,
    /// No cut may start, deepen or end before this instant plus the facility's notice.
    pub issued_at: DateTime<Utc>,
    /// The horizon.
    pub grid: TimeGrid,
    /// What is sought.
    pub objective: Objective,
    /// How long and how near to look for it.
    pub solver: SolverSettings,
    /// The zones, sorted.
    pub zones: Vec<Zone>,
    /// The ties, sorted.
    pub ties: Vec<Tie>,
    /// What a cut MWh of a tier costs on top, by tier; 0 where not listed.
    pub tier_adder_per_mwh: BTreeMap<i64, f64>,
    /// The facilities, sorted.
    pub facilities: Vec<Facility>,
    /// Which future holds, with its headroom; exactly one unless the case is stochastic.
    pub scenarios: Vec<Scenario>,
    /// `[risk]`, for stochastic cases.
    pub risk: Option<Risk>,
    /// `[auction]`.
    pub auction: Option<AuctionSettings>,
    /// The standing orders, sorted by number, the superseded among them too.
    pub schedules: Vec<StandingOrder>,
}

/// What the plan is to achieve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The least cost of cuts, events and shortage.
    LeastCost,
    /// The smallest highest burden of this horizon.
    EqualShare,
    /// The smallest highest burden, the past included.
    Rotation,
}

impl Policy {
    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeastCost => "least-cost",
            Self::EqualShare => "equal-share",
            Self::Rotation => "rotation",
        }
    }
}

/// `[objective]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Objective {
    /// What is sought.
    pub policy: Policy,
    /// Price of a MWh that no allowed cut covers.
    pub uncovered_cost_per_mwh: f64,
    /// Currency of all costs.
    pub currency: String,
}

/// `[solver]`; every key is optional and the command line overrides it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SolverSettings {
    /// Stop at this proven relative gap.
    pub gap: Option<f64>,
    /// Stop after this many seconds.
    pub time_limit_s: Option<f64>,
    /// Threads to use.
    pub threads: Option<u32>,
    /// Seed of whatever is drawn.
    pub seed: Option<u64>,
}

/// `[[zone]]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Zone {
    /// Its name.
    pub id: ZoneId,
    /// Most MW that may return per interval; `None` for no limit.
    pub restore_limit_mw: Option<f64>,
}

/// `[[tie]]`, with `ties.csv` laid over it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tie {
    /// Its name.
    pub id: TieId,
    /// The zone that a positive flow leaves.
    pub from: ZoneId,
    /// The zone that a positive flow enters.
    pub to: ZoneId,
    /// Most MW from `from` to `to`, per interval; `None` for no limit.
    pub limit_mw: Vec<Option<f64>>,
    /// Most MW from `to` to `from`, per interval; `None` for no limit.
    pub reverse_limit_mw: Vec<Option<f64>>,
}

/// One future: the headroom of every zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// Its name; empty for a case without scenarios.
    pub id: String,
    /// Its probability; 1 for a case without scenarios.
    pub probability: f64,
    /// MW per zone (in the order of [`Case::zones`]) and interval that mining may draw; may be negative.
    pub headroom_mw: Vec<Vec<f64>>,
}

/// `[risk]`, section 6 of the planning problem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Risk {
    /// The tail is the worst `1 - alpha`.
    pub alpha: f64,
    /// Price of a MWh of the tail's mean uncovered energy.
    pub weight: f64,
    /// From then on it is known which scenario holds.
    pub known_at: DateTime<Utc>,
}

/// `[auction]`, section 5 of the planning problem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuctionSettings {
    /// Smallest lot in MWh.
    pub lot_mwh: f64,
    /// Bids below are refused.
    pub start_price_per_mwh: f64,
}

impl Default for AuctionSettings {
    /// What holds where the case does not say it: lots of 1 MWh, no start price.
    fn default() -> Self {
        Self { lot_mwh: 1.0, start_price_per_mwh: 0.0 }
    }
}

/// One row of `facilities.csv` with all that other files say of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facility {
    /// Its name in all files.
    pub id: FacilityId,
    /// What people call it.
    pub name: String,
    /// The legal person.
    pub licensee: String,
    /// The licence.
    pub licence_no: String,
    /// First civil day of the licence in the facility's time zone; `None` for no bound.
    pub licence_from: Option<NaiveDate>,
    /// Last civil day of the licence, inclusive; `None` for no bound.
    pub licence_to: Option<NaiveDate>,
    /// The grid zone.
    pub zone: ZoneId,
    /// The civil clock of the facility.
    pub time_zone: Tz,
    /// See [`Case::tier_adder_per_mwh`].
    pub tier: i64,
    /// Never cut.
    pub protected: bool,
    /// The nomination per interval, before quota and licence.
    pub nomination_kw: Vec<Kw>,
    /// The quota per interval; `None` for no quota.
    pub quota_kw: Vec<Option<Kw>>,
    /// What stays on even when fully cut.
    pub floor_kw: Kw,
    /// Smallest cut that makes sense.
    pub min_cut_kw: Kw,
    /// Cuts move in whole blocks of this size; `None`, and 0 in the file, for no blocks.
    pub block_kw: Option<Kw>,
    /// What a cut MWh costs the miner.
    pub cut_cost_per_mwh: f64,
    /// What a cut event costs the miner.
    pub event_cost: f64,
    /// Minutes between `issued_at` and the first moment at which a cut may start, deepen or end.
    pub notice_minutes: i64,
    /// Shortest event in minutes.
    pub min_cut_minutes: i64,
    /// Longest event in minutes.
    pub max_cut_minutes: Option<i64>,
    /// Minutes from the end of an event to the start of the next.
    pub min_gap_minutes: i64,
    /// Most events that start on one civil day of the facility.
    pub max_events_per_day: Option<u32>,
    /// Hours under cut left to use in the horizon.
    pub max_cut_hours: Option<f64>,
    /// Fastest return of load, in kW per hour.
    pub ramp_up_kw_per_h: Option<Kw>,
    /// The class that standing orders name; `digital-mining` where blank.
    pub class: String,
    /// The oblast that standing orders name.
    pub region: Option<String>,
    /// Highest demand of the last twelve months.
    pub twelve_month_max_kw: Option<Kw>,
    /// What fairness looks back on.
    pub ledger: Ledger,
    /// What holds at the start of the horizon.
    pub state: State,
    /// Cuts already ordered, by interval, which notice keeps; `None` where not listed.
    pub kept_kw: Vec<Option<Kw>>,
}

/// `ledger.csv`: energy over the window that fairness looks back on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Ledger {
    /// Nominated energy.
    pub nominated_mwh: f64,
    /// Energy cut away from it.
    pub cut_mwh: f64,
}

/// `state.csv`: what holds at the start of the horizon; the default is "not cut, no event before".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// The cut that holds.
    pub cut_kw: Kw,
    /// Since when; always there where `cut_kw` is above zero.
    pub cut_since: Option<DateTime<Utc>>,
    /// When the last event ended.
    pub last_cut_end: Option<DateTime<Utc>>,
    /// Events that started so far on the civil day in which the horizon begins.
    pub events_today: Option<u32>,
}

impl Facility {
    /// A facility that nothing limits and nothing costs, with a nomination for every interval.
    #[must_use]
    pub fn unlimited(id: FacilityId, zone: ZoneId, time_zone: Tz, nomination_kw: Vec<Kw>) -> Self {
        let intervals = nomination_kw.len();
        Self {
            name: id.to_string(),
            id,
            licensee: String::new(),
            licence_no: String::new(),
            licence_from: None,
            licence_to: None,
            zone,
            time_zone,
            tier: 1,
            protected: false,
            nomination_kw,
            quota_kw: vec![None; intervals],
            floor_kw: Kw::ZERO,
            min_cut_kw: Kw::ZERO,
            block_kw: None,
            cut_cost_per_mwh: 0.0,
            event_cost: 0.0,
            notice_minutes: 0,
            min_cut_minutes: 0,
            max_cut_minutes: None,
            min_gap_minutes: 0,
            max_events_per_day: None,
            max_cut_hours: None,
            ramp_up_kw_per_h: None,
            class: "digital-mining".to_owned(),
            region: None,
            twelve_month_max_kw: None,
            ledger: Ledger::default(),
            state: State::default(),
            kept_kw: vec![None; intervals],
        }
    }

    /// Whether the licence is valid at an instant, on the facility's own calendar; its last day is inclusive.
    #[must_use]
    pub fn is_licensed_at(&self, instant: DateTime<Utc>) -> bool {
        let day = instant.with_timezone(&self.time_zone).date_naive();
        self.licence_from.is_none_or(|from| from <= day) && self.licence_to.is_none_or(|to| day <= to)
    }
}

impl Case {
    /// The position of a zone in [`Case::zones`].
    #[must_use]
    pub fn zone_index(&self, zone: &ZoneId) -> Option<usize> {
        self.zones.binary_search_by(|candidate| candidate.id.cmp(zone)).ok()
    }

    /// The position of a facility in [`Case::facilities`].
    #[must_use]
    pub fn facility_index(&self, facility: &FacilityId) -> Option<usize> {
        self.facilities.binary_search_by(|candidate| candidate.id.cmp(facility)).ok()
    }

    /// The facility whose name is so near that the one given may be a slip of the pen.
    #[must_use]
    pub fn nearest_facility(&self, facility: &FacilityId) -> Option<&FacilityId> {
        let ids = || self.facilities.iter().map(|own| &own.id);
        let near = names::nearest(facility.as_str(), ids().map(FacilityId::as_str))?;
        ids().find(|id| id.as_str() == near)
    }

    /// SHA-256 of what the case says: order of rows and spelling of numbers do not matter.
    ///
    /// # Errors
    /// When a number in the case is not finite, which no case from [`Case::read`] has.
    pub fn digest(&self) -> Result<String, crate::canonical::CanonicalError> {
        crate::canonical::digest_of(self)
    }
}
