//! The quota auction before the day: what is offered, by whom it is bid for, and with which money.
//!
//! Energy and money are whole numbers here; see [`crate::amount`].

mod reading;

pub(super) use reading::{BIDS, PREPAID, QUOTA};

use super::CaseFiles;
use crate::amount::{Money, Price, Wh};
use crate::canonical::{CanonicalError, digest_of};
use crate::fault::Faults;
use crate::grid::TimeGrid;
use crate::ids::{FacilityId, TieId, ZoneId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::path::Path;

/// An auction: every interval of the horizon is one of its own. Zones, ties and bidders are sorted by their names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Auction {
    /// The case's name.
    pub name: String,
    /// Currency of bids and prepayments.
    pub currency: String,
    /// The horizon.
    pub grid: TimeGrid,
    /// The smallest amount that is sold, above zero; only whole lots are.
    pub lot_mwh: Wh,
    /// Bids below are refused.
    pub start_price_per_mwh: Price,
    /// The zones of the case, sorted.
    pub zones: Vec<OfferedZone>,
    /// The ties, sorted: the zones at their ends are traded jointly.
    pub ties: Vec<JointTie>,
    /// All facilities of the case, sorted, whether they bid or not.
    pub bidders: Vec<Bidder>,
    /// The bids by interval, bidder, price and time of bid, of which no two have all four in common.
    pub bids: Vec<Bid>,
}

/// A zone and what is offered in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfferedZone {
    /// Its name.
    pub id: ZoneId,
    /// The quota per interval; `None` where `quota.csv` does not name the zone, which then takes no part.
    pub quota_mwh: Option<Vec<Wh>>,
}

/// A tie and the residual transfer over it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JointTie {
    /// Its name.
    pub id: TieId,
    /// Position in [`Auction::zones`] of the zone that a positive transfer leaves.
    pub from: usize,
    /// Position in [`Auction::zones`] of the zone that a positive transfer enters.
    pub to: usize,
    /// Most energy from `from` to `to`, per interval; `None` for no limit.
    pub limit_mwh: Vec<Option<Wh>>,
    /// Most energy from `to` to `from`, per interval; `None` for no limit.
    pub reverse_limit_mwh: Vec<Option<Wh>>,
}

/// A facility as a bidder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bidder {
    /// Its name.
    pub facility: FacilityId,
    /// Position of its zone in [`Auction::zones`].
    pub zone: usize,
    /// Whether its licence is valid at the start of each interval.
    pub is_licensed: Vec<bool>,
    /// Money paid in before the auction, for all intervals together; 0 where `prepaid.csv` does not list it.
    pub prepaid: Money,
}

/// One row of `bids.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bid {
    /// The interval, counted on the grid.
    pub interval: usize,
    /// Position in [`Auction::bidders`].
    pub bidder: usize,
    /// What it pays for what it wins.
    pub price_per_mwh: Price,
    /// When it was made, where that is known.
    pub bid_at: Option<DateTime<Utc>>,
    /// What it is for.
    pub mwh: Wh,
}

impl Auction {
    /// Reads an auction from the folder of a case: `case.toml`, `facilities.csv`, `ties.csv` where it is there,
    /// `bids.csv`, `quota.csv` and `prepaid.csv`. What else lies there is left alone.
    ///
    /// # Errors
    /// As [`CaseFiles::of_auction`] and [`Auction::parse`].
    pub fn read(folder: &Path) -> Result<Self, Faults> {
        Self::parse(&CaseFiles::of_auction(folder)?)
    }

    /// SHA-256 of what the auction was told: order of rows and spelling of numbers do not matter.
    ///
    /// # Errors
    /// When a value has no canonical form, which no auction from [`Auction::read`] has.
    pub fn digest(&self) -> Result<String, CanonicalError> {
        digest_of(self)
    }
}
