//! Branch and price: what a blend leaves undecided is decided both ways, and both are priced anew (Barnhart, Johnson,
//! Nemhauser, Savelsbergh and Vance, 1998).
//!
//! A *knot* of the tree says within which [`Span`]s cuts lie. The prices of the knot it grew from bound it at once, as a
//! fleet that may do less never answers cheaper; the least bound of all open knots is a bound of the whole.

use super::ascent::Ascent;
use super::fleet::{Fleet, Spans};
use super::gains::{Decision, Gains, both};
use super::mixture::{means, mixture, whole_kw};
use super::prices::Prices;
use super::simplex::Basis;
use crate::course::Span;
use crate::problem::{FacilityRow, mw};
use crate::solver::SolverError;
use crate::walk::walk;
use std::sync::Arc;

/// A tree under growth.
pub(crate) struct Tree<'a> {
    ascent: Ascent<'a>,
    /// The fleet at the root, and its spans.
    fleet: Fleet<'a>,
    spans: Spans,
    /// Cuts that every knot may fall back upon in a new master.
    first: Vec<Vec<i64>>,
    open: Vec<Knot>,
    gains: Gains,
    /// The least bound of what can't be divided any more.
    whole: f64,
    /// What masters before this one took.
    toil: u64,
}

/// An open knot.
struct Knot {
    spans: Spans,
    bound: f64,
    prices: Arc<Prices>,
    /// Where the blend of the knot it grew from ended, in the same master.
    basis: Option<Arc<Basis>>,
    /// What was decided last, where that was whether there is a cut.
    decided: Option<Decision>,
}

/// What a look at a knot shows.
pub(crate) enum Seen {
    /// Nothing within it costs less than was asked.
    Nothing,
    /// Cuts near its blend.
    Near(Vec<Vec<i64>>),
    /// Cuts of its blend, which leaves nothing to decide.
    Whole(Vec<Vec<i64>>),
}

/// Rounds of prices at a knot.
const ROUNDS: usize = 60;
/// Part of what a knot's bound lacks to close it, within which its prices are good enough.
const NEAR: f64 = 0.02;
/// Columns beyond which a master is begun anew.
const MOST_COLUMNS: usize = 5_000;
/// Open knots beyond which a tree grows no more: some hundred MB.
const MOST_OPEN: usize = 20_000;
/// What a share of an interval under cut is off a whole one, at most.
const WHOLE: f64 = 1e-6;

impl<'a> Tree<'a> {
    /// A tree at whose root stands an ascent, within spans that its fleet has already; of `first`, cuts of all members.
    pub(crate) fn new(ascent: Ascent<'a>, spans: Spans, first: Vec<Vec<i64>>) -> Self {
        let prices = Arc::new(ascent.best.clone());
        let root = Knot { spans: Spans::new(), bound: ascent.bound, prices, basis: None, decided: None };
        let (fleet, open, gains) = (ascent.fleet.clone(), vec![root], Gains::default());
        Self { ascent, fleet, spans, first, open, gains, whole: f64::INFINITY, toil: 0 }
    }

    /// What it took so far, with the ascent at its root, in facility-intervals asked.
    pub(crate) fn toil(&self) -> u64 {
        self.toil + self.ascent.toil()
    }

    /// No plan costs less, nor less than the least cost below which knots were looked for.
    pub(crate) fn bound(&self) -> f64 {
        self.open.iter().map(|knot| knot.bound).fold(self.whole, f64::min)
    }

    /// Looks at the open knot with the least bound for what costs less than `most`; `None` where none is open, or too many.
    pub(crate) fn grow(&mut self, most: f64) -> Result<Option<Seen>, SolverError> {
        self.open.retain(|knot| knot.bound < most);
        if self.open.len() > MOST_OPEN {
            return Ok(None);
        }
        let least = (0..self.open.len()).min_by(|&a, &b| self.open[a].bound.total_cmp(&self.open[b].bound));
        let Some(mut knot) = least.map(|at| self.open.swap_remove(at)) else { return Ok(None) };
        if self.ascent.master.columns.len() > MOST_COLUMNS {
            self.renew()?;
            knot.basis = None;
        }
        let mut priced = self.price(&knot, most);
        if priced.is_err() {
            // The solver lost its way; from the start it may find one.
            self.renew()?;
            knot.basis = None;
            priced = self.price(&knot, most);
        }
        if let (Ok(_), Some(decision)) = (&priced, knot.decided) {
            self.gains.learn(decision, self.ascent.bound - knot.bound);
        }
        Ok(Some(match priced {
            Ok(true) => self.divide(knot),
            Ok(false) => Seen::Nothing,
            Err(_) => {
                self.whole = self.whole.min(knot.bound);
                Seen::Nothing
            }
        }))
    }

    /// Begins a new master.
    fn renew(&mut self) -> Result<(), SolverError> {
        self.toil = self.toil();
        self.open.iter_mut().for_each(|knot| knot.basis = None);
        self.ascent = Ascent::new(self.fleet.clone(), &self.first, self.ascent.best.clone())?;
        Ok(())
    }

    /// Finds the prices of a knot; whether there may be something below `most`.
    fn price(&mut self, knot: &Knot, most: f64) -> Result<bool, SolverError> {
        let fleet = self.fleet.within(&knot.spans);
        let prices = Prices::clone(&knot.prices).clamped(&fleet);
        let ascent = &mut self.ascent;
        let Some(answer) = ascent.go_to(fleet, prices) else { return Ok(false) };
        if ascent.bound >= most {
            return Ok(false);
        }
        if let Some(basis) = &knot.basis {
            ascent.master.go_to(basis);
        }
        ascent.confine(&knot.spans, &answer.cuts)?;
        for _ in 0..ROUNDS {
            let lacks = most - self.ascent.bound;
            let is_near = self.ascent.blend.objective - self.ascent.bound < NEAR * lacks;
            // What can't be divided is never looked at again.
            let is_enough = is_near && self.is_undecided(&means(&self.ascent));
            if lacks <= 0.0 || is_enough || !self.ascent.step()? {
                break;
            }
        }
        Ok(self.ascent.bound < most)
    }

    /// Divides a priced knot.
    fn divide(&mut self, knot: Knot) -> Seen {
        let bound = self.ascent.bound.max(knot.bound);
        let cuts = mixture(&self.ascent.master, &self.ascent.blend);
        let means = means(&self.ascent);
        let told = |m: usize, t: usize| knot.spans.get(&m).map_or(Span::FREE, |spans| spans[t]);
        let Some((m, t, kw)) = self.undecided(&means).or_else(|| self.untold(&means, told)) else {
            self.whole = self.whole.min(bound);
            return Seen::Whole(self.blended(&means, cuts));
        };
        let prices = Arc::new(self.ascent.best.clone());
        let basis = Arc::new(self.ascent.master.basis());
        let ways = [Span { least: kw + 1, ..Span::FREE }, Span { most: kw, ..Span::FREE }];
        let decisions = both(m, t, means[m][t].0, self.stake_mw(m, t));
        for (span, decision) in ways.into_iter().zip(decisions) {
            let mut spans = knot.spans.clone();
            let own = spans.entry(m).or_insert_with(|| self.spans_of(m));
            own[t] = own[t].and(span);
            let decided = Some(decision).filter(|decision| kw == 0 && decision.share > WHOLE);
            self.open.push(Knot {
                spans,
                bound,
                prices: Arc::clone(&prices),
                basis: Some(Arc::clone(&basis)),
                decided,
            });
        }
        Seen::Near(cuts)
    }

    fn spans_of(&self, m: usize) -> Vec<Span> {
        self.spans.get(&m).cloned().unwrap_or_else(|| vec![Span::FREE; self.fleet.problem.steps])
    }

    /// MW that a decision about a member's interval is about.
    fn stake_mw(&self, m: usize, t: usize) -> f64 {
        mw(self.fleet.facility(m).room[t]) + LEAST_MW
    }

    /// The shares of the last blend under cut, by member and interval.
    pub(crate) fn shares(&self) -> Vec<Vec<f64>> {
        means(&self.ascent).iter().map(|own| own.iter().map(|(share, _)| *share).collect()).collect()
    }

    /// The member, interval and kW about which to decide: whether there is a cut, where that promises most; where all are
    /// decided, how many blocks it has.
    fn undecided(&self, means: &[Vec<(f64, f64)>]) -> Option<(usize, usize, i64)> {
        let promise = |(m, t, share)| (self.gains.promise((m, t), share, self.stake_mw(m, t)), (m, t, 0));
        greatest(shared(means).map(promise)).or_else(|| greatest(self.between_blocks(means)))
    }

    fn is_undecided(&self, means: &[Vec<(f64, f64)>]) -> bool {
        shared(means).next().is_some() || self.between_blocks(means).next().is_some()
    }

    /// By how many kW cuts are off the nearest that are allowed, and about which kW to decide.
    fn between_blocks(&self, means: &[Vec<(f64, f64)>]) -> impl Iterator<Item = (f64, (usize, usize, i64))> {
        cells(means).filter(|(_, _, (share, _))| *share > 0.5).filter_map(|(m, t, (_, kw))| {
            let (off, kw) = between_blocks(self.fleet.facility(m), t, kw)?;
            Some((off, (m, t, kw)))
        })
    }

    /// What is decided by the blend but not told where energy is limited, by the MW at stake: the bound of such a facility lies
    /// below what its courses cost, and the less the more is told.
    fn untold(
        &self,
        means: &[Vec<(f64, f64)>],
        told: impl Fn(usize, usize) -> Span,
    ) -> Option<(usize, usize, i64)> {
        if self.ascent.gap() <= WHOLE {
            return None;
        }
        let mut open = Vec::new();
        for (m, own) in means.iter().enumerate() {
            let row = self.fleet.facility(m);
            for (t, (share, _)) in own.iter().enumerate().filter(|_| row.most_cut.is_some()) {
                let is_open = if *share > 0.5 { told(m, t).least == 0 } else { told(m, t).most > 0 };
                if is_open && row.room[t] > 0 {
                    open.push((share + mw(row.room[t]), (m, t, 0)));
                }
            }
        }
        greatest(open.into_iter())
    }

    /// The blend's mean cuts, where they break no rule, else some of its columns': upwards to whole kW, or downwards where
    /// that exceeds a limit of energy.
    fn blended(&self, means: &[Vec<(f64, f64)>], mut cuts: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
        for (m, own) in means.iter().enumerate() {
            let row = self.fleet.facility(m);
            let fits = |mean: &Vec<i64>| {
                row.most_cut.is_none_or(|most| mean.iter().sum::<i64>() <= most)
                    && walk(row, mean).broken.is_empty()
            };
            let whole = [f64::ceil, f64::floor].map(|round| whole_course(row, own, round));
            if let Some(mean) = whole.into_iter().find(fits) {
                cuts[m] = mean;
            }
        }
        cuts
    }
}

/// Mean cuts in whole kW.
fn whole_course(row: &FacilityRow, means: &[(f64, f64)], round: fn(f64) -> f64) -> Vec<i64> {
    let level = |(t, &(share, mean)): (usize, &(f64, f64))| {
        row.frozen[t].unwrap_or(if share > 0.5 { row.cut_at_least(t, whole_kw(mean, round)) } else { 0 })
    };
    means.iter().enumerate().map(level).collect()
}

/// Members, intervals, and their means.
fn cells(means: &[Vec<(f64, f64)>]) -> impl Iterator<Item = (usize, usize, (f64, f64))> {
    let rows = means.iter().enumerate();
    rows.flat_map(|(m, own)| own.iter().enumerate().map(move |(t, &mean)| (m, t, mean)))
}

/// Members and intervals of which a blend has only a share under cut.
fn shared(means: &[Vec<(f64, f64)>]) -> impl Iterator<Item = (usize, usize, f64)> {
    let cells = cells(means).map(|(m, t, (share, _))| (m, t, share));
    cells.filter(|(_, _, share)| share.min(1.0 - share) > WHOLE)
}

/// What weighs most, the first of equals.
fn greatest(all: impl Iterator<Item = (f64, (usize, usize, i64))>) -> Option<(usize, usize, i64)> {
    all.reduce(|a, b| if b.0 > a.0 { b } else { a }).map(|(_, at)| at)
}

/// MW that a facility without room to speak of counts for.
const LEAST_MW: f64 = 0.2;

/// By how many kW a mean cut is off the nearest that is allowed, and the greatest allowed below it, where it moves in blocks.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn between_blocks(row: &FacilityRow, t: usize, mean: f64) -> Option<(f64, i64)> {
    let above = row.cut_at_least(t, (mean - 0.5).ceil() as i64);
    let below = above - row.block;
    let off = (above as f64 - mean).min(mean - below as f64);
    (row.block > 0 && row.frozen[t].is_none() && off > 0.5).then_some((off, mean.floor() as i64))
}
