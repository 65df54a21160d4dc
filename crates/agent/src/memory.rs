//! What the agent knows: everything here follows from the records of the store, in their order.

use crate::holdings::{Holding, Target};
use crate::record::Record;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::Signed;
use kezek_model::ids::OrderNo;
use kezek_model::receipt::{Answer, Reading, Report};
use std::collections::{BTreeMap, VecDeque};

/// Waits between attempts to send, in seconds; the last one for ever.
const RETRY_S: [i64; 6] = [1, 2, 4, 8, 15, 30];

/// Everything that the store says.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The orders, by epoch and sequence.
    pub(crate) holdings: Vec<Holding>,
    /// What the driver was last brought to.
    pub(crate) applied: Target,
    /// Whether the driver failed since: it may have done half of what it was told.
    pub(crate) is_uncertain: bool,
    /// Answers and reports that the control room has not taken.
    pub(crate) parcels: BTreeMap<u64, Parcel>,
    /// Number of the next answer or report.
    next_parcel: u64,
    /// Readings that the control room has not taken.
    pub(crate) readings: VecDeque<Reading>,
    /// When the readings are tried next.
    pub(crate) readings_turn: Turn,
    /// End of the last interval that was read.
    pub(crate) read_until: Option<DateTime<Utc>>,
    /// The latest instant that a record names: it cannot be earlier now.
    pub(crate) latest: Option<DateTime<Utc>>,
}

/// One message to the control room.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) content: Content,
    pub(crate) turn: Turn,
}

/// What is in it.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Answer(Signed<Answer>),
    Report(Signed<Report>),
}

/// When a message is tried next; at once after a restart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turn {
    failures: usize,
    retry_at: Option<DateTime<Utc>>,
}

impl Turn {
    /// When it is due; `None` for at once.
    pub(crate) fn retry_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let longest = TimeDelta::seconds(RETRY_S[RETRY_S.len() - 1]);
        // A longer wait than any means that the clock was set back meanwhile.
        self.retry_at.filter(|retry_at| now < *retry_at && *retry_at - now <= longest)
    }

    pub(crate) fn failed(&mut self, now: DateTime<Utc>) {
        let wait_s = RETRY_S[self.failures.min(RETRY_S.len() - 1)];
        self.failures += 1;
        self.retry_at = Some(now + TimeDelta::seconds(wait_s));
    }
}

impl Memory {
    pub(crate) fn take(&mut self, record: Record) {
        self.latest = self.latest.max(record.at());
        match record {
            Record::Opened { .. } => {}
            Record::Received { at, order, .. } => self.hold(*order, at),
            Record::Answered { answer } => self.answered(answer),
            Record::Applied { order_no, limit, reports } => {
                self.applied = Target { order_no, limit };
                self.is_uncertain = false;
                reports.into_iter().for_each(|report| self.pack(Content::Report(report)));
            }
            Record::Failed { report } => {
                self.is_uncertain = true;
                self.pack(Content::Report(report));
            }
            Record::Read { reading } => {
                self.read_until = self.read_until.max(Some(reading.interval_end));
                self.readings.push_back(reading);
            }
            Record::Sent { parcel } => {
                self.parcels.remove(&parcel);
            }
            Record::ReadingsSent { until } => {
                self.readings.retain(|reading| reading.interval_end > until);
                self.readings_turn = Turn::default();
            }
        }
    }

    fn hold(&mut self, order: kezek_model::order::Order, received_at: DateTime<Utc>) {
        let holding = Holding { order, received_at, answer: None };
        let place = self.holdings.partition_point(|known| known.key() < holding.key());
        self.holdings.insert(place, holding);
    }

    fn answered(&mut self, answer: Signed<Answer>) {
        if let Some(holding) = self.holding_mut(&answer.body.order_no) {
            holding.answer = Some(answer.body.clone());
        }
        self.pack(Content::Answer(answer));
    }

    fn pack(&mut self, content: Content) {
        self.parcels.insert(self.next_parcel, Parcel { content, turn: Turn::default() });
        self.next_parcel += 1;
    }

    pub(crate) fn holding(&self, order_no: &OrderNo) -> Option<&Holding> {
        self.holdings.iter().find(|holding| holding.order.order_no == *order_no)
    }

    fn holding_mut(&mut self, order_no: &OrderNo) -> Option<&mut Holding> {
        self.holdings.iter_mut().find(|holding| holding.order.order_no == *order_no)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute_and_stay_there() {
        let mut now: DateTime<Utc> = "2022-01-23T18:00:00Z".parse().unwrap();
        let (mut turn, mut waits) = (Turn::default(), Vec::new());
        assert_eq!(turn.retry_at(now), None);
        for _ in 0..8 {
            turn.failed(now);
            let next = turn.retry_at(now).unwrap();
            waits.push((next - now).num_seconds());
            assert_eq!(turn.retry_at(next), None);
            now = next;
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 30, 30, 30]);
    }

    #[test]
    fn a_clock_set_back_does_not_delay_sending() {
        let now: DateTime<Utc> = "2022-01-23T18:00:00Z".parse().unwrap();
        let mut turn = Turn::default();
        turn.failed(now);
        assert_eq!(turn.retry_at(now - TimeDelta::days(1)), None);
    }
}
