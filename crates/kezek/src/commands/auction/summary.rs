//! An auction as people read it: per zone and interval what was offered, won and left, and why; then who won.

use crate::clock::{Clock, utc_window};
use crate::figures::{count, money, one};
use crate::output::Paint;
use crate::table::{Columns, shortened};
use kezek_model::amount::{Money, Wh};
use kezek_model::case::{Auction, OfferedZone};
use kezek_model::ids::FacilityId;
use kezek_planner::auction::{Award, LossReason, Outcome, Purse, Sale, UnsoldReason};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Most intervals of a zone, and most facilities, that are listed; the rest is summed up.
const MOST_INTERVALS: usize = 48;
const MOST_FACILITIES: usize = 60;
/// Longest name of a facility or zone.
const MOST_NAME: usize = 16;

/// The auction as text.
///
/// # Errors
/// When the auction has no digest.
pub(super) fn table(auction: &Auction, outcome: &Outcome, paint: Paint) -> anyhow::Result<String> {
    let grid = &auction.grid;
    let view = View { auction, outcome, clock: Clock::new(grid.time_zone, grid.start, grid.end()), paint };
    let zones: String = auction.zones.iter().map(|zone| view.zone(zone)).collect();
    Ok(format!("{}{zones}{}\n{}", view.heading(), view.bidders(), view.outcome()?))
}

struct View<'a> {
    auction: &'a Auction,
    outcome: &'a Outcome,
    clock: Clock,
    paint: Paint,
}

impl View<'_> {
    fn heading(&self) -> String {
        let (auction, grid) = (self.auction, &self.auction.grid);
        format!(
            "{}\n  {} on the clock of {}, {}\n  {}, {} of {} min\n  lots of {} MWh, start price {} {}/MWh\n",
            self.paint.heading(&auction.name),
            self.clock.window(grid.start, grid.end()),
            grid.time_zone.name(),
            self.clock.heading(),
            utc_window(grid.start, grid.end()),
            count(grid.len, "auction", "auctions"),
            grid.step_minutes,
            auction.lot_mwh,
            money(auction.start_price_per_mwh.per_mwh()),
            auction.currency,
        )
    }

    fn zone(&self, zone: &OfferedZone) -> String {
        let title = self.paint.heading(&format!("Zone {}", zone.id));
        let sales: Vec<&Sale> = self.outcome.zones.iter().filter(|sale| sale.zone == zone.id).collect();
        if sales.is_empty() {
            return format!("\n{title}: no quota, takes no part; its facilities have no row in quotas.csv\n");
        }
        let sum = |part: fn(&Sale) -> Wh| one(sales.iter().map(|sale| part(sale)).sum::<Wh>().mwh());
        let (quota, bid, won) =
            (sum(|sale| sale.quota_mwh), sum(|sale| sale.bid_mwh), sum(|sale| sale.won_mwh));
        let unsold = sum(|sale| sale.unsold_mwh);
        let moved = moved(sales.iter().map(|sale| sale.received_mwh).sum());
        let all = format!("{quota} MWh offered, {bid} bid for, {won} won{moved}, {unsold} unsold");
        format!("\n{title}: {all}\n\n{}", self.intervals(&sales))
    }

    fn intervals(&self, sales: &[&Sale]) -> String {
        let window = format!("MWh ({})", self.clock.heading());
        let header = [&window, "why unsold", "quota", "bids", "won", "received", "unsold"];
        let mut table = Columns::new(2, &header);
        for sale in sales.iter().take(MOST_INTERVALS) {
            let step = chrono::TimeDelta::minutes(i64::from(self.auction.grid.step_minutes));
            let window = self.clock.window(sale.interval_start, sale.interval_start + step);
            table.row(row(window, why(sale), &[sale]));
        }
        if let Some(rest) = sales.get(MOST_INTERVALS..).filter(|rest| !rest.is_empty()) {
            table.row(row(format!("and {} more", rest.len()), String::new(), rest));
        }
        table.text()
    }

    fn bidders(&self) -> String {
        let mut by_facility: BTreeMap<&FacilityId, Vec<&Award>> = BTreeMap::new();
        for award in &self.outcome.bids {
            by_facility.entry(&award.facility).or_default().push(award);
        }
        let paid = format!("paid {}", self.auction.currency);
        let header = ["facility", "zone", "why not more", "bid MWh", "won MWh", &paid, "left"];
        let mut table = Columns::new(3, &header);
        for (facility, awards) in by_facility.iter().take(MOST_FACILITIES) {
            let (bid, won, paid) = amounts(awards);
            let [name, zone] =
                [facility.as_str(), awards[0].zone.as_str()].map(|name| shortened(name, MOST_NAME));
            table.row([
                name,
                zone,
                why_not_more(awards),
                one(bid),
                one(won),
                money(paid),
                self.left(facility),
            ]);
        }
        let rest: Vec<&Award> = by_facility.values().skip(MOST_FACILITIES).flatten().copied().collect();
        if !rest.is_empty() {
            let ((bid, won, paid), none) = (amounts(&rest), String::new);
            let label = format!("and {} more", by_facility.len() - MOST_FACILITIES);
            table.row([label, none(), none(), one(bid), one(won), money(paid), none()]);
        }
        let title = self.paint.heading("Bidders");
        match by_facility.is_empty() {
            true => format!("\n{title}: nobody bid\n"),
            false => format!("\n{title}\n\n{}", table.text()),
        }
    }

    fn left(&self, facility: &FacilityId) -> String {
        let purse = self.outcome.purses.iter().find(|purse| purse.facility == *facility);
        purse.map_or_else(String::new, |purse| money(purse.left.amount()))
    }

    fn outcome(&self) -> anyhow::Result<String> {
        let (outcome, currency) = (self.outcome, &self.auction.currency);
        let sum = |part: fn(&Sale) -> Wh| one(outcome.zones.iter().map(part).sum::<Wh>().mwh());
        let total =
            |part: fn(&Purse) -> Money| money(outcome.purses.iter().map(part).sum::<Money>().amount());
        let winners: BTreeSet<&FacilityId> = outcome
            .bids
            .iter()
            .filter(|award| award.won_mwh > Wh::ZERO)
            .map(|award| &award.facility)
            .collect();
        let lines = [
            (
                "sold",
                format!("{} MWh of {} MWh offered", sum(|sale| sale.won_mwh), sum(|sale| sale.quota_mwh)),
            ),
            ("unsold", format!("{} MWh", sum(|sale| sale.unsold_mwh))),
            ("winners", count(winners.len(), "facility", "facilities")),
            ("paid", format!("{} {currency}, of {} prepaid", total(|p| p.spent), total(|p| p.prepaid))),
            ("digest", self.auction.digest()?),
        ];
        Ok(lines.iter().map(|(name, words)| format!("{name:<11}{words}\n")).collect())
    }
}

/// What other zones gave or got.
fn moved(received: Wh) -> String {
    let amount = one(received.mwh().abs());
    match received.cmp(&Wh::ZERO) {
        Ordering::Greater => format!(", {amount} of it from other zones"),
        Ordering::Less => format!(", {amount} sent to other zones"),
        Ordering::Equal => String::new(),
    }
}

fn row(label: String, why: String, sales: &[&Sale]) -> [String; 7] {
    let sum = |part: fn(&Sale) -> Wh| one(sales.iter().map(|sale| part(sale)).sum::<Wh>().mwh());
    [
        label,
        why,
        sum(|sale| sale.quota_mwh),
        sum(|sale| sale.bid_mwh),
        sum(|sale| sale.won_mwh),
        sum(|sale| sale.received_mwh),
        sum(|sale| sale.unsold_mwh),
    ]
}

fn why(sale: &Sale) -> String {
    let words = |reason| match reason {
        UnsoldReason::NoBids => "no bids",
        UnsoldReason::FewerBids => "fewer bids",
        UnsoldReason::NoLicence => "no licence",
        UnsoldReason::BelowStartPrice => "below start price",
        UnsoldReason::MoneyRanOut => "money ran out",
        UnsoldReason::LotsDoNotFill => "lots do not fill",
        UnsoldReason::TieFull => "tie full",
    };
    sale.reasons.iter().map(|unsold| words(unsold.reason)).collect::<Vec<_>>().join(", ")
}

fn why_not_more(awards: &[&Award]) -> String {
    let words = |reason| match reason {
        LossReason::NoLicence => "no licence",
        LossReason::BelowStartPrice => "below start price",
        LossReason::PartOfALot => "part of a lot",
        LossReason::MoneyRanOut => "money ran out",
        LossReason::QuotaUsedUp => "quota used up",
    };
    let reasons: BTreeSet<LossReason> =
        awards.iter().flat_map(|award| award.lost.iter().map(|loss| loss.reason)).collect();
    reasons.into_iter().map(words).collect::<Vec<_>>().join(", ")
}

/// MWh bid for, MWh won, money paid.
fn amounts(awards: &[&Award]) -> (f64, f64, f64) {
    let energy = |part: fn(&Award) -> Wh| awards.iter().map(|award| part(award)).sum::<Wh>().mwh();
    let paid: Money = awards.iter().map(|award| award.paid).sum();
    (energy(|award| award.bid_mwh), energy(|award| award.won_mwh), paid.amount())
}
