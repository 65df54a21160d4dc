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
}

impl<'a> Reasons<'a> {
    pub(super) fn new(case: &'a Case, problem: &'a Problem, costed: &'a Costed) -> Self {
        let (sets, short) = (Sets::new(problem), shortages(problem, &costed.cuts));
        let steps = 0..problem.steps;
        let each = |z: usize| steps.clone().map(|t| sets.worst(problem, &short, t, z)).collect();
        let zones = problem.zones.len();
        let mut reasons = Self {
            case,
            problem,
            costed,
            worst: (0..zones).map(each).collect(),
            dearest: vec![vec![None; problem.steps]; zones],
            returned: vec![vec![0; problem.steps]; zones],
        };
        for (row, cuts) in problem.facilities.iter().zip(&costed.cuts) {
            reasons.count(row, cuts);
        }
        reasons
    }

    fn count(&mut self, row: &FacilityRow, cuts: &[i64]) {
        for t in 0..cuts.len() {
            self.returned[row.zone][t] += returned(row, cuts, t);
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
            "protected: never cut".to_owned()
        } else if !row.entitled[t] {
            "licence not valid: entitled to nothing beyond its floor".to_owned()
        } else if row.frozen[t].is_some() {
            let stays = if cut > 0 { "cut stays as it was" } else { "not cut" };
            format!("{stays}: notice has not passed")
        } else if row.room[t] == 0 {
            "nothing to cut above its floor".to_owned()
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
            return format!("standing order {number}");
        }
        format!("standing order {number} demands {:.3} MW; {}", mw(row.demand[t]), self.why_cut(f, t))
    }

    fn why_cut(&self, f: usize, t: usize) -> String {
        let (zone, cut) = (&self.case.facilities[f].zone, mw(self.costed.cuts[f][t]));
        let needed = self.needed_mw(f, t);
        if needed <= DUST_MW {
            format!("not needed in this interval, but {}", self.why_kept(f, t, 0))
        } else if needed >= cut - DUST_MW {
            format!("without it zone {zone} is short of {needed:.3} MW; {}", self.price(f))
        } else {
            let row = &self.problem.facilities[f];
            let enough = row.cut_at_least(t, whole_kw(needed).max(row.demand[t]));
            let why = self.why_kept(f, t, enough);
            format!("without it zone {zone} is short of {needed:.3} MW; deeper because {why}")
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
                format!("a MWh of it costs {:.2} {}", row.cut_cost_per_mwh, self.case.objective.currency)
            }
            Policy::EqualShare | Policy::Rotation => {
                let share = burden(self.case, self.problem, f, &self.costed.cuts[f]).unwrap_or(0.0);
                format!("its burden is {:.1} %", 100.0 * share)
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
            let limit = self.problem.zones[row.zone].restore_limit_mw.unwrap_or(0.0);
            return format!("its zone may return no more than {limit} MW at once");
        }
        if own_cost(self.problem, row, &other) >= own_cost(self.problem, row, &self.costed.cuts[f]) - DUST {
            return format!("going on costs less than another event of {:.2}", row.event_cost);
        }
        "plans as near to the best differ here".to_owned()
    }

    fn why_no_smaller(&self, row: &FacilityRow, t: usize, cut: i64) -> String {
        if row.block > 0 && cut % row.block == 0 {
            format!("it moves in blocks of {:.3} MW", mw(row.block))
        } else if cut == row.min_cut {
            format!("its smallest cut is {:.3} MW", mw(cut))
        } else if cut == row.room[t] {
            "only its full cut is as deep as that".to_owned()
        } else {
            "cuts are whole kW".to_owned()
        }
    }

    fn why_spared(&self, f: usize, t: usize) -> String {
        let (row, zone) = (&self.problem.facilities[f], &self.case.facilities[f].zone);
        let (useful, dearest) = (self.needed_mw(f, t), self.dearest[row.zone][t]);
        if useful > DUST_MW {
            format!("not cut though zone {zone} stays short: {}", self.why_no_cut(f, t, useful))
        } else if self.problem.uncut_load_mw(row.zone, t) <= self.problem.zones[row.zone].headroom_mw[t] {
            format!("not cut: zone {zone} has headroom for all")
        } else if self.costed.dispatch.uncovered[row.zone][t] > 0.0 {
            "not cut: a cut here would cover nothing".to_owned()
        } else if self.problem.zones[row.zone].facilities.iter().all(|&g| self.costed.cuts[g][t] == 0) {
            format!("not cut: imports cover zone {zone}")
        } else if let Some(dearest) = dearest.filter(|most| self.is_by_cost() && row.cut_cost_per_mwh > *most)
        {
            let own = self.price(f);
            format!("not cut: zone {zone} is covered by MWh of at most {dearest:.2}; {own}")
        } else {
            self.why_no_turn(f, t)
        }
    }

    fn is_by_cost(&self) -> bool {
        self.case.objective.policy == Policy::LeastCost
    }

    fn why_no_turn(&self, f: usize, t: usize) -> String {
        let (row, zone) = (&self.problem.facilities[f], &self.case.facilities[f].zone);
        let broken = walk(row, &self.with(f, t, row.smallest_cut(t))).broken.first().copied();
        match broken {
            Some((_, rule)) => format!("not cut: zone {zone} is covered, and {}", spared_by(row, rule, t)),
            None => format!("not cut: zone {zone} is covered without it"),
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
            let limit = self.problem.zones[row.zone].restore_limit_mw.unwrap_or(0.0);
            return format!("its zone may return no more than {limit} MW at once");
        }
        let covered = mw(smallest).min(useful_mw) * self.problem.hours * self.problem.uncovered_cost_per_mwh;
        let more = own_cost(self.problem, row, &other) - own_cost(self.problem, row, &self.costed.cuts[f]);
        if self.is_by_cost() && more >= covered - DUST {
            return format!("its smallest cut costs {more:.2}, what it covers {covered:.2}");
        }
        "plans as near to the best differ here".to_owned()
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
        Rule::MinCut => format!("its events last at least {} min", row.min_minutes),
        Rule::MinGap => {
            format!("a pause here would be shorter than the {} min between its events", row.gap_minutes[t])
        }
        Rule::EventsPerDay => "a pause here would make its next start one too many that day".to_owned(),
        Rule::RampUp => {
            let per_hour = mw(row.ramp.unwrap_or(0)) * 60.0 / row.step_minutes as f64;
            format!("its load returns by no more than {per_hour} MW an hour")
        }
        Rule::Range | Rule::MaxCut | Rule::CutHours | Rule::Notice => {
            format!("a smaller cut breaks its {}", rule.column())
        }
    }
}

fn spared_by(row: &FacilityRow, rule: Rule, t: usize) -> String {
    match rule {
        Rule::MinCut => format!("its events last at least {} min", row.min_minutes),
        Rule::MaxCut => format!("its event may not outlast {} min", row.max_minutes.unwrap_or(0)),
        Rule::MinGap => format!("it is less than {} min from another event of it", row.gap_minutes[t]),
        Rule::EventsPerDay => "it has no start left on this day".to_owned(),
        Rule::CutHours => "it has no hours under cut left".to_owned(),
        Rule::RampUp | Rule::Range | Rule::Notice => format!("a cut here breaks its {}", rule.column()),
    }
}
