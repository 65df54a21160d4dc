//! Steps in what is left, and how large the steps of noise are.

use super::fit::Fitted;
use crate::draw::Draw;

/// What is left of the quarters of a day, or the step in each, MW.
pub(super) type Quarters = [f64; 4];

/// Days at either end in which no step is sought.
pub(super) const MARGIN: usize = 21;
/// Of the mean step each quarter of the day must show so much.
const LEAST_SHARE: f64 = 0.5;
/// A step that is told by less than so many days' worth is not sought.
const LEAST_ROOM: f64 = 1.0;
/// Days that are drawn together, so that weather that lasts stays together.
pub(super) const BLOCK: usize = 7;

/// A step up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// The first day of it.
    pub(super) at: usize,
    /// How far it stands out: its size times the square root of the days that tell it.
    pub(super) height: f64,
    /// What the regression with this step gives for it in each quarter.
    pub(super) sizes: Quarters,
}

impl Step {
    /// The mean of the quarters.
    pub(super) fn size(&self) -> f64 {
        self.sizes.iter().sum::<f64>() / 4.0
    }

    fn is_flat(&self) -> bool {
        self.size() > 0.0 && self.sizes.iter().all(|size| *size >= LEAST_SHARE * self.size())
    }
}

/// What noise does.
pub(super) struct Scale {
    /// How far the greatest flat step of each draw stands out.
    pub(super) heights: Vec<f64>,
    /// Nine of ten draws show no larger step on the day of the lead, up or down, MW.
    pub(super) spread: f64,
}

/// Where a step may be sought, with the room that the design of each quarter leaves it.
pub(super) struct Field<'a> {
    fitted: &'a [Fitted; 4],
    rooms: [Vec<f64>; 4],
    known: &'a [usize],
}

impl<'a> Field<'a> {
    pub(super) fn of(fitted: &'a [Fitted; 4], known: &'a [usize]) -> Self {
        let rooms = [0, 1, 2, 3].map(|quarter: usize| fitted[quarter].room());
        Self { fitted, rooms, known }
    }

    /// A step of every day that may have one.
    fn steps(&self, left: &[Vec<f64>; 4]) -> impl Iterator<Item = Step> {
        let sums = [0, 1, 2, 3].map(|quarter: usize| self.fitted[quarter].along(&left[quarter]));
        let days = left[0].len();
        let may = move |at: &usize| {
            let is_far = self.known.iter().all(|step| at.abs_diff(*step) >= MARGIN);
            // Where a known step or the season tells nearly all of it, nothing can be said.
            is_far && at + MARGIN <= days && self.rooms.iter().all(|room| room[*at] >= LEAST_ROOM)
        };
        (MARGIN..days).filter(may).map(move |at| {
            let sizes = [0, 1, 2, 3].map(|quarter: usize| sums[quarter][at] / self.rooms[quarter][at]);
            let room = self.rooms.iter().map(|room| room[at]).sum::<f64>() / 4.0;
            let mut step = Step { at, height: 0.0, sizes };
            step.height = step.size() * room.sqrt();
            step
        })
    }

    /// The flat step that stands out most.
    pub(super) fn best(&self, left: &[Vec<f64>; 4]) -> Option<Step> {
        let flat = self.steps(left).filter(Step::is_flat);
        flat.max_by(|one, other| one.height.total_cmp(&other.height).then(other.at.cmp(&one.at)))
    }

    /// The step of one day.
    fn at(&self, left: &[Vec<f64>; 4], at: usize) -> Option<Step> {
        self.steps(left).find(|step| step.at == at)
    }
}

/// What is left of each quarter.
pub(super) fn left(fitted: &[Fitted; 4]) -> [Vec<f64>; 4] {
    [0, 1, 2, 3].map(|quarter: usize| fitted[quarter].left.clone())
}

/// Draws blocks of noise anew, fits them as the days were fitted, and seeks in them as in the days.
pub(super) fn scale(
    field: &Field<'_>,
    noise: &[Vec<f64>; 4],
    at: usize,
    draws: u32,
    draw: &mut Draw,
) -> Scale {
    let (mut heights, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..draws {
        let left = drawn(field, noise, draw);
        heights.push(field.best(&left).map_or(0.0, |step| step.height));
        sizes.extend(field.at(&left, at).map(|step| step.size().abs()));
    }
    sizes.sort_unstable_by(f64::total_cmp);
    Scale { heights, spread: sizes.get(sizes.len() * 9 / 10).copied().unwrap_or_default() }
}

/// Blocks of days, the same for all quarters.
fn drawn(field: &Field<'_>, noise: &[Vec<f64>; 4], draw: &mut Draw) -> [Vec<f64>; 4] {
    let days = noise[0].len();
    let from: Vec<usize> =
        (0..days.div_ceil(BLOCK)).map(|_| draw.below((days - BLOCK + 1) as u64) as usize).collect();
    [0, 1, 2, 3].map(|quarter: usize| {
        let blocks = from.iter().flat_map(|from| &noise[quarter][*from..from + BLOCK]);
        let mut drawn: Vec<f64> = blocks.take(days).copied().collect();
        field.fitted[quarter].fit(&mut drawn);
        drawn
    })
}
