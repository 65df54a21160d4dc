//! What holds: nothing but the events so far. Never stored; a replay makes it again.

use crate::comply::Tally;
use crate::config::Config;
use crate::event::{Mark, NoticeOutcome, Outcome, Proposed, SecondChannel};
use crate::guard::Violation;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Head, Order};
use kezek_model::receipt::{Answer, Reading, Report, Voluntary};
use kezek_model::registry::Registry;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Attempts kept per order; the journal has them all.
pub const ATTEMPTS_KEPT: usize = 100;
/// Answers and reports kept per order.
pub const RECEIPTS_KEPT: usize = 1000;
/// Readings kept per facility: two weeks of minutes, 200 days of quarter hours; the journal has them all.
pub const READINGS_KEPT: usize = 20_000;

/// Everything that the control room knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub(crate) environment: Option<String>,
    pub(crate) epoch: u64,
    pub(crate) config: Config,
    /// Latest time stepped: engine time never runs backwards.
    pub(crate) clock: Option<DateTime<Utc>>,
    pub(crate) enrolments: BTreeMap<FacilityId, Enrolment>,
    pub(crate) registry: Registry,
    /// By number of the licence.
    pub(crate) suspensions: BTreeMap<String, Suspension>,
    /// Those that have ended, by number of the licence, in order of time.
    pub(crate) past_suspensions: BTreeMap<String, Vec<PastSuspension>>,
    /// Voluntary cuts, by time.
    pub(crate) volunteered: BTreeMap<FacilityId, Vec<Volunteered>>,
    pub(crate) proposals: BTreeMap<String, Proposal>,
    /// Digest of the plan approved last.
    pub(crate) target: Option<String>,
    pub(crate) orders: BTreeMap<OrderNo, OrderRecord>,
    pub(crate) lanes: BTreeMap<FacilityId, Lane>,
    /// Orders that time can still change, so that old ones cost nothing.
    pub(crate) open: BTreeSet<OrderNo>,
    /// Two books of a control room share what neither has touched: readings are most of a long journal.
    pub(crate) readings: BTreeMap<FacilityId, Arc<BTreeMap<ReadingKey, Reading>>>,
    /// The epoch of the latest restore from a backup; part of every order number since.
    pub(crate) restored: Option<u64>,
    /// Set by a broken promise; stops issuing, not watching.
    pub(crate) stopped: Option<Violation>,
    /// Set by a person; stops everything that leaves.
    pub(crate) frozen: Option<Freeze>,
}

/// The suspension of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Who entered it.
    pub person: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// The suspension of a licence that holds again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastSuspension {
    /// As it was while it lasted.
    pub suspension: Suspension,
    /// Who ended it.
    pub ended_by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub until: DateTime<Utc>,
}

/// A voluntary cut that was declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Volunteered {
    /// What was said.
    pub declared: Voluntary,
    /// Who entered it; `None` where the facility has signed it.
    pub entered_by: Option<String>,
    /// When it was declared.
    pub at: DateTime<Utc>,
}

/// A freeze: nothing is issued or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Who froze.
    pub person: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Start, end, source: one value each.
pub(crate) type ReadingKey = (DateTime<Utc>, DateTime<Utc>, String);

/// Where a facility is reached and how its answers are verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enrolment {
    /// Where its orders go; [`kezek_model::registry::FETCHED`] where it asks for them.
    pub address: String,
    /// With what its answers are verified.
    pub public_key: String,
    /// Who entered it.
    pub by: String,
    /// Who confirmed it, where two people were needed.
    pub approved_by: Option<String>,
    /// Since when it holds.
    pub since: DateTime<Utc>,
    /// Who passes its orders on, where the address is not its own.
    pub relay: Option<String>,
    /// A change that waits for a second person.
    pub pending: Option<Change>,
}

/// A change of an address or key that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The new address.
    pub address: String,
    /// The new key.
    pub public_key: String,
    /// The new relay.
    pub relay: Option<String>,
    /// Who entered it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A plan before the approvers, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// As it was proposed.
    pub proposed: Proposed,
    /// When.
    pub at: DateTime<Utc>,
    /// Who has approved so far.
    pub approvals: Vec<Approval>,
    /// Who sent it back.
    pub returned: Option<Returned>,
    /// When its orders were issued: it became the target, unless it is a drill.
    pub issued_at: Option<DateTime<Utc>>,
    /// It is an emergency that no second person has approved in time.
    pub unconfirmed: bool,
}

/// One person's approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Who.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A plan sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// By whom.
    pub person: String,
    /// Why.
    pub comment: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// An order and all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderRecord {
    /// What the facility is told; never changes.
    pub order: Order,
    /// Civil date in its number.
    pub day: NaiveDate,
    /// Attempts so far.
    pub attempts_made: u32,
    /// The latest attempts.
    pub attempts: Vec<Attempt>,
    /// Failures since delivery began or was begun anew; decides the next pause.
    pub failures: u32,
    /// Not to be tried before.
    pub next_attempt_at: DateTime<Utc>,
    /// First 2xx of the facility; behind a relay the first that the facility itself says.
    pub received_at: Option<DateTime<Utc>>,
    /// First 2xx of a relay, which is not the facility's.
    pub relayed_at: Option<DateTime<Utc>>,
    /// Messages over the second channel, oldest first.
    pub notices: Vec<NoticeTry>,
    /// Why a person must act before it is tried again.
    pub alarm: Option<String>,
    /// Signed answers, by the facility's time.
    pub answers: Vec<Answer>,
    /// Signed reports, by the facility's time.
    pub reports: Vec<Report>,
    /// Calls about it, oldest first.
    pub calls: Vec<Call>,
    /// When `ack_by` passed without an answer; stays when one comes later.
    pub silent_at: Option<DateTime<Utc>>,
    /// The warnings given so far.
    pub warned: Option<Mark>,
    /// Its withdrawal.
    pub recalled: Option<Recall>,
    /// Its end has passed.
    pub expired: bool,
    /// The verdict over the whole window.
    pub judged: Option<Tally>,
    /// Readings have come since it was judged, or it was not yet.
    pub unjudged: bool,
    /// A person has been told of a breach.
    pub breach_told: bool,
}

/// One attempt at delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When it was intended.
    pub at: DateTime<Utc>,
    /// When its outcome was recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// What came of it; `None` while it is under way.
    pub outcome: Option<Outcome>,
    /// To whom it went, where not to the facility itself.
    pub relay: Option<String>,
}

/// One message over the second channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeTry {
    /// Over what.
    pub channel: SecondChannel,
    /// To which number or mailbox.
    pub to: String,
    /// Whose.
    pub name: String,
    /// 1 for the first to this number or mailbox.
    pub number: u32,
    /// When it was intended.
    pub at: DateTime<Utc>,
    /// When its outcome was recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// What came of it; `None` while it is under way.
    pub outcome: Option<NoticeOutcome>,
}

/// A call about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Who called.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was said, or that nobody answered.
    pub answer: String,
}

/// The withdrawal of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recall {
    /// Number of the order that withdraws.
    pub by: OrderNo,
    /// Who.
    pub person: String,
    /// When; until then the order held.
    pub at: DateTime<Utc>,
}

/// The one way to a facility: its orders go in the order of their sequence, one attempt at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// Of the order issued last.
    pub last_sequence: u64,
    /// Highest that has left; the facility may refuse any below.
    pub highest_sent: u64,
    /// The attempt under way.
    pub in_flight: Option<InFlight>,
    /// The facility's orders, by sequence.
    pub orders: Vec<OrderNo>,
}

/// An attempt under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InFlight {
    /// The order.
    pub order_no: OrderNo,
    /// Its number.
    pub attempt: u32,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl State {
    /// A control room that has never been opened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Engine time: the later of `now` and the latest time stepped.
    pub(crate) fn time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.clock.map_or(now, |clock| clock.max(now))
    }

    /// The records of a facility, newest first.
    pub(crate) fn newest_first(&self, facility: &FacilityId) -> impl Iterator<Item = &OrderRecord> {
        let numbers = self.lanes.get(facility).map_or(&[][..], |lane| &lane.orders);
        numbers.iter().rev().filter_map(|number| self.orders.get(number))
    }

    /// The records of a facility that are newer than one of them.
    pub(crate) fn newer_than<'a>(&'a self, record: &'a OrderRecord) -> impl Iterator<Item = &'a OrderRecord> {
        let sequence = record.order.sequence;
        self.newest_first(&record.order.facility).take_while(move |newer| newer.order.sequence > sequence)
    }

    /// The civil clock of an order's facility, as its plan had it.
    pub(crate) fn time_zone(&self, order: &Order) -> Tz {
        let proposal = self.proposals.get(&order.plan_digest);
        let mut drafts = proposal.into_iter().flat_map(|proposal| &proposal.proposed.drafts);
        drafts.find(|draft| draft.facility == order.facility).map_or(Tz::UTC, |draft| draft.time_zone)
    }

    /// Adds an order that has just been issued.
    pub(crate) fn insert(&mut self, order: Order, day: NaiveDate) {
        let lane = self.lanes.entry(order.facility.clone()).or_default();
        lane.last_sequence = order.sequence;
        lane.orders.push(order.order_no.clone());
        self.open.insert(order.order_no.clone());
        self.orders.insert(order.order_no.clone(), OrderRecord::new(order, day));
    }
}

impl OrderRecord {
    fn new(order: Order, day: NaiveDate) -> Self {
        Self {
            day,
            attempts_made: 0,
            attempts: Vec::new(),
            failures: 0,
            next_attempt_at: order.issued_at,
            received_at: None,
            relayed_at: None,
            notices: Vec::new(),
            alarm: None,
            answers: Vec::new(),
            reports: Vec::new(),
            calls: Vec::new(),
            silent_at: None,
            warned: None,
            recalled: None,
            expired: false,
            judged: None,
            unjudged: !order.segments.is_empty(),
            breach_told: false,
            order,
        }
    }

    /// The answer that stands: the latest by the facility's clock.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.answers.last()
    }

    /// Whether nothing that time brings can change it.
    pub(crate) fn is_closed(&self) -> bool {
        self.expired && !self.unjudged
    }
}

/// The head that an order carries is one (S9): 64 hexadecimal digits.
pub(crate) fn is_head(head: &Head) -> bool {
    head.hash.len() == 64 && head.hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}
