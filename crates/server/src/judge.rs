//! A plan and its case are read, judged by the independent check, and turned into what the engine is told.

use kezek_engine::{CheckSummary, PlanSummary, Proposed, Terms, bounds, draft::peak_cut, drafts};
use kezek_model::case::{Case, CaseFiles};
use kezek_model::fault::Faults;
use kezek_model::order::Priority;
use kezek_model::plan::Plan;
use kezek_planner::check::{Report, check};

use crate::api::CheckBody;
use crate::config::Config;

/// Findings that are kept and shown; the rest is counted.
const FINDINGS_KEPT: usize = 100;

/// A case and a plan that were read and judged.
pub(crate) struct Judged {
    pub(crate) case: Case,
    pub(crate) report: Report,
}

/// Reads the case and judges the plan.
pub(crate) fn judge(files: &CaseFiles, plan: &Plan, asked_gap: Option<f64>) -> Result<Judged, Faults> {
    let case = Case::parse(files)?;
    let report = check(&case, plan, asked_gap);
    Ok(Judged { case, report })
}

/// The report in lines.
pub(crate) fn check_body(report: &Report) -> CheckBody {
    let mut findings: Vec<String> =
        report.findings.iter().take(FINDINGS_KEPT).map(ToString::to_string).collect();
    if let Some(more @ 1..) = report.findings.len().checked_sub(FINDINGS_KEPT) {
        findings.push(format!("and {more} more"));
    }
    CheckBody { passed: report.passed(), findings }
}

/// The report as the engine keeps it.
pub(crate) fn check_summary(plan_digest: &str, report: &Report) -> CheckSummary {
    let CheckBody { passed, findings } = check_body(report);
    CheckSummary { plan_digest: plan_digest.into(), passed, findings }
}

/// What the engine is told of a plan.
pub(crate) fn proposed(
    config: &Config,
    author: &str,
    plan: &Plan,
    plan_digest: &str,
    judged: &Judged,
    priority: Option<Priority>,
) -> Proposed {
    let terms = Terms { priority: priority.unwrap_or(config.priority), ..config.terms() };
    let drafts = drafts(&judged.case, plan, &terms);
    let bounds = bounds(&judged.case, plan, &terms, &drafts);
    let facilities = drafts.iter().filter(|draft| !draft.segments.is_empty()).count();
    Proposed {
        plan_digest: plan_digest.into(),
        parent: plan.parent.clone(),
        case_digest: plan.case_digest.clone(),
        author: author.into(),
        summary: PlanSummary {
            cut_mwh: plan.totals.cut_mwh,
            peak_cut: peak_cut(&drafts),
            uncovered_mwh: plan.totals.uncovered_mwh,
            facilities: u32::try_from(facilities).unwrap_or(u32::MAX),
        },
        drafts,
        check: check_summary(plan_digest, &judged.report),
        bounds: Some(bounds),
    }
}
