//! Betters a draft: a part of it, a few facilities in a part of the horizon, is planned anew, all else staying.

use super::ascent::Ascent;
use super::dive::dive;
use super::fleet::{Fleet, Spans};
use super::prices::Prices;
use super::tree::{Seen, Tree};
use super::window;
use crate::draft::Draft;
use crate::draw::Draw;
use crate::solver::SolverError;
use std::collections::BTreeSet;
use std::ops::Range;

/// A part of a draft.
pub(crate) struct Part {
    /// Facilities, by position in the problem, ascending.
    members: Vec<usize>,
    /// Intervals.
    window: Range<usize>,
    how: How,
}

/// How large a part is.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Facilities times intervals.
    pub(crate) cells: usize,
    /// Intervals of the window, at most.
    pub(crate) window: usize,
    pub(crate) how: How,
}

/// How a part is planned.
#[derive(Clone, Copy)]
pub(crate) enum How {
    /// By a tree of its own: thorough, for few intervals.
    Grow,
    /// By settling one facility after the other: for many intervals.
    Dive,
}

/// Knots of the tree of a part.
const KNOTS: usize = 40;
/// Rounds of prices before a dive, and the relative gap at which they are good enough.
const ROUNDS: usize = 30;
const NEAR: f64 = 2e-4;
/// Least that a plan has to be better, as a share of its cost.
const BETTER: f64 = 1e-7;
/// Fewest facilities of a part.
const FEWEST: usize = 4;
/// Draws for each place of a part.
const TRIES: usize = 20;

/// The best draft that was found in which only a part is planned anew; `None` where none is better.
pub(crate) fn plan_anew<'a>(
    fleet: &Fleet<'a>,
    draft: &Draft<'a>,
    part: &Part,
    prices: &Prices,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<Draft<'a>>, SolverError> {
    let mut ascent = part.ascent(fleet, draft, prices)?;
    match part.how {
        How::Grow => grown(Tree::new(ascent, part.spans(draft), part.own(draft)), draft, part, is_over),
        How::Dive => dived(&mut ascent, draft, part, is_over),
    }
}

/// A draft of which all members are planned anew, window by window, where that betters it; and the prices of the windows.
pub(crate) fn rolled<'a>(
    fleet: &Fleet<'a>,
    mut draft: Draft<'a>,
    mut prices: Prices,
    windows: Vec<Range<usize>>,
    is_over: &dyn Fn() -> bool,
) -> Result<(Draft<'a>, Prices), SolverError> {
    for window in windows.into_iter().take_while(|_| !is_over()) {
        let part = Part { members: fleet.members.clone(), window, how: How::Dive };
        let mut ascent = part.ascent(fleet, &draft, &prices)?;
        let found = dived(&mut ascent, &draft, &part, is_over)?;
        prices.take(&ascent.best, &part.window);
        let is_better = |found: &Draft<'_>| found.is_allowed() && found.objective() < draft.objective();
        draft = found.filter(is_better).unwrap_or(draft);
    }
    Ok((draft, prices))
}

/// The best draft near the first knots of a tree.
fn grown<'a>(
    mut tree: Tree<'a>,
    draft: &Draft<'a>,
    part: &Part,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<Draft<'a>>, SolverError> {
    let mut best: Option<Draft<'a>> = None;
    for _ in (0..KNOTS).take_while(|_| !is_over()) {
        let seen = tree.grow(part.most(draft, best.as_ref()))?;
        let cuts = match seen {
            None => break,
            Some(Seen::Nothing) => continue,
            Some(Seen::Near(cuts) | Seen::Whole(cuts)) => cuts,
        };
        let found = draft.with_within(&part.members, cuts, &part.window, &|| false);
        let least = best.as_ref().unwrap_or(draft).objective();
        if found.is_allowed() && found.objective() < least {
            best = Some(found);
        }
    }
    Ok(best)
}

/// The draft from a dive.
fn dived<'a>(
    ascent: &mut Ascent<'a>,
    draft: &Draft<'a>,
    part: &Part,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<Draft<'a>>, SolverError> {
    let most = part.most(draft, None);
    for _ in (0..ROUNDS).take_while(|_| !is_over()) {
        if ascent.bound >= most {
            return Ok(None);
        }
        if ascent.gap() < NEAR || !ascent.step()? {
            break;
        }
    }
    let cuts = dive(ascent, is_over)?;
    Ok(Some(draft.with_within(&part.members, cuts, &part.window, &|| false)))
}

impl Part {
    /// A part of some shape: facilities whose courses waste most at the prices, more often, and any; about an interval that
    /// is short.
    pub(crate) fn drawn(fleet: &Fleet<'_>, regrets: &[f64], shape: Shape, draw: &mut Draw) -> Self {
        let length = shape.window.min(fleet.problem.steps);
        let window = window::about(fleet, length, draw);
        let size = (shape.cells / length).max(FEWEST).min(fleet.members.len());
        let mut members = BTreeSet::new();
        for n in 0..TRIES * size {
            let by_regret = if n % 2 == 0 { draw.by_weight(regrets) } else { None };
            let m = by_regret.unwrap_or_else(|| draw.below(fleet.members.len()));
            members.insert(fleet.members[m]);
            if members.len() == size {
                break;
            }
        }
        Self { members: members.into_iter().collect(), window, how: shape.how }
    }

    /// What the members may cost, and what is uncovered in the window, for the whole to be better.
    fn most(&self, draft: &Draft<'_>, best: Option<&Draft<'_>>) -> f64 {
        let objective = draft.objective();
        let won = objective - best.map_or(objective, Draft::objective);
        draft.cost_of(&self.members, self.window.clone()) - won - BETTER * objective.abs()
    }

    /// The members planned anew in the window, at prices to begin with.
    fn ascent<'a>(
        &self,
        fleet: &Fleet<'a>,
        draft: &Draft<'a>,
        prices: &Prices,
    ) -> Result<Ascent<'a>, SolverError> {
        let own = fleet.beside(draft, self.members.clone(), &self.window).within(&self.spans(draft));
        Ascent::new(own, &self.own(draft), prices.clone())
    }

    /// The members' cuts.
    fn own(&self, draft: &Draft<'_>) -> Vec<Vec<i64>> {
        self.members.iter().map(|&f| draft.cuts[f].clone()).collect()
    }

    /// What stays outside of the window.
    fn spans(&self, draft: &Draft<'_>) -> Spans {
        let all = self.members.iter().map(|&f| draft.spans(f, &self.window)).enumerate();
        all.filter(|(_, spans)| !spans.is_empty()).collect()
    }
}
