//! Duration curves of the shortage and of what stays uncovered.

use super::{Figure, Made, Table, groups, line_keys, scenarios};
use crate::Report;
use crate::draw::ink::{NORMAL, SERIES};
use crate::draw::key::{Sample, row};
use crate::draw::panel::Panel;
use crate::draw::scale::Scale;
use crate::draw::svg::{Pen, Svg};
use crate::facts::name;
use crate::season::{Spread, curve, draws};
use crate::words::FigureWords;
use kezek_pages::figures::{fill, number};
use kezek_study::lab::outcome::Outcome;

const HEIGHT: f64 = 250.0;
const ROW: f64 = 394.0;
const TOP: f64 = 104.0;
/// Left edges of the two plots, and their width.
const LEFT: [f64; 2] = [72.0, 556.0];
const WIDE: f64 = 384.0;
const OPACITY: f64 = 0.16;
/// Percents of the table.
const TOLD: [usize; 11] = [0, 1, 2, 3, 5, 10, 20, 30, 50, 75, 100];

/// A quantity with its curves, scenario by scenario.
struct Quantity {
    heading: &'static str,
    curves: Vec<Vec<Spread>>,
    /// To the percent from which on all are nothing.
    across: Scale,
    up: Scale,
}

impl Quantity {
    fn of(report: &Report<'_>, heading: &'static str, of: fn(&Outcome) -> &Vec<i64>) -> Self {
        let curves: Vec<Vec<Spread>> =
            scenarios(report).map(|scenario| curve(report.results, scenario, of)).collect();
        let all = || curves.iter().flat_map(|own| own.iter().enumerate());
        let last = all().filter(|(_, own)| own.high > 0.0).map(|(percent, _)| percent).max().unwrap_or(0);
        let most = all().map(|(_, own)| own.high).fold(0.0, f64::max);
        // Curves are known percent by percent.
        let across = Scale::to((last + 1).clamp(5, 100) as f64);
        Self { heading, across, up: Scale::to(most), curves }
    }

    fn points(&self, scenario: usize, of: impl Fn(&Spread) -> f64) -> Vec<(f64, f64)> {
        let own = self.curves[scenario].iter().enumerate();
        let points = own.map(|(percent, own)| (percent as f64, of(own)));
        points.take_while(|(percent, _)| *percent <= self.across.top).collect()
    }
}

/// The figure.
pub(super) fn figure(report: &Report<'_>) -> Figure {
    let w = FigureWords::of(report.language);
    let quantities = [
        Quantity::of(report, w.need, |own| &own.need_curve_kw),
        Quantity::of(report, w.uncovered, |own| &own.uncovered_curve_kw),
    ];
    let (mut svg, plots) = (Svg::default(), groups(report));
    let keys = [
        (Sample::Line(Pen::plain(NORMAL, 2.5)), w.median.to_owned()),
        (Sample::Area(SERIES[0], OPACITY), w.band.to_owned()),
    ];
    row(&mut svg, LEFT[0], 6.0, &keys);
    for (place, some) in plots.iter().enumerate() {
        let top = TOP + ROW * place as f64;
        line_keys(&mut svg, report, (LEFT[0], top), some);
        for (quantity, left) in quantities.iter().zip(LEFT) {
            let corner = (left, top);
            let panel = Panel { corner, size: (WIDE, HEIGHT), across: quantity.across.top, up: quantity.up };
            plot(&mut svg, report, &panel, quantity, some);
        }
    }
    let height = TOP + ROW * plots.len() as f64 - ROW + HEIGHT + 46.0;
    let (name, title) = ("duration".to_owned(), w.duration.to_owned());
    let (note, table) = (note(report, &quantities), table(report, &quantities));
    Made { name, title, note, table, svg, height }.figure(report)
}

fn plot(svg: &mut Svg, report: &Report<'_>, panel: &Panel, quantity: &Quantity, some: &[usize]) {
    panel.levels(svg, quantity.heading, report.language);
    let percents = quantity.across.lines().map(|percent| (percent, number(percent, 0, report.language)));
    let marks: Vec<(f64, String)> = percents.collect();
    panel.marks(svg, &marks, FigureWords::of(report.language).hours);
    // Two bands are told apart, more are a fog.
    let banded = if some.len() <= 2 { some.len() } else { 1 };
    for (place, &scenario) in some.iter().enumerate().take(banded) {
        let (low, high) =
            (quantity.points(scenario, |own| own.low), quantity.points(scenario, |own| own.high));
        panel.band(svg, (&low, &high), SERIES[place], OPACITY);
    }
    for (place, &scenario) in some.iter().enumerate() {
        panel.line(svg, &quantity.points(scenario, |own| own.median), Pen::series(place));
    }
}

fn note(report: &Report<'_>, [need, uncovered]: &[Quantity; 2]) -> String {
    let base = &need.curves[0];
    let short = base.iter().filter(|own| own.median > 0.0).count();
    let most = |own: &Quantity| number(own.curves[0][0].median, 1, report.language);
    let figures =
        [name(report, 0), short.to_string(), most(need), most(uncovered), draws(report.results).to_string()];
    fill(FigureWords::of(report.language).duration_note, &figures.each_ref().map(String::as_str))
}

fn table(report: &Report<'_>, [need, uncovered]: &[Quantity; 2]) -> Table {
    let w = FigureWords::of(report.language);
    let mut head: Vec<String> = [w.scenario, w.percent].map(str::to_owned).into();
    for quantity in [need, uncovered] {
        head.extend([w.median, "5 %", "95 %"].map(|part| format!("{}: {part}", quantity.heading)));
    }
    let cells = |quantity: &Quantity, scenario: usize, percent: usize| {
        let own = quantity.curves[scenario][percent];
        [own.median, own.low, own.high].map(|mw| number(mw, 1, report.language))
    };
    let line = |scenario: usize, percent: usize| {
        let words = [name(report, scenario), percent.to_string()];
        let figures = [cells(need, scenario, percent), cells(uncovered, scenario, percent)].concat();
        words.into_iter().chain(figures).collect()
    };
    let rows = scenarios(report).flat_map(|scenario| TOLD.map(|percent| line(scenario, percent)));
    Table { head, words: 1, rows: rows.collect() }
}
