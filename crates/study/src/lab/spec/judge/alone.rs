//! What can be judged without the case.

use super::Notes;
use crate::lab::spec::{BASE, FacilityChange, Scenario, Spec, Unit, Weather};
use std::collections::BTreeSet;

/// Most futures of one study.
const MOST_DRAWS: u32 = 100_000;
/// No place on earth is so much colder than its mean.
const MOST_KELVIN: f64 = 40.0;
/// More than all of the country.
const MOST_MW: f64 = 1e6;
/// Of the day after that there is no weather yet.
const MOST_LOOKAHEAD_H: u32 = 24;
/// Ten times the fleet.
const MOST_PERCENT: f64 = 1000.0;

impl Notes<'_> {
    /// Numbers, names and times.
    pub(super) fn alone(&mut self, spec: &Spec) {
        self.figures(spec);
        self.names("scenario", [BASE].into_iter().chain(spec.scenario.iter().map(|own| own.name.as_str())));
        self.names("unit", spec.unit.iter().map(|own| own.name.as_str()));
        self.names("errors", spec.errors.iter().map(|own| own.name.as_str()));
        spec.weather.iter().for_each(|weather| self.weather(weather));
        spec.unit.iter().for_each(|unit| self.unit(unit));
        spec.scenario.iter().for_each(|scenario| self.scenario(scenario, spec.weather.is_some()));
    }

    fn figures(&mut self, spec: &Spec) {
        if spec.draws == 0 || spec.draws > MOST_DRAWS {
            self.tell("draws", spec.draws, &format!("from 1 to {MOST_DRAWS}"));
        }
        if !(0.0..=1.0).contains(&spec.planning.gap) {
            self.tell("planning.gap", spec.planning.gap, "a share, from 0 to 1");
        }
        if spec.planning.toil == 0 {
            self.tell("planning.toil", 0, "at least 1");
        }
        self.lookahead("planning.lookahead_hours", spec.planning.lookahead_hours);
        if !(spec.money.income_per_mwh >= 0.0 && spec.money.income_per_mwh.is_finite()) {
            self.tell("money.income_per_mwh", spec.money.income_per_mwh, "money per MWh, at least 0");
        }
    }

    fn lookahead(&mut self, key: &str, hours: u32) {
        if hours > MOST_LOOKAHEAD_H {
            self.tell(key, hours, "hours of the next day, from 0 to 24");
        }
    }

    fn names<'n>(&mut self, what: &str, names: impl Iterator<Item = &'n str>) {
        let key = format!("{what}.name");
        let mut seen = BTreeSet::new();
        for name in names {
            let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
            if what == "scenario" && (name.is_empty() || !name.chars().all(is_plain)) {
                self.tell(&key, format!("\"{name}\""), "letters, digits, `-`, `_` and `.` only");
            }
            if !seen.insert(name) {
                self.tell(&key, format!("\"{name}\" twice"), "every name once (`base` is taken)");
            }
        }
    }

    fn weather(&mut self, weather: &Weather) {
        if !(0.0..1.0).contains(&weather.persistence) {
            self.tell("weather.persistence", weather.persistence, "a share, from 0 to below 1");
        }
        if !(0.0..=MOST_KELVIN).contains(&weather.spread_kelvin) {
            self.tell("weather.spread_kelvin", weather.spread_kelvin, "kelvin, from 0 to 40");
        }
    }

    fn unit(&mut self, unit: &Unit) {
        let key = |name: &str| format!("unit \"{}\", {name}", unit.name);
        if unit.zone.is_some() == unit.tie.is_some() {
            self.tell(&key("zone"), "both or none", "either `zone` or `tie`");
        }
        let figures = [
            ("mw", unit.mw),
            ("mean_up_hours", unit.mean_up_hours),
            ("mean_down_hours", unit.mean_down_hours),
        ];
        for (name, value) in figures.into_iter().filter(|own| !(own.1 > 0.0 && own.1.is_finite())) {
            self.tell(&key(name), value, "a number above 0");
        }
    }

    fn scenario(&mut self, scenario: &Scenario, has_weather: bool) {
        let key = |name: &str| format!("scenario \"{}\", {name}", scenario.name);
        if scenario.colder_kelvin != 0.0 && !has_weather {
            let expected = "a [weather] that says what a kelvin costs";
            self.tell(&key("colder_kelvin"), scenario.colder_kelvin, expected);
        }
        if !(-MOST_KELVIN..=MOST_KELVIN).contains(&scenario.colder_kelvin) {
            self.tell(&key("colder_kelvin"), scenario.colder_kelvin, "from -40 to 40");
        }
        self.lookahead(&key("lookahead_hours"), scenario.lookahead_hours.unwrap_or(0));
        let headroom = scenario.headroom.iter().map(|own| ("headroom", own.add_mw, own.from, own.to));
        let ties = scenario.tie.iter().map(|own| ("tie", own.add_mw, own.from, own.to));
        let silence = scenario.silence.iter().map(|own| ("silence", 0.0, Some(own.from), Some(own.to)));
        for (name, mw, from, to) in headroom.chain(ties).chain(silence) {
            if !mw.is_finite() || mw.abs() > MOST_MW {
                self.tell(&key(name), mw, "MW, at most a million");
            }
            self.span(&key(name), from, to);
        }
        scenario.facilities.iter().for_each(|change| self.facilities(&key("facilities"), change));
    }

    fn facilities(&mut self, key: &str, change: &FacilityChange) {
        self.span(key, change.from, change.to);
        let percents = [(change.nominate_percent, MOST_PERCENT), (change.disobey_percent, 100.0)];
        if !change.suspended && percents.iter().all(|(percent, _)| percent.is_none()) {
            self.tell(key, "no change", "`nominate_percent`, `disobey_percent` or `suspended = true`");
        }
        for (percent, most) in percents {
            if let Some(percent) = percent.filter(|percent| !(0.0..=most).contains(percent)) {
                self.tell(key, format!("{percent} percent"), &format!("from 0 to {most}"));
            }
        }
    }

    fn span<T: PartialOrd + std::fmt::Display>(&mut self, key: &str, from: Option<T>, to: Option<T>) {
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            self.tell(key, format!("{from} to {to}"), "an end after the beginning (it is exclusive)");
        }
    }
}
