//! The tables for `benches/README.md`.

use crate::days::{Model, Planned, Sample};
use crate::looped::Peer;
use crate::season::{Lived, Season, threads};
use crate::words::Words;

pub(crate) fn begin_seasons(words: &Words) {
    println!(
        "| season, gap {} % | s, one thread | ms a day: mean / median / 95 % / most | mean gap % | days ended by work \
         | draws/s, {} threads |\n|---|---|---|---|---|---|",
        words.gap * 100.0,
        threads(),
    );
}

pub(crate) fn season(season: &Season, lived: &Lived, draws_per_s: f64) {
    let ms = sorted(lived.days_s.iter().map(|seconds| seconds * 1000.0));
    println!(
        "| {} | {:.1} | {:.0} / {:.0} / {:.0} / {:.0} | {:.3} | {} of {} | {draws_per_s:.3} |",
        season.name,
        lived.days_s.iter().sum::<f64>(),
        mean(&ms),
        part(&ms, 0.5),
        part(&ms, 0.95),
        part(&ms, 1.0),
        mean(&lived.gaps) * 100.0,
        lived.by_work,
        lived.days_s.len(),
    );
}

pub(crate) fn begin_models() {
    println!(
        "\n| model | days | who | s a day: mean / median / most | of it modelling | gap %: mean / most | at the gap asked \
         | plans that hold | objective, sum | draws/s of a season, {} cores | times Kezek's seconds |\n\
         |---|---|---|---|---|---|---|---|---|---|---|",
        threads()
    );
}

/// A line for Kezek and one for each of the others, with how many times as fast Kezek is.
pub(crate) fn model(model: Model, samples: &[Sample], words: &Words) {
    let kezek: Vec<&Planned> = samples.iter().map(|sample| &sample.kezek).collect();
    line(model, "kezek", &kezek, words, "1");
    for (at, peer) in Peer::of(model).iter().enumerate() {
        let plans: Vec<&Planned> = samples.iter().map(|sample| &sample.peers[at]).collect();
        line(model, peer.name(), &plans, words, &format!("{:.0}", mean_s(&plans) / mean_s(&kezek)));
    }
}

/// Draws a second as if every core planned days of its own and nothing else.
fn line(model: Model, who: &str, plans: &[&Planned], words: &Words, times: &str) {
    let seconds = sorted(plans.iter().map(|plan| plan.seconds));
    let gaps: Vec<f64> = plans.iter().map(|plan| plan.gap).filter(|gap| gap.is_finite()).collect();
    println!(
        "| {} | {} | {who} | {:.4} / {:.4} / {:.4} | {:.4} | {:.3} / {:.3} | {} | {} | {:.0} | {:.4} | {times} |",
        model.name(),
        plans.len(),
        mean(&seconds),
        part(&seconds, 0.5),
        part(&seconds, 1.0),
        mean(&plans.iter().map(|plan| plan.modelled_s).collect::<Vec<_>>()),
        mean(&gaps) * 100.0,
        part(&sorted(gaps.iter().copied()), 1.0) * 100.0,
        // A gap is told by the objective after rounding to kW.
        plans.iter().filter(|plan| plan.gap <= words.gap + 1e-4).count(),
        plans.iter().filter(|plan| plan.holds).count(),
        plans.iter().filter_map(|plan| plan.objective).sum::<f64>(),
        threads() as f64 / (f64::from(words.days) * mean(&seconds)),
    );
}

fn mean_s(plans: &[&Planned]) -> f64 {
    mean(&plans.iter().map(|plan| plan.seconds).collect::<Vec<_>>())
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The least of some sorted values that a share of them does not exceed.
fn part(sorted: &[f64], share: f64) -> f64 {
    let at = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(at.max(1) - 1).copied().unwrap_or(f64::NAN)
}
