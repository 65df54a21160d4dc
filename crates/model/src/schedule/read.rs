//! Reading a standing order from its file: every fault of a file together, a fault of syntax alone.

use super::calendar::minute_of_day;
use super::section::{Notes, Section, date, line, names, nearest, number, whole};
use super::{Budget, Depth, DepthBase, DepthKind, Period, Scope, StandingOrder, settlement};
use crate::fault::Faults;
use chrono::{Months, NaiveDate};
use chrono_tz::Tz;
use toml::de::{DeTable, DeValue};

const ORDER_KEYS: &[&str] = &[
    "title",
    "number",
    "issuer",
    "signatory",
    "basis",
    "issued",
    "supersedes",
    "period",
    "scope",
    "depth",
    "budget",
    "settlement",
];
const PERIOD_KEYS: &[&str] = &["first_day", "last_day", "time_zone", "daily_from", "daily_to", "every_year"];
const SCOPE_KEYS: &[&str] = &["zones", "regions", "classes", "facilities", "except"];
const DEPTH_KEYS: &[&str] = &["kind", "of", "value"];
const BUDGET_KEYS: &[&str] = &["notice_min", "min_gap_min", "max_events_per_day", "max_cut_hours"];

const KINDS: [(&str, DepthKind); 6] = [
    ("full", DepthKind::Full),
    ("to-mw", DepthKind::ToMw),
    ("by-mw", DepthKind::ByMw),
    ("to-percent", DepthKind::ToPercent),
    ("by-percent", DepthKind::ByPercent),
    ("none", DepthKind::None),
];
const BASES: [(&str, DepthBase); 3] = [
    ("nominated", DepthBase::Nominated),
    ("quota", DepthBase::Quota),
    ("twelve-month-max", DepthBase::TwelveMonthMax),
];

/// Ten years: far beyond any rule, and safe to reckon with.
const MOST_MINUTES: i64 = 3_653 * 24 * 60;
/// As far as powers go in a case.
const MOST_MW: f64 = 1e9;

const TEXT: &str = "text on one line, not blank";
const DATE: &str = "a date such as 2022-01-24";

impl StandingOrder {
    /// Reads the text of a `schedules/*.toml`. `file_name` is only for the faults. The result is normalised: lists are
    /// sorted, each entry once, and a window that ends at midnight ends at `24:00`.
    ///
    /// # Errors
    /// All faults of the file, each with its line as the row and its key as the column; a fault of syntax comes alone,
    /// as nothing can be said of the rest then.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, Faults> {
        let mut notes = Notes { file: file_name, text, faults: Vec::new() };
        let order = match DeTable::parse(text) {
            Ok(document) => read_order(document.get_ref(), &mut notes),
            Err(error) => {
                let message = error.message().to_owned();
                notes.add(error.span(), "", message, "a standing order in TOML".into());
                None
            }
        };
        notes.faults.sort();
        order.filter(|_| notes.faults.is_empty()).ok_or(Faults(notes.faults))
    }
}

fn read_order(document: &DeTable<'_>, notes: &mut Notes<'_>) -> Option<StandingOrder> {
    let mut file = Section::open("", document, None, ORDER_KEYS, notes);
    let title = file.required("title", TEXT, line);
    // In a plan `state` says that no order, but the state at the start, forced an interval.
    let number = file.required("number", "a number of its own, not \"state\"", |value| {
        line(value).filter(|number| number != "state")
    });
    let issuer = file.required("issuer", TEXT, line);
    let signatory = file.required("signatory", TEXT, line);
    let basis = file.required("basis", TEXT, line);
    let issued = file.required("issued", DATE, date);
    let supersedes = file.optional("supersedes", "the number of another order", |value| {
        line(value).filter(|other| Some(other) != number.as_ref())
    });
    let period = file.table("period", PERIOD_KEYS, true).and_then(read_period);
    let scope = file.table("scope", SCOPE_KEYS, false).map(read_scope).unwrap_or_default();
    let depth = file.table("depth", DEPTH_KEYS, true).and_then(read_depth);
    let budget = file.table("budget", BUDGET_KEYS, false).map(read_budget);
    let settlement = file.table("settlement", settlement::KEYS, false).and_then(settlement::read);
    Some(StandingOrder {
        title: title?,
        number: number?,
        issuer: issuer?,
        signatory: signatory?,
        basis: basis?,
        issued: issued?,
        supersedes,
        period: period?,
        scope,
        depth: depth?,
        budget,
        settlement,
    })
}

fn read_period(mut section: Section<'_, '_, '_, '_>) -> Option<Period> {
    let first_day = section.required("first_day", DATE, date);
    let last_day = section.required("last_day", DATE, date);
    let time_zone = read_time_zone(&mut section);
    let every_year = section.optional("every_year", "true or false", DeValue::as_bool).unwrap_or_default();
    if let (Some(first), Some(last)) = (first_day, last_day) {
        check_days(&mut section, first, last, every_year);
    }
    let (daily_from, daily_to) = read_window(&mut section);
    Some(Period {
        first_day: first_day?,
        last_day: last_day?,
        time_zone: time_zone?,
        daily_from,
        daily_to,
        every_year,
    })
}

fn read_time_zone(section: &mut Section<'_, '_, '_, '_>) -> Option<Tz> {
    let found = section.value("time_zone").and_then(|value| value.get_ref().as_str()).unwrap_or_default();
    let known: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    let hint = nearest(found, &known).map(|name| format!(", the nearest is {name}")).unwrap_or_default();
    let expected = format!("an IANA time zone such as Asia/Almaty{hint}");
    section.required("time_zone", &expected, |value| value.as_str()?.parse().ok())
}

fn check_days(section: &mut Section<'_, '_, '_, '_>, first: NaiveDate, last: NaiveDate, every_year: bool) {
    if !every_year && last < first {
        section.note("last_day", &format!("{first}, the first day, or later (or every_year = true)"));
    }
    let year_later = first.checked_add_months(Months::new(12));
    if every_year && year_later.is_some_and(|day| last >= day) {
        section.note("last_day", "a day within a year of first_day, as the period repeats every year");
    }
}

fn read_window(section: &mut Section<'_, '_, '_, '_>) -> (String, String) {
    let clock =
        |value: &DeValue<'_>| value.as_str().filter(|text| minute_of_day(text).is_some()).map(str::to_owned);
    let from = section.optional("daily_from", "a time of day HH:MM from 00:00 to 23:59", |value| {
        clock(value).filter(|text| text != "24:00")
    });
    let to = section.optional("daily_to", "a time of day HH:MM from 00:00 to 24:00", clock);
    let both_read = from.is_some() == section.value("daily_from").is_some()
        && to.is_some() == section.value("daily_to").is_some();
    let (from, to) = (from.unwrap_or_else(|| "00:00".into()), to.unwrap_or_else(|| "24:00".into()));
    if both_read && from == to {
        section.note("daily_to", "another time than daily_from; 00:00 to 24:00 is the whole day");
    }
    (from, if to == "00:00" { "24:00".into() } else { to })
}

fn read_scope(mut section: Section<'_, '_, '_, '_>) -> Scope {
    let mut list =
        |key| section.optional(key, "a list of names, such as [\"a\", \"b\"]", names).unwrap_or_default();
    Scope {
        zones: list("zones"),
        regions: list("regions"),
        classes: list("classes"),
        facilities: list("facilities"),
        except: list("except"),
    }
}

fn read_depth(mut section: Section<'_, '_, '_, '_>) -> Option<Depth> {
    let kind = section.required("kind", &one_of(&KINDS), |value| choice(value, &KINDS));
    let of = section.optional("of", &one_of(&BASES), |value| choice(value, &BASES)).unwrap_or_default();
    let kind = kind?;
    let value = match kind {
        DepthKind::Full | DepthKind::None => {
            let expected = "0, or no value, with kind full or none";
            section.optional("value", expected, |value| number(value).filter(|&value| value == 0.0))
        }
        DepthKind::ToMw | DepthKind::ByMw => {
            let expected = "MW for the whole scope, zero or more, at most six decimals";
            section.required("value", expected, |value| number(value).filter(|&mw| is_amount(mw, MOST_MW)))
        }
        DepthKind::ToPercent | DepthKind::ByPercent => {
            let expected = "percent from 0 to 100, at most six decimals";
            section
                .required("value", expected, |value| number(value).filter(|&share| is_amount(share, 100.0)))
        }
    };
    Some(Depth { kind, of, value: value.unwrap_or_default() + 0.0 })
}

/// From zero to `most` with at most six decimals, so that limits can be reckoned exactly.
fn is_amount(value: f64, most: f64) -> bool {
    let decimals = value.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    (0.0..=most).contains(&value) && decimals <= 6
}

fn read_budget(mut section: Section<'_, '_, '_, '_>) -> Budget {
    let minutes = |value: &DeValue<'_>| whole(value).filter(|minutes| (0..=MOST_MINUTES).contains(minutes));
    let expected = "whole minutes, zero or more, at most ten years";
    Budget {
        notice_minutes: section.optional("notice_min", expected, minutes),
        min_gap_minutes: section.optional("min_gap_min", expected, minutes),
        max_events_per_day: section.optional("max_events_per_day", "a whole number, zero or more", |value| {
            whole(value)?.try_into().ok()
        }),
        max_cut_hours: section.optional("max_cut_hours", "hours, zero or more, at most 1000000", |value| {
            number(value).filter(|hours| (0.0..=1e6).contains(hours))
        }),
    }
}

fn choice<T: Copy>(value: &DeValue<'_>, known: &[(&str, T)]) -> Option<T> {
    let word = value.as_str()?;
    known.iter().find(|(name, _)| *name == word).map(|&(_, meaning)| meaning)
}

fn one_of<T>(known: &[(&str, T)]) -> String {
    format!("one of {}", known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
pub(super) mod tests;
