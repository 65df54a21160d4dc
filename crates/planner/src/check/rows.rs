//! Section 7: every facility, zone and tie has one row for every interval, sorted.

use super::report::{Findings, Place, Rule};
use chrono::{DateTime, Utc};
use kezek_model::case::Case;
use kezek_model::grid::TimeGrid;
use kezek_model::plan::{Allocation, Flow, Plan, ZoneBalance};

/// Beyond this no kW figure of a case or plan goes; sums of such figures still fit their types.
const LARGEST_KW: i64 = 1_000_000_000_000;
const LARGEST_MW: f64 = 1e9;

/// The rows of a plan, by position in the case and interval.
pub(super) struct Rows<'p> {
    /// By facility, then interval.
    pub(super) allocations: Vec<Vec<&'p Allocation>>,
    /// By zone, then interval.
    pub(super) zones: Vec<Vec<&'p ZoneBalance>>,
    /// MW by tie, then interval.
    pub(super) flow_mw: Vec<Vec<f64>>,
    /// kW by facility, then interval.
    pub(super) cut_kw: Vec<Vec<i64>>,
}

/// The rows in their places, or nothing where they are not those that the case asks for.
pub(super) fn arrange<'p>(case: &Case, plan: &'p Plan, findings: &mut Findings) -> Option<Rows<'p>> {
    let facilities = case.facilities.iter().map(|facility| facility.id.clone()).collect::<Vec<_>>();
    let zones = case.zones.iter().map(|zone| zone.id.clone()).collect::<Vec<_>>();
    let ties = case.ties.iter().map(|tie| tie.id.clone()).collect::<Vec<_>>();
    let allocations = Series {
        ids: &facilities,
        key: |row: &Allocation| (row.facility.clone(), row.interval_start),
        place: Place::facility,
    }
    .arrange(&case.grid, &plan.allocations, findings);
    let zones = Series {
        ids: &zones,
        key: |row: &ZoneBalance| (row.zone.clone(), row.interval_start),
        place: Place::zone,
    }
    .arrange(&case.grid, &plan.zones, findings);
    let flows =
        Series { ids: &ties, key: |row: &Flow| (row.tie.clone(), row.interval_start), place: Place::tie }
            .arrange(&case.grid, &plan.flows, findings);
    let powers = powers_are_possible(plan, findings);
    let (allocations, zones, flows) = (allocations?, zones?, flows?);
    let flow_mw = flows.iter().map(|series| series.iter().map(|row| row.mw).collect()).collect();
    let cut_kw = allocations.iter().map(|series| series.iter().map(|row| row.cut.0).collect()).collect();
    powers.then_some(Rows { allocations, zones, flow_mw, cut_kw })
}

/// The rows of one kind that a case asks for: how they are keyed and where their faults stand.
struct Series<'c, Id, K, P> {
    ids: &'c [Id],
    key: K,
    place: P,
}

impl<Id: Ord, K, P> Series<'_, Id, K, P> {
    /// The rows by position of their id, then interval; nothing where one is missing, doubled or foreign.
    fn arrange<'p, R>(
        &self,
        grid: &TimeGrid,
        rows: &'p [R],
        findings: &mut Findings,
    ) -> Option<Vec<Vec<&'p R>>>
    where
        K: Fn(&R) -> (Id, DateTime<Utc>),
        P: Fn(&Id, DateTime<Utc>) -> Place,
    {
        let mut slots: Vec<Vec<Option<&R>>> = self.ids.iter().map(|_| vec![None; grid.len]).collect();
        let mut surplus = false;
        for row in rows {
            let (id, at) = (self.key)(row);
            let slot = self.ids.binary_search(&id).ok().zip(grid.index_of(at)).map(|(i, t)| &mut slots[i][t]);
            let (found, expected) = match slot {
                Some(free @ None) => {
                    *free = Some(row);
                    continue;
                }
                Some(Some(_)) => ("a second row", "one row"),
                None => ("a row", "none: not in the case"),
            };
            findings.add(Rule::Rows, (self.place)(&id, at), found, expected);
            surplus = true;
        }
        self.judge_missing(grid, &slots, findings);
        self.judge_order(rows, findings);
        let complete: Option<Vec<Vec<&R>>> =
            slots.into_iter().map(|series| series.into_iter().collect()).collect();
        complete.filter(|_| !surplus)
    }

    /// Every place has a row.
    fn judge_missing<R>(&self, grid: &TimeGrid, slots: &[Vec<Option<&R>>], findings: &mut Findings)
    where
        P: Fn(&Id, DateTime<Utc>) -> Place,
    {
        for (id, series) in self.ids.iter().zip(slots) {
            for (t, _) in series.iter().enumerate().filter(|(_, slot)| slot.is_none()) {
                findings.add(Rule::Rows, (self.place)(id, grid.instant(t)), "no row", "one row");
            }
        }
    }

    /// Rows are sorted by id, then time.
    fn judge_order<R>(&self, rows: &[R], findings: &mut Findings)
    where
        K: Fn(&R) -> (Id, DateTime<Utc>),
        P: Fn(&Id, DateTime<Utc>) -> Place,
    {
        if let Some(pair) = rows.windows(2).find(|pair| (self.key)(&pair[0]) > (self.key)(&pair[1])) {
            let (id, at) = (self.key)(&pair[1]);
            findings.add(
                Rule::Rows,
                (self.place)(&id, at),
                "a row out of order",
                "rows sorted by name, then time",
            );
        }
    }
}

/// Figures so large that no grid has them are not added up.
fn powers_are_possible(plan: &Plan, findings: &mut Findings) -> bool {
    let mut possible = true;
    for row in &plan.allocations {
        let largest = [row.nominated, row.limit, row.cut].iter().map(|kw| kw.0.unsigned_abs()).max();
        if largest > Some(LARGEST_KW.unsigned_abs()) {
            let place = Place::facility(&row.facility, row.interval_start);
            findings.add(Rule::Rows, place, "a power beyond 10^9 MW", "MW");
            possible = false;
        }
    }
    for row in plan.flows.iter().filter(|row| !(-LARGEST_MW..=LARGEST_MW).contains(&row.mw)) {
        findings.add(Rule::Rows, Place::tie(&row.tie, row.interval_start), format!("{} MW", row.mw), "MW");
        possible = false;
    }
    possible
}
