//! From the miners' cost of the base to that of every scenario, and beside it what stays uncovered.

use super::money::Money;
use super::{Figure, Made, Table, scenarios};
use crate::Report;
use crate::draw::ink::{self, SERIES};
use crate::draw::panel::Panel;
use crate::draw::scale::Scale;
use crate::draw::svg::{Anchor, Pen, SMALL, Svg, through};
use crate::facts::name;
use crate::season::draws;
use crate::words::FigureWords;
use kezek_pages::figures::{fill, number};
use kezek_study::lab::compare::{Metric, Summary, summary};

const HEIGHT: f64 = 180.0;
const ROW: f64 = 292.0;
const TOP: f64 = 34.0;
/// Where cost and uncovered energy stand: left edge and width.
const COST: (f64, f64) = (80.0, 530.0);
const UNCOVERED: (f64, f64) = (686.0, 260.0);
/// Part of its place that a bar fills.
const BAR: f64 = 0.56;

/// A scenario beside the base: means over the draws.
struct Step {
    scenario: usize,
    cost: [Summary; 2],
    uncovered: [Summary; 2],
    /// What more or less energy costs at the base's mean.
    energy: f64,
}

impl Step {
    fn of(report: &Report<'_>, scenario: usize) -> Option<Self> {
        let of = |key: &str, scenario| {
            let metric = Metric::named(key)?;
            summary(report.results, scenario, metric)
        };
        let both = |key: &str| Some([of(key, 0)?, of(key, scenario)?]);
        let (cost, cut, uncovered) = (both("miners_cost")?, both("cut_mwh")?, both("uncovered_mwh")?);
        let per_mwh = if cut[0].mean > 0.0 { cost[0].mean / cut[0].mean } else { 0.0 };
        let energy = per_mwh * (cut[1].mean - cut[0].mean);
        Some(Self { scenario, cost, uncovered, energy })
    }

    fn sharing(&self) -> f64 {
        self.cost[1].mean - self.cost[0].mean - self.energy
    }

    /// Where each of the four bars begins and ends.
    fn bars(&self) -> [(f64, f64); 4] {
        let (from, to) = (self.cost[0].mean, self.cost[1].mean);
        [(0.0, from), (from, from + self.energy), (from + self.energy, to), (0.0, to)]
    }
}

/// The figure; none where there is nothing to compare.
pub(super) fn figure(report: &Report<'_>) -> Option<Figure> {
    let steps: Vec<Step> = scenarios(report).skip(1).filter_map(|own| Step::of(report, own)).collect();
    if steps.is_empty() {
        return None;
    }
    let w = FigureWords::of(report.language);
    let most = steps.iter().flat_map(Step::bars).map(|(from, to)| from.max(to)).fold(0.0, f64::max);
    let uncovered = steps.iter().flat_map(|own| &own.uncovered).map(|own| own.mean).fold(0.0, f64::max);
    let (money, mut svg) = (Money::of(report, most), Svg::default());
    // Room above the bars for their figures.
    let scales = (Scale::to(1.1 * most / money.worth), Scale::to(1.1 * uncovered));
    for (place, step) in steps.iter().enumerate() {
        let y = TOP + ROW * place as f64;
        let panel = |(left, width): (f64, f64), across, up| Panel {
            corner: (left, y),
            size: (width, HEIGHT),
            across,
            up,
        };
        cost(&mut svg, report, &panel(COST, 4.0, scales.0), step, (&money, most));
        apart(&mut svg, report, &panel(UNCOVERED, 2.0, scales.1), step);
    }
    let made = Made {
        name: "cost".into(),
        title: w.waterfall.into(),
        note: fill(w.waterfall_note, &[&name(report, 0), &draws(report.results).to_string()]),
        table: table(report, &steps),
        svg,
        height: TOP + ROW * steps.len() as f64 - ROW + HEIGHT + 56.0,
    };
    Some(made.figure(report))
}

fn cost(svg: &mut Svg, report: &Report<'_>, panel: &Panel, step: &Step, (money, most): (&Money, f64)) {
    let w = FigureWords::of(report.language);
    panel.levels(svg, &fill(w.miners_cost, &[&money.unit]), report.language);
    let figure = |value: f64| number(value / money.worth, money.decimals(most), report.language);
    let bars = step.bars().map(|(from, to)| (from / money.worth, to / money.worth));
    let shown = [
        (figure(step.cost[0].mean), ink::NORMAL, name(report, 0)),
        (signed(&figure, step.energy), SERIES[0], w.energy.to_owned()),
        (signed(&figure, step.sharing()), SERIES[0], w.sharing.to_owned()),
        (figure(step.cost[1].mean), ink::NORMAL, name(report, step.scenario)),
    ];
    for (place, (ends, (figure, ink, meaning))) in bars.into_iter().zip(shown).enumerate() {
        bar(svg, panel, (place, ends), (&figure, ink), &meaning);
    }
    for (place, (_, to)) in bars.into_iter().enumerate().take(3) {
        let (from, next) = (place as f64 + 0.5 + BAR / 2.0, place as f64 + 1.5 - BAR / 2.0);
        let line = through([(panel.x(from), panel.y(to)), (panel.x(next), panel.y(to))]);
        svg.line(&line, Pen::plain(ink::NORMAL, 1.5));
    }
}

/// What stays uncovered is no cost of the miners.
fn apart(svg: &mut Svg, report: &Report<'_>, panel: &Panel, step: &Step) {
    panel.levels(svg, FigureWords::of(report.language).uncovered_mwh, report.language);
    for (place, (own, scenario)) in step.uncovered.iter().zip([0, step.scenario]).enumerate() {
        let figure = number(own.mean, 1, report.language);
        bar(svg, panel, (place, (0.0, own.mean)), (&figure, ink::NORMAL), &name(report, scenario));
    }
}

fn bar(
    svg: &mut Svg,
    panel: &Panel,
    (place, (from, to)): (usize, (f64, f64)),
    (figure, ink): (&str, &str),
    meaning: &str,
) {
    let (left, right) = (panel.x(place as f64 + 0.5 - BAR / 2.0), panel.x(place as f64 + 0.5 + BAR / 2.0));
    let (top, bottom) = (panel.y(from.max(to)), panel.y(from.min(to)));
    svg.rect((left, top), (right - left, (bottom - top).max(1.0)), ink);
    let middle = f64::midpoint(left, right);
    svg.grounded((middle, top - 5.0), figure);
    let lines = ink::lines(meaning, SMALL, panel.size.0 / panel.across - 6.0);
    svg.lines((middle, panel.floor() + 18.0), Anchor::Middle, (SMALL, ink::TEXT), &lines);
}

fn signed(figure: &impl Fn(f64) -> String, value: f64) -> String {
    let text = figure(value);
    if value > 0.0 && text.chars().any(|digit| matches!(digit, '1'..='9')) {
        format!("+{text}")
    } else {
        text
    }
}

fn table(report: &Report<'_>, steps: &[Step]) -> Table {
    let (w, currency) = (FigureWords::of(report.language), &report.results.header.currency);
    let money = |what: &str| format!("{what}, {currency}");
    let head = [
        w.scenario.to_owned(),
        format!("{} ({})", money(w.cost), name(report, 0)),
        money(w.energy),
        money(w.sharing),
        money(w.cost),
        format!("{}: {} ±", money(w.cost), w.difference),
        w.uncovered_mwh.to_owned(),
        format!("{}: {} ±", w.uncovered_mwh, w.difference),
    ];
    let row = |step: &Step| {
        let whole = |value: f64| number(value, 0, report.language);
        let difference = |own: &Summary, decimals| {
            let (mean, within) = own.from_base.unwrap_or_default();
            let text = signed(&|value| number(value, decimals, report.language), mean);
            within.map_or(text.clone(), |within| {
                format!("{text} ± {}", number(within, decimals, report.language))
            })
        };
        vec![
            name(report, step.scenario),
            whole(step.cost[0].mean),
            signed(&whole, step.energy),
            signed(&whole, step.sharing()),
            whole(step.cost[1].mean),
            difference(&step.cost[1], 0),
            number(step.uncovered[1].mean, 1, report.language),
            difference(&step.uncovered[1], 1),
        ]
    };
    Table { head: head.into(), words: 1, rows: steps.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::results;

    #[test]
    fn the_parts_lead_from_the_base_to_the_scenario() {
        let results = results();
        let report = Report { results: &results, language: Language::En };
        let step = Step::of(&report, 1).unwrap();
        let [base, energy, sharing, scenario] = step.bars();
        assert_eq!((base.1, energy.1, scenario.1), (energy.0, sharing.0, sharing.1));
        assert!((step.energy + step.sharing() - (scenario.1 - base.1)).abs() < 1e-6);
        assert!(step.energy > 0.0, "a colder winter cuts more");
        assert_eq!(signed(&|value| number(value, 1, Language::En), 0.01), "0.0", "no sign before nothing");
    }
}
