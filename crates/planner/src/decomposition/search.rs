//! The search: prices first, which prove the bound; then drafts from their blend; then ways to better one of them,
//! round by round, or another one where nothing does. A long horizon is rolled over before, day by day.

use super::ascent::Ascent;
use super::aside::{Aside, Beside};
use super::dive::dive;
use super::fleet::{Fleet, Spans};
use super::lift::Lift;
use super::master::MOST_GROUPS;
use super::mend::{Mender, SIZES};
use super::mixture::evened;
use super::neighbourhood::{How, Part, Shape, Tried, plan_anew, rolled};
use super::prices::Prices;
use super::trail::Trail;
use super::tree::Tree;
use super::window;
use crate::assemble::{relative_gap, within};
use crate::course::toil_of;
use crate::draft::Draft;
use crate::draw::Draw;
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
/// Gaps of the ascent at which a first draft is taken from the blend, so that there is a good one early; none below the target.
const EARLY: [f64; 3] = [0.2, 0.02, 0.003];
/// Part of the gap that a round, of covers or of knots, has to close for another one.
pub(super) const WORTH: f64 = 0.01;
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
/// The same where there are [many](window::has_many).
const LONG_SHAPES: [Shape; 2] =
    [Shape { cells: 600, window: 24, how: How::Grow }, Shape { cells: 600, window: 12, how: How::Grow }];
/// The same where energy is limited: of all intervals, as a limit ties them together.
const LIMITED_SHAPES: [Shape; 4] = [
    Shape { cells: 150, window: usize::MAX, how: How::Dive },
    Shape { cells: 250, window: usize::MAX, how: How::Dive },
    Shape { cells: 400, window: usize::MAX, how: How::Dive },
    Shape { cells: 600, window: usize::MAX, how: How::Dive },
];
/// Of so many rounds one plans parts anew where energy is limited.
const LIMITED_TURN: usize = 2;
/// Of so many rounds that plan parts anew one plans what is between draft and blend.
const BETWEEN: usize = 2;
/// Hours of the windows of a first roll over a long horizon; and those of the next ones, and whether they are shifted.
const DAY_H: f64 = 24.0;
const ROLLS: [(f64, bool); 3] = [(DAY_H, true), (2.0 * DAY_H, false), (2.0 * DAY_H, true)];
/// Facility-intervals beyond which neither a dive, where every facility has columns of its own, nor a tree of the whole is
/// worth its time.
const MOST_CELLS: usize = 5_000;

/// How rounds go by.
struct Pace {
    /// What a tree takes for each 100 that the ways to better drafts take beside it.
    percent: u64,
    /// Of so many rounds one plans parts anew, the others mend.
    turn: usize,
    /// Facilities that mending takes out in a try.
    sizes: [usize; 5],
}

/// Where a tree has a thread of its own.
const BESIDE: Pace = Pace { percent: 130, turn: 4, sizes: SIZES };
/// Where it has not, and a search is short: what betters drafts soonest.
const ALONE: Pace = Pace { percent: 25, turn: 8, sizes: [1, 2, 3, 4, 6] };
/// Where the whole is too large for a tree.
const LARGE: Pace = Pace { percent: 0, turn: 2, sizes: SIZES };
/// What a round that mends is thought to take, and one that plans parts anew, before there was one.
const TOIL: [u64; 2] = [40_000, 100_000];

/// Betters a draft until the target is reached or it `is_over`.
pub(crate) fn search<'a>(
    fleet: &'a Fleet<'a>,
    first: Draft<'a>,
    prices: Prices,
    target: Target,
    is_over: &(dyn Fn() -> bool + Sync),
    tell: &mut dyn FnMut(News<'_>),
) -> Result<(), SolverError> {
    let (mut first, mut prices) = (first, prices);
    if rolls(fleet) {
        let (before, windows) = (first.objective(), window::all(fleet.problem, DAY_H, false));
        (first, prices) = rolled(fleet, first, prices, windows, is_over)?;
        if first.objective() < before {
            tell(News::Better(&first));
        }
    }
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
    if search.is_done() {
        return Ok(());
    }
    search.roll(&prices)?;
    let aside = search.aside(Lift::new(ascent, target.gap))?;
    search.roam(&prices, aside)
}

impl<'a> Search<'a, '_> {
    /// Raises the bound, and takes drafts from the blends on the way; the best prices without covers, and the ascent.
    fn ascend(&mut self, mut ascent: Ascent<'a>) -> Result<(Prices, Ascent<'a>), SolverError> {
        let mut early = EARLY.map(|gap| gap.max(self.target.gap)).into_iter().peekable();
        let near = NEAR.min(self.target.gap / 10.0);
        let (mut goes_on, mut is_taken) = (true, false);
        self.raise(ascent.bound);
        while goes_on && !self.is_done() && ascent.gap() > near {
            goes_on = ascent.step()?;
            self.raise(ascent.bound);
            is_taken = early.next_if(|&gap| ascent.gap() < gap).is_some() && self.gap() > ascent.gap();
            if is_taken {
                self.take(evened(&ascent));
            }
        }
        if !is_taken {
            self.take(evened(&ascent));
        }
        let prices = ascent.best.clone();
        (self.tell)(News::Prices(&prices));
        if ascent.has_groups() && !is_small(self.fleet) {
            self.dive(&mut ascent)?;
        }
        Ok((prices, ascent))
    }

    /// A draft from a dive.
    fn dive(&mut self, ascent: &mut Ascent<'a>) -> Result<(), SolverError> {
        if !self.is_done() {
            let cuts = dive(ascent, self.is_over)?;
            self.take(cuts);
        }
        Ok(())
    }

    /// Betters the draft window by window.
    fn roll(&mut self, prices: &Prices) -> Result<(), SolverError> {
        let rolls = ROLLS.iter().filter(|_| rolls(self.fleet));
        for &(hours, shifted) in rolls {
            let windows = window::all(self.fleet.problem, hours, shifted);
            let (draft, _) = rolled(self.fleet, self.best.clone(), prices.clone(), windows, self.is_over)?;
            self.offer(draft);
        }
        Ok(())
    }

    /// What goes on beside the ways: where the whole is small, a tree with all covers at its root.
    fn aside(&mut self, mut lift: Lift<'a>) -> Result<Aside<'a>, SolverError> {
        if !is_small(self.fleet) {
            return Ok(Aside::Lift(Box::new(lift)));
        }
        while !self.is_done() && lift.step(self.objective)? {
            self.raise(lift.ascent.bound);
        }
        self.take(evened(&lift.ascent));
        self.dive(&mut lift.ascent)?;
        let own = self.fleet.own(&self.best.cuts);
        Ok(Aside::Tree(Box::new(Tree::new(lift.ascent, Spans::new(), own))))
    }

    /// Betters the draft in as many ways at a time as there are threads, beside work on the bound, as long as it pays.
    fn roam(&mut self, prices: &Prices, mut aside: Aside<'a>) -> Result<(), SolverError> {
        if self.fleet.members.is_empty() || self.is_done() {
            return Ok(());
        }
        let mender = Mender::new(self.fleet, prices);
        let (mut draw, mut vain, mut round) = (Draw::new(self.target.seed), 0, 0);
        let (mut trail, mut near, mut taken) = (Trail::new(self.best.clone()), None, TOIL);
        let pace = match self.target.threads {
            _ if !is_small(self.fleet) => &LARGE,
            1 => &ALONE,
            _ => &BESIDE,
        };
        while !self.is_done() && self.target.patience.is_none_or(|most| vain < most) {
            let at_once = (self.target.threads as usize - usize::from(!aside.is_nothing())).max(1);
            let mut found: Vec<Found<'a>> = (0..at_once).map(|_| Ok((None, 0))).collect();
            let ways = Way::of_round(&mender, (&trail.draft, &aside), pace, (round, at_once), &mut draw);
            let is_planned = ways.iter().any(|way| matches!(way, Way::Plan(_)));
            let taken = &mut taken[usize::from(is_planned)];
            let beside = Beside { is_planned, toil: *taken * pace.percent / 100 };
            round += 1;
            let (draft, most, is_over) = (&trail.draft, self.objective, self.is_over);
            let enough = within(self.bound, self.target.gap);
            // The bound on this thread, all else wherever there is room.
            let seen = rayon::in_place_scope(|scope| {
                for (way, found) in ways.into_iter().zip(&mut found) {
                    let mender = &mender;
                    scope.spawn(move |_| *found = way.go(mender, draft, enough, is_over));
                }
                aside.go_on(most, beside, is_over)
            });
            let found: Vec<Tried<'a>> = found.into_iter().collect::<Result<_, SolverError>>()?;
            *taken = (*taken + found.iter().map(|(_, toil)| *toil).max().unwrap_or(0)) / 2;
            if trail.join(found.into_iter().filter_map(|(draft, _)| draft).collect()) {
                self.offer(trail.draft.clone());
            }
            for cuts in seen? {
                near = Some(self.take(cuts)).filter(Draft::is_allowed).or(near);
            }
            if trail.is_lost() {
                trail = Trail::new(near.take().unwrap_or_else(|| self.best.clone()));
            }
            let lacked = most - self.bound;
            self.raise(aside.bound().min(self.objective));
            let pays = self.objective < most || self.objective - self.bound < (1.0 - WORTH) * lacked;
            vain = if pays { 0 } else { vain + 1 };
        }
        Ok(())
    }

    /// A draft of some cuts of the members, made to keep the restore limits and settled; kept where it is the best.
    fn take(&mut self, cuts: Vec<Vec<i64>>) -> Draft<'a> {
        let draft = self.best.with(&self.fleet.members, cuts, self.is_over);
        self.offer(draft.clone());
        draft
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

type Found<'a> = Result<Tried<'a>, SolverError>;

/// A way to better a draft.
enum Way {
    /// With so many facilities taken out in a try.
    Mend(Draw, [usize; 5]),
    Plan(Part),
}

impl Way {
    /// The ways of some round: of the same kind for all threads, as one takes longer than the other.
    fn of_round(
        mender: &Mender<'_, '_>,
        (draft, aside): (&Draft<'_>, &Aside<'_>),
        pace: &Pace,
        (round, at_once): (usize, usize),
        draw: &mut Draw,
    ) -> Vec<Self> {
        let problem = mender.fleet.problem;
        let (shapes, turn): (&[Shape], usize) = match problem.steps {
            _ if problem.is_limited() => (&LIMITED_SHAPES, LIMITED_TURN),
            _ if window::has_many(problem) => (&LONG_SHAPES, pace.turn),
            _ => (&SHAPES, pace.turn),
        };
        if round % turn != turn - 1 {
            return (0..at_once).map(|_| Self::Mend(draw.split(), pace.sizes)).collect();
        }
        let planned = round / turn;
        let is_between = planned % BETWEEN == BETWEEN - 1 && !problem.is_limited();
        let shares = if is_between { aside.shares() } else { None };
        let between = shares.and_then(|shares| Part::between(mender.fleet, draft, &shares));
        let (regrets, shape) = (mender.regrets(draft), shapes[planned % shapes.len()]);
        let drawn = std::iter::repeat_with(|| Part::drawn(mender.fleet, draft, &regrets, shape, draw));
        between.into_iter().chain(drawn).take(at_once).map(Self::Plan).collect()
    }

    fn go<'a>(
        self,
        mender: &Mender<'_, 'a>,
        draft: &Draft<'a>,
        enough: f64,
        is_over: &dyn Fn() -> bool,
    ) -> Found<'a> {
        match self {
            Self::Plan(part) => plan_anew(mender.fleet, draft, &part, mender.prices, is_over),
            Self::Mend(draw, sizes) => {
                let mended = || mender.round(draft.clone(), enough, draw, sizes, is_over).draft;
                let (draft, toil) = toil_of(mended);
                Ok((Some(draft), toil))
            }
        }
    }
}

/// Whether a long horizon is rolled over: where every member has columns of its own.
fn rolls(fleet: &Fleet<'_>) -> bool {
    window::is_long(fleet.problem) && fleet.members.len() <= MOST_GROUPS
}

fn is_small(fleet: &Fleet<'_>) -> bool {
    fleet.members.len() * fleet.problem.steps <= MOST_CELLS
}
