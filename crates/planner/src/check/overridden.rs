//! 3.8: `overridden` names every rule of 3.4 and 3.5 that gave way, and no other.
//!
//! Every row has to be true. Of a rule that gives way in several intervals of one event, one row is enough.

use super::report::{Findings, Place, Rule};
use super::terms::Terms;
use super::time::{Course, GaveWay};
use kezek_model::case::{Case, Facility};
use kezek_model::plan::{Overridden, Plan};
use std::collections::BTreeSet;

/// Who forces what neither an order nor a plan chose.
const STATE: &str = "state";

/// One facility with what gave way.
struct Bench<'a> {
    case: &'a Case,
    facility: &'a Facility,
    terms: &'a Terms,
    cut_kw: &'a [i64],
    course: &'a Course,
    gave_way: Vec<GaveWay>,
}

/// Holds the list against what gave way.
pub(super) fn judge(
    case: &Case,
    terms: &[Terms],
    cut_kw: &[Vec<i64>],
    courses: &[Course],
    plan: &Plan,
    findings: &mut Findings,
) {
    judge_keys(case, plan, findings);
    let rows = case.facilities.iter().zip(terms).zip(cut_kw).zip(courses);
    for (((facility, terms), cut_kw), course) in rows {
        let mut gave_way = course.gave_way.clone();
        gave_way.extend(notice(case, facility, terms, cut_kw));
        let bench = Bench { case, facility, terms, cut_kw, course, gave_way };
        let listed = plan.overridden.iter().filter(|row| row.facility == facility.id).collect::<Vec<_>>();
        bench.judge_listed(&listed, findings);
        bench.judge_complete(&listed, findings);
    }
}

/// No facility that the case does not have, and no row twice.
fn judge_keys(case: &Case, plan: &Plan, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for row in &plan.overridden {
        let place = Place::facility(&row.facility, row.interval_start);
        if case.facility_index(&row.facility).is_none() {
            findings.add(Rule::Overridden, place, "a row", "none: not in the case");
        } else if !seen.insert((&row.facility, row.interval_start, &row.rule)) {
            findings.add(Rule::Overridden, place, format!("a second row for {}", row.rule), "one row");
        }
    }
}

/// Intervals whose cut an order changed before notice had run out.
///
/// A cut that only went down with the room, or that is the one ordered before, need not be named.
fn notice(case: &Case, facility: &Facility, terms: &Terms, cut_kw: &[i64]) -> Vec<GaveWay> {
    let freed = terms.freeze.len();
    let ended_by_order = freed < case.grid.len && terms.freeze.too_soon[freed];
    let changed =
        (freed..case.grid.len).filter(|&t| ended_by_order && terms.freeze.too_soon[t]).filter_map(|t| {
            let before_kw = if t == 0 { facility.state.cut_kw.0 } else { cut_kw[t - 1] };
            let as_ordered =
                facility.kept_kw[t].is_some_and(|kept| kept.0.min(terms.room_kw[t]) == cut_kw[t]);
            let must_be_named = cut_kw[t] != before_kw.min(terms.room_kw[t]) && !as_ordered;
            (cut_kw[t] != before_kw).then_some(GaveWay { t, rule: "notice_min", must_be_named })
        });
    changed.collect()
}

impl Bench<'_> {
    /// Every row is true: the rule gave way there, to what it says.
    fn judge_listed(&self, listed: &[&Overridden], findings: &mut Findings) {
        for row in listed {
            let place = || Place::facility(&self.facility.id, row.interval_start);
            let at = self.case.grid.index_of(row.interval_start);
            let true_one =
                self.gave_way.iter().find(|gave_way| Some(gave_way.t) == at && gave_way.rule == row.rule);
            let Some(gave_way) = true_one else {
                let found = format!("{} by {}", row.rule, row.by);
                findings.add(Rule::Overridden, place(), found, "no row: the rule did not give way there");
                continue;
            };
            let causes = self.causes(gave_way.t);
            if !causes.contains(row.by.as_str()) {
                let expected = causes.into_iter().collect::<Vec<_>>().join(" or ");
                findings.add(Rule::Overridden, place(), format!("{} by {}", row.rule, row.by), expected);
            }
        }
    }

    /// Every event and rule that gave way in it is named at least once.
    fn judge_complete(&self, listed: &[&Overridden], findings: &mut Findings) {
        let group = |gave_way: &GaveWay| (self.event_of(gave_way.t), gave_way.rule);
        let is_listed = |gave_way: &GaveWay| {
            let at = self.case.grid.instant(gave_way.t);
            listed.iter().any(|row| row.interval_start == at && row.rule == gave_way.rule)
        };
        let named =
            self.gave_way.iter().filter(|gave_way| is_listed(gave_way)).map(group).collect::<Vec<_>>();
        let mut missing = Vec::new();
        for gave_way in self.gave_way.iter().filter(|gave_way| gave_way.must_be_named) {
            let key = group(gave_way);
            if named.contains(&key) || missing.contains(&key) {
                continue;
            }
            missing.push(key);
            let place = Place::facility(&self.facility.id, self.case.grid.instant(gave_way.t));
            let causes = self.causes(gave_way.t).into_iter().collect::<Vec<_>>().join(" or ");
            findings.add(Rule::Overridden, place, "no row", format!("{} by {causes}", gave_way.rule));
        }
    }

    /// The event that an interval belongs to, or that ended when it began; `None`: one from before the horizon.
    fn event_of(&self, t: usize) -> Option<usize> {
        let belongs = |at: usize| self.course.events.iter().position(|event| event.intervals.contains(&at));
        belongs(t).or_else(|| t.checked_sub(1).and_then(belongs))
    }

    /// Who may be named: orders that hold in the interval, that force the event or that ended the freeze, and `state`
    /// where the event was running at the start or notice keeps one of its cuts.
    fn causes(&self, t: usize) -> BTreeSet<&str> {
        let event = self.event_of(t).map(|event| &self.course.events[event]);
        let intervals = event.map_or(0..0, |event| event.intervals.clone());
        let mut causes: BTreeSet<&str> = self.orders(t, i64::MAX).collect();
        for at in intervals.clone() {
            causes.extend(self.orders(at, self.terms.nominated_kw[at]));
        }
        let freed = self.terms.freeze.len();
        if freed <= t && freed < self.cut_kw.len() && self.terms.freeze.too_soon[t] {
            causes.extend(self.orders(freed, i64::MAX));
        }
        let kept = intervals.into_iter().any(|at| self.terms.freeze.cut_kw(at) > Some(0));
        let was_running = self.facility.state.cut_kw.0 > 0 && event.is_none_or(|event| event.was_running);
        if kept || was_running {
            causes.insert(STATE);
        }
        causes
    }

    /// The orders with a limit below some power in an interval.
    fn orders(&self, t: usize, below_kw: i64) -> impl Iterator<Item = &str> {
        let limits = self.terms.limits[t].iter().filter(move |limit| limit.limit_kw < below_kw);
        limits.map(|limit| limit.number.as_str())
    }
}
