//! `bids.csv`, `quota.csv` and `prepaid.csv`, and the auction put together from them and the case.

use super::{Auction, Bid, Bidder, JointTie, OfferedZone};
use crate::amount::{Money, Price, Wh};
use crate::case::facilities::{self, Register};
use crate::case::history::by_facility;
use crate::case::known::{Known, Reference};
use crate::case::log::FaultLog;
use crate::case::overlays::{self, Limits, Overlays};
use crate::case::reading::{is_bounded, known_ties, known_zones, required, tell, tie};
use crate::case::series::{Series, Told, interval, shown};
use crate::case::settings::{self, Settings};
use crate::case::table::{Columns, Row, Table};
use crate::case::value::{self, MONEY, OFFER, quoted};
use crate::case::{CaseFiles, Tie, Zone};
use crate::fault::Faults;
use crate::grid::TimeGrid;
use crate::ids::ZoneId;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The name of the file of bids.
pub(in crate::case) const BIDS: &str = "bids.csv";
/// The name of the file of what is offered.
pub(in crate::case) const QUOTA: &str = "quota.csv";
/// The name of the file of prepayments.
pub(in crate::case) const PREPAID: &str = "prepaid.csv";

const BID_COLUMNS: Columns =
    Columns { required: &["interval_start", "facility", "mwh", "price_per_mwh"], optional: &["bid_at"] };
const QUOTA_COLUMNS: Columns = Columns { required: &["interval_start", "zone", "mwh"], optional: &[] };
const PREPAID_COLUMNS: Columns = Columns { required: &["facility", "amount"], optional: &[] };

/// Most rows of `bids.csv`.
const MOST_BIDS: usize = 10_000_000;

/// What tells bids apart: interval, bidder, price and time.
type Key = (usize, usize, Price, Option<DateTime<Utc>>);
/// The energy of each bid, and the row that told it.
type Bids = BTreeMap<Key, (Wh, u64)>;

impl Auction {
    /// Reads an auction from the contents of its files; touches no disk.
    ///
    /// # Errors
    /// All faults together, in the order of files and rows, at most a thousand.
    pub fn parse(files: &CaseFiles) -> Result<Self, Faults> {
        let log = FaultLog::default();
        match draft(files, &log) {
            Some(auction) if log.is_empty() => Ok(auction),
            _ => Err(log.into_faults()),
        }
    }
}

/// The auction; of no use where a fault was told.
fn draft(files: &CaseFiles, log: &FaultLog) -> Option<Auction> {
    let mut settings = Settings::read(files.get(settings::FILE), log);
    let zones = known_zones(&settings);
    let register = required(files, facilities::FILE, log)
        .map(|bytes| facilities::read(bytes, zones.as_ref(), log))
        .unwrap_or_default();
    settings.grid = settings.grid.take().filter(|grid| is_bounded(grid, &settings, &register, log));
    let reading = Reading {
        grid: settings.grid.as_ref(),
        zones: zones.as_ref(),
        facilities: register.known.as_ref(),
        log,
    };
    let quota = required(files, QUOTA, log).and_then(|bytes| reading.quota(bytes));
    let bids = required(files, BIDS, log).map(|bytes| reading.bids(bytes)).unwrap_or_default();
    let prepaid = required(files, PREPAID, log).map(|bytes| reading.prepaid(bytes)).unwrap_or_default();
    let ties = known_ties(&settings);
    let limits = files.get(overlays::TIES).and_then(|bytes| {
        Overlays { grid: reading.grid, facilities: reading.facilities, ties: ties.as_ref(), log }
            .limits(bytes)
    });
    check_zones(&reading, &register, quota.as_ref(), &bids);
    assemble(settings, register, &Tables { quota: quota?, bids, prepaid, limits })
}

/// What the tables are read with.
struct Reading<'a> {
    grid: Option<&'a TimeGrid>,
    zones: Option<&'a Known>,
    facilities: Option<&'a Known>,
    log: &'a FaultLog,
}

impl Reading<'_> {
    /// What is offered, by zone and interval.
    fn quota(&self, bytes: &[u8]) -> Option<Series<Wh>> {
        let table = Table::open(QUOTA, bytes, QUOTA_COLUMNS, self.log)?;
        let whole = table.head.has("interval_start") && table.head.has("zone");
        let series = Series::read(table, self.grid, self.zones, "zone", energy);
        if let (Some(grid), Some(zones), true) = (self.grid, self.zones, whole) {
            let told = Told { log: self.log, file: QUOTA, grid };
            for key in series.keys() {
                series.tell_gap(&told, key, &format!("zone {}", quoted(zones.name(key))));
            }
        }
        Some(series)
    }

    fn bids(&self, bytes: &[u8]) -> Bids {
        let mut bids = Bids::new();
        let Some(table) = Table::open(BIDS, bytes, BID_COLUMNS, self.log) else { return bids };
        let mut count = 0;
        table.each(|row| {
            count += 1;
            match count {
                ..=MOST_BIDS => self.bid(row, &mut bids),
                _ => row.tell("facility", format!("at most {MOST_BIDS} bids: shorten the horizon")),
            }
        });
        bids
    }

    fn bid(&self, row: &Row<'_>, bids: &mut Bids) {
        let facility = Known::find(self.facilities, row, "facility");
        let interval = interval(row, self.grid);
        let (energy, bid_at) = (energy(row), row.instant("bid_at"));
        let price = row.required("price_per_mwh", |text| value::millionths(text, MONEY)).map(Price);
        let (Reference::To(facility), Some(interval), Some(energy), Some(price)) =
            (facility, interval, energy, price)
        else {
            return;
        };
        match bids.get(&(interval, facility, price, bid_at)) {
            Some((_, earlier)) => {
                let name = quoted(row.cell("facility").unwrap_or_default());
                let at = self.grid.map_or_else(String::new, |grid| shown(grid.instant(interval)));
                row.tell_duplicate("facility", &format!("{name} at {at} for {price}"), *earlier);
            }
            None => _ = bids.insert((interval, facility, price, bid_at), (energy, row.number)),
        }
    }

    fn prepaid(&self, bytes: &[u8]) -> BTreeMap<usize, Money> {
        let amount = |row: &Row<'_>| {
            let amount = row.required("amount", |text| value::millionths(text, MONEY));
            Money::from_millionths(amount.unwrap_or_default())
        };
        match Table::open(PREPAID, bytes, PREPAID_COLUMNS, self.log) {
            Some(table) => by_facility(table, self.facilities, amount),
            None => BTreeMap::new(),
        }
    }
}

fn energy(row: &Row<'_>) -> Option<Wh> {
    row.required("mwh", |text| value::millionths(text, OFFER)).map(Wh)
}

/// Where somebody bids, it has to be said what is offered, be it nothing.
fn check_zones(reading: &Reading<'_>, register: &Register, quota: Option<&Series<Wh>>, bids: &Bids) {
    let (Some(zones), Some(quota)) = (reading.zones, quota.filter(|quota| !quota.has_lost())) else { return };
    let mut first_rows: BTreeMap<&ZoneId, u64> = BTreeMap::new();
    for ((_, bidder, ..), (_, row)) in bids {
        let zone = &register.entries[*bidder].facility.zone;
        let first = first_rows.entry(zone).or_insert(*row);
        *first = (*first).min(*row);
    }
    for (zone, row) in first_rows {
        let offered = (0..zones.len()).any(|key| zones.name(key) == zone.as_str() && quota.names(key));
        if !offered {
            let name = quoted(zone.as_str());
            let found = format!("no row for zone {name}, in which {BIDS} has bids (row {row} is the first)");
            let expected = "rows for every zone in which somebody bids, with 0 where nothing is for sale";
            tell(reading.log, QUOTA, None, Some("zone"), &found, expected);
        }
    }
}

struct Tables {
    quota: Series<Wh>,
    bids: Bids,
    prepaid: BTreeMap<usize, Money>,
    limits: Option<Series<Limits>>,
}

fn assemble(settings: Settings, register: Register, tables: &Tables) -> Option<Auction> {
    let grid = settings.grid?;
    let zones = settings.zones?;
    let lines = settings.ties?.into_iter().enumerate();
    let ties = lines
        .map(|(place, line)| joint_tie(tie(place, line, tables.limits.as_ref(), grid.len), &zones, &grid))
        .collect::<Option<Vec<JointTie>>>()?;
    let rules = settings.auction.unwrap_or_default();
    Some(Auction {
        name: settings.name?,
        currency: settings.objective?.currency,
        lot_mwh: Wh::from_mwh(rules.lot_mwh)?,
        start_price_per_mwh: Price::from_per_mwh(rules.start_price_per_mwh)?,
        bidders: bidders(register, tables, &zones, &grid)?,
        bids: tables.bids.iter().map(|(key, (mwh, _))| bid(*key, *mwh)).collect(),
        zones: offers(zones, &tables.quota),
        ties,
        grid,
    })
}

fn offers(zones: Vec<Zone>, quota: &Series<Wh>) -> Vec<OfferedZone> {
    let offer = |(place, zone): (usize, Zone)| OfferedZone { id: zone.id, quota_mwh: quota.values(place) };
    zones.into_iter().enumerate().map(offer).collect()
}

fn bid((interval, bidder, price_per_mwh, bid_at): Key, mwh: Wh) -> Bid {
    Bid { interval, bidder, price_per_mwh, bid_at, mwh }
}

fn place_of(zones: &[Zone], zone: &ZoneId) -> Option<usize> {
    zones.binary_search_by(|candidate| candidate.id.cmp(zone)).ok()
}

fn bidders(register: Register, tables: &Tables, zones: &[Zone], grid: &TimeGrid) -> Option<Vec<Bidder>> {
    let bidder = |(place, entry): (usize, facilities::Entry)| {
        let facility = entry.facility;
        Some(Bidder {
            zone: place_of(zones, &facility.zone)?,
            is_licensed: (0..grid.len).map(|t| facility.is_licensed_at(grid.instant(t))).collect(),
            prepaid: tables.prepaid.get(&place).copied().unwrap_or_default(),
            facility: facility.id,
        })
    };
    register.entries.into_iter().enumerate().map(bidder).collect()
}

fn joint_tie(tie: Tie, zones: &[Zone], grid: &TimeGrid) -> Option<JointTie> {
    let energies = |limits: Vec<Option<f64>>| {
        limits.into_iter().map(|limit| limit.map(|mw| transfer(mw, grid.step_minutes))).collect()
    };
    Some(JointTie {
        from: place_of(zones, &tie.from)?,
        to: place_of(zones, &tie.to)?,
        id: tie.id,
        limit_mwh: energies(tie.limit_mw),
        reverse_limit_mwh: energies(tie.reverse_limit_mw),
    })
}

/// The energy that a tie of this many MW carries in an interval, rounded down to whole Wh.
#[allow(clippy::cast_possible_truncation)]
fn transfer(limit_mw: f64, step_minutes: u32) -> Wh {
    // A thousandth of a watt makes up for what floats lose of a number with few decimals.
    let watts = (limit_mw * 1e6 + 1e-3).floor() as i64;
    Wh(watts * i64::from(step_minutes) / 60)
}
