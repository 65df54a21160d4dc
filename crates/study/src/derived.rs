//! The files of a case of which a study changed something, so that every other verb reads what it worked with.

mod day;

pub use day::{day_files, with_orders};

use chrono::{DateTime, Utc};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::fault::Faults;

const SETTINGS: &str = "case.toml";
/// The folder of a copy's schedules.
pub const SCHEDULES: &str = "schedules/";

/// Why a changed case has no files.
#[derive(Debug, thiserror::Error)]
pub enum DerivedError {
    /// Copies lie side by side.
    #[error("two schedules of the case are named {0}; rename one")]
    TwoSchedules(String),
    /// `case.toml` cannot be written anew.
    #[error("case.toml cannot be written anew: {0}")]
    Settings(String),
    /// What was written is no case.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// What was written says something else.
    #[error("the files of the changed case do not say what was worked with; please report this case")]
    Otherwise,
}

/// The files with every schedule inside of the folder, as their paths may lead out of it.
///
/// # Errors
/// When two schedules have the same name.
pub fn portable(files: CaseFiles) -> Result<CaseFiles, DerivedError> {
    let mut copy = CaseFiles::default();
    let mut settings = text(&files);
    for (name, bytes) in files.files {
        let Some((_, last)) = name.rsplit_once('/') else {
            copy.files.insert(name, bytes);
            continue;
        };
        let kept = format!("{SCHEDULES}{last}");
        settings = settings.replace(&format!("\"{name}\""), &format!("\"{kept}\""));
        if copy.files.insert(kept, bytes).is_some() {
            return Err(DerivedError::TwoSchedules(last.to_owned()));
        }
    }
    copy.files.insert(SETTINGS.to_owned(), settings.into_bytes());
    Ok(copy)
}

/// The files of `changed`, which came of the case of these files: its moment of issue, policy, standing orders or none,
/// headroom, ties and kept cuts may be others. What did not change stays as it was written.
///
/// # Errors
/// When the files do not come out as the changed case.
pub fn files_of(files: CaseFiles, changed: &Case) -> Result<CaseFiles, DerivedError> {
    let original = Case::parse(&files)?;
    let mut copy = portable(files)?;
    if changed.schedules.is_empty() {
        copy.files.retain(|name, _| !name.starts_with(SCHEDULES));
    }
    settle(&mut copy, |settings| {
        settings.insert("issued_at".to_owned(), instant(changed.issued_at)?);
        if changed.schedules.is_empty() {
            settings.remove("schedules");
        }
        put(settings, "objective", "policy", changed.objective.policy.as_str());
        Ok(())
    })?;
    let tables = changed.tables();
    let is_changed = [
        ("forecast.csv", original.scenarios != changed.scenarios),
        ("ties.csv", original.ties != changed.ties),
        ("kept.csv", changed.facilities.iter().any(|own| own.kept_kw.iter().any(Option::is_some))),
    ];
    for (name, _) in is_changed.into_iter().filter(|own| own.1) {
        let text = tables.get(name).cloned().unwrap_or_default();
        copy.files.insert(name.to_owned(), text.into_bytes());
    }
    if Case::parse(&copy)? == *changed { Ok(copy) } else { Err(DerivedError::Otherwise) }
}

fn text(files: &CaseFiles) -> String {
    files.get(SETTINGS).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

/// Writes `case.toml` anew, without its comments.
fn settle(
    files: &mut CaseFiles,
    change: impl FnOnce(&mut toml::Table) -> Result<(), DerivedError>,
) -> Result<(), DerivedError> {
    let wrong = |what: String| DerivedError::Settings(what);
    let mut table: toml::Table =
        text(files).parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    change(&mut table)?;
    let settings = toml::to_string(&table).map_err(|error| wrong(error.to_string()))?;
    files.files.insert(SETTINGS.to_owned(), settings.into_bytes());
    Ok(())
}

/// Gives a key of a section another value.
fn put(settings: &mut toml::Table, section: &str, key: &str, value: impl Into<toml::Value>) {
    let section = settings.entry(section).or_insert_with(|| toml::Table::new().into());
    if let Some(section) = section.as_table_mut() {
        section.insert(key.to_owned(), value.into());
    }
}

fn instant(at: DateTime<Utc>) -> Result<toml::Value, DerivedError> {
    let text = at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    let datetime = text.parse::<toml::value::Datetime>();
    datetime.map(toml::Value::Datetime).map_err(|error| DerivedError::Settings(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::Recipe;
    use kezek_model::case::Policy;
    use kezek_model::units::Kw;

    #[test]
    fn whatever_a_study_changes_is_read_again_as_it_was() {
        let files = Recipe::long_day(1, 6).files();
        let mut changed = Case::parse(&files).unwrap();
        changed.issued_at = "2024-02-29T03:59:00Z".parse().unwrap();
        changed.objective.policy = Policy::Rotation;
        changed.scenarios[0].headroom_mw[1][7] -= 0.1 + 0.2;
        changed.ties[0].limit_mw[3] = Some(0.0);
        changed.facilities[2].kept_kw[1] = Some(Kw(1_001));
        let written = files_of(files.clone(), &changed).unwrap();
        assert_eq!(Case::parse(&written).unwrap(), changed);
        let same = |name: &str| written.get(name) == files.get(name);
        assert!(same("facilities.csv") && !same("forecast.csv"));
    }

    #[test]
    fn a_change_that_no_file_carries_is_told() {
        let files = Recipe::day(1, 3).files();
        let mut changed = Case::parse(&files).unwrap();
        changed.facilities[0].floor_kw += Kw(1);
        assert!(matches!(files_of(files, &changed), Err(DerivedError::Otherwise)));
    }

    #[test]
    fn schedules_come_along_and_two_of_one_name_are_told() {
        let toml = b"schedules = [\"../a/order.toml\"]".to_vec();
        let mut files = CaseFiles::default();
        files.files.insert(SETTINGS.into(), toml);
        files.files.insert("../a/order.toml".into(), b"one".to_vec());
        let moved = portable(files.clone()).unwrap();
        assert_eq!(moved.get("schedules/order.toml"), Some(&b"one"[..]));
        assert_eq!(moved.get(SETTINGS), Some(&b"schedules = [\"schedules/order.toml\"]"[..]));
        files.files.insert("../b/order.toml".into(), b"two".to_vec());
        assert!(matches!(portable(files), Err(DerivedError::TwoSchedules(name)) if name == "order.toml"));
    }
}
