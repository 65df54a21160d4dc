//! A lower bound of the cheapest course within a limit of energy: the best surcharge on energy proves it.
//!
//! `min cost(course) + surcharge * (course.energy() - most)` is a lower bound at any surcharge of at least 0. It is concave
//! in the surcharge, a course a line: from a course above the limit and one within it the next surcharge is where their
//! lines meet, until no course lies below that point.

use super::{Course, Lane, Tariff};

/// Surcharges that are tried.
const TRIES: usize = 6;
/// What a course has to lie below the point to count, as a share of it.
const NEAR: f64 = 1e-7;

/// A lower bound of what courses within the limit cost, from one above the limit and one within it.
#[allow(clippy::cast_precision_loss)]
pub(super) fn bound(
    lane: &Lane<'_>,
    tariff: &Tariff<'_>,
    most: i64,
    [free, within]: [&Course; 2],
) -> Option<f64> {
    let over = |course: &Course| (course.energy() - most) as f64;
    let mut bound = free.cost;
    // A course that is just within the limit would leave no surcharge to try.
    let (mut above, mut below) = ((free.cost, over(free)), (within.cost, over(within).min(-1.0)));
    for _ in 0..TRIES {
        let surcharge = (below.0 - above.0) / (above.1 - below.1);
        let point = above.0 + surcharge * above.1;
        let (course, own) = at(lane, tariff, surcharge)?;
        let value = own + surcharge * over(&course);
        bound = bound.max(value);
        if value >= point - NEAR * (1.0 + point.abs()) {
            break;
        }
        let line = (own, over(&course));
        if line.1 > 0.0 { above = line } else { below = (own, line.1.min(-1.0)) }
    }
    Some(bound)
}

/// The cheapest course at a surcharge per kW, and what it costs without.
#[allow(clippy::cast_precision_loss)]
fn at(lane: &Lane<'_>, tariff: &Tariff<'_>, surcharge: f64) -> Option<(Course, f64)> {
    let cost = |t: usize, kw: i64| (tariff.cost)(t, kw) + surcharge * kw as f64;
    let course = lane.cheapest(&Tariff { cost: &cost, ..*tariff })?;
    let own = course.cost - surcharge * course.energy() as f64;
    Some((course, own))
}
