//! The verdict on one order again, from what an evidence file holds, without the rest of the journal.

use crate::comply::{self, Tally};
use crate::config::Tolerance;
use crate::event::Proposed;
use crate::meter;
use crate::state::{Proposal, Recall, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::order::Order;
use kezek_model::receipt::Reading;

/// All that a verdict rests on.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// The settings.
    pub tolerance: Tolerance,
    /// The plan of the order as it was proposed; its draft says the facility's clock.
    pub proposed: Proposed,
    /// The orders of the facility that bear on it, itself too, with the instant at which each was recalled.
    pub orders: Vec<(Order, Option<DateTime<Utc>>)>,
    /// The readings, in the order in which they were taken.
    pub readings: Vec<Reading>,
}

/// The verdict over the whole window of an order; `None` where it is not among the grounds.
#[must_use]
pub fn tally_again(grounds: Grounds, order_no: &OrderNo) -> Option<Tally> {
    let mut state = State::new();
    state.config.tolerance = grounds.tolerance;
    let mut orders = grounds.orders;
    orders.sort_by_key(|(order, _)| order.sequence);
    for (order, recalled_at) in orders {
        let (number, day) = (order.order_no.clone(), order.issued_at.date_naive());
        state.insert(order, day);
        let recall = recalled_at.map(|at| Recall { by: number.clone(), person: String::new(), at });
        if let Some(record) = state.orders.get_mut(&number) {
            record.recalled = recall;
        }
    }
    let (digest, at) = (grounds.proposed.plan_digest.clone(), DateTime::UNIX_EPOCH);
    let proposal = Proposal {
        proposed: grounds.proposed,
        at,
        approvals: Vec::new(),
        returned: None,
        issued_at: None,
        unconfirmed: false,
    };
    state.proposals.insert(digest, proposal);
    meter::read(&mut state, grounds.readings);
    comply::tally(&state, order_no)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Room, draft, full, hour, reading, recalled};

    #[test]
    fn the_same_verdict_without_the_rest_of_the_state() {
        let mut room = Room::new();
        room.read((-200..-7).map(|from| reading("F1", 60 * from, 60 * from + 60, 12_000)).collect());
        room.issue("p1", None, vec![full("F1", 0, 6), full("F2", 0, 6)]);
        room.issue("p2", Some("p1"), vec![draft("F1", (2, 4), &[(2, 4, 5_000, 15_000)])]);
        room.now = hour(5);
        room.tell(recalled("2022-0124-F1-v1"));
        room.now = hour(7);
        room.read((0..24).map(|n| reading("F1", 15 * n, 15 * n + 15, 400 * n)).collect());
        let records: Vec<_> = room.state.records_of(&"F1".into()).collect();
        let orders =
            records.iter().map(|record| (record.order.clone(), record.recalled.as_ref().map(|r| r.at)));
        let orders: Vec<_> = orders.collect();
        let readings: Vec<Reading> =
            room.state.readings(&"F1".into(), hour(-300), hour(9)).cloned().collect();
        for (order, _) in &orders {
            let proposed = room.state.proposal(&order.plan_digest).unwrap().proposed.clone();
            let tolerance = room.state.config().tolerance.clone();
            let grounds = Grounds { tolerance, proposed, orders: orders.clone(), readings: readings.clone() };
            let number = &order.order_no;
            assert_eq!(tally_again(grounds, number), comply::tally(&room.state, number), "{number}");
        }
    }
}
