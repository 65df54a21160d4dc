//! One short sentence for every row: why this facility draws what it draws.
//!
//! Every sentence says what would be otherwise in this interval alone, all other rows staying: what would be short
//! without the cut, with the ties at their best; which rule another cut would break, as the walk along the facility's
//! cuts finds it; or what it would cost. It says nothing of plans in which others change too: that is `kezek why`.

use super::Costed;
use crate::dispatch::shortages;
use crate::draft::own_cost;
use crate::formulation::dictated_beyond_falls;
use crate::island::Sets;
use crate::problem::{FacilityRow, Problem, mw};
use crate::walk::{Rule, walk};
use crate::why::burden;
use kezek_model::case::{Case, Policy};
use kezek_model::reason as phrase;

/// MW that are nothing.
const DUST_MW: f64 = 1e-9;
/// Money that is nothing.
const DUST: f64 = 1e-6;

/// What the reasons of all rows look at.
pub(super) struct Reasons<'a> {
    case: &'a Case,
    problem: &'a Problem,
    costed: &'a Costed,
    /// Greatest shortage of a set of zones with the zone and of one without, per zone and interval.
    worst: Vec<Vec<(f64, f64)>>,
    /// The dearest MWh that is cut without being forced, per zone and interval.
    dearest: Vec<Vec<Option<f64>>>,
    /// kW that return beyond falls, per zone and interval.
    returned: Vec<Vec<i64>>,
    /// Whether the headroom of a zone is enough without any cut, per interval.
    enough: Vec<Vec<bool>>,
    /// Whether somebody is cut, per zone and interval.
    is_cut: Vec<Vec<bool>>,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(case: &'a Case, problem: &'a Problem, costed: &'a Costed) -> Self {
        let (sets, short) = (Sets::new(problem), shortages(problem, &costed.cuts));
        let steps = 0..problem.steps;
        let each = |z: usize| steps.clone().map(|t| sets.worst(&short, t, z)).collect();
        let zones = problem.zones.len();
        let is_enough = |z: usize, t: usize| problem.uncut_load_mw(z, t) <= problem.zones[z].headroom_mw[t];
        let mut reasons = Self {
            case,
            problem,
            costed,
            worst: (0..zones).map(each).collect(),
            dearest: vec![vec![None; problem.steps]; zones],
            returned: vec![vec![0; problem.steps]; zones],
            enough: (0..zones).map(|z| steps.clone().map(|t| is_enough(z, t)).collect()).collect(),
            is_cut: vec![vec![false; problem.steps]; zones],
        };
        for (row, cuts) in problem.facilities.iter().zip(&costed.cuts) {
            reasons.count(row, cuts);
        }
        reasons
    }

    fn count(&mut self, row: &FacilityRow, cuts: &[i64]) {
        for t in 0..cuts.len() {
            self.returned[row.zone][t] += returned(row, cuts, t);
            self.is_cut[row.zone][t] |= cuts[t] > 0;
            let dearest = &mut self.dearest[row.zone][t];
            if cuts[t] > 0 && !row.forced(t) && dearest.is_none_or(|most| most < row.cut_cost_per_mwh) {
                *dearest = Some(row.cut_cost_per_mwh);
            }
        }
    }

    /// Why a facility draws what it draws in an interval.
    pub(super) fn of(&self, f: usize, t: usize) -> String {
        let row = &self.problem.facilities[f];
        let cut = self.costed.cuts[f][t];
        if self.case.facilities[f].protected {
            phrase::PROTECTED.with([])
        } else if !row.entitled[t] {
            phrase::NOT_LICENSED.with([])
        } else if row.frozen[t].is_some() {
            if cut > 0 { phrase::CUT_STAYS.with([]) } else { phrase::STAYS_UNCUT.with([]) }
        } else if row.room[t] == 0 {
            phrase::NO_ROOM.with([])
        } else if let Some(number) = row.ordered_by[t].as_ref().filter(|_| row.demand[t] > 0) {
            self.why_ordered(number, f, t)
        } else if cut > 0 {
            self.why_cut(f, t)
        } else {
            self.why_spared(f, t)
        }
    }

    fn why_ordered(&self, number: &str, f: usize, t: usize) -> String {
        let row = &self.problem.facilities[f];
        if self.costed.cuts[f][t] == row.cut_at_least(t, row.demand[t]) {
            return phrase::ORDERED.with([number]);
        }
        phrase::ORDERED_LESS.with([number, &kw(row.demand[t]), &self.why_cut(f, t)])
    }

    fn why_cut(&self, f: usize, t: usize) -> String {
        let (zone, cut) = (&self.case.facilities[f].zone, mw(self.costed.cuts[f][t]));
        let needed = self.needed_mw(f, t);
        if needed <= DUST_MW {
            phrase::NOT_NEEDED.with([&self.why_kept(f, t, 0)])
        } else if needed >= cut - DUST_MW {
            phrase::NEEDED.with([zone.as_str(), &thousandths(needed), &self.price(f)])
        } else {
            let row = &self.problem.facilities[f];
            let enough = row.cut_at_least(t, whole_kw(needed).max(row.demand[t]));
            let why = self.why_kept(f, t, enough);
            phrase::DEEPER.with([zone.as_str(), &thousandths(needed), &why])
        }
    }

    /// MW of a cut that cover something, the ties at their best; of a cut that is none, MW that one would cover.
    fn needed_mw(&self, f: usize, t: usize) -> f64 {
        let (with, without) = self.worst[self.problem.facilities[f].zone][t];
        let cut = mw(self.costed.cuts[f][t]);
        let useful = (with + cut - without).max(0.0);
        if cut > 0.0 { useful.min(cut) } else { useful }
    }

    /// What the facility's policy looks at.
    fn price(&self, f: usize) -> String {
        let row = &self.problem.facilities[f];
        match self.case.objective.policy {
            Policy::LeastCost => {
                phrase::COSTS.with([&hundredths(row.cut_cost_per_mwh), &self.case.objective.currency])
            }
            Policy::EqualShare | Policy::Rotation => {
                let share = burden(self.case, self.problem, f, &self.costed.cuts[f]).unwrap_or(0.0);
                phrase::BURDEN.with([&format!("{:.1}", 100.0 * share)])
            }
        }
    }

    /// Why a cut is not this smaller one.
    fn why_kept(&self, f: usize, t: usize, smaller: i64) -> String {
        let (row, cut) = (&self.problem.facilities[f], self.costed.cuts[f][t]);
        let smaller = smaller.max(row.cut_at_least(t, row.demand[t]));
        if smaller == cut {
            return self.why_no_smaller(row, t, cut);
        }
        let other = self.with(f, t, smaller);
        if let Some(&(_, rule)) = walk(row, &other).broken.first() {
            return kept_by(row, rule, t);
        }
        if self.returns_too_fast(f, t, &other) {
            return self.return_limit(row);
        }
        if own_cost(self.problem, row, &other) >= own_cost(self.problem, row, &self.costed.cuts[f]) - DUST {
            return phrase::EVENT_COST.with([&hundredths(row.event_cost)]);
        }
        phrase::AS_GOOD.with([])
    }

    fn why_no_smaller(&self, row: &FacilityRow, t: usize, cut: i64) -> String {
        if row.block > 0 && cut % row.block == 0 {
            phrase::BLOCKS.with([&kw(row.block)])
        } else if cut == row.min_cut {
            phrase::SMALLEST.with([&kw(cut)])
        } else if cut == row.room[t] {
            phrase::ONLY_FULL.with([])
        } else {
            phrase::WHOLE_KW.with([])
        }
    }

    fn why_spared(&self, f: usize, t: usize) -> String {
        let (row, zone) = (&self.problem.facilities[f], self.case.facilities[f].zone.as_str());
        let (useful, dearest) = (self.needed_mw(f, t), self.dearest[row.zone][t]);
        if useful > DUST_MW {
            phrase::STAYS_SHORT.with([zone, &self.why_no_cut(f, t, useful)])
        } else if self.enough[row.zone][t] {
            phrase::HEADROOM.with([zone])
        } else if self.costed.dispatch.uncovered[row.zone][t] > 0.0 {
            phrase::IN_VAIN.with([])
        } else if !self.is_cut[row.zone][t] {
            phrase::IMPORTS.with([zone])
        } else if let Some(dearest) = dearest.filter(|most| self.is_by_cost() && row.cut_cost_per_mwh > *most)
        {
            phrase::DEARER.with([zone, &hundredths(dearest), &self.price(f)])
        } else {
            self.why_no_turn(f, t)
        }
    }

    fn is_by_cost(&self) -> bool {
        self.case.objective.policy == Policy::LeastCost
    }

    fn why_no_turn(&self, f: usize, t: usize) -> String {
        let (row, zone) = (&self.problem.facilities[f], self.case.facilities[f].zone.as_str());
        let broken = walk(row, &self.with(f, t, row.smallest_cut(t))).broken.first().copied();
        match broken {
            Some((_, rule)) => phrase::HELD_BACK.with([zone, &spared_by(row, rule, t)]),
            None => phrase::COVERED.with([zone]),
        }
    }

    /// Why the smallest cut is not made although it would cover something.
    fn why_no_cut(&self, f: usize, t: usize, useful_mw: f64) -> String {
        let row = &self.problem.facilities[f];
        let smallest = row.smallest_cut(t);
        let other = self.with(f, t, smallest);
        if let Some(&(_, rule)) = walk(row, &other).broken.first() {
            return spared_by(row, rule, t);
        }
        if self.returns_too_fast(f, t, &other) {
            return self.return_limit(row);
        }
        let covered = mw(smallest).min(useful_mw) * self.problem.hours * self.problem.uncovered_cost_per_mwh;
        let more = own_cost(self.problem, row, &other) - own_cost(self.problem, row, &self.costed.cuts[f]);
        if self.is_by_cost() && more >= covered - DUST {
            return phrase::NOT_WORTH_IT.with([&hundredths(more), &hundredths(covered)]);
        }
        phrase::AS_GOOD.with([])
    }

    fn return_limit(&self, row: &FacilityRow) -> String {
        let limit = self.problem.zones[row.zone].restore_limit_mw.unwrap_or(0.0);
        phrase::RETURN_LIMIT.with([&limit.to_string()])
    }

    /// The cuts of a facility with another one in an interval.
    fn with(&self, f: usize, t: usize, kw: i64) -> Vec<i64> {
        let mut cuts = self.costed.cuts[f].clone();
        cuts[t] = kw;
        cuts
    }

    /// Whether with other cuts of a facility its zone returns too fast around an interval.
    fn returns_too_fast(&self, f: usize, t: usize, other: &[i64]) -> bool {
        let row = &self.problem.facilities[f];
        let Some(limit) = self.problem.zones[row.zone].restore_limit_mw else { return false };
        (t..self.problem.steps.min(t + 2)).any(|s| {
            let own = returned(row, other, s) - returned(row, &self.costed.cuts[f], s);
            let limit = limit.max(mw(dictated_beyond_falls(self.problem, row.zone, s)));
            own > 0 && mw(self.returned[row.zone][s] + own) > limit + DUST_MW
        })
    }
}

/// kW of a facility that return in an interval beyond falls.
fn returned(row: &FacilityRow, cuts: &[i64], t: usize) -> i64 {
    let earlier = if t == 0 { row.before.cut } else { cuts[t - 1] };
    earlier - cuts[t] - if earlier > 0 { row.fall(t) } else { 0 }
}

#[allow(clippy::cast_possible_truncation)]
fn whole_kw(mw: f64) -> i64 {
    (mw * 1000.0 - DUST_MW).ceil() as i64
}

fn kept_by(row: &FacilityRow, rule: Rule, t: usize) -> String {
    match rule {
        Rule::MinCut => phrase::LEAST_EVENT.with([&row.min_minutes.to_string()]),
        Rule::MinGap => phrase::SHORT_PAUSE.with([&row.gap_minutes[t].to_string()]),
        Rule::EventsPerDay => phrase::ONE_START_MORE.with([]),
        Rule::RampUp => {
            let per_hour = mw(row.ramp.unwrap_or(0)) * 60.0 / row.step_minutes as f64;
            phrase::RAMP.with([&per_hour.to_string()])
        }
        Rule::Range | Rule::MaxCut | Rule::CutHours | Rule::Notice => {
            phrase::LESS_BREAKS.with([rule.column()])
        }
    }
}

fn spared_by(row: &FacilityRow, rule: Rule, t: usize) -> String {
    match rule {
        Rule::MinCut => phrase::LEAST_EVENT.with([&row.min_minutes.to_string()]),
        Rule::MaxCut => phrase::LONGEST_EVENT.with([&row.max_minutes.unwrap_or(0).to_string()]),
        Rule::MinGap => phrase::TOO_SOON.with([&row.gap_minutes[t].to_string()]),
        Rule::EventsPerDay => phrase::NO_START.with([]),
        Rule::CutHours => phrase::NO_HOURS.with([]),
        Rule::RampUp | Rule::Range | Rule::Notice => phrase::CUT_BREAKS.with([rule.column()]),
    }
}

/// MW to the whole kW.
fn thousandths(mw: f64) -> String {
    format!("{mw:.3}")
}

fn kw(kw: i64) -> String {
    thousandths(mw(kw))
}

/// Money.
fn hundredths(money: f64) -> String {
    format!("{money:.2}")
}
