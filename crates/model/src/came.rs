//! `hours.csv`: what came to a zone, interval by interval, beside what had been planned for it.

use crate::ids::ZoneId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An interval of a zone as it came. Powers in MW.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hour {
    /// Its start.
    #[serde(serialize_with = "as_utc")]
    pub interval_start: DateTime<Utc>,
    /// The zone.
    pub zone: ZoneId,
    /// What came of headroom, not what was forecast.
    pub headroom_mw: f64,
    /// What all facilities of the zone nominated.
    pub nominated_mw: f64,
    /// What of the plan arrived.
    pub cut_mw: f64,
    /// What stayed uncovered.
    pub uncovered_mw: f64,
    /// What would have been uncovered if nobody had been cut.
    pub need_mw: f64,
}

fn as_utc<S: serde::Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&crate::plan::utc_text(*at))
}

/// The table of some hours.
#[must_use]
pub fn hours_csv(hours: &[Hour]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory can't fail.
    hours.iter().for_each(|hour| _ = writer.serialize(hour));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Reads the table again.
///
/// # Errors
/// Says what is wrong with the first row that is none of such a table.
pub fn read_hours(table: &[u8]) -> Result<Vec<Hour>, String> {
    csv::Reader::from_reader(table).deserialize().collect::<Result<_, _>>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_again_as_they_were() {
        let hour = |zone: &str, mw: f64| Hour {
            interval_start: "2027-01-20T19:00:00Z".parse().unwrap(),
            zone: zone.to_owned().into(),
            headroom_mw: -mw,
            nominated_mw: 10.0 * mw,
            cut_mw: 0.0,
            uncovered_mw: mw / 8.0,
            need_mw: mw,
        };
        let hours = vec![hour("north", 25.329), hour("a \"zone\", far", 0.1 + 0.2)];
        let table = hours_csv(&hours);
        assert!(table.starts_with("interval_start,zone,headroom_mw,nominated_mw,cut_mw,uncovered_mw,need_mw\n2027-01-20T19:00:00Z,north,"));
        assert_eq!(read_hours(table.as_bytes()).unwrap(), hours);
        let told = read_hours(table.replace("25.329", "much").as_bytes()).unwrap_err();
        assert!(told.contains("line: 2") && told.contains("float"), "{told}");
    }
}
