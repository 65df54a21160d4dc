//! The plans that the pretend planner makes: whole quarters, one window, every facility in one draft.

use super::chances::{Nature, RestoreLimits};
use crate::draw::Draw;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use kezek_engine::bounds::{Bounds, Move, ZoneBounds};
use kezek_engine::{CheckSummary, Draft, PlanSummary, Proposed};
use kezek_model::canonical::sha256_hex;
use kezek_model::order::{Notice, Priority, RestoreSlot, Segment};
use kezek_model::units::Kw;

/// Length of a plan interval, in minutes.
const STEP_MINUTES: u32 = 15;

/// What is asked of the planner.
pub(super) struct Wish {
    pub(super) digest: String,
    pub(super) author: &'static str,
    pub(super) parent: Option<String>,
    pub(super) priority: Priority,
    pub(super) passes: bool,
    pub(super) restore_limits: Option<RestoreLimits>,
}

/// A digest that no other plan of this run has.
pub(super) fn digest(seed: u64, number: usize) -> String {
    sha256_hex(format!("{seed}/{number}").as_bytes())
}

/// What the check says of a plan.
pub(super) fn check(plan_digest: &str, passed: bool) -> CheckSummary {
    let findings = if passed { Vec::new() } else { vec!["the plan cuts below a floor".to_owned()] };
    CheckSummary { plan_digest: plan_digest.to_owned(), passed, findings }
}

fn steps(count: i64) -> TimeDelta {
    TimeDelta::minutes(i64::from(STEP_MINUTES) * count)
}

/// A plan for a window that begins within the hour.
pub(super) fn propose(natures: &[Nature], wish: Wish, now: DateTime<Utc>, draw: &mut Draw) -> Proposed {
    let lead = if wish.priority == Priority::Emergency { 0 } else { draw.whole(4, 40) };
    let soon = now + TimeDelta::minutes(lead);
    let from = soon.duration_trunc(steps(1)).unwrap_or(soon) + steps(1);
    let window = (from, from + steps(draw.whole(3, 6)));
    let ack_minutes = u32::try_from(draw.whole(3, 15)).unwrap_or(10);
    let drafts = natures.iter().map(|nature| {
        let segments = segments(nature, window, draw);
        let restore = slot(&segments, window, draw);
        Draft { segments, restore, priority: wish.priority, ack_minutes, ..free(nature, window) }
    });
    let drafts: Vec<Draft> = drafts.collect();
    let bounds = wish.restore_limits.map(|limits| bounds(limits, window, draw));
    Proposed {
        drafts,
        check: check(&wish.digest, wish.passes),
        plan_digest: wish.digest,
        parent: wish.parent,
        case_digest: "c".repeat(64),
        author: wish.author.to_owned(),
        summary: PlanSummary::default(),
        bounds,
    }
}

/// What the zones bear, now and then with a nomination that changes, or a load that returns in one.
fn bounds(limits: RestoreLimits, (from, to): (DateTime<Utc>, DateTime<Utc>), draw: &mut Draw) -> Bounds {
    let mut part = |percent| Kw(if draw.chance(percent) { draw.whole(1, 10) * 1_000 } else { 0 });
    let mut moves = || {
        let (fall, rise, block) = (part(20), part(20), part(10));
        let one = Move { at: to, fall, rise: Kw::ZERO, block };
        let other = Move { at: from, fall: Kw::ZERO, rise, block: Kw::ZERO };
        [other, one].into_iter().filter(|moved| moved.fall + moved.rise + moved.block > Kw::ZERO).collect()
    };
    let zones =
        limits.into_iter().map(|(zone, restore_limit)| ZoneBounds { zone, restore_limit, moves: moves() });
    Bounds { interval_minutes: STEP_MINUTES, zones: zones.collect() }
}

/// The draft of a facility that is not cut.
fn free(nature: &Nature, (window_from, window_to): (DateTime<Utc>, DateTime<Utc>)) -> Draft {
    Draft {
        facility: nature.id.clone(),
        zone: nature.zone.clone(),
        protected: nature.is_protected,
        day: window_from.date_naive(),
        time_zone: chrono_tz::Asia::Almaty,
        window_from,
        window_to,
        segments: Vec::new(),
        floor: nature.floor,
        ramp_up: None,
        restore: None,
        depth_base: "nominated".into(),
        notice: Notice::default(),
        priority: Priority::Normal,
        ack_minutes: 10,
    }
}

/// One or two limits, the second lower or higher, perhaps with a gap between.
fn segments(nature: &Nature, (from, to): (DateTime<Utc>, DateTime<Utc>), draw: &mut Draw) -> Vec<Segment> {
    if nature.is_protected || draw.chance(25) {
        return Vec::new();
    }
    let mut limit = |from, to| {
        let limit = Kw(draw.whole(nature.floor.0, nature.nominated.0));
        Segment { from, to, limit, cut: Kw(nature.nominated.0 - limit.0) }
    };
    let first = limit(from, from + steps(1));
    let second = limit(from + steps(2), to);
    match draw.below(3) {
        0 => vec![first],
        1 => vec![Segment { to, ..first }],
        _ => vec![first, second],
    }
}

/// Load returns after the last limit; where that ends with the window, perhaps some intervals later.
fn slot(
    segments: &[Segment],
    window: (DateTime<Utc>, DateTime<Utc>),
    draw: &mut Draw,
) -> Option<RestoreSlot> {
    let last = segments.last()?;
    let later = if last.to == window.1 { draw.whole(0, 2) } else { 0 };
    Some(RestoreSlot { from: last.to + steps(later), to: last.limit + last.cut })
}
