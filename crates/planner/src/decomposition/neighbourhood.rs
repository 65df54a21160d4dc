//! Betters a draft: a part of it, a few facilities in a part of the horizon, is planned anew, all else staying.

use super::ascent::Ascent;
use super::dive::dive;
use super::fleet::{Fleet, Spans};
use super::prices::Prices;
use super::tree::{Seen, Tree};
use crate::course::Span;
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
) -> Result<Option<Draft<'a>>, SolverError> {
    let spans = part.spans(draft);
    let own = fleet.beside(draft, part.members.clone(), &part.window).within(&spans);
    let first: Vec<Vec<i64>> = part.members.iter().map(|&f| draft.cuts[f].clone()).collect();
    let ascent = Ascent::new(own, &first, prices.clone())?;
    match part.how {
        How::Grow => grown(Tree::new(ascent, spans, first), draft, part),
        How::Dive => dived(ascent, draft, part),
    }
}

/// The best draft near the first knots of a tree.
fn grown<'a>(mut tree: Tree<'a>, draft: &Draft<'a>, part: &Part) -> Result<Option<Draft<'a>>, SolverError> {
    let mut best: Option<Draft<'a>> = None;
    for _ in 0..KNOTS {
        let seen = tree.grow(part.most(draft, best.as_ref()))?;
        let cuts = match seen {
            None => break,
            Some(Seen::Nothing) => continue,
            Some(Seen::Near(cuts) | Seen::Whole(cuts)) => cuts,
        };
        let found = draft.with(&part.members, cuts, &|| false);
        let least = best.as_ref().unwrap_or(draft).objective();
        if found.is_allowed() && found.objective() < least {
            best = Some(found);
        }
    }
    Ok(best)
}

/// The draft from a dive.
fn dived<'a>(
    mut ascent: Ascent<'a>,
    draft: &Draft<'a>,
    part: &Part,
) -> Result<Option<Draft<'a>>, SolverError> {
    let most = part.most(draft, None);
    for _ in 0..ROUNDS {
        if ascent.bound >= most {
            return Ok(None);
        }
        if ascent.gap() < NEAR || !ascent.step()? {
            break;
        }
    }
    let cuts = dive(&mut ascent, &|| false)?;
    Ok(Some(draft.with(&part.members, cuts, &|| false)))
}

impl Part {
    /// A part of some shape: facilities whose courses waste most at the prices, more often, and any; about an interval that
    /// is short.
    pub(crate) fn drawn(fleet: &Fleet<'_>, regrets: &[f64], shape: Shape, draw: &mut Draw) -> Self {
        let steps = fleet.problem.steps;
        let length = shape.window.min(steps);
        let short: Vec<usize> =
            (0..steps).filter(|&t| fleet.rows.short.iter().any(|short| short[t] > 0.0)).collect();
        let middle = if short.is_empty() { 0 } else { short[draw.below(short.len())] };
        let from = middle.saturating_sub(length / 2).min(steps - length);
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
        Self { members: members.into_iter().collect(), window: from..from + length, how: shape.how }
    }

    /// What the members may cost, and what is uncovered in the window, for the whole to be better.
    fn most(&self, draft: &Draft<'_>, best: Option<&Draft<'_>>) -> f64 {
        let objective = draft.objective();
        let won = objective - best.map_or(objective, Draft::objective);
        draft.cost_of(&self.members, self.window.clone()) - won - BETTER * objective.abs()
    }

    /// What stays outside of the window.
    fn spans(&self, draft: &Draft<'_>) -> Spans {
        if self.window == (0..draft.problem.steps) {
            return Spans::new();
        }
        let span = |(t, &kw): (usize, &i64)| {
            if self.window.contains(&t) { Span::FREE } else { Span { least: kw, most: kw } }
        };
        let own = |&f: &usize| draft.cuts[f].iter().enumerate().map(span).collect();
        self.members.iter().map(own).enumerate().collect()
    }
}
