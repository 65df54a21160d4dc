//! Voluntary cuts: a facility says before it begins that it will draw less. It is remembered, shown and, where the meter
//! bears it out, credited; it is never an order, and nothing is restored when it ends.
//!
//! Credited is the energy of trusted readings at or below what was declared, tolerance included, in time that no order
//! limits: what was ordered is no gift.

use crate::event::Effects;
use crate::refusal::Refusal;
use crate::stack;
use crate::state::{State, Volunteered};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::receipt::{Quality, Reading, Voluntary};
use kezek_model::units::Kw;
use serde::Serialize;
use std::cmp::Reverse;

/// Declarations kept per facility.
const MOST: usize = 1_000;
/// Longest voluntary cut, in days.
const MOST_DAYS: i64 = 31;

/// A voluntary cut, and what the meter says of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VoluntaryView<'a> {
    /// What was declared, and when.
    pub volunteered: &'a Volunteered,
    /// Where the facility stands, as the newest plan has it.
    pub zone: Option<&'a ZoneId>,
    /// Energy that counts as cut, in kWh.
    pub credited_kwh: i64,
    /// Minutes whose readings are at or below what was declared.
    pub kept_minutes: i64,
    /// Minutes whose readings are above.
    pub missed_minutes: i64,
}

/// All voluntary cuts with what the meters say of them, by facility, then time.
#[must_use]
pub fn voluntary(state: &State) -> Vec<VoluntaryView<'_>> {
    state.volunteered.values().flatten().map(|volunteered| view(state, volunteered)).collect()
}

fn view<'a>(state: &'a State, volunteered: &'a Volunteered) -> VoluntaryView<'a> {
    let declared = &volunteered.declared;
    let most = declared.limit + state.config.tolerance.above(declared.limit);
    let (mut credited_kwh, mut kept_minutes, mut missed_minutes) = (0, 0, 0);
    let mut cursor = declared.from;
    for reading in trusted(state, declared) {
        let is_ordered = stack::governing(state, &declared.facility, reading.interval_start)
            .is_some_and(|order| order.limit_at(reading.interval_start).is_some());
        if reading.interval_start < cursor || is_ordered {
            continue;
        }
        cursor = reading.interval_end;
        let minutes = (reading.interval_end - reading.interval_start).num_minutes();
        if reading.mean <= most {
            kept_minutes += minutes;
            credited_kwh += declared.cut.0.saturating_mul(minutes) / 60;
        } else {
            missed_minutes += minutes;
        }
    }
    VoluntaryView {
        volunteered,
        zone: zone(state, &declared.facility),
        credited_kwh,
        kept_minutes,
        missed_minutes,
    }
}

/// The trusted readings wholly within the declared time; of the same interval the highest first.
fn trusted<'a>(state: &'a State, declared: &Voluntary) -> Vec<&'a Reading> {
    let known = state.readings(&declared.facility, declared.from, declared.to);
    let mut readings: Vec<&Reading> = known
        .filter(|reading| reading.quality == Quality::Ok && reading.interval_end <= declared.to)
        .collect();
    readings.sort_by_key(|reading| (reading.interval_start, Reverse(reading.mean), reading.interval_end));
    readings
}

fn zone<'a>(state: &'a State, facility: &FacilityId) -> Option<&'a ZoneId> {
    let newest = state.proposals.values().filter(|proposal| proposal.issued_at.is_some());
    let newest = newest.max_by_key(|proposal| proposal.issued_at)?;
    let draft = newest.proposed.drafts.iter().find(|draft| draft.facility == *facility)?;
    Some(&draft.zone)
}

/// Declared before it begins, for a plausible time, once, and not twice for the same time.
pub(crate) fn permit(state: &State, declared: &Voluntary, now: DateTime<Utc>) -> Result<(), Refusal> {
    let facility = &declared.facility;
    if !state.enrolments.contains_key(facility) {
        return Err(Refusal::UnknownFacility(facility.clone()));
    }
    Refusal::unless_equal("the environment", &declared.environment, state.environment().unwrap_or_default())?;
    let known = state.volunteered.get(facility).map_or(&[][..], Vec::as_slice);
    if known.iter().any(|kept| kept.declared == *declared) {
        return Err(Refusal::Duplicate(format!("this voluntary cut of {facility}")));
    }
    let (from, to) = (declared.from, declared.to);
    if now > from {
        return Err(Refusal::TooLate { what: "declaring this voluntary cut", until: from });
    }
    let plausible = from < to
        && to - from <= TimeDelta::days(MOST_DAYS)
        && declared.cut > Kw::ZERO
        && declared.limit >= Kw::ZERO;
    let overlaps = known.iter().any(|kept| kept.declared.from < to && from < kept.declared.to);
    match () {
        () if !plausible => Err(Refusal::Implausible(format!(
            "a voluntary cut of {facility} from {from} to {to}: expected up to {MOST_DAYS} days, a cut above zero"
        ))),
        () if overlaps => {
            Err(Refusal::Implausible(format!("{facility} has declared a part of {from} to {to} already")))
        }
        () if known.len() >= MOST => {
            Err(Refusal::Implausible(format!("{facility} has {MOST} voluntary cuts")))
        }
        () => Ok(()),
    }
}

pub(crate) fn apply(
    state: &mut State,
    declared: Voluntary,
    entered_by: Option<String>,
    at: DateTime<Utc>,
) -> Effects {
    let known = state.volunteered.entry(declared.facility.clone()).or_default();
    let place = known.partition_point(|kept| kept.declared.from <= declared.from);
    known.insert(place, Volunteered { declared, entered_by, at });
    Effects::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::governing;
    use crate::testing::{Room, full, hour, minute, reading};

    fn declared(from: i64, to: i64) -> Voluntary {
        Voluntary {
            facility: "F1".into(),
            environment: "test".into(),
            from: hour(from),
            to: hour(to),
            limit: Kw(10_000),
            cut: Kw(8_000),
            by: "owner".into(),
        }
    }

    fn told(declared: Voluntary) -> Event {
        Event::Volunteered { declared, entered_by: None }
    }

    #[test]
    fn the_meter_bears_it_out_or_not_and_what_was_ordered_is_no_gift() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 2, 4)]);
        let orders = room.state.records().count();
        room.tell(told(declared(0, 4)));
        room.now = hour(5);
        let quarter = |n: i64, kw| reading("F1", n * 15, n * 15 + 15, kw);
        let readings = (0..16).map(|n| quarter(n, if n < 6 { 10_400 } else { 12_000 })).collect();
        room.read(readings);
        let seen = &voluntary(&room.state)[0];
        assert_eq!((seen.kept_minutes, seen.missed_minutes), (90, 30), "an order limits the rest");
        assert_eq!((seen.credited_kwh, seen.zone.map(ToString::to_string)), (12_000, Some("south".into())));
        assert_eq!(room.state.records().count(), orders, "never an order");
    }

    #[test]
    fn it_limits_nothing_and_restores_nothing() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        let limits = |room: &Room| {
            [-1, 1, 5, 7]
                .map(|at| governing(&room.state, &"F1".into(), hour(at)).map(|order| order.order_no.clone()))
        };
        let before = limits(&room);
        assert!(room.tell(told(declared(1, 5))).is_empty());
        assert_eq!(limits(&room), before);
        assert_eq!(voluntary(&room.state)[0].credited_kwh, 0, "no reading, no credit");
    }

    #[test]
    fn it_is_declared_once_before_it_begins_and_not_twice_for_the_same_time() {
        let mut room = Room::new();
        room.tell(told(declared(0, 4)));
        assert!(room.ask(told(declared(0, 4))).is_err_and(|refusal| refusal.is_duplicate()));
        assert!(room.ask(told(declared(3, 5))).is_err(), "overlaps");
        assert!(room.ask(told(Voluntary { cut: Kw(0), ..declared(5, 6) })).is_err());
        assert!(room.ask(told(declared(6, 5))).is_err());
        assert!(room.ask(told(Voluntary { environment: "live".into(), ..declared(5, 6) })).is_err());
        assert!(room.ask(told(Voluntary { facility: "F9".into(), ..declared(5, 6) })).is_err());
        room.tell(told(declared(4, 5)));
        room.now = minute(601);
        assert!(matches!(room.ask(told(declared(10, 11))), Err(Refusal::TooLate { .. })));
    }
}
