//! Staggered restore: all loads released at one instant are a new imbalance.
//!
//! Each order carries its own slot, so the bound holds even if the control room is gone. Slots are whole plan
//! intervals apart, hence a sliding window of one interval never holds two of them.

use crate::draft::{Draft, step};
use kezek_model::case::Case;
use kezek_model::ids::ZoneId;
use kezek_model::units::Kw;

/// Gives the loads of each zone whose last cut ends with the horizon their slots, in order of facility.
///
/// A single load above the limit gets a slot of its own: one order has one slot.
pub(crate) fn stagger(case: &Case, default_limit: Option<Kw>, drafts: &mut [Draft]) {
    for zone in &case.zones {
        if let Some(limit) = zone.restore_limit_mw.map(whole_kw).or(default_limit) {
            stagger_zone(case, &zone.id, limit, drafts);
        }
    }
}

fn stagger_zone(case: &Case, zone: &ZoneId, limit: Kw, drafts: &mut [Draft]) {
    let mut restored: Vec<Kw> = Vec::new();
    for draft in drafts.iter_mut().filter(|draft| draft.zone == *zone) {
        let end = draft.window_to;
        let last_cut = draft.segments.last().filter(|last| last.to == end).map(|last| last.cut);
        if let (Some(cut), Some(restore)) = (last_cut, &mut draft.restore) {
            let slot = first_slot(&mut restored, cut, limit);
            restore.from = end + step(case) * i32::try_from(slot).unwrap_or(i32::MAX);
        }
    }
}

fn first_slot(restored: &mut Vec<Kw>, cut: Kw, limit: Kw) -> usize {
    let fits = |sum: &Kw| *sum + cut <= limit;
    let slot = restored.iter().position(fits).unwrap_or(restored.len());
    if slot == restored.len() {
        restored.push(Kw::ZERO);
    }
    restored[slot] += cut;
    slot
}

fn whole_kw(mw: f64) -> Kw {
    Kw((mw * 1000.0 + 1e-6).floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_fill_up_to_the_limit() {
        let mut restored = Vec::new();
        let slots: Vec<usize> =
            [60, 60, 40, 200, 40].iter().map(|&kw| first_slot(&mut restored, Kw(kw), Kw(100))).collect();
        assert_eq!(slots, [0, 1, 0, 2, 1]);
        assert_eq!(restored, [Kw(100), Kw(100), Kw(200)]);
    }

    #[test]
    fn restore_limits_are_whole_kw() {
        assert_eq!(whole_kw(150.0), Kw(150_000));
        assert_eq!(whole_kw(0.1 + 0.2), Kw(300));
        assert_eq!(whole_kw(0.0005), Kw(0));
    }
}
