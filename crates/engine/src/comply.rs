//! What the meter says about an order. Unknown is neither zero nor complying nor breach.
//!
//! An order is judged while it governs: clipped by newer orders and by its recall, and until its restore slot.
//! Only a trusted reading that lies wholly within one limit is judged; every moment without one is unknown. Where
//! two sources read the same interval the higher value decides.

use crate::config::Tolerance;
use crate::energy::{Energy, energy};
use crate::stack;
use crate::state::{OrderRecord, State};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::ids::OrderNo;
use kezek_model::receipt::{Compliance, Quality, Reading, Verdict};
use kezek_model::units::Kw;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// The verdict over a whole window, with the counts that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Intervals at or below the limit, tolerance included.
    pub complying: u32,
    /// Of these, intervals above the limit itself.
    #[serde(default)]
    pub drifting: u32,
    /// Stretches without a trusted reading.
    pub unknown: u32,
    /// Intervals above.
    pub breach: u32,
    /// Breach if any interval is; else unknown if any is; `None` where the order never governed.
    pub verdict: Option<Compliance>,
    /// [`Tolerance::version`] that was used.
    pub tolerance: String,
    /// What was ordered, achieved and drawn above the limit; not there in tallies of before it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<Energy>,
}

/// What the meter says at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeterState {
    /// The order limits nothing now.
    NoLimit,
    /// No trusted reading that is fresh enough.
    Unknown,
    /// At or below the limit.
    Complying,
    /// Above the limit, within the tolerance.
    Drifting,
    /// Above both.
    Breach,
}

/// A stretch in which one limit of the order governs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// What may be drawn.
    pub limit: Kw,
    /// Which is a cut by this.
    pub cut: Kw,
    /// Until then the load may still be on its way down.
    pub grace_until: DateTime<Utc>,
}

/// What an order allows in each stretch of its rule, the tolerance included, in order of time.
#[must_use]
pub fn allowed(state: &State, record: &OrderRecord) -> Vec<Piece> {
    let tolerance = &state.config.tolerance;
    let with = |piece: Piece| Piece { limit: piece.limit + tolerance.above(piece.limit), ..piece };
    pieces(state, record).into_iter().map(with).collect()
}

/// The stretches in which an order limits its facility, in order of time.
pub(crate) fn pieces(state: &State, record: &OrderRecord) -> Vec<Piece> {
    if !stack::moves_load(&record.order) {
        return Vec::new();
    }
    let (from, to) = stack::span(state, record);
    let above: Vec<_> = state
        .newer_than(record)
        .filter(|newer| stack::moves_load(&newer.order))
        .map(|newer| stack::span(state, newer))
        .collect();
    let mut pieces = held(record);
    pieces.iter_mut().for_each(|piece| (piece.from, piece.to) = (piece.from.max(from), piece.to.min(to)));
    for window in above {
        pieces = pieces.into_iter().flat_map(|piece| outside(piece, window)).collect();
    }
    pieces.retain(|piece| piece.from < piece.to);
    grace(&mut pieces, &state.config.tolerance);
    pieces
}

/// The segments, the last one until the restore slot.
fn held(record: &OrderRecord) -> Vec<Piece> {
    let segments = record.order.segments.iter();
    let piece = |s: &kezek_model::order::Segment| Piece {
        from: s.from,
        to: s.to,
        limit: s.limit,
        cut: s.cut,
        grace_until: s.from,
    };
    let mut pieces: Vec<Piece> = segments.map(piece).collect();
    if let (Some(last), Some(slot)) = (pieces.last_mut(), &record.order.restore) {
        last.to = last.to.max(slot.from);
    }
    pieces
}

/// The parts of a piece before and after a window of a newer order.
fn outside(piece: Piece, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> [Piece; 2] {
    let before = Piece { to: piece.to.min(from), ..piece.clone() };
    let after = Piece { from: piece.from.max(to.max(from)), ..piece };
    [before, after]
}

/// Grace is given where the load has to come down: not where the same or a lower limit held until then.
fn grace(pieces: &mut [Piece], tolerance: &Tolerance) {
    let mut before: Option<(DateTime<Utc>, Kw)> = None;
    for piece in pieces {
        let falls = before.is_none_or(|(end, limit)| end < piece.from || piece.limit < limit);
        let minutes = if falls { i64::from(tolerance.grace_minutes) } else { 0 };
        piece.grace_until = piece.from + TimeDelta::minutes(minutes);
        before = Some((piece.to, piece.limit));
    }
}

/// What one reading says about an order; `None` where it does not lie wholly within one limit, or is not trusted.
pub(crate) fn judge(state: &State, record: &OrderRecord, reading: &Reading) -> Option<Verdict> {
    let within = |piece: &&Piece| piece.from <= reading.interval_start && reading.interval_end <= piece.to;
    let pieces = pieces(state, record);
    let piece = pieces.iter().find(within).filter(|_| reading.quality == Quality::Ok)?;
    Some(row(state, record, piece, reading))
}

fn row(state: &State, record: &OrderRecord, piece: &Piece, reading: &Reading) -> Verdict {
    let allowed = state.config.tolerance.above(piece.limit) + grace_share(piece, reading);
    let compliance =
        if reading.mean <= piece.limit + allowed { Compliance::Complying } else { Compliance::Breach };
    Verdict {
        order_no: record.order.order_no.clone(),
        facility: record.order.facility.clone(),
        interval_start: reading.interval_start,
        interval_end: reading.interval_end,
        limit: piece.limit,
        metered: Some(reading.mean),
        tolerance: allowed,
        compliance,
    }
}

/// What the mean of an interval may hold of the load that was on its way down in the minutes of grace.
fn grace_share(piece: &Piece, reading: &Reading) -> Kw {
    let (start, end) = (reading.interval_start, reading.interval_end);
    let grace_s = (piece.grace_until.min(end) - start).num_seconds().max(0);
    Kw(piece.cut.0 * grace_s / (end - start).num_seconds().max(1))
}

/// The verdicts on an order up to an instant, in order of time, without gap while the order governs.
#[must_use]
pub fn verdicts(state: &State, order_no: &OrderNo, until: DateTime<Utc>) -> Vec<Verdict> {
    state.orders.get(order_no).map_or_else(Vec::new, |record| rows(state, record, until))
}

fn rows(state: &State, record: &OrderRecord, until: DateTime<Utc>) -> Vec<Verdict> {
    let pieces = pieces(state, record);
    pieces.iter().flat_map(|piece| piece_rows(state, record, piece, piece.to.min(until))).collect()
}

fn piece_rows(state: &State, record: &OrderRecord, piece: &Piece, to: DateTime<Utc>) -> Vec<Verdict> {
    let (mut rows, mut cursor): (Vec<Verdict>, _) = (Vec::new(), piece.from);
    for reading in trusted(state, record, piece.from, to) {
        let verdict = row(state, record, piece, reading);
        // What finer readings of another source cover already still counts where it shows a breach.
        let mut since = rows.iter().rev().take_while(|told| told.interval_start >= reading.interval_start);
        let is_told = since.any(|told| told.interval_end == reading.interval_end);
        let is_next = reading.interval_start >= cursor;
        if !is_next && (verdict.compliance != Compliance::Breach || is_told) {
            continue;
        }
        rows.extend(gap(state, record, piece, cursor, reading.interval_start));
        rows.push(verdict);
        cursor = cursor.max(reading.interval_end);
    }
    rows.extend(gap(state, record, piece, cursor, to));
    rows
}

/// The trusted readings wholly within a stretch; of the same interval the highest first.
fn trusted<'a>(
    state: &'a State,
    record: &OrderRecord,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<&'a Reading> {
    let first = (from, DateTime::<Utc>::MIN_UTC, String::new());
    let Some(known) = state.readings.get(&record.order.facility) else { return Vec::new() };
    let mut readings: Vec<&Reading> = known
        .range(first..)
        .map(|(_, reading)| reading)
        .take_while(|reading| reading.interval_start < to)
        .filter(|reading| reading.interval_end <= to && reading.quality == Quality::Ok)
        .collect();
    readings.sort_by_key(|reading| (reading.interval_start, reading.interval_end, Reverse(reading.mean)));
    readings
}

fn gap(
    state: &State,
    record: &OrderRecord,
    piece: &Piece,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<Verdict> {
    (from < to).then(|| Verdict {
        order_no: record.order.order_no.clone(),
        facility: record.order.facility.clone(),
        interval_start: from,
        interval_end: to,
        limit: piece.limit,
        metered: None,
        tolerance: state.config.tolerance.above(piece.limit),
        compliance: Compliance::Unknown,
    })
}

/// The verdict over the whole window, as far as readings are known; `None` where there is no such order.
#[must_use]
pub fn tally(state: &State, order_no: &OrderNo) -> Option<Tally> {
    let record = state.orders.get(order_no)?;
    let rows = rows(state, record, record.order.expires);
    let count = |wanted| {
        let same = rows.iter().filter(|row| row.compliance == wanted).count();
        u32::try_from(same).unwrap_or(u32::MAX)
    };
    let drifting = rows.iter().filter(|row| is_drifting(row)).count();
    Some(Tally {
        complying: count(Compliance::Complying),
        drifting: u32::try_from(drifting).unwrap_or(u32::MAX),
        unknown: count(Compliance::Unknown),
        breach: count(Compliance::Breach),
        verdict: rows.iter().map(|row| row.compliance).max(),
        tolerance: state.config.tolerance.version.clone(),
        energy: Some(energy(state, record)),
    })
}

/// Whether a row complies by its tolerance only.
#[must_use]
pub fn is_drifting(row: &Verdict) -> bool {
    row.compliance == Compliance::Complying && row.metered.is_some_and(|metered| metered > row.limit)
}

/// What the meter says at this moment about the limit that holds.
pub(crate) fn live(state: &State, record: &OrderRecord, now: DateTime<Utc>) -> MeterState {
    if !pieces(state, record).iter().any(|piece| piece.from <= now && now < piece.to) {
        return MeterState::NoLimit;
    }
    let stale = TimeDelta::minutes(i64::from(state.config.tolerance.stale_minutes));
    let rows = rows(state, record, now);
    match rows.iter().rev().find(|row| row.metered.is_some()) {
        Some(row) if now - row.interval_end <= (row.interval_end - row.interval_start) + stale => {
            live_state(row)
        }
        _ => MeterState::Unknown,
    }
}

fn live_state(row: &Verdict) -> MeterState {
    match row.compliance {
        Compliance::Breach => MeterState::Breach,
        _ if is_drifting(row) => MeterState::Drifting,
        _ => MeterState::Complying,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, WarningKind};
    use crate::testing::{RECEIVED, Room, draft, full, hour, kinds, minute, reading, recalled};

    const NO: &str = "2022-0124-F1-v1";

    fn room() -> Room {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 2)]);
        room.run(hour(2), |_| RECEIVED);
        room
    }

    fn quarters(kw: i64) -> Vec<Reading> {
        (0..8).map(|n| reading("F1", 15 * n, 15 * n + 15, kw)).collect()
    }

    fn counts(room: &Room) -> (u32, u32, u32) {
        let tally = room.tally(NO);
        (tally.complying, tally.unknown, tally.breach)
    }

    #[test]
    fn within_the_tolerance_is_complying_and_one_kw_more_is_breach() {
        let mut quiet = room();
        quiet.read(quarters(2_100));
        assert_eq!((counts(&quiet), quiet.tally(NO).verdict), ((8, 0, 0), Some(Compliance::Complying)));
        let mut loud = room();
        let effects = loud.read(quarters(2_101));
        assert_eq!(counts(&loud), (1, 0, 7), "the first quarter holds the grace");
        assert_eq!(loud.tally(NO).verdict, Some(Compliance::Breach));
        assert_eq!(kinds(&effects), [WarningKind::Breach], "told once");
    }

    #[test]
    fn grace_allows_the_load_of_its_minutes_and_no_more() {
        // 10 of 60 minutes at full load: 2 MW + 100 kW + 18 MW / 6.
        for (kw, expected) in [(5_100, Compliance::Complying), (5_101, Compliance::Breach)] {
            let mut room = room();
            room.read(vec![reading("F1", 0, 60, kw), reading("F1", 60, 120, 2_000)]);
            assert_eq!(room.tally(NO).verdict, Some(expected));
        }
    }

    #[test]
    fn grace_is_for_the_way_down_not_for_the_way_up() {
        let (high, low) = ((10_000, 10_000), (2_000, 18_000));
        for (first, second, kw, expected) in
            [(high, low, 14_100, Compliance::Complying), (low, high, 10_501, Compliance::Breach)]
        {
            let mut room = Room::new();
            let limits = [(0, 1, first.0, first.1), (1, 2, second.0, second.1)];
            room.issue("p1", None, vec![draft("F1", (0, 2), &limits)]);
            room.now = hour(2);
            room.read(vec![reading("F1", 60, 75, kw)]);
            let rows = verdicts(&room.state, &NO.into(), hour(2));
            let judged = rows.iter().find(|row| row.metered.is_some()).unwrap();
            assert_eq!(judged.compliance, expected);
        }
    }

    #[test]
    fn no_reading_is_unknown_never_zero() {
        let mut room = room();
        assert_eq!(room.tally(NO).verdict, Some(Compliance::Unknown));
        room.read(quarters(0).into_iter().skip(1).collect());
        assert_eq!((counts(&room), room.tally(NO).verdict), ((7, 1, 0), Some(Compliance::Unknown)));
    }

    #[test]
    fn estimated_bad_and_straddling_readings_prove_neither_side() {
        let mut room = room();
        let mut readings = vec![reading("F1", -15, 15, 20_000), reading("F1", 105, 135, 20_000)];
        readings.push(Reading { quality: Quality::Estimated, ..reading("F1", 30, 45, 20_000) });
        readings.push(Reading { quality: Quality::Bad, ..reading("F1", 45, 60, 20_000) });
        room.now = hour(3);
        room.read(readings);
        assert_eq!(counts(&room), (0, 1, 0));
    }

    #[test]
    fn a_correction_needs_better_quality_and_two_sources_do_not_hide_each_other() {
        let mut room = room();
        let estimated = Reading { quality: Quality::Estimated, ..reading("F1", 30, 45, 2_000) };
        room.read(vec![estimated.clone()]);
        room.read(vec![reading("F1", 30, 45, 9_000)]);
        assert_eq!(counts(&room).2, 1);
        let later =
            |mean| Event::Read { readings: vec![Reading { mean: Kw(mean), ..reading("F1", 30, 45, 0) }] };
        assert!(room.ask(later(9_000)).is_err_and(|refusal| refusal.is_duplicate()));
        assert!(room.ask(later(2_000)).is_err_and(|refusal| refusal.is_duplicate()));
        let company = Reading { source: "grid-company".into(), ..reading("F1", 60, 75, 9_000) };
        room.read(vec![company, reading("F1", 60, 75, 2_000)]);
        assert_eq!(counts(&room).2, 2);
    }

    #[test]
    fn finer_readings_of_one_source_do_not_hide_a_breach_that_another_saw() {
        let mut room = room();
        room.read(quarters(2_000));
        let minutes = (60..75).map(|from| reading("F1", from, from + 1, 0)).collect();
        room.read(minutes);
        assert_eq!(room.tally(NO).verdict, Some(Compliance::Complying));
        let company = |kw| Reading { source: "grid-company".into(), ..reading("F1", 75, 90, kw) };
        let minutes = (75..90).map(|from| reading("F1", from, from + 1, 0));
        room.read(minutes.chain([company(9_000)]).collect());
        assert_eq!((counts(&room).2, room.tally(NO).verdict), (1, Some(Compliance::Breach)));
    }

    #[test]
    fn what_is_allowed_has_the_tolerance_and_the_minutes_of_grace() {
        let room = room();
        let [piece] = &allowed(&room.state, room.record(NO))[..] else { panic!("one limit holds") };
        assert_eq!((piece.limit, piece.cut), (Kw(2_100), Kw(18_000)));
        assert_eq!((piece.from, piece.grace_until, piece.to), (hour(0), minute(10), hour(2)));
    }

    #[test]
    fn an_order_is_judged_only_while_it_governs() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 6)]);
        room.issue("p2", Some("p1"), vec![draft("F1", (2, 4), &[])]);
        room.now = hour(5);
        room.tell(recalled(NO));
        room.now = hour(6);
        let readings = (0..6).map(|n| reading("F1", 60 * n, 60 * n + 60, 20_000)).collect();
        room.read(readings);
        let rows = verdicts(&room.state, &NO.into(), hour(6));
        let starts: Vec<_> = rows.iter().map(|row| row.interval_start).collect();
        assert_eq!(starts, [hour(0), hour(1), hour(4)]);
        assert_eq!(room.tally("2022-0124-F1-v2").verdict, None);
    }

    #[test]
    fn the_limit_holds_until_the_slot_opens() {
        let mut room = Room::new();
        let mut waits = full("F1", 0, 2);
        waits.restore.as_mut().unwrap().from = hour(3);
        room.issue("p1", None, vec![waits]);
        room.now = hour(4);
        room.read(
            (0..4).map(|n| reading("F1", 60 * n, 60 * n + 60, if n < 2 { 2_000 } else { 20_000 })).collect(),
        );
        assert_eq!(counts(&room), (2, 0, 1));
    }

    #[test]
    fn judged_when_late_readings_have_had_their_time_and_again_when_later_ones_come() {
        let mut room = room();
        room.read(quarters(2_000));
        room.run(minute(179), |_| RECEIVED);
        assert_eq!(room.record(NO).judged, None);
        room.run(minute(180), |_| RECEIVED);
        assert_eq!(room.record(NO).judged.clone().unwrap().verdict, Some(Compliance::Complying));
        assert_eq!(crate::next_due(&room.state), None, "nothing is left to time");
        let company = Reading { source: "grid-company".into(), ..reading("F1", 60, 75, 9_000) };
        room.read(vec![company]);
        room.run(minute(181), |_| RECEIVED);
        assert_eq!(room.record(NO).judged.clone().unwrap().verdict, Some(Compliance::Breach));
    }

    #[test]
    fn the_meter_in_words_now() {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 2)]);
        room.run(minute(60), |_| RECEIVED);
        assert_eq!(room.words(NO), ["delivered", "silent", "in effect"]);
        for (from, kw, word) in [(30, 2_000, "complying"), (45, 2_050, "drifting"), (60, 3_000, "breach")] {
            room.now = minute(from + 15);
            room.read(vec![reading("F1", from, from + 15, kw)]);
            assert_eq!(room.words(NO)[3], word);
        }
        room.now = minute(96);
        assert_eq!(room.words(NO).len(), 3, "stale is unknown");
    }

    #[test]
    fn impossible_readings_are_refused_as_a_whole() {
        let mut room = room();
        for bad in [reading("F1", 15, 15, 0), reading("F1", 120, 240, 0), reading("F0", 0, 15, 0)] {
            let event = Event::Read { readings: vec![reading("F1", 0, 15, 0), bad] };
            assert!(room.ask(event).is_err_and(|refusal| !refusal.is_duplicate()));
        }
        assert_eq!(room.state.readings(&"F1".into(), hour(-9), hour(9)).count(), 0);
    }
}
