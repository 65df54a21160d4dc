//! What a foreign table means: a small TOML file that names everything and guesses nothing.

mod check;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de};

use super::ImportError;
use super::number::Spelling;
use super::stamp::StampFormat;
use crate::ids::ZoneId;

/// How one kind of foreign table is read. Made by [`Profile::from_toml`], which has checked it.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) zone: ZoneId,
    pub(super) step: TimeDelta,
    pub(super) unit: Unit,
    pub(super) separator: u8,
    pub(super) spelling: Spelling,
    pub(super) missing: BTreeSet<String>,
    pub(super) skip_lines: usize,
    pub(super) fill: Option<Fill>,
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) time: TimeColumn,
    pub(super) columns: Vec<ValueColumn>,
    pub(super) constant: Constant,
}

/// The unit of every number of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Unit {
    #[serde(rename = "MW")]
    Mw,
    #[serde(rename = "kW")]
    Kw,
    #[serde(rename = "MWh per interval")]
    MwhPerInterval,
    #[serde(rename = "thousand kWh per interval")]
    ThousandKwhPerInterval,
}

/// What to put where an interval has no usable row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fill {
    /// The values of the last interval that had them.
    Last,
}

/// Which end of its interval a time stamp names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Label {
    #[default]
    Start,
    End,
}

/// What a column contributes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    Supply,
    Import,
    Demand,
    Reserve,
    Headroom,
    /// Contributes nothing, but a row stands only if this value is there and plausible too.
    Check,
}

/// Where the time stamps are and how they are read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeColumn {
    pub(super) column: String,
    pub(super) formats: Vec<StampFormat>,
    #[serde(default, deserialize_with = "time_zone")]
    pub(super) time_zone: Option<Tz>,
    #[serde(default)]
    pub(super) label: Label,
    /// Holds 1, 2, 3 ...: the place of the interval in the civil day that the time stamp names.
    pub(super) period_column: Option<String>,
}

/// One column that is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueColumn {
    pub(super) name: String,
    pub(super) part: Part,
    #[serde(default = "one")]
    pub(super) scale: f64,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

/// Parts of the headroom that are the same in every interval.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant {
    pub(super) supply_mw: Option<f64>,
    pub(super) import_mw: Option<f64>,
    pub(super) demand_mw: Option<f64>,
    pub(super) reserve_mw: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    zone: String,
    step_minutes: u32,
    unit: Unit,
    #[serde(default = "comma", deserialize_with = "separator")]
    separator: u8,
    #[serde(default = "point")]
    decimal: char,
    #[serde(default)]
    thousands: Vec<char>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    skip_lines: usize,
    fill: Option<Fill>,
    from: Option<String>,
    to: Option<String>,
    time: TimeColumn,
    column: Vec<ValueColumn>,
    #[serde(default)]
    constant: Constant,
}

impl Profile {
    /// Reads and checks a profile. `file` is only used to say where an error is.
    ///
    /// # Errors
    /// [`ImportError::Profile`] with the line for a bad or unknown key, and with every contradiction between keys.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, ImportError> {
        let refuse = |faults| ImportError::Profile { file: file.to_owned(), faults };
        let text = text.trim_start_matches('\u{feff}');
        let raw: Raw = toml::from_str(text).map_err(|e| refuse(vec![e.to_string().trim_end().to_owned()]))?;
        let mut faults = Vec::new();
        raw.check(&mut faults);
        let zone = raw.time.time_zone;
        let from = raw.from.as_deref().and_then(|text| instant("from", text, zone, &mut faults));
        let to = raw.to.as_deref().and_then(|text| instant("to", text, zone, &mut faults));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            faults.push("`from` is not before `to` (which is exclusive)".to_owned());
        }
        if faults.is_empty() { Ok(raw.into_profile(from, to)) } else { Err(refuse(faults)) }
    }

    /// The grid zone that the rows belong to.
    #[must_use]
    pub fn zone(&self) -> &ZoneId {
        &self.zone
    }

    /// kW for one unit of the table, for the mean over an interval.
    pub(super) fn kw_per_unit(&self) -> f64 {
        let per_hour = 60.0 / self.step.num_minutes() as f64;
        match self.unit {
            Unit::Mw => 1_000.0,
            Unit::Kw => 1.0,
            Unit::MwhPerInterval | Unit::ThousandKwhPerInterval => 1_000.0 * per_hour,
        }
    }

    pub(super) fn gives_headroom(&self) -> bool {
        self.columns.iter().any(|column| column.part == Part::Headroom)
    }
}

impl Raw {
    fn into_profile(self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Profile {
        let mut missing: BTreeSet<String> = self.missing.iter().map(|text| text.trim().to_owned()).collect();
        missing.insert(String::new());
        Profile {
            zone: self.zone.into(),
            step: TimeDelta::minutes(i64::from(self.step_minutes)),
            unit: self.unit,
            separator: self.separator,
            spelling: Spelling { decimal: self.decimal, thousands: self.thousands },
            missing,
            skip_lines: self.skip_lines,
            fill: self.fill,
            from,
            to,
            time: self.time,
            columns: self.column,
            constant: self.constant,
        }
    }
}

fn one() -> f64 {
    1.0
}

fn comma() -> u8 {
    b','
}

fn point() -> char {
    '.'
}

fn separator<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let sign = char::deserialize(from)?;
    match u8::try_from(sign) {
        Ok(byte)
            if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r') =>
        {
            Ok(byte)
        }
        _ => Err(de::Error::custom(format!(
            "separator {sign:?} cannot be used, expected one such as \",\" \";\" \"\\t\""
        ))),
    }
}

fn time_zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tz>, D::Error> {
    let name = String::deserialize(from)?;
    let expected = "expected a name of the IANA time zone database such as \"Asia/Almaty\" or \"UTC\"";
    name.parse().map(Some).map_err(|_| de::Error::custom(format!("unknown time zone `{name}`, {expected}")))
}

/// An instant of the profile: RFC 3339, or civil time in the time zone of the table.
fn instant(key: &str, text: &str, zone: Option<Tz>, faults: &mut Vec<String>) -> Option<DateTime<Utc>> {
    let found = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(|| {
        let civil = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
        let naive = civil.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
        zone?.from_local_datetime(&naive).single().map(|at| at.to_utc())
    });
    let found = found.filter(super::stamp::in_range);
    if found.is_none() {
        faults.push(format!(
            "`{key}` is `{text}`, expected an instant with offset (2024-02-28T19:00:00Z) or, with `time.time_zone`, \
             a civil time that occurs exactly once (2024-02-29T00:00)"
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
zone = "north"
step_minutes = 30
unit = "thousand kWh per interval"
[time]
column = "t"
formats = ["rfc3339"]
[[column]]
name = "d"
part = "demand"
[constant]
supply_mw = 10.0
"#;

    fn refused(text: &str) -> String {
        Profile::from_toml("p.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn energy_of_half_an_hour_counts_twice() {
        let profile = Profile::from_toml("p.toml", GOOD).unwrap();
        assert_eq!(profile.kw_per_unit(), 2_000.0);
        assert_eq!(profile.zone().as_str(), "north");
    }

    #[test]
    fn unknown_key_is_named_with_its_line() {
        let message = refused(&GOOD.replace("part =", "colour = 1\npart ="));
        assert!(message.contains("p.toml"), "{message}");
        assert!(message.contains("unknown field `colour`"), "{message}");
        assert!(message.contains("line 10"), "{message}");
    }

    #[test]
    fn every_contradiction_is_named() {
        let cases = [
            ("step_minutes = 30", "step_minutes = 45", "expected 60, 30 or 15"),
            ("unit = \"thousand", "unit = \"hundred", "unknown variant"),
            (
                "column = \"t\"",
                "column = \"t\"\ntime_zone = \"Asia/Atlantis\"",
                "unknown time zone `Asia/Atlantis`",
            ),
            ("column = \"t\"", "column = \"t\"\nperiod_column = \"n\"", "add `time.time_zone`"),
            ("\"rfc3339\"", "\"%Q\"", "%Q"),
            ("unit =", "separator = \"ab\"\nunit =", "separator"),
            ("unit =", "decimal = \".\"\nthousands = [\".\"]\nunit =", "`decimal`"),
            ("unit =", "from = \"2024-02-29T23:00\"\nunit =", "`from`"),
            ("unit =", "from = \"2024-02-29T23:00Z\"\nunit =", "`from`"),
            ("part = \"demand\"", "part = \"demand\"\nscale = 0.0", "`scale`"),
            ("part = \"demand\"", "part = \"demand\"\nmin = 2.0\nmax = 1.0", "`min`"),
            ("part = \"demand\"", "part = \"headroom\"", "either the headroom"),
            ("part = \"demand\"", "part = \"supply\"", "nothing gives demand"),
            ("supply_mw = 10.0", "", "nothing gives supply"),
            ("supply_mw = 10.0", "supply_mw = nan", "[constant]"),
        ];
        for (from, to, expected) in cases {
            let message = refused(&GOOD.replacen(from, to, 1));
            assert!(message.contains(expected), "{to}: {message}");
        }
    }

    #[test]
    fn civil_bounds_follow_the_zone() {
        let text = GOOD.replace("unit =", "from = \"2024-02-29T00:00\"\nto = \"2024-03-01T00:00\"\nunit =");
        let text = text.replace("column = \"t\"", "column = \"t\"\ntime_zone = \"Asia/Almaty\"");
        let profile = Profile::from_toml("p.toml", &text).unwrap();
        assert_eq!(profile.to.unwrap() - profile.from.unwrap(), TimeDelta::hours(25));
    }
}
