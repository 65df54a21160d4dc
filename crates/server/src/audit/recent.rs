//! The end of a journal, newest first and in stretches: nobody waits until a million records are read.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use kezek_journal::{Location, Reader, Record};

use super::{Deed, done};
use crate::error::ServerError;
use crate::refused;

/// Records of which one stretch has no more.
pub(crate) const STRETCH: u64 = 20_000;

/// What is asked for; a blank asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Part of the name of whoever did it, alone or beside another.
    pub(crate) person: String,
    /// An order, facility or licence, or the beginning of a plan's digest.
    pub(crate) about: String,
    /// The kind of the record.
    pub(crate) kind: String,
    /// The kind that is left out.
    pub(crate) but: String,
    /// Not before the first, before the second.
    pub(crate) within: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Only records with lower numbers.
    pub(crate) before: Option<u64>,
}

/// A deed and the hash of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) deed: Deed,
    pub(crate) hash: String,
}

/// What a stretch has, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) found: Vec<Kept>,
    /// The lowest and highest number that was looked at; nothing where there was no record.
    pub(crate) looked: Option<(u64, u64)>,
    /// What to ask with as `before` to go on; nothing where nothing is left.
    pub(crate) next: Option<u64>,
}

/// The newest deeds that are asked for, at most so many, of one stretch.
///
/// # Errors
/// When the journal cannot be read, or its chain is broken there.
pub(crate) fn recent(database: &Location, asked: &Asked, most: usize) -> Result<Stretch, ServerError> {
    let reader = database.reader()?;
    let head = reader.head()?.seq;
    let mut end = asked.before.map_or(head, |before| before.saturating_sub(1)).min(head);
    let mut floor = 0;
    if let Some((from, to)) = asked.within {
        end = end.min(count_before(&*reader, head, to)?);
        floor = count_before(&*reader, head, from)?;
    }
    let start = end.saturating_sub(STRETCH).max(floor);
    if end <= start {
        return Ok(Stretch::default());
    }
    let mut found = read(&*reader, start, end, asked)?;
    found.reverse();
    let is_cut_off = found.len() > most;
    found.truncate(most);
    let last = found.last().and_then(|kept| kept.deed.seq).filter(|_| is_cut_off);
    let looked = Some((last.unwrap_or(start + 1), end));
    Ok(Stretch { found, looked, next: last.or((start > floor).then_some(start + 1)) })
}

/// The deeds of the records after `start`, up to `end`.
fn read(reader: &dyn Reader, start: u64, end: u64, asked: &Asked) -> Result<Vec<Kept>, ServerError> {
    let (mut found, mut failed) = (Vec::new(), None);
    let visit = &mut |record: Record| {
        let (seq, hash) = (record.seq, record.hash.clone());
        let is_meant = asked.kind.is_empty() || asked.kind == record.kind;
        if is_meant && record.kind != asked.but {
            match done(reader, record) {
                Ok(deed) => {
                    let deed = deed.filter(|deed| asked.is_met_by(deed));
                    found.extend(deed.map(|deed| Kept { deed, hash }));
                }
                Err(error) => failed = Some(error),
            }
        }
        if seq < end && failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    reader.load(start, visit)?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(found),
    }
}

/// How many records stand before an instant: their times never run backwards.
fn count_before(reader: &dyn Reader, head: u64, at: DateTime<Utc>) -> Result<u64, ServerError> {
    let (mut low, mut high) = (0, head);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut found = None;
        let visit = &mut |record: Record| {
            found = Some(record.at);
            ControlFlow::Break(())
        };
        reader.load(middle, visit)?;
        match found {
            Some(found) if found < at => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// What was refused, newest first, and how many more there are: at most `most` after the first `skip`. A journal on a
/// server has no such file beside it.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn refusals(
    database: &Location,
    asked: &Asked,
    skip: usize,
    most: usize,
) -> Result<(Vec<Deed>, usize), ServerError> {
    let Some(file) = database.path() else { return Ok((Vec::new(), 0)) };
    let unreadable = |source| ServerError::RefusalsUnreadable { path: refused::file_of(file), source };
    let all = refused::read(file).map_err(unreadable)?;
    let deeds = all.into_iter().rev().map(Deed::from).filter(|deed| asked.is_met_by(deed));
    let mut left: Vec<Deed> = deeds.skip(skip).collect();
    let more = left.len().saturating_sub(most);
    left.truncate(most);
    Ok((left, more))
}

impl Asked {
    fn is_met_by(&self, deed: &Deed) -> bool {
        let has = |text: &Option<String>, part: &str| {
            text.as_ref().is_some_and(|text| text.to_lowercase().contains(&part.to_lowercase()))
        };
        let person = [&deed.person, &deed.second_person].into_iter().any(|name| has(name, &self.person));
        let within = self.within.is_none_or(|(from, to)| from <= deed.at && deed.at < to);
        (self.person.is_empty() || person) && (self.about.is_empty() || self.is_about(deed)) && within
    }

    fn is_about(&self, deed: &Deed) -> bool {
        let about = self.about.as_str();
        let facility = deed.facility.as_ref().is_some_and(|found| found.as_str().eq_ignore_ascii_case(about));
        let order = deed.order_no.as_ref().is_some_and(|found| found.as_str().eq_ignore_ascii_case(about));
        let licence = deed.licence.as_ref().is_some_and(|found| found.eq_ignore_ascii_case(about));
        let plan =
            deed.plan_digest.as_ref().is_some_and(|found| about.len() >= 4 && found.starts_with(about));
        let asked = ["/orders/", "/facilities/", "/plans/", "/proposals/"];
        facility || order || licence || plan || asked.iter().any(|below| deed.names(about, below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use kezek_journal::Entry;
    use serde_json::json;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    /// One record a minute, the first in minute 1; every third is a call about one of two orders.
    fn journal(folder: &std::path::Path, records: i64) -> Location {
        let location = Location::File(folder.join("kezek.db"));
        let mut store = location.store("test").unwrap();
        let entries: Vec<Entry> = (1..=records)
            .map(|number| {
                let order = format!("2026-0115-N{}-v1", number % 2);
                let call = json!({"event": {"order_no": order, "person": "D. Duty", "answer": "yes"}});
                match number % 3 {
                    0 => Entry::new(at(number), "called", call),
                    _ => Entry::new(at(number), "silent", json!({"event": {"order_no": order}})),
                }
            })
            .collect();
        for batch in entries.chunks(1_000) {
            store.append(batch).unwrap();
        }
        location
    }

    fn numbers(stretch: &Stretch) -> Vec<u64> {
        stretch.found.iter().filter_map(|kept| kept.deed.seq).collect()
    }

    #[test]
    fn deeds_come_newest_first_by_the_page_until_none_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let location = journal(folder.path(), 30);
        let first = recent(&location, &Asked::default(), 4).unwrap();
        assert_eq!(
            (numbers(&first), first.looked, first.next),
            (vec![30, 27, 24, 21], Some((21, 30)), Some(21))
        );
        assert_eq!(first.found[0].hash.len(), 64);
        let asked = Asked { before: first.next, ..Asked::default() };
        let second = recent(&location, &asked, 40).unwrap();
        assert_eq!((numbers(&second), second.next), (vec![18, 15, 12, 9, 6, 3], None));
        assert_eq!(second.looked, Some((1, 20)));
    }

    #[test]
    fn deeds_are_picked_by_person_order_facility_kind_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let location = journal(folder.path(), 30);
        let of = |asked: Asked| numbers(&recent(&location, &asked, 40).unwrap());
        let blank = Asked::default;
        assert_eq!(of(Asked { person: "duty".into(), ..blank() }).len(), 10);
        assert!(of(Asked { person: "nobody".into(), ..blank() }).is_empty());
        let about = |text: &str| of(Asked { about: text.into(), ..blank() });
        assert_eq!((about("n0").len(), about("2026-0115-N1-v1").len(), about("N").len()), (5, 5, 0));
        assert_eq!(of(Asked { kind: "called".into(), ..blank() }).len(), 10);
        assert!(of(Asked { but: "called".into(), ..blank() }).is_empty());
        let day = Asked { within: Some((at(9), at(18))), ..blank() };
        assert_eq!(
            (of(day.clone()), recent(&location, &day, 40).unwrap().looked),
            (vec![15, 12, 9], Some((9, 17)))
        );
    }

    #[test]
    fn a_long_journal_is_read_by_the_stretch_and_says_how_far() {
        let folder = tempfile::tempdir().unwrap();
        let records = i64::try_from(STRETCH).unwrap() + 100;
        let location = journal(folder.path(), records);
        let asked = Asked { about: "2026-0115-N9-v1".into(), ..Asked::default() };
        let stretch = recent(&location, &asked, 40).unwrap();
        assert_eq!((stretch.looked, stretch.next), (Some((101, STRETCH + 100)), Some(101)));
        let rest = recent(&location, &Asked { before: stretch.next, ..asked }, 40).unwrap();
        assert_eq!((rest.looked, rest.next), (Some((1, 100)), None));
    }
}
