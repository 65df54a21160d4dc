//! Small facilities for the unit tests of this room.

use crate::problem::{Before, FacilityRow};
use kezek_model::case::{Facility, Ledger, State};
use kezek_model::units::Kw;

/// A facility of the case that nothing limits.
pub(crate) fn facility(id: &str, zone: &str, nominated_kw: i64) -> Facility {
    Facility {
        id: id.into(),
        name: id.into(),
        licensee: "licensee".into(),
        licence_no: "1".into(),
        licence_from: None,
        licence_to: None,
        zone: zone.into(),
        time_zone: chrono_tz::Asia::Almaty,
        tier: 1,
        protected: false,
        nomination_kw: vec![Kw(nominated_kw)],
        quota_kw: vec![None],
        floor_kw: Kw(0),
        min_cut_kw: Kw(0),
        block_kw: None,
        cut_cost_per_mwh: 0.0,
        event_cost: 0.0,
        notice_minutes: 0,
        min_cut_minutes: 0,
        max_cut_minutes: None,
        min_gap_minutes: 0,
        max_events_per_day: None,
        max_cut_hours: None,
        ramp_up_kw_per_h: None,
        class: "digital-mining".into(),
        region: None,
        twelve_month_max_kw: None,
        ledger: Ledger::default(),
        state: State::default(),
        kept_kw: vec![None],
    }
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
        before: Before { cut: 0, running: false, age_minutes: 0, idle_minutes: None, starts_today: 0 },
    }
}
