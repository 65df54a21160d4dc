//! Why an order is not taken, with the HTTP status that says so to the control room.

use chrono::{DateTime, Utc};
use kezek_courier::CourierError;
use kezek_courier::error::describe;
use kezek_model::ids::{FacilityId, OrderNo};

/// Why an order is not taken. Nothing of it is stored and no load moves.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The message is longer than anyone's order.
    #[error("the order is longer than {limit} bytes")]
    TooLong {
        /// The bound.
        limit: usize,
    },
    /// The message did not come to its end.
    #[error("the order did not come within {seconds} s")]
    TooSlow {
        /// The time allowed, in seconds.
        seconds: u64,
    },
    /// The envelope or the order's own signature does not prove the control room.
    #[error("{}", describe(.0))]
    Unproven(CourierError),
    /// The header with the order's own signature is missing or malformed.
    #[error("header kezek-order-signature {why}; expected <key id>:<base64>")]
    SignatureHeader {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The bytes are not an order.
    #[error("not an order: {why}")]
    Malformed {
        /// What is wrong with them.
        why: String,
    },
    /// The order contradicts itself.
    #[error("order {order_no} contradicts itself: {why}")]
    Unsound {
        /// Its number.
        order_no: OrderNo,
        /// How.
        why: String,
    },
    /// Another control room's environment.
    #[error("the order is of environment '{found}', this facility belongs to '{expected}'")]
    OtherEnvironment {
        /// Of the order.
        found: String,
        /// Pinned here.
        expected: String,
    },
    /// Another facility's order.
    #[error("the order is for facility {found}, this is {expected}")]
    OtherFacility {
        /// Of the order.
        found: FacilityId,
        /// This one.
        expected: FacilityId,
    },
    /// A newer order is stored already.
    #[error(
        "order {order_no} (epoch {}, sequence {}) is older than the newest one here (epoch {}, sequence {})",
        found.0, found.1, newest.0, newest.1
    )]
    Older {
        /// Its number.
        order_no: OrderNo,
        /// Its epoch and sequence.
        found: (u64, u64),
        /// The newest ones here.
        newest: (u64, u64),
    },
    /// Another order has this number or sequence.
    #[error("order {order_no}: another order with the same {what} is stored here")]
    Conflict {
        /// Its number.
        order_no: OrderNo,
        /// `number` or `sequence`.
        what: &'static str,
    },
    /// It comes too early.
    #[error("order {order_no} is not to be taken before {not_before}; the clock here says {now}")]
    TooEarly {
        /// Its number.
        order_no: OrderNo,
        /// When it may be taken.
        not_before: DateTime<Utc>,
        /// The clock here.
        now: DateTime<Utc>,
    },
    /// It comes too late.
    #[error("order {order_no} expired at {expires}; the clock here says {now}")]
    Expired {
        /// Its number.
        order_no: OrderNo,
        /// Until when it could be taken.
        expires: DateTime<Utc>,
        /// The clock here.
        now: DateTime<Utc>,
    },
    /// It could not be stored.
    #[error("the order could not be stored: {why}")]
    NotStored {
        /// Why.
        why: String,
    },
}

impl Refusal {
    /// The HTTP status: 4xx a person must look at, except 425; 425 and 503 mean that a later attempt makes sense.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLong { .. } => 413,
            Self::TooSlow { .. } => 408,
            Self::Unproven(_) | Self::SignatureHeader { .. } => 401,
            Self::Malformed { .. } | Self::Unsound { .. } => 400,
            Self::OtherEnvironment { .. } | Self::OtherFacility { .. } => 409,
            Self::Older { .. } | Self::Conflict { .. } | Self::Expired { .. } => 409,
            Self::TooEarly { .. } => 425,
            Self::NotStored { .. } => 503,
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::Malformed { .. } | Self::Unsound { .. } => {
                "correct the order; the same bytes will not be taken"
            }
            Self::Unproven(_) | Self::SignatureHeader { .. } => {
                "compare the key pinned at the facility with the control room's, and both clocks"
            }
            Self::OtherEnvironment { .. } | Self::OtherFacility { .. } => {
                "correct the address in the registry; this facility was not told anything"
            }
            Self::Older { .. } => "issue a new order with a higher sequence",
            Self::Conflict { .. } => {
                "issue a new order; two control rooms may be at work: compare their epochs"
            }
            Self::TooEarly { .. } | Self::Expired { .. } => {
                "compare both clocks; issue a new order where it is needed"
            }
            Self::TooSlow { .. } => "send it again, over a better line",
            Self::NotStored { .. } => "try again; at the facility, make room on the disk",
        }
    }
}
