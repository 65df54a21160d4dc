//! The rules of a facility, one at a time lifted.

use crate::problem::{FacilityRow, HourBudget, mw};
use serde::Serialize;

/// A rule that can be lifted for one facility, by the column or the file that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifted {
    /// 3.4: shortest event.
    MinCutMin,
    /// 3.4: longest event.
    MaxCutMin,
    /// 3.4: time between events.
    MinGapMin,
    /// 3.4: starts per civil day.
    MaxEventsPerDay,
    /// 3.4: hours under cut.
    MaxCutHours,
    /// 3.6: return of load.
    RampUpMwPerH,
    /// 3.6: return of load in the zone.
    RestoreLimitMw,
    /// 3.3: blocks.
    BlockMw,
    /// 3.3: smallest cut.
    MinCutMw,
    /// What an event costs, which makes one that lasts cheaper than two.
    EventCost,
}

impl Lifted {
    /// All of them, in the order in which they are tried.
    pub(super) const ALL: [Self; 10] = [
        Self::MinCutMin,
        Self::MaxCutMin,
        Self::MinGapMin,
        Self::MaxEventsPerDay,
        Self::MaxCutHours,
        Self::RampUpMwPerH,
        Self::RestoreLimitMw,
        Self::BlockMw,
        Self::MinCutMw,
        Self::EventCost,
    ];

    /// Whether there is anything to lift; a restore limit is the zone's.
    pub(super) fn binds(self, row: &FacilityRow, restore_limit_mw: Option<f64>) -> bool {
        match self {
            Self::MinCutMin => row.min_minutes > row.step_minutes,
            Self::MaxCutMin => row.max_minutes.is_some(),
            Self::MinGapMin => row.gap_minutes.iter().any(|&gap| gap > 0),
            Self::MaxEventsPerDay => row.starts_per_day.iter().any(Option::is_some),
            Self::MaxCutHours => !row.hour_budgets.is_empty(),
            Self::RampUpMwPerH => row.ramp.is_some(),
            Self::RestoreLimitMw => restore_limit_mw.is_some(),
            Self::BlockMw => row.block > 0,
            Self::MinCutMw => row.min_cut > 0,
            Self::EventCost => row.event_cost > 0.0,
        }
    }

    /// A facility without this rule; the restore limit of its zone is lifted by whoever asks.
    pub(super) fn lifted(self, row: &FacilityRow) -> FacilityRow {
        let mut row = row.clone();
        match self {
            Self::MinCutMin => row.min_minutes = 0,
            Self::MaxCutMin => row.max_minutes = None,
            Self::MinGapMin => row.gap_minutes.iter_mut().for_each(|gap| *gap = 0),
            Self::MaxEventsPerDay => row.starts_per_day.iter_mut().for_each(|most| *most = None),
            Self::MaxCutHours => row.hour_budgets.clear(),
            Self::RampUpMwPerH => row.ramp = None,
            Self::RestoreLimitMw => {}
            Self::BlockMw => row.block = 0,
            Self::MinCutMw => row.min_cut = 0,
            Self::EventCost => row.event_cost = 0.0,
        }
        row
    }

    /// The rule in words, with its value in an interval.
    pub(super) fn words(self, row: &FacilityRow, restore_limit_mw: Option<f64>, t: usize) -> String {
        match self {
            Self::MinCutMin => format!("its shortest event of {} min", row.min_minutes),
            Self::MaxCutMin => format!("its longest event of {} min", row.max_minutes.unwrap_or(0)),
            Self::MinGapMin => format!("the {} min between its events", row.gap_minutes[t]),
            Self::MaxEventsPerDay => {
                format!("its {} a day", starts(row.starts_per_day[t].unwrap_or(0)))
            }
            Self::MaxCutHours => "its hours under cut, which are used up".to_owned(),
            Self::RampUpMwPerH => {
                let per_hour = mw(row.ramp.unwrap_or(0)) * 60.0 / row.step_minutes as f64;
                format!("its ramp of {per_hour:.1} MW an hour")
            }
            Self::RestoreLimitMw => {
                format!("the {:.1} MW that its zone may return at once", restore_limit_mw.unwrap_or(0.0))
            }
            Self::BlockMw => format!("its blocks of {:.3} MW", mw(row.block)),
            Self::MinCutMw => format!("its smallest cut of {:.3} MW", mw(row.min_cut)),
            Self::EventCost => format!("what an event costs it, {:.2}", row.event_cost),
        }
    }
}

fn starts(number: u32) -> String {
    if number == 1 { "one event".to_owned() } else { format!("{number} events") }
}

/// Forbids cuts of some intervals, without a change of any other rule: a budget of no hours there. An event that goes
/// on over them although it must not is overrun then, and costs as much as a shortage.
pub(super) fn forbid(row: &mut FacilityRow, forbidden: impl Fn(usize) -> bool) {
    let counts = (0..row.room.len()).map(forbidden).collect();
    row.hour_budgets.push(HourBudget { counts, max_intervals: 0 });
}
