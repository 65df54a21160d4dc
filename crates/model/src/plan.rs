//! The plan: immutable, with a digest and a parent (section 7 of the planning problem).

use crate::canonical::{CanonicalError, digest_of};
use crate::case::Policy;
use crate::ids::{FacilityId, TieId, ZoneId};
use crate::units::Kw;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `plan.json`. Allocations are sorted by facility, then time; zones and flows alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the case.
    pub case: String,
    /// [`crate::case::Case::digest`] of the case.
    pub case_digest: String,
    /// Version of the engine that made the plan.
    pub engine: String,
    /// What was sought.
    pub policy: Policy,
    /// Seed of whatever was drawn.
    pub seed: u64,
    /// Digest of the plan that this one was made from.
    #[serde(default)]
    pub parent: Option<String>,
    /// Why the search stopped.
    pub status: Status,
    /// Cost of the plan as written, uncovered and overrun energy included.
    pub objective: f64,
    /// A proven lower bound of the objective; absent where none was proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// `(objective - bound) / max(1, |objective|)`; absent with the bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    /// Seconds spent; no part of the digest.
    pub seconds: f64,
    /// Sums over the rows.
    pub totals: Totals,
    /// The stages of a lexicographic policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<Vec<Stage>>,
    /// What uncertain headroom comes to; absent where the case has one future. Then `objective`, `bound` and `gap` are those
    /// of the expected objective and the price of its tail, while rows and totals are those of the cut for all scenarios at
    /// the mean headroom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertainty>,
    /// Every facility in every interval, cut or not.
    pub allocations: Vec<Allocation>,
    /// Every zone in every interval.
    pub zones: Vec<ZoneBalance>,
    /// Every tie in every interval.
    pub flows: Vec<Flow>,
    /// Every rule that gave way to an order or to what held at the start.
    pub overridden: Vec<Overridden>,
}

/// Why the search stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing better exists (gap up to 1e-6 before rounding to kW).
    Optimal,
    /// The gap asked for is proven.
    WithinGap,
    /// Time ran out, or a person stopped it: the best plan found.
    TimeLimit,
}

/// Sums over the rows of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Energy nominated by all facilities.
    pub nominated_mwh: f64,
    /// Energy cut away from it.
    pub cut_mwh: f64,
    /// Shortage that remains after every allowed cut.
    pub uncovered_mwh: f64,
    /// The objective without uncovered and overrun energy.
    pub cost: f64,
    /// Events that start in the horizon.
    pub events: u64,
    /// Highest burden of the policy (of `equal-share` for `least-cost`).
    pub max_burden: f64,
}

/// One stage of a lexicographic policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// `uncovered`, `burden` or `cost`.
    pub stage: String,
    /// What was reached.
    pub value: f64,
    /// A proven lower bound of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// The gap between the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
}

/// What a plan comes to in the scenarios of its case, each with the cuts that may be deeper once it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uncertainty {
    /// Mean of the scenarios' objectives.
    pub expected_objective: f64,
    /// Mean of their uncovered energy.
    pub expected_uncovered_mwh: f64,
    /// Mean of the worst `1 - alpha` of it; the plan's objective is the expected one plus the `weight` of this.
    pub cvar_uncovered_mwh: f64,
    /// Every scenario, in the order of the case.
    pub scenarios: Vec<ScenarioOutcome>,
    /// Every interval.
    pub shortage: Vec<Shortage>,
}

/// What a plan comes to in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioOutcome {
    /// The scenario.
    pub scenario: String,
    /// Its probability.
    pub probability: f64,
    /// Its objective, uncovered and overrun energy included.
    pub objective: f64,
    /// Energy cut, that of the plan included.
    pub cut_mwh: f64,
    /// Shortage that remains.
    pub uncovered_mwh: f64,
}

/// The chance of a shortage in one interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortage {
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// Probability that anything stays uncovered in any zone.
    pub probability: f64,
}

/// One facility in one interval: `limit = nominated - cut`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// The facility.
    pub facility: FacilityId,
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// What it may intend to draw, quota and licence considered.
    #[serde(rename = "nominated_mw")]
    pub nominated: Kw,
    /// What is left.
    #[serde(rename = "limit_mw")]
    pub limit: Kw,
    /// What is taken away.
    #[serde(rename = "cut_mw")]
    pub cut: Kw,
    /// A short text for people, never empty.
    pub reason: String,
}

/// One zone in one interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneBalance {
    /// The zone.
    pub zone: ZoneId,
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// MW that the zone can give to mining; may be negative.
    pub headroom_mw: f64,
    /// Sum of the limits of its facilities.
    pub allocated_mw: f64,
    /// Flow in less flow out.
    pub import_mw: f64,
    /// `max(0, allocated - headroom - import)`.
    pub uncovered_mw: f64,
}

/// One tie in one interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The tie.
    pub tie: TieId,
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// MW from the tie's `from` to its `to`; negative the other way.
    pub mw: f64,
}

/// A rule of a facility that gave way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overridden {
    /// The facility.
    pub facility: FacilityId,
    /// Start of the interval in which it gave way.
    pub interval_start: DateTime<Utc>,
    /// The column whose limit was broken.
    pub rule: String,
    /// The number of the order, or `state`.
    pub by: String,
}

impl Plan {
    /// The plan's own digest: SHA-256 of its canonical JSON without `seconds`.
    ///
    /// # Errors
    /// When a number in the plan is not finite.
    pub fn digest(&self) -> Result<String, CanonicalError> {
        let mut value = serde_json::to_value(self)?;
        if let Some(object) = value.as_object_mut() {
            object.remove("seconds");
        }
        digest_of(&value)
    }

    /// The plan in the text of a `plan.json`.
    ///
    /// # Errors
    /// When a plan is read that is not one; names line and column.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// `plan.csv`: the allocations with start and end of each interval.
    #[must_use]
    pub fn to_csv(&self, step_minutes: u32) -> String {
        let mut text =
            String::from("facility,interval_start,interval_end,nominated_mw,limit_mw,cut_mw,reason\n");
        for row in &self.allocations {
            let end = row.interval_start + chrono::TimeDelta::minutes(i64::from(step_minutes));
            let reason = row.reason.replace('"', "\"\"");
            let (start, end) = (utc_text(row.interval_start), utc_text(end));
            let (nominated, limit, cut) = (row.nominated.mw(), row.limit.mw(), row.cut.mw());
            text += &format!("{},{start},{end},{nominated},{limit},{cut},\"{reason}\"\n", row.facility);
        }
        text
    }
}

/// An instant as files carry it: RFC 3339, UTC, whole seconds, `Z`.
#[must_use]
pub fn utc_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let at = "2022-01-23T18:00:00Z".parse().unwrap();
        Plan {
            case: "one".into(),
            case_digest: "00".into(),
            engine: "0.1.0".into(),
            policy: Policy::LeastCost,
            seed: 1,
            parent: None,
            status: Status::Optimal,
            objective: 2.5,
            bound: Some(2.5),
            gap: Some(0.0),
            seconds: 0.1,
            totals: Totals::default(),
            stages: None,
            uncertainty: None,
            allocations: vec![Allocation {
                facility: "F01".into(),
                interval_start: at,
                nominated: Kw(20_000),
                limit: Kw(1_999),
                cut: Kw(18_001),
                reason: "says \"why\"".into(),
            }],
            zones: vec![],
            flows: vec![],
            overridden: vec![],
        }
    }

    #[test]
    fn json_and_back_is_the_same_plan() {
        let text = serde_json::to_string(&plan()).unwrap();
        assert!(
            text.contains(r#""interval_start":"2022-01-23T18:00:00Z","nominated_mw":20.0,"limit_mw":1.999"#),
            "{text}"
        );
        assert_eq!(Plan::from_json(&text).unwrap(), plan());
    }

    #[test]
    fn seconds_are_no_part_of_the_digest_and_everything_else_is() {
        let mut slow = plan();
        slow.seconds = 9.0;
        assert_eq!(slow.digest().unwrap(), plan().digest().unwrap());
        let mut other = plan();
        other.allocations[0].reason = "another".into();
        assert_ne!(other.digest().unwrap(), plan().digest().unwrap());
    }

    #[test]
    fn csv_has_units_in_its_header_and_doubles_quotes() {
        let csv = plan().to_csv(60);
        let row = "F01,2022-01-23T18:00:00Z,2022-01-23T19:00:00Z,20,1.999,18.001,\"says \"\"why\"\"\"";
        assert_eq!(csv.lines().nth(1), Some(row));
    }
}
