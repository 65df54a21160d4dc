//! Small facilities for the unit tests of this room.

use crate::problem::{Before, FacilityRow, Problem, ZoneRow};
use kezek_model::case::Facility;
use kezek_model::units::Kw;

/// A facility of the case that nothing limits.
pub(crate) fn facility(id: &str, zone: &str, nominated_kw: i64) -> Facility {
    Facility::unlimited(id.into(), zone.into(), chrono_tz::Asia::Almaty, vec![Kw(nominated_kw)])
}

/// A row of hourly intervals on one day that nothing limits.
pub(crate) fn row(steps: usize, room_kw: i64) -> FacilityRow {
    FacilityRow {
        zone: 0,
        nominated: vec![room_kw; steps],
        entitled: vec![true; steps],
        room: vec![room_kw; steps],
        demand: vec![0; steps],
        ordered_by: vec![None; steps],
        frozen: vec![None; steps],
        within_notice: vec![false; steps],
        min_cut: 0,
        block: 0,
        cut_cost_per_mwh: 10.0,
        event_cost: 0.0,
        step_minutes: 60,
        min_minutes: 0,
        max_minutes: None,
        gap_minutes: vec![0; steps],
        starts_per_day: vec![None; steps],
        day: vec![0; steps],
        hour_budgets: vec![],
        ramp: None,
        most_cut: None,
        before: Before {
            cut: 0,
            running: false,
            age_minutes: 0,
            begun_minute: 0,
            idle_minutes: None,
            starts_today: 0,
        },
    }
}

/// One hour and a zone of its own for a facility.
pub(crate) fn alone(row: FacilityRow, headroom_mw: f64) -> Problem {
    Problem {
        steps: 1,
        hours: 1.0,
        uncovered_cost_per_mwh: 500.0,
        zones: vec![ZoneRow { headroom_mw: vec![headroom_mw], restore_limit_mw: None, facilities: vec![0] }],
        ties: vec![],
        facilities: vec![row],
    }
}
