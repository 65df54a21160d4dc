//! Standing orders: a period, a daily window, a class, a depth, a basis (section 4 of the planning problem).
//!
//! [`StandingOrder::parse`] is the only way in from a file: it reports every fault at once and normalises the
//! spelling, so that what is serialised (for the digest of a case) depends on the meaning alone.

mod calendar;
mod describe;
mod read;
mod scope;
mod section;
mod settlement;

pub use calendar::Window;
pub use scope::{in_force, void_numbers};
pub use settlement::{Priced, Settlement, priced};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

/// A standing order as an operator really writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StandingOrder {
    /// What it is called.
    pub title: String,
    /// Its number; unique among the orders of a case.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// Who signed it.
    pub signatory: String,
    /// On what ground.
    pub basis: String,
    /// The day of issue.
    pub issued: NaiveDate,
    /// The number of the order that it makes void as a whole.
    pub supersedes: Option<String>,
    /// When it holds.
    pub period: Period,
    /// For whom.
    pub scope: Scope,
    /// How deep.
    pub depth: Depth,
    /// Makes it a programme: the tighter of these and the facility's own values holds in its period.
    pub budget: Option<Budget>,
    /// What obeying and not obeying costs in its windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement: Option<Settlement>,
}

/// `[period]`: days, and a window of every day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    /// First day.
    pub first_day: NaiveDate,
    /// Last day, inclusive.
    pub last_day: NaiveDate,
    /// The civil clock of days and window.
    pub time_zone: Tz,
    /// `HH:MM` at which the daily window opens; `00:00` where the file does not say.
    pub daily_from: String,
    /// `HH:MM` at which it closes, `24:00` for the end of the day; not after `daily_from`: on the next day.
    pub daily_to: String,
    /// Repeats by day and month; the years of the two days then count for nothing.
    pub every_year: bool,
}

/// `[scope]`: in scope is what is in every list that is not empty, and not in `except`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Grid zones.
    pub zones: Vec<String>,
    /// Oblasts.
    pub regions: Vec<String>,
    /// Classes of consumers.
    pub classes: Vec<String>,
    /// Facilities.
    pub facilities: Vec<String>,
    /// Facilities that are not meant.
    pub except: Vec<String>,
}

/// `[depth]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Depth {
    /// How `value` is meant.
    pub kind: DepthKind,
    /// What a share or a percentage refers to.
    pub of: DepthBase,
    /// MW for the whole scope, or percent.
    pub value: f64,
}

/// How deep an order cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepthKind {
    /// Down to the floor.
    Full,
    /// Down to a share of `value` MW.
    ToMw,
    /// By a share of `value` MW.
    ByMw,
    /// Down to `value` percent.
    ToPercent,
    /// By `value` percent.
    ByPercent,
    /// Not at all.
    None,
}

/// What a depth refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepthBase {
    /// The nominated power of the interval.
    #[default]
    Nominated,
    /// The quota of the interval.
    Quota,
    /// The highest demand of the last twelve months.
    TwelveMonthMax,
}

/// `[budget]`; a key that is missing leaves the facility's own value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Budget {
    /// Notice in minutes.
    #[serde(rename = "notice_min")]
    pub notice_minutes: Option<i64>,
    /// Minutes from the end of an event to the start of the next.
    #[serde(rename = "min_gap_min")]
    pub min_gap_minutes: Option<i64>,
    /// Most events that start on one civil day of the facility.
    pub max_events_per_day: Option<u32>,
    /// Hours under cut over the part of the horizon in the period.
    pub max_cut_hours: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use std::collections::BTreeMap;
    use std::path::Path;

    fn shipped() -> BTreeMap<String, StandingOrder> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schedules");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let order = StandingOrder::parse(&name, &std::fs::read_to_string(&path).unwrap());
                (name, order.unwrap_or_else(|faults| panic!("{faults}")))
            })
            .collect()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_shipped_order_is_read_and_none_is_void() {
        let shipped = shipped();
        assert!(shipped.len() >= 5, "only {:?}", shipped.keys());
        let orders: Vec<_> = shipped.into_values().collect();
        let numbers: std::collections::BTreeSet<_> = orders.iter().map(|order| &order.number).collect();
        assert_eq!(numbers.len(), orders.len());
        assert!(orders.iter().all(|order| !order.describe(None, None).is_empty()));
    }

    #[test]
    fn the_suspension_of_2022_is_eight_days_of_almaty() {
        let order = &shipped()["2022-01-24-suspension.toml"];
        let all = (instant("2021-06-01T00:00:00Z"), instant("2023-06-01T00:00:00Z"));
        let eight_days =
            Window { from: instant("2022-01-23T18:00:00Z"), to: instant("2022-01-31T18:00:00Z") };
        assert_eq!(order.windows(all.0, all.1), [eight_days]);
        assert_eq!(order.period_spans(all.0, all.1), [eight_days]);
        assert_eq!(order.depth.kind, DepthKind::Full);
        assert_eq!(order.number, "2022-01-21/1");
    }
}
