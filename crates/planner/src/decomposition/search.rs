//! The search: prices first, which prove the bound; then drafts from their blend; then neighbourhoods of the best.

use super::ascent::Ascent;
use super::dive::dive;
use super::fleet::{Fleet, Spans};
use super::mixture::mixture;
use super::neighbourhood::{How, Part, Shape, plan_anew, regrets};
use super::prices::Prices;
use super::shake::shake;
use super::tree::{Seen, Tree};
use crate::assemble::relative_gap;
use crate::draft::Draft;
use crate::draw::Draw;
use crate::island::Sets;
use crate::solver::SolverError;

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
/// Part of the gap that a round, of covers or of knots, has to close for another one.
const WORTH: f64 = 0.01;
/// Rounds of covers.
const COVER_ROUNDS: usize = 30;
/// Shapes of the parts that are planned anew, in turn, where there are few intervals.
const SHAPES: [Shape; 8] = [
    Shape { cells: 100, window: 48, how: How::Grow },
    Shape { cells: 300, window: 12, how: How::Grow },
    Shape { cells: 200, window: 48, how: How::Grow },
    Shape { cells: 300, window: 8, how: How::Grow },
    Shape { cells: 150, window: 48, how: How::Grow },
    Shape { cells: 300, window: 6, how: How::Grow },
    Shape { cells: 250, window: 48, how: How::Grow },
    Shape { cells: 400, window: 6, how: How::Grow },
];
/// The same where there are more than [`FEW`].
const LONG_SHAPES: [Shape; 4] = [
    Shape { cells: 1_000, window: usize::MAX, how: How::Dive },
    Shape { cells: 2_000, window: usize::MAX, how: How::Dive },
    Shape { cells: 300, window: 12, how: How::Grow },
    Shape { cells: 3_000, window: usize::MAX, how: How::Dive },
];
const FEW: usize = 48;
/// The same where energy is limited, and nothing is shaken: courses within a limit take long to ask for.
const LIMITED_SHAPES: [Shape; 4] = [
    Shape { cells: 150, window: usize::MAX, how: How::Dive },
    Shape { cells: 250, window: usize::MAX, how: How::Dive },
    Shape { cells: 400, window: usize::MAX, how: How::Dive },
    Shape { cells: 600, window: usize::MAX, how: How::Dive },
];
/// Tries of one shaking: so many intervals for which facilities are asked, and at most so many a facility.
const SHAKEN: usize = 16_000;
const SHAKES: usize = 15;
/// Facility-intervals beyond which neither a dive, where every facility has columns of its own, nor a tree of the whole is
/// worth its time.
const MOST_CELLS: usize = 5_000;
/// Knots of the tree of the whole that are looked at while parts are planned anew.
const KNOTS: usize = 32;
/// Of so many knots, one has its blend made a draft.
const DRAFTED: usize = 8;

/// Betters a draft until the target is reached or it `is_over`.
pub(crate) fn search<'a>(
    fleet: &'a Fleet<'a>,
    first: Draft<'a>,
    prices: Prices,
    target: Target,
    is_over: &(dyn Fn() -> bool + Sync),
    tell: &mut dyn FnMut(News<'_>),
) -> Result<(), SolverError> {
    let ascent = Ascent::from(fleet, &first.cuts, prices)?;
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
    let (prices, ascent) = search.ascend(ascent)?;
    let tree = is_small(fleet).then(|| search.tree(ascent));
    search.roam(&prices, tree)
}

impl<'a> Search<'a, '_> {
    /// Raises the bound, and takes drafts from the blends on the way; the best prices without covers, and the ascent with
    /// them.
    fn ascend(&mut self, mut ascent: Ascent<'a>) -> Result<(Prices, Ascent<'a>), SolverError> {
        let mut early = EARLY.iter().copied().peekable();
        let near = NEAR.min(self.target.gap / 10.0);
        let mut goes_on = true;
        self.raise(ascent.bound);
        while goes_on && !self.is_done() && ascent.gap() > near {
            goes_on = ascent.step()?;
            self.raise(ascent.bound);
            if early.next_if(|&gap| ascent.gap() < gap).is_some() && self.gap() > ascent.gap() {
                self.take(mixture(&ascent.master, &ascent.blend));
            }
        }
        self.take(mixture(&ascent.master, &ascent.blend));
        let prices = ascent.best.clone();
        (self.tell)(News::Prices(&prices));
        self.dive(&mut ascent)?;
        self.tighten(&mut ascent)?;
        self.take(mixture(&ascent.master, &ascent.blend));
        self.dive(&mut ascent)?;
        Ok((prices, ascent))
    }

    /// A draft from a dive, where one is quick.
    fn dive(&mut self, ascent: &mut Ascent<'a>) -> Result<(), SolverError> {
        let has_groups = ascent.master.groups.len() < self.fleet.members.len();
        if !self.is_done() && (has_groups || is_small(self.fleet)) {
            let cuts = dive(ascent, self.is_over)?;
            self.take(cuts);
        }
        Ok(())
    }

    /// Raises the bound by covers, as long as they do.
    fn tighten(&mut self, ascent: &mut Ascent<'a>) -> Result<(), SolverError> {
        let sets = Sets::new(self.fleet.problem);
        for _ in 0..COVER_ROUNDS {
            let before = ascent.bound;
            if self.is_done() || !ascent.tighten(&sets)? {
                break;
            }
            let mut goes_on = true;
            while goes_on && !self.is_done() && ascent.gap() > NEAR {
                goes_on = ascent.step()?;
                self.raise(ascent.bound);
            }
            if ascent.bound - before < WORTH * (self.objective - before) {
                break;
            }
        }
        Ok(())
    }

    fn tree(&self, ascent: Ascent<'a>) -> Tree<'a> {
        let own = self.fleet.own(&self.best.cuts);
        Tree::new(ascent, Spans::new(), own)
    }

    /// Betters the draft in as many ways at a time as there are threads, beside a tree of the whole, as long as it pays.
    fn roam(&mut self, prices: &Prices, mut tree: Option<Tree<'a>>) -> Result<(), SolverError> {
        let (mut draw, mut vain, mut round) = (Draw::new(self.target.seed), 0, 0);
        while !self.fleet.members.is_empty()
            && !self.is_done()
            && self.target.patience.is_none_or(|most| vain < most)
        {
            let at_once = (self.target.threads as usize - usize::from(tree.is_some())).max(1);
            let mut found: Vec<Found<'a>> = (0..at_once).map(|_| Ok(None)).collect();
            let ways = Way::of_round(self.fleet, &self.best, prices, (round, at_once), &mut draw);
            round += 1;
            let (fleet, best, most) = (self.fleet, &self.best, self.objective);
            // A solver's model stays on its thread: the tree on this one, all else wherever there is room.
            let seen = rayon::in_place_scope(|scope| {
                for (way, found) in ways.into_iter().zip(&mut found) {
                    scope.spawn(move |_| *found = way.go(fleet, best, prices));
                }
                tree.as_mut().map(|tree| grow(tree, most)).transpose()
            });
            let found: Vec<Option<Draft<'a>>> = found.into_iter().collect::<Result<_, SolverError>>()?;
            self.join(found.into_iter().flatten().collect());
            seen?.into_iter().flatten().for_each(|cuts| self.take(cuts));
            let lacked = most - self.bound;
            if let Some(tree) = &tree {
                self.raise(tree.bound().min(self.objective));
            }
            let pays = self.objective < most || self.objective - self.bound < (1.0 - WORTH) * lacked;
            vain = if pays { 0 } else { vain + 1 };
        }
        Ok(())
    }

    /// A draft of some cuts of the members, made to keep the restore limits and settled.
    fn take(&mut self, cuts: Vec<Vec<i64>>) {
        let draft = self.best.with(&self.fleet.members, cuts, self.is_over);
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

    /// Keeps the best of some drafts that all came from the best so far, and what the others changed beside it.
    fn join(&mut self, mut found: Vec<Draft<'a>>) {
        found.sort_by(|a, b| a.objective().total_cmp(&b.objective()));
        let before = self.best.cuts.clone();
        for draft in found {
            let mut joined = self.best.clone();
            for (f, cuts) in draft.cuts.iter().enumerate().filter(|(f, cuts)| **cuts != before[*f]) {
                joined.set(f, cuts.clone());
            }
            self.offer(joined);
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

/// A better draft, if any.
type Found<'a> = Result<Option<Draft<'a>>, SolverError>;

/// A way to better a draft.
enum Way {
    Shake(Draw),
    Plan(Part),
}

impl Way {
    /// The ways of some round: of the same kind for all threads, as a part takes longer than shaking.
    fn of_round(
        fleet: &Fleet<'_>,
        draft: &Draft<'_>,
        prices: &Prices,
        (round, at_once): (usize, usize),
        draw: &mut Draw,
    ) -> Vec<Self> {
        let is_limited = fleet.problem.facilities.iter().any(|row| row.most_cut.is_some());
        let shape = if is_limited {
            LIMITED_SHAPES[round % LIMITED_SHAPES.len()]
        } else if round.is_multiple_of(2) {
            return (0..at_once).map(|_| Self::Shake(draw.split())).collect();
        } else {
            let shapes: &[Shape] = if fleet.problem.steps > FEW { &LONG_SHAPES } else { &SHAPES };
            shapes[round / 2 % shapes.len()]
        };
        let regrets = regrets(fleet, draft, prices);
        (0..at_once).map(|_| Self::Plan(Part::drawn(fleet, &regrets, shape, draw))).collect()
    }

    fn go<'a>(self, fleet: &Fleet<'a>, draft: &Draft<'a>, prices: &Prices) -> Found<'a> {
        match self {
            Self::Plan(part) => plan_anew(fleet, draft, &part, prices),
            Self::Shake(mut draw) => {
                let tries = (SHAKEN / fleet.problem.steps.max(1)).clamp(1, SHAKES * fleet.members.len());
                Ok(shake(draft, &fleet.members, tries, &mut draw))
            }
        }
    }
}

fn is_small(fleet: &Fleet<'_>) -> bool {
    fleet.members.len() * fleet.problem.steps <= MOST_CELLS
}

/// Looks at some knots of a tree for what costs less than `most`; cuts near it.
fn grow(tree: &mut Tree<'_>, most: f64) -> Result<Vec<Vec<Vec<i64>>>, SolverError> {
    let mut found = Vec::new();
    for n in 0..KNOTS {
        match tree.grow(most)? {
            None => break,
            Some(Seen::Near(cuts)) if n % DRAFTED == 0 => found.push(cuts),
            Some(Seen::Whole(cuts)) => found.push(cuts),
            Some(Seen::Near(_) | Seen::Nothing) => {}
        }
    }
    Ok(found)
}
