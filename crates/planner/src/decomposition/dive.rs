//! From a blend to a draft: facilities are settled one after the other on the answer that the blend favours, and the
//! rest is blended anew.

use super::ascent::Ascent;
use super::fleet::Fleet;
use super::master::{Blend, Master};
use crate::solver::SolverError;

/// Rounds of prices after a blend.
const REPRICED: usize = 3;
/// A share from which on a column is settled at once.
const SETTLED: f64 = 0.999;

/// Cuts of all members: of every group a single column.
pub(crate) fn dive(
    ascent: &mut Ascent<'_>,
    is_over: &dyn Fn() -> bool,
) -> Result<Vec<Vec<i64>>, SolverError> {
    let (fleet, master) = (&ascent.fleet, &mut ascent.master);
    let mut blend = master.blend(fleet)?;
    let groups = master.groups.len();
    let mut chosen: Vec<Option<usize>> = vec![None; groups];
    while chosen.contains(&None) {
        let best = favourites(master, &blend, &chosen);
        if best.is_empty() {
            break;
        }
        let last = is_over();
        let least = best[best.len() / 10].1.min(SETTLED);
        for &(column, share) in &best {
            if last || share >= least {
                chosen[master.columns[column].group] = Some(column);
            }
        }
        if last || !chosen.contains(&None) {
            break;
        }
        master.open(|k, column| chosen[column.group].is_none_or(|only| only == k));
        blend = master.blend(fleet)?;
        let prices = blend.prices.clone().clamped(fleet);
        for _ in 0..REPRICED {
            let open = open_members(fleet, master, &chosen);
            let Some(answer) = fleet.courses(&prices, |m| open[m]) else { break };
            let answer: Vec<Vec<i64>> = answer.into_iter().map(|course| course.cuts).collect();
            if master.add_open(fleet, &answer, Some(&blend), &chosen) == 0 {
                break;
            }
            blend = master.blend(fleet)?;
        }
    }
    master.open(|_, _| true);
    Ok(cuts_of(master, fleet.members.len(), &chosen))
}

fn open_members(fleet: &Fleet<'_>, master: &Master, chosen: &[Option<usize>]) -> Vec<bool> {
    let mut open = vec![false; fleet.members.len()];
    for (group, _) in master.groups.iter().zip(chosen).filter(|(_, chosen)| chosen.is_none()) {
        group.iter().for_each(|&m| open[m] = true);
    }
    open
}

/// Of every open group the column with the greatest share, the greatest share first.
fn favourites(master: &Master, blend: &Blend, chosen: &[Option<usize>]) -> Vec<(usize, f64)> {
    let mut best: Vec<Option<(usize, f64)>> = vec![None; master.groups.len()];
    for (k, (column, &share)) in master.columns.iter().zip(&blend.shares).enumerate() {
        let own = &mut best[column.group];
        if chosen[column.group].is_none() && own.is_none_or(|(_, most)| share > most) {
            *own = Some((k, share));
        }
    }
    let mut best: Vec<(usize, f64)> = best.into_iter().flatten().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best
}

/// The cuts of chosen columns.
fn cuts_of(master: &Master, members: usize, chosen: &[Option<usize>]) -> Vec<Vec<i64>> {
    let mut cuts = vec![Vec::new(); members];
    for column in chosen.iter().flatten().map(|&k| &master.columns[k]) {
        for (&m, own) in master.groups[column.group].iter().zip(column.cuts.iter()) {
            cuts[m].clone_from(own);
        }
    }
    cuts
}
