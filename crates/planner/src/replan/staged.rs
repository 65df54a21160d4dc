//! Lexicographic policies: the case is planned anew, and its plan goes back towards the one before within all stages.

use super::back::{Allowance, walk_back};
use super::courses::Courses;
use super::{Replanned, judged, moved};
use crate::assemble::{Costed, Proof, relative_gap, stages};
use crate::draft::Draft;
use crate::problem::Problem;
use crate::solve::{PlanError, Settings, Watch, solve};
use crate::stages::{Burdens, costless};
use crate::why::cuts_of;
use kezek_model::case::Case;
use kezek_model::plan::Plan;
use std::sync::atomic::Ordering;

/// Plans a case anew and goes back.
pub(super) fn replan(
    case: &Case,
    problem: &Problem,
    before: &Plan,
    courses: Courses,
    settings: Settings,
    watch: &mut Watch<'_>,
) -> Result<Replanned, PlanError> {
    let fresh = solve(case, settings, watch)?;
    let is_over =
        || watch.stop.load(Ordering::Relaxed) || (watch.elapsed)().as_secs_f64() > settings.time_limit_s;
    let cuts = go_back(case, problem, &fresh, &courses, settings, &is_over);
    let costed = Costed::new(problem, cuts)?;
    let bounds = bounds(&fresh);
    let seconds = (watch.elapsed)().as_secs_f64();
    let proof = Proof { status: fresh.status, bound: bounds[2], seed: settings.seed, seconds };
    let plan = costed.plan(case, problem, proof)?;
    let staged = stages(costed.values(&Burdens::new(case, problem)), bounds);
    let parent = Some(before.digest()?);
    let plan = judged(case, Plan { parent: parent.clone(), stages: Some(staged), ..plan }, settings);
    let plan = plan.unwrap_or(Plan { parent, ..fresh });
    let moved = moved(problem, &courses, &cuts_of(case, &plan), None);
    Ok(Replanned { plan, moved, prices: Vec::new() })
}

/// Back within what each stage reached, the objective within the gap.
fn go_back(
    case: &Case,
    problem: &Problem,
    fresh: &Plan,
    courses: &Courses,
    settings: Settings,
    is_over: &dyn Fn() -> bool,
) -> Vec<Vec<i64>> {
    let burdens = Burdens::new(case, problem);
    let cuts = cuts_of(case, fresh);
    let capped = burdens.capped(problem, burdens.highest(&cuts));
    let bare = costless(&capped);
    let missing = |cuts: &[Vec<i64>]| Draft::new(&bare, cuts.to_vec()).objective();
    let most_missing = missing(&cuts);
    let keeps = |draft: &Draft<'_>| missing(&draft.cuts) <= most_missing + 1e-9;
    let within = bounds(fresh)[2].map(|bound| bound / (1.0 - settings.gap)).filter(|most| *most >= 1.0);
    let is_near = fresh.gap.is_some_and(|gap| gap <= settings.gap);
    let most = within.filter(|_| is_near).map_or(fresh.objective, |most| most.max(fresh.objective));
    let draft = Draft::new(&capped, cuts);
    debug_assert!(relative_gap(draft.objective(), fresh.objective).abs() < 1e-6);
    walk_back(draft, courses, Allowance { most, is_over, keeps: &keeps }).cuts
}

fn bounds(plan: &Plan) -> [Option<f64>; 3] {
    let stages = plan.stages.as_deref().unwrap_or_default();
    [0, 1, 2].map(|at| stages.get(at).and_then(|stage| stage.bound))
}
