//! The result of an auction as CSV.

use crate::output::csv_text;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_model::amount::Wh;
use kezek_model::plan::utc_text;
use kezek_planner::auction::{Award, Outcome, Quota, Unsold};

/// `quotas.csv`, as a case has it.
///
/// # Errors
/// When the table cannot be put together.
pub(super) fn quotas(outcome: &Outcome) -> anyhow::Result<String> {
    let row = |quota: &Quota| {
        [utc_text(quota.interval_start), quota.facility.to_string(), quota.mw.mw().to_string()]
    };
    csv_text(["interval_start", "facility", "mw"], outcome.quotas.iter().map(row))
}

/// `register.csv`: every bid that won something.
///
/// # Errors
/// When the table cannot be put together.
pub(super) fn register(outcome: &Outcome, step_minutes: u32) -> anyhow::Result<String> {
    let header = bid_header("won_mwh", "paid");
    let winners = outcome.bids.iter().filter(|award| award.won_mwh > Wh::ZERO);
    csv_text(
        header,
        winners.map(|award| {
            let [start, end, facility, zone, price, bid_at, bid] = bid(award, step_minutes);
            let (won, paid) = (award.won_mwh.to_string(), award.paid.to_string());
            [start, end, facility, zone, price, bid_at, bid, won, paid]
        }),
    )
}

/// `refused.csv`: every part of a bid that was not won.
///
/// # Errors
/// When the table cannot be put together.
pub(super) fn refused(outcome: &Outcome, step_minutes: u32) -> anyhow::Result<String> {
    let header = bid_header("lost_mwh", "reason");
    let parts = outcome.bids.iter().flat_map(|award| award.lost.iter().map(move |loss| (award, loss)));
    csv_text(
        header,
        parts.map(|(award, loss)| {
            let [start, end, facility, zone, price, bid_at, bid] = bid(award, step_minutes);
            let (lost, reason) = (loss.mwh.to_string(), loss.reason.as_str().to_owned());
            [start, end, facility, zone, price, bid_at, bid, lost, reason]
        }),
    )
}

/// `unsold.csv`: every zone and interval in which something is left of the quota, and the reasons with their MWh.
///
/// # Errors
/// When the table cannot be put together.
pub(super) fn unsold(outcome: &Outcome, step_minutes: u32) -> anyhow::Result<String> {
    let header = [
        "interval_start",
        "interval_end",
        "zone",
        "quota_mwh",
        "bid_mwh",
        "won_mwh",
        "received_mwh",
        "unsold_mwh",
        "reasons",
    ];
    let left = outcome.zones.iter().filter(|sale| sale.unsold_mwh > Wh::ZERO);
    csv_text(
        header,
        left.map(|sale| {
            let [start, end] = window(sale.interval_start, step_minutes);
            let energies = [sale.quota_mwh, sale.bid_mwh, sale.won_mwh, sale.received_mwh, sale.unsold_mwh];
            let [quota, bid, won, received, unsold] = energies.map(|energy| energy.to_string());
            let reason = |why: &Unsold| format!("{} {}", why.reason.as_str(), why.mwh);
            let reasons = sale.reasons.iter().map(reason).collect::<Vec<_>>().join("; ");
            [start, end, sale.zone.to_string(), quota, bid, won, received, unsold, reasons]
        }),
    )
}

/// The columns of [`bid`], and two more.
fn bid_header(mwh: &'static str, last: &'static str) -> [&'static str; 9] {
    ["interval_start", "interval_end", "facility", "zone", "price_per_mwh", "bid_at", "bid_mwh", mwh, last]
}

fn bid(award: &Award, step_minutes: u32) -> [String; 7] {
    let [start, end] = window(award.interval_start, step_minutes);
    let bid_at = award.bid_at.map(utc_text).unwrap_or_default();
    let (facility, zone) = (award.facility.to_string(), award.zone.to_string());
    [start, end, facility, zone, award.price_per_mwh.to_string(), bid_at, award.bid_mwh.to_string()]
}

fn window(start: DateTime<Utc>, step_minutes: u32) -> [String; 2] {
    [start, start + TimeDelta::minutes(i64::from(step_minutes))].map(utc_text)
}
