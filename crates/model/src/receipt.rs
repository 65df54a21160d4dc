//! What comes back: answers, execution reports, readings, and the verdict on them.

use crate::ids::{FacilityId, OrderNo};
use crate::units::Kw;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A facility's signed answer to an order. A 2xx is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The order.
    pub order_no: OrderNo,
    /// Its sequence.
    pub sequence: u64,
    /// The environment that both sides belong to.
    pub environment: String,
    /// Who answers.
    pub facility: FacilityId,
    /// What is answered.
    pub answer: Response,
    /// The person, or `agent`.
    pub by: String,
    /// When, on the facility's clock.
    pub at: DateTime<Utc>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "response")]
pub enum Response {
    /// Will be obeyed.
    Accepted,
    /// Cannot be obeyed.
    Refused {
        /// Why.
        reason: String,
    },
}

/// A facility's signed word on what it did; only a meter proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The order that it acted on.
    pub order_no: OrderNo,
    /// Its sequence.
    pub sequence: u64,
    /// The environment that both sides belong to.
    pub environment: String,
    /// Who reports.
    pub facility: FacilityId,
    /// What was done.
    pub act: Act,
    /// The limit that was set; `None` where the facility was released to full load.
    #[serde(rename = "limit_mw")]
    pub limit: Option<Kw>,
    /// When it was due.
    pub due_at: DateTime<Utc>,
    /// When it was done.
    pub at: DateTime<Utc>,
}

/// What an agent did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Set a limit of the order.
    Limited,
    /// Lifted the last limit of the order in its slot.
    Restored,
    /// The driver failed; what holds is what held before.
    Failed,
}

/// A facility's signed request for its next order, where nobody can reach it, and its word on the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Who asks.
    pub facility: FacilityId,
    /// The environment that both sides belong to.
    pub environment: String,
    /// When, on the facility's clock; later than every request of it before.
    pub at: DateTime<Utc>,
    /// How long it would wait for an order, in seconds.
    pub wait_s: u32,
    /// What became of the order that it was handed last.
    pub previous: Option<Handover>,
}

/// What became of an order that a facility was handed: what its web server would have answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// The order.
    pub order_no: OrderNo,
    /// The HTTP status: 2xx means verified and durably stored.
    pub status: u16,
    /// Why it was not taken; else blank.
    pub error: String,
}

/// What a facility will draw less than it could, of its own accord. Said before it begins; only a meter proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voluntary {
    /// Whose.
    pub facility: FacilityId,
    /// The environment that both sides belong to.
    pub environment: String,
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// It will draw at most this.
    #[serde(rename = "limit_mw")]
    pub limit: Kw,
    /// Which is less by this than it would have drawn.
    #[serde(rename = "cut_mw")]
    pub cut: Kw,
    /// The person, or `agent`.
    pub by: String,
}

/// One meter value: the mean power over an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The facility whose meter it is.
    pub facility: FacilityId,
    /// First instant.
    pub interval_start: DateTime<Utc>,
    /// First instant after it.
    pub interval_end: DateTime<Utc>,
    /// Mean power.
    #[serde(rename = "mean_mw")]
    pub mean: Kw,
    /// How far it can be trusted.
    pub quality: Quality,
    /// Who read it, for instance `agent` or `grid-company`.
    pub source: String,
}

/// How far a reading can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Metered.
    Ok,
    /// Estimated: proves neither side.
    Estimated,
    /// Known to be wrong.
    Bad,
}

/// What the meter says about an order in one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The order.
    pub order_no: OrderNo,
    /// The facility.
    pub facility: FacilityId,
    /// First instant.
    pub interval_start: DateTime<Utc>,
    /// First instant after it.
    pub interval_end: DateTime<Utc>,
    /// The limit that held.
    #[serde(rename = "limit_mw")]
    pub limit: Kw,
    /// What was metered; `None` where nothing is known.
    #[serde(rename = "metered_mw")]
    pub metered: Option<Kw>,
    /// What was allowed above the limit.
    #[serde(rename = "tolerance_mw")]
    pub tolerance: Kw,
    /// The judgement.
    pub compliance: Compliance,
}

/// The judgement of a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compliance {
    /// At or below the limit, tolerance included.
    Complying,
    /// No trusted reading: not zero, not complying, not breach.
    Unknown,
    /// Above the limit by more than the tolerance.
    Breach,
}
