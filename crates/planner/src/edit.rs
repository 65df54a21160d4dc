//! A plan as a person changes it: some cuts are set by hand, flows, shortage and figures follow. Nothing is sought, so
//! nothing is proven; whether it keeps the rules is for [`crate::check`] to say.

use crate::assemble::{Costed, Proof};
use crate::problem::Problem;
use crate::replan::cuts_at;
use crate::solve::PlanError;
use chrono::{DateTime, Utc};
use kezek_model::case::Case;
use kezek_model::ids::FacilityId;
use kezek_model::plan::{Plan, Status};
use kezek_model::reason;
use kezek_model::units::Kw;

/// One cut of one facility over some intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Whose.
    pub facility: FacilityId,
    /// From the interval on that begins here or after it.
    pub from: DateTime<Utc>,
    /// Until before the interval that begins here or after it.
    pub to: DateTime<Utc>,
    /// Nominated less limit; 0 for no cut.
    pub cut: Kw,
}

/// Why a change cannot be made at all.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The case has no such facility.
    #[error("the case has no facility {0}")]
    UnknownFacility(FacilityId),
    /// It names no interval of the plan.
    #[error("{facility}: no interval of the plan begins from {from} until before {to}")]
    NoInterval {
        /// Whose change.
        facility: FacilityId,
        /// From.
        from: DateTime<Utc>,
        /// Until.
        to: DateTime<Utc>,
    },
    /// A cut is never negative.
    #[error("{0}: the cut is below 0 MW")]
    Negative(FacilityId),
    /// Scenarios are planned for, not edited.
    #[error("the case has scenarios; plan it again instead")]
    Uncertain,
    /// What follows cannot be counted.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// The plan with the changes, made from `before`.
///
/// # Errors
/// All changes that name no facility, no interval or no cut are found before anything is counted; the first is told.
pub fn edit(case: &Case, before: &Plan, hands: &[Hand]) -> Result<Plan, EditError> {
    if before.uncertainty.is_some() {
        return Err(EditError::Uncertain);
    }
    let problem = Problem::new(case).map_err(PlanError::from)?;
    let (mut cuts, _) = cuts_at(case, before);
    let mut touched = Vec::new();
    for hand in hands {
        let (f, intervals) = place(case, hand)?;
        for t in intervals {
            cuts[f][t] = hand.cut.0;
            touched.push((f, t));
        }
    }
    let costed = Costed::new(&problem, cuts).map_err(PlanError::from)?;
    let proof = Proof { status: Status::TimeLimit, bound: None, seed: before.seed, seconds: 0.0 };
    let mut plan = costed.plan(case, &problem, proof).map_err(PlanError::from)?;
    plan.parent = Some(before.digest().map_err(PlanError::from)?);
    for (f, t) in touched {
        plan.allocations[f * problem.steps + t].reason = reason::BY_HAND.with([]);
    }
    Ok(plan)
}

/// The facility of a change, and its intervals.
fn place(case: &Case, hand: &Hand) -> Result<(usize, Vec<usize>), EditError> {
    let facility = || hand.facility.clone();
    let f = case.facilities.iter().position(|known| known.id == hand.facility);
    let f = f.ok_or_else(|| EditError::UnknownFacility(facility()))?;
    let within = |t: &usize| (hand.from..hand.to).contains(&case.grid.instant(*t));
    let intervals: Vec<usize> = (0..case.grid.len).filter(within).collect();
    match () {
        () if hand.cut < Kw::ZERO => Err(EditError::Negative(facility())),
        () if intervals.is_empty() => {
            Err(EditError::NoInterval { facility: facility(), from: hand.from, to: hand.to })
        }
        () => Ok((f, intervals)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::solve::{Settings, Watch, solve};
    use chrono::TimeDelta;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    fn small() -> (Case, Plan) {
        let case = Case::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small")).unwrap();
        let stop = AtomicBool::new(false);
        let watch = &mut Watch { elapsed: &|| Duration::ZERO, stop: &stop, progress: &mut |_| {} };
        let plan = solve(&case, Settings::of(&case, 1), watch).unwrap();
        (case, plan)
    }

    fn step(case: &Case) -> TimeDelta {
        TimeDelta::minutes(i64::from(case.grid.step_minutes))
    }

    #[test]
    fn what_a_person_sets_is_counted_through_and_judged_like_any_plan() {
        let (case, plan) = small();
        let cut = plan.allocations.iter().find(|row| row.cut > Kw::ZERO).unwrap();
        let (from, to) = (cut.interval_start, cut.interval_start + step(&case));
        let hand = |facility: &FacilityId, cut| Hand { facility: facility.clone(), from, to, cut };

        let same = edit(&case, &plan, &[hand(&cut.facility, cut.cut)]).unwrap();
        assert_eq!(same.totals.cut_mwh, plan.totals.cut_mwh);
        assert!(check(&case, &same, None).passed(), "{:?}", check(&case, &same, None));
        assert_eq!(same.parent, Some(plan.digest().unwrap()));
        assert_eq!(same.bound, None, "nothing is proven");

        let less = edit(&case, &plan, &[hand(&cut.facility, Kw::ZERO)]).unwrap();
        let row =
            less.allocations.iter().find(|row| (&row.facility, row.interval_start) == (&cut.facility, from));
        let row = row.unwrap();
        assert_eq!((row.cut, row.limit, row.reason.as_str()), (Kw::ZERO, row.nominated, "set by hand"));
        let missing = less.totals.uncovered_mwh - plan.totals.uncovered_mwh;
        let given = plan.totals.cut_mwh - less.totals.cut_mwh;
        assert!(
            given > 0.0 && missing > 0.0 && missing <= given + 1e-6,
            "{missing} MWh of {given} MWh are short"
        );

        let deep = edit(&case, &plan, &[hand(&cut.facility, cut.nominated + Kw(1))]).unwrap();
        assert!(!check(&case, &deep, None).passed(), "more than there is");
    }

    #[test]
    fn a_change_that_names_nothing_is_told() {
        let (case, plan) = small();
        let start = case.grid.instant(0);
        let hand = |facility: &str, to, cut| Hand { facility: facility.into(), from: start, to, cut };
        let known = case.facilities[0].id.as_str().to_owned();
        let end = start + step(&case);
        for (hand, why) in [
            (hand("nobody", end, Kw::ZERO), "no facility nobody"),
            (hand(&known, start, Kw::ZERO), "no interval"),
            (hand(&known, end, Kw(-1)), "below 0 MW"),
        ] {
            let error = edit(&case, &plan, &[hand]).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
