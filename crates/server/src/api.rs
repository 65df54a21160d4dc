//! What travels over HTTP, for the server and its client alike. Times are RFC 3339 in UTC, powers MW, energies MWh.

use chrono::{DateTime, Utc};
use kezek_engine::energy::Energy;
use kezek_engine::query::Summary;
pub use kezek_engine::settle::{Line, LineKind};
use kezek_engine::{Freeze, Tolerance};
use kezek_model::case::CaseFiles;
use kezek_model::ids::{FacilityId, OrderNo, ZoneId};
use kezek_model::order::{Head, Order, OrderKind, Priority};
use kezek_model::plan::Plan;
use kezek_model::receipt::{Answer, Compliance, Reading, Report, Verdict};
use kezek_model::registry::{Endpoint, Language, Tenant};
use kezek_model::units::{Kw, Money, Wh};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What happened and where.
    pub error: String,
    /// What to do next; may be empty.
    #[serde(default)]
    pub hint: String,
    /// The faults of a case or the findings of a check, one a line; mostly none.
    #[serde(default)]
    pub faults: Vec<String>,
}

/// A plan to lay before the approvers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeBody {
    /// The files of the case, each as a text.
    #[schema(value_type = Object)]
    pub case: CaseFiles,
    /// The plan, as in `plan.json`.
    #[schema(value_type = Object)]
    pub plan: Plan,
    /// What the approvers should know.
    #[serde(default)]
    pub comment: String,
    /// The gap that was asked for, where not that of the case.
    #[serde(default)]
    pub asked_gap: Option<f64>,
    /// How its orders are meant, where not as the settings say: `emergency` takes one person now and another within 15
    /// minutes, `drill` moves no load.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
}

/// What the independent check said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckBody {
    /// Whether nothing was found.
    pub passed: bool,
    /// What was found, one a line.
    pub findings: Vec<String>,
}

/// A plan was laid before the approvers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedBody {
    /// By this digest it is approved.
    pub plan_digest: String,
    /// What the check said.
    pub check: CheckBody,
}

/// One person, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SaidBody {
    /// Who.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What the person said; may be empty.
    pub comment: String,
}

/// A plan before the approvers, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProposalRow {
    /// Of the plan.
    pub plan_digest: String,
    /// Of the case.
    pub case_digest: String,
    /// The plan it was made from.
    pub parent: Option<String>,
    /// Who made it.
    pub author: String,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// `waiting`, `returned`, `approved`, `unconfirmed` (an emergency that lacks its second person), `clash` (the target
    /// has gone on) or `lapsed` (its window has begun).
    pub status: String,
    /// What the author said.
    pub comment: String,
    /// Energy cut.
    pub cut_mwh: f64,
    /// Highest total cut at an instant.
    #[schema(value_type = f64)]
    pub peak_cut_mw: Kw,
    /// Shortage that remains.
    pub uncovered_mwh: f64,
    /// Facilities under cut.
    pub facilities: u32,
    /// Start of the plan's horizon.
    pub window_from: Option<DateTime<Utc>>,
    /// Its end, exclusive.
    pub window_to: Option<DateTime<Utc>>,
    /// How many different people must approve.
    pub needed: usize,
    /// Who has approved.
    pub approvals: Vec<SaidBody>,
    /// Who sent it back.
    pub returned: Option<SaidBody>,
    /// When its orders were issued.
    pub issued_at: Option<DateTime<Utc>>,
    /// What returns above the restore limit of its zone by itself, because it cannot return in smaller parts.
    #[serde(default)]
    pub lone_returns: Vec<LoneReturnRow>,
}

/// A return that is above the restore limit of its zone by itself: it stands alone in a slot of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoneReturnRow {
    /// Whose.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// In which zone.
    #[schema(value_type = String)]
    pub zone: ZoneId,
    /// When.
    pub at: DateTime<Utc>,
    /// What returns at once.
    #[schema(value_type = f64)]
    pub returns_mw: Kw,
    /// What the zone bears within a plan interval.
    #[schema(value_type = f64)]
    pub restore_limit_mw: Kw,
}

/// What a facility will be told if the plan is approved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DraftRow {
    /// Whom.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// Where it stands.
    #[schema(value_type = String)]
    pub zone: ZoneId,
    /// Never cut.
    pub protected: bool,
    /// Whether its order can be sent at all; without it somebody must call.
    pub has_address: bool,
    /// First cut; none where nothing is cut.
    pub from: Option<DateTime<Utc>>,
    /// End of the last cut.
    pub until: Option<DateTime<Utc>>,
    /// When load may return.
    pub restore_from: Option<DateTime<Utc>>,
    /// Lowest limit.
    #[schema(value_type = Option<f64>)]
    pub limit_mw: Option<Kw>,
    /// Deepest cut.
    #[schema(value_type = f64)]
    pub cut_mw: Kw,
    /// Energy cut.
    pub cut_mwh: f64,
    /// Limits of different depth.
    pub segments: usize,
}

/// A plan before the approvers with all that they should see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProposalDetail {
    /// The plan.
    #[serde(flatten)]
    pub row: ProposalRow,
    /// What the check said when it was proposed.
    pub check: CheckBody,
    /// What each facility will be told.
    pub drafts: Vec<DraftRow>,
    /// The orders that were issued.
    #[schema(value_type = Vec<String>)]
    pub orders: Vec<OrderNo>,
}

/// What a person says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentBody {
    /// The words; may be empty for an approval.
    #[serde(default)]
    pub comment: String,
}

/// An approval was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovedBody {
    /// Whether its orders are issued; an emergency may still need another person.
    pub approved: bool,
    /// How many people have approved.
    pub approvals: usize,
    /// How many must.
    pub needed: usize,
    /// Until when another person must approve an emergency, else what has not left waits.
    pub confirm_by: Option<DateTime<Utc>>,
    /// The orders that were issued.
    #[schema(value_type = Vec<String>)]
    pub orders: Vec<OrderNo>,
}

/// An order and the answers to the three questions at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderRow {
    /// Its number.
    #[schema(value_type = String)]
    pub order_no: OrderNo,
    /// For whom.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// `limit` or `recall`.
    #[schema(value_type = String)]
    pub kind: OrderKind,
    /// `normal`, `emergency` or `drill`.
    #[schema(value_type = String)]
    pub priority: Priority,
    /// Per facility, only ever up.
    pub sequence: u64,
    /// The plan it carries out.
    pub plan_digest: String,
    /// The order that it replaces or withdraws.
    #[schema(value_type = Option<String>)]
    pub supersedes: Option<OrderNo>,
    /// The order that replaces or withdraws it.
    #[schema(value_type = Option<String>)]
    pub successor: Option<OrderNo>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Start of its window.
    pub window_from: DateTime<Utc>,
    /// End of its window, exclusive.
    pub window_to: DateTime<Utc>,
    /// First cut; none where nothing is cut.
    pub from: Option<DateTime<Utc>>,
    /// When load may return.
    pub until: Option<DateTime<Utc>>,
    /// Lowest limit.
    #[schema(value_type = Option<f64>)]
    pub limit_mw: Option<Kw>,
    /// Deepest cut.
    #[schema(value_type = f64)]
    pub cut_mw: Kw,
    /// The answer is due by then.
    pub ack_by: DateTime<Utc>,
    /// Fast delivery goes on until then.
    pub deliver_by: DateTime<Utc>,
    /// Has it arrived? `waiting`, `sending`, `relayed`, `received`, `alarm`, `gave-up`.
    pub delivery: String,
    /// Will it be obeyed? `none`, `accepted`, `refused`, `silent`.
    pub answer: String,
    /// Why it was refused.
    pub refusal: Option<String>,
    /// Is it obeyed at this moment? `no-limit`, `unknown`, `complying`, `drifting`, `breach`.
    pub meter: String,
    /// Over the whole window, once it is over.
    #[schema(value_type = Option<String>)]
    pub verdict: Option<Compliance>,
    /// Does it stand? `live`, `superseded`, `recalled`, `expired`.
    pub life: String,
    /// Why a person must call about it: `no-address`, `unconfirmed`, `relayed`, `alarm`, `not-received`, `refused`,
    /// `silent`.
    pub call: Option<String>,
    /// Whom to call about it, in that order; empty where nobody need be called.
    pub contacts: Vec<ContactRow>,
    /// The last call about it.
    pub last_call: Option<CallRow>,
    /// All of it in words.
    pub words: Vec<String>,
    /// Attempts at delivery so far.
    pub attempts: u32,
    /// First 2xx of a relay, which is not the facility's.
    pub relayed_at: Option<DateTime<Utc>>,
    /// First 2xx of the facility; behind a relay the first that the facility itself says.
    pub received_at: Option<DateTime<Utc>>,
    /// Why a person must act before it is tried again.
    pub alarm: Option<String>,
}

/// One attempt at delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptRow {
    /// 1 for the first.
    pub number: u32,
    /// When it was intended.
    pub at: DateTime<Utc>,
    /// When its outcome was recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// What came of it, in words; none while it is under way.
    pub outcome: Option<String>,
}

/// The counts that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderTotals {
    /// The order.
    #[schema(value_type = String)]
    pub order_no: OrderNo,
    /// For whom.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// Intervals at or below the limit, tolerance included.
    pub complying: u32,
    /// Of these, intervals above the limit itself.
    #[serde(default)]
    pub drifting: u32,
    /// Stretches without a trusted reading; the future is one.
    pub unknown: u32,
    /// Intervals above.
    pub breach: u32,
    /// Over the whole window; none where the order never governed.
    #[schema(value_type = Option<String>)]
    pub verdict: Option<Compliance>,
    /// Whether it was journaled: its window is over and late readings have had their time.
    pub is_final: bool,
    /// The set of tolerances that was used.
    pub tolerance: String,
    /// What was ordered, achieved against each baseline and drawn above the limit; none in verdicts of before it was
    /// counted.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub energy: Option<Energy>,
}

/// Everything about one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderDetail {
    /// In short.
    #[serde(flatten)]
    pub row: OrderRow,
    /// What the facility is told.
    #[schema(value_type = Object)]
    pub order: Order,
    /// The latest attempts.
    pub attempt_rows: Vec<AttemptRow>,
    /// What the facility answered, by its clock.
    #[schema(value_type = Vec<Object>)]
    pub answers: Vec<Answer>,
    /// What the facility did, by its clock.
    #[schema(value_type = Vec<Object>)]
    pub reports: Vec<Report>,
    /// What is read out over the telephone, to be compared with what a message says.
    pub check_mark: String,
    /// Messages over the second channel, oldest first; none is a receipt.
    pub notices: Vec<NoticeRow>,
    /// Calls about it, oldest first.
    pub calls: Vec<CallRow>,
    /// The verdict as far as readings are known.
    pub totals: Option<OrderTotals>,
}

/// Somebody to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactRow {
    /// In what part, for instance `shift leader`.
    pub role: String,
    /// Who.
    pub name: String,
    /// What is spoken there: `kk`, `ru` or `en`.
    #[schema(value_type = String)]
    pub language: Language,
    /// At which number; may be empty.
    pub phone: String,
}

/// A message over the second channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeRow {
    /// `sms` or `email`.
    pub channel: String,
    /// To which number or mailbox.
    pub to: String,
    /// Whose.
    pub name: String,
    /// 1 for the first.
    pub number: u32,
    /// When it was intended.
    pub at: DateTime<Utc>,
    /// When its outcome was recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// What came of it, in words; none while it is under way.
    pub outcome: Option<String>,
}

/// A call about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallRow {
    /// Who called.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was said, or that nobody answered.
    pub answer: String,
}

/// What was said on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalledBody {
    /// What was said, or that nobody answered.
    pub answer: String,
}

/// An order was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecalledBody {
    /// The order that withdraws it.
    #[schema(value_type = String)]
    pub recall_order_no: OrderNo,
}

/// Something was taken, or was known already; either way it need not be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakenBody {
    /// False where it was known already and nothing changed.
    pub taken: bool,
}

/// Meter values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingsBody {
    /// 1 to 10 000 of them.
    #[schema(value_type = Vec<Object>)]
    pub readings: Vec<Reading>,
    /// The environment that both sides belong to; a signed body must name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// Verdicts per interval, and what they add up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerdictsBody {
    /// By order, then time; up to this moment.
    #[schema(value_type = Vec<Object>)]
    pub verdicts: Vec<Verdict>,
    /// Per order.
    pub totals: Vec<OrderTotals>,
    /// Whether more verdicts exist than are given; ask for one order.
    pub is_cut_off: bool,
    /// The settings by which meters are judged now; an order names the version that judged it.
    #[schema(value_type = Object)]
    pub settings: Tolerance,
}

/// What orders brought and what it costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettlementBody {
    /// By order, then time. Prices and amounts are texts with two decimals.
    #[schema(value_type = Vec<Object>)]
    pub lines: Vec<Line>,
    /// Per facility and currency.
    pub sums: Vec<FacilitySum>,
    /// Per facility.
    pub facilities: Vec<FacilityCompliance>,
    /// Per order.
    pub orders: Vec<OrderTotals>,
    /// Whether more lines exist than are given; ask for one facility. Sums are whole.
    pub is_cut_off: bool,
    /// The settings by which meters are judged now; an order names the version that judged it.
    #[schema(value_type = Object)]
    pub settings: Tolerance,
}

/// What a facility owes in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacilitySum {
    /// Which.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// Of all amounts.
    pub currency: String,
    /// Owed by it.
    #[schema(value_type = String)]
    pub penalty: Money,
    /// Owed to it, zero or less.
    #[schema(value_type = String)]
    pub credit: Money,
    /// Both together; below zero: what it is owed.
    #[schema(value_type = String)]
    pub amount: Money,
    /// Whether any price is assumed.
    pub assumed: bool,
}

/// What the meter says about all orders of a facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacilityCompliance {
    /// Which.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// How many orders.
    pub orders: u32,
    /// Intervals within the limit.
    pub within: u32,
    /// Intervals above it, within the tolerance.
    pub drifting: u32,
    /// Intervals in breach.
    pub breach: u32,
    /// Stretches without a trusted reading.
    pub unknown: u32,
    /// Cut ordered.
    #[serde(rename = "ordered_mwh")]
    #[schema(value_type = f64)]
    pub ordered: Wh,
    /// Cut achieved against the baseline of the settings, as far as it is known; none where nothing is.
    #[serde(rename = "achieved_mwh")]
    #[schema(value_type = Option<f64>)]
    pub achieved: Option<Wh>,
    /// Metered above the limits.
    #[serde(rename = "above_limit_mwh")]
    #[schema(value_type = f64)]
    pub above_limit: Wh,
    /// Minutes under orders of which no meter tells.
    pub unknown_minutes: u64,
}

impl FacilityCompliance {
    /// Of a facility without orders.
    #[must_use]
    pub fn of(facility: FacilityId) -> Self {
        Self {
            facility,
            orders: 0,
            within: 0,
            drifting: 0,
            breach: 0,
            unknown: 0,
            ordered: Wh::ZERO,
            achieved: None,
            above_limit: Wh::ZERO,
            unknown_minutes: 0,
        }
    }
}

/// A voluntary cut, and what the meter says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VoluntaryRow {
    /// Whose.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// Where it stands, as the newest plan has it.
    #[schema(value_type = Option<String>)]
    pub zone: Option<ZoneId>,
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// It draws at most this.
    #[schema(value_type = f64)]
    pub limit_mw: Kw,
    /// Which is less by this.
    #[schema(value_type = f64)]
    pub cut_mw: Kw,
    /// Who said so at the facility.
    pub by: String,
    /// Who entered it; none where the facility has signed it.
    pub entered_by: Option<String>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// What the meter bears out, in time that no order limits: to be added to `cut_mwh` of ledger.csv.
    pub credited_mwh: f64,
    /// Minutes at or below what was declared.
    pub kept_minutes: i64,
    /// Minutes above.
    pub missed_minutes: i64,
}

/// A licence that is suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LicenceRow {
    /// Its number.
    pub licence: String,
    /// Who entered it.
    pub person: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Where somebody works under it, by tenants.csv.
    #[schema(value_type = Vec<String>)]
    pub facilities: Vec<FacilityId>,
}

/// For whom a code is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// The facility.
    #[schema(value_type = String)]
    pub facility: FacilityId,
}

/// A code that lets a facility enrol once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeIssuedBody {
    /// To be handed over by another way; it is shown once and kept nowhere.
    pub code: String,
    /// Good until then.
    pub expires: DateTime<Utc>,
}

/// A facility makes itself known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolBody {
    /// Which.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// The code it was given.
    pub code: String,
    /// With what its answers are verified: `whpk_...`.
    pub public_key: String,
    /// The URL to which its orders are posted, path included.
    pub address: String,
    /// The environment it believes to enrol in.
    pub environment: String,
}

/// A facility is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrolledBody {
    /// The environment that orders will name.
    pub environment: String,
    /// With what orders are verified: `whpk_...`.
    pub control_room_public_key: String,
    /// False where it is a change that waits for a second person.
    pub holds: bool,
}

/// The change of an address or key that a second person confirms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// Exactly the new address.
    pub address: String,
    /// Exactly the new key.
    pub public_key: String,
    /// Exactly the new relay; none where orders go to the facility itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
}

/// A change that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeRow {
    /// The new address.
    pub address: String,
    /// The new key.
    pub public_key: String,
    /// The new relay; none where orders go to the facility itself.
    pub relay: Option<String>,
    /// Who entered it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A facility of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacilityRow {
    /// Which.
    #[schema(value_type = String)]
    pub facility: FacilityId,
    /// Where its orders go.
    pub address: String,
    /// With what its answers are verified.
    pub public_key: String,
    /// Who entered it.
    pub by: String,
    /// Who confirmed it, where two people were needed.
    pub approved_by: Option<String>,
    /// Since when it holds.
    pub since: DateTime<Utc>,
    /// Who passes its orders on; none where they go to the facility itself.
    pub relay: Option<String>,
    /// A change that waits.
    pub pending: Option<ChangeRow>,
    /// What endpoints.csv says where that differs; it holds nothing until two people adopt it.
    #[schema(value_type = Option<Object>)]
    pub proposed: Option<Endpoint>,
    /// Who works there.
    #[schema(value_type = Vec<Object>)]
    pub tenants: Vec<Tenant>,
    /// Its orders so far.
    pub orders: usize,
}

/// What consumers went short of, by the meters, up to now: load above what headroom and ties could give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Uncovered {
    /// Over all zones and intervals that are over.
    pub mwh: f64,
    /// Plan intervals that are over, zones counted each.
    pub intervals: u64,
    /// Facility-hours without a trusted reading; there the nomination is taken.
    pub assumed_hours: f64,
    /// By zone.
    pub zones: Vec<ZoneUncovered>,
}

/// What one zone went short of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneUncovered {
    /// The zone.
    #[schema(value_type = String)]
    pub zone: ZoneId,
    /// So far.
    pub mwh: f64,
}

/// Something a person was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarningRow {
    /// When.
    pub at: DateTime<Utc>,
    /// What it is about, for instance `silent` or `breach`.
    pub kind: String,
    /// The facility, where one is meant.
    #[schema(value_type = Option<String>)]
    pub facility: Option<FacilityId>,
    /// The order, where one is meant.
    #[schema(value_type = Option<String>)]
    pub order_no: Option<OrderNo>,
    /// What happened and what to do.
    pub text: String,
}

/// How things stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatusBody {
    /// Name of the environment.
    pub environment: String,
    /// Of the program.
    pub version: String,
    /// Of this start.
    pub epoch: u64,
    /// Engine time.
    pub now: DateTime<Utc>,
    /// When something is due next.
    pub next_due: Option<DateTime<Utc>>,
    /// The end of the journal.
    #[schema(value_type = Object)]
    pub journal_head: Head,
    /// Why the journal cannot be written; nothing is issued then.
    pub journal_trouble: Option<String>,
    /// What is wrong with the files of the registry; the one before holds.
    pub registry_trouble: Vec<String>,
    /// What is wrong with the texts of notices; for these files what is built in stands.
    #[serde(default)]
    pub notice_trouble: Vec<String>,
    /// The broken promise that has stopped issuing.
    pub stopped: Option<String>,
    /// The freeze that lasts: nothing is approved, recalled or sent.
    #[schema(value_type = Option<Object>)]
    pub frozen: Option<Freeze>,
    /// The plan approved last.
    pub target: Option<String>,
    /// The counts over all orders.
    #[schema(value_type = Object)]
    pub counts: Summary,
    /// By the meters.
    pub uncovered: Uncovered,
    /// Attempts under way.
    pub in_flight: usize,
    /// Facilities that are enrolled.
    pub enrolled: usize,
    /// Latest first.
    pub warnings: Vec<WarningRow>,
}

/// Whether the server works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthBody {
    /// Whether it does.
    pub ok: bool,
    /// Why not.
    pub trouble: Option<String>,
    /// Who leads, where this one stands by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,
}

/// A person's reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Why.
    pub reason: String,
}

/// What takes two people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TwoPeopleBody {
    /// Why it is safe.
    pub reason: String,
    /// The token of the second person, who stands beside the first.
    pub second_token: String,
}

/// What two people let hold.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptBody {
    /// Why it is safe.
    pub reason: String,
    /// The token of the second person, who stands beside the first.
    pub second_token: String,
    /// What they were shown: where the file says otherwise by now, nothing is adopted. Without it the file is meant as it is.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub endpoint: Option<Endpoint>,
}

impl TwoPeopleBody {
    pub(crate) fn new(reason: &str, second_token: &str) -> Self {
        Self { reason: reason.into(), second_token: second_token.into() }
    }
}
