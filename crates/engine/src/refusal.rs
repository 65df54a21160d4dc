//! Why an event may not happen. A refusal is a value, never a panic; nothing has changed.

use crate::guard::Violation;
use crate::state::Freeze;
use chrono::{DateTime, Utc};
use kezek_model::ids::{FacilityId, OrderNo};

/// Why an event may not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The control room has not been opened.
    #[error("the control room is not open; its first event must be `opened`")]
    NotOpened,
    /// The same has happened already; nothing would change.
    #[error("{0}: already known, nothing changes")]
    Duplicate(String),
    /// Two things that must be equal are not.
    #[error("{what} is `{found}`, expected `{expected}`")]
    Mismatch {
        /// What.
        what: &'static str,
        /// As it came.
        found: String,
        /// As it should be.
        expected: String,
    },
    /// The epoch did not go up.
    #[error("epoch {found} is not above the last one, {last}; another control room may be running")]
    OldEpoch {
        /// As it came.
        found: u64,
        /// The last one.
        last: u64,
    },
    /// No such plan has been proposed.
    #[error("no plan {0} has been proposed; propose it first")]
    UnknownPlan(String),
    /// No such order has been issued.
    #[error("no order {0} has been issued")]
    UnknownOrder(OrderNo),
    /// No such facility has been enrolled.
    #[error("facility {0} is not enrolled")]
    UnknownFacility(FacilityId),
    /// The author approves.
    #[error("{person} made plan {plan_digest} and cannot approve it; another person must")]
    OwnPlan {
        /// Of the plan.
        plan_digest: String,
        /// The author.
        person: String,
    },
    /// One person in two roles.
    #[error("{person} cannot confirm what the same person entered; another person must")]
    SamePerson {
        /// Who.
        person: String,
    },
    /// The plan was sent back.
    #[error("plan {plan_digest} was returned by {person}: {comment}; propose a new version")]
    Returned {
        /// Of the plan.
        plan_digest: String,
        /// By whom.
        person: String,
        /// Why.
        comment: String,
    },
    /// The plan was made from one that is no longer the target.
    #[error(
        "version clash: the plan was made from {parent}, the target is {target}; plan again from the target"
    )]
    VersionClash {
        /// The plan's parent.
        parent: String,
        /// The target.
        target: String,
    },
    /// The plan fails its check (S15).
    #[error(
        "plan {plan_digest} fails its check ({findings} findings) and cannot be approved, not even by hand"
    )]
    CheckFailed {
        /// Of the plan.
        plan_digest: String,
        /// How many.
        findings: usize,
    },
    /// Too late.
    #[error("{what} was possible until {until}")]
    TooLate {
        /// What.
        what: &'static str,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The order is in no state for this.
    #[error("order {order_no}: {why}")]
    NotNow {
        /// The order.
        order_no: OrderNo,
        /// Why not.
        why: &'static str,
    },
    /// A value that cannot be.
    #[error("{0}")]
    Implausible(String),
    /// A promise would be broken.
    #[error("refused: {0}")]
    Promise(Violation),
    /// A person has frozen what leaves.
    #[error("frozen by {} since {}: {}; two people must thaw it", .0.person, .0.since, .0.reason)]
    Frozen(Freeze),
    /// Issuing has stopped.
    #[error("issuing has stopped ({0}); two people must resume it")]
    Stopped(Violation),
}

impl Refusal {
    /// Whether the same has happened already, so that a sender who repeats itself may be told "done".
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate(_))
    }

    /// An error where two texts differ.
    pub(crate) fn unless_equal(what: &'static str, found: &str, expected: &str) -> Result<(), Self> {
        if found == expected {
            return Ok(());
        }
        Err(Self::Mismatch { what, found: found.into(), expected: expected.into() })
    }
}
