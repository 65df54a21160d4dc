//! The files of a day of a season: its settings as they were written, all else from the case of the day.

use super::{DerivedError, SCHEDULES, SETTINGS, instant, portable, put, settle};
use chrono::{DateTime, Utc};
use kezek_model::case::{Case, CaseFiles};

/// The files of a day: settings and standing orders of the season's files, with what the day and the scenario changed.
///
/// # Errors
/// When the files do not come out as the case of the day.
pub fn day_files(season: CaseFiles, day: &Case) -> Result<CaseFiles, DerivedError> {
    let mut files = portable(season)?;
    files.files.retain(|name, _| name == SETTINGS || name.starts_with(SCHEDULES));
    let civil =
        |at: DateTime<Utc>| at.with_timezone(&day.grid.time_zone).format("%Y-%m-%dT%H:%M").to_string();
    settle(&mut files, |settings| {
        settings.insert("name".to_owned(), day.name.clone().into());
        settings.insert("issued_at".to_owned(), instant(day.issued_at)?);
        put(settings, "horizon", "start", civil(day.grid.start));
        put(settings, "horizon", "end", civil(day.grid.end()));
        put(settings, "objective", "policy", day.objective.policy.as_str());
        day.solver.gap.into_iter().for_each(|gap| put(settings, "solver", "gap", gap));
        Ok(())
    })?;
    files.files.extend(day.tables().into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())));
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
    let (paths, orders): (Vec<String>, Vec<Vec<u8>>) =
        orders.into_iter().map(|(name, order)| (format!("{ON_TOP}{name}"), order)).unzip();
    settle(&mut files, |settings| {
        let named = settings.entry("schedules").or_insert_with(|| toml::Value::Array(Vec::new()));
        let named = named.as_array_mut().into_iter();
        named.for_each(|named| named.extend(paths.iter().cloned().map(toml::Value::from)));
        Ok(())
    })?;
    files.files.extend(paths.into_iter().zip(orders));
    Ok(files)
}

/// Where standing orders come from that no file of the case names.
const ON_TOP: &str = "on-top/";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{Goal, Horizon};
    use kezek_model::case::Policy;

    #[test]
    fn what_a_day_changes_of_the_settings_is_read_again_as_it_was() {
        let files = Goal::new(3, 6, Horizon::days(3, 60)).files();
        let season = Case::parse(&files).unwrap();
        let mut day = season.clone();
        day.name = "a winter 2026-01-25".into();
        day.grid.start = season.grid.instant(24);
        day.grid.len = 24;
        day.issued_at = season.grid.instant(14);
        (day.objective.policy, day.solver.gap) = (Policy::Rotation, Some(0.01));
        let hours = 24..48;
        day.scenarios[0].headroom_mw.iter_mut().for_each(|mw| *mw = mw[hours.clone()].to_vec());
        for tie in &mut day.ties {
            tie.limit_mw = tie.limit_mw[hours.clone()].to_vec();
            tie.reverse_limit_mw = vec![None; 24];
        }
        for own in &mut day.facilities {
            own.nomination_kw = own.nomination_kw[hours.clone()].to_vec();
            (own.quota_kw, own.kept_kw) = (vec![None; 24], vec![None; 24]);
        }
        let written = day_files(files, &day).unwrap();
        assert_eq!(Case::parse(&written).unwrap(), day);
    }

    #[test]
    fn what_the_settings_do_not_carry_is_told() {
        let files = Goal::new(3, 3, Horizon::of_steps(24)).files();
        let mut day = Case::parse(&files).unwrap();
        day.zones[0].restore_limit_mw = None;
        assert!(matches!(day_files(files, &day), Err(DerivedError::Otherwise)));
    }
}
