//! The order: one facility, one approved plan, a profile of limits, and the identity a real notice has.

use crate::canonical::{CanonicalError, digest_of};
use crate::ids::{FacilityId, OrderNo};
use crate::units::Kw;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a facility is told. The signed bytes are its canonical JSON (RFC 8785).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its number, unique in the environment.
    pub order_no: OrderNo,
    /// Whether it limits or withdraws.
    pub kind: OrderKind,
    /// Normal, emergency or drill.
    pub priority: Priority,
    /// The control room's environment, for instance `kz-live` or `training`; keys belong to one.
    pub environment: String,
    /// For whom.
    pub facility: FacilityId,
    /// Per facility, only ever up; a receiver refuses older ones.
    pub sequence: u64,
    /// Of the issuing control room; up at a takeover and after a restore from backup.
    pub epoch: u64,
    /// The order that this one replaces in its window, or withdraws.
    pub supersedes: Option<OrderNo>,
    /// The approved plan that it carries out.
    pub plan_digest: String,
    /// The texts of the notice.
    pub notice: Notice,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Not to be taken before this instant.
    pub not_before: DateTime<Utc>,
    /// Not to be taken after this instant: the end of the window and of the restore slot.
    pub expires: DateTime<Utc>,
    /// The answer is due by then.
    pub ack_by: DateTime<Utc>,
    /// Fast delivery goes on until then: the earlier of `ack_by` and the start.
    pub deliver_by: DateTime<Utc>,
    /// Start of the window in which this order governs the facility.
    pub window_from: DateTime<Utc>,
    /// End of that window, exclusive. After it the order below holds again, or none.
    pub window_to: DateTime<Utc>,
    /// The limits, in order of time, without overlap; between them the facility is free.
    pub segments: Vec<Segment>,
    /// What the limits were measured from, for instance `nominated`.
    pub depth_base: String,
    /// Emergency reservation; no limit is below it.
    #[serde(rename = "floor_mw")]
    pub floor: Kw,
    /// Fastest return of load in MW per hour; `None` for no limit.
    #[serde(rename = "ramp_up_mw_per_h")]
    pub ramp_up: Option<Kw>,
    /// When load may return after the last segment.
    pub restore: Option<RestoreSlot>,
    /// Head of the control room's journal when the order was issued.
    pub journal_head: Head,
}

/// Whether an order limits or withdraws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// Limits the facility in its segments.
    Limit,
    /// Withdraws the order named by `supersedes`; what held below it holds again.
    Recall,
}

/// How an order is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Planned and approved by the required people.
    Normal,
    /// One person now, another later.
    Emergency,
    /// Moves no load.
    Drill,
}

/// `[from, to) -> limit`, with the cut beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// Reduce to this.
    #[serde(rename = "limit_mw")]
    pub limit: Kw,
    /// Which is a cut by this.
    #[serde(rename = "cut_mw")]
    pub cut: Kw,
}

/// The staggered slot in which load may return when the last segment has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreSlot {
    /// The limit of the last segment holds until this instant.
    pub from: DateTime<Utc>,
    /// Back to this.
    #[serde(rename = "to_mw")]
    pub to: Kw,
}

/// What a person reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Who issues.
    pub issuer: String,
    /// Who signs.
    pub signatory: String,
    /// On what legal ground.
    pub legal_basis: String,
    /// Why.
    pub reason: Texts,
    /// Under what condition it stands, for instance "while the situation persists".
    pub condition: String,
    /// Whom it means, in words.
    pub scope: String,
    /// Whom to call.
    pub contact: Contact,
}

/// One text in the three languages of the notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Kazakh.
    pub kk: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// Whom to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Who answers.
    pub name: String,
    /// Telephone.
    pub phone: String,
}

/// The end of the journal's hash chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Number of the last record; 0 for an empty journal.
    pub seq: u64,
    /// Its hash; 64 zeros for an empty journal.
    pub hash: String,
}

impl Head {
    /// The head of an empty journal.
    #[must_use]
    pub fn empty() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// The segment that holds at an instant: the one around it, and until the restore slot opens the last one.
#[must_use]
pub fn segment_at<'a>(
    segments: &'a [Segment],
    restore: Option<&RestoreSlot>,
    instant: DateTime<Utc>,
) -> Option<&'a Segment> {
    let inside = segments.iter().find(|segment| segment.from <= instant && instant < segment.to);
    let opens = restore.map(|slot| slot.from);
    let waits = |last: &&Segment| last.to <= instant && opens.is_some_and(|opens| instant < opens);
    inside.or_else(|| segments.last().filter(waits))
}

impl Order {
    /// The limit at an instant inside a segment; until the restore slot opens, that of the last segment.
    #[must_use]
    pub fn limit_at(&self, instant: DateTime<Utc>) -> Option<Kw> {
        segment_at(&self.segments, self.restore.as_ref(), instant).map(|segment| segment.limit)
    }

    /// Two groups of four hexadecimal digits of the hash of the signed bytes, to be compared over the telephone.
    ///
    /// # Errors
    /// As [`canonical_json`](crate::canonical::canonical_json).
    pub fn check_mark(&self) -> Result<String, CanonicalError> {
        let digest = digest_of(self)?;
        Ok(format!("{} {}", &digest[..4], &digest[4..8]))
    }

    /// When the first cut begins; `None` where the order holds no segment.
    #[must_use]
    pub fn starts(&self) -> Option<DateTime<Utc>> {
        self.segments.first().map(|segment| segment.from)
    }
}
