//! What a blow does to a plan: what its orders leave uncovered now, which of them meet no shortage any more, what can still
//! be shed, and what a plan made again reaches.

use super::{Blow, BlowError};
use crate::load;
use chrono::{DateTime, Utc};
use kezek_model::case::Case;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::plan::Plan;
use kezek_model::units::Kw;
use kezek_planner::problem::{FacilityRow, Problem};
use kezek_planner::replan::Moved;
use kezek_planner::shortfall::uncovered_mw;
use kezek_planner::solve::PlanError;
use serde::Serialize;
use std::ops::Range;

/// A zone's cuts meet nothing where less than this would be uncovered without them, in MW: half a kW.
const NOTHING_MW: f64 = 0.0005;

/// A blow and what becomes of a plan, from the first struck interval to the last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stress {
    /// Name of the case.
    pub case: String,
    /// When it strikes.
    pub at: DateTime<Utc>,
    /// Start of the first interval that it strikes.
    pub from: DateTime<Utc>,
    /// End of the last one.
    pub to: DateTime<Utc>,
    /// All zones.
    pub sum: Sum,
    /// Zone by zone.
    pub zones: Vec<Zone>,
    /// Facility by facility.
    pub facilities: Vec<Facility>,
    /// Zone by zone and interval by interval.
    pub hours: Vec<Hour>,
    /// How far the plan made again moved, all over the horizon.
    pub moved: Moved,
}

/// What is uncovered, in MWh, and what is there to shed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sum {
    /// As the plan had it before the blow.
    pub planned_uncovered_mwh: f64,
    /// With the orders as they stand.
    pub standing_uncovered_mwh: f64,
    /// With everything shed that notice lets be shed.
    pub shed_uncovered_mwh: f64,
    /// By the plan made again.
    pub again_uncovered_mwh: f64,
    /// What mining still draws under the orders as they stand.
    pub drawn_mwh: f64,
    /// Of that, what no order may take: floors, protected and not entitled facilities.
    pub kept_mwh: f64,
    /// Of that, what notice does not let be shed yet.
    pub in_notice_mwh: f64,
    /// Of that, what can be shed.
    pub can_be_shed_mwh: f64,
    /// What the orders cut.
    pub cut_mwh: f64,
    /// Of that, what meets no shortage now.
    pub idle_mwh: f64,
}

/// A zone in the struck intervals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Zone {
    /// Its name.
    pub zone: ZoneId,
    /// What holds in it.
    #[serde(flatten)]
    pub sum: Sum,
}

/// A facility in the struck intervals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facility {
    /// Its name in all files.
    pub facility: FacilityId,
    /// Its zone.
    pub zone: ZoneId,
    /// What its orders cut.
    pub cut_mwh: f64,
    /// Of that, in intervals in which no cut of its zone meets a shortage.
    pub idle_mwh: f64,
    /// What can be shed of what it draws.
    pub can_be_shed_mwh: f64,
    /// From when; none where nothing can be shed.
    pub shed_from: Option<DateTime<Utc>>,
    /// What the plan made again cuts.
    pub again_cut_mwh: f64,
}

/// A zone in one interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hour {
    /// Start of the interval.
    pub interval_start: DateTime<Utc>,
    /// Its end.
    pub interval_end: DateTime<Utc>,
    /// The zone.
    pub zone: ZoneId,
    /// Headroom before the blow.
    pub planned_headroom_mw: f64,
    /// Headroom now.
    pub headroom_mw: f64,
    /// What mining draws under the orders as they stand.
    pub drawn_mw: f64,
    /// Of that, what no order may take.
    pub kept_mw: f64,
    /// Of that, what is within notice.
    pub in_notice_mw: f64,
    /// Of that, what can be shed.
    pub can_be_shed_mw: f64,
    /// What the orders cut.
    pub cut_mw: f64,
    /// Of that, what meets no shortage now.
    pub idle_mw: f64,
    /// Uncovered as planned.
    pub planned_uncovered_mw: f64,
    /// With the orders as they stand.
    pub standing_uncovered_mw: f64,
    /// With everything shed.
    pub shed_uncovered_mw: f64,
    /// By the plan made again.
    pub again_uncovered_mw: f64,
}

/// Tells a blow: the case before and its plan, the case that [`Blow::strike`] leaves and its plan.
///
/// # Errors
/// When the case is none that is planned, or the solver that dispatches the ties fails.
pub fn tell(
    blow: &Blow,
    (case, plan): (&Case, &Plan),
    (struck, again): (&Case, &Plan),
    moved: Moved,
) -> Result<Stress, BlowError> {
    let span = blow.span(case)?;
    let scene = Scene::new(case, plan, struck, again)?;
    let hours: Vec<Hour> = (0..case.zones.len())
        .flat_map(|z| span.clone().map(move |t| (z, t)))
        .map(|(z, t)| scene.hour(z, t))
        .collect();
    let zone = |(zone, own): (&kezek_model::case::Zone, &[Hour])| Zone {
        zone: zone.id.clone(),
        sum: sum(own, case.grid.hours()),
    };
    Ok(Stress {
        case: case.name.clone(),
        at: blow.at,
        from: case.grid.instant(span.start),
        to: case.grid.instant(span.end),
        sum: sum(&hours, case.grid.hours()),
        zones: case.zones.iter().zip(hours.chunks(span.len())).map(zone).collect(),
        facilities: (0..case.facilities.len()).map(|f| scene.facility(f, span.clone())).collect(),
        hours,
        moved,
    })
}

fn sum(rows: &[Hour], hours: f64) -> Sum {
    let mwh = |power: fn(&Hour) -> f64| rows.iter().map(power).sum::<f64>() * hours;
    Sum {
        planned_uncovered_mwh: mwh(|row| row.planned_uncovered_mw),
        standing_uncovered_mwh: mwh(|row| row.standing_uncovered_mw),
        shed_uncovered_mwh: mwh(|row| row.shed_uncovered_mw),
        again_uncovered_mwh: mwh(|row| row.again_uncovered_mw),
        drawn_mwh: mwh(|row| row.drawn_mw),
        kept_mwh: mwh(|row| row.kept_mw),
        in_notice_mwh: mwh(|row| row.in_notice_mw),
        can_be_shed_mwh: mwh(|row| row.can_be_shed_mw),
        cut_mwh: mwh(|row| row.cut_mw),
        idle_mwh: mwh(|row| row.idle_mw),
    }
}

/// The two cases, the two plans, and what is uncovered in each way.
struct Scene<'a> {
    case: &'a Case,
    struck: &'a Case,
    plan: &'a Plan,
    again: &'a Plan,
    rows: Vec<FacilityRow>,
    planned: Vec<Vec<f64>>,
    standing: Vec<Vec<f64>>,
    shed: Vec<Vec<f64>>,
    replanned: Vec<Vec<f64>>,
    drawn: Vec<Vec<f64>>,
    cut: Vec<Vec<f64>>,
    /// Of a zone's cuts, what meets a shortage now.
    met: Vec<Vec<f64>>,
}

impl<'a> Scene<'a> {
    fn new(case: &'a Case, plan: &'a Plan, struck: &'a Case, again: &'a Plan) -> Result<Self, PlanError> {
        let rows = Problem::new(struck)?.facilities;
        let (drawn, cut) = (load::limits(case, plan), load::cuts(case, plan));
        let standing = uncovered_mw(struck, &drawn)?;
        let mut scene = Self {
            case,
            struck,
            plan,
            again,
            rows,
            planned: load::uncovered(case, plan),
            shed: Vec::new(),
            replanned: load::uncovered(case, again),
            met: met(struck, &standing, &drawn, &cut)?,
            standing,
            drawn,
            cut,
        };
        let shed = (0..case.zones.len()).map(|z| {
            let left = |t: usize| scene.drawn[z][t] - scene.of_zone(z, t, Self::can_be_shed);
            (0..case.grid.len).map(left).collect()
        });
        scene.shed = uncovered_mw(struck, &shed.collect::<Vec<Vec<f64>>>())?;
        Ok(scene)
    }

    fn hour(&self, z: usize, t: usize) -> Hour {
        let (kept, can_be_shed) = (self.of_zone(z, t, Self::kept), self.of_zone(z, t, Self::can_be_shed));
        Hour {
            interval_start: self.case.grid.instant(t),
            interval_end: self.case.grid.instant(t + 1),
            zone: self.case.zones[z].id.clone(),
            planned_headroom_mw: self.case.scenarios[0].headroom_mw[z][t],
            headroom_mw: self.struck.scenarios[0].headroom_mw[z][t],
            drawn_mw: self.drawn[z][t],
            kept_mw: kept,
            in_notice_mw: (self.drawn[z][t] - kept - can_be_shed).max(0.0),
            can_be_shed_mw: can_be_shed,
            cut_mw: self.cut[z][t],
            idle_mw: (self.cut[z][t] - self.met[z][t]).max(0.0),
            planned_uncovered_mw: self.planned[z][t],
            standing_uncovered_mw: self.standing[z][t],
            shed_uncovered_mw: self.shed[z][t],
            again_uncovered_mw: self.replanned[z][t],
        }
    }

    fn facility(&self, f: usize, span: Range<usize>) -> Facility {
        let (row, own) = (&self.rows[f], &self.case.facilities[f]);
        let mwh = |kw: &dyn Fn(usize) -> i64| Kw(span.clone().map(kw).sum()).mw() * self.case.grid.hours();
        let is_idle = |t: usize| self.met[row.zone][t] < NOTHING_MW;
        let shed_from = span.clone().find(|&t| self.can_be_shed(f, t) > 0);
        Facility {
            facility: own.id.clone(),
            zone: own.zone.clone(),
            cut_mwh: mwh(&|t| self.cut_kw(self.plan, f, t)),
            idle_mwh: mwh(&|t| if is_idle(t) { self.cut_kw(self.plan, f, t) } else { 0 }),
            can_be_shed_mwh: mwh(&|t| self.can_be_shed(f, t)),
            shed_from: shed_from.map(|t| self.case.grid.instant(t)),
            again_cut_mwh: mwh(&|t| self.cut_kw(self.again, f, t)),
        }
    }

    fn cut_kw(&self, plan: &Plan, f: usize, t: usize) -> i64 {
        plan.allocations[f * self.case.grid.len + t].cut.0
    }

    /// What no order may take from a facility, in kW.
    fn kept(&self, f: usize, t: usize) -> i64 {
        self.rows[f].nominated[t] - self.rows[f].room[t]
    }

    /// What can be taken from it beyond its orders, in kW.
    fn can_be_shed(&self, f: usize, t: usize) -> i64 {
        let row = &self.rows[f];
        if row.frozen[t].is_some() { 0 } else { (row.room[t] - self.cut_kw(self.plan, f, t)).max(0) }
    }

    /// A power of all facilities of a zone, in MW.
    fn of_zone(&self, z: usize, t: usize, kw: fn(&Self, usize, usize) -> i64) -> f64 {
        let own = (0..self.rows.len()).filter(|&f| self.rows[f].zone == z);
        Kw(own.map(|f| kw(self, f, t)).sum()).mw()
    }
}

/// By how much more would stay uncovered, all zones together, if a zone's cuts were given back.
fn met(
    struck: &Case,
    standing: &[Vec<f64>],
    drawn: &[Vec<f64>],
    cut: &[Vec<f64>],
) -> Result<Vec<Vec<f64>>, PlanError> {
    let together = |zones: &[Vec<f64>], t: usize| zones.iter().map(|zone| zone[t]).sum::<f64>();
    let of_zone = |z: usize| {
        let mut released = drawn.to_vec();
        released[z].iter_mut().zip(&cut[z]).for_each(|(load, cut)| *load += cut);
        let left = uncovered_mw(struck, &released)?;
        Ok((0..struck.grid.len).map(|t| together(&left, t) - together(standing, t)).collect())
    };
    (0..drawn.len()).map(of_zone).collect()
}
