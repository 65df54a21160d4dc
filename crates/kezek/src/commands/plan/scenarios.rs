//! What a plan comes to in the scenarios of its case, as a dispatcher reads it.

use crate::clock::Clock;
use crate::figures::{money, one, percent};
use crate::output::Paint;
use crate::table::Columns;
use kezek_model::case::Case;
use kezek_model::plan::{Plan, Uncertainty};

/// Most scenarios and windows that are listed.
const MOST_SCENARIOS: usize = 24;
const MOST_WINDOWS: usize = 16;

/// The part of the table about scenarios; empty where the case has one future.
pub(super) fn text(case: &Case, plan: &Plan, clock: &Clock, paint: Paint) -> String {
    let Some(said) = &plan.uncertainty else { return String::new() };
    let heading = paint.heading("scenarios");
    let what = match &case.risk {
        Some(risk) => {
            format!("known {}, cuts may be deeper from then on, after notice", clock.moment(risk.known_at))
        }
        None => "never known beforehand: no cut depends on them".to_owned(),
    };
    format!(
        "\n{heading}: {what}\n  above: the cut for all of them, against the mean headroom\n\n{}\n{}{}",
        outcomes(said),
        shortage(case, said, clock, paint),
        figures(case, said)
    )
}

fn outcomes(said: &Uncertainty) -> String {
    let mut table = Columns::new(1, &["scenario", "probability", "cut MWh", "uncovered MWh", "objective"]);
    let mut worst: Vec<&kezek_model::plan::ScenarioOutcome> = said.scenarios.iter().collect();
    worst.sort_by(|a, b| {
        b.uncovered_mwh.total_cmp(&a.uncovered_mwh).then(b.objective.total_cmp(&a.objective))
    });
    for own in worst.iter().take(MOST_SCENARIOS) {
        let (cut, uncovered) = (one(own.cut_mwh), one(own.uncovered_mwh));
        table.row([own.scenario.clone(), percent(own.probability), cut, uncovered, money(own.objective)]);
    }
    let more = worst.len().saturating_sub(MOST_SCENARIOS);
    let rest = if more > 0 { format!("  and {more} more, none worse\n") } else { String::new() };
    table.text() + &rest
}

/// Runs of intervals with the same chance of a shortage.
fn shortage(case: &Case, said: &Uncertainty, clock: &Clock, paint: Paint) -> String {
    let chance = |t: usize| said.shortage.get(t).map_or(0.0, |own| own.probability);
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for t in (0..case.grid.len).filter(|&t| chance(t) > 0.0) {
        match runs.last_mut() {
            Some((from, to)) if *to == t && (chance(*from) - chance(t)).abs() < 1e-9 => *to = t + 1,
            _ => runs.push((t, t + 1)),
        }
    }
    if runs.is_empty() {
        return "  chance of a shortage: none in any interval\n".to_owned();
    }
    let mut text = format!("  {}\n", paint.alarm("chance that something stays uncovered:"));
    for &(from, to) in runs.iter().take(MOST_WINDOWS) {
        let window = clock.window(case.grid.instant(from), case.grid.instant(to));
        text += &format!("    {window}: {}\n", percent(chance(from)));
    }
    let more = runs.len().saturating_sub(MOST_WINDOWS);
    if more > 0 { text + &format!("    and {more} more\n") } else { text }
}

fn figures(case: &Case, said: &Uncertainty) -> String {
    let currency = &case.objective.currency;
    let tail = match &case.risk {
        Some(risk) => format!(
            "\n  mean of the worst {}: {} MWh uncovered, priced {} {currency} per MWh",
            percent(1.0 - risk.alpha),
            one(said.cvar_uncovered_mwh),
            money(risk.weight)
        ),
        None => String::new(),
    };
    let (objective, uncovered) = (money(said.expected_objective), one(said.expected_uncovered_mwh));
    format!("  expected: objective {objective} {currency}, uncovered {uncovered} MWh{tail}\n")
}
