//! What raises the bound beside the ways to better drafts: a tree of the whole, or covers where it is too large for one.

use super::dive::dive;
use super::lift::Lift;
use super::mixture::mixture;
use super::tree::{Seen, Tree};
use crate::solver::SolverError;

/// Work on the bound, under way.
pub(crate) enum Aside<'a> {
    Tree(Box<Tree<'a>>),
    Lift(Box<Lift<'a>>),
    /// There is no more.
    Nothing,
}

/// Cuts of all members.
type Cuts = Vec<Vec<i64>>;

/// What goes on beside, counted and not timed, so that a search finds the same whatever the machine.
#[derive(Clone, Copy)]
pub(crate) struct Beside {
    /// Whether parts are planned anew.
    pub(crate) is_planned: bool,
    /// What that takes, or mending, in facility-intervals asked.
    pub(crate) toil: u64,
}

/// Of so many knots, one has its blend made a draft.
const DRAFTED: usize = 8;
/// Steps of a lift while drafts are mended, and while parts are planned anew.
const STEPS: [usize; 2] = [1, 4];

impl Aside<'_> {
    /// Works on for as much as goes on beside, a lift for some steps, the best plan costing `most`; cuts found on the way.
    pub(crate) fn go_on(
        &mut self,
        most: f64,
        beside: Beside,
        is_over: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Cuts>, SolverError> {
        match self {
            Self::Tree(tree) => grow(tree, most, beside.toil, is_over),
            Self::Nothing => Ok(Vec::new()),
            Self::Lift(lift) => {
                for _ in (0..STEPS[usize::from(beside.is_planned)]).take_while(|_| !is_over()) {
                    if !lift.step(most)? {
                        let found = last(lift, is_over);
                        *self = Self::Nothing;
                        return found;
                    }
                }
                Ok(Vec::new())
            }
        }
    }

    /// No plan costs less.
    pub(crate) fn bound(&self) -> f64 {
        match self {
            Self::Tree(tree) => tree.bound(),
            Self::Lift(lift) => lift.ascent.bound,
            Self::Nothing => f64::NEG_INFINITY,
        }
    }

    /// The shares under cut of the blend looked at last, by member and interval; of a tree only.
    pub(crate) fn shares(&self) -> Option<Vec<Vec<f64>>> {
        if let Self::Tree(tree) = self { Some(tree.shares()) } else { None }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

/// What the blend with all covers comes to.
fn last(lift: &mut Lift<'_>, is_over: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Cuts>, SolverError> {
    let mut found = vec![mixture(&lift.ascent.master, &lift.ascent.blend)];
    if lift.ascent.has_groups() {
        found.push(dive(&mut lift.ascent, is_over)?);
    }
    Ok(found)
}

/// Looks at a knot of a tree, and at more of them for some toil, for what costs less than `most`; cuts near it.
fn grow(
    tree: &mut Tree<'_>,
    most: f64,
    toil: u64,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Cuts>, SolverError> {
    let (mut found, mut seen, enough) = (Vec::new(), 0, tree.toil() + toil);
    while !is_over() && (seen == 0 || tree.toil() < enough) {
        match tree.grow(most)? {
            None => break,
            Some(Seen::Near(cuts)) if seen % DRAFTED == 0 => found.push(cuts),
            Some(Seen::Whole(cuts)) => found.push(cuts),
            Some(Seen::Near(_) | Seen::Nothing) => {}
        }
        seen += 1;
    }
    Ok(found)
}
