//! What the oracle is shown: the journal, what the pretend facilities and the network saw, and what people did.

use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything that is known of a run, seen from outside.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// From what the run was drawn.
    pub seed: u64,
    /// What held in the pretend world.
    pub facts: Facts,
    /// The records of the journal, as they are exported: `seq`, `at`, `kind`, `body`, `documents`, `prev`, `hash`.
    pub records: Vec<Value>,
    /// The orders that the control room lists at the end, as canonical JSON would have them.
    pub orders: Vec<Value>,
    /// What was seen, in the order in which it happened.
    pub seen: Vec<Seen>,
}

/// What held in the pretend world, whatever the control room believes.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By name.
    pub facilities: BTreeMap<String, Facility>,
    /// Digests of the plans that the pretend check finds wanting.
    pub unsound_plans: BTreeSet<String>,
    /// From then on nothing fails any more.
    pub quiet_from: DateTime<Utc>,
    /// It went round in circles and was ended before its time.
    pub is_cut_short: bool,
    /// When the run ended.
    pub ended_at: DateTime<Utc>,
    /// Name of the environment that everybody belongs to.
    pub environment: String,
}

/// What holds of a facility.
#[derive(Clone, Debug, Default)]
pub struct Facility {
    /// It may never be cut.
    pub is_protected: bool,
    /// No limit may be below it, in kW.
    pub floor_kw: i64,
    /// What it draws where nothing limits it, in kW.
    pub nominated_kw: i64,
    /// It says that it obeys, and draws what it likes.
    pub lies: bool,
}

/// One thing that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When, by a clock that is always right.
    pub at: DateTime<Utc>,
    /// What.
    pub sight: Sight,
}

/// What can be seen.
#[derive(Clone, Debug)]
pub enum Sight {
    /// The control room was started.
    Opened,
    /// It died.
    Crashed {
        /// At which point, and what became of what was being written.
        how: String,
    },
    /// The disk said that everything up to this record is kept.
    Durable {
        /// Number of the record.
        seq: u64,
        /// Its hash.
        hash: String,
    },
    /// The wall clock of the control room was set.
    Leapt {
        /// Milliseconds forward.
        by_ms: i64,
    },
    /// An order was handed to the network.
    Left {
        /// Where to.
        facility: String,
        /// The signed bytes.
        bytes: Vec<u8>,
        /// Which attempt it is.
        attempt: u32,
    },
    /// A message reached a facility.
    Arrived {
        /// Which.
        facility: String,
        /// Its clock.
        clock: DateTime<Utc>,
        /// The bytes.
        bytes: Vec<u8>,
        /// What it answered.
        status: u16,
        /// Whether it holds the order since then, and did not before.
        is_new: bool,
    },
    /// A facility gave its word on an order.
    Answered {
        /// Which.
        facility: String,
        /// The order.
        order_no: String,
        /// Whether it will obey.
        accepts: bool,
    },
    /// A facility set its limit.
    Limited {
        /// Which.
        facility: String,
        /// Its clock.
        clock: DateTime<Utc>,
        /// In kW; none for free.
        limit_kw: Option<i64>,
        /// The order that it acts upon.
        order_no: Option<String>,
    },
    /// Somebody looked at the phone list.
    PhoneList {
        /// The clock of the control room.
        clock: DateTime<Utc>,
        /// The orders on it.
        orders: Vec<String>,
    },
    /// A person asked for something.
    Asked {
        /// Who.
        person: String,
        /// What.
        what: String,
        /// The promise that forbids it, where one does.
        forbidden_by: Option<&'static str>,
        /// Why it was refused; none where it was granted.
        refused: Option<String>,
    },
    /// Something failed in the pretend world; for the log only.
    Fault(String),
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.format("%d %H:%M:%S%.3f"), self.sight)
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => write!(f, "room      opened"),
            Self::Crashed { how } => write!(f, "room      CRASHED {how}"),
            Self::Durable { seq, .. } => write!(f, "journal   durable up to {seq}"),
            Self::Leapt { by_ms } => write!(f, "clock     set by {by_ms} ms"),
            Self::Left { facility, bytes, attempt } => {
                write!(f, "room      -> {facility} attempt {attempt} {}", outline(bytes))
            }
            Self::Arrived { facility, bytes, status, is_new, .. } => {
                let word = if *is_new { "takes" } else { "sees" };
                write!(f, "{facility}        {word} {} says {status}", outline(bytes))
            }
            Self::Answered { facility, order_no, accepts } => {
                write!(f, "{facility}        {} {order_no}", if *accepts { "accepts" } else { "refuses" })
            }
            Self::Limited { facility, limit_kw, order_no, .. } => {
                write!(f, "{facility}        limit {limit_kw:?} kW by {order_no:?}")
            }
            Self::PhoneList { orders, .. } => write!(f, "people    phone list {orders:?}"),
            Self::Asked { person, what, refused: None, .. } => write!(f, "people    {person}: {what}"),
            Self::Asked { person, what, refused: Some(why), .. } => {
                write!(f, "people    {person}: {what}; REFUSED: {why}")
            }
            Self::Fault(what) => write!(f, "fault     {what}"),
        }
    }
}

/// Number, sequence and kind of an order in signed bytes.
fn outline(bytes: &[u8]) -> String {
    let order: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text = |name: &str| order[name].as_str().unwrap_or("?").to_owned();
    let (epoch, sequence) = (&order["epoch"], &order["sequence"]);
    format!("{} {} {} ({epoch},{sequence})", text("order_no"), text("kind"), text("priority"))
}
