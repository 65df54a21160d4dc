//! Staggered restore: all loads released at one instant are a new imbalance.
//!
//! Each order carries its own slots, so the bound holds even if the control room is gone. Slots are whole plan
//! intervals apart, hence a sliding window of one interval never holds two of them. A load above the limit returns in
//! several steps, as far as the facility can be cut in part.

use crate::draft::{Draft, step};
use chrono::{DateTime, Utc};
use kezek_model::case::{Case, Facility, Zone};
use kezek_model::ids::FacilityId;
use kezek_model::order::Segment;
use kezek_model::units::Kw;
use std::collections::BTreeMap;

/// Gives the loads of each zone whose last cut ends with the horizon their slots, in order of facility.
pub(crate) fn stagger(case: &Case, default_limit: Option<Kw>, drafts: &mut [Draft]) {
    let facilities: BTreeMap<&FacilityId, &Facility> = case.facilities.iter().map(|f| (&f.id, f)).collect();
    for zone in &case.zones {
        let Some(limit) = restore_limit(zone, default_limit) else { continue };
        let mut slots = Slots { limit, returned: Vec::new() };
        for draft in drafts.iter_mut().filter(|draft| draft.zone == zone.id) {
            if let Some(facility) = facilities.get(&draft.facility) {
                slots.place(facility, draft, |slot| draft_end(case, slot));
            }
        }
    }
}

/// What a zone may bring back within a plan interval.
pub(crate) fn restore_limit(zone: &Zone, default_limit: Option<Kw>) -> Option<Kw> {
    zone.restore_limit_mw.map(whole_kw).or(default_limit)
}

/// Start of a slot; the first one is the end of the horizon.
fn draft_end(case: &Case, slot: usize) -> DateTime<Utc> {
    case.grid.end() + step(case) * i32::try_from(slot).unwrap_or(i32::MAX)
}

/// The slots of a zone after the horizon, one plan interval each.
struct Slots {
    limit: Kw,
    /// What returns in each so far.
    returned: Vec<Kw>,
}

impl Slots {
    fn place(&mut self, facility: &Facility, draft: &mut Draft, at: impl Fn(usize) -> DateTime<Utc>) {
        let Some(last) = draft.segments.last().filter(|last| last.to == draft.window_to).cloned() else {
            return;
        };
        let mut steps: Vec<(DateTime<Utc>, Kw)> = Vec::new();
        let (mut cut, mut first) = (last.cut, 0);
        for left in levels(facility, last.cut, self.limit) {
            let slot = self.take(first, cut - left);
            steps.push((at(slot), left));
            (cut, first) = (left, slot + 1);
        }
        return_by(draft, &last, &steps);
    }

    /// The first slot from a number on that has room; what is above the limit gets one of its own.
    fn take(&mut self, from: usize, kw: Kw) -> usize {
        let fits = |sum: &Kw| *sum + kw <= self.limit || *sum == Kw::ZERO;
        let later = self.returned.iter().skip(from).position(fits).map(|n| from + n);
        let slot = later.unwrap_or(self.returned.len().max(from));
        if slot >= self.returned.len() {
            self.returned.resize(slot + 1, Kw::ZERO);
        }
        self.returned[slot] += kw;
        slot
    }
}

/// Writes the steps of a return into a draft: what is left of the cut holds from one to the next.
fn return_by(draft: &mut Draft, last: &Segment, steps: &[(DateTime<Utc>, Kw)]) {
    if let (Some(restore), Some((end, _))) = (&mut draft.restore, steps.last()) {
        restore.from = *end;
    }
    if let (Some(held), [(first, _), _, ..]) = (draft.segments.last_mut(), steps) {
        held.to = *first;
    }
    let partly = steps.windows(2).map(|pair| {
        let ((from, cut), (to, _)) = (pair[0], pair[1]);
        Segment { from, to, limit: last.limit + (last.cut - cut), cut }
    });
    draft.segments.extend(partly);
}

/// What is still cut after each step of a return, the last of them nothing: as few steps as the limit allows.
fn levels(facility: &Facility, cut: Kw, limit: Kw) -> Vec<Kw> {
    let mut levels = Vec::new();
    let mut cut = cut;
    while cut > Kw::ZERO {
        cut = next_level(facility, cut, limit);
        levels.push(cut);
    }
    levels
}

/// The smallest cut that a facility can hold and that brings back no more than the limit; where there is none, the
/// largest it can hold below this one.
fn next_level(facility: &Facility, cut: Kw, limit: Kw) -> Kw {
    if cut <= limit {
        return Kw::ZERO;
    }
    let block = facility.block_kw.map_or(1, |block| block.0.max(1));
    let least = (cut - limit).max(facility.min_cut_kw).0;
    let up = least.div_euclid(block) * block + if least.rem_euclid(block) > 0 { block } else { 0 };
    let down = (cut.0 - 1).div_euclid(block) * block;
    match up < cut.0 {
        true => Kw(up),
        false if down >= facility.min_cut_kw.0 => Kw(down),
        false => Kw::ZERO,
    }
}

fn whole_kw(mw: f64) -> Kw {
    Kw((mw * 1000.0 + 1e-6).floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facility(min_cut: i64, block: Option<i64>) -> Facility {
        Facility {
            min_cut_kw: Kw(min_cut),
            block_kw: block.map(Kw),
            ..Facility::unlimited("F1".into(), "south".into(), chrono_tz::Asia::Almaty, vec![])
        }
    }

    #[test]
    fn slots_fill_up_to_the_limit_and_what_is_above_it_stands_alone() {
        let mut slots = Slots { limit: Kw(100), returned: vec![] };
        let found: Vec<usize> = [60, 60, 40, 200, 40].iter().map(|&kw| slots.take(0, Kw(kw))).collect();
        assert_eq!(found, [0, 1, 0, 2, 1]);
        assert_eq!(slots.take(1, Kw(10)), 3);
        assert_eq!(slots.take(7, Kw(10)), 7, "never before the step that goes ahead of it");
    }

    #[test]
    fn a_load_above_the_limit_returns_in_as_few_steps_as_it_can() {
        let left = |min_cut, block, cut| -> Vec<i64> {
            levels(&facility(min_cut, block), Kw(cut), Kw(100)).iter().map(|kw| kw.0).collect()
        };
        assert_eq!(left(0, None, 100), [0]);
        assert_eq!(left(0, None, 250), [150, 50, 0]);
        assert_eq!(left(80, None, 250), [150, 80, 0]);
        assert_eq!(left(0, Some(60), 250), [180, 120, 60, 0], "whole blocks");
        assert_eq!(left(0, Some(150), 300), [150, 0], "a block is never broken");
        assert_eq!(left(200, None, 250), [200, 0], "nor the smallest cut");
    }

    #[test]
    fn restore_limits_are_whole_kw() {
        assert_eq!(whole_kw(150.0), Kw(150_000));
        assert_eq!(whole_kw(0.1 + 0.2), Kw(300));
        assert_eq!(whole_kw(0.0005), Kw(0));
    }
}
