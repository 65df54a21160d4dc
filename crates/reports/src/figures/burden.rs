//! The distribution of burdens over facilities and draws, scenario by scenario.

use super::{Figure, Made, Table, groups, line_keys, scenarios};
use crate::Report;
use crate::draw::panel::Panel;
use crate::draw::scale::Scale;
use crate::draw::svg::{Pen, Svg, WIDTH};
use crate::facts::name;
use crate::season::draws;
use crate::words::FigureWords;
use kezek_pages::figures::{fill, number};
use kezek_study::lab::compare::quantile;

const LEFT: f64 = 72.0;
const TOP: f64 = 80.0;
const HEIGHT: f64 = 300.0;
const ROW: f64 = 436.0;
/// Points of a line.
const POINTS: usize = 400;
/// Percents of the table.
const TOLD: [u32; 9] = [0, 5, 10, 25, 50, 75, 90, 95, 100];

/// The figure.
pub(super) fn figure(report: &Report<'_>) -> Figure {
    let w = FigureWords::of(report.language);
    let all: Vec<Vec<f64>> = scenarios(report).map(|scenario| burdens(report, scenario)).collect();
    let across = Scale::to(all.iter().filter_map(|own| own.last().copied()).fold(0.0, f64::max));
    let (mut svg, plots) = (Svg::default(), groups(report));
    for (place, some) in plots.iter().enumerate() {
        let corner = (LEFT, TOP + ROW * place as f64);
        let up = Scale { top: 100.0, step: 25.0 };
        let panel = Panel { corner, size: (WIDTH - LEFT - 24.0, HEIGHT), across: across.top, up };
        panel.levels(&mut svg, w.burden_up, report.language);
        let mark = |value| (value, number(value, across.decimals(), report.language));
        panel.marks(&mut svg, &across.lines().map(mark).collect::<Vec<_>>(), w.burden_across);
        for (place, &scenario) in some.iter().enumerate() {
            panel.line(&mut svg, &rising(&all[scenario], across.top), Pen::series(place));
        }
        line_keys(&mut svg, report, corner, some);
    }
    Made {
        name: "burden".into(),
        title: w.burden.into(),
        note: note(report, &all[0]),
        table: table(report, &all),
        svg,
        height: TOP + ROW * plots.len() as f64 - ROW + HEIGHT + 46.0,
    }
    .figure(report)
}

/// In percent, from the lowest to the highest.
fn burdens(report: &Report<'_>, scenario: usize) -> Vec<f64> {
    let own = report.results.of(scenario).flat_map(|(_, own)| own.burdens());
    let mut own: Vec<f64> = own.map(|share| 100.0 * share).collect();
    own.sort_by(f64::total_cmp);
    own
}

/// The share that is at most as high, from nothing to the end of the scale.
fn rising(sorted: &[f64], end: f64) -> Vec<(f64, f64)> {
    let share =
        |value: f64| 100.0 * sorted.partition_point(|own| *own <= value) as f64 / sorted.len().max(1) as f64;
    let at = |point| end * point as f64 / POINTS as f64;
    (0..=POINTS).map(|point| (at(point), share(at(point)))).collect()
}

fn note(report: &Report<'_>, base: &[f64]) -> String {
    let at = |share| number(quantile(base, share), 1, report.language);
    let figures = [name(report, 0), at(0.5), at(0.95), draws(report.results).to_string()];
    fill(FigureWords::of(report.language).burden_note, &figures.each_ref().map(String::as_str))
}

fn table(report: &Report<'_>, all: &[Vec<f64>]) -> Table {
    let w = FigureWords::of(report.language);
    let head = std::iter::once(w.burden_up.to_owned()).chain(scenarios(report).map(|own| name(report, own)));
    let row = |percent: u32| {
        let own = all.iter().map(|own| quantile(own, f64::from(percent) / 100.0));
        let figures = own.map(|burden| number(burden, 2, report.language));
        std::iter::once(percent.to_string()).chain(figures).collect()
    };
    Table { head: head.collect(), words: 0, rows: TOLD.map(row).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_rises_to_the_whole_at_the_highest() {
        let line = rising(&[1.0, 1.0, 2.0, 4.0], 4.0);
        let at = |place: usize| line[place * POINTS / 4].1;
        assert_eq!([0, 1, 2, 3, 4].map(at), [0.0, 50.0, 75.0, 75.0, 100.0]);
    }
}
