//! What an order brought in energy, by the meter: exact, so that neither the order nor the length of readings matters.
//!
//! Only time counts in which a trusted reading lies wholly within one limit of the order, as in [`crate::comply`]; and
//! against a baseline only time in which that baseline is known. What is unknown is never zero: the energy that was
//! ordered in the time that counts stands beside what was achieved.

use crate::baseline::Past;
use crate::comply::{Piece, pieces};
use crate::config::Baseline;
use crate::state::{OrderRecord, State};
use chrono::{DateTime, Utc};
use kezek_model::receipt::{Quality, Reading};
use kezek_model::units::{Kw, Wh};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The energy of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Energy {
    /// Cut that was ordered, over all the time in which the order governs.
    #[serde(rename = "ordered_mwh")]
    pub ordered: Wh,
    /// Metered above the limit; the tolerance is not taken off.
    #[serde(rename = "above_limit_mwh")]
    pub above_limit: Wh,
    /// Whole minutes in which the order governs and no trusted reading says anything.
    pub unknown_minutes: u64,
    /// One for each [`Baseline`], in their order.
    pub against: Vec<Achieved>,
}

/// What was achieved against one baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Achieved {
    /// Which.
    pub baseline: Baseline,
    /// Cut that was ordered in the time that counts: metered, and the baseline known.
    #[serde(rename = "ordered_mwh")]
    pub ordered: Wh,
    /// Baseline less what was metered in that time, below zero where more was drawn; `None` where no time counts.
    #[serde(rename = "achieved_mwh")]
    pub achieved: Option<Wh>,
    /// The days that the mean of an hour rests on, the fewest of all hours of the order; 0: some hour has none. `None`
    /// where the baseline rests on no days.
    pub days: Option<u32>,
}

impl Energy {
    /// What was achieved against a baseline, if anything is known.
    #[must_use]
    pub fn achieved(&self, baseline: Baseline) -> Option<Wh> {
        self.against.iter().find(|against| against.baseline == baseline)?.achieved
    }
}

/// A stretch in which the meter says one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) mean: Kw,
}

/// Energy in watt milliseconds: whole for every reading, so that sums do not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Exact(pub(crate) i128);

impl Exact {
    /// A power in whole watts over a stretch.
    pub(crate) fn of_watts(watts: i128, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        Self(watts * i128::from((to - from).num_milliseconds()))
    }

    fn of(power: Kw, stretch: (DateTime<Utc>, DateTime<Utc>)) -> Self {
        Self::of_watts(i128::from(power.0) * 1000, stretch)
    }

    /// In whole Wh, halves away from zero.
    pub(crate) fn wh(self) -> Wh {
        const PER_WH: i128 = 3_600_000;
        let half = if self.0 < 0 { -PER_WH / 2 } else { PER_WH / 2 };
        Wh(i64::try_from((self.0 + half) / PER_WH).unwrap_or(i64::MAX))
    }
}

impl std::ops::AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// Which of several readings of the same time decides.
#[derive(Clone, Copy)]
pub(crate) enum Decides {
    /// For a limit: nobody hides a breach behind another source.
    Highest,
    /// For a baseline: nobody raises it by another source.
    Lowest,
}

/// Trusted readings as stretches in order of time, without overlap.
pub(crate) fn slices<'a>(readings: impl Iterator<Item = &'a Reading>, decides: Decides) -> Vec<Slice> {
    let trusted: Vec<&Reading> = readings.filter(|reading| reading.quality == Quality::Ok).collect();
    if trusted.windows(2).all(|pair| pair[0].interval_end <= pair[1].interval_start) {
        let slice =
            |read: &&Reading| Slice { from: read.interval_start, to: read.interval_end, mean: read.mean };
        return trusted.iter().map(slice).collect();
    }
    swept(&trusted, decides)
}

/// Where readings overlap: from one change to the next.
fn swept(trusted: &[&Reading], decides: Decides) -> Vec<Slice> {
    let mut changes: Vec<(DateTime<Utc>, i32, Kw)> = trusted
        .iter()
        .flat_map(|read| [(read.interval_start, 1, read.mean), (read.interval_end, -1, read.mean)])
        .collect();
    changes.sort_unstable();
    let mut slices: Vec<Slice> = Vec::new();
    let (mut reading, mut since) = (BTreeMap::<Kw, i32>::new(), DateTime::<Utc>::MIN_UTC);
    for (at, change, mean) in changes {
        let decisive = match decides {
            Decides::Highest => reading.last_key_value(),
            Decides::Lowest => reading.first_key_value(),
        };
        if let Some((&mean, _)) = decisive.filter(|_| since < at) {
            slices.push(Slice { from: since, to: at, mean });
        }
        since = at;
        let count = reading.entry(mean).or_default();
        *count += change;
        if *count == 0 {
            reading.remove(&mean);
        }
    }
    slices
}

/// The energy of an order up to its end, as far as readings are known.
pub(crate) fn energy(state: &State, record: &OrderRecord) -> Energy {
    let pieces = pieces(state, record);
    let mut past = Past::before(state, record);
    let mut sums = Sums::default();
    for piece in &pieces {
        let stretch = (piece.from, piece.to);
        sums.ordered += Exact::of(piece.cut, stretch);
        let mut unknown_ms = (piece.to - piece.from).num_milliseconds();
        for slice in metered(state, record, piece) {
            unknown_ms -= (slice.to - slice.from).num_milliseconds();
            sums.add(piece, slice, &mut past);
        }
        sums.unknown_ms += unknown_ms;
    }
    sums.energy(&past)
}

/// What is metered wholly within a limit.
pub(crate) fn metered(state: &State, record: &OrderRecord, piece: &Piece) -> Vec<Slice> {
    let readings = state.readings(&record.order.facility, piece.from, piece.to);
    slices(readings.filter(|reading| reading.interval_end <= piece.to), Decides::Highest)
}

/// What adds up over the time that counts.
#[derive(Default)]
pub(crate) struct Sums {
    ordered: Exact,
    above: Exact,
    unknown_ms: i64,
    /// Ordered and achieved, and whether any time counts, for each baseline in order.
    against: [(Exact, Exact, bool); Baseline::ALL.len()],
}

impl Sums {
    pub(crate) fn add(&mut self, piece: &Piece, slice: Slice, past: &mut Past<'_>) {
        let stretch = (slice.from, slice.to);
        self.above += Exact::of((slice.mean - piece.limit).max(Kw::ZERO), stretch);
        let [nomination, same_hour] = &mut self.against;
        let nominated = Exact::of(piece.limit + piece.cut, stretch);
        count(nomination, piece, slice, nominated);
        for (from, to, watts) in past.over(slice.from, slice.to) {
            if let Some(watts) = watts {
                let part = Slice { from, to, ..slice };
                count(same_hour, piece, part, Exact::of_watts(watts, (from, to)));
            }
        }
    }

    pub(crate) fn above_limit(&self) -> Wh {
        self.above.wh()
    }

    /// Ordered and achieved against a baseline in the time that counts; zero where none does.
    pub(crate) fn against(&self, baseline: Baseline) -> (Wh, Wh) {
        let place = Baseline::ALL.iter().position(|known| *known == baseline);
        place.map_or((Wh::ZERO, Wh::ZERO), |place| (self.against[place].0.wh(), self.against[place].1.wh()))
    }

    fn energy(self, past: &Past<'_>) -> Energy {
        let days = [None, past.fewest_days()];
        let against = Baseline::ALL.into_iter().zip(self.against).zip(days);
        let against = against.map(|((baseline, (ordered, achieved, counts)), days)| Achieved {
            baseline,
            ordered: ordered.wh(),
            achieved: counts.then(|| achieved.wh()),
            days,
        });
        Energy {
            ordered: self.ordered.wh(),
            above_limit: self.above.wh(),
            unknown_minutes: u64::try_from(self.unknown_ms / 60_000).unwrap_or(0),
            against: against.collect(),
        }
    }
}

fn count(sum: &mut (Exact, Exact, bool), piece: &Piece, slice: Slice, without: Exact) {
    let stretch = (slice.from, slice.to);
    sum.0 += Exact::of(piece.cut, stretch);
    sum.1 += Exact(without.0 - Exact::of(slice.mean, stretch).0);
    sum.2 = true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comply::Tally;
    use crate::event::Event;
    use crate::testing::{Room, draft, full, hour, minute, reading, recalled};
    use proptest::collection::vec;
    use proptest::prelude::*;

    const NO: &str = "2022-0124-F1-v1";

    fn room(readings: Vec<Reading>) -> Room {
        let mut room = Room::new();
        room.issue("p1", None, vec![draft("F1", (0, 4), &[(0, 2, 2_000, 18_000), (2, 4, 5_000, 15_000)])]);
        room.now = hour(5);
        for reading in readings {
            // A reading that is known already says nothing new.
            let _ = room.ask(Event::Read { readings: vec![reading] });
        }
        room
    }

    fn energy(room: &Room) -> Energy {
        room.tally(NO).energy.unwrap()
    }

    /// Hourly readings of the days before the order was issued, of so many kW.
    fn days(count: i64, kw: impl Fn(i64) -> i64) -> Vec<Reading> {
        let hours = (1..=24 * count).map(|back| -6 - back);
        hours.map(|from| reading("F1", 60 * from, 60 * from + 60, kw(from))).collect()
    }

    #[test]
    fn by_hand_against_the_nomination() {
        // 3 MW under a limit of 2, half an hour unknown, 1 MW under a limit of 5 for an hour.
        let read = [(0, 60, 3_000), (60, 90, 2_000), (180, 240, 1_000)];
        let energy = energy(&room(read.map(|(from, to, kw)| reading("F1", from, to, kw)).into()));
        assert_eq!((energy.ordered, energy.above_limit), (Wh(66_000_000), Wh(1_000_000)));
        assert_eq!(energy.unknown_minutes, 30 + 60);
        let against = &energy.against[0];
        assert_eq!(against.ordered, Wh(18_000_000 + 9_000_000 + 15_000_000));
        assert_eq!(against.achieved, Some(Wh(17_000_000 + 9_000_000 + 19_000_000)));
        let unknown =
            Achieved { baseline: Baseline::SameHour, ordered: Wh::ZERO, achieved: None, days: Some(0) };
        assert_eq!(energy.against[1], unknown, "no day is unknown, not zero");
    }

    #[test]
    fn by_hand_against_the_same_hour_of_the_days_before() {
        // The hours before the issue: 12 MW in each, but 22 MW in the hour of the order's first one.
        let first = |from: i64| from.rem_euclid(24) == 0;
        for (count, told) in [(3, 2), (11, 10), (15, 10)] {
            let mut readings = days(count, |from| if first(from) { 22_000 } else { 12_000 });
            readings.push(reading("F1", 0, 120, 2_000));
            let energy = energy(&room(readings));
            // The day of issue is not over, and the eldest day is not whole.
            assert_eq!(energy.against[1].days, Some(told), "{count} days");
            assert_eq!(energy.against[1].achieved, Some(Wh(20_000_000 + 10_000_000)));
        }
    }

    #[test]
    fn days_with_a_cut_and_hours_half_metered_are_no_baseline() {
        let mut readings = days(5, |_| 12_000);
        readings.push(reading("F1", 0, 120, 2_000));
        let whole = room(readings.clone());
        readings.retain(|reading| reading.interval_start != hour(-48));
        let gap = room(readings.clone());
        assert_eq!([&whole, &gap].map(|room| energy(room).against[1].days), [Some(4), Some(3)]);
        let mut cut = Room::new();
        cut.now = hour(-60);
        cut.state.clock = None;
        cut.issue("p0", None, vec![full("F1", -50, -49)]);
        cut.now = hour(-6);
        cut.issue("p1", None, vec![draft("F1", (0, 4), &[(0, 4, 2_000, 18_000)])]);
        cut.now = hour(5);
        cut.read(readings);
        let number = cut.state.records().find(|record| record.order.window_from == hour(0)).unwrap();
        let energy = super::energy(&cut.state, number);
        assert_eq!(energy.against[1].days, Some(2), "one day less an hour, one day less for its cut");
    }

    #[test]
    fn a_civil_hour_that_comes_twice_is_one_hour_of_its_day() {
        // 23:00 of 29 February 2024 came twice in Almaty: 17:00Z and 18:00Z.
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = chrono_tz::Asia::Almaty;
        let hours = crate::baseline::hours_of("2024-02-29".parse().unwrap(), zone);
        assert_eq!(hours.len(), 24);
        assert_eq!(hours[23], (23, at("2024-02-29T17:00:00Z"), at("2024-02-29T19:00:00Z")));
        let skipped = crate::baseline::hours_of("2026-03-29".parse().unwrap(), chrono_tz::Europe::Athens);
        assert!(skipped.len() == 23 && skipped.iter().all(|(hour, ..)| *hour != 3), "{skipped:?}");
    }

    #[test]
    fn of_two_readings_of_one_time_the_highest_counts_against_a_limit_and_the_lowest_for_a_baseline() {
        let company = Reading { source: "grid-company".into(), ..reading("F1", 0, 60, 9_000) };
        let fine = [(0, 20, 12_000), (20, 60, 3_000)].map(|(from, to, kw)| reading("F1", from, to, kw));
        let told = |decides| {
            let slices = slices(fine.iter().chain([&company]), decides);
            slices
                .iter()
                .map(|slice| ((slice.to - slice.from).num_minutes(), slice.mean.0))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Decides::Highest), [(20, 12_000), (40, 9_000)]);
        assert_eq!(told(Decides::Lowest), [(20, 9_000), (40, 3_000)]);
    }

    #[test]
    fn a_recall_ends_what_was_ordered() {
        let mut room = room(Vec::new());
        let whole = energy(&room).ordered;
        let mut early = Room::new();
        early.issue("p1", None, vec![draft("F1", (0, 4), &[(0, 2, 2_000, 18_000), (2, 4, 5_000, 15_000)])]);
        early.now = minute(60);
        early.tell(recalled(NO));
        room.state = early.state;
        assert_eq!((whole, energy(&room).ordered), (Wh(66_000_000), Wh(18_000_000)));
    }

    /// Readings without overlap: minutes from the start, minutes to the next, kW.
    fn some_readings() -> impl Strategy<Value = Vec<Reading>> {
        vec((0_i64..3, 1_i64..5, 0_i64..25_000, 0..10), 0..40).prop_map(|steps| {
            let mut from = -15;
            let step = |(pause, length, kw, quality): (i64, i64, i64, i32)| {
                let start = from + pause * 5;
                from = start + length * 10;
                let quality = if quality == 0 { Quality::Estimated } else { Quality::Ok };
                Reading { quality, ..reading("F1", start, from, kw) }
            };
            steps.into_iter().map(step).filter(|reading| reading.interval_end <= minute(300)).collect()
        })
    }

    /// Each reading as two halves.
    fn halved(readings: &[Reading]) -> Vec<Reading> {
        let halves = readings.iter().flat_map(|reading| {
            let middle = reading.interval_start + (reading.interval_end - reading.interval_start) / 2;
            let first = Reading { interval_end: middle, ..reading.clone() };
            [first, Reading { interval_start: middle, ..reading.clone() }]
        });
        halves.collect()
    }

    fn energies(tally: &Tally) -> Energy {
        tally.energy.clone().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_in_which_readings_come_does_not_matter(
            (readings, shuffled) in some_readings().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
        ) {
            let (one, other) = (room(readings), room(shuffled));
            prop_assert_eq!(one.tally(NO), other.tally(NO));
        }

        #[test]
        fn a_reading_in_two_halves_is_the_same_energy(readings in some_readings()) {
            // A reading over the edge of a limit is unknown as a whole; its half within is not.
            let edges = [hour(0), hour(2), hour(4)];
            let crosses = |r: &Reading| edges.iter().any(|e| r.interval_start < *e && *e < r.interval_end);
            let mut readings = readings;
            readings.retain(|reading| !crosses(reading));
            let (one, two) = (room(readings.clone()), room(halved(&readings)));
            prop_assert_eq!(energies(&one.tally(NO)), energies(&two.tally(NO)));
        }

        #[test]
        fn unknown_time_is_never_achieved(readings in some_readings()) {
            let before = room(readings.clone());
            let untrusted = readings.iter().filter(|r| r.quality != Quality::Ok).count();
            let trusted: Vec<Reading> = readings.into_iter().filter(|r| r.quality == Quality::Ok).collect();
            let energy = energies(&before.tally(NO));
            prop_assert_eq!(&energy, &energies(&room(trusted.clone()).tally(NO)), "{} untrusted", untrusted);
            // Of a load that always draws its nomination nothing is ever achieved, however much is unknown.
            let nominated = |r: &Reading| Reading { mean: Kw(20_000), ..r.clone() };
            let idle = energies(&room(trusted.iter().map(nominated).collect()).tally(NO));
            prop_assert!(idle.against[0].achieved.is_none_or(|achieved| achieved == Wh::ZERO));
            prop_assert_eq!(idle.against[0].ordered, energy.against[0].ordered);
            prop_assert!(energy.against[0].ordered <= energy.ordered);
            prop_assert_eq!(energy.against[1].achieved, None);
        }
    }
}
