//! The cheapest course of a facility to whose cuts nothing but their size matters: no events, lengths, gaps, numbers or
//! hours. `best[t][l] = cost[t][l] + min best[t-1][m]` over the levels `m` from which load may return to `l`, 0 kW among
//! the levels.

use super::{Course, Lane, Tariff};

/// The cheapest course of a facility that may go without any cut ([`is_plain`](super::chain::Rules::is_plain)), where events
/// cost nothing.
pub(super) fn cheapest(lane: &Lane<'_>, tariff: &Tariff<'_>) -> Course {
    let steps = lane.row.room.len();
    let mut best = vec![0.0];
    let mut cheapest_before: Vec<Vec<usize>> = Vec::with_capacity(steps);
    for t in 0..steps {
        let entered = entered(lane, t, &best);
        let level = |(l, m): (usize, &usize)| best[*m] + cost(lane, tariff, t, l);
        let next = entered.iter().enumerate().map(level).collect();
        best = next;
        cheapest_before.push(entered);
    }
    let mut level = cheapest_of(&best);
    let cost = best[level];
    let mut cuts = vec![0; steps];
    for t in (0..steps).rev() {
        cuts[t] = kw(lane, t, level);
        level = cheapest_before[t][level];
    }
    Course { cuts, cost }
}

/// The cheapest level of the interval before for each level of this one.
fn entered(lane: &Lane<'_>, t: usize, best: &[f64]) -> Vec<usize> {
    let limit = lane.returns.after_cut[t];
    let before = |m: usize| t.checked_sub(1).map_or(0, |s| kw(lane, s, m));
    let (mut reached, mut least) = (1, 0);
    let come = |l: usize| {
        while reached < best.len() && before(reached) - kw(lane, t, l) <= limit {
            least = if best[reached] < best[least] { reached } else { least };
            reached += 1;
        }
        least
    };
    (0..=lane.levels.at(t).len()).map(come).collect()
}

fn cost(lane: &Lane<'_>, tariff: &Tariff<'_>, t: usize, level: usize) -> f64 {
    if level == 0 { 0.0 } else { (tariff.cost)(t, kw(lane, t, level)) }
}

/// Level 0 is no cut.
fn kw(lane: &Lane<'_>, t: usize, level: usize) -> i64 {
    if level == 0 { 0 } else { lane.levels.at(t)[level - 1] }
}

fn cheapest_of(best: &[f64]) -> usize {
    (1..best.len()).fold(0, |least, l| if best[l] < best[least] { l } else { least })
}
