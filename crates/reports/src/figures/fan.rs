//! The greatest shortage of each day, as a fan over the draws, against what can be cut at that hour.

use super::{Figure, Made, Table, date, day_marks, scenarios};
use crate::Report;
use crate::draw::ink::{SERIES, TEXT};
use crate::draw::key::{Sample, row};
use crate::draw::panel::{Panel, steps};
use crate::draw::scale::Scale;
use crate::draw::svg::{Pen, Svg, WIDTH};
use crate::facts::name;
use crate::season::{NEED_PEAK, ROOM, Spread, by_day};
use crate::words::FigureWords;
use kezek_pages::figures::{fill, number};

const LEFT: f64 = 72.0;
const HEIGHT: f64 = 190.0;
const ROW: f64 = 264.0;
const TOP: f64 = 62.0;
const WIDE_BAND: f64 = 0.18;
const NARROW_BAND: f64 = 0.36;
/// Days that can be named below.
const MARKS: usize = 10;

/// Of a scenario, by day.
struct Fan {
    need: Vec<Spread>,
    room: Vec<Spread>,
}

/// The figure.
pub(super) fn figure(report: &Report<'_>) -> Figure {
    let w = FigureWords::of(report.language);
    let mw = |figure: usize| move |day: &[i64]| day[figure] as f64 / 1000.0;
    let fan = |scenario| Fan {
        need: by_day(report.results, scenario, mw(NEED_PEAK)),
        room: by_day(report.results, scenario, mw(ROOM)),
    };
    let fans: Vec<Fan> = scenarios(report).map(fan).collect();
    let highest = |own: &Fan| {
        own.need.iter().map(|day| day.high).chain(own.room.iter().map(|day| day.median)).fold(0.0, f64::max)
    };
    let up = Scale::to(fans.iter().map(highest).fold(0.0, f64::max));
    let mut svg = Svg::default();
    let keys = [
        (Sample::Area(SERIES[0], WIDE_BAND), w.band.to_owned()),
        (Sample::Area(SERIES[0], WIDE_BAND + NARROW_BAND), w.half.to_owned()),
        (Sample::Line(Pen::plain(SERIES[0], 2.0)), w.median.to_owned()),
        (Sample::Line(ROOM_PEN), w.room.to_owned()),
    ];
    let below = row(&mut svg, LEFT, 6.0, &keys) - 20.0;
    for (place, fan) in fans.iter().enumerate() {
        let corner = (LEFT, TOP + below + ROW * place as f64);
        let across = report.results.header.days.max(1) as f64;
        let panel = Panel { corner, size: (WIDTH - LEFT - 24.0, HEIGHT), across, up };
        plot(&mut svg, report, &panel, fan, &format!("{}: {}", name(report, place), w.need));
    }
    Made {
        name: "fan".into(),
        title: w.fan.into(),
        note: note(report, &fans[0]),
        table: table(report, &fans),
        svg,
        height: TOP + below + ROW * fans.len() as f64 - ROW + HEIGHT + 30.0,
    }
    .figure(report)
}

const ROOM_PEN: Pen<'static> = Pen { ink: TEXT, width: 2.0, dash: "9 4" };

fn plot(svg: &mut Svg, report: &Report<'_>, panel: &Panel, fan: &Fan, heading: &str) {
    let line = |of: fn(&Spread) -> f64| steps(fan.need.iter().map(of));
    panel.levels(svg, heading, report.language);
    panel.marks(svg, &day_marks(report, MARKS), "");
    panel.band(svg, (&line(|own| own.low), &line(|own| own.high)), SERIES[0], WIDE_BAND);
    panel.band(svg, (&line(|own| own.quarter), &line(|own| own.three_quarters)), SERIES[0], NARROW_BAND);
    panel.line(svg, &line(|own| own.median), Pen::plain(SERIES[0], 2.0));
    panel.line(svg, &steps(fan.room.iter().map(|own| own.median)), ROOM_PEN);
}

fn note(report: &Report<'_>, fan: &Fan) -> String {
    let beyond = fan.need.iter().zip(&fan.room).filter(|(need, room)| need.high > room.median).count();
    let figures = [&name(report, 0), &beyond.to_string(), &fan.need.len().to_string()];
    fill(FigureWords::of(report.language).fan_note, &figures.map(String::as_str))
}

fn table(report: &Report<'_>, fans: &[Fan]) -> Table {
    let w = FigureWords::of(report.language);
    let quantiles = ["5 %", "25 %", "50 %", "75 %", "95 %"].map(|own| format!("{}: {own}", w.need));
    let head =
        [w.scenario, w.day].map(str::to_owned).into_iter().chain(quantiles).chain([w.room_mw.to_owned()]);
    let row = |scenario: usize, day: usize| {
        let (need, room) = (fans[scenario].need[day], fans[scenario].room[day]);
        let figures = [need.low, need.quarter, need.median, need.three_quarters, need.high, room.median];
        let figures = figures.map(|mw| number(mw, 1, report.language));
        [name(report, scenario), date(report, day)].into_iter().chain(figures).collect()
    };
    let days = 0..report.results.header.days;
    let rows = scenarios(report).flat_map(|scenario| days.clone().map(move |day| (scenario, day)));
    Table { head: head.collect(), words: 2, rows: rows.map(|(scenario, day)| row(scenario, day)).collect() }
}
