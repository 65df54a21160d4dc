//! Covers: what facilities have to cover together even when some of them are cut in full.
//!
//! With `S` zones that can be short together, `need` what they are short of beyond what ties can bring, and `A` any
//! facilities of theirs, `sum over i not in A of min(cut[i,t], need - sum of room in A) + uncovered >= need - sum of
//! room in A` holds for every plan, but not for blends of courses (knapsack cover inequalities; Carr, Fleischer, Leung
//! and Phillips, 2000). A blend that covers a small rest with a small share of a deep cut violates one.

use super::fleet::Fleet;
use super::master::{Blend, Master};
use crate::island::Sets;
use crate::problem::mw;

/// A cover.
#[derive(Clone)]
pub(crate) struct Cover {
    pub(crate) t: usize,
    /// Whether a zone is in `S`.
    pub(crate) zones: Vec<bool>,
    /// Whether a facility is in `A`.
    aside: Vec<bool>,
    /// What the others have to cover.
    pub(crate) need_mw: f64,
}

impl Cover {
    pub(crate) fn counts(&self, f: usize, zone: usize) -> bool {
        self.zones[zone] && !self.aside[f]
    }

    /// What the cuts of some members of a fleet give, in MW.
    pub(crate) fn covered_by(&self, fleet: &Fleet<'_>, members: &[usize], cuts: &[Vec<i64>]) -> f64 {
        let own = members.iter().zip(cuts);
        let counted = own.filter(|(m, _)| self.counts(fleet.members[**m], fleet.facility(**m).zone));
        counted.map(|(_, cuts)| mw(cuts[self.t]).min(self.need_mw)).sum()
    }
}

/// Least violation, as a share of the need.
const VIOLATED: f64 = 0.002;

/// The most violated cover of every set and interval that has one.
pub(crate) fn violated(fleet: &Fleet<'_>, sets: &Sets, master: &Master, blend: &Blend) -> Vec<Cover> {
    let mut covers = Vec::new();
    for t in 0..fleet.problem.steps {
        let cuts = blended(fleet, master, blend, t);
        for set in sets.all() {
            let need_mw = set.short(fleet.problem, &fleet.rows.short, t);
            if need_mw > 0.0 {
                let uncovered = master.uncovered(blend, &set.has, t);
                covers.extend(worst(fleet, &set.has, t, need_mw, &cuts, uncovered));
            }
        }
    }
    covers
}

/// The cuts that a blend has for every member in an interval, in MW, with their shares.
fn blended(fleet: &Fleet<'_>, master: &Master, blend: &Blend, t: usize) -> Vec<Vec<(f64, f64)>> {
    let mut cuts = vec![Vec::new(); fleet.members.len()];
    for (column, &share) in master.columns.iter().zip(&blend.shares).filter(|(_, share)| **share > 1e-9) {
        for (&m, own) in master.groups[column.group].iter().zip(column.cuts.iter()) {
            if own[t] > 0 {
                cuts[m].push((mw(own[t]), share));
            }
        }
    }
    cuts
}

fn worst(
    fleet: &Fleet<'_>,
    zones: &[bool],
    t: usize,
    mut need_mw: f64,
    cuts: &[Vec<(f64, f64)>],
    uncovered: f64,
) -> Option<Cover> {
    let room = |m: usize| mw(fleet.facility(m).frozen[t].unwrap_or(fleet.facility(m).room[t]));
    let fill = |m: &usize| cuts[*m].iter().map(|(mw, share)| mw * share).sum::<f64>() / room(*m).max(1e-9);
    let mut order: Vec<usize> =
        (0..fleet.members.len()).filter(|&m| zones[fleet.facility(m).zone] && !cuts[m].is_empty()).collect();
    order.sort_by(|a, b| fill(b).total_cmp(&fill(a)).then(a.cmp(b)));
    let mut best: Option<(f64, usize, f64)> = None;
    for aside in 0..=order.len() {
        let given = |m: &usize| cuts[*m].iter().map(|(mw, share)| mw.min(need_mw) * share).sum::<f64>();
        let missing = 1.0 - (order[aside..].iter().map(given).sum::<f64>() + uncovered) / need_mw;
        if missing > best.map_or(VIOLATED, |(most, ..)| most) {
            best = Some((missing, aside, need_mw));
        }
        let Some(&next) = order.get(aside) else { break };
        need_mw -= room(next);
        if need_mw <= 1e-3 {
            break;
        }
    }
    let (_, aside, need_mw) = best?;
    let mut set_aside = vec![false; fleet.problem.facilities.len()];
    order[..aside].iter().for_each(|&m| set_aside[fleet.members[m]] = true);
    Some(Cover { t, zones: zones.to_vec(), aside: set_aside, need_mw })
}
