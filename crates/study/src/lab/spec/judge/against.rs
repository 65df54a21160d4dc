//! What must be known to the case.

use super::Notes;
use crate::lab::spec::{FacilityChange, Scenario, Spec};
use chrono::{DateTime, Timelike as _, Utc};
use kezek_model::case::Case;
use kezek_model::ids::{TieId, ZoneId};
use kezek_model::schedule::StandingOrder;
use std::collections::BTreeMap;

impl Notes<'_> {
    /// Horizon, zones, ties, facilities and orders.
    pub(super) fn against(&mut self, spec: &Spec, orders: &[Vec<StandingOrder>], case: &Case) {
        self.season(case);
        if let Some(weather) = &spec.weather {
            self.shares("weather.mw_per_kelvin", &weather.mw_per_kelvin, case);
        }
        for errors in &spec.errors {
            self.shares(&format!("errors \"{}\", base_mw", errors.name), &errors.base_mw, case);
        }
        for unit in &spec.unit {
            let key = format!("unit \"{}\"", unit.name);
            unit.zone.iter().for_each(|own| self.zone(&key, own, case));
            unit.tie.iter().for_each(|own| self.tie(&key, own, case));
        }
        for (scenario, orders) in spec.scenario.iter().zip(orders) {
            self.changes(scenario, orders, case);
        }
    }

    fn season(&mut self, case: &Case) {
        if case.scenarios.len() > 1 {
            let found = format!("{} scenarios in forecast.csv", case.scenarios.len());
            self.tell("case", found, "a case with one forecast");
        }
        let clock = |at: DateTime<Utc>| at.with_timezone(&case.grid.time_zone).time();
        let is_midnight = |at| clock(at).num_seconds_from_midnight() == 0;
        if !is_midnight(case.grid.start) || !is_midnight(case.grid.end()) {
            self.tell("case", "a horizon of parts of days", "a horizon of whole civil days of its clock");
        }
    }

    fn changes(&mut self, scenario: &Scenario, orders: &[StandingOrder], case: &Case) {
        let key = format!("scenario \"{}\"", scenario.name);
        scenario.headroom.iter().for_each(|own| self.zone(&key, &own.zone, case));
        scenario.tie.iter().for_each(|own| self.tie(&key, &own.tie, case));
        scenario.facilities.iter().for_each(|change| self.meant(&key, change, case));
        for (at, order) in orders.iter().enumerate() {
            let mut others = case.schedules.iter().chain(&orders[..at]);
            if others.any(|other| other.number == order.number) {
                self.tell(
                    &key,
                    format!("order \"{}\" twice", order.number),
                    "orders with numbers of their own",
                );
            }
        }
    }

    fn meant(&mut self, key: &str, change: &FacilityChange, case: &Case) {
        change.zones.iter().for_each(|own| self.zone(key, own, case));
        for facility in change.names.iter().filter(|own| case.facility_index(own).is_none()) {
            let near = case.nearest_facility(facility).map(|near| format!(", perhaps {near}"));
            let expected = format!("a facility of the case{}", near.unwrap_or_default());
            self.tell(key, format!("facility \"{facility}\""), &expected);
        }
    }

    /// MW by zone.
    fn shares(&mut self, key: &str, of: &BTreeMap<ZoneId, f64>, case: &Case) {
        for (id, mw) in of {
            self.zone(key, id, case);
            if !(mw.is_finite() && *mw >= 0.0) {
                self.tell(key, mw, "MW, at least 0");
            }
        }
    }

    fn zone(&mut self, key: &str, zone: &ZoneId, case: &Case) {
        if case.zone_index(zone).is_none() {
            let known: Vec<&str> = case.zones.iter().map(|own| own.id.as_str()).collect();
            self.tell(key, format!("zone \"{zone}\""), &format!("one of {}", known.join(", ")));
        }
    }

    fn tie(&mut self, key: &str, tie: &TieId, case: &Case) {
        if !case.ties.iter().any(|own| own.id == *tie) {
            let known: Vec<&str> = case.ties.iter().map(|own| own.id.as_str()).collect();
            self.tell(key, format!("tie \"{tie}\""), &format!("one of {}", known.join(", ")));
        }
    }
}
