//! A day's loss in two currencies: income as miners count it, uncovered energy as the operator does.

use super::money::Money;
use super::{Figure, Made, Table, date, day_marks, scenarios};
use crate::Report;
use crate::draw::ink::SERIES;
use crate::draw::key::{Sample, row};
use crate::draw::panel::{Panel, steps};
use crate::draw::scale::Scale;
use crate::draw::svg::{Pen, Svg};
use crate::facts::name;
use crate::season::{CUT, Spread, UNCOVERED, by_day, draws};
use crate::words::FigureWords;
use kezek_pages::figures::{fill, number};

const HEIGHT: f64 = 150.0;
const ROW: f64 = 222.0;
const TOP: f64 = 66.0;
/// Left edges of the two plots, and their width.
const LEFT: [f64; 2] = [72.0, 556.0];
const WIDE: f64 = 384.0;
const OPACITY: f64 = 0.22;
const MARKS: usize = 6;

/// Of a scenario, by day: money, and MWh.
type Losses = [Vec<Spread>; 2];

/// The figure.
pub(super) fn figure(report: &Report<'_>) -> Figure {
    let (w, header) = (FigureWords::of(report.language), &report.results.header);
    let income = |day: &[i64]| day[CUT] as f64 / 1000.0 * header.income_per_mwh;
    let uncovered = |day: &[i64]| day[UNCOVERED] as f64 / 1000.0;
    let losses = |own| [by_day(report.results, own, income), by_day(report.results, own, uncovered)];
    let all: Vec<Losses> = scenarios(report).map(losses).collect();
    let most = |place: usize| {
        all.iter().flat_map(|own| &own[place]).map(|day| day.high.max(day.mean)).fold(0.0, f64::max)
    };
    let money = Money::of(report, most(0));
    let worth = [money.worth, 1.0];
    let headings = [fill(w.income, &[&money.unit]), w.uncovered_day.to_owned()];
    let mut svg = Svg::default();
    let keys = [
        (Sample::Line(Pen::plain(SERIES[0], 2.0)), w.mean.to_owned()),
        (Sample::Area(SERIES[0], OPACITY), w.band.to_owned()),
    ];
    row(&mut svg, LEFT[0], 6.0, &keys);
    for (scenario, own) in all.iter().enumerate() {
        for (place, left) in LEFT.into_iter().enumerate() {
            let corner = (left, TOP + ROW * scenario as f64);
            let (across, up) = (header.days.max(1) as f64, Scale::to(most(place) / worth[place]));
            let panel = Panel { corner, size: (WIDE, HEIGHT), across, up };
            panel.levels(
                &mut svg,
                &format!("{}: {}", name(report, scenario), headings[place]),
                report.language,
            );
            panel.marks(&mut svg, &day_marks(report, MARKS), "");
            let line = |of: fn(&Spread) -> f64| steps(own[place].iter().map(|day| of(day) / worth[place]));
            panel.band(&mut svg, (&line(|day| day.low), &line(|day| day.high)), SERIES[0], OPACITY);
            panel.line(&mut svg, &line(|day| day.mean), Pen::plain(SERIES[0], 2.0));
        }
    }
    Made {
        name: "losses".into(),
        title: w.losses.into(),
        note: note(report, &all[0]),
        table: table(report, &all),
        svg,
        height: TOP + ROW * all.len() as f64 - ROW + HEIGHT + 30.0,
    }
    .figure(report)
}

fn note(report: &Report<'_>, base: &Losses) -> String {
    let (w, header) = (FigureWords::of(report.language), &report.results.header);
    let a_day = |own: &[Spread]| own.iter().map(|day| day.mean).sum::<f64>() / own.len().max(1) as f64;
    let figures = [
        name(report, 0),
        number(a_day(&base[0]), 0, report.language),
        header.currency.clone(),
        number(a_day(&base[1]), 1, report.language),
        draws(report.results).to_string(),
    ];
    let note = fill(w.losses_note, &figures.each_ref().map(String::as_str));
    if header.income_per_mwh > 0.0 { note } else { format!("{note} {}", w.no_income) }
}

fn table(report: &Report<'_>, all: &[Losses]) -> Table {
    let w = FigureWords::of(report.language);
    let columns = [fill(w.income, &[&report.results.header.currency]), w.uncovered_day.to_owned()];
    let figures = columns.iter().flat_map(|own| [w.mean, "5 %", "95 %"].map(|part| format!("{own}: {part}")));
    let head = [w.scenario, w.day].map(str::to_owned).into_iter().chain(figures);
    let row = |scenario: usize, day: usize| {
        let cells = |place: usize, decimals| {
            let own = all[scenario][place][day];
            [own.mean, own.low, own.high].map(|value| number(value, decimals, report.language))
        };
        let words = [name(report, scenario), date(report, day)];
        words.into_iter().chain(cells(0, 0)).chain(cells(1, 1)).collect()
    };
    let days = 0..report.results.header.days;
    let rows = scenarios(report).flat_map(|scenario| days.clone().map(move |day| (scenario, day)));
    Table { head: head.collect(), words: 2, rows: rows.map(|(scenario, day)| row(scenario, day)).collect() }
}
