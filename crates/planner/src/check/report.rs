//! What the judge found.

use chrono::{DateTime, Utc};
use kezek_model::ids::{FacilityId, TieId, ZoneId};
use kezek_model::plan::utc_text;
use serde::Serialize;
use std::fmt;

/// Lines that are shown to a person; the rest is counted.
const LINES_SHOWN: usize = 100;

/// The rule that a plan breaks, by the paragraph of the planning problem it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The plan is not one of this case, or does not say where it comes from.
    Identity,
    /// A row is missing, doubled, foreign, out of order or not a power.
    Rows,
    /// Section 2: what a facility may intend to draw.
    Nomination,
    /// `limit = nominated - cut`, with a reason.
    Limit,
    /// 3.2: a flow beyond its tie.
    Tie,
    /// 3.3: a cut that is not one of those allowed.
    Range,
    /// 3.4: an event shorter than `min_cut_min`.
    MinCut,
    /// 3.4: an event longer than `max_cut_min`.
    MaxCut,
    /// 3.4: an event too soon after the one before.
    MinGap,
    /// 3.4: too many events on one civil day.
    MaxEvents,
    /// 3.4: more hours under cut than are left.
    MaxHours,
    /// 3.5: a frozen interval has another cut than was ordered.
    Notice,
    /// 3.6: a facility returns too fast.
    Ramp,
    /// 3.6: a zone returns too fast.
    ZoneRestore,
    /// 3.7: less cut than a standing order demands.
    StandingOrder,
    /// 3.8: what gave way is not named, or what is named did not give way.
    Overridden,
    /// 3.1: a figure of a zone does not follow from the rows.
    ZoneFigure,
    /// A total does not follow from the rows.
    Total,
    /// The objective does not follow from the rows.
    Objective,
    /// A stage is missing, or does not follow from the rows.
    Stage,
    /// The bound is above what was reached.
    Bound,
    /// The gap does not follow from objective and bound.
    Gap,
    /// The status does not follow from the gap.
    Status,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Where a rule is broken; all blank: in the plan as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The facility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<FacilityId>,
    /// The zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
    /// The tie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie: Option<TieId>,
    /// Start of the interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_start: Option<DateTime<Utc>>,
}

impl Place {
    /// The plan as a whole.
    pub(super) fn plan() -> Self {
        Self::default()
    }

    /// A facility in an interval.
    pub(super) fn facility(facility: &FacilityId, at: DateTime<Utc>) -> Self {
        Self { facility: Some(facility.clone()), interval_start: Some(at), ..Self::default() }
    }

    /// A zone in an interval.
    pub(super) fn zone(zone: &ZoneId, at: DateTime<Utc>) -> Self {
        Self { zone: Some(zone.clone()), interval_start: Some(at), ..Self::default() }
    }

    /// A tie in an interval.
    pub(super) fn tie(tie: &TieId, at: DateTime<Utc>) -> Self {
        Self { tie: Some(tie.clone()), interval_start: Some(at), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.facility.as_ref().map(|id| format!("facility {id}")));
        parts.extend(self.zone.as_ref().map(|id| format!("zone {id}")));
        parts.extend(self.tie.as_ref().map(|id| format!("tie {id}")));
        parts.extend(self.interval_start.map(utc_text));
        f.write_str(if parts.is_empty() { "plan" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

/// One rule broken at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What the plan says.
    pub found: String,
    /// What it should say.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: found {}; expected {}", self.rule, self.place, self.found, self.expected)
    }
}

/// The judgement: every broken rule, facility and interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What is wrong, in the order of the planning problem; empty when the plan holds.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the plan holds.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Report {
    /// One line per finding, the first hundred of them, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.passed() {
            return f.write_str("the plan holds");
        }
        let shown = self.findings.iter().take(LINES_SHOWN).map(ToString::to_string).collect::<Vec<_>>();
        f.write_str(&shown.join("\n"))?;
        match self.findings.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// Findings as they come in.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Records that a rule is broken.
    pub(super) fn add(
        &mut self,
        rule: Rule,
        place: Place,
        found: impl fmt::Display,
        expected: impl fmt::Display,
    ) {
        self.0.push(Finding { rule, place, found: found.to_string(), expected: expected.to_string() });
    }

    /// The judgement.
    pub(super) fn into_report(self) -> Report {
        Report { findings: self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: usize) -> Report {
        let place = Place::facility(&"F1".into(), "2022-01-23T18:00:00Z".parse().unwrap());
        let finding = Finding { rule: Rule::MinGap, place, found: "60".into(), expected: "120".into() };
        Report { findings: vec![finding; findings] }
    }

    #[test]
    fn a_line_names_rule_facility_and_interval() {
        let line = "min-gap: facility F1, 2022-01-23T18:00:00Z: found 60; expected 120";
        assert_eq!(report(1).to_string(), line);
        assert!(!report(1).passed());
        assert_eq!(report(0).to_string(), "the plan holds");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let text = report(LINES_SHOWN + 7).to_string();
        assert_eq!(text.lines().count(), LINES_SHOWN + 1);
        assert!(text.ends_with("and 7 more"));
    }

    #[test]
    fn the_place_of_the_whole_plan_has_a_name() {
        assert_eq!(Place::plan().to_string(), "plan");
    }
}
