//! Penalty and credit of an order by the prices that held in each hour. Every line can be reckoned again by hand from
//! what it says: energy in whole Wh times price gives the amount in whole minor units.
//!
//! A penalty is for what was metered above the limit in intervals in breach; drifting costs nothing. A credit is for the
//! cut that was achieved against the baseline of the settings, at most what was ordered in the time that counts. What
//! no meter tells is neither.

use crate::baseline::Past;
use crate::comply::{Piece, pieces, verdicts};
use crate::config::Baseline;
use crate::energy::{Slice, Sums, metered};
use crate::state::{OrderRecord, State};
use chrono::{DateTime, Utc};
use kezek_model::ids::{FacilityId, OrderNo};
use kezek_model::receipt::{Compliance, Verdict};
use kezek_model::schedule::Priced;
use kezek_model::units::{Money, Wh};
use serde::{Deserialize, Serialize};

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// Energy above the limit, owed by the facility.
    Penalty,
    /// Cut achieved, owed to the facility.
    Credit,
}

/// One line of a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The order.
    pub order_no: OrderNo,
    /// The facility.
    pub facility: FacilityId,
    /// First instant of the stretch in which these prices held and the order governed.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// What it is for.
    pub kind: LineKind,
    /// Number of the standing order that says the price.
    pub schedule: String,
    /// What is priced.
    #[serde(rename = "energy_mwh")]
    pub energy: Wh,
    /// Against which baseline, for a credit.
    pub baseline: Option<Baseline>,
    /// Price of a MWh.
    pub price_per_mwh: Money,
    /// What the facility owes; below zero: what it is owed.
    pub amount: Money,
    /// Of price and amount.
    pub currency: String,
    /// Whether the price is assumed.
    pub assumed: bool,
}

/// The lines of an order, in order of time; none where it has no prices or nothing to be priced.
#[must_use]
pub fn lines(state: &State, order_no: &OrderNo, prices: &[Priced], now: DateTime<Utc>) -> Vec<Line> {
    let Some(record) = state.record(order_no) else { return Vec::new() };
    let mut breaches = verdicts(state, order_no, now);
    breaches.retain(|row| row.compliance == Compliance::Breach);
    let pieces = pieces(state, record);
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return Vec::new() };
    let governed = |stretch: &Priced| Priced {
        from: stretch.from.max(first.from),
        to: stretch.to.min(last.to),
        ..stretch.clone()
    };
    let read: Vec<Vec<Slice>> = pieces.iter().map(|piece| metered(state, record, piece)).collect();
    let line = |stretch| stretch_lines(state, record, &stretch, &pieces, &read, &breaches);
    prices.iter().map(governed).flat_map(line).collect()
}

fn stretch_lines(
    state: &State,
    record: &OrderRecord,
    stretch: &Priced,
    pieces: &[Piece],
    read: &[Vec<Slice>],
    breaches: &[Verdict],
) -> Vec<Line> {
    let (mut all, mut breached) = (Sums::default(), Sums::default());
    let mut past = Past::before(state, record);
    for (piece, slices) in pieces.iter().zip(read) {
        for slice in slices.iter().filter_map(|slice| clipped(*slice, stretch.from, stretch.to)) {
            all.add(piece, slice, &mut past);
            let told = |row: &&Verdict| row.interval_start < slice.to && slice.from < row.interval_end;
            for row in breaches.iter().filter(told).take(1) {
                let part = clipped(slice, row.interval_start, row.interval_end);
                part.into_iter().for_each(|part| breached.add(piece, part, &mut past));
            }
        }
    }
    let baseline = state.config.tolerance.baseline;
    let (ordered, achieved) = all.against(baseline);
    let credited = achieved.min(ordered).max(Wh::ZERO);
    let prices = &stretch.settlement;
    let penalty = line(record, stretch, LineKind::Penalty, prices.penalty_per_mwh, breached.above_limit());
    let credit = line(record, stretch, LineKind::Credit, prices.credit_per_mwh, credited);
    let credit = credit.map(|line| Line { baseline: Some(baseline), amount: Money(-line.amount.0), ..line });
    penalty.into_iter().chain(credit).collect()
}

fn clipped(slice: Slice, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Slice> {
    let part = Slice { from: slice.from.max(from), to: slice.to.min(to), ..slice };
    (part.from < part.to).then_some(part)
}

fn line(
    record: &OrderRecord,
    stretch: &Priced,
    kind: LineKind,
    price: Option<Money>,
    energy: Wh,
) -> Option<Line> {
    let price_per_mwh = price.filter(|_| energy > Wh::ZERO)?;
    Some(Line {
        order_no: record.order.order_no.clone(),
        facility: record.order.facility.clone(),
        from: stretch.from,
        to: stretch.to,
        kind,
        schedule: stretch.schedule.clone(),
        energy,
        baseline: None,
        price_per_mwh,
        amount: Money::of(energy, price_per_mwh),
        currency: stretch.settlement.currency.clone(),
        assumed: stretch.settlement.assumed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RECEIVED, Room, full, hour, reading};
    use kezek_model::receipt::Reading;
    use kezek_model::schedule::Settlement;

    const NO: &str = "2022-0124-F1-v1";

    fn stretch(schedule: &str, from: i64, to: i64, prices: (Option<i64>, Option<i64>)) -> Priced {
        let settlement = Settlement {
            currency: "CAD".into(),
            penalty_per_mwh: prices.0.map(Money),
            credit_per_mwh: prices.1.map(Money),
            assumed: true,
            source: "a test".into(),
        };
        Priced { from: hour(from), to: hour(to), schedule: schedule.into(), settlement }
    }

    fn settled(readings: Vec<Reading>, prices: &[Priced]) -> Vec<Line> {
        let mut room = Room::new();
        room.issue("p1", None, vec![full("F1", 0, 4)]);
        room.run(hour(4), |_| RECEIVED);
        room.read(readings);
        lines(&room.state, &NO.into(), prices, room.now)
    }

    fn told(lines: &[Line]) -> Vec<(LineKind, &str, i64, i64)> {
        lines.iter().map(|line| (line.kind, line.schedule.as_str(), line.energy.0, line.amount.0)).collect()
    }

    #[test]
    fn a_version_changed_within_the_window_splits_the_lines_and_the_reading() {
        // 5 MW under a limit of 2 from the second hour to the fourth; the new prices begin in the middle of a reading.
        let prices =
            [stretch("old", -9, 2, (Some(10_000), None)), stretch("new", 2, 99, (Some(20_000), Some(100)))];
        let lines = settled(vec![reading("F1", 60, 180, 5_000)], &prices);
        let (penalty, credit) = (LineKind::Penalty, LineKind::Credit);
        assert_eq!(
            told(&lines),
            [
                (penalty, "old", 3_000_000, 30_000),
                (penalty, "new", 3_000_000, 60_000),
                (credit, "new", 15_000_000, -1_500),
            ]
        );
        assert!(lines.iter().all(|line| line.assumed && line.currency == "CAD"));
        assert_eq!((lines[0].from, lines[0].to, lines[2].to), (hour(0), hour(2), hour(4)));
        assert_eq!(lines[2].baseline, Some(Baseline::Nomination));
    }

    #[test]
    fn drifting_costs_nothing_and_the_unknown_is_not_priced() {
        let prices = [stretch("one", 0, 4, (Some(10_000), Some(100)))];
        assert_eq!(settled(vec![reading("F1", 60, 120, 2_100)], &prices).len(), 1, "a credit only");
        let mut unknown = reading("F1", 60, 120, 20_000);
        unknown.quality = kezek_model::receipt::Quality::Bad;
        assert_eq!(settled(vec![unknown], &prices), []);
        assert_eq!(settled(vec![reading("F1", 60, 120, 2_000)], &[]), []);
    }

    #[test]
    fn no_more_is_credited_than_was_ordered_and_nothing_is_taken_off_for_more_load() {
        let prices = [stretch("one", 0, 4, (None, Some(100)))];
        let below = settled(vec![reading("F1", 60, 120, 0)], &prices);
        assert_eq!(told(&below), [(LineKind::Credit, "one", 18_000_000, -1_800)]);
        assert_eq!(settled(vec![reading("F1", 60, 120, 25_000)], &prices), []);
    }
}
