//! What is written to the store, in the order in which it happened.

use chrono::{DateTime, Utc};
use kezek_courier::{Signature, Signed};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::order::Order;
use kezek_model::receipt::{Answer, Reading, Report};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};

/// One line of the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// The first line: whose store it is.
    Opened {
        /// The facility.
        facility: FacilityId,
        /// The environment of its control room.
        environment: String,
    },
    /// An order was verified.
    Received {
        /// When.
        at: DateTime<Utc>,
        /// Fingerprint of the control room's key.
        key_id: String,
        /// Its signature over the canonical order.
        signature: Signature,
        /// The order.
        order: Box<Order>,
    },
    /// An order was answered; the answer waits to be sent.
    Answered {
        /// The signed answer.
        answer: Signed<Answer>,
    },
    /// The driver has set a limit or lifted it; the reports wait to be sent.
    Applied {
        /// The order that decides now.
        order_no: Option<OrderNo>,
        /// What holds now; `None` for free.
        #[serde(rename = "limit_mw")]
        limit: Option<Kw>,
        /// The signed reports.
        reports: Vec<Signed<Report>>,
    },
    /// The driver failed; the report waits to be sent.
    Failed {
        /// The signed report.
        report: Signed<Report>,
    },
    /// The meter was read; the reading waits to be sent.
    Read {
        /// The reading.
        reading: Reading,
    },
    /// The control room has taken an answer or a report.
    Sent {
        /// Its place among all answers and reports of this store, from 0.
        parcel: u64,
    },
    /// The control room has taken the readings of every interval that ended by then.
    ReadingsSent {
        /// The end of the last interval.
        until: DateTime<Utc>,
    },
}

impl Record {
    /// When it was written, by the clock of that moment, where it says so.
    pub(crate) fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Received { at, .. } => Some(*at),
            Self::Answered { answer } => Some(answer.body.at),
            Self::Applied { reports, .. } => reports.iter().map(|report| report.body.at).max(),
            Self::Failed { report } => Some(report.body.at),
            Self::Read { reading } => Some(reading.interval_end),
            Self::Opened { .. } | Self::Sent { .. } | Self::ReadingsSent { .. } => None,
        }
    }
}
