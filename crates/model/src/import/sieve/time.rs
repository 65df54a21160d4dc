//! Which interval each row is about, and which intervals should have one.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Sieve, Starts};
use crate::fault::{Fault, Faults};
use crate::import::outcome::RejectKind;
use crate::import::profile::Label;
use crate::import::stamp::{self, Resolved, Stamp};
use crate::import::table::{Record, Table};
use crate::import::write::rfc3339;
use crate::import::{ImportError, fault_of_file};

/// More than ten years of quarter hours: a time stamp far off must not make millions of gaps.
const MAX_INTERVALS: i64 = 400_000;

impl Sieve<'_> {
    /// The interval each record is about.
    pub(in crate::import) fn interval_starts(&mut self, table: &Table) -> Result<Starts, ImportError> {
        let stamps: Vec<Option<Stamp>> =
            table.records.iter().map(|record| self.stamp(table, record)).collect();
        self.refuse_naive(table, &stamps)?;
        if self.places.period.is_some() {
            return Ok(table
                .records
                .iter()
                .zip(stamps)
                .map(|(record, stamp)| self.period(record, stamp?))
                .collect());
        }
        // Without a zone there is no naive stamp left, so that any zone does.
        let zone = self.profile.time.time_zone.unwrap_or(chrono_tz::Tz::UTC);
        let shift = if self.profile.time.label == Label::End { self.profile.step } else { TimeDelta::zero() };
        let mut starts = Starts::with_capacity(stamps.len());
        for (record, resolved) in table.records.iter().zip(stamp::resolve(&stamps, zone)) {
            starts.push(match resolved {
                Resolved::At(at) => Some(at - shift),
                Resolved::Blank => None,
                Resolved::Never(reason) => {
                    self.reject_stamp(record, None, reason);
                    None
                }
            });
        }
        Ok(starts)
    }

    fn stamp(&mut self, table: &Table, record: &Record) -> Option<Stamp> {
        if record.cells.len() != table.header.len() {
            let reason = format!("{} cell(s), the header has {}", record.cells.len(), table.header.len());
            self.reject(record, "", None, RejectKind::Shape, &record.cells.join(" | "), reason);
            return None;
        }
        let stamp = stamp::parse_stamp(&record.cells[self.places.time], &self.profile.time.formats);
        if stamp.is_none() {
            let reason = "not a time stamp in one of the `formats` of the profile".to_owned();
            self.reject_stamp(record, None, reason);
        }
        stamp
    }

    /// A clock reading without offset means nothing until somebody says whose clock it was.
    fn refuse_naive(&self, table: &Table, stamps: &[Option<Stamp>]) -> Result<(), ImportError> {
        let naive = |stamp: &Option<Stamp>| matches!(stamp, Some(Stamp::Naive(_)));
        let Some(first) = stamps.iter().position(naive) else { return Ok(()) };
        if self.profile.time.time_zone.is_some() {
            return Ok(());
        }
        let record = &table.records[first];
        let times = stamps.iter().filter(|stamp| naive(stamp)).count();
        let stamp = &record.cells[self.places.time];
        Err(ImportError::Table(Faults(vec![Fault {
            file: self.file.to_owned(),
            row: Some(record.row),
            column: Some(self.profile.time.column.clone()),
            found: format!("`{stamp}`, a time stamp without offset, as in {times} row(s)"),
            expected: "a stated time zone: under [time] of the profile add `time_zone = \"Asia/Almaty\"`, or whichever \
                       clock the source uses, or say `\"UTC\"`"
                .to_owned(),
        }])))
    }

    /// The interval at a place in the civil day.
    fn period(&mut self, record: &Record, stamp: Stamp) -> Option<DateTime<Utc>> {
        let (place, zone) = (self.places.period?, self.profile.time.time_zone?);
        let day = match stamp {
            Stamp::Naive(naive) => naive.date(),
            Stamp::Instant(at) => at.with_timezone(&zone).date_naive(),
        };
        let found = record.cells[place].clone();
        let periods = match stamp::period_start(day, found.parse().unwrap_or(0), self.profile.step, zone) {
            Ok(start) => return Some(start),
            Err(periods) => periods,
        };
        let column = self.profile.time.period_column.clone().unwrap_or_default();
        let reason = format!("{day} has the intervals 1 to {periods} in {zone}");
        self.reject(record, &column, None, RejectKind::TimeStamp, &found, reason);
        None
    }

    /// Leaves out what lies before `from` or not before `to`, and counts it.
    pub(in crate::import) fn within_bounds(&self, mut starts: Starts) -> (Starts, usize) {
        let (from, to) = (self.profile.from, self.profile.to);
        let mut outside = 0;
        for start in &mut starts {
            if start.is_some_and(|at| from.is_some_and(|from| at < from) || to.is_some_and(|to| at >= to)) {
                *start = None;
                outside += 1;
            }
        }
        (starts, outside)
    }

    /// Rejects what does not lie a whole number of steps from `from`, or else from where most rows lie.
    pub(in crate::import) fn on_grid(&mut self, table: &Table, mut starts: Starts) -> Starts {
        let step = self.profile.step.num_seconds();
        let Some(phase) =
            self.profile.from.map(|from| phase(from, step)).or_else(|| usual_phase(&starts, step))
        else {
            return starts;
        };
        for (record, start) in table.records.iter().zip(&mut starts) {
            if let Some(at) = *start
                && phase != self::phase(at, step)
            {
                let minutes = self.profile.step.num_minutes();
                self.reject_stamp(
                    record,
                    Some(at),
                    format!("not on the grid of {minutes} minutes that the other rows are on"),
                );
                *start = None;
            }
        }
        starts
    }

    /// Every interval that should have a row.
    pub(in crate::import) fn expected(
        &self,
        table: &Table,
        starts: &Starts,
    ) -> Result<Vec<DateTime<Utc>>, ImportError> {
        let step = self.profile.step;
        let first = self.profile.from.or_else(|| starts.iter().flatten().min().copied());
        let end = self.profile.to.or_else(|| starts.iter().flatten().max().map(|last| *last + step));
        let (Some(first), Some(end)) = (first, end) else { return Ok(Vec::new()) };
        let intervals = (end - first).num_seconds() / step.num_seconds();
        if intervals > MAX_INTERVALS {
            return Err(ImportError::Table(Faults(vec![self.too_long(table, starts, intervals)])));
        }
        Ok(std::iter::successors(Some(first), |at| Some(*at + step)).take_while(|at| *at < end).collect())
    }

    fn too_long(&self, table: &Table, starts: &Starts, intervals: i64) -> Fault {
        let seen =
            || table.records.iter().zip(starts).filter_map(|(record, start)| Some(((*start)?, record.row)));
        let ends = match (seen().min(), seen().max()) {
            (Some((first, first_row)), Some((last, last_row))) => {
                format!(" (row {first_row} is {}, row {last_row} is {})", rfc3339(first), rfc3339(last))
            }
            _ => String::new(),
        };
        let expected = format!(
            "at most {MAX_INTERVALS}: correct the time stamps, or set `from` and `to` in the profile"
        );
        fault_of_file(self.file, &format!("a span of {intervals} intervals{ends}"), &expected)
    }
}

fn phase(at: DateTime<Utc>, step_seconds: i64) -> (i64, u32) {
    (at.timestamp().rem_euclid(step_seconds), at.timestamp_subsec_nanos())
}

/// The phase that most rows have; the smaller one where two have as many.
fn usual_phase(starts: &Starts, step_seconds: i64) -> Option<(i64, u32)> {
    let mut times: BTreeMap<(i64, u32), usize> = BTreeMap::new();
    for at in starts.iter().flatten() {
        *times.entry(phase(*at, step_seconds)).or_default() += 1;
    }
    times.into_iter().max_by_key(|(phase, times)| (*times, std::cmp::Reverse(*phase))).map(|(phase, _)| phase)
}
