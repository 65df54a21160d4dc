//! What a control room sets. It travels in [`crate::Event::Opened`], so that a replay judges as it was judged.

use kezek_model::ids::ZoneId;
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The settings of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Plans whose highest total cut is above this take two people; `None`: one person is enough for every plan.
    #[serde(rename = "two_people_above_mw")]
    pub two_people_above: Option<Kw>,
    /// How meters are judged.
    pub tolerance: Tolerance,
    /// Minutes after the end of an order in which its readings may still come, before it is judged.
    pub reading_late_minutes: u32,
    /// Most orders issued in any minute (S7); `None`: twice the registered facilities, those of the plan at hand counted.
    #[serde(default)]
    pub orders_per_minute: Option<u32>,
    /// Most that may be cut of a zone within any plan interval (S6); a zone not named: any.
    #[serde(default, rename = "shed_limit_mw")]
    pub shed_limits: BTreeMap<ZoneId, Kw>,
    /// How people are told of an order that has not arrived.
    #[serde(default)]
    pub second_channels: SecondChannels,
    /// Whether a facility's signed word about an order shows that it has arrived. Journals from before that was so have
    /// attempts after such a word, and replay as they were.
    #[serde(default)]
    pub word_shows_arrival: bool,
}

/// What there is beside delivery. By default there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondChannels {
    /// Whether short messages can be sent.
    pub sms: bool,
    /// Whether e-mail can be sent.
    pub email: bool,
    /// Attempts per order and number or mailbox.
    pub most_attempts: u32,
    /// Seconds between a failure and the next attempt.
    pub pause_s: u32,
}

impl Default for SecondChannels {
    fn default() -> Self {
        Self { sms: false, email: false, most_attempts: 3, pause_s: 60 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            two_people_above: None,
            tolerance: Tolerance::default(),
            reading_late_minutes: 60,
            orders_per_minute: None,
            shed_limits: BTreeMap::new(),
            second_channels: SecondChannels::default(),
            word_shows_arrival: true,
        }
    }
}

/// How a meter is judged. The default figures are assumed: no source gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Name of this set of figures; printed with every verdict.
    pub version: String,
    /// Allowed above the limit, in percent of it.
    pub percent: u32,
    /// Allowed above the limit at least, in kW.
    pub least_kw: i64,
    /// Minutes after a limit falls in which the load may still be on its way down.
    pub grace_minutes: u32,
    /// A meter that has been quiet for longer than its interval and this many minutes is unknown, not zero.
    pub stale_minutes: u32,
    /// What the load would have been without the order, where one figure has to decide; the other is told beside it.
    #[serde(default)]
    pub baseline: Baseline,
}

/// What the load of a facility would have been without an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// What it was nominated to draw: limit and cut of the order together.
    #[default]
    Nomination,
    /// The mean of the same hour of its civil clock in the last ten days without a cut of it that were over when the
    /// order was issued, so that nobody raises it after having been told.
    #[serde(rename = "same-hour-10-uncut-days")]
    SameHour,
}

impl Baseline {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 2] = [Self::Nomination, Self::SameHour];

    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nomination => "nomination",
            Self::SameHour => "same-hour-10-uncut-days",
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            version: "1 (assumed)".into(),
            percent: 5,
            least_kw: 100,
            grace_minutes: 10,
            stale_minutes: 5,
            baseline: Baseline::Nomination,
        }
    }
}

impl fmt::Display for Tolerance {
    /// All of it in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (percent, least, grace) = (self.percent, self.least_kw, self.grace_minutes);
        write!(
            f,
            "{}: above the limit up to max({percent} %, {least} kW), grace {grace} min, stale after {} min, baseline {}",
            self.version,
            self.stale_minutes,
            self.baseline.as_str()
        )
    }
}

impl Tolerance {
    /// What may be drawn above a limit.
    #[must_use]
    pub fn above(&self, limit: Kw) -> Kw {
        Kw((limit.0.saturating_mul(i64::from(self.percent)) / 100).max(self.least_kw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_has_the_name_of_the_files_and_old_settings_still_read() {
        for baseline in Baseline::ALL {
            assert_eq!(serde_json::to_value(baseline).unwrap(), baseline.as_str());
        }
        let mut old = serde_json::to_value(Tolerance::default()).unwrap();
        old.as_object_mut().unwrap().remove("baseline");
        assert_eq!(serde_json::from_value::<Tolerance>(old).unwrap(), Tolerance::default());
    }

    #[test]
    fn how_meters_are_judged_is_said_in_every_language() {
        for baseline in Baseline::ALL {
            crate::testing::can_be_said(&Tolerance { baseline, ..Tolerance::default() }.to_string());
        }
    }

    #[test]
    fn tolerance_is_the_greater_of_share_and_least() {
        assert_eq!(Tolerance::default().above(Kw(10_000)), Kw(500));
        assert_eq!(Tolerance::default().above(Kw(0)), Kw(100));
    }
}
