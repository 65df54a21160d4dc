//! The search: prices first, which prove the bound; then drafts from their blend; then neighbourhoods of the best.

use super::ascent::Ascent;
use super::dive::dive;
use super::fleet::Fleet;
use super::mixture::mixture;
use super::neighbourhood::{Way, choose, plan_anew, regrets};
use super::prices::Prices;
use crate::assemble::relative_gap;
use crate::draft::Draft;
use crate::draw::Draw;
use crate::island::Sets;
use crate::solver::SolverError;
use rayon::prelude::*;

/// What a search says on its way.
pub(crate) enum News<'n> {
    /// A better lower bound.
    Bound(f64),
    /// A better draft.
    Better(&'n Draft<'n>),
    /// The prices that prove the bound, covers apart.
    Prices(&'n Prices),
}

/// When a search may end.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// At this relative gap.
    pub(crate) gap: f64,
    /// After so many rounds of neighbourhoods in a row that better nothing; never where `None`.
    pub(crate) patience: Option<usize>,
    /// Neighbourhoods planned at a time.
    pub(crate) threads: u32,
    /// Seed of what is drawn.
    pub(crate) seed: u64,
}

/// A search under way.
struct Search<'a, 'n> {
    fleet: &'a Fleet<'a>,
    best: Draft<'a>,
    objective: f64,
    bound: f64,
    target: Target,
    is_over: &'n (dyn Fn() -> bool + Sync),
    tell: &'n mut dyn FnMut(News<'_>),
}

/// Relative gap between blend and bound at which the prices are good enough; a tenth of the target, if that is less.
const NEAR: f64 = 1e-4;
/// Gaps of the ascent at which a first draft is taken from the blend, so that there is a good one early.
const EARLY: [f64; 3] = [0.2, 0.02, 0.003];
/// Groups beyond which facilities are not settled one after the other.
const MOST_TO_DIVE: usize = 2_000;
/// Rounds of covers.
const COVER_ROUNDS: usize = 30;
/// Sizes of neighbourhoods, and how each is planned.
const WAYS: [(usize, Way); 7] = [
    (4, Way::Choose),
    (6, Way::Dive),
    (6, Way::Choose),
    (10, Way::Dive),
    (8, Way::Choose),
    (16, Way::Dive),
    (24, Way::Dive),
];

/// Facility-intervals beyond which the best choice takes too long.
const MOST_TO_CHOOSE: usize = 200;

/// Betters a draft until the target is reached or it `is_over`.
pub(crate) fn search<'a>(
    fleet: &'a Fleet<'a>,
    first: Draft<'a>,
    prices: Prices,
    target: Target,
    is_over: &(dyn Fn() -> bool + Sync),
    tell: &mut dyn FnMut(News<'_>),
) -> Result<(), SolverError> {
    let own: Vec<Vec<i64>> = fleet.members.iter().map(|&f| first.cuts[f].clone()).collect();
    let ascent = Ascent::new(fleet.clone(), &own, prices)?;
    search_from(fleet, first, ascent, target, is_over, tell)
}

/// The same from an ascent that is under way.
pub(crate) fn search_from<'a>(
    fleet: &'a Fleet<'a>,
    first: Draft<'a>,
    ascent: Ascent<'a>,
    target: Target,
    is_over: &(dyn Fn() -> bool + Sync),
    tell: &mut dyn FnMut(News<'_>),
) -> Result<(), SolverError> {
    let objective = first.objective();
    let mut search =
        Search { fleet, objective, best: first, bound: f64::NEG_INFINITY, target, is_over, tell };
    let prices = search.ascend(ascent)?;
    search.roam(&prices)
}

impl<'a> Search<'a, '_> {
    /// Raises the bound, and takes drafts from the blends on the way; the best prices without covers.
    fn ascend(&mut self, mut ascent: Ascent<'a>) -> Result<Prices, SolverError> {
        let mut early = EARLY.iter().copied().peekable();
        let near = NEAR.min(self.target.gap / 10.0);
        let mut goes_on = true;
        self.raise(ascent.bound);
        while goes_on && !self.is_done() && ascent.gap() > near {
            goes_on = ascent.step()?;
            self.raise(ascent.bound);
            if early.next_if(|&gap| ascent.gap() < gap).is_some() && self.gap() > ascent.gap() {
                self.take(&mixture(&ascent.master, &ascent.blend));
            }
        }
        self.take(&mixture(&ascent.master, &ascent.blend));
        let prices = ascent.best.clone();
        (self.tell)(News::Prices(&prices));
        if !self.is_done() && ascent.master.groups.len() <= MOST_TO_DIVE {
            let cuts = dive(&mut ascent, self.is_over)?;
            self.take(&cuts);
            self.tighten(&mut ascent)?;
        }
        Ok(prices)
    }

    /// Raises the bound by covers, as long as they do.
    fn tighten(&mut self, ascent: &mut Ascent<'a>) -> Result<(), SolverError> {
        let sets = Sets::new(self.fleet.problem);
        for _ in 0..COVER_ROUNDS {
            if self.is_done() || !ascent.tighten(&sets)? {
                break;
            }
            let mut goes_on = true;
            while goes_on && !self.is_done() && ascent.gap() > NEAR {
                goes_on = ascent.step()?;
                self.raise(ascent.bound);
            }
        }
        self.take(&mixture(&ascent.master, &ascent.blend));
        let cuts = dive(ascent, self.is_over)?;
        self.take(&cuts);
        Ok(())
    }

    /// Plans neighbourhoods anew, as many at a time as there are threads, as long as it pays.
    fn roam(&mut self, prices: &Prices) -> Result<(), SolverError> {
        let (mut draw, mut vain, mut tries) = (Draw::new(self.target.seed), 0, 0);
        while !self.fleet.members.is_empty()
            && !self.is_done()
            && self.target.patience.is_none_or(|most| vain < most)
        {
            let regrets = regrets(self.fleet, &self.best, prices);
            let asked: Vec<(Vec<usize>, Way)> = (0..self.target.threads as usize)
                .map(|n| self.way(tries + n))
                .map(|(size, way)| (choose(self.fleet, &regrets, size, &mut draw), way))
                .collect();
            tries += asked.len();
            let plan = |(own, way)| plan_anew(self.fleet, &self.best, own, prices, way);
            let found: Result<Vec<Draft<'a>>, SolverError> = asked.into_par_iter().map(plan).collect();
            let before = self.objective;
            found?.into_iter().for_each(|draft| self.offer(draft));
            vain = if self.objective < before { 0 } else { vain + 1 };
        }
        Ok(())
    }

    /// The size of a try, and how it is planned.
    fn way(&self, tries: usize) -> (usize, Way) {
        match WAYS[tries % WAYS.len()] {
            (size, Way::Choose) if size * self.fleet.problem.steps > MOST_TO_CHOOSE => (size, Way::Dive),
            way => way,
        }
    }

    /// A draft of some cuts of the members, made to keep the restore limits and settled.
    fn take(&mut self, cuts: &[Vec<i64>]) {
        let mut draft = self.best.clone();
        for (&f, cuts) in self.fleet.members.iter().zip(cuts) {
            draft.set(f, cuts.clone());
        }
        draft.hold_back();
        draft.settle(&self.fleet.members, self.is_over);
        self.offer(draft);
    }

    /// Keeps a draft that is better than the best.
    fn offer(&mut self, draft: Draft<'a>) {
        let objective = draft.objective();
        if objective < self.objective - 1e-6 && draft.is_allowed() {
            (self.tell)(News::Better(&draft));
            (self.best, self.objective) = (draft, objective);
        }
    }

    fn raise(&mut self, bound: f64) {
        if bound > self.bound {
            self.bound = bound;
            (self.tell)(News::Bound(bound));
        }
    }

    fn gap(&self) -> f64 {
        relative_gap(self.objective, self.bound)
    }

    fn is_done(&self) -> bool {
        self.gap() <= self.target.gap || (self.is_over)()
    }
}
