//! The search: every scenario by itself first, as if it were known; then joint drafts that come near to one of these
//! plans, or to the one for the mean; then few facilities at a time, anew.

use super::dual::Dual;
use super::futures::Futures;
use super::joint::Joint;
use crate::assemble::relative_gap;
use crate::decomposition::{Ascent, Fleet, cost_per_mwh, first_prices, mixture};
use crate::draw::Draw;
use crate::fallback::fallback;
use crate::problem::Problem;
use crate::solve::Settings;
use crate::solver::SolverError;
use rayon::prelude::*;

/// What a search says on its way.
pub(crate) enum News<'n> {
    /// A better lower bound.
    Bound(f64),
    /// A better draft.
    Better(&'n Joint<'n>),
}

/// A problem planned by itself.
pub(super) struct Aim {
    pub(super) cuts: Vec<Vec<i64>>,
    balance: Vec<Vec<f64>>,
    restore: Vec<Vec<f64>>,
}

/// A search under way.
struct Search<'a, 'n> {
    futures: &'a Futures,
    members: Vec<usize>,
    best: Joint<'a>,
    bound: f64,
    settings: Settings,
    is_over: &'n (dyn Fn() -> bool + Sync),
    tell: &'n mut dyn FnMut(News<'_>),
}

/// Relative gap to which the prices of single scenarios are found.
const NEAR: f64 = 1e-3;
/// Rounds of the prices that join the scenarios.
const ROUNDS: usize = 150;
/// Times that the tail is looked at anew.
const TAILS: usize = 3;
/// Rounds of neighbourhoods in a row that better nothing, after which none is looked at any more.
const VAIN: usize = 60;
/// Sizes of neighbourhoods.
const SIZES: [usize; 4] = [2, 3, 5, 8];

/// Betters the least cuts until the gap is reached, nothing helps any more, or it `is_over`.
pub(crate) fn search(
    futures: &Futures,
    settings: Settings,
    is_over: &(dyn Fn() -> bool + Sync),
    tell: &mut dyn FnMut(News<'_>),
) -> Result<(), SolverError> {
    let best = Joint::least(futures);
    let members = merit_order(futures);
    let mut search = Search { futures, members, best, bound: f64::NEG_INFINITY, settings, is_over, tell };
    (search.tell)(News::Better(&search.best));
    search.construct();
    search.aim()?;
    search.roam();
    Ok(())
}

fn merit_order(futures: &Futures) -> Vec<usize> {
    let cost = |f: &usize| cost_per_mwh(&futures.first, &futures.first.facilities[*f]);
    let mut order = futures.members();
    order.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)));
    order
}

impl<'a> Search<'a, '_> {
    /// The first draft that is worth something, without any solver.
    fn construct(&mut self) {
        let mut draft = self.best.clone();
        draft.settle(&self.members, self.is_over);
        self.offer(draft);
    }

    /// Plans every scenario by itself, follows these plans, and joins their prices to a bound; again where the tail
    /// has become another one.
    fn aim(&mut self) -> Result<(), SolverError> {
        let mut tail = Vec::new();
        for _ in 0..TAILS {
            let next = self.best.tail();
            if self.is_done() || tail == next {
                break;
            }
            tail = next;
            let prices = self.futures.uncovered_prices(&tail);
            let plan = |(problem, &price): (&Problem, &f64)| plan_alone(problem, price, self.is_over);
            let aims: Result<Vec<Aim>, SolverError> =
                self.futures.each.par_iter().zip(&prices).map(plan).collect();
            let aims = aims?;
            self.follow(&aims)?;
            self.raise(&tail, &aims);
        }
        Ok(())
    }

    /// Drafts that follow every scenario's own plan after a first stage taken from the plan for the mean, or from one of
    /// the scenarios.
    fn follow(&mut self, aims: &[Aim]) -> Result<(), SolverError> {
        let first = &self.futures.first;
        let price = first.uncovered_cost_per_mwh + self.futures.weight;
        let mean = plan_alone(first, price, self.is_over)?;
        let mut order: Vec<usize> = (0..aims.len()).collect();
        let mwh = &self.best.uncovered_mwh;
        order.sort_by(|&a, &b| mwh[b].total_cmp(&mwh[a]).then(a.cmp(&b)));
        let some = [0, order.len() / 4, order.len() / 2].map(|at| &aims[order[at]].cuts);
        let mut firsts = vec![self.best.first.cuts.clone(), mean.cuts];
        firsts.extend(some.into_iter().cloned());
        firsts.dedup();
        let (futures, members, is_over) = (self.futures, &self.members, self.is_over);
        let follow = |first: &Vec<Vec<i64>>| {
            let mut draft = Joint::least(futures);
            for &f in members {
                let each: Vec<&[i64]> = aims.iter().map(|aim| aim.cuts[f].as_slice()).collect();
                draft.follow(f, &first[f], &each);
            }
            draft.settle(members, is_over);
            draft
        };
        let drafts: Vec<Joint<'a>> = firsts.par_iter().map(follow).collect();
        drafts.into_iter().for_each(|draft| self.offer(draft));
        Ok(())
    }

    /// Raises the bound, and follows what the facilities answer at its prices.
    fn raise(&mut self, tail: &[f64], aims: &[Aim]) {
        let dual = Dual::new(self.futures, tail);
        let scaled = |of: fn(&Aim) -> &Vec<Vec<f64>>| {
            let scale = |(aim, p): (&Aim, &f64)| -> Vec<Vec<f64>> {
                of(aim).iter().map(|zone| zone.iter().map(|price| p * price).collect()).collect()
            };
            aims.iter().zip(&self.futures.probability).map(scale).collect::<Vec<_>>()
        };
        let point = dual.point(scaled(|aim| &aim.balance), scaled(|aim| &aim.restore));
        let start = dual.answer(&point).map_or(f64::NEG_INFINITY, |answer| answer.bound);
        let upper = self.best.objective;
        let is_over = self.is_over;
        let gap = self.settings.gap;
        let reached = std::cell::Cell::new(self.bound.max(start));
        let is_done = || is_over() || relative_gap(upper, reached.get()) <= gap;
        let mut tell = |bound: f64| {
            reached.set(reached.get().max(bound));
            (self.tell)(News::Bound(reached.get()));
        };
        let raised = dual.raise(point, upper, ROUNDS, &is_done, &mut tell);
        self.bound = reached.get();
        (self.tell)(News::Bound(self.bound));
        if let Some((_, answer)) = raised.filter(|_| !self.is_done()) {
            let mut draft = Joint::least(self.futures);
            for &f in &self.members {
                let each: Vec<&[i64]> = answer.each[f].iter().map(Vec::as_slice).collect();
                draft.follow(f, &answer.first[f], &each);
            }
            draft.settle(&self.members, self.is_over);
            self.offer(draft);
        }
    }

    /// Lets few facilities go at a time and plans them anew, as many neighbourhoods at once as there are threads.
    fn roam(&mut self) {
        let (mut draw, mut vain, mut tries) = (Draw::new(self.settings.seed), 0, 0);
        while !self.is_done() && vain < VAIN && !self.members.is_empty() {
            let asked: Vec<Vec<usize>> = (0..self.settings.threads.max(1) as usize)
                .map(|n| choose(&self.members, SIZES[(tries + n) % SIZES.len()], &mut draw))
                .collect();
            tries += asked.len();
            let found: Vec<Joint<'a>> =
                asked.into_par_iter().map(|own| plan_anew(&self.best, &own)).collect();
            let before = self.best.objective;
            found.into_iter().for_each(|draft| self.offer(draft));
            vain = if self.best.objective < before { 0 } else { vain + 1 };
        }
    }

    fn offer(&mut self, draft: Joint<'a>) {
        if draft.objective < self.best.objective - 1e-6 && draft.is_allowed() {
            self.best = draft;
            (self.tell)(News::Better(&self.best));
        }
    }

    fn is_done(&self) -> bool {
        relative_gap(self.best.objective, self.bound) <= self.settings.gap || (self.is_over)()
    }
}

/// Plans a problem by itself at a price of its uncovered energy.
pub(super) fn plan_alone(
    problem: &Problem,
    uncovered_cost_per_mwh: f64,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Aim, SolverError> {
    let problem = Problem { uncovered_cost_per_mwh, ..problem.clone() };
    let fleet = Fleet::whole(&problem);
    let first = fallback(&problem, &|| is_over());
    let prices = first_prices(&fleet);
    let mut ascent = Ascent::from(&fleet, &first.cuts, prices)?;
    while !is_over() && ascent.gap() > NEAR && ascent.step()? {}
    let mixed = mixture(&ascent.master, &ascent.blend);
    let blended = first.with(&fleet.members, mixed, &|| is_over());
    let is_better = blended.is_allowed() && blended.objective() < first.objective();
    let cuts = if is_better { blended.cuts } else { first.cuts };
    Ok(Aim { cuts, balance: ascent.best.balance, restore: ascent.best.restore })
}

fn choose(members: &[usize], size: usize, draw: &mut Draw) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..size).map(|_| members[draw.below(members.len())]).collect();
    let mut seen = Vec::new();
    chosen.retain(|f| {
        !seen.contains(f) && {
            seen.push(*f);
            true
        }
    });
    chosen
}

/// A draft in which some facilities were let go and planned anew, in the order given and then all together.
fn plan_anew<'a>(best: &Joint<'a>, own: &[usize]) -> Joint<'a> {
    let mut draft = best.clone();
    let none = vec![0; draft.first.problem.steps];
    for &f in own {
        draft.follow(f, &none, &vec![none.as_slice(); draft.each.len()]);
    }
    draft.settle(own, &|| false);
    if draft.objective < best.objective - 1e-6 {
        let all: Vec<usize> = best.futures.members();
        draft.settle(&all, &|| false);
    }
    draft
}
