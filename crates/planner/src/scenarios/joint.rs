//! A joint draft: the cut for all scenarios, and in every scenario the cut that follows it.
//!
//! One facility is planned for itself while all others stay: for a first-stage course its best answer in every
//! scenario is exact, a course that is at least as deep, and the same where the scenario is not known yet. That
//! bound is kept by prices: what breaks it costs more than anything can save.

use super::futures::Futures;
use super::tail;
use crate::course::{Lane, Returns, Tariff};
use crate::draft::{Draft, around, own_cost};
use crate::fallback::fallback;
use crate::problem::{FacilityRow, Problem, mw};

/// Cuts of the plan and of every scenario.
#[derive(Clone)]
pub(crate) struct Joint<'a> {
    pub(crate) futures: &'a Futures,
    /// The cut for all scenarios.
    pub(crate) first: Draft<'a>,
    /// The cut in each scenario.
    pub(crate) each: Vec<Draft<'a>>,
    /// The objective.
    pub(crate) objective: f64,
    /// MWh that stay uncovered, by scenario.
    pub(crate) uncovered_mwh: Vec<f64>,
}

/// One facility's courses: for all scenarios, and in each.
pub(crate) struct Choice {
    pub(crate) first: Vec<i64>,
    pub(crate) each: Vec<Vec<i64>>,
}

/// What a course has to keep to: equal where common, elsewhere at least.
#[derive(Clone, Copy)]
struct Floor<'k> {
    least: &'k [i64],
    common: &'k [bool],
}

/// Money that a course is asked for.
struct Ask<'c> {
    cost: &'c dyn Fn(usize, i64) -> f64,
    event_cost: f64,
    overrun_per_kw: f64,
    /// Where the cost breaks, in kW per interval.
    breaks: Vec<Vec<i64>>,
    /// More than any course can cost or save.
    most: f64,
}

/// First-stage courses of a facility that are looked at, beside its present one.
const MOST_CANDIDATES: usize = 6;
/// Turns beyond which courses are settled.
const MOST_TURNS: usize = 12;
/// Money below which nothing is better.
const DUST: f64 = 1e-6;

impl<'a> Joint<'a> {
    /// The least cuts that the rules permit, in every scenario.
    pub(crate) fn least(futures: &'a Futures) -> Self {
        let over = || true;
        let mut joint = Self {
            futures,
            first: fallback(&futures.first, &over),
            each: futures.each.iter().map(|problem| fallback(problem, &over)).collect(),
            objective: 0.0,
            uncovered_mwh: Vec::new(),
        };
        joint.count();
        joint
    }

    /// The cuts of a plan and of its scenarios, as they are.
    pub(crate) fn of(futures: &'a Futures, first: Vec<Vec<i64>>, each: Vec<Vec<Vec<i64>>>) -> Self {
        let drafts = futures.each.iter().zip(each).map(|(problem, cuts)| Draft::new(problem, cuts));
        let mut joint = Self {
            futures,
            first: Draft::new(&futures.first, first),
            each: drafts.collect(),
            objective: 0.0,
            uncovered_mwh: Vec::new(),
        };
        joint.count();
        joint
    }

    fn count(&mut self) {
        let futures = self.futures;
        self.uncovered_mwh =
            self.each.iter().map(|draft| draft.uncovered_mw() * draft.problem.hours).collect();
        let expected: f64 =
            self.each.iter().zip(&futures.probability).map(|(draft, p)| p * draft.objective()).sum();
        let tail = tail::mean(&futures.probability, futures.alpha, &self.uncovered_mwh);
        self.objective = expected + futures.weight * tail;
    }

    /// By how much a MWh of shortage in each scenario moves the tail.
    pub(crate) fn tail(&self) -> Vec<f64> {
        tail::weights(&self.futures.probability, self.futures.alpha, &self.uncovered_mwh)
    }

    fn set(&mut self, f: usize, choice: Choice) {
        self.first.set(f, choice.first);
        for (draft, cuts) in self.each.iter_mut().zip(choice.each) {
            draft.set(f, cuts);
        }
        self.count();
    }

    fn present(&self, f: usize) -> Choice {
        Choice {
            first: self.first.cuts[f].clone(),
            each: self.each.iter().map(|draft| draft.cuts[f].clone()).collect(),
        }
    }

    /// Gives a facility its best courses beside the others; whether that betters the draft.
    pub(crate) fn improve(&mut self, f: usize) -> bool {
        let Some(best) = self.best(f) else { return false };
        let (before, present) = (self.objective, self.present(f));
        self.set(f, best);
        let is_better = self.objective < before - DUST;
        if !is_better {
            self.set(f, present);
        }
        is_better
    }

    /// Betters facilities in turn until none betters the draft, or it `is_over`.
    pub(crate) fn settle(&mut self, members: &[usize], is_over: &dyn Fn() -> bool) {
        for _ in 0..MOST_TURNS {
            let bettered = members.iter().take_while(|_| !is_over()).filter(|&&f| self.improve(f)).count();
            if bettered == 0 || is_over() {
                return;
            }
        }
    }

    /// Brings a facility as near to some courses as the others allow.
    pub(crate) fn follow(&mut self, f: usize, first: &[i64], each: &[&[i64]]) {
        let Some(first) = self.completed(f, first) else { return };
        let near = |(draft, aim): (&Draft<'a>, &&[i64])| self.nearest(draft, f, &first, aim);
        let each: Option<Vec<Vec<i64>>> = self.each.iter().zip(each).map(near).collect();
        if let Some(each) = each {
            self.set(f, Choice { first, each });
        }
    }

    /// The best courses found for a facility, all others staying.
    fn best(&self, f: usize) -> Option<Choice> {
        let answers = Answers::new(self, f);
        if answers.nothing_to_do(self, f) {
            return None;
        }
        let mut best: Option<(f64, Choice)> = None;
        for first in self.candidates(f, &answers) {
            let Some((cost, choice)) = answers.to(self, f, first) else { continue };
            if best.as_ref().is_none_or(|(least, _)| cost < *least - DUST) {
                best = Some((cost, choice));
            }
        }
        best.map(|(_, choice)| choice)
    }

    /// First-stage courses worth trying: what the facility does before the scenario is known is taken from its present
    /// course, from the best one for all scenarios at once, and from the best ones of single scenarios.
    fn candidates(&self, f: usize, answers: &Answers<'_>) -> Vec<Vec<i64>> {
        let common = &self.futures.common[f];
        let mut aims = vec![self.first.cuts[f].clone()];
        if common.contains(&true) {
            aims.extend(answers.for_all(self, f));
            let few = self.each.len().div_ceil(MOST_CANDIDATES - 1);
            aims.extend((0..self.each.len()).step_by(few).filter_map(|s| answers.alone(self, f, s)));
        }
        let mut candidates: Vec<Vec<i64>> = Vec::new();
        for aim in aims {
            if let Some(first) = self.completed(f, &aim).filter(|first| !candidates.contains(first)) {
                candidates.push(first);
            }
        }
        candidates
    }

    /// The least course that does what another does before the scenario is known.
    fn completed(&self, f: usize, aim: &[i64]) -> Option<Vec<i64>> {
        let common = &self.futures.common[f];
        let least: Vec<i64> = aim.iter().zip(common).map(|(&kw, &held)| if held { kw } else { 0 }).collect();
        let ask = Ask {
            cost: &|_, kw| kw as f64,
            event_cost: 1.0,
            overrun_per_kw: 0.0,
            breaks: vec![Vec::new(); aim.len()],
            most: total(&self.first.problem.facilities[f].room) + crate::problem::count(aim.len()),
        };
        course(&self.first, f, Some(Floor { least: &least, common }), ask)
    }

    /// The course of a scenario that keeps to the first stage and is nearest to an aim.
    fn nearest(&self, draft: &Draft<'a>, f: usize, first: &[i64], aim: &[i64]) -> Option<Vec<i64>> {
        let floor = Floor { least: first, common: &self.futures.common[f] };
        let ask = Ask {
            cost: &|t, kw| ((kw - aim[t]).abs() - aim[t]) as f64,
            event_cost: 0.0,
            overrun_per_kw: 0.0,
            breaks: aim.iter().map(|&kw| vec![kw]).collect(),
            most: 2.0 * total(&draft.problem.facilities[f].room),
        };
        course(draft, f, Some(floor), ask)
    }

    /// Brings every scenario as near to cuts of its own as the plan and the others allow, the plan staying.
    pub(crate) fn deepen_towards(&mut self, aims: &[Vec<Vec<i64>>]) {
        for f in self.futures.members() {
            let first = self.first.cuts[f].clone();
            let near = |(draft, aim): (&Draft<'a>, &Vec<Vec<i64>>)| self.nearest(draft, f, &first, &aim[f]);
            let each: Option<Vec<Vec<i64>>> = self.each.iter().zip(aims).map(near).collect();
            if let Some(each) = each {
                self.set(f, Choice { first, each });
            }
        }
    }

    /// Deepens every scenario's cuts as suits it, the plan staying.
    pub(crate) fn deepen(&mut self) {
        let members = self.futures.members();
        for _ in 0..MOST_TURNS {
            let before = self.objective;
            for &f in &members {
                let (answers, present, first) =
                    (Answers::new(self, f), self.present(f), self.first.cuts[f].clone());
                let Some((_, choice)) = answers.to(self, f, first) else { continue };
                let reached = self.objective;
                self.set(f, choice);
                if self.objective > reached - DUST {
                    self.set(f, present);
                }
            }
            if self.objective > before - DUST {
                return;
            }
        }
    }

    /// Deepens the plan to what every scenario cuts anyway, as far as that makes a course: nothing else changes, and
    /// every facility knows as early as it can.
    pub(crate) fn commit(&mut self) {
        for f in self.futures.members() {
            let shared = |t: usize| self.each.iter().map(|draft| draft.cuts[f][t]).min().unwrap_or(0);
            let most: Vec<i64> = (0..self.first.problem.steps).map(shared).collect();
            if let Some(cuts) = self.deepest(f, &most) {
                self.first.set(f, cuts);
            }
        }
    }

    fn deepest(&self, f: usize, most: &[i64]) -> Option<Vec<i64>> {
        let (common, present) = (&self.futures.common[f], &self.first.cuts[f]);
        let all = total(&self.first.problem.facilities[f].room);
        let over = 2.0 * all + 1.0;
        let least: Vec<i64> =
            present.iter().zip(common).map(|(&kw, &held)| if held { kw } else { 0 }).collect();
        let ask = Ask {
            cost: &|t, kw| {
                if kw <= most[t] { -kw as f64 } else { over * (kw - most[t]) as f64 - most[t] as f64 }
            },
            event_cost: 0.0,
            overrun_per_kw: 0.0,
            breaks: most.iter().map(|&kw| vec![kw]).collect(),
            most: all,
        };
        let cuts = course(&self.first, f, Some(Floor { least: &least, common }), ask)?;
        let fits = cuts.iter().zip(most).all(|(kw, most)| kw <= most);
        (fits && cuts.iter().sum::<i64>() > present.iter().sum()).then_some(cuts)
    }

    /// Whether the cuts keep every rule that joins them: zones' restore limits, and in no scenario less than the plan.
    pub(crate) fn is_allowed(&self) -> bool {
        let follows = |draft: &Draft<'a>| {
            let rows = draft.cuts.iter().zip(&self.first.cuts).zip(&self.futures.common);
            rows.into_iter().all(|((cuts, first), common)| Floor { least: first, common }.holds(cuts))
        };
        self.first.is_allowed() && self.each.iter().all(|draft| draft.is_allowed() && follows(draft))
    }
}

/// What a facility could cover in each scenario, and at what price.
struct Answers<'j> {
    prices: Vec<f64>,
    needs: Vec<Vec<f64>>,
    probability: &'j [f64],
}

impl<'j> Answers<'j> {
    fn new(joint: &Joint<'j>, f: usize) -> Self {
        Self {
            prices: joint.futures.uncovered_prices(&joint.tail()),
            needs: joint.each.iter().map(|draft| draft.needs(f)).collect(),
            probability: &joint.futures.probability,
        }
    }

    /// Whether the facility is cut nowhere, and nothing is short that it could cover.
    fn nothing_to_do(&self, joint: &Joint<'_>, f: usize) -> bool {
        let is_idle = joint.each.iter().all(|draft| draft.cuts[f].iter().all(|&kw| kw == 0));
        is_idle && self.needs.iter().flatten().all(|&need| need <= 0.0)
    }

    /// The best answer of each scenario to a first-stage course, and what they cost together.
    fn to(&self, joint: &Joint<'_>, f: usize, first: Vec<i64>) -> Option<(f64, Choice)> {
        let (mut together, mut each) = (0.0, Vec::with_capacity(self.prices.len()));
        for (s, draft) in joint.each.iter().enumerate() {
            let floor = Floor { least: &first, common: &joint.futures.common[f] };
            let cuts = self.course(draft, f, s, Some(floor))?;
            together += self.probability[s] * self.cost(draft.problem, f, s, &cuts);
            each.push(cuts);
        }
        Some((together, Choice { first, each }))
    }

    /// The best course of one scenario, as if it were known at once.
    fn alone(&self, joint: &Joint<'_>, f: usize, s: usize) -> Option<Vec<i64>> {
        self.course(&joint.each[s], f, s, None)
    }

    fn course(&self, draft: &Draft<'_>, f: usize, s: usize, floor: Option<Floor<'_>>) -> Option<Vec<i64>> {
        let (problem, row) = (draft.problem, &draft.problem.facilities[f]);
        let (cut, short) = (problem.hours * row.cut_cost_per_mwh, problem.hours * self.prices[s]);
        let needs = &self.needs[s];
        let ask = Ask {
            cost: &|t, kw| cut * mw(kw) - short * mw(kw).min(needs[t]),
            event_cost: row.event_cost,
            overrun_per_kw: problem.overrun_per_kw(),
            breaks: needs.iter().map(|&need| around(need)).collect(),
            most: most_money(problem, row, self.prices[s]),
        };
        course(draft, f, floor, ask)
    }

    /// What cuts of a facility cost in a scenario, less what they cover.
    fn cost(&self, problem: &Problem, f: usize, s: usize, cuts: &[i64]) -> f64 {
        let covered: f64 = cuts.iter().zip(&self.needs[s]).map(|(&kw, need)| mw(kw).min(*need)).sum();
        own_cost(problem, &problem.facilities[f], cuts) - problem.hours * self.prices[s] * covered
    }

    /// The best single course for all scenarios, where every one lets as much return.
    fn for_all(&self, joint: &Joint<'_>, f: usize) -> Option<Vec<i64>> {
        let problem = joint.first.problem;
        let row = &problem.facilities[f];
        let beside = |draft: &Draft<'_>| draft.allowed_beside(f);
        let all = joint.each.iter().chain([&joint.first]).map(beside);
        let allowed = all.reduce(|a, b| a.into_iter().zip(b).map(|(a, b)| a.min(b)).collect())?;
        let cut = problem.hours * row.cut_cost_per_mwh;
        let cost = |t: usize, kw: i64| {
            let of = |s: usize| cut * mw(kw) - problem.hours * self.prices[s] * mw(kw).min(self.needs[s][t]);
            (0..self.prices.len()).map(|s| self.probability[s] * of(s)).sum()
        };
        let breaks = |t: usize| {
            let mut kw: Vec<i64> = self.needs.iter().flat_map(|needs| around(needs[t])).collect();
            kw.sort_unstable();
            kw.dedup();
            kw
        };
        let breaks: Vec<Vec<i64>> = (0..problem.steps).map(breaks).collect();
        let lane = Lane::with(row, Returns::within(row, &allowed), &breaks, &[]);
        let (event_cost, overrun_per_kw) = (row.event_cost, problem.overrun_per_kw());
        lane.cheapest(&Tariff { cost: &cost, event_cost, overrun_per_kw }).map(|course| course.cuts)
    }
}

impl Floor<'_> {
    fn holds(&self, cuts: &[i64]) -> bool {
        let mut steps = cuts.iter().zip(self.least).zip(self.common);
        steps.all(|((kw, least), common)| if *common { kw == least } else { kw >= least })
    }

    /// What a cut above 0 costs for breaking the floor; where a cut is due, it is cheaper than none.
    fn penalty(&self, t: usize, kw: i64, most: f64) -> f64 {
        let (least, missing) = (self.least[t], (self.least[t] - kw).max(0));
        let beyond = if self.common[t] { (kw - least).max(0) } else { 0 };
        let due = if least > 0 { -most } else { 0.0 };
        due + most * (missing + beyond) as f64
    }
}

/// The cheapest course of a facility beside the others that keeps to a floor; `None` where there is none.
fn course(draft: &Draft<'_>, f: usize, floor: Option<Floor<'_>>, ask: Ask<'_>) -> Option<Vec<i64>> {
    let row = &draft.problem.facilities[f];
    let Ask { cost, event_cost, overrun_per_kw, mut breaks, most } = ask;
    if let Some(floor) = floor {
        breaks.iter_mut().zip(floor.least).for_each(|(breaks, &least)| breaks.push(least));
    }
    let most = 2.0 * most + 1.0;
    let kept = |t: usize, kw: i64| cost(t, kw) + floor.map_or(0.0, |floor| floor.penalty(t, kw, most));
    let lane = Lane::with(row, Returns::within(row, &draft.allowed_beside(f)), &breaks, &[]);
    let cuts = lane.cheapest(&Tariff { cost: &kept, event_cost, overrun_per_kw })?.cuts;
    floor.is_none_or(|floor| floor.holds(&cuts)).then_some(cuts)
}

/// More than any course of a facility can cost or save.
fn most_money(problem: &Problem, row: &FacilityRow, uncovered_price: f64) -> f64 {
    let per_mwh = row.cut_cost_per_mwh.abs() + uncovered_price + problem.uncovered_cost_per_mwh;
    problem.hours * per_mwh * total(&row.room) / 1000.0
        + row.event_cost * crate::problem::count(row.room.len())
}

fn total(room: &[i64]) -> f64 {
    room.iter().sum::<i64>() as f64
}
