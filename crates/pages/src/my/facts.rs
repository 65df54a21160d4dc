//! The facts on a miner's page.

use chrono::{DateTime, Utc};
use kezek_model::receipt::Quality;
use kezek_model::units::Kw;

use crate::qr::Code;

/// What an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It limits.
    Cut,
    /// It limits, and one person issued it.
    Emergency,
    /// It moves no load.
    Drill,
    /// It withdraws another.
    Recall,
    /// It lifts what another limited: full load in its window.
    Free,
}

/// How an order stands with its facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Above its limit at this moment.
    Above,
    /// No answer in time.
    Late,
    /// An answer is due.
    Waiting,
    /// Refused.
    Refused,
    /// Accepted.
    Accepted,
}

/// How far an order has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Not yet.
    NotYet,
    /// To a relay.
    Relayed,
    /// At that time.
    Delivered(DateTime<Utc>),
    /// A person must act.
    Failed,
}

/// What the facility said, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The person, or `agent`.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why it was refused.
    pub refusal: Option<String>,
}

/// A stretch of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// Reduce to this.
    pub limit: Kw,
    /// A cut by this.
    pub cut: Kw,
}

/// An order that stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its number.
    pub order_no: String,
    /// What it is.
    pub kind: Kind,
    /// How it stands.
    pub stand: Stand,
    /// Whether it limits at this moment.
    pub is_in_effect: bool,
    /// The window, where there is no stretch.
    pub window: (DateTime<Utc>, DateTime<Utc>),
    /// The limits.
    pub stretches: Vec<Stretch>,
    /// When load may return, and to what.
    pub restore: Option<(DateTime<Utc>, Kw)>,
    /// Fastest return, MW per hour.
    pub ramp_up: Option<Kw>,
    /// The order before it.
    pub supersedes: Option<String>,
    /// Why, in the language of the page.
    pub reason: String,
    /// The legal text: who issues and signs, on what ground; a paragraph each.
    pub legal: Vec<String>,
    /// Number and digest, to be held against a paper.
    pub code: Option<Code>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The answer is due by then.
    pub ack_by: DateTime<Utc>,
    /// For the telephone.
    pub check_mark: String,
    /// How far it has come.
    pub way: Way,
    /// What was answered.
    pub said: Option<Said>,
}

/// What holds for a part of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// At most this.
    pub limit: Kw,
}

/// A day of the week to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayRow {
    /// A moment of it.
    pub day: DateTime<Utc>,
    /// What holds; empty where there is no order.
    pub parts: Vec<Part>,
}

/// The judgement of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Kept.
    Complying,
    /// Above the limit.
    Breach,
    /// Not known.
    Unknown,
    /// It never governed.
    Never,
    /// It was a drill.
    Drill,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stands.
    Stands,
    /// Its time is over.
    Over,
    /// By that one.
    Replaced(String),
    /// By that one.
    Withdrawn(String),
}

/// An order of the last days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRow {
    /// Its number.
    pub order_no: String,
    /// Its window.
    pub window: (DateTime<Utc>, DateTime<Utc>),
    /// What became of it.
    pub fate: Fate,
    /// What the meter says; none for what limits nothing.
    pub judged: Option<Judged>,
    /// Whether late readings can change it.
    pub is_final: bool,
}

/// The last word of the meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastReading {
    /// Mean power.
    pub mean: Kw,
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// How far it can be trusted.
    pub quality: Quality,
}

/// How orders reach the facility's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where they go; none where the machine asks for them.
    pub address: Option<String>,
    /// Who passes them on.
    pub relay: Option<String>,
    /// With which its answers are verified.
    pub public_key: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether a change waits for a second person at the control room.
    pub is_changing: bool,
}

/// An attempt to hand over an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The order.
    pub order_no: String,
    /// 1 for the first.
    pub number: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it, in the language of the page.
    pub outcome: &'static str,
    /// What the other side said.
    pub said: String,
}

/// A reading against what held then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metered {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// Mean power.
    pub mean: Kw,
    /// At most this; none where no order limited.
    pub limit: Option<Kw>,
}

impl Notice {
    pub(super) fn is_drill(&self) -> bool {
        self.kind == Kind::Drill
    }

    pub(super) fn needs_answer(&self) -> bool {
        self.said.is_none()
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.said.as_ref().is_some_and(|said| said.refusal.is_none())
    }

    pub(super) fn is_refused(&self) -> bool {
        self.said.as_ref().is_some_and(|said| said.refusal.is_some())
    }
}
