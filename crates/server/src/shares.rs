//! Who bears what by a plan: counted once for each plan, not for each miner who looks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kezek_model::ids::FacilityId;
use kezek_model::plan::Plan;
use kezek_planner::check::burdens;

use crate::uncovered::IssuedPlan;

/// What facilities bear of the energy they nominated, in %.
#[derive(Debug)]
pub(crate) struct Shares {
    /// Of all that bear something or may; exempt ones are not there.
    pub(crate) shares: BTreeMap<FacilityId, f64>,
    /// Half of them bear as much or more; 0 where there are none.
    pub(crate) median: f64,
}

impl Shares {
    fn of(issued: &IssuedPlan) -> Self {
        let borne = issued.case.facilities.iter().zip(burdens(&issued.case, &issued.plan));
        let shares: BTreeMap<FacilityId, f64> = borne
            .filter_map(|(facility, burden)| Some((facility.id.clone(), burden?.share() * 100.0)))
            .collect();
        let mut all: Vec<f64> = shares.values().copied().collect();
        all.sort_by(f64::total_cmp);
        Self { shares, median: all.get(all.len() / 2).copied().unwrap_or(0.0) }
    }
}

/// The shares of the plan that was asked for last, and that plan.
#[derive(Default)]
pub(crate) struct ShareShelf(Mutex<Option<(Arc<Plan>, Arc<Shares>)>>);

impl ShareShelf {
    /// Counted where this is not the plan that was asked for last. A plan that was read is kept, so the same one is the
    /// same value.
    pub(crate) fn of(&self, issued: &IssuedPlan) -> Arc<Shares> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((plan, shares)) if Arc::ptr_eq(plan, &issued.plan) => Arc::clone(shares),
            _ => {
                let shares = Arc::new(Shares::of(issued));
                *last = Some((Arc::clone(&issued.plan), Arc::clone(&shares)));
                shares
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::case::Case;
    use kezek_model::units::Kw;
    use kezek_planner::solve::{Settings, Watch, solve};
    use std::path::Path;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    fn issued() -> IssuedPlan {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small");
        let case = Case::read(&folder).unwrap();
        let stop = AtomicBool::new(false);
        let watch = &mut Watch { elapsed: &|| Duration::ZERO, stop: &stop, progress: &mut |_| {} };
        let plan = solve(&case, Settings::of(&case, 1), watch).unwrap();
        IssuedPlan { plan: Arc::new(plan), case: Arc::new(case) }
    }

    #[test]
    fn shares_are_counted_once_for_each_plan() {
        let (shelf, issued) = (ShareShelf::default(), issued());
        let first = shelf.of(&issued);
        assert!(Arc::ptr_eq(&first, &shelf.of(&issued)));
        let mut other = (*issued.plan).clone();
        other.allocations.iter_mut().for_each(|row| row.cut = Kw::ZERO);
        let other = IssuedPlan { plan: Arc::new(other), case: Arc::clone(&issued.case) };
        let second = shelf.of(&other);
        assert!(first.shares.values().any(|share| *share > 0.0) && first.median > 0.0);
        assert!(second.shares.values().all(|share| *share == 0.0) && second.median == 0.0);
    }
}
