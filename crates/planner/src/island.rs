//! Zones that ties join, and what sets of them are short of together.
//!
//! What stays short in an interval, with the ties at their best, is by the max-flow min-cut theorem (Ford and
//! Fulkerson, 1956) `max over sets S of zones of (sum of shortage in S - limits of the ties into S)` of every island,
//! the empty set being 0.

use crate::problem::{Problem, TieRow};

/// The sets of zones that can be short together, island by island.
pub(crate) struct Sets {
    islands: Vec<Vec<Set>>,
    island_of: Vec<usize>,
}

/// A set of zones, with the ties that lead into it.
pub(crate) struct Set {
    /// Whether a zone is in it.
    pub(crate) has: Vec<bool>,
    /// Its zones.
    zones: Vec<usize>,
    /// MW that its ties can bring in, per interval.
    import_mw: Vec<f64>,
}

/// Zones of an island beyond which only single ones, all but one and all are looked at: what is short is
/// underestimated then, and a draft values a cut by an estimate.
const MOST_ZONES: usize = 8;

impl Sets {
    pub(crate) fn new(problem: &Problem) -> Self {
        let zones = problem.zones.len();
        let mut first_of: Vec<usize> = (0..zones).collect();
        for tie in problem.ties.iter().cycle().take(problem.ties.len() * zones) {
            let first = first_of[tie.from].min(first_of[tie.to]);
            (first_of[tie.from], first_of[tie.to]) = (first, first);
        }
        let firsts: Vec<usize> = (0..zones).filter(|&z| first_of[z] == z).collect();
        let members = |first: usize| (0..zones).filter(|&z| first_of[z] == first).collect::<Vec<usize>>();
        let place = |first: &usize| firsts.iter().position(|at| at == first).unwrap_or_default();
        Self {
            islands: firsts.iter().map(|&first| sets(problem, &members(first))).collect(),
            island_of: first_of.iter().map(place).collect(),
        }
    }

    /// All sets.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Set> {
        self.islands.iter().flatten()
    }

    /// MW that stay short in an interval.
    pub(crate) fn uncovered(&self, short: &[Vec<f64>], t: usize) -> f64 {
        let of_island = |sets: &Vec<Set>| sets.iter().map(|set| set.short(short, t)).fold(0.0, f64::max);
        self.islands.iter().map(of_island).sum()
    }

    /// The greatest shortage of a set with a zone, and of one of its island without.
    pub(crate) fn worst(&self, short: &[Vec<f64>], t: usize, zone: usize) -> (f64, f64) {
        let mut worst = (f64::NEG_INFINITY, 0.0_f64);
        for set in &self.islands[self.island_of[zone]] {
            let mw = set.short(short, t);
            let side = if set.has[zone] { &mut worst.0 } else { &mut worst.1 };
            *side = side.max(mw);
        }
        worst
    }
}

fn sets(problem: &Problem, zones: &[usize]) -> Vec<Set> {
    let subsets: Vec<Vec<usize>> = if zones.len() <= MOST_ZONES {
        let chosen = |set: u32| {
            (0..zones.len()).filter(move |bit| set >> bit & 1 == 1).map(|bit| zones[bit]).collect()
        };
        (1..1_u32 << zones.len()).map(chosen).collect()
    } else {
        let single = zones.iter().map(|&z| vec![z]);
        let all_but = zones.iter().map(|&out| zones.iter().copied().filter(|&z| z != out).collect());
        single.chain(all_but).chain([zones.to_vec()]).collect()
    };
    subsets.iter().map(|subset| Set::new(problem, subset)).collect()
}

impl Set {
    fn new(problem: &Problem, zones: &[usize]) -> Self {
        let mut has = vec![false; problem.zones.len()];
        zones.iter().for_each(|&z| has[z] = true);
        let into = |tie: &&TieRow| has[tie.from] != has[tie.to];
        let limit = |tie: &TieRow, t: usize| {
            if has[tie.to] { tie.limit_mw[t] } else { tie.reverse_limit_mw[t] }
        };
        let import = |t: usize| problem.ties.iter().filter(into).map(|tie| limit(tie, t)).sum();
        let import_mw = (0..problem.steps).map(import).collect();
        Self { zones: zones.to_vec(), import_mw, has }
    }

    /// What it is short of in an interval beyond what its ties can bring, in MW; below 0 where it can spare some.
    pub(crate) fn short(&self, short: &[Vec<f64>], t: usize) -> f64 {
        self.zones.iter().map(|&z| short[z][t]).sum::<f64>() - self.import_mw[t]
    }
}
