//! Section 7: the plan is one of this case, and says where it comes from.

use super::report::{Findings, Place, Rule};
use kezek_model::case::Case;
use kezek_model::plan::Plan;

/// Case, digest, engine, policy, parent and seconds. The seed is whatever was drawn: nothing pins it.
pub(super) fn judge(case: &Case, plan: &Plan, findings: &mut Findings) {
    let mut expect = |holds: bool, found: String, expected: String| {
        if !holds {
            findings.add(Rule::Identity, Place::plan(), found, expected);
        }
    };
    expect(plan.case == case.name, format!("case \"{}\"", plan.case), format!("\"{}\"", case.name));
    match case.digest() {
        Ok(digest) => {
            expect(plan.case_digest == digest, format!("case_digest {}", plan.case_digest), digest);
        }
        Err(error) => expect(false, "a case without a digest".into(), error.to_string()),
    }
    expect(!plan.engine.trim().is_empty(), "no engine".into(), "the version that made the plan".into());
    let (found, expected) = (plan.policy, case.objective.policy);
    expect(found == expected, format!("policy {}", found.as_str()), expected.as_str().into());
    let parent = plan.parent.as_deref();
    expect(
        parent.is_none_or(is_digest),
        format!("parent {parent:?}"),
        "null or 64 hexadecimal digits".into(),
    );
    let seconds = plan.seconds;
    expect(seconds.is_finite() && seconds >= 0.0, format!("seconds {seconds}"), "zero or more".into());
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
