//! What came of an auction, written out: bids, zones, transfers, money, and the quotas of the plan.

use super::network::Network;
use super::unsold::reasons;
use super::{Award, Loss, Outcome, Purse, Quota, Sale, Transfer, Verdict};
use kezek_model::amount::{Money, Wh};
use kezek_model::case::Auction;
use kezek_model::units::Kw;
use std::collections::{BTreeMap, BTreeSet};

/// What the bids of a zone came to in an interval.
#[derive(Clone, Default)]
pub(super) struct ZoneBids {
    pub(super) bid: Wh,
    pub(super) won: Wh,
    pub(super) lost: Vec<Loss>,
}

/// Writes out the verdicts on all bids, given the money that they left.
pub(super) fn outcome(auction: &Auction, mut verdicts: Vec<Verdict<'_>>, left: &[Money]) -> Outcome {
    let order = |verdict: &Verdict<'_>| {
        let bid = verdict.bid;
        (bid.interval, bid.bidder, std::cmp::Reverse(bid.price_per_mwh), super::time_order(bid))
    };
    verdicts.sort_by_key(order);
    let (mut zones, mut transfers) = (Vec::new(), Vec::new());
    for t in 0..auction.grid.len {
        let from = verdicts.partition_point(|verdict| verdict.bid.interval < t);
        let until = verdicts.partition_point(|verdict| verdict.bid.interval <= t);
        interval(auction, t, &verdicts[from..until], &mut zones, &mut transfers);
    }
    let purses = purses(auction, &verdicts, left);
    let quotas = quotas(auction, &verdicts);
    Outcome {
        bids: verdicts.into_iter().map(|verdict| award(auction, verdict)).collect(),
        zones,
        transfers,
        purses,
        quotas,
    }
}

fn award(auction: &Auction, verdict: Verdict<'_>) -> Award {
    let Verdict { bid, won, lost } = verdict;
    let bidder = &auction.bidders[bid.bidder];
    Award {
        interval_start: auction.grid.instant(bid.interval),
        facility: bidder.facility.clone(),
        zone: auction.zones[bidder.zone].id.clone(),
        price_per_mwh: bid.price_per_mwh,
        bid_at: bid.bid_at,
        bid_mwh: bid.mwh,
        won_mwh: won,
        paid: bid.price_per_mwh.of(won),
        lost,
    }
}

fn interval(
    auction: &Auction,
    t: usize,
    verdicts: &[Verdict<'_>],
    zones: &mut Vec<Sale>,
    transfers: &mut Vec<Transfer>,
) {
    let mut bids = vec![ZoneBids::default(); auction.zones.len()];
    for verdict in verdicts {
        let zone = &mut bids[auction.bidders[verdict.bid.bidder].zone];
        zone.bid += verdict.bid.mwh;
        zone.won += verdict.won;
        zone.lost.extend(&verdict.lost);
    }
    let before = Network::new(auction, t);
    let network = routed(&before, &bids);
    let interval_start = auction.grid.instant(t);
    for (place, tie) in auction.ties.iter().enumerate() {
        let mwh = energy(network.transfer(place, &before));
        if mwh != Wh::ZERO {
            transfers.push(Transfer { interval_start, tie: tie.id.clone(), mwh });
        }
    }
    for (place, zone) in auction.zones.iter().enumerate() {
        let Some(quota) = &zone.quota_mwh else { continue };
        let unsold = energy(network.unsold(place));
        zones.push(Sale {
            interval_start,
            zone: zone.id.clone(),
            quota_mwh: quota[t],
            bid_mwh: bids[place].bid,
            won_mwh: bids[place].won,
            received_mwh: bids[place].won + unsold - quota[t],
            unsold_mwh: unsold,
            reasons: reasons(auction, &network, place, &bids),
        });
    }
}

/// The network with what was won routed anew, so that the transfers do not depend on the order of the bids: every zone
/// serves itself first, then the zones in the order of their names.
fn routed(before: &Network, bids: &[ZoneBids]) -> Network {
    let mut network = before.clone();
    let won = |zone: usize| i128::from(bids[zone].won.0);
    let own: Vec<i128> = (0..bids.len()).map(|zone| won(zone).min(before.unsold(zone))).collect();
    for (zone, own) in own.iter().enumerate() {
        network.push(zone, *own);
    }
    for (zone, own) in own.iter().enumerate() {
        let rest = won(zone) - own;
        let served = network.push(zone, rest);
        debug_assert_eq!(served, rest, "what was accepted can be served");
    }
    network
}

/// Energy of the network, which is never more than what is offered.
fn energy(wh: i128) -> Wh {
    Wh(i64::try_from(wh).unwrap_or(i64::MAX))
}

fn purses(auction: &Auction, verdicts: &[Verdict<'_>], left: &[Money]) -> Vec<Purse> {
    let bidding: BTreeSet<usize> = verdicts.iter().map(|verdict| verdict.bid.bidder).collect();
    let purse = |(place, bidder): (usize, &kezek_model::case::Bidder)| Purse {
        facility: bidder.facility.clone(),
        prepaid: bidder.prepaid,
        spent: bidder.prepaid - left[place],
        left: left[place],
    };
    let bidders = auction.bidders.iter().enumerate();
    let concerned = bidders.filter(|(place, bidder)| bidder.prepaid > Money::ZERO || bidding.contains(place));
    concerned.map(purse).collect()
}

fn quotas(auction: &Auction, verdicts: &[Verdict<'_>]) -> Vec<Quota> {
    let mut won: BTreeMap<(usize, usize), Wh> = BTreeMap::new();
    for verdict in verdicts {
        *won.entry((verdict.bid.interval, verdict.bid.bidder)).or_default() += verdict.won;
    }
    let takes_part = |zone: usize| auction.zones[zone].quota_mwh.is_some();
    let mut quotas = Vec::new();
    for t in 0..auction.grid.len {
        for (place, bidder) in
            auction.bidders.iter().enumerate().filter(|(_, bidder)| takes_part(bidder.zone))
        {
            let won = won.get(&(t, place)).copied().unwrap_or_default();
            let (mw, rounded_off_mwh) = power(won, auction.grid.step_minutes);
            let (interval_start, facility) = (auction.grid.instant(t), bidder.facility.clone());
            quotas.push(Quota { interval_start, facility, mw, rounded_off_mwh });
        }
    }
    quotas
}

/// The whole kW that use up an energy in an interval, and what is left of it.
fn power(won: Wh, step_minutes: u32) -> (Kw, Wh) {
    let wh_per_kw = 1000 * i64::from(step_minutes) / 60;
    (Kw(won.0 / wh_per_kw), Wh(won.0 % wh_per_kw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_energy_over_hours_in_whole_kw() {
        assert_eq!(power(Wh(10_000_000), 60), (Kw(10_000), Wh(0)));
        assert_eq!(power(Wh(1_000_000), 15), (Kw(4000), Wh(0)));
        assert_eq!(power(Wh(1_500_700), 30), (Kw(3001), Wh(200)));
    }
}
