//! What forces a cut, and what spares a facility: one rule at a time is lifted for it alone.

use super::rules::{Lifted, forbid};
use super::scene::Scene;
use crate::course::{Course, Lane, Returns, Tariff};
use crate::draft::around;
use crate::problem::{FacilityRow, mw};
use serde::Serialize;

/// Money that is nothing: half a cent.
const NOTHING: f64 = 0.005;
/// Room to return that no zone limits.
const UNLIMITED: i64 = i64::MAX / 8;

/// Why a facility is cut in an interval, or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// Never cut.
    Protected,
    /// No licence in this interval.
    NotEntitled,
    /// Nothing above its floor.
    NoRoom,
    /// Notice has not passed: the cut, or none, stays as it was ordered.
    Notice,
    /// A standing order demands it.
    Order {
        /// Its number.
        number: String,
        /// The MW that it demands.
        demanded_mw: f64,
    },
    /// Cut because of a rule: without any one of these the interval could be spared for nothing, all others staying.
    Forced {
        /// The rules.
        rules: Vec<Lifted>,
    },
    /// Cut because of several rules together.
    ForcedTogether,
    /// Cut because it is needed, all others staying.
    Needed {
        /// MW that would stay uncovered.
        short_mw: f64,
    },
    /// Cut, though sparing it would cost nothing, all others staying: plans within the gap differ in it.
    Chance,
    /// Not cut because of a rule: without any one of these a cut would pay at the prices of its zone.
    Spared {
        /// The rules.
        rules: Vec<Lifted>,
    },
    /// Not cut, for the zone has headroom for all.
    Headroom,
    /// Not cut: at the prices of its zone no cut of it pays.
    TooDear,
    /// Not cut, though at the prices of its zone it would pay: it stands at the margin, and others cover.
    Margin,
}

/// Why a facility is cut in an interval, or not.
pub(super) fn cause(scene: &Scene<'_>, f: usize, t: usize) -> Cause {
    let (facility, row) = (&scene.case.facilities[f], &scene.problem.facilities[f]);
    let cut = scene.cuts()[f][t];
    if facility.protected {
        Cause::Protected
    } else if !row.entitled[t] {
        Cause::NotEntitled
    } else if row.frozen[t].is_some() {
        Cause::Notice
    } else if row.room[t] == 0 {
        Cause::NoRoom
    } else if let Some(number) = row.ordered_by[t].as_ref().filter(|_| row.demand[t] > 0) {
        Cause::Order { number: number.clone(), demanded_mw: mw(row.demand[t]) }
    } else if cut > 0 {
        Beside::of(scene, f).cause_of_cut(scene, f, t)
    } else {
        cause_of_none(scene, f, t)
    }
}

/// What a facility sees while all others stay.
struct Beside {
    needs: Vec<f64>,
    allowed: Vec<i64>,
}

impl Beside {
    fn of(scene: &Scene<'_>, f: usize) -> Self {
        Self { needs: scene.draft.needs(f), allowed: scene.draft.allowed_beside(f) }
    }

    fn cause_of_cut(&self, scene: &Scene<'_>, f: usize, t: usize) -> Cause {
        let row = &scene.problem.facilities[f];
        if self.price_of_sparing(scene, row, &self.allowed, t) <= NOTHING {
            return Cause::Chance;
        }
        let limit = scene.problem.zones[row.zone].restore_limit_mw;
        let forces = |rule: &Lifted| {
            let free = vec![UNLIMITED; row.room.len()];
            let allowed = if *rule == Lifted::RestoreLimitMw { &free } else { &self.allowed };
            rule.binds(row, limit) && self.price_of_sparing(scene, &rule.lifted(row), allowed, t) <= NOTHING
        };
        let rules: Vec<Lifted> = Lifted::ALL.into_iter().filter(forces).collect();
        let short_mw = self.needs[t].min(mw(scene.cuts()[f][t]));
        match () {
            () if !rules.is_empty() => Cause::Forced { rules },
            () if short_mw > 1e-9 => Cause::Needed { short_mw },
            () => Cause::ForcedTogether,
        }
    }

    /// What the cheapest course without a cut of an interval costs more than the cheapest; infinite where none is.
    fn price_of_sparing(&self, scene: &Scene<'_>, row: &FacilityRow, allowed: &[i64], t: usize) -> f64 {
        let mut spared = row.clone();
        forbid(&mut spared, |s| s == t);
        let cost = |row: &FacilityRow| self.cheapest(scene, row, allowed);
        match (cost(&spared), cost(row)) {
            (Some(without), Some(with)) if without.cuts[t] == 0 => without.cost - with.cost,
            _ => f64::INFINITY,
        }
    }

    fn cheapest(&self, scene: &Scene<'_>, row: &FacilityRow, allowed: &[i64]) -> Option<Course> {
        let problem = scene.problem;
        let breaks: Vec<Vec<i64>> = self.needs.iter().map(|&need| around(need)).collect();
        let cost = |t: usize, kw: i64| {
            let relief = problem.uncovered_cost_per_mwh * mw(kw).min(self.needs[t]);
            problem.hours * (row.cut_cost_per_mwh * mw(kw) - relief)
        };
        let overrun_per_kw = problem.overrun_per_kw();
        let tariff = Tariff { cost: &cost, event_cost: row.event_cost, overrun_per_kw };
        Lane::with(row, Returns::within(row, allowed), &breaks, &[]).cheapest(&tariff)
    }
}

fn cause_of_none(scene: &Scene<'_>, f: usize, t: usize) -> Cause {
    let row = &scene.problem.facilities[f];
    if gain_at_prices(scene, row, f, t) > NOTHING {
        return Cause::Margin;
    }
    let pays =
        |rule: &Lifted| rule.binds(row, None) && gain_at_prices(scene, &rule.lifted(row), f, t) > NOTHING;
    let rules: Vec<Lifted> = Lifted::ALL.into_iter().filter(pays).collect();
    let zone = &scene.problem.zones[row.zone];
    match () {
        () if !rules.is_empty() => Cause::Spared { rules },
        () if scene.problem.uncut_load_mw(row.zone, t) <= zone.headroom_mw[t] => Cause::Headroom,
        () => Cause::TooDear,
    }
}

/// What a cut of an interval earns at the prices of the zone.
fn gain_at_prices(scene: &Scene<'_>, row: &FacilityRow, f: usize, t: usize) -> f64 {
    let mut spared = row.clone();
    forbid(&mut spared, |s| s == t);
    match (cheapest_at_prices(scene, row, f), cheapest_at_prices(scene, &spared, f)) {
        (Some(with), Some(without)) => without.cost - with.cost,
        _ => 0.0,
    }
}

fn cheapest_at_prices(scene: &Scene<'_>, row: &FacilityRow, f: usize) -> Option<Course> {
    let offer = scene.prices.offer(scene.problem, f);
    let cost = |t: usize, kw: i64| offer.per_kw[t] * kw as f64 + offer.under_cut[t];
    let overrun_per_kw = scene.problem.overrun_per_kw();
    Lane::new(row).cheapest(&Tariff { cost: &cost, event_cost: row.event_cost, overrun_per_kw })
}

impl Cause {
    /// The cause as a sentence.
    pub(super) fn sentence(&self, scene: &Scene<'_>, f: usize, t: usize) -> String {
        let (row, facility) = (&scene.problem.facilities[f], &scene.case.facilities[f]);
        let (zone, currency) = (&facility.zone, &scene.case.objective.currency);
        let limit = scene.problem.zones[row.zone].restore_limit_mw;
        let words = |rules: &[Lifted]| {
            let words: Vec<String> = rules.iter().map(|rule| rule.words(row, limit, t)).collect();
            words.join(", or ")
        };
        let price = super::prices::per_mwh(scene.problem, &scene.prices, f, t, t + 1);
        let own = format!("{:.2} {currency}/MWh", row.cut_cost_per_mwh);
        match self {
            Self::Protected => "it is protected and never cut".to_owned(),
            Self::NotEntitled => {
                "its licence is not valid: it is entitled to no more than its floor".to_owned()
            }
            Self::NoRoom => "it has nothing above its floor".to_owned(),
            Self::Notice if scene.cuts()[f][t] > 0 => {
                format!(
                    "its notice of {} min has not passed: a cut that holds or was ordered stays",
                    facility.notice_minutes
                )
            }
            Self::Notice => {
                format!("its notice of {} min has not passed: no cut may start", facility.notice_minutes)
            }
            Self::Order { number, demanded_mw } => {
                format!("standing order {number} demands {demanded_mw:.3} MW")
            }
            Self::Forced { rules } => format!("the cut goes on because of {}", words(rules)),
            Self::ForcedTogether => "the cut goes on because of several of its rules together".to_owned(),
            Self::Needed { short_mw } => {
                format!(
                    "zone {zone} needs it: without it {short_mw:.3} MW stay uncovered, or others are cut; it costs {own}"
                )
            }
            Self::Chance => {
                "sparing it would cost nothing here: plans within the gap differ in it".to_owned()
            }
            Self::Spared { rules } => {
                format!("a cut would pay at {price:.2} {currency}/MWh but for {}", words(rules))
            }
            Self::Headroom => format!("zone {zone} has headroom for all"),
            Self::TooDear => {
                format!(
                    "no cut of it pays at {price:.2} {currency}/MWh: it costs {own}, and {:.2} {currency} an event",
                    row.event_cost
                )
            }
            Self::Margin => format!(
                "it stands at the margin: a cut would pay at {price:.2} {currency}/MWh, but others cover"
            ),
        }
    }
}
