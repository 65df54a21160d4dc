//! Days of a season as both are given them, and what Kezek makes of them.

use crate::words::Words;
use kezek_model::case::{Case, Facility, State};
use kezek_model::units::Kw;
use kezek_planner::solve::{Bench, Effort, MarginalPrice};
use kezek_study::lab::spec::Planning;
use std::time::Instant;

/// What of the daily model is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// All of it but for events that run over midnight, which end there: the peer's model knows none.
    Whole,
    /// What needs no integers: cuts of any size up to the room, at their cost, with ramps, restore limits, ties and
    /// notice; no blocks, smallest cuts, costs of events, lengths, gaps, numbers or hours. Facilities nominate the least of
    /// their day all day, as what a nomination's fall allows to return depends on whether there is a cut.
    Plain,
}

impl Model {
    pub(crate) const ALL: [Self; 2] = [Self::Plain, Self::Whole];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Plain => "plain",
        }
    }

    fn of(self, case: &Case) -> Case {
        let mut own = case.clone();
        for facility in &mut own.facilities {
            match self {
                Self::Whole => end_at_midnight(facility, case),
                Self::Plain => make_plain(facility),
            }
        }
        own
    }
}

fn end_at_midnight(facility: &mut Facility, case: &Case) {
    if facility.state.cut_kw.0 > 0 {
        let ended = Some(case.grid.start);
        facility.state = State { cut_kw: Kw(0), cut_since: None, last_cut_end: ended, ..facility.state };
    }
}

fn make_plain(facility: &mut Facility) {
    let least = facility.nomination_kw.iter().copied().min().unwrap_or(Kw(0));
    facility.nomination_kw.fill(least);
    (facility.min_cut_kw, facility.block_kw, facility.event_cost) = (Kw(0), None, 0.0);
    (facility.min_cut_minutes, facility.max_cut_minutes, facility.min_gap_minutes) = (0, None, 0);
    (facility.max_events_per_day, facility.max_cut_hours) = (None, None);
    facility.state = State::default();
}

/// A day and its plans.
pub(crate) struct Sample {
    /// Its place in the season.
    pub(crate) day: usize,
    pub(crate) case: Case,
    pub(crate) kezek: Planned,
    /// Of every [`Peer`](crate::looped::Peer) of the model.
    pub(crate) peers: Vec<Planned>,
}

/// A plan.
pub(crate) struct Planned {
    pub(crate) seconds: f64,
    /// Seconds of them until the solver had the model; 0 for Kezek.
    pub(crate) modelled_s: f64,
    /// Judged and costed by the same check.
    pub(crate) objective: Option<f64>,
    /// Its gap by its own bound.
    pub(crate) gap: f64,
    /// Whether the check passes it.
    pub(crate) holds: bool,
}

impl Sample {
    /// Every so many days of a season, planned from the prices of the day before as the laboratory does.
    pub(crate) fn of(model: Model, cases: &[Case], words: &Words) -> Result<Vec<Self>, String> {
        let bench = Bench::new().map_err(|error| error.to_string())?;
        let effort = Effort { gap: words.gap, toil: Planning::default().toil, seed: 1 };
        let plan = |case: &Case, prices: &[MarginalPrice]| {
            bench.plan(case, effort, prices).map_err(|error| error.to_string())
        };
        let sample = |day: usize| {
            let (before, case) = (model.of(&cases[day - 1]), model.of(&cases[day]));
            let mut prices = plan(&before, &[])?.1;
            prices.iter_mut().for_each(|row| row.interval_start += chrono::TimeDelta::days(1));
            let began = Instant::now();
            let (plan, _) = plan(&case, &prices)?;
            let kezek = Planned {
                seconds: began.elapsed().as_secs_f64(),
                modelled_s: 0.0,
                objective: Some(plan.objective),
                gap: plan.gap.unwrap_or(f64::INFINITY),
                holds: true,
            };
            Ok(Self { day, case, kezek, peers: Vec::new() })
        };
        (1..cases.len()).step_by(words.every).map(sample).collect()
    }
}
