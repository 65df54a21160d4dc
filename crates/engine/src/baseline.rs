//! The mean of the same hour in the days before: what a facility used to draw when nobody cut it.

use crate::comply::pieces;
use crate::energy::{Decides, Exact, slices};
use crate::stack;
use crate::state::{OrderRecord, State};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use kezek_model::units::Kw;
use std::collections::{BTreeMap, BTreeSet};

/// Uncut days whose mean is taken.
pub const DAYS: u32 = 10;
/// Days that are looked back upon for them, at most.
pub const MOST_DAYS_BACK: u64 = 60;

/// A civil hour of a day and the instants between which the clock shows it.
type Hour = (u32, DateTime<Utc>, DateTime<Utc>);

/// What one facility drew before an order, as far back as was asked.
pub(crate) struct Past<'a> {
    state: &'a State,
    record: &'a OrderRecord,
    time_zone: Tz,
    cut_days: BTreeSet<NaiveDate>,
    /// Sum of the means of a civil hour in whole watts, and of how many days.
    hours: BTreeMap<u32, (i128, u32)>,
    /// The next day back, and how many days still may be looked at.
    next: (NaiveDate, u64),
    /// The fewest days of any hour that was asked for.
    fewest: Option<u32>,
}

impl<'a> Past<'a> {
    /// Begins with the civil day before the one in which the order was issued.
    pub(crate) fn before(state: &'a State, record: &'a OrderRecord) -> Self {
        let time_zone = state.time_zone(&record.order);
        let issued = record.order.issued_at.with_timezone(&time_zone).date_naive();
        Self {
            state,
            record,
            time_zone,
            cut_days: cut_days(state, record, time_zone),
            hours: BTreeMap::new(),
            next: (issued - Days::new(1), MOST_DAYS_BACK),
            fewest: None,
        }
    }

    /// A stretch in parts of one civil hour each, with its mean in watts where any day tells it.
    pub(crate) fn over(
        &mut self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, DateTime<Utc>, Option<i128>)> {
        let mut parts = Vec::new();
        let mut at = from;
        while at < to {
            let (hour, end) = civil_hour(at, self.time_zone);
            parts.push((at, end.min(to), self.mean(hour)));
            at = end;
        }
        parts
    }

    /// The fewest days that any hour asked for rests on; 0 where none was asked for.
    pub(crate) fn fewest_days(&self) -> Option<u32> {
        Some(self.fewest.unwrap_or(0))
    }

    fn mean(&mut self, hour: u32) -> Option<i128> {
        while self.next.1 > 0 && self.hours.get(&hour).is_none_or(|(_, days)| *days < DAYS) {
            self.look_back();
        }
        let (sum, days) = self.hours.get(&hour).copied().unwrap_or_default();
        self.fewest = Some(self.fewest.map_or(days, |fewest| fewest.min(days)));
        (days > 0).then(|| sum / i128::from(days))
    }

    /// Takes in one more day, if it had no cut.
    fn look_back(&mut self) {
        let (day, left) = self.next;
        self.next = (day - Days::new(1), left - 1);
        if self.cut_days.contains(&day) {
            return;
        }
        let hours = hours_of(day, self.time_zone);
        let (Some(first), Some(last)) = (hours.first(), hours.last()) else { return };
        // A reading is at most a day long.
        let readings = self.state.readings(&self.record.order.facility, first.1 - TimeDelta::days(1), last.2);
        let told = slices(readings, Decides::Lowest);
        for (hour, from, to) in hours {
            let entry = self.hours.entry(hour).or_default();
            if let Some(watts) = mean_watts(&told, from, to).filter(|_| entry.1 < DAYS) {
                *entry = (entry.0 + watts, entry.1 + 1);
            }
        }
    }
}

/// The mean over a stretch in whole watts, if every moment of it is told.
fn mean_watts(told: &[crate::energy::Slice], from: DateTime<Utc>, to: DateTime<Utc>) -> Option<i128> {
    let first = told.partition_point(|slice| slice.to <= from);
    let (mut sum, mut told_ms) = (Exact::default(), 0);
    for slice in told[first..].iter().take_while(|slice| slice.from < to) {
        let part = (slice.from.max(from), slice.to.min(to));
        sum += Exact::of_watts(i128::from(slice.mean.0) * 1000, part);
        told_ms += (part.1 - part.0).num_milliseconds();
    }
    let whole = (to - from).num_milliseconds();
    (told_ms == whole).then(|| sum.0 / i128::from(whole))
}

/// The civil days on which any order cut the facility, as far as they are looked at.
fn cut_days(state: &State, record: &OrderRecord, time_zone: Tz) -> BTreeSet<NaiveDate> {
    let earliest = record.order.issued_at - TimeDelta::days(1 + MOST_DAYS_BACK.cast_signed());
    let mut days = BTreeSet::new();
    for other in state.newest_first(&record.order.facility) {
        if other.order.expires < earliest || !stack::moves_load(&other.order) {
            continue;
        }
        for piece in pieces(state, other).iter().filter(|piece| piece.cut > Kw::ZERO) {
            let last = (piece.to - TimeDelta::milliseconds(1)).with_timezone(&time_zone).date_naive();
            let first = piece.from.with_timezone(&time_zone).date_naive();
            days.extend(first.iter_days().take_while(|day| *day <= last));
        }
    }
    days
}

/// The civil hour at an instant, and when the clock next shows another.
fn civil_hour(at: DateTime<Utc>, time_zone: Tz) -> (u32, DateTime<Utc>) {
    let local = at.with_timezone(&time_zone);
    let past = TimeDelta::minutes(i64::from(local.minute())) + TimeDelta::seconds(i64::from(local.second()));
    let past = past + TimeDelta::nanoseconds(i64::from(local.nanosecond()));
    (local.hour(), at + (TimeDelta::hours(1) - past))
}

/// The hours of a civil day: one that comes twice is one long hour, one that is skipped is none.
pub(crate) fn hours_of(day: NaiveDate, time_zone: Tz) -> Vec<Hour> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let begins = (0..4)
        .find_map(|hour| time_zone.from_local_datetime(&(midnight + TimeDelta::hours(hour))).earliest());
    let mut hours: Vec<Hour> = Vec::new();
    let Some(mut at) = begins.map(|begins| begins.to_utc()) else { return hours };
    while at.with_timezone(&time_zone).date_naive() == day {
        let (hour, end) = civil_hour(at, time_zone);
        match hours.last_mut() {
            Some(last) if last.0 == hour => last.2 = end,
            _ => hours.push((hour, at, end)),
        }
        at = end;
    }
    hours
}
