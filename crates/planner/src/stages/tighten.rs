//! What a limit of energy says of single cuts.
//!
//! A limit on the sum of a facility's cuts only has a price where a floor is proven, so that a part of a cut that is too
//! large as a whole looks allowed. So what follows from the limit is said again in the terms of the facility itself: it is never cut
//! where its smallest event is too much, no cut is so deep that the rest of its event finds no room, no more intervals are
//! under cut than its smallest cuts allow, and the limit is one that its levels can reach. No plan within the limit is lost.

use crate::problem::{FacilityRow, HourBudget};

/// The same facility with a limit of its energy, in kW times intervals, and what follows from it.
pub(super) fn tighten(row: &mut FacilityRow, most: i64) {
    row.most_cut = Some(most);
    if is_forced(row) {
        return;
    }
    let events: Vec<Option<i64>> = (0..row.room.len()).map(|t| smallest_event(row, t)).collect();
    if events.iter().flatten().all(|&least| least > most) {
        row.room.fill(0);
        return;
    }
    limit_intervals(row, most);
    row.most_cut = Some(reachable(row, most));
    limit_depth(row, &events, most);
}

/// Whether something of its cuts is dictated: its events are not its own then.
fn is_forced(row: &FacilityRow) -> bool {
    row.before.running || row.before.cut > 0 || (0..row.room.len()).any(|t| row.forced(t))
}

fn can_be_cut_at(row: &FacilityRow, t: usize) -> bool {
    row.room[t] > 0 && row.frozen[t].is_none()
}

/// The least energy of an event that has this interval; `None` where it can't be cut.
fn smallest_event(row: &FacilityRow, t: usize) -> Option<i64> {
    if !can_be_cut_at(row, t) {
        return None;
    }
    let steps = steps_at_least(row);
    let first = t.saturating_sub(steps - 1);
    (first..=t).filter_map(|start| energy_from(row, start, t, steps)).min()
}

/// The least energy of an event from one interval to at least another, as long as it has to be.
fn energy_from(row: &FacilityRow, start: usize, to: usize, steps: usize) -> Option<i64> {
    let mut energy = 0;
    for t in start..row.room.len() {
        if !can_be_cut_at(row, t) {
            // An event may be shorter where it ends so.
            return (t > to).then_some(energy);
        }
        energy += row.smallest_cut(t);
        if t >= to && t + 1 - start >= steps {
            break;
        }
    }
    Some(energy)
}

/// Intervals of the shortest event.
fn steps_at_least(row: &FacilityRow) -> usize {
    usize::try_from((row.min_minutes + row.step_minutes - 1) / row.step_minutes).unwrap_or(1).max(1)
}

/// Intervals under cut, where the limit allows fewer than half of all.
fn limit_intervals(row: &mut FacilityRow, most: i64) {
    let smallest = (0..row.room.len()).filter(|&t| can_be_cut_at(row, t)).map(|t| row.smallest_cut(t)).min();
    let Some(intervals) = smallest.map(|kw| most / kw.max(1)) else { return };
    let max_intervals = usize::try_from(intervals).unwrap_or(usize::MAX);
    let is_known = row
        .hour_budgets
        .iter()
        .any(|own| own.max_intervals <= max_intervals && own.counts.iter().all(|&counted| counted));
    if max_intervals < row.room.len() / 2 && !is_known {
        row.hour_budgets.push(HourBudget { counts: vec![true; row.room.len()], max_intervals });
    }
}

/// Units of energy up to which sums of levels are told apart.
const MOST_UNITS: usize = 200_000;

/// The largest sum of levels within a limit.
fn reachable(row: &FacilityRow, most: i64) -> i64 {
    let mut levels: Vec<i64> = row.room.iter().copied().filter(|&room| room > 0).collect();
    levels.push(row.block);
    levels.sort_unstable();
    levels.dedup();
    let unit = levels.iter().fold(0, |unit, &level| gcd(unit, level)).max(1);
    let (Ok(units), true) = (usize::try_from(most / unit), row.block > 0) else { return most };
    if units > MOST_UNITS {
        return most / unit * unit;
    }
    let steps: Vec<usize> = levels.iter().filter_map(|level| usize::try_from(level / unit).ok()).collect();
    let mut is_sum = vec![false; units + 1];
    is_sum[0] = true;
    for at in 1..=units {
        is_sum[at] = steps.iter().any(|&step| step > 0 && step <= at && is_sum[at - step]);
    }
    let largest = is_sum.iter().rposition(|&sum| sum).unwrap_or(0);
    i64::try_from(largest).map_or(most, |largest| largest * unit)
}

pub(super) fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Depths that leave the rest of their event what it needs.
fn limit_depth(row: &mut FacilityRow, events: &[Option<i64>], most: i64) {
    for (t, event) in events.iter().enumerate() {
        let Some(event) = event else { continue };
        let deepest = most - (event - row.smallest_cut(t));
        if deepest >= row.room[t] {
            continue;
        }
        let deepest = if row.block > 0 { deepest / row.block * row.block } else { deepest };
        if deepest >= row.smallest_cut(t) {
            row.room[t] = deepest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;
    use crate::walk::walk;
    use proptest::prelude::*;

    fn tightened(row: &FacilityRow, most: i64) -> FacilityRow {
        let mut tight = row.clone();
        tighten(&mut tight, most);
        tight
    }

    #[test]
    fn a_facility_whose_smallest_event_is_too_much_is_never_cut() {
        let mut row = row(24, 20);
        (row.block, row.min_minutes) = (5, 120);
        // At the end of the horizon an event may be shorter.
        assert!(!tightened(&row, 4).can_be_cut());
        assert!(tightened(&row, 5).can_be_cut());
        row.room[23] = 0;
        assert!(tightened(&row, 5).can_be_cut());
        row.min_cut = 10;
        assert!(!tightened(&row, 9).can_be_cut());
    }

    #[test]
    fn depth_intervals_and_limit_follow() {
        let mut row = row(24, 20);
        (row.block, row.min_minutes) = (5, 180);
        let tight = tightened(&row, 23);
        assert_eq!((tight.most_cut, tight.room[3], tight.room[23]), (Some(20), 10, 20));
        assert_eq!(tight.hour_budgets[0].max_intervals, 4);
    }

    #[test]
    fn a_full_cut_that_is_no_whole_number_of_blocks_counts() {
        let mut row = row(24, 17);
        row.block = 5;
        assert_eq!(tightened(&row, 19).most_cut, Some(17));
        assert_eq!(tightened(&row, 29).most_cut, Some(27));
    }

    #[test]
    fn what_is_forced_stays_as_it_is() {
        let mut row = row(4, 20);
        row.demand[2] = 20;
        let tight = tightened(&row, 3);
        assert_eq!((tight.room, tight.most_cut), (vec![20; 4], Some(3)));
    }

    #[test]
    fn a_full_cut_beside_which_the_rest_of_its_event_finds_room_stays() {
        let mut row = row(4, 30);
        (row.block, row.min_minutes) = (20, 90);
        assert_eq!(tightened(&row, 50).room[..2], [30, 30]);
        assert_eq!(tightened(&row, 49).room[..2], [20, 20]);
    }

    const STEPS: usize = 4;
    const DEEPEST: i64 = 5;

    /// All cuts of a few kW.
    fn all_cuts() -> impl Iterator<Item = Vec<i64>> {
        let numbers = 0..(DEEPEST + 1).pow(u32::try_from(STEPS).unwrap());
        numbers.map(|number| {
            (0..STEPS)
                .map(|t| number / (DEEPEST + 1).pow(u32::try_from(t).unwrap()) % (DEEPEST + 1))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn no_cuts_within_the_limit_are_lost(
            room in prop::collection::vec(0..=DEEPEST, STEPS),
            (block, min_cut, min_minutes, most) in (0..4_i64, 0..4_i64, 0..240_i64, 0..16_i64),
        ) {
            let row = FacilityRow { block, min_cut, min_minutes, room, ..row(STEPS, DEEPEST) };
            let tight = tightened(&row, most);
            for cuts in all_cuts().filter(|cuts| cuts.iter().sum::<i64>() <= most) {
                let (before, after) = (walk(&row, &cuts).broken.len(), walk(&tight, &cuts).broken.len());
                prop_assert!(before > 0 || after == 0, "{cuts:?}");
            }
        }
    }
}
