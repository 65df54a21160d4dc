//! What can happen, and what follows outside.

use crate::bounds::Bounds;
use crate::comply::Tally;
use crate::config::Config;
use crate::draft::Draft;
use chrono::{DateTime, Utc};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::{Head, Order, Priority};
use kezek_model::receipt::{Answer, Reading, Report, Voluntary};
use kezek_model::registry::{Contact, Registry};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};

/// Everything that can happen. Goes into the journal as canonical JSON, beside the time at which it was stepped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The control room starts; the first event of every run. Attempts without outcome are failed-unknown.
    Opened {
        /// Name of the environment; never changes.
        environment: String,
        /// Higher than that of every earlier start.
        epoch: u64,
        /// What holds from now on.
        config: Config,
    },
    /// The journal was restored from a backup; stands before the first start on it.
    Restored {
        /// Above any that the lost journal can have reached; the next start is in a later one.
        epoch: u64,
        /// Where the backup ended.
        head: Head,
    },
    /// A facility's address and key. The first one holds at once; a change takes two people.
    Enrolled {
        /// Whose.
        facility: FacilityId,
        /// Where its orders go.
        address: String,
        /// With what its answers are verified.
        public_key: String,
        /// Who enters it.
        by: String,
        /// Another person who has confirmed it already.
        approved_by: Option<String>,
        /// Who passes its orders on, where the address is not its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        relay: Option<String>,
    },
    /// A second person confirms exactly this change.
    EnrolmentConfirmed {
        /// Whose.
        facility: FacilityId,
        /// The address that is confirmed.
        address: String,
        /// The key that is confirmed.
        public_key: String,
        /// Who confirms.
        person: String,
        /// The relay that is confirmed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        relay: Option<String>,
    },
    /// The registry was read anew. Its endpoints are proposals: where orders go is changed by people only.
    RegistryRead {
        /// All of it.
        registry: Box<Registry>,
    },
    /// A plan is laid before the approvers.
    Proposed(Box<Proposed>),
    /// A person approves one plan digest.
    Approved {
        /// Of the plan.
        plan_digest: String,
        /// Who approves; never the author.
        person: String,
        /// What the independent check said about exactly this digest.
        check: CheckSummary,
        /// Head of the journal before this event; the orders carry it.
        journal_head: Head,
    },
    /// A person sends a plan back.
    Returned {
        /// Of the plan.
        plan_digest: String,
        /// Who.
        person: String,
        /// Why.
        comment: String,
    },
    /// A person withdraws an order; what held below it holds again.
    Recalled {
        /// The order that is withdrawn.
        order_no: OrderNo,
        /// Who.
        person: String,
        /// Why; the text of the notice.
        reason: String,
        /// Head of the journal before this event.
        journal_head: Head,
    },
    /// A person has mended what a configuration alarm was about: delivery starts anew.
    Resend {
        /// The order.
        order_no: OrderNo,
        /// Who.
        person: String,
    },
    /// Two people let issuing go on after a promise was found broken.
    Resumed {
        /// Who.
        by: String,
        /// Another.
        confirmed_by: String,
        /// Why it is safe.
        reason: String,
    },
    /// The time in which a second person had to approve an emergency plan has passed.
    Unconfirmed {
        /// Of the plan.
        plan_digest: String,
    },
    /// The clocks of the control room disagree: time is in doubt (S11).
    ClocksDisagree {
        /// Wall clock less the one it is held against: one that nobody can set, or that of the database.
        apart_ms: i64,
    },
    /// A person stops everything that leaves (S13).
    Frozen {
        /// Who.
        person: String,
        /// Why.
        reason: String,
    },
    /// Two people let it go on.
    Thawed {
        /// Who.
        by: String,
        /// Another.
        confirmed_by: String,
        /// Why it is safe.
        reason: String,
    },
    /// An attempt at delivery is about to begin.
    AttemptIntended {
        /// The order.
        order_no: OrderNo,
        /// 1 for the first.
        attempt: u32,
        /// When it was due.
        at: DateTime<Utc>,
    },
    /// What came of it.
    AttemptEnded {
        /// The order.
        order_no: OrderNo,
        /// Its number.
        attempt: u32,
        /// What came of it.
        outcome: Outcome,
    },
    /// A message about an order over the second channel is about to leave.
    NoticeIntended {
        /// The order.
        order_no: OrderNo,
        /// Over what.
        channel: SecondChannel,
        /// To which number or mailbox.
        to: String,
        /// 1 for the first to this number or mailbox about this order.
        attempt: u32,
        /// When it was due.
        at: DateTime<Utc>,
    },
    /// What came of it.
    NoticeEnded {
        /// The order.
        order_no: OrderNo,
        /// Over what.
        channel: SecondChannel,
        /// To which number or mailbox.
        to: String,
        /// Its number.
        attempt: u32,
        /// What came of it.
        outcome: NoticeOutcome,
    },
    /// A facility's answer; its signature has been verified, or a person of the facility has entered it.
    Answered {
        /// The answer.
        answer: Answer,
        /// Who entered it on a page of the control room; `None` where the facility has signed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entered_by: Option<String>,
    },
    /// A facility's word on what it did; its signature has been verified.
    Reported {
        /// The report.
        report: Report,
    },
    /// Meter values.
    Read {
        /// All of one facility or of several.
        readings: Vec<Reading>,
    },
    /// A facility will draw less of its own accord; its signature has been verified, or a person has entered it.
    Volunteered {
        /// What it says.
        declared: Voluntary,
        /// Who entered it; `None` where the facility has signed it.
        entered_by: Option<String>,
    },
    /// A licence was suspended: no quota any more, but orders bind as before.
    LicenceSuspended {
        /// Its number.
        licence: String,
        /// Who entered it.
        person: String,
        /// Why.
        reason: String,
    },
    /// It holds again.
    LicenceReinstated {
        /// Its number.
        licence: String,
        /// Who entered it.
        person: String,
        /// Why.
        reason: String,
    },
    /// A person has called the facility about an order.
    Called {
        /// The order.
        order_no: OrderNo,
        /// Who called.
        person: String,
        /// What was said, or that nobody answered.
        answer: String,
    },
    /// Lead time runs out and the order has not arrived.
    Warned {
        /// The order.
        order_no: OrderNo,
        /// How much of the lead time is gone.
        mark: Mark,
    },
    /// `ack_by` has passed without an answer.
    Silent {
        /// The order.
        order_no: OrderNo,
    },
    /// The order's end has passed.
    Expired {
        /// The order.
        order_no: OrderNo,
    },
    /// The verdict over the whole window; again when late readings have come.
    Judged {
        /// The order.
        order_no: OrderNo,
        /// The counts.
        tally: Tally,
    },
}

/// A plan laid before the approvers, with all that its orders will say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// Of the plan.
    pub plan_digest: String,
    /// Of the plan that it was made from.
    pub parent: Option<String>,
    /// Of the case.
    pub case_digest: String,
    /// Who made it; never approves it.
    pub author: String,
    /// What approvers see first.
    pub summary: PlanSummary,
    /// One per facility of the case.
    pub drafts: Vec<Draft>,
    /// What the independent check said when the plan was proposed.
    pub check: CheckSummary,
    /// What its zones bear; a journal from before it was asked for has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Bounds>,
}

impl Proposed {
    /// How all its orders are meant.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.drafts.first().map_or(Priority::Normal, |draft| draft.priority)
    }
}

/// What approvers see first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSummary {
    /// Energy cut.
    pub cut_mwh: f64,
    /// Highest total cut at an instant; shown only, the engine counts it from the drafts.
    #[serde(rename = "peak_cut_mw")]
    pub peak_cut: Kw,
    /// Shortage that remains.
    pub uncovered_mwh: f64,
    /// Facilities under cut.
    pub facilities: u32,
}

/// What the independent check said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSummary {
    /// About which plan.
    pub plan_digest: String,
    /// Whether nothing was found.
    pub passed: bool,
    /// What was found.
    pub findings: Vec<String>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// A web server is alive and said 2xx; not an answer.
    Received {
        /// The status.
        status: u16,
    },
    /// It will be tried again.
    Failed {
        /// What went wrong.
        reason: String,
        /// Seconds that the receiver asked to wait.
        retry_after_s: Option<u32>,
    },
    /// Trying again cannot help (3xx, 410, TLS, address): a person must act.
    Alarm {
        /// What is wrong.
        reason: String,
    },
}

/// Another way to tell people of an order that has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondChannel {
    /// Short message.
    Sms,
    /// E-mail.
    Email,
}

/// What came of a message over the second channel. None of it is a receipt of the facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeOutcome {
    /// A gateway or mail server took it.
    Told {
        /// What it said.
        by: String,
    },
    /// It will be tried again, as often as is set.
    Failed {
        /// What went wrong.
        reason: String,
    },
    /// Trying again cannot help: a person must act.
    Alarm {
        /// What is wrong.
        reason: String,
    },
}

/// How much of the lead time from issue to `deliver_by` is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// 50 %: the operator is warned.
    Half,
    /// 80 %: second channel, e-mail, phone list, regional grid company.
    Ladder,
}

impl Mark {
    /// When so much of the lead time of an order is gone.
    #[must_use]
    pub fn of(self, order: &Order) -> DateTime<Utc> {
        let lead = order.deliver_by - order.issued_at;
        match self {
            Self::Half => order.issued_at + lead / 2,
            Self::Ladder => order.issued_at + lead * 4 / 5,
        }
    }
}

/// What follows outside, in this order.
pub type Effects = Vec<Effect>;

/// One thing that follows outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Deliver an order; the outcome comes back as [`Event::AttemptEnded`].
    Send {
        /// The order.
        order_no: OrderNo,
        /// The attempt, already intended.
        attempt: u32,
        /// What to sign and send.
        order: Box<Order>,
        /// Where to.
        address: String,
    },
    /// Tell a person of a facility; the outcome comes back as [`Event::NoticeEnded`].
    Tell {
        /// Over what, already intended.
        channel: SecondChannel,
        /// The attempt.
        attempt: u32,
        /// Whom.
        contact: Box<Contact>,
        /// Of what.
        order: Box<Order>,
    },
    /// Tell a person.
    Notify(Warning),
}

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The facility, where one is meant.
    pub facility: Option<FacilityId>,
    /// The order, where one is meant.
    pub order_no: Option<OrderNo>,
    /// What happened and what to do, in words.
    pub text: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// Half of the lead time is gone and the order has not arrived.
    HalfLead,
    /// Most of it is gone: call the facility.
    Ladder,
    /// No answer by `ack_by`.
    Silent,
    /// Delivery needs a person.
    Alarm,
    /// Nobody could be told over the second channel.
    NotTold,
    /// The facility cannot obey.
    Refused,
    /// The facility says that its driver failed.
    DriverFailed,
    /// The meter is above the limit.
    Breach,
    /// An order never arrived and can no longer be sent.
    NotReceived,
    /// No second person has approved an emergency plan in time.
    Unconfirmed,
    /// A promise was found broken; issuing has stopped.
    Stopped,
}

impl Effect {
    pub(crate) fn warn(kind: WarningKind, order: &Order, text: String) -> Self {
        let (facility, order_no) = (Some(order.facility.clone()), Some(order.order_no.clone()));
        Self::Notify(Warning { kind, facility, order_no, text })
    }
}
