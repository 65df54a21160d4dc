//! The quota auction before the day: who wins how much of a zone's quota, what it pays, and what stays unsold.
//!
//! Every interval is an auction of its own, in order of time, with the prepaid money that is left. Whole lots are
//! accepted from the highest price down as long as the quotas and the ties still serve all that was accepted. Everything
//! is counted in whole Wh and in money that is never rounded; no float is compared.
//!
//! Where section 5 of the planning problem leaves a choice, this is the reading:
//!
//! * **Served** is a question of flow: energy leaves the quota of a zone, goes over ties within their limits, over several
//!   in a row too, and arrives at the accepted lots. A lot may be served from several zones. A tie without limit
//!   carries anything; zones that no tie joins are traded apart.
//! * **From the highest price down** does not stop at the first lot that cannot be served: where one zone is sold out, the
//!   next lower price of another goes on. A zone that once cannot be given a lot stays so for the rest of the interval.
//! * **Bids that are refused** count nowhere: those below the start price, and those of a facility without a valid licence
//!   at the start of the interval, which is entitled to nothing.
//! * **Part of a lot** that a bid asks for beyond its last whole lot is not won.
//! * **Money**: a lot whose price the facility cannot pay from what is left is not won; a cheaper bid of the same
//!   facility may still be. What one interval leaves is there for the next.
//! * **Time of bid**: a bid without one comes after all bids of the same price that have one.
//! * **Pro rata**: all bids of one price and time rise together in proportion to their MWh until a limit stops those
//!   behind it; those behind no limit, or behind another, rise on. Money caps a bid and does not change its weight.
//!   See `ration`.
//! * **kW**: a quota is in whole kW. Where lots over hours are not, it is rounded down and what is lost is told; the
//!   price is paid for what was won.

mod network;
mod ration;
mod registers;
mod unsold;

use chrono::{DateTime, Utc};
use kezek_model::amount::{Money, Price, Wh};
use kezek_model::case::{Auction, Bid};
use kezek_model::ids::{FacilityId, TieId, ZoneId};
use kezek_model::units::Kw;
use network::Network;
use ration::{Claim, ration};
use serde::Serialize;

/// What came of an auction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// What became of every bid, by interval, facility, falling price and time of bid.
    pub bids: Vec<Award>,
    /// What was sold and what not, by interval and zone; zones without a quota take no part.
    pub zones: Vec<Sale>,
    /// What went over the ties, by interval and tie; ties that carried nothing are left out.
    pub transfers: Vec<Transfer>,
    /// The money of everybody who prepaid or bid, by facility.
    pub purses: Vec<Purse>,
    /// The `quotas.csv` of the plan: a row for every interval and facility of the zones that take part, 0 where nothing
    /// was won.
    pub quotas: Vec<Quota>,
}

/// What became of a bid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Award {
    /// The interval.
    pub interval_start: DateTime<Utc>,
    /// Who bid.
    pub facility: FacilityId,
    /// Its zone.
    pub zone: ZoneId,
    /// What was bid and is paid.
    pub price_per_mwh: Price,
    /// When the bid was made.
    pub bid_at: Option<DateTime<Utc>>,
    /// What was bid for.
    pub bid_mwh: Wh,
    /// What was won, whole lots.
    pub won_mwh: Wh,
    /// What it costs.
    pub paid: Money,
    /// Why the rest was not won; together with `won_mwh` this is `bid_mwh`.
    pub lost: Vec<Loss>,
}

/// A part of a bid that was not won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Why.
    pub reason: LossReason,
    /// How much.
    pub mwh: Wh,
}

/// Why a bid, or a part of it, did not win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossReason {
    /// The facility has no valid licence at the start of the interval.
    NoLicence,
    /// The price is below the start price.
    BelowStartPrice,
    /// It is less than a whole lot.
    PartOfALot,
    /// The prepaid money that is left does not pay for it.
    MoneyRanOut,
    /// No quota that reaches the zone was left for it.
    QuotaUsedUp,
}

impl LossReason {
    /// The reason as files carry it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoLicence => "no-licence",
            Self::BelowStartPrice => "below-start-price",
            Self::PartOfALot => "part-of-a-lot",
            Self::MoneyRanOut => "money-ran-out",
            Self::QuotaUsedUp => "quota-used-up",
        }
    }
}

/// A zone in an interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sale {
    /// The interval.
    pub interval_start: DateTime<Utc>,
    /// The zone.
    pub zone: ZoneId,
    /// What was offered.
    pub quota_mwh: Wh,
    /// What the facilities of the zone bid for.
    pub bid_mwh: Wh,
    /// What they won.
    pub won_mwh: Wh,
    /// What came over the ties for them, less what went to other zones.
    pub received_mwh: Wh,
    /// What is left of the quota.
    pub unsold_mwh: Wh,
    /// Why; empty where nothing is left.
    pub reasons: Vec<Unsold>,
}

/// Why some of a quota was not sold, with the energy that this concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Unsold {
    /// Why.
    pub reason: UnsoldReason,
    /// How much was bid for in vain for this reason where the rest of the quota would have reached, or, without bids,
    /// how much of the rest nobody bid for.
    pub mwh: Wh,
}

/// Why some of a quota was not sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnsoldReason {
    /// Nobody bid who could have been served.
    NoBids,
    /// All bids together are for less.
    FewerBids,
    /// Bids of facilities without a valid licence.
    NoLicence,
    /// Bids below the start price.
    BelowStartPrice,
    /// Bids that the prepaid money does not pay for.
    MoneyRanOut,
    /// What is left of the quota, of a tie or of a bid does not fill a lot.
    LotsDoNotFill,
    /// Bids in a zone that the tie is too small for.
    TieFull,
}

impl UnsoldReason {
    /// The reason as files carry it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoBids => "no-bids",
            Self::FewerBids => "fewer-bids",
            Self::NoLicence => "no-licence",
            Self::BelowStartPrice => "below-start-price",
            Self::MoneyRanOut => "money-ran-out",
            Self::LotsDoNotFill => "lots-do-not-fill",
            Self::TieFull => "tie-full",
        }
    }
}

/// What went over a tie.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transfer {
    /// The interval.
    pub interval_start: DateTime<Utc>,
    /// The tie.
    pub tie: TieId,
    /// From its `from` to its `to`; negative the other way.
    pub mwh: Wh,
}

/// The money of a facility.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Purse {
    /// Whose.
    pub facility: FacilityId,
    /// What was paid in.
    pub prepaid: Money,
    /// What its wins cost.
    pub spent: Money,
    /// What is left.
    pub left: Money,
}

/// A row of the plan's `quotas.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quota {
    /// The interval.
    pub interval_start: DateTime<Utc>,
    /// Who is entitled.
    pub facility: FacilityId,
    /// To how much: what was won over the hours of the interval, in whole kW.
    pub mw: Kw,
    /// What was won and is lost by rounding down to whole kW.
    pub rounded_off_mwh: Wh,
}

/// Holds the auction.
#[must_use]
pub fn hold(auction: &Auction) -> Outcome {
    let mut bids: Vec<&Bid> = auction.bids.iter().collect();
    bids.sort_by_key(|bid| (bid.interval, std::cmp::Reverse(bid.price_per_mwh), time_order(bid), bid.bidder));
    let mut left: Vec<Money> = auction.bidders.iter().map(|bidder| bidder.prepaid).collect();
    let verdicts: Vec<Verdict<'_>> = bids
        .chunk_by(|one, two| one.interval == two.interval)
        .flat_map(|bids| interval(auction, bids, &mut left))
        .collect();
    registers::outcome(auction, verdicts, &left)
}

/// Bids without a time come after those with one.
fn time_order(bid: &Bid) -> (bool, Option<DateTime<Utc>>) {
    (bid.bid_at.is_none(), bid.bid_at)
}

/// A bid and what became of it.
struct Verdict<'a> {
    bid: &'a Bid,
    won: Wh,
    lost: Vec<Loss>,
}

impl<'a> Verdict<'a> {
    fn refused(bid: &'a Bid, reason: LossReason) -> Self {
        Self { bid, won: Wh::ZERO, lost: vec![Loss { reason, mwh: bid.mwh }] }
    }
}

/// One auction: bids by falling price, time and facility.
fn interval<'a>(auction: &Auction, bids: &[&'a Bid], left: &mut [Money]) -> Vec<Verdict<'a>> {
    let mut network = Network::new(auction, bids.first().map_or(0, |bid| bid.interval));
    let mut verdicts = Vec::new();
    let equal = |one: &&Bid, two: &&Bid| (one.price_per_mwh, one.bid_at) == (two.price_per_mwh, two.bid_at);
    for group in bids.chunk_by(equal) {
        let (admitted, refused): (Vec<&Bid>, Vec<&Bid>) =
            group.iter().copied().partition(|bid| refusal(auction, bid).is_none());
        let reason = |bid| refusal(auction, bid).map(|reason| Verdict::refused(bid, reason));
        verdicts.extend(refused.into_iter().filter_map(reason));
        verdicts.extend(accept(auction, &mut network, &admitted, left));
    }
    verdicts
}

/// Why a bid does not take part.
fn refusal(auction: &Auction, bid: &Bid) -> Option<LossReason> {
    if !auction.bidders[bid.bidder].is_licensed[bid.interval] {
        Some(LossReason::NoLicence)
    } else if bid.price_per_mwh < auction.start_price_per_mwh {
        Some(LossReason::BelowStartPrice)
    } else {
        None
    }
}

/// Gives bids of one price and time what can be served, and takes the money for it.
fn accept<'a>(
    auction: &Auction,
    network: &mut Network,
    bids: &[&'a Bid],
    left: &mut [Money],
) -> Vec<Verdict<'a>> {
    let lot = auction.lot_mwh;
    let mut claims = Vec::new();
    for bid in bids {
        // Set aside until it is known what is won.
        let purse = &mut left[bid.bidder];
        let payable = payable_lots(*purse, bid.price_per_mwh.of(lot), bid.mwh.0 / lot.0);
        *purse -= bid.price_per_mwh.of(Wh(payable * lot.0));
        claims.push(Claim { zone: auction.bidders[bid.bidder].zone, bid: bid.mwh, most: payable });
    }
    let won = ration(network, &claims, lot);
    let verdict = |((bid, claim), lots): ((&&'a Bid, &Claim), i64)| {
        left[bid.bidder] += bid.price_per_mwh.of(Wh((claim.most - lots) * lot.0));
        Verdict { bid, won: Wh(lots * lot.0), lost: losses(bid, claim.most, lots, lot) }
    };
    bids.iter().zip(&claims).zip(won).map(verdict).collect()
}

/// Of these lots as many as the money pays for.
fn payable_lots(money: Money, cost: Money, lots: i64) -> i64 {
    if cost == Money::ZERO {
        return lots;
    }
    let payable = money.0 / cost.0;
    i64::try_from(payable).map_or(lots, |payable| payable.min(lots))
}

fn losses(bid: &Bid, payable: i64, won: i64, lot: Wh) -> Vec<Loss> {
    let lots = bid.mwh.0 / lot.0;
    let parts = [
        (LossReason::PartOfALot, bid.mwh.0 % lot.0),
        (LossReason::MoneyRanOut, (lots - payable) * lot.0),
        (LossReason::QuotaUsedUp, (payable - won) * lot.0),
    ];
    parts.into_iter().filter(|(_, wh)| *wh > 0).map(|(reason, wh)| Loss { reason, mwh: Wh(wh) }).collect()
}

#[cfg(test)]
mod tests;
