//! The files of `kezek study stress --out`.

use super::super::figure;
use crate::output::csv_text;
use kezek_model::plan::utc_text;
use kezek_study::stress::{Facility, Hour, Stress};

const HOURS: [&str; 15] = [
    "interval_start",
    "interval_end",
    "zone",
    "planned_headroom_mw",
    "headroom_mw",
    "drawn_mw",
    "kept_mw",
    "in_notice_mw",
    "can_be_shed_mw",
    "cut_mw",
    "idle_mw",
    "planned_uncovered_mw",
    "standing_uncovered_mw",
    "shed_uncovered_mw",
    "again_uncovered_mw",
];

const FACILITIES: [&str; 7] =
    ["facility", "zone", "cut_mwh", "idle_mwh", "can_be_shed_mwh", "shed_from", "again_cut_mwh"];

/// `hours.csv`.
///
/// # Errors
/// When it cannot be put together.
pub(super) fn hours(told: &Stress) -> anyhow::Result<String> {
    let row = |row: &Hour| {
        [
            utc_text(row.interval_start),
            utc_text(row.interval_end),
            row.zone.to_string(),
            figure(row.planned_headroom_mw),
            figure(row.headroom_mw),
            figure(row.drawn_mw),
            figure(row.kept_mw),
            figure(row.in_notice_mw),
            figure(row.can_be_shed_mw),
            figure(row.cut_mw),
            figure(row.idle_mw),
            figure(row.planned_uncovered_mw),
            figure(row.standing_uncovered_mw),
            figure(row.shed_uncovered_mw),
            figure(row.again_uncovered_mw),
        ]
    };
    csv_text(HOURS, told.hours.iter().map(row))
}

/// `facilities.csv`, over the struck intervals.
///
/// # Errors
/// When it cannot be put together.
pub(super) fn facilities(told: &Stress) -> anyhow::Result<String> {
    let row = |row: &Facility| {
        [
            row.facility.to_string(),
            row.zone.to_string(),
            figure(row.cut_mwh),
            figure(row.idle_mwh),
            figure(row.can_be_shed_mwh),
            row.shed_from.map(utc_text).unwrap_or_default(),
            figure(row.again_cut_mwh),
        ]
    };
    csv_text(FACILITIES, told.facilities.iter().map(row))
}
