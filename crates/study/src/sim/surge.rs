//! The deliberate faults that only several orders together make: each is in itself as it may be.

use super::run::World;
use super::sabotage::Sabotage;
use chrono::{DateTime, Utc};
use kezek_engine::State;
use kezek_engine::bounds::ZoneBounds;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::order::{Order, OrderKind, Priority, RestoreSlot, Segment};
use kezek_model::units::Kw;
use std::collections::BTreeSet;

impl World<'_> {
    /// The order with the fault. It has struck as soon as what has left is more together than the zone bears.
    pub(super) fn surging(&mut self, order: Order) -> Order {
        let returns = self.settings.sabotage == Some(Sabotage::ReturnsAtOnce);
        if order.kind == OrderKind::Recall
            || order.priority == Priority::Drill
            || order.segments.is_empty()
            || self.look(|state| stands_first(state, &order)) != Some(true)
        {
            return order;
        }
        let changed = if returns { returning(order) } else { cutting(order) };
        self.surged.insert(changed.order_no.clone(), changed.clone());
        self.struck += u32::from(self.is_above(&changed, returns) == Some(true));
        changed
    }

    /// Whether the changed orders of this plan are above the limit of their zone at the instant that they share.
    fn is_above(&self, order: &Order, returns: bool) -> Option<bool> {
        let nature =
            |id: &FacilityId| self.facilities.iter().map(|one| &one.nature).find(|one| one.id == *id);
        let zone = &nature(&order.facility)?.zone;
        let at = if returns { order.window_to } else { order.window_from };
        let mates = self.surged.values().filter(|other| other.plan_digest == order.plan_digest);
        let mates: Vec<&Order> =
            mates.filter(|other| nature(&other.facility).is_some_and(|one| one.zone == *zone)).collect();
        let moved: i64 = mates.iter().filter_map(|mate| moved_at(mate, at, returns)).map(|cut| cut.0).sum();
        let most = self.look(|state| most(state, &order.plan_digest, zone, at, returns)).flatten()?;
        let rounding = i64::try_from(mates.len()).unwrap_or(i64::MAX);
        Some(moved > most.0 + rounding)
    }
}

/// No other plan's order can reach into this one, and it was issued before its window.
fn stands_first(state: &State, order: &Order) -> bool {
    let others = state.records().map(|record| &record.order);
    let mut reaching = others.filter(|other| {
        other.plan_digest != order.plan_digest
            && other.priority != Priority::Drill
            && other.issued_at <= order.issued_at
            && order.issued_at - chrono::TimeDelta::hours(1) < other.expires
    });
    order.issued_at < order.window_from && reaching.next().is_none()
}

fn returning(order: Order) -> Order {
    let restore = order.restore.clone().map(|slot| RestoreSlot { from: order.window_to, ..slot });
    Order { restore, ..order }
}

fn cutting(order: Order) -> Order {
    let (from, to) = (order.window_from, order.window_to);
    let deepest = |segment: &Segment| segment.limit + segment.cut - order.floor;
    let cut = order.segments.iter().map(deepest).max().unwrap_or(Kw::ZERO);
    let segments = vec![Segment { from, to, limit: order.floor, cut }];
    let restore = order.restore.clone().map(|slot| RestoreSlot { from: slot.from.max(to), ..slot });
    Order { segments, restore, ..order }
}

/// What returns with the last limit, or is cut by the first.
fn moved_at(order: &Order, at: DateTime<Utc>, returns: bool) -> Option<Kw> {
    match returns {
        true => order.segments.last().filter(|last| last.to <= at),
        false => order.segments.first().filter(|first| first.from == at),
    }
    .map(|segment| segment.cut)
}

/// What the zone bears at an instant under every plan that was ever issued; none for any.
fn most(state: &State, digest: &str, zone: &ZoneId, at: DateTime<Utc>, returns: bool) -> Option<Kw> {
    let digests: BTreeSet<&str> =
        state.records().map(|record| record.order.plan_digest.as_str()).chain([digest]).collect();
    let proposals = kezek_engine::query::proposals(state, at);
    let shed_limits = state.config().shed_limits.clone();
    let bears = |zone: &ZoneBounds| {
        let moves = || zone.moves.iter().filter(|moved| moved.at == at);
        match returns {
            true => Some(zone.restore_limit? + moves().map(|moved| moved.fall + moved.block).sum()),
            false => Some(*shed_limits.get(&zone.zone)? + moves().map(|moved| moved.rise).sum()),
        }
    };
    let plans = proposals
        .iter()
        .filter(|view| digests.contains(view.proposal.proposed.plan_digest.as_str()))
        .filter_map(|view| view.proposal.proposed.bounds.as_ref());
    let each: Vec<Option<Kw>> =
        plans.filter_map(|bounds| bounds.zones.iter().find(|bound| bound.zone == *zone)).map(bears).collect();
    each.into_iter().collect::<Option<Vec<Kw>>>()?.into_iter().max()
}
