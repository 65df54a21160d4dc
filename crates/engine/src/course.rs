//! What is cut of a zone over time by the orders that stand, and would be by those of a plan.

use crate::draft::Draft;
use crate::stack;
use crate::state::{OrderRecord, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::FacilityId;
use kezek_model::order::{RestoreSlot, Segment, segment_at};
use kezek_model::units::Kw;
use std::collections::{BTreeMap, BTreeSet};

/// A limit over a facility, issued or about to be.
pub(crate) struct Standing<'a> {
    from: DateTime<Utc>,
    window_to: DateTime<Utc>,
    recalled_at: Option<DateTime<Utc>>,
    segments: &'a [Segment],
    restore: Option<&'a RestoreSlot>,
}

impl<'a> Standing<'a> {
    pub(crate) fn issued(record: &'a OrderRecord) -> Self {
        let order = &record.order;
        Self {
            from: order.window_from.max(order.issued_at),
            window_to: order.window_to,
            recalled_at: record.recalled.as_ref().map(|recall| recall.at),
            segments: &order.segments,
            restore: order.restore.as_ref(),
        }
    }

    pub(crate) fn drafted(draft: &'a Draft, now: DateTime<Utc>) -> Self {
        let (from, window_to) = (draft.window_from.max(now), draft.window_to);
        let (segments, restore) = (draft.segments.as_slice(), draft.restore.as_ref());
        Self { from, window_to, recalled_at: None, segments, restore }
    }

    pub(crate) fn recalled(self, at: DateTime<Utc>) -> Self {
        Self { recalled_at: Some(at), ..self }
    }

    fn last_instant(&self) -> DateTime<Utc> {
        self.restore.map_or(self.window_to, |slot| slot.from.max(self.window_to))
    }

    /// What it cuts at an instant in which it decides.
    fn cut_at(&self, instant: DateTime<Utc>) -> Kw {
        segment_at(self.segments, self.restore, instant).map_or(Kw::ZERO, |segment| segment.cut)
    }

    fn edges(&self) -> impl Iterator<Item = DateTime<Utc>> {
        let ends = [Some(self.from), Some(self.window_to), Some(self.last_instant()), self.recalled_at];
        let slot = self.restore.map(|slot| slot.from);
        let segments = self.segments.iter().flat_map(|segment| [segment.from, segment.to]);
        let edges: Vec<_> = ends.into_iter().flatten().chain(slot).chain(segments).collect();
        edges.into_iter().filter(|edge| *edge >= self.from)
    }
}

/// Days after its end in which an order of a facility is looked behind for older ones that still hold; the rest of its
/// years is not looked at.
const DAYS_LOOKED_BACK: i64 = 31;

/// The limits of a facility that held at an instant or later, newest first, with those among them that are over but may
/// have taken over from older ones.
pub(crate) fn standing<'a>(
    state: &'a State,
    facility: &'a FacilityId,
    since: DateTime<Utc>,
) -> Vec<&'a OrderRecord> {
    let recent = since - TimeDelta::days(DAYS_LOOKED_BACK);
    let limits = state.newest_first(facility).filter(|record| stack::moves_load(&record.order));
    let mut found: Vec<_> = limits.take_while(|record| record.order.expires >= recent).collect();
    let oldest = found.iter().rposition(|record| record.order.expires >= since);
    found.truncate(oldest.map_or(0, |place| place + 1));
    found
}

/// The first of the limits, newest first, that decides at an instant.
fn governing<'a, 'b>(newest_first: &'b [Standing<'a>], at: DateTime<Utc>) -> Option<&'b Standing<'a>> {
    let decides = |(n, standing): (usize, &'b Standing<'a>)| {
        let until = match is_taken_over(&newest_first[..n], standing.window_to, at) {
            true => standing.window_to,
            false => standing.last_instant(),
        };
        let until = standing.recalled_at.map_or(until, |recalled_at| recalled_at.min(until));
        (standing.from <= at && at < until).then_some(standing)
    };
    newest_first.iter().enumerate().find_map(decides)
}

/// As it was or will be at an instant: a newer limit that is recalled later takes over until then.
fn is_taken_over(newer: &[Standing<'_>], end: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    let stands = |newer: &&Standing<'_>| newer.recalled_at.is_none_or(|recalled_at| at < recalled_at);
    newer.iter().filter(stands).any(|newer| newer.from < end && end <= newer.window_to)
}

/// When the cut of a facility changes, and by how much.
fn changes(newest_first: &[Standing<'_>]) -> Vec<(DateTime<Utc>, i64)> {
    let edges: BTreeSet<DateTime<Utc>> = newest_first.iter().flat_map(Standing::edges).collect();
    let mut before = 0;
    let change = |at| {
        let cut = governing(newest_first, at).map_or(0, |standing| standing.cut_at(at).0);
        let by = cut - before;
        before = cut;
        (by != 0).then_some((at, by))
    };
    edges.into_iter().filter_map(change).collect()
}

/// The changes of a zone's cut, by instant and facility: as orders stand, and as they would.
#[derive(Default)]
pub(crate) struct Course<'a> {
    changes: BTreeMap<DateTime<Utc>, Vec<(&'a FacilityId, i64)>>,
}

impl<'a> Course<'a> {
    pub(crate) fn add(
        &mut self,
        facility: &'a FacilityId,
        since: DateTime<Utc>,
        newest_first: &[Standing<'_>],
    ) {
        for (at, by) in changes(newest_first).into_iter().filter(|(at, _)| *at > since) {
            self.changes.entry(at).or_default().push((facility, by));
        }
    }

    /// Net change from one instant to another, both counted, in kW.
    pub(crate) fn net(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        self.changes.range(from..=to).flat_map(|(_, moves)| moves).map(|(_, by)| by).sum()
    }

    /// Every pair of instants less than an interval apart at which something changes.
    pub(crate) fn windows(
        &self,
        interval: TimeDelta,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let later = move |from: DateTime<Utc>| self.changes.range(from..from + interval).map(|(to, _)| *to);
        self.changes.keys().flat_map(move |from| later(*from).map(move |to| (*from, to)))
    }

    /// Those that change in the direction of `sign`, most first.
    pub(crate) fn movers(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        sign: i64,
    ) -> Vec<(&'a FacilityId, i64)> {
        let mut sums: BTreeMap<&FacilityId, i64> = BTreeMap::new();
        for (facility, by) in self.changes.range(from..=to).flat_map(|(_, moves)| moves) {
            *sums.entry(*facility).or_default() += by * sign;
        }
        let mut movers: Vec<_> = sums.into_iter().filter(|(_, kw)| *kw > 0).collect();
        movers.sort_by_key(|(_, kw)| std::cmp::Reverse(*kw));
        movers
    }
}
