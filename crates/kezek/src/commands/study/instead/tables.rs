//! The files of `kezek study instead --out`.

use super::super::figure;
use crate::output::csv_text;
use kezek_model::plan::utc_text;
use kezek_study::instead::{Facility, Hour, Instead};

const HOURS: [&str; 10] = [
    "interval_start",
    "interval_end",
    "zone",
    "headroom_mw",
    "nominated_mw",
    "need_mw",
    "ordered_cut_mw",
    "instead_cut_mw",
    "ordered_uncovered_mw",
    "instead_uncovered_mw",
];

const FACILITIES: [&str; 14] = [
    "facility",
    "name",
    "zone",
    "nominated_mwh",
    "ordered_cut_mwh",
    "instead_cut_mwh",
    "ordered_hours",
    "instead_hours",
    "ordered_events",
    "instead_events",
    "ordered_burden",
    "instead_burden",
    "ordered_cost",
    "instead_cost",
];

/// `hours.csv`.
///
/// # Errors
/// When it cannot be put together.
pub(super) fn hours(told: &Instead) -> anyhow::Result<String> {
    let row = |row: &Hour| {
        let [from, to] = [row.interval_start, row.interval_end].map(utc_text);
        let powers = [
            row.headroom_mw,
            row.nominated_mw,
            row.need_mw,
            row.ordered_cut_mw,
            row.instead_cut_mw,
            row.ordered_uncovered_mw,
            row.instead_uncovered_mw,
        ];
        let [headroom, nominated, need, ordered, instead, uncovered, uncovered_instead] = powers.map(figure);
        let zone = row.zone.to_string();
        [from, to, zone, headroom, nominated, need, ordered, instead, uncovered, uncovered_instead]
    };
    csv_text(HOURS, told.hours.iter().map(row))
}

/// `facilities.csv`; burdens are shares.
///
/// # Errors
/// When it cannot be put together.
pub(super) fn facilities(told: &Instead) -> anyhow::Result<String> {
    let share = |burden: Option<f64>| burden.map_or_else(String::new, |burden| format!("{burden:.6}"));
    let row = |row: &Facility| {
        let (ordered, instead) = (&row.ordered, &row.instead);
        [
            row.facility.to_string(),
            row.name.clone(),
            row.zone.to_string(),
            figure(row.nominated_mwh),
            figure(ordered.cut_mwh),
            figure(instead.cut_mwh),
            figure(ordered.hours),
            figure(instead.hours),
            ordered.events.to_string(),
            instead.events.to_string(),
            share(ordered.burden),
            share(instead.burden),
            format!("{:.2}", ordered.cost),
            format!("{:.2}", instead.cost),
        ]
    };
    csv_text(FACILITIES, told.facilities.iter().map(row))
}
