//! Betters a draft: a part of it, a few facilities in a part of the horizon, is planned anew, all else staying.

use super::ascent::Ascent;
use super::dive::dive;
use super::fleet::{Fleet, Spans};
use super::prices::Prices;
use super::tree::{Seen, Tree};
use super::window;
use crate::course::{Span, toil_of};
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
    /// What is decided of their cuts.
    spans: Spans,
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
/// Share of a blend by which it differs from a draft.
const DIFFERENT: f64 = 0.1;
/// Draws for each place of a part.
const TRIES: usize = 20;

/// A better draft, if any was found, and what it took, in facility-intervals asked.
pub(crate) type Tried<'a> = (Option<Draft<'a>>, u64);

/// The best draft that was found in which only a part is planned anew.
pub(crate) fn plan_anew<'a>(
    fleet: &Fleet<'a>,
    draft: &Draft<'a>,
    part: &Part,
    prices: &Prices,
    is_over: &dyn Fn() -> bool,
) -> Result<Tried<'a>, SolverError> {
    let mut ascent = part.ascent(fleet, draft, prices)?;
    match part.how {
        How::Grow => grown(Tree::new(ascent, part.spans.clone(), part.own(draft)), draft, part, is_over),
        How::Dive => Ok((dived(&mut ascent, draft, part, is_over)?, ascent.toil())),
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
        let part = Part::new(&draft, fleet.members.clone(), window, How::Dive);
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
) -> Result<Tried<'a>, SolverError> {
    let (mut best, mut settling): Tried<'a> = (None, 0);
    for _ in (0..KNOTS).take_while(|_| !is_over()) {
        let seen = tree.grow(part.most(draft, best.as_ref()))?;
        let cuts = match seen {
            None => break,
            Some(Seen::Nothing) => continue,
            Some(Seen::Near(cuts) | Seen::Whole(cuts)) => cuts,
        };
        let (found, toil) = toil_of(|| draft.with_within(&part.members, cuts, &part.window, &|| false));
        settling += toil;
        let least = best.as_ref().unwrap_or(draft).objective();
        if found.is_allowed() && found.objective() < least {
            best = Some(found);
        }
    }
    Ok((best, settling + tree.toil()))
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
    pub(crate) fn drawn(
        fleet: &Fleet<'_>,
        draft: &Draft<'_>,
        regrets: &[f64],
        shape: Shape,
        draw: &mut Draw,
    ) -> Self {
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
        Self::new(draft, members.into_iter().collect(), window, shape.how)
    }

    /// Where a blend, of which shares are under cut, and a draft are not of one mind; `None` where few members are part of it.
    /// (*Relaxation induced neighbourhoods*; Danna, Rothberg and Le Pape, 2005.)
    pub(crate) fn between(fleet: &Fleet<'_>, draft: &Draft<'_>, shares: &[Vec<f64>]) -> Option<Self> {
        let (mut members, mut spans) = (Vec::new(), Spans::new());
        for (&f, shares) in fleet.members.iter().zip(shares) {
            let differs: Vec<bool> = shares.iter().zip(&draft.cuts[f]).map(of_two_minds).collect();
            if differs.contains(&true) {
                spans.insert(members.len(), spans_about(&differs, &draft.cuts[f]));
                members.push(f);
            }
        }
        let window = 0..fleet.problem.steps;
        (members.len() >= FEWEST).then_some(Self { members, window, spans, how: How::Grow })
    }

    /// Some facilities, free in a window.
    fn new(draft: &Draft<'_>, members: Vec<usize>, window: Range<usize>, how: How) -> Self {
        let all = members.iter().map(|&f| draft.spans(f, &window)).enumerate();
        let spans = all.filter(|(_, spans)| !spans.is_empty()).collect();
        Self { members, window, spans, how }
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
        let own = fleet.beside(draft, self.members.clone(), &self.window).within(&self.spans);
        Ascent::new(own, &self.own(draft), prices.clone())
    }

    /// The members' cuts.
    fn own(&self, draft: &Draft<'_>) -> Vec<Vec<i64>> {
        self.members.iter().map(|&f| draft.cuts[f].clone()).collect()
    }
}

/// Whether a blend, a share of which is under cut, and a draft's cut differ.
fn of_two_minds((share, &kw): (&f64, &i64)) -> bool {
    if kw > 0 { *share < 1.0 - DIFFERENT } else { *share > DIFFERENT }
}

/// Free where something differs, and beside it; elsewhere there is a cut where the draft has one.
fn spans_about(differs: &[bool], cuts: &[i64]) -> Vec<Span> {
    let is_near = |t: usize| differs[t.saturating_sub(1)..(t + 2).min(differs.len())].contains(&true);
    let span = |(t, &kw): (usize, &i64)| match kw {
        _ if is_near(t) => Span::FREE,
        0 => Span { most: 0, ..Span::FREE },
        _ => Span { least: 1, ..Span::FREE },
    };
    cuts.iter().enumerate().map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decomposition::tests::STEPS;
    use crate::fallback::fallback;
    use crate::testing::{alone, row};

    #[test]
    fn what_draft_and_blend_agree_on_stays_but_for_the_intervals_beside() {
        let differs = [true, false, false, false, false];
        let (cut, uncut) = (Span { least: 1, ..Span::FREE }, Span { most: 0, ..Span::FREE });
        assert_eq!(spans_about(&differs, &[0, 0, 7, 7, 0]), [Span::FREE, Span::FREE, cut, cut, uncut]);
    }

    #[test]
    fn only_facilities_of_two_minds_are_part_of_it() {
        let mut problem = alone(row(STEPS, 1_000), 0.0);
        problem.facilities = vec![row(STEPS, 1_000); FEWEST + 1];
        problem.zones[0].facilities = (0..=FEWEST).collect();
        let fleet = Fleet::whole(&problem);
        let draft = fallback(&problem, &|| true);
        let shares = |undecided: usize| -> Vec<Vec<f64>> {
            (0..=FEWEST).map(|m| vec![if m < undecided { 0.5 } else { 0.0 }; STEPS]).collect()
        };
        assert!(draft.cuts.iter().flatten().all(|&kw| kw == 0));
        assert_eq!(Part::between(&fleet, &draft, &shares(FEWEST)).unwrap().members, [0, 1, 2, 3]);
        assert!(Part::between(&fleet, &draft, &shares(FEWEST - 1)).is_none());
    }
}
