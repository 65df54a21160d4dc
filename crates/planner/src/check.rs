//! The judge: does a plan, from wherever it comes, keep what the planning problem asks?
//!
//! Everything is computed again from the case: entitlement, nomination, limits of standing orders, freeze, events,
//! figures. Nothing is shared with the formulation, so that a fault there is found here. One file per family of rules,
//! in the order of the planning problem; power is whole kW throughout.

mod balance;
mod calendar;
mod events;
mod figures;
mod identity;
mod nomination;
mod notice;
mod overridden;
mod programme;
mod range;
mod report;
mod restore;
mod rows;
mod scenarios;
mod standing;
mod status;
mod terms;
mod time;

pub use figures::Burden;
pub use report::{Finding, Place, Report, Rule};

use kezek_model::case::Case;
use kezek_model::plan::Plan;
use report::Findings;

/// Judges a plan against sections 2 to 4 and 7 of the planning problem.
///
/// `asked_gap` is the gap that was asked for on the command line, where one was; else that of the case holds, else
/// 0.001. Of a stochastic case only the cut for all scenarios is judged, against the mean headroom: what is done in each
/// scenario the plan does not carry; but what it says of them has to fit together.
///
/// Where rows are missing, doubled or foreign, what they should have said is unknown: then only identity and rows
/// are reported, and the rest is judged once they are right.
#[must_use]
pub fn check(case: &Case, plan: &Plan, asked_gap: Option<f64>) -> Report {
    let mut findings = Findings::default();
    identity::judge(case, plan, &mut findings);
    if let Some(rows) = rows::arrange(case, plan, &mut findings) {
        let terms = terms::of_case(case);
        let sums = judge_rows(case, &terms, &rows, plan, &mut findings);
        figures::judge(case, plan, &sums, &mut findings);
        scenarios::judge(case, plan, &mut findings);
        status::judge(case, plan, &sums, asked_gap, &mut findings);
    }
    findings.into_report()
}

/// What burdens each facility, in the order of the case: the energy of its entitled intervals, the past considered by
/// `rotation`. Nothing where it is protected or never entitled, and nothing at all where the rows do not fit the case.
#[must_use]
pub fn burdens(case: &Case, plan: &Plan) -> Vec<Option<Burden>> {
    let Some(rows) = rows::arrange(case, plan, &mut Findings::default()) else { return Vec::new() };
    let terms = terms::of_case(case);
    let rows = case.facilities.iter().zip(&terms).zip(&rows.cut_kw);
    rows.map(|((facility, terms), cut)| figures::burden_parts(case, facility, terms, cut)).collect()
}

/// The rules of section 3, family by family; what they add up to comes back.
fn judge_rows(
    case: &Case,
    terms: &[terms::Terms],
    rows: &rows::Rows<'_>,
    plan: &Plan,
    findings: &mut Findings,
) -> figures::Sums {
    nomination::judge(case, terms, rows, findings);
    let mut courses = Vec::new();
    for ((facility, terms), cut) in case.facilities.iter().zip(terms).zip(&rows.cut_kw) {
        notice::judge(case, facility, terms, cut, findings);
        range::judge(case, facility, terms, cut, findings);
        courses.push(time::judge(case, facility, terms, cut, findings));
        restore::judge_facility(case, facility, terms, cut, findings);
    }
    restore::judge_zones(case, terms, &rows.cut_kw, findings);
    overridden::judge(case, terms, &rows.cut_kw, &courses, plan, findings);
    let uncovered_mw = balance::judge(case, rows, findings);
    figures::sums(case, terms, &rows.cut_kw, &courses, &uncovered_mw)
}
