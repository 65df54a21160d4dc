//! A lead: load that began in a zone and that nobody has declared. A place to look, never an accusation.

use crate::ids::ZoneId;
use crate::units::Kw;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A step up of a zone's undeclared load that is the same at all hours of the day.
///
/// A new lawful consumer, a plant that is no longer run behind a meter, a feeder switched from another zone or a meter that
/// was exchanged look the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// Where.
    pub zone: ZoneId,
    /// The first civil day on which it is seen; it may be some days off.
    pub since: NaiveDate,
    /// How much.
    #[serde(rename = "power_mw")]
    pub power: Kw,
    /// Nine of ten such estimates of nothing but noise are no further off than from here ...
    #[serde(rename = "low_mw")]
    pub low: Kw,
    /// ... to here.
    #[serde(rename = "high_mw")]
    pub high: Kw,
    /// How seldom the noise of this zone alone shows such a step anywhere in these days: 0.95 for one time in twenty.
    pub confidence: f64,
    /// The step in each quarter of the civil day, from midnight on: of a flat load they are alike.
    #[serde(rename = "quarters_mw")]
    pub quarters: [Kw; 4],
}
