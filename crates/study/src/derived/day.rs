//! The files of a day of a season: its settings as they were written, all else from the case of the day.

use super::{DerivedError, SETTINGS, forecast_csv, instant, portable, text, ties_csv};
use chrono::{DateTime, Utc};
use kezek_model::case::{Case, CaseFiles, Facility, State};
use kezek_model::plan::utc_text;
use std::fmt::Display;

/// The files of a day: settings and standing orders of the season's files, with what the day and the scenario changed.
///
/// # Errors
/// When the files do not come out as the case of the day.
pub fn day_files(season: CaseFiles, day: &Case) -> Result<CaseFiles, DerivedError> {
    let season = portable(season)?;
    let settings = settings(&text(&season), day)?;
    let mut files = CaseFiles::default();
    files.files.extend(season.files.into_iter().filter(|(name, _)| name.starts_with(super::SCHEDULES)));
    let mut put = |name: &str, text: String| files.files.insert(name.to_owned(), text.into_bytes());
    put(SETTINGS, settings);
    put("facilities.csv", facilities_csv(day));
    put("nominations.csv", powers_csv(day, &|facility, t| facility.nomination_kw[t].to_string()));
    if day.facilities.iter().any(|facility| facility.quota_kw.iter().any(Option::is_some)) {
        put("quotas.csv", powers_csv(day, &|facility, t| shown(facility.quota_kw[t])));
    }
    put("forecast.csv", forecast_csv(day));
    put("ties.csv", ties_csv(day));
    put("ledger.csv", ledger_csv(day));
    put("state.csv", state_csv(day));
    if Case::parse(&files)? == *day { Ok(files) } else { Err(DerivedError::Otherwise) }
}

/// The same files with standing orders that come on top, by their names.
///
/// # Errors
/// When `case.toml` cannot be written anew.
pub fn with_orders(mut files: CaseFiles, orders: Vec<(String, Vec<u8>)>) -> Result<CaseFiles, DerivedError> {
    if orders.is_empty() {
        return Ok(files);
    }
    let wrong = |what: String| DerivedError::Settings(what);
    let mut table: toml::Table =
        text(&files).parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    let named = table.entry("schedules").or_insert_with(|| toml::Value::Array(Vec::new()));
    for (name, order) in orders {
        let path = format!("{ON_TOP}{name}");
        named.as_array_mut().into_iter().for_each(|named| named.push(path.clone().into()));
        files.files.insert(path, order);
    }
    let settings = toml::to_string(&table).map_err(|error| wrong(error.to_string()))?;
    files.files.insert(SETTINGS.to_owned(), settings.into_bytes());
    Ok(files)
}

/// Where standing orders come from that no file of the case names.
const ON_TOP: &str = "on-top/";

/// `case.toml` with the name, the issue, the hours, the policy and the gap of the day.
fn settings(text: &str, day: &Case) -> Result<String, DerivedError> {
    let wrong = |what: String| DerivedError::Settings(what);
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    table.insert("name".to_owned(), day.name.clone().into());
    table.insert("issued_at".to_owned(), instant(day.issued_at)?);
    let civil =
        |at: DateTime<Utc>| at.with_timezone(&day.grid.time_zone).format("%Y-%m-%dT%H:%M").to_string();
    let mut put = |section: &str, key: &str, value: toml::Value| {
        let section = table.entry(section).or_insert_with(|| toml::Table::new().into());
        section.as_table_mut().into_iter().for_each(|own| _ = own.insert(key.to_owned(), value.clone()));
    };
    put("horizon", "start", civil(day.grid.start).into());
    put("horizon", "end", civil(day.grid.end()).into());
    put("objective", "policy", day.objective.policy.as_str().into());
    if let Some(gap) = day.solver.gap {
        put("solver", "gap", gap.into());
    }
    toml::to_string(&table).map_err(|error| wrong(error.to_string()))
}

const FACILITIES: [&str; 27] = [
    "facility",
    "name",
    "licensee",
    "licence_no",
    "licence_from",
    "licence_to",
    "zone",
    "time_zone",
    "tier",
    "protected",
    "nominated_mw",
    "quota_mw",
    "floor_mw",
    "min_cut_mw",
    "block_mw",
    "cut_cost_per_mwh",
    "event_cost",
    "notice_min",
    "min_cut_min",
    "max_cut_min",
    "min_gap_min",
    "max_events_per_day",
    "max_cut_hours",
    "ramp_up_mw_per_h",
    "class",
    "region",
    "twelve_month_max_mw",
];

/// The register; nominations and quotas have files of their own.
fn facilities_csv(day: &Case) -> String {
    let row = |own: &Facility| {
        [
            own.id.to_string(),
            own.name.clone(),
            own.licensee.clone(),
            own.licence_no.clone(),
            shown(own.licence_from),
            shown(own.licence_to),
            own.zone.to_string(),
            own.time_zone.name().to_owned(),
            own.tier.to_string(),
            own.protected.to_string(),
            String::new(),
            String::new(),
            own.floor_kw.to_string(),
            own.min_cut_kw.to_string(),
            shown(own.block_kw),
            own.cut_cost_per_mwh.to_string(),
            own.event_cost.to_string(),
            own.notice_minutes.to_string(),
            own.min_cut_minutes.to_string(),
            shown(own.max_cut_minutes),
            own.min_gap_minutes.to_string(),
            shown(own.max_events_per_day),
            shown(own.max_cut_hours),
            shown(own.ramp_up_kw_per_h),
            own.class.clone(),
            own.region.clone().unwrap_or_default(),
            shown(own.twelve_month_max_kw),
        ]
    };
    csv(FACILITIES, day.facilities.iter().map(row))
}

fn powers_csv(day: &Case, mw: &dyn Fn(&Facility, usize) -> String) -> String {
    let cells = day.facilities.iter().flat_map(|own| (0..day.grid.len).map(move |t| (own, t)));
    let row = |(own, t): (&Facility, usize)| [utc_text(day.grid.instant(t)), own.id.to_string(), mw(own, t)];
    csv(["interval_start", "facility", "mw"], cells.map(row))
}

fn ledger_csv(day: &Case) -> String {
    let row = |own: &Facility| {
        [own.id.to_string(), own.ledger.nominated_mwh.to_string(), own.ledger.cut_mwh.to_string()]
    };
    csv(["facility", "nominated_mwh", "cut_mwh"], day.facilities.iter().map(row))
}

fn state_csv(day: &Case) -> String {
    let moved = day.facilities.iter().filter(|own| own.state != State::default());
    let row = |own: &Facility| {
        let State { cut_kw, cut_since, last_cut_end, events_today } = own.state;
        let at = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, utc_text);
        [own.id.to_string(), cut_kw.to_string(), at(cut_since), at(last_cut_end), shown(events_today)]
    };
    csv(["facility", "cut_mw", "cut_since", "last_cut_end", "events_today"], moved.map(row))
}

/// A blank cell for none.
fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn csv<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory can't fail, and every row is as wide as the head.
    _ = writer.write_record(head);
    rows.for_each(|row| _ = writer.write_record(row));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{Goal, Horizon};
    use kezek_model::case::{Ledger, Policy};
    use kezek_model::units::Kw;

    #[test]
    fn whatever_a_day_may_have_is_read_again_as_it_was() {
        let files = Goal::new(3, 6, Horizon::of_steps(24)).files();
        let mut day = Case::parse(&files).unwrap();
        day.name = "a winter 2026-01-24".into();
        (day.objective.policy, day.solver.gap) = (Policy::Rotation, Some(0.01));
        day.scenarios[0].headroom_mw[1][7] -= 0.1 + 0.2;
        day.ties[0].limit_mw[3] = None;
        let at = |hours: i64| Some(day.grid.start - chrono::TimeDelta::hours(hours));
        let state = State { cut_kw: Kw(1_500), cut_since: at(3), last_cut_end: at(9), events_today: Some(2) };
        let own = &mut day.facilities[2];
        (own.state, own.ledger) = (state, Ledger { nominated_mwh: 0.1 + 0.2, cut_mwh: 1e-3 });
        (own.max_cut_hours, own.licence_from) = (Some(2.5), None);
        (own.name, own.region) = ("Ferma \"7\", Ekibastuz".into(), Some("Pavlodar".into()));
        (own.quota_kw[5], own.nomination_kw[6]) = (Some(Kw(901)), Kw(1));
        let written = day_files(files, &day).unwrap();
        assert_eq!(Case::parse(&written).unwrap().digest().unwrap(), day.digest().unwrap());
    }

    #[test]
    fn what_the_settings_do_not_carry_is_told() {
        let files = Goal::new(3, 3, Horizon::of_steps(24)).files();
        let mut day = Case::parse(&files).unwrap();
        day.zones[0].restore_limit_mw = None;
        assert!(matches!(day_files(files, &day), Err(DerivedError::Otherwise)));
    }
}
