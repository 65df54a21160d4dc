//! Which words a change of what holds is worth.

use crate::holdings::{Holding, Target, is_in_force};
use crate::memory::Memory;
use chrono::{DateTime, Utc};
use kezek_model::receipt::{Act, Report};

/// A change that the driver has carried out.
pub(crate) struct Change<'a> {
    pub(crate) before: &'a Target,
    pub(crate) after: &'a Target,
    pub(crate) due_at: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
}

/// `Limited` for the order that decides now, also where it lets the load free between its limits; `Restored` for an
/// order whose last limit has ended by its own words, with what holds after it.
pub(crate) fn reports_on(memory: &Memory, change: &Change) -> Vec<Report> {
    let find = |target: &Target| target.order_no.as_ref().and_then(|number| memory.holding(number));
    let (before, after) = (find(change.before), find(change.after));
    let lifted = before.filter(|holding| change.before.limit.is_some() && has_ended(memory, holding, change));
    let same = lifted.is_some() && change.before.order_no == change.after.order_no;
    let restored = lifted.map(|holding| report(holding, Act::Restored, change));
    let limited = after.filter(|_| !same).map(|holding| report(holding, Act::Limited, change));
    restored.into_iter().chain(limited).collect()
}

fn has_ended(memory: &Memory, holding: &Holding, change: &Change) -> bool {
    let last = holding.order.segments.last();
    let slot = holding.order.restore.as_ref().map(|slot| slot.from);
    let end = last.map(|last| slot.map_or(last.to, |slot| slot.max(last.to)));
    end.is_some_and(|end| end <= change.at) || !is_in_force(&memory.holdings, holding, change.at)
}

/// The driver failed: what held before holds.
pub(crate) fn failure(
    memory: &Memory,
    wanted: &Target,
    due_at: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Option<Report> {
    let number = wanted.order_no.as_ref().or(memory.applied.order_no.as_ref())?;
    let change = Change { before: wanted, after: &memory.applied, due_at, at };
    Some(report(memory.holding(number)?, Act::Failed, &change))
}

fn report(holding: &Holding, act: Act, change: &Change) -> Report {
    let order = &holding.order;
    Report {
        order_no: order.order_no.clone(),
        sequence: order.sequence,
        environment: order.environment.clone(),
        facility: order.facility.clone(),
        act,
        limit: change.after.limit,
        due_at: change.due_at,
        at: change.at,
    }
}
