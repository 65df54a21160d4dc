//! Bids of one price and one time that cannot all be served: pro rata, with largest remainders.
//!
//! With `weight_i` the MWh that a bid is for and `most_i` the whole lots of it that can be paid, all bids rise together:
//! at the level `x` bid `i` is to have `min(most_i, x * weight_i)`. The level rises until some zones can be brought no
//! more; the smallest such set of zones is shared out and closed, and the level goes on rising for the others. So two
//! bids that the same limit stops get the same share of their MWh, in whichever zones they are, and nobody is held back
//! by a limit that is not its own. A bid that can't be paid in full counts with its full MWh, but gets no more than can
//! be paid; what it leaves is for the others.
//!
//! In a closed set the limit is a number of whole lots, `n`. Each bid first gets the whole lots of its share of `n`,
//! then those with the largest remainders one lot more, by facility where these are equal, as far as lots go. In one zone
//! that is the method of Hamilton. Shares are compared as fractions of whole numbers.

use super::network::Network;
use kezek_model::amount::Wh;

/// A bid that takes part; bids come by facility.
pub(super) struct Claim {
    /// Position of the zone.
    pub(super) zone: usize,
    /// What was bid for.
    pub(super) bid: Wh,
    /// The whole lots of it that can be paid.
    pub(super) most: i64,
}

/// How much of its MWh each bid is to have, as `room / weight`.
#[derive(Clone, Copy)]
struct Level {
    room: i128,
    weight: i128,
}

/// Serves bids of one price and time, and gives the lots of each. None of them could be given a lot more.
pub(super) fn ration(network: &mut Network, claims: &[Claim], lot: Wh) -> Vec<i64> {
    let sharing = Sharing { claims, lot };
    let mut won = vec![0; claims.len()];
    let mut open: Vec<usize> = (0..claims.len()).filter(|&i| claims[i].most > 0).collect();
    while !open.is_empty() {
        let closed = sharing.first_stopped(network, &open);
        let (members, others): (Vec<usize>, Vec<usize>) =
            open.into_iter().partition(|&i| closed[claims[i].zone]);
        let lots = network.room_into(&closed) / sharing.lot();
        sharing.hand_out(network, &members, lots, &mut won);
        open = others;
    }
    won
}

struct Sharing<'a> {
    claims: &'a [Claim],
    lot: Wh,
}

impl Sharing<'_> {
    fn lot(&self) -> i128 {
        i128::from(self.lot.0)
    }

    /// The most energy that a bid can have.
    fn most(&self, i: usize) -> i128 {
        i128::from(self.claims[i].most) * self.lot()
    }

    fn weight(&self, i: usize) -> i128 {
        i128::from(self.claims[i].bid.0)
    }

    /// The smallest set of zones that stops the level first; all zones where none does.
    fn first_stopped(&self, network: &Network, open: &[usize]) -> Vec<bool> {
        let mut level = None;
        // Every round finds a set of zones that is asked for too much and lowers the level to what it can take.
        loop {
            let risen = self.risen(network, open, level);
            if risen.all_served {
                let nothing_stops = level.is_none();
                return if nothing_stops {
                    vec![true; risen.sold_out.len()]
                } else {
                    self.smallest(&risen, open)
                };
            }
            let stopped: Vec<usize> =
                open.iter().copied().filter(|&i| risen.sold_out[self.claims[i].zone]).collect();
            level = self.level(&stopped, network.room_into(&risen.sold_out));
        }
    }

    /// The network when all open bids have risen to a level, or to all that can be paid.
    fn risen(&self, network: &Network, open: &[usize], level: Option<Level>) -> Risen {
        let factor = level.map_or(1, |level| level.weight);
        let mut network = network.times(factor);
        let mut all_served = true;
        for &i in open {
            let most = self.most(i) * factor;
            let wanted = level.map_or(most, |level| most.min(level.room * self.weight(i)));
            all_served &= network.push(self.claims[i].zone, wanted) == wanted;
        }
        Risen { sold_out: network.sold_out(), network, all_served }
    }

    fn smallest(&self, risen: &Risen, open: &[usize]) -> Vec<bool> {
        let zones = open.iter().map(|&i| self.claims[i].zone).filter(|&zone| risen.sold_out[zone]);
        let sets = zones.map(|zone| risen.network.upstream(zone));
        let size = |set: &Vec<bool>| set.iter().filter(|inside| **inside).count();
        sets.min_by_key(size).unwrap_or_else(|| vec![true; risen.sold_out.len()])
    }

    /// The level at which bids have just this much energy together; `None` where all of them together can't have it.
    fn level(&self, bids: &[usize], mut room: i128) -> Option<Level> {
        let mut order = bids.to_vec();
        order.sort_by(|&i, &j| (self.most(i) * self.weight(j)).cmp(&(self.most(j) * self.weight(i))));
        let mut weight: i128 = bids.iter().map(|&i| self.weight(i)).sum();
        for i in order {
            let is_full = self.most(i) * weight <= room * self.weight(i);
            if !is_full {
                return Some(Level { room, weight });
            }
            room -= self.most(i);
            weight -= self.weight(i);
        }
        None
    }

    /// Shares out whole lots among bids that are in the order of facilities.
    fn hand_out(&self, network: &mut Network, bids: &[usize], lots: i128, won: &mut [i64]) {
        let level = self.level(bids, lots * self.lot());
        let mut by_remainder = Vec::new();
        for &i in bids {
            let (whole, remainder) = self.share(i, level);
            won[i] = network.serve(self.claims[i].zone, whole, self.lot);
            by_remainder.push((std::cmp::Reverse(remainder), i));
        }
        by_remainder.sort_unstable();
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            for &(_, i) in &by_remainder {
                if won[i] < self.claims[i].most {
                    let more = network.serve(self.claims[i].zone, 1, self.lot);
                    won[i] += more;
                    goes_on |= more > 0;
                }
            }
        }
    }

    /// The whole lots of a bid at a level, and what is left over them, in parts that all bids have in common.
    fn share(&self, i: usize, level: Option<Level>) -> (i64, i128) {
        let most = self.claims[i].most;
        let Some(level) = level else { return (most, 0) };
        let (share, lot) = (level.room * self.weight(i), level.weight * self.lot());
        match i64::try_from(share / lot) {
            Ok(whole) if whole < most => (whole, share % lot),
            _ => (most, 0),
        }
    }
}

/// The network at a level.
struct Risen {
    network: Network,
    sold_out: Vec<bool>,
    all_served: bool,
}
