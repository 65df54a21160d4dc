//! Zones, their quotas and the ties between them as a network in which energy flows to the accepted lots.
//!
//! With `a` accepted in each zone, all is served when a flow `f >= 0` exists with, for every zone `z`,
//! `use_z + in_z - out_z = a_z`, `use_z <= quota_z`, and `f` within the limits of every tie. Accepting more pushes
//! energy along paths of what room is left (Ford and Fulkerson), the shortest first (Edmonds and Karp), so that a zone
//! is served from its own quota before any tie. All in whole Wh.

use kezek_model::amount::Wh;
use kezek_model::case::{Auction, JointTie};
use std::collections::VecDeque;

/// Where the quotas come from, after the zones.
type Node = usize;

/// The network with what has been accepted so far routed through it.
#[derive(Clone)]
pub(super) struct Network {
    zones: usize,
    /// Room on each arc; arcs `2n` and `2n + 1` are the two directions of one line.
    room: Vec<i128>,
    /// Where each arc ends.
    heads: Vec<Node>,
    /// The arcs that leave each node.
    leaving: Vec<Vec<usize>>,
}

impl Network {
    /// The network of an interval, with nothing accepted.
    pub(super) fn new(auction: &Auction, t: usize) -> Self {
        let zones = auction.zones.len();
        let mut network =
            Self { zones, room: Vec::new(), heads: Vec::new(), leaving: vec![Vec::new(); zones + 1] };
        let mut all = 0;
        for (zone, offered) in auction.zones.iter().enumerate() {
            let quota = offered.quota_mwh.as_ref().map_or(0, |quota| i128::from(quota[t].0));
            network.line(zones, zone, quota, 0);
            all += quota;
        }
        for tie in &auction.ties {
            let (there, back) = limits(tie, t, all);
            network.line(tie.from, tie.to, there, back);
        }
        network
    }

    fn line(&mut self, from: Node, to: Node, there: i128, back: i128) {
        for (tail, head, room) in [(from, to, there), (to, from, back)] {
            self.leaving[tail].push(self.room.len());
            self.heads.push(head);
            self.room.push(room);
        }
    }

    /// Serves as many of these lots in a zone as the network can, and gives their number.
    pub(super) fn serve(&mut self, zone: usize, lots: i64, lot: Wh) -> i64 {
        let (lot, mut trial) = (i128::from(lot.0), self.clone());
        let reached = trial.push(zone, i128::from(lots) * lot) / lot;
        if reached == i128::from(lots) {
            *self = trial;
        } else {
            self.push(zone, reached * lot);
        }
        i64::try_from(reached).unwrap_or(lots)
    }

    /// Brings as much of this energy to a zone as there is a way for, and gives how much that is.
    pub(super) fn push(&mut self, zone: usize, wanted: i128) -> i128 {
        let mut pushed = 0;
        while pushed < wanted {
            let Some(path) = self.path_to(zone) else { break };
            let narrowest = path.iter().map(|&arc| self.room[arc]).min().unwrap_or_default();
            let amount = narrowest.min(wanted - pushed);
            for arc in path {
                self.room[arc] -= amount;
                self.room[arc ^ 1] += amount;
            }
            pushed += amount;
        }
        pushed
    }

    /// The arcs of a shortest path with room from the quotas to a zone.
    fn path_to(&self, zone: usize) -> Option<Vec<usize>> {
        let mut by: Vec<Option<usize>> = vec![None; self.zones + 1];
        let mut queue = VecDeque::from([self.zones]);
        while let Some(node) = queue.pop_front().filter(|&node| node != zone) {
            for &arc in &self.leaving[node] {
                let head = self.heads[arc];
                if self.room[arc] > 0 && head != self.zones && by[head].is_none() {
                    by[head] = Some(arc);
                    queue.push_back(head);
                }
            }
        }
        let (mut path, mut node) = (Vec::new(), zone);
        while node != self.zones {
            let arc = by[node]?;
            path.push(arc);
            node = self.heads[arc ^ 1];
        }
        path.reverse();
        Some(path)
    }

    /// The same network with all room times a factor.
    pub(super) fn times(&self, factor: i128) -> Self {
        Self { room: self.room.iter().map(|room| room * factor).collect(), ..self.clone() }
    }

    /// The zones to which no more can be brought.
    pub(super) fn sold_out(&self) -> Vec<bool> {
        self.reach(self.zones, |arc| arc).into_iter().map(|reached| !reached).collect()
    }

    /// The zones from which more could be brought to this one, itself among them.
    pub(super) fn upstream(&self, zone: usize) -> Vec<bool> {
        self.reach(zone, |arc| arc ^ 1)
    }

    /// The zones to which more could be brought from this one, itself among them.
    pub(super) fn downstream(&self, zone: usize) -> Vec<bool> {
        self.reach(zone, |arc| arc)
    }

    /// The zones reached from a node over arcs with room, looked at from one side or the other, not by way of the quotas.
    fn reach(&self, start: Node, looked_at: impl Fn(usize) -> usize) -> Vec<bool> {
        let mut reached = vec![false; self.zones + 1];
        reached[start] = true;
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for &arc in &self.leaving[node] {
                let head = self.heads[arc];
                if self.room[looked_at(arc)] > 0 && head != self.zones && !reached[head] {
                    reached[head] = true;
                    stack.push(head);
                }
            }
        }
        reached.truncate(self.zones);
        reached
    }

    /// What is left of the quota of a zone.
    pub(super) fn unsold(&self, zone: usize) -> i128 {
        // The lines of the quotas are the first, one a zone.
        self.room[2 * zone]
    }

    /// What goes over a tie from its `from` to its `to`, given the network before anything was accepted.
    pub(super) fn transfer(&self, tie: usize, before: &Self) -> i128 {
        let arc = 2 * (self.zones + tie);
        before.room[arc] - self.room[arc]
    }

    /// The room on all ways into a set of zones.
    pub(super) fn room_into(&self, set: &[bool]) -> i128 {
        let inside = |node: Node| node < self.zones && set[node];
        let enters = |&arc: &usize| inside(self.heads[arc]) && !inside(self.heads[arc ^ 1]);
        (0..self.room.len()).filter(enters).map(|arc| self.room[arc]).sum()
    }
}

/// The limits of a tie, there and back; where there is none, as much as all quotas together.
fn limits(tie: &JointTie, t: usize, all: i128) -> (i128, i128) {
    let limit = |limits: &[Option<Wh>]| limits[t].map_or(all, |limit| i128::from(limit.0));
    (limit(&tie.limit_mwh), limit(&tie.reverse_limit_mwh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auction::tests::story::{auction, joined};

    const LOT: Wh = Wh(1_000_000);

    /// Zones 0, 1 and 2 in a row; lots of 1 MWh.
    fn row() -> Network {
        let mut auction = auction(&[10.5, 0.0, 1.5]);
        joined(&mut auction, 0, 1, (4.0, 0.0));
        joined(&mut auction, 1, 2, (2.5, 1.0));
        Network::new(&auction, 0)
    }

    #[test]
    fn energy_comes_over_several_ties_and_from_several_zones() {
        let mut network = row();
        assert_eq!(network.clone().serve(2, 9, LOT), 4, "1.5 of its own and 2.5 from the first");
        assert_eq!(network.serve(1, 9, LOT), 5, "4 from the first and 1 from the last");
        assert_eq!(network.serve(2, 9, LOT), 0, "half a MWh is left there");
        assert_eq!(network.serve(0, 9, LOT), 6);
    }

    #[test]
    fn what_is_sold_out_is_known_with_its_cause() {
        let mut network = row();
        network.push(1, 4_000_000);
        assert_eq!(network.sold_out(), [false, false, false], "the last can still give 1 MWh to the middle");
        network.push(1, 1_000_000);
        assert_eq!(network.sold_out(), [false, true, false]);
        assert_eq!(network.upstream(1), [false, true, false]);
        assert_eq!(network.room_into(&[false, true, false]), 0);
        assert_eq!(network.downstream(2), [false, false, true], "the way to the middle is full");
    }
}
