//! What a plan does about the shortage of one zone.

use kezek_model::case::{Case, Facility};
use kezek_model::plan::{Allocation, Plan, ZoneBalance};

/// Less than this is rounding, in MW: half a kW.
const NOTHING_MW: f64 = 0.0005;

/// A span of intervals `[from, to)` of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Energy in MWh and highest power in MW over some intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Amount {
    pub(super) peak_mw: f64,
    pub(super) mwh: f64,
}

/// A zone of a plan.
pub(super) struct ZoneView<'a> {
    pub(super) id: &'a str,
    hours: f64,
    rows: &'a [ZoneBalance],
    cut_mw: Vec<f64>,
    nominated_mw: Vec<f64>,
    /// The facilities that are cut, cheapest first.
    pub(super) cuts: Vec<FacilityCut<'a>>,
}

/// A facility that is cut.
pub(super) struct FacilityCut<'a> {
    pub(super) facility: &'a Facility,
    /// Cost of a cut MWh, that of its tier included.
    pub(super) cost_per_mwh: f64,
    /// One per event.
    pub(super) windows: Vec<Span>,
    cut_mw: Vec<f64>,
    hours: f64,
}

/// The zones of a plan that has all rows, sorted, as every plan of the planner has.
pub(super) fn zones<'a>(case: &'a Case, plan: &'a Plan) -> Vec<ZoneView<'a>> {
    let steps = case.grid.len;
    let facilities: Vec<_> = case.facilities.iter().zip(plan.allocations.chunks(steps)).collect();
    let rows = case.zones.iter().zip(plan.zones.chunks(steps));
    rows.map(|(zone, rows)| {
        let own = facilities.iter().filter(|(facility, _)| facility.zone == zone.id);
        let own: Vec<_> = own.copied().collect();
        let sum = |power: fn(&Allocation) -> f64| {
            (0..steps).map(|t| own.iter().map(|(_, course)| power(&course[t])).sum()).collect()
        };
        let mut cuts: Vec<_> =
            own.iter().filter_map(|(facility, course)| cut(case, facility, course)).collect();
        cuts.sort_by(|a, b| a.cost_per_mwh.total_cmp(&b.cost_per_mwh));
        ZoneView {
            id: zone.id.as_str(),
            hours: case.grid.hours(),
            rows,
            cut_mw: sum(|row| row.cut.mw()),
            nominated_mw: sum(|row| row.nominated.mw()),
            cuts,
        }
    })
    .collect()
}

fn cut<'a>(case: &Case, facility: &'a Facility, course: &[Allocation]) -> Option<FacilityCut<'a>> {
    let cut_mw: Vec<f64> = course.iter().map(|row| row.cut.mw()).collect();
    let windows = spans(&cut_mw);
    let adder = case.tier_adder_per_mwh.get(&facility.tier).copied().unwrap_or(0.0);
    let cost_per_mwh = facility.cut_cost_per_mwh + adder;
    (!windows.is_empty()).then_some(FacilityCut {
        facility,
        cost_per_mwh,
        windows,
        cut_mw,
        hours: case.grid.hours(),
    })
}

impl ZoneView<'_> {
    /// The runs of intervals in which the zone is short of its own: nominated is more than headroom.
    pub(super) fn short(&self) -> Vec<Span> {
        spans(&self.need_mw())
    }

    /// The runs of intervals in which something stays uncovered.
    pub(super) fn uncovered(&self) -> Vec<Span> {
        spans(&self.uncovered_mw())
    }

    /// What is missing before imports and cuts.
    pub(super) fn need_in(&self, span: Span) -> Amount {
        amount(&self.need_mw(), span, self.hours)
    }

    /// What comes from other zones, less what goes there.
    pub(super) fn import_in(&self, span: Span) -> Amount {
        let import: Vec<f64> = self.rows.iter().map(|row| row.import_mw).collect();
        amount(&import, span, self.hours)
    }

    /// What is cut.
    pub(super) fn cut_in(&self, span: Span) -> Amount {
        amount(&self.cut_mw, span, self.hours)
    }

    /// What stays uncovered.
    pub(super) fn uncovered_in(&self, span: Span) -> Amount {
        amount(&self.uncovered_mw(), span, self.hours)
    }

    /// The whole horizon.
    pub(super) fn all(&self) -> Span {
        Span { from: 0, to: self.rows.len() }
    }

    fn need_mw(&self) -> Vec<f64> {
        self.rows
            .iter()
            .zip(&self.nominated_mw)
            .map(|(row, nominated)| (nominated - row.headroom_mw).max(0.0))
            .collect()
    }

    fn uncovered_mw(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.uncovered_mw).collect()
    }
}

impl FacilityCut<'_> {
    /// What is cut in a window.
    pub(super) fn cut_in(&self, span: Span) -> Amount {
        amount(&self.cut_mw, span, self.hours)
    }

    /// What is cut in all.
    pub(super) fn cut_in_all(&self) -> Amount {
        self.cut_in(Span { from: 0, to: self.cut_mw.len() })
    }
}

/// Whether a power is more than rounding.
pub(super) fn is_something(mw: f64) -> bool {
    mw > NOTHING_MW
}

/// The runs of intervals with more than rounding.
fn spans(power_mw: &[f64]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for t in (0..power_mw.len()).filter(|&t| is_something(power_mw[t])) {
        match spans.last_mut() {
            Some(span) if span.to == t => span.to = t + 1,
            _ => spans.push(Span { from: t, to: t + 1 }),
        }
    }
    spans
}

fn amount(power_mw: &[f64], span: Span, hours: f64) -> Amount {
    let inside = &power_mw[span.from..span.to];
    Amount { peak_mw: inside.iter().copied().fold(0.0, f64::max), mwh: inside.iter().sum::<f64>() * hours }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_where_nothing_is_missing() {
        let spans = spans(&[1.0, 2.0, 0.0004, 3.0]);
        assert_eq!(spans, [Span { from: 0, to: 2 }, Span { from: 3, to: 4 }]);
    }

    #[test]
    fn energy_is_power_times_hours() {
        let amount = amount(&[1.0, 4.0, 8.0], Span { from: 0, to: 2 }, 0.5);
        assert_eq!(amount, Amount { peak_mw: 4.0, mwh: 2.5 });
    }
}
