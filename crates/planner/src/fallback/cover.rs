//! Covers what is short: the cheapest facility first, one window of shortage at a time.

use super::restore_excess_kw;
use crate::dispatch::{dispatch, net_load, shortages};
use crate::problem::{FacilityRow, Problem};
use crate::solver::SolverError;
use crate::walk::walk;

/// Passes over the fleet; each dispatches the ties anew, as cuts of one zone may help another.
const PASSES: usize = 3;

/// Load over headroom and import in MW, per zone and interval, for the flows of a moment; negative where there is
/// power to spare.
pub(super) struct Net(Vec<Vec<f64>>);

impl Net {
    pub(super) fn new(problem: &Problem, cuts: &[Vec<i64>], flows: &[Vec<f64>]) -> Self {
        Self(net_load(problem, &shortages(problem, cuts), flows))
    }

    /// Takes note that the cuts of a facility change.
    pub(super) fn change(&mut self, zone: usize, old: &[i64], new: &[i64]) {
        for ((mw, old), new) in self.0[zone].iter_mut().zip(old).zip(new) {
            *mw -= super::kw(new - old) / 1000.0;
        }
    }

    /// What is short in a zone, by interval.
    fn short(&self, zone: usize) -> Vec<f64> {
        self.0[zone].iter().map(|mw| mw.max(0.0)).collect()
    }

    /// Shortage of a zone at its price.
    pub(super) fn price(&self, problem: &Problem, zone: usize) -> f64 {
        self.short(zone).iter().sum::<f64>() * problem.hours * problem.uncovered_cost_per_mwh
    }
}

pub(super) fn cover(
    problem: &Problem,
    cuts: &mut [Vec<i64>],
    threads: u32,
    is_over: &dyn Fn() -> bool,
) -> Result<(), SolverError> {
    for _ in 0..PASSES {
        let mut net = Net::new(problem, cuts, &dispatch(problem, cuts, threads)?.flows);
        let mut helped = false;
        for f in merit_order(problem).into_iter().take_while(|_| !is_over()) {
            helped |= cover_with(problem, cuts, f, &mut net);
        }
        if !helped {
            break;
        }
    }
    Ok(())
}

/// Facilities that can be cut, the cheapest MWh first, events spread over a full cut of one interval.
pub(super) fn merit_order(problem: &Problem) -> Vec<usize> {
    let cost = |f: &usize| {
        let row = &problem.facilities[*f];
        let full = row.room.iter().copied().max().unwrap_or(0).max(1);
        row.cut_cost_per_mwh + row.event_cost / (super::kw(full) / 1000.0 * problem.hours)
    };
    let mut order: Vec<usize> =
        (0..problem.facilities.len()).filter(|&f| problem.facilities[f].can_be_cut()).collect();
    order.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)));
    order
}

/// Adds the events of one facility that save most, as long as one does.
pub(super) fn cover_with(problem: &Problem, cuts: &mut [Vec<i64>], f: usize, net: &mut Net) -> bool {
    let zone = problem.facilities[f].zone;
    let mut helped = false;
    while let Some(better) = best_event(problem, cuts, f, &net.short(zone)) {
        net.change(zone, &cuts[f], &better);
        cuts[f] = better;
        helped = true;
    }
    helped
}

/// The cuts of a facility with the event that saves most, of those that are allowed.
fn best_event(problem: &Problem, cuts: &mut [Vec<i64>], f: usize, short: &[f64]) -> Option<Vec<i64>> {
    let row = &problem.facilities[f];
    let old_cost = own_cost(problem, row, &cuts[f]);
    let mut candidates: Vec<(f64, Vec<i64>)> = promising(problem, row, short)
        .into_iter()
        .map(|(from, to)| deepened(row, &cuts[f], from, to, short))
        .map(|new| (saved(problem, &cuts[f], &new, short) + old_cost - own_cost(problem, row, &new), new))
        .filter(|(gain, _)| *gain > 0.0)
        .collect();
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut candidates = candidates.into_iter().map(|(_, candidate)| candidate);
    candidates.find(|new| walk(row, new).broken.is_empty() && zone_allows(problem, cuts, f, new))
}

/// Windows of one facility that are looked at closely.
const LOOKED_AT: usize = 64;

/// The windows that promise most, by what they would save at best, less what they cost at least.
fn promising(problem: &Problem, row: &FacilityRow, short: &[f64]) -> Vec<(usize, usize)> {
    let promise = |t: usize| {
        let full = super::kw(row.room[t]) / 1000.0;
        let least = super::kw(row.smallest_cut(t)) / 1000.0;
        let helps = full.min(short[t]);
        (helps * problem.uncovered_cost_per_mwh - helps.max(least) * row.cut_cost_per_mwh) * problem.hours
    };
    let mut sums = vec![0.0];
    (0..short.len()).for_each(|t| sums.push(sums[t] + promise(t)));
    let by_promise = |(from, to): (usize, usize)| (sums[to] - sums[from] - row.event_cost, from, to);
    let mut windows: Vec<(f64, usize, usize)> =
        windows(row, short).map(by_promise).filter(|w| w.0 > 0.0).collect();
    windows.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    windows.truncate(LOOKED_AT);
    windows.into_iter().map(|(_, from, to)| (from, to)).collect()
}

/// Whether the zone returns no more than it may with these cuts of a facility.
pub(super) fn zone_allows(problem: &Problem, cuts: &mut [Vec<i64>], f: usize, candidate: &[i64]) -> bool {
    let earlier = std::mem::replace(&mut cuts[f], candidate.to_vec());
    let zone = problem.facilities[f].zone;
    let allowed =
        (0..problem.steps).all(|t| restore_excess_kw(problem, cuts, zone, t).is_none_or(|kw| kw <= 0.0));
    cuts[f] = earlier;
    allowed
}

/// Windows `[from, to)` of allowed length that begin or end where it is short.
fn windows<'a>(row: &FacilityRow, short: &'a [f64]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let steps = short.len();
    let intervals = |minutes: i64| usize::try_from(minutes / row.step_minutes).unwrap_or(usize::MAX);
    let least = intervals(row.min_minutes + row.step_minutes - 1).clamp(1, steps);
    let hours = row.hour_budgets.iter().map(|budget| budget.max_intervals).min().unwrap_or(steps);
    let most = row.max_minutes.map_or(steps, intervals).min(hours).min(LONGEST);
    (0..steps).flat_map(move |from| {
        let ends = (from + least)..=from.saturating_add(most).min(steps);
        ends.filter(move |&to| short[from] > 0.0 || short[to - 1] > 0.0).map(move |to| (from, to))
    })
}

/// Longest window that is looked at, in intervals: a week and a day by the hour.
const LONGEST: usize = 192;

/// Deepens the cuts of a window to what is short, and lets them fade as slowly as the ramp wants.
fn deepened(row: &FacilityRow, own: &[i64], from: usize, to: usize, short: &[f64]) -> Vec<i64> {
    let mut cuts = own.to_vec();
    for t in from..cuts.len() {
        if row.frozen[t].is_some() {
            continue;
        }
        let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
        let by_ramp = row.return_limit(t).map_or(0, |limit| earlier - limit);
        let wanted = if t < to { needed_kw(short[t]).max(1).saturating_add(cuts[t]) } else { 0 };
        cuts[t] = row.cut_at_least(t, wanted.max(by_ramp).max(cuts[t]));
    }
    cuts
}

#[allow(clippy::cast_possible_truncation)]
fn needed_kw(short_mw: f64) -> i64 {
    (short_mw * 1000.0).ceil().clamp(0.0, 1e12) as i64
}

/// What a change saves: shortage at its price.
fn saved(problem: &Problem, old: &[i64], new: &[i64], short: &[f64]) -> f64 {
    let covered = |t: usize| (super::kw(new[t] - old[t]) / 1000.0).min(short[t]);
    (0..old.len()).map(covered).sum::<f64>() * problem.hours * problem.uncovered_cost_per_mwh
}

/// Cuts, events and overrun of one facility at their prices.
pub(super) fn own_cost(problem: &Problem, row: &FacilityRow, cuts: &[i64]) -> f64 {
    let walk = walk(row, cuts);
    let energy = |kw: i64| super::kw(kw) / 1000.0 * problem.hours;
    let overrun: i64 = walk.overrun.iter().map(|&t| cuts[t]).sum();
    let starts = i64::try_from(walk.starts.len()).unwrap_or(i64::MAX);
    energy(cuts.iter().sum()) * row.cut_cost_per_mwh
        + super::kw(starts) * row.event_cost
        + energy(overrun) * problem.uncovered_cost_per_mwh
}
