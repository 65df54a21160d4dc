//! Betters a draft: a few facilities are taken out, one of them is made to do otherwise, and each in turn takes its best
//! course beside the others (ruin and recreate; Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, 2000). What is a
//! little dearer is gone on from as well, ever less so (threshold accepting; Dueck and Scheuer, 1990).

use crate::course::Span;
use crate::draft::Draft;
use crate::draw::Draw;

/// Facilities that are taken out at a time.
const FEWEST: usize = 2;
const MOST: usize = 6;
/// Draws for each of them.
const DRAWS: usize = 8;
/// Intervals to either side within which cuts count as being about the same time.
const ABOUT: usize = 2;
/// By how much a draft that is gone on from may be dearer than the best at first, as a share of it.
const DEARER: f64 = 3e-4;
/// Least that a draft has to be better, as a share of its cost.
const BETTER: f64 = 1e-7;

/// The best draft of some tries; `None` where none is better.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn shake<'a>(
    draft: &Draft<'a>,
    members: &[usize],
    tries: usize,
    draw: &mut Draw,
) -> Option<Draft<'a>> {
    let (mut now, mut best, mut least) = (draft.clone(), None, draft.objective());
    for n in 0..tries {
        let out = chosen(&now, members, draw);
        let before: Vec<Vec<i64>> = out.iter().map(|&f| now.cuts[f].clone()).collect();
        recreate(&mut now, &out, draw);
        let found = now.objective();
        let dearer = DEARER * (1.0 - n as f64 / tries as f64) * least.abs();
        if !now.is_allowed() || found > least + dearer {
            out.iter().zip(before).for_each(|(&f, cuts)| now.set(f, cuts));
        } else if found < least - BETTER * least.abs() {
            least = found;
            best = Some(now.clone());
        }
    }
    best
}

/// Facilities most of which are under cut about the same time.
fn chosen(now: &Draft<'_>, members: &[usize], draw: &mut Draw) -> Vec<usize> {
    let size = FEWEST + draw.below(MOST - FEWEST + 1);
    let t = draw.below(now.problem.steps);
    let about = t.saturating_sub(ABOUT)..(t + ABOUT + 1).min(now.problem.steps);
    let mut chosen = Vec::with_capacity(size);
    for n in 0..DRAWS * size {
        let f = members[draw.below(members.len())];
        let is_near = now.cuts[f][about.clone()].iter().any(|&kw| kw > 0);
        if (is_near || n % 4 == 0) && !chosen.contains(&f) {
            chosen.push(f);
        }
        if chosen.len() == size {
            break;
        }
    }
    chosen
}

/// Takes facilities out and lets each take its best course again, the first of them a little kicked.
fn recreate(now: &mut Draft<'_>, out: &[usize], draw: &mut Draw) {
    let Some(&first) = out.first() else { return };
    let spans = kicked(&now.cuts[first], draw);
    for &f in out {
        let row = &now.problem.facilities[f];
        if !row.before.running && (0..row.room.len()).all(|t| !row.forced(t)) {
            now.set(f, vec![0; row.room.len()]);
        }
    }
    for (n, &f) in out.iter().enumerate() {
        let course = now.best_within(f, if n == 0 { &spans } else { &[] });
        course.into_iter().for_each(|course| now.set(f, course.cuts));
    }
    now.settle(out, &|| false);
}

/// Spans in which a facility does otherwise in some interval, mostly; else as it likes.
fn kicked(cuts: &[i64], draw: &mut Draw) -> Vec<Span> {
    let mut spans = vec![Span::FREE; cuts.len()];
    let under: Vec<usize> = (0..cuts.len()).filter(|&t| cuts[t] > 0).collect();
    if !under.is_empty() && draw.below(4) > 0 {
        let t = under[draw.below(under.len())];
        spans[t].most = if draw.below(2) == 0 { 0 } else { cuts[t] - 1 };
    } else if draw.below(2) == 0 {
        spans[draw.below(cuts.len())].least = 1;
    }
    spans
}
