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

/// What is wrong with one change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandFault {
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
}

/// Why changes cannot be made at all.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Some of them name no facility, no interval or no cut; all that is wrong with them.
    #[error("the changes cannot be made: {}", listed(.0))]
    Faults(Vec<HandFault>),
    /// Scenarios are planned for, not edited.
    #[error("the case has scenarios; plan it again instead")]
    Uncertain,
    /// What follows cannot be counted.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

fn listed(faults: &[HandFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The plan with the changes, made from `before`.
///
/// # Errors
/// All changes that name no facility, no interval or no cut are told before anything is counted.
pub fn edit(case: &Case, before: &Plan, hands: &[Hand]) -> Result<Plan, EditError> {
    if before.uncertainty.is_some() {
        return Err(EditError::Uncertain);
    }
    let problem = Problem::new(case).map_err(PlanError::from)?;
    let (mut cuts, _) = cuts_at(case, before);
    let mut touched = Vec::new();
    for (hand, (f, intervals)) in hands.iter().zip(places(case, hands)?) {
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
type Place = (usize, Vec<usize>);

fn places(case: &Case, hands: &[Hand]) -> Result<Vec<Place>, EditError> {
    let (mut places, mut faults) = (Vec::new(), Vec::new());
    for hand in hands {
        match place(case, hand) {
            Ok(place) => places.push(place),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(EditError::Faults(faults)) }
}

fn place(case: &Case, hand: &Hand) -> Result<Place, Vec<HandFault>> {
    let facility = || hand.facility.clone();
    let within = |t: &usize| (hand.from..hand.to).contains(&case.grid.instant(*t));
    let intervals: Vec<usize> = (0..case.grid.len).filter(within).collect();
    let unknown = HandFault::UnknownFacility(facility());
    let nowhere = HandFault::NoInterval { facility: facility(), from: hand.from, to: hand.to };
    let f = case.facilities.iter().position(|known| known.id == hand.facility);
    let faults = [
        f.is_none().then_some(unknown),
        intervals.is_empty().then_some(nowhere),
        (hand.cut < Kw::ZERO).then(|| HandFault::Negative(facility())),
    ];
    let faults: Vec<HandFault> = faults.into_iter().flatten().collect();
    match f.filter(|_| faults.is_empty()) {
        Some(f) => Ok((f, intervals)),
        None => Err(faults),
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
    fn all_that_is_wrong_with_changes_is_told_at_once() {
        let (case, plan) = small();
        let start = case.grid.instant(0);
        let hand = |facility: &str, to, cut| Hand { facility: facility.into(), from: start, to, cut };
        let known = case.facilities[0].id.as_str().to_owned();
        let end = start + step(&case);
        let hands = [hand("nobody", end, Kw::ZERO), hand(&known, end, Kw::ZERO), hand(&known, start, Kw(-1))];
        let EditError::Faults(faults) = edit(&case, &plan, &hands).unwrap_err() else { panic!() };
        let (from, to) = (start, start);
        let facility = case.facilities[0].id.clone();
        let expected = [
            HandFault::UnknownFacility("nobody".into()),
            HandFault::NoInterval { facility: facility.clone(), from, to },
            HandFault::Negative(facility),
        ];
        assert_eq!(faults, expected);
        assert_eq!(edit(&case, &plan, &hands[1..2]).unwrap().parent, Some(plan.digest().unwrap()));
    }
}
