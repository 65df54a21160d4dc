//! Two plans side by side.

use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::canonical::CanonicalError;
use kezek_model::ids::FacilityId;
use kezek_model::plan::{Overridden, Plan, Status};
use kezek_model::units::Kw;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A plan as a course of cuts over time.
pub(super) struct Course<'a> {
    plan: &'a Plan,
    pub(super) starts: BTreeSet<DateTime<Utc>>,
    pub(super) step: TimeDelta,
    pub(super) cuts: BTreeMap<&'a FacilityId, BTreeMap<DateTime<Utc>, Kw>>,
}

impl<'a> Course<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let starts: BTreeSet<_> = plan.allocations.iter().map(|row| row.interval_start).collect();
        let pairs = starts.iter().zip(starts.iter().skip(1));
        // A single interval says nothing of its length: an hour, as most have.
        let step = pairs.map(|(one, next)| *next - *one).min().unwrap_or(TimeDelta::hours(1));
        let mut cuts: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for row in &plan.allocations {
            cuts.entry(&row.facility).or_default().insert(row.interval_start, row.cut);
        }
        Self { plan, starts, step, cuts }
    }

    /// Why two plans are not of the same case and horizon, if so.
    pub(super) fn unlike(&self, other: &Self) -> Option<String> {
        if self.plan.case != other.plan.case {
            let (one, two) = (&self.plan.case, &other.plan.case);
            return Some(format!(
                "one is of the case {one:?}, the other of {two:?}; compare plans of the same case"
            ));
        }
        (self.starts != other.starts).then(|| {
            let (one, two) = (self.horizon(), other.horizon());
            format!("their horizons differ, {one} and {two}; compare plans of the same horizon")
        })
    }

    fn horizon(&self) -> String {
        let (Some(first), Some(last)) = (self.starts.first(), self.starts.last()) else {
            return "no interval".into();
        };
        format!("{} in {} intervals", crate::clock::utc_window(*first, *last + self.step), self.starts.len())
    }

    /// Length of an interval in hours.
    #[allow(clippy::cast_precision_loss)]
    fn hours(&self) -> f64 {
        self.step.num_seconds() as f64 / 3600.0
    }

    fn peak_cut_mw(&self) -> f64 {
        let at = |start| self.cuts.values().filter_map(|cut| cut.get(start)).copied().sum::<Kw>().mw();
        self.starts.iter().map(at).fold(0.0, f64::max)
    }

    fn peak_uncovered_mw(&self) -> f64 {
        let mut sums: BTreeMap<DateTime<Utc>, f64> = BTreeMap::new();
        for row in &self.plan.zones {
            *sums.entry(row.interval_start).or_default() += row.uncovered_mw;
        }
        sums.into_values().fold(0.0, f64::max)
    }

    fn figures(&self) -> Result<Figures, CanonicalError> {
        let (plan, totals) = (self.plan, &self.plan.totals);
        Ok(Figures {
            digest: plan.digest()?,
            status: plan.status,
            objective: plan.objective,
            cost: totals.cost,
            cut_mwh: totals.cut_mwh,
            peak_cut_mw: self.peak_cut_mw(),
            uncovered_mwh: totals.uncovered_mwh,
            peak_uncovered_mw: self.peak_uncovered_mw(),
            events: totals.events,
            max_burden: totals.max_burden,
            overridden: self.plan.overridden.len(),
        })
    }

    fn windows(&self, facility: &FacilityId) -> Vec<CutWindow> {
        let mut windows: Vec<CutWindow> = Vec::new();
        for (&start, &cut) in
            self.cuts.get(facility).into_iter().flatten().filter(|(_, cut)| **cut > Kw::ZERO)
        {
            let end = start + self.step;
            match windows.last_mut() {
                Some(window) if window.to == start => {
                    window.to = end;
                    window.peak_cut = window.peak_cut.max(cut);
                    window.cut_mwh += cut.mw() * self.hours();
                }
                _ => windows.push(CutWindow {
                    from: start,
                    to: end,
                    peak_cut: cut,
                    cut_mwh: cut.mw() * self.hours(),
                }),
            }
        }
        windows
    }

    fn cut_mwh(&self, facility: &FacilityId) -> f64 {
        let cuts = self.cuts.get(facility).into_iter().flat_map(BTreeMap::values);
        cuts.copied().sum::<Kw>().mw() * self.hours()
    }
}

/// What changes.
#[derive(Serialize)]
pub(super) struct Changes {
    pub(super) case: String,
    pub(super) same_case_digest: bool,
    pub(super) before: Figures,
    pub(super) after: Figures,
    /// The facilities whose cuts differ: newly cut, released, changed, in this order, by name.
    pub(super) facilities: Vec<FacilityChange>,
    /// Facilities with the same cuts in both.
    pub(super) unchanged: usize,
    pub(super) overridden_no_more: Vec<Overridden>,
    pub(super) overridden_now: Vec<Overridden>,
}

/// One plan in figures.
#[derive(Serialize)]
pub(super) struct Figures {
    pub(super) digest: String,
    pub(super) status: Status,
    pub(super) objective: f64,
    pub(super) cost: f64,
    pub(super) cut_mwh: f64,
    pub(super) peak_cut_mw: f64,
    pub(super) uncovered_mwh: f64,
    pub(super) peak_uncovered_mw: f64,
    pub(super) events: u64,
    pub(super) max_burden: f64,
    pub(super) overridden: usize,
}

/// How a facility is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// Cut after, not before.
    NewlyCut,
    /// Cut before, not after.
    Released,
    /// Cut before and after, otherwise.
    Changed,
}

/// A facility whose cuts differ.
#[derive(Serialize)]
pub(super) struct FacilityChange {
    pub(super) facility: FacilityId,
    pub(super) change: Kind,
    pub(super) before: Vec<CutWindow>,
    pub(super) after: Vec<CutWindow>,
    /// Cut energy after less before.
    pub(super) change_mwh: f64,
}

/// A run of intervals under cut.
#[derive(Serialize)]
pub(super) struct CutWindow {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    #[serde(rename = "peak_cut_mw")]
    pub(super) peak_cut: Kw,
    pub(super) cut_mwh: f64,
}

impl Changes {
    /// Compares two plans of the same horizon.
    pub(super) fn between(before: &Course<'_>, after: &Course<'_>) -> Result<Self, CanonicalError> {
        let names: BTreeSet<_> = before.cuts.keys().chain(after.cuts.keys()).copied().collect();
        let all = names.len();
        let mut facilities: Vec<_> =
            names.into_iter().filter_map(|name| facility(before, after, name)).collect();
        facilities.sort_by(|a, b| (a.change, &a.facility).cmp(&(b.change, &b.facility)));
        Ok(Self {
            case: before.plan.case.clone(),
            same_case_digest: before.plan.case_digest == after.plan.case_digest,
            before: before.figures()?,
            after: after.figures()?,
            unchanged: all - facilities.len(),
            facilities,
            overridden_no_more: only_in(&before.plan.overridden, &after.plan.overridden),
            overridden_now: only_in(&after.plan.overridden, &before.plan.overridden),
        })
    }

    /// How many facilities are concerned in this way.
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.facilities.iter().filter(|facility| facility.change == kind).count()
    }
}

fn facility(before: &Course<'_>, after: &Course<'_>, name: &FacilityId) -> Option<FacilityChange> {
    let cut_at = |course: &Course<'_>, start| {
        course.cuts.get(name).and_then(|cut| cut.get(start)).copied().unwrap_or_default()
    };
    if before.starts.iter().all(|start| cut_at(before, start) == cut_at(after, start)) {
        return None;
    }
    let (old, new) = (before.windows(name), after.windows(name));
    let change = match (old.is_empty(), new.is_empty()) {
        (true, _) => Kind::NewlyCut,
        (_, true) => Kind::Released,
        _ => Kind::Changed,
    };
    let change_mwh = after.cut_mwh(name) - before.cut_mwh(name);
    Some(FacilityChange { facility: name.clone(), change, before: old, after: new, change_mwh })
}

fn only_in(one: &[Overridden], other: &[Overridden]) -> Vec<Overridden> {
    let other: BTreeSet<_> = other.iter().collect();
    one.iter().filter(|row| !other.contains(row)).cloned().collect()
}
