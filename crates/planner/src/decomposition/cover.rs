//! Covers: what facilities have to cover together even when some of them are cut in full.
//!
//! With `S` zones that can be short together, `need` what they are short of beyond what ties can bring less the room of
//! any facilities `A` of theirs, and a [`Measure`] that counts parts for no less than their sum,
//! `sum over i not in A of measure(cut[i,t]) + uncovered >= measure(need)` holds for every plan, but not for blends of
//! courses. Where no cut counts for more than the need (knapsack cover inequalities; Carr, Fleischer, Leung and
//! Phillips, 2000), a blend that covers a small rest with a small share of a deep cut violates one; where cuts count in
//! units, one that covers it with shares of blocks.

mod measure;

use super::fleet::Fleet;
use super::master::{Blend, Master};
use crate::draft::around;
use crate::island::Sets;
use crate::problem::mw;
use measure::Measure;

/// A cover.
#[derive(Clone)]
pub(crate) struct Cover {
    pub(crate) t: usize,
    /// Whether a zone is in `S`.
    pub(crate) zones: Vec<bool>,
    /// Whether a facility is in `A`.
    aside: Vec<bool>,
    /// What the cuts of the others count for.
    measure: Measure,
}

impl Cover {
    pub(crate) fn counts(&self, f: usize, zone: usize) -> bool {
        self.zones[zone] && !self.aside[f]
    }

    /// What the cuts of some members of a fleet give, in MW.
    pub(crate) fn covered_by(&self, fleet: &Fleet<'_>, members: &[usize], cuts: &[Vec<i64>]) -> f64 {
        let own = members.iter().zip(cuts);
        let counted = own.filter(|(m, _)| self.counts(fleet.members[**m], fleet.facility(**m).zone));
        counted.map(|(_, cuts)| self.gives_mw(cuts[self.t])).sum()
    }

    /// What the others have to give together.
    pub(crate) fn owed_mw(&self) -> f64 {
        self.measure.owed_mw()
    }

    /// What a cut of a facility that counts gives.
    pub(crate) fn gives_mw(&self, kw: i64) -> f64 {
        self.measure.of_mw(mw(kw))
    }

    /// The whole kW beside which what a cut gives is not linear, up to some kW.
    pub(crate) fn breaks(&self, most_kw: i64) -> impl Iterator<Item = i64> + use<> {
        self.measure.breaks_mw(mw(most_kw)).flat_map(around)
    }
}

/// Least violation, as a share of the need.
const VIOLATED: f64 = 0.002;
/// Share of a need that a measure has to leave.
const LEAST: f64 = 0.02;
/// Share of a cut from which on a blend takes it whole.
const SHARED: f64 = 1e-6;
/// Units that a need may have.
const MOST_UNITS: f64 = 8.0;

/// The most violated cover of every set and interval that has one.
pub(crate) fn violated(fleet: &Fleet<'_>, sets: &Sets, master: &Master, blend: &Blend) -> Vec<Cover> {
    let mut covers = Vec::new();
    for t in 0..fleet.problem.steps {
        let cuts = blended(fleet, master, blend, t);
        for set in sets.all() {
            let need_mw = set.short(&fleet.rows.short, t);
            if need_mw > 0.0 {
                let uncovered = master.uncovered(&set.has, t);
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
    let mut best: Option<(f64, usize, Measure)> = None;
    for aside in 0..=order.len() {
        let measures = units(fleet, need_mw, &order[aside..], cuts).into_iter();
        let measures = measures.map(|unit_mw| Measure::new(need_mw, unit_mw));
        for measure in measures.filter(|measure| measure.owed_mw() > LEAST * need_mw) {
            let given =
                |m: &usize| cuts[*m].iter().map(|(mw, share)| measure.of_mw(*mw) * share).sum::<f64>();
            let given_mw = order[aside..].iter().map(given).sum::<f64>() + uncovered;
            let missing = 1.0 - given_mw / measure.owed_mw();
            if missing > best.map_or(VIOLATED, |(most, ..)| most) {
                best = Some((missing, aside, measure));
            }
        }
        let Some(&next) = order.get(aside) else { break };
        need_mw -= room(next);
        if need_mw <= 1e-3 {
            break;
        }
    }
    let (_, aside, measure) = best?;
    let mut set_aside = vec![false; fleet.problem.facilities.len()];
    order[..aside].iter().for_each(|&m| set_aside[fleet.members[m]] = true);
    Some(Cover { t, zones: zones.to_vec(), aside: set_aside, measure })
}

/// Units in which cuts may be counted: the need itself, and the cuts and blocks of members of which a blend takes a share.
fn units(fleet: &Fleet<'_>, need_mw: f64, members: &[usize], cuts: &[Vec<(f64, f64)>]) -> Vec<f64> {
    let is_shared = |m: &&usize| !matches!(cuts[**m][..], [(_, share)] if share > 1.0 - SHARED);
    let own = |m: &usize| {
        let block = mw(fleet.facility(*m).block);
        cuts[*m].iter().map(|(mw, _)| *mw).chain([block])
    };
    let mut units: Vec<f64> = members.iter().filter(is_shared).flat_map(own).collect();
    units.retain(|mw| (need_mw / MOST_UNITS..need_mw).contains(mw));
    units.sort_by(f64::total_cmp);
    units.dedup();
    units.push(need_mw);
    units
}
