//! Why some of a quota was not sold.

use super::network::Network;
use super::registers::ZoneBids;
use super::{LossReason, Unsold, UnsoldReason};
use kezek_model::amount::Wh;
use kezek_model::case::Auction;

/// The reasons why something is left of the quota of a zone, given the network in which all that was won is routed.
///
/// What counts is who could still have been served from here: the bids of the zone itself and of those to which more
/// could have been brought.
pub(super) fn reasons(auction: &Auction, network: &Network, zone: usize, bids: &[ZoneBids]) -> Vec<Unsold> {
    let unsold = Wh(i64::try_from(network.unsold(zone)).unwrap_or(i64::MAX));
    if unsold == Wh::ZERO {
        return Vec::new();
    }
    let within = network.downstream(zone);
    let in_vain = lost(bids, &within);
    let mut reasons = Vec::new();
    for (reason, causes) in CAUSES {
        let mwh = in_vain.iter().filter(|(cause, _)| causes.contains(cause)).map(|(_, mwh)| *mwh).sum();
        reasons.push(Unsold { reason, mwh });
    }
    let beyond = behind_a_full_tie(auction, &within, bids);
    reasons.push(Unsold { reason: UnsoldReason::TieFull, mwh: beyond });
    let asked: Wh = in_vain.iter().map(|(_, mwh)| *mwh).sum();
    let has_bids = bids.iter().zip(&within).any(|(bids, inside)| *inside && bids.bid > Wh::ZERO);
    let reason = if has_bids { UnsoldReason::FewerBids } else { UnsoldReason::NoBids };
    reasons.push(Unsold { reason, mwh: unsold - asked.min(unsold) });
    reasons.retain(|reason| reason.mwh > Wh::ZERO);
    reasons.sort_by_key(|reason| reason.reason);
    reasons
}

/// What a bid was lost for, and what that says about the quota that was left.
const CAUSES: [(UnsoldReason, &[LossReason]); 4] = [
    (UnsoldReason::NoLicence, &[LossReason::NoLicence]),
    (UnsoldReason::BelowStartPrice, &[LossReason::BelowStartPrice]),
    (UnsoldReason::MoneyRanOut, &[LossReason::MoneyRanOut]),
    // Lots that this quota reaches and that were still refused: it is too small for one more.
    (UnsoldReason::LotsDoNotFill, &[LossReason::PartOfALot, LossReason::QuotaUsedUp]),
];

fn lost(bids: &[ZoneBids], within: &[bool]) -> Vec<(LossReason, Wh)> {
    let zones = bids.iter().zip(within).filter(|(_, inside)| **inside);
    zones.flat_map(|(bids, _)| bids.lost.iter().map(|loss| (loss.reason, loss.mwh))).collect()
}

/// The lots that were refused in jointly traded zones to which no more could be brought.
fn behind_a_full_tie(auction: &Auction, within: &[bool], bids: &[ZoneBids]) -> Wh {
    let mut joint = within.to_vec();
    // As often as there are ties is as far as a chain of them can be.
    for _ in &auction.ties {
        for tie in &auction.ties {
            let either = joint[tie.from] || joint[tie.to];
            (joint[tie.from], joint[tie.to]) = (either, either);
        }
    }
    let beyond: Vec<bool> = joint.iter().zip(within).map(|(joint, inside)| *joint && !inside).collect();
    let lots = lost(bids, &beyond).into_iter().filter(|(cause, _)| *cause == LossReason::QuotaUsedUp);
    lots.map(|(_, mwh)| mwh).sum()
}
