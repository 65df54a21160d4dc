//! A lower bound: every facility answers prices by itself, in every scenario.
//!
//! With the tail's weights `q` fixed, `weight * CVaR >= weight * sum q_s U_s`. Balance and restore rows of every scenario
//! get prices as in the decomposition, a balance price of at most `hours * (p_s * uncovered_cost + weight * q_s)`.
//! What is left falls apart into facilities; a facility that cannot wait for the scenario answers once, with the sum of
//! all prices; all others answer in every scenario by themselves. Where such a facility's cuts are to be the same in some
//! intervals, being apart has a price in each scenario, of either sign, which together are nothing. That a cut for all
//! scenarios has to be allowed by itself is left out. For any such prices the sum of the cheapest answers is a lower
//! bound of every plan's objective.

use super::futures::Futures;
use crate::course::{Lane, Tariff};
use crate::dispatch::shortages;
use crate::formulation::dictated_beyond_falls;
use crate::problem::{count, mw};
use rayon::prelude::*;

/// Money per MW in one interval, probability included.
#[derive(Clone)]
pub(crate) struct Point {
    /// Of the balance, per scenario, zone and interval.
    pub(crate) balance: Vec<Vec<Vec<f64>>>,
    /// Of the restore limit, per scenario, zone and interval.
    pub(crate) restore: Vec<Vec<Vec<f64>>>,
    /// Of a cut that is another one than in other scenarios, per scenario, facility and interval; together 0.
    pub(crate) apart: Vec<Vec<Vec<f64>>>,
}

/// What is answered at some prices.
pub(crate) struct Answer {
    pub(crate) bound: f64,
    /// Per facility: its course for all scenarios.
    pub(crate) first: Vec<Vec<i64>>,
    /// Per facility and scenario.
    pub(crate) each: Vec<Vec<Vec<i64>>>,
}

/// The prices' side of the futures.
pub(crate) struct Dual<'a> {
    futures: &'a Futures,
    members: Vec<usize>,
    lanes: Vec<Lane<'a>>,
    /// Load that nobody has cut less headroom in MW, per scenario, zone and interval.
    short: Vec<Vec<Vec<f64>>>,
    /// Most MW that return beyond falls, per zone and interval; `None` without a limit.
    restore: Vec<Vec<Option<f64>>>,
    /// Most that a tie without a limit could sensibly carry.
    most_flow: f64,
    /// Highest price of the balance, per scenario.
    highest: Vec<f64>,
}

/// One facility's answers, with what they cost.
struct Own {
    cost: f64,
    first: Vec<i64>,
    each: Vec<Vec<i64>>,
}

/// Rounds without a better bound after which steps become shorter.
const PATIENCE: usize = 12;
/// Steps shorter than this share are not worth taking.
const SHORTEST: f64 = 0.02;
/// How much faster than others the prices of being apart move: they are many, each of one facility only.
const TOGETHER: f64 = 100.0;
/// How much of the last direction is kept.
const KEPT: f64 = 0.4;

impl<'a> Dual<'a> {
    /// `tail`: the weights of the scenarios in the tail's mean.
    pub(crate) fn new(futures: &'a Futures, tail: &[f64]) -> Self {
        let problem = &futures.first;
        let none = vec![vec![0; problem.steps]; problem.facilities.len()];
        let short: Vec<_> = futures.each.iter().map(|problem| shortages(problem, &none)).collect();
        let limit = |z: usize, t: usize| {
            let limit = problem.zones[z].restore_limit_mw;
            limit.map(|limit| limit.max(mw(dictated_beyond_falls(problem, z, t))))
        };
        let zones = 0..problem.zones.len();
        let highest =
            |(p, q): (&f64, &f64)| problem.hours * (p * problem.uncovered_cost_per_mwh + futures.weight * q);
        Self {
            futures,
            members: futures.members(),
            lanes: problem.facilities.iter().map(Lane::new).collect(),
            restore: zones.map(|z| (0..problem.steps).map(|t| limit(z, t)).collect()).collect(),
            most_flow: short.iter().flatten().flatten().map(|mw| mw.abs()).sum::<f64>().max(1.0),
            highest: futures.probability.iter().zip(tail).map(highest).collect(),
            short,
        }
    }

    /// No price on what joins scenarios.
    pub(crate) fn point(&self, balance: Vec<Vec<Vec<f64>>>, restore: Vec<Vec<Vec<f64>>>) -> Point {
        let problem = &self.futures.first;
        let apart = vec![vec![vec![0.0; problem.steps]; problem.facilities.len()]; self.futures.len()];
        self.clamped(Point { balance, restore, apart })
    }

    /// Whether it may wait for the scenario in some intervals, but not in all.
    fn is_mixed(&self, f: usize) -> bool {
        let common = &self.futures.common[f];
        common.contains(&true) && (common.contains(&false))
    }

    fn clamped(&self, mut point: Point) -> Point {
        for (prices, highest) in point.balance.iter_mut().zip(&self.highest) {
            prices.iter_mut().flatten().for_each(|price| *price = price.clamp(0.0, *highest));
        }
        for prices in &mut point.restore {
            for (price, limit) in prices.iter_mut().flatten().zip(self.restore.iter().flatten()) {
                *price = if limit.is_some() { price.max(0.0) } else { 0.0 };
            }
        }
        point
    }

    /// What the facilities answer; `None` where one has no course at all, which a sound case excludes.
    pub(crate) fn answer(&self, point: &Point) -> Option<Answer> {
        let own: Option<Vec<Own>> = self.members.par_iter().map(|&f| self.ask(point, f)).collect();
        let problem = &self.futures.first;
        let none = vec![0; problem.steps];
        let mut answer = Answer {
            bound: (0..self.futures.len()).map(|s| self.constant(point, s)).sum(),
            first: vec![none.clone(); problem.facilities.len()],
            each: vec![vec![none; self.futures.len()]; problem.facilities.len()],
        };
        for (&f, own) in self.members.iter().zip(own?) {
            answer.bound += own.cost;
            answer.first[f] = own.first;
            answer.each[f] = own.each;
        }
        Some(answer)
    }

    /// The part that no facility answers.
    fn constant(&self, point: &Point, s: usize) -> f64 {
        let problem = &self.futures.first;
        let (balance, restore) = (&point.balance[s], &point.restore[s]);
        let mut sum = 0.0;
        for z in 0..problem.zones.len() {
            for t in 0..problem.steps {
                sum += balance[z][t] * self.short[s][z][t];
                sum -= self.restore[z][t].map_or(0.0, |limit| restore[z][t] * limit);
            }
        }
        for l in 0..problem.ties.len() {
            let tie = &problem.ties[l];
            let cost = |t: usize| (balance[tie.from][t] - balance[tie.to][t]) * self.flow(point, s, l, t);
            sum += (0..problem.steps).map(cost).sum::<f64>();
        }
        sum
    }

    /// The cheapest flow at some prices.
    fn flow(&self, point: &Point, s: usize, l: usize, t: usize) -> f64 {
        let tie = &self.futures.first.ties[l];
        let slope = point.balance[s][tie.from][t] - point.balance[s][tie.to][t];
        let (least, most) =
            (-tie.reverse_limit_mw[t].min(self.most_flow), tie.limit_mw[t].min(self.most_flow));
        if slope > 0.0 {
            least
        } else if slope < 0.0 {
            most
        } else {
            0.0_f64.clamp(least, most)
        }
    }

    fn ask(&self, point: &Point, f: usize) -> Option<Own> {
        let common = &self.futures.common[f];
        let scenarios = 0..self.futures.len();
        if common.iter().all(|&held| held) {
            let (cost, first) = self.course(point, f, &scenarios.clone().collect::<Vec<_>>())?;
            return Some(Own { cost, each: vec![first.clone(); scenarios.len()], first });
        }
        let mut own = Own { cost: 0.0, first: vec![0; self.futures.first.steps], each: Vec::new() };
        for s in scenarios {
            let (cost, cuts) = self.course(point, f, &[s])?;
            own.cost += cost;
            own.each.push(cuts);
        }
        Some(own)
    }

    /// The cheapest course for some scenarios together.
    fn course(&self, point: &Point, f: usize, scenarios: &[usize]) -> Option<(f64, Vec<i64>)> {
        let (problem, row) = (&self.futures.first, &self.futures.first.facilities[f]);
        let (mut per_kw, mut under_cut) = (vec![0.0; problem.steps], vec![0.0; problem.steps]);
        let (mut before, mut share) = (0.0, 0.0);
        let alone = scenarios.len() == 1;
        for &s in scenarios {
            let (balance, restore) = (&point.balance[s][row.zone], &point.restore[s][row.zone]);
            let probability = self.futures.probability[s];
            for t in 0..problem.steps {
                let later = restore.get(t + 1).copied().unwrap_or(0.0);
                let apart = if alone { point.apart[s][f][t] } else { 0.0 };
                let cut = probability * problem.hours * row.cut_cost_per_mwh;
                per_kw[t] += (cut - balance[t] - restore[t] + later - apart) / 1000.0;
                under_cut[t] -= if t + 1 < problem.steps { later * mw(row.fall(t + 1)) } else { 0.0 };
            }
            before += restore.first().copied().unwrap_or(0.0) * mw(row.before.cut);
            share += probability;
        }
        let cost = |t: usize, kw: i64| per_kw[t] * kw as f64 + under_cut[t];
        let tariff = Tariff {
            cost: &cost,
            event_cost: share * row.event_cost,
            overrun_per_kw: share * problem.overrun_per_kw(),
        };
        let course = self.lanes[f].cheapest(&tariff)?;
        Some((course.cost + before, course.cuts))
    }

    /// Raises the bound by steps along what the answers break (Polyak, 1969); the best prices come back.
    pub(crate) fn raise(
        &self,
        first: Point,
        upper: f64,
        rounds: usize,
        is_over: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(f64),
    ) -> Option<(Point, Answer)> {
        let (mut best, mut reached) = (first.clone(), self.answer(&first)?);
        tell(reached.bound);
        let mut last: Option<Point> = None;
        let mut answer = self.answer(&first)?;
        let (mut point, mut share, mut vain) = (first, 1.0, 0);
        for _ in 0..rounds {
            if is_over() || share < SHORTEST {
                break;
            }
            let mut direction = self.broken(&point, &answer);
            direction.apart.iter_mut().flatten().flatten().for_each(|by| *by *= TOGETHER);
            if let Some(last) = &last {
                add(&mut direction, last, KEPT);
            }
            let size = size(&direction);
            if size <= 0.0 {
                break;
            }
            add(&mut point, &direction, share * (upper - answer.bound).max(0.0) / size);
            last = Some(direction);
            point = self.clamped(point);
            answer = self.answer(&point)?;
            if answer.bound > reached.bound {
                tell(answer.bound);
                (best, vain) = (point.clone(), 0);
                reached =
                    Answer { bound: answer.bound, first: answer.first.clone(), each: answer.each.clone() };
            } else {
                vain += 1;
            }
            if vain > PATIENCE {
                (share, vain) = (share * 0.7, 0);
            }
        }
        Some((best, reached))
    }

    /// By how much the answers break every row, in MW: the direction in which its price is to move.
    fn broken(&self, point: &Point, answer: &Answer) -> Point {
        let problem = &self.futures.first;
        let limits: Vec<Vec<f64>> =
            self.restore.iter().map(|row| row.iter().map(|limit| -limit.unwrap_or(0.0)).collect()).collect();
        let mut broken = Point {
            balance: self.short.clone(),
            restore: vec![limits; self.futures.len()],
            apart: vec![vec![vec![0.0; problem.steps]; problem.facilities.len()]; self.futures.len()],
        };
        for &f in self.members.iter().filter(|&&f| self.is_mixed(f)) {
            self.tell_apart(answer, f, &mut broken);
        }
        for s in 0..self.futures.len() {
            for &f in &self.members {
                self.count(answer, s, f, &mut broken);
            }
            for (l, tie) in problem.ties.iter().enumerate() {
                for t in 0..problem.steps {
                    let flow = self.flow(point, s, l, t);
                    broken.balance[s][tie.from][t] += flow;
                    broken.balance[s][tie.to][t] -= flow;
                }
            }
        }
        self.only_free(point, broken)
    }

    /// How far each scenario's cut is below the mean of all where they are to be equal; together that is nothing, so that
    /// these prices cancel out.
    fn tell_apart(&self, answer: &Answer, f: usize, broken: &mut Point) {
        let scenarios = count(self.futures.len());
        for t in (0..self.futures.first.steps).filter(|&t| self.futures.common[f][t]) {
            let mean = answer.each[f].iter().map(|cuts| mw(cuts[t])).sum::<f64>() / scenarios;
            for (apart, cuts) in broken.apart.iter_mut().zip(&answer.each[f]) {
                apart[f][t] = mean - mw(cuts[t]);
            }
        }
    }

    fn count(&self, answer: &Answer, s: usize, f: usize, broken: &mut Point) {
        let (row, cuts) = (&self.futures.first.facilities[f], &answer.each[f][s]);
        for (t, &kw) in cuts.iter().enumerate() {
            let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
            let fall = if earlier > 0 { row.fall(t) } else { 0 };
            broken.balance[s][row.zone][t] -= mw(kw);
            broken.restore[s][row.zone][t] += mw(earlier - kw - fall);
        }
    }

    /// Leaves out directions in which a price at its end cannot go.
    fn only_free(&self, point: &Point, mut broken: Point) -> Point {
        let free = |price: f64, by: f64, most: f64| !(price <= 0.0 && by < 0.0 || price >= most && by > 0.0);
        for ((broken, prices), highest) in broken.balance.iter_mut().zip(&point.balance).zip(&self.highest) {
            for (by, price) in broken.iter_mut().flatten().zip(prices.iter().flatten()) {
                *by = if free(*price, *by, *highest) { *by } else { 0.0 };
            }
        }
        for (broken, prices) in broken.restore.iter_mut().zip(&point.restore) {
            let limits = self.restore.iter().flatten();
            for ((by, price), limit) in broken.iter_mut().flatten().zip(prices.iter().flatten()).zip(limits) {
                *by = if limit.is_some() && free(*price, *by, f64::INFINITY) { *by } else { 0.0 };
            }
        }
        broken
    }
}

fn add(point: &mut Point, other: &Point, share: f64) {
    let pairs = [
        (&mut point.balance, &other.balance),
        (&mut point.restore, &other.restore),
        (&mut point.apart, &other.apart),
    ];
    for (own, other) in pairs {
        let others = other.iter().flatten().flatten();
        own.iter_mut().flatten().flatten().zip(others).for_each(|(own, other)| *own += share * other);
    }
}

/// What is broken times the direction that was made of it.
fn size(direction: &Point) -> f64 {
    let squares = |of: &[Vec<Vec<f64>>]| of.iter().flatten().flatten().map(|by| by * by).sum::<f64>();
    squares(&direction.balance) + squares(&direction.restore) + squares(&direction.apart) / TOGETHER
}
