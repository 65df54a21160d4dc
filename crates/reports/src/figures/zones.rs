//! Where power was short: zones and the ties between them, one map for every scenario.

use super::{Figure, Made, Table, scenarios};
use crate::Report;
use crate::abreast::signed;
use crate::draw::ink;
use crate::draw::svg::{Anchor, Pen, SMALL, Svg, WIDTH, through};
use crate::facts::name;
use crate::season::draws;
use crate::words::{FigureWords, MetricWords};
use kezek_pages::figures::{fill, number};
use kezek_study::lab::compare::{Summary, zone_summaries};
use kezek_study::lab::results::Link;

const TOP: f64 = 8.0;
const TITLE: f64 = 22.0;
/// Of a zone.
const RADIUS: f64 = 24.0;
/// A line of text, and how many a zone has.
const LINE: f64 = 16.0;
const LINES: f64 = 3.0;
/// Beside the outermost zones, for what is written about them.
const SIDE: f64 = 84.0;
/// For a zone, along the way up and down.
const HIGH: f64 = 34.0;
const LEAST_HIGH: f64 = 62.0;
/// Decimals of MWh.
const DECIMALS: usize = 1;

/// What the draws say of the zones of a scenario, in the order of [`kezek_study::lab::compare::ZONE_METRICS`].
type Zones = Vec<[Summary; 4]>;
const CUT: usize = 1;
const UNCOVERED: usize = 2;
const HOURS: usize = 3;

/// The figure.
pub(super) fn figure(report: &Report<'_>) -> Figure {
    let w = FigureWords::of(report.language);
    let zones = 0..report.results.header.zones.len();
    let of = |scenario| zones.clone().filter_map(|z| zone_summaries(report.results, scenario, z)).collect();
    let all: Vec<Zones> = scenarios(report).map(of).collect();
    let most = all.iter().flatten().map(|own| own[UNCOVERED].mean).fold(0.0, f64::max);
    let map = Map::new(report, most);
    let mut svg = Svg::default();
    for (scenario, own) in all.iter().enumerate() {
        map.draw(&mut svg, scenario, own);
    }
    Made {
        name: "zones".into(),
        title: w.zones.into(),
        note: note(report, &all[0]),
        table: table(report, &all),
        svg,
        height: TOP + map.size.1 * all.len().div_ceil(map.columns) as f64 + 8.0,
    }
    .figure(report)
}

/// Maps beside and below each other.
struct Map<'m> {
    report: &'m Report<'m>,
    most: f64,
    columns: usize,
    size: (f64, f64),
}

impl<'m> Map<'m> {
    fn new(report: &'m Report<'m>, most: f64) -> Self {
        let zones = report.results.header.zones.len();
        let columns = match zones {
            0..=2 => 3,
            3..=8 => 2,
            _ => 1,
        };
        let columns = columns.min(scenarios(report).len());
        let high = (HIGH * zones as f64 / 2.0).max(LEAST_HIGH);
        let size = (WIDTH / columns as f64, TITLE + 2.0 * (high + RADIUS + LINE * (LINES + 1.0)));
        Self { report, most, columns, size }
    }

    /// The middle of a zone: all around, the first at the top.
    fn place(&self, scenario: usize, zone: usize) -> (f64, f64) {
        let (column, row) = (scenario % self.columns, scenario / self.columns);
        let (left, top) = (self.size.0 * column as f64, TOP + self.size.1 * row as f64 + TITLE);
        let zones = self.report.results.header.zones.len();
        let high = (self.size.1 - TITLE) / 2.0;
        let middle = (left + self.size.0 / 2.0, top + high);
        if zones == 1 {
            return middle;
        }
        let turn = std::f64::consts::TAU * zone as f64 / zones as f64;
        let wide = (self.size.0 / 2.0 - SIDE).min(2.5 * high);
        let up = high - RADIUS - LINE * (LINES + 1.0);
        (middle.0 + wide * turn.sin(), middle.1 - up * turn.cos())
    }

    fn draw(&self, svg: &mut Svg, scenario: usize, own: &Zones) {
        let header = &self.report.results.header;
        let (column, row) = (scenario % self.columns, scenario / self.columns);
        let corner = (self.size.0 * column as f64 + 16.0, TOP + self.size.1 * row as f64 + 14.0);
        svg.text(corner, Anchor::Start, (SMALL + 2.0, ink::TEXT), &name(self.report, scenario));
        for (place, tie) in header.ties.iter().enumerate() {
            let twins = header.ties[..place].iter().filter(|other| joins_the_same(other, tie)).count();
            self.tie(svg, scenario, tie, twins);
        }
        for (zone, figures) in own.iter().enumerate() {
            self.zone(svg, scenario, zone, figures);
        }
    }

    /// A tie with its name; names of those that join the same zones stand below each other.
    fn tie(&self, svg: &mut Svg, scenario: usize, tie: &Link, twins: usize) {
        let zones = &self.report.results.header.zones;
        let place = |id| zones.iter().position(|own| own == id).map(|zone| self.place(scenario, zone));
        let (Some(from), Some(to)) = (place(&tie.from), place(&tie.to)) else { return };
        svg.line(&through([from, to]), Pen::plain(ink::NORMAL, 2.0));
        let (text, middle) = (tie.id.as_str(), (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1)));
        let at = (middle.0, middle.1 + 4.0 + LINE * twins as f64);
        svg.grounded(at, text);
    }

    fn zone(&self, svg: &mut Svg, scenario: usize, zone: usize, figures: &[Summary; 4]) {
        let (w, id) = (FigureWords::of(self.report.language), &self.report.results.header.zones[zone]);
        let (x, y) = self.place(scenario, zone);
        let share = if self.most > 0.0 { figures[UNCOVERED].mean / self.most } else { 0.0 };
        svg.disc((x, y), RADIUS, (&ink::ramp(share), ink::TEXT));
        let mwh = |own: &Summary| number(own.mean, DECIMALS, self.report.language);
        let texts = [
            id.to_string(),
            fill(w.zone_uncovered, &[&mwh(&figures[UNCOVERED])]),
            fill(w.zone_cut, &[&mwh(&figures[CUT])]),
        ];
        let is_above = y < self.place(scenario, 0).1 + RADIUS && self.report.results.header.zones.len() > 1;
        let first = if is_above { y - RADIUS - LINE * (LINES - 1.0) - 8.0 } else { y + RADIUS + LINE };
        for (line, text) in texts.iter().enumerate() {
            svg.grounded((x, first + LINE * line as f64), text);
        }
    }
}

fn joins_the_same(one: &Link, other: &Link) -> bool {
    (&one.from, &one.to) == (&other.from, &other.to) || (&one.from, &one.to) == (&other.to, &other.from)
}

fn note(report: &Report<'_>, base: &Zones) -> String {
    let uncovered = base.iter().map(|own| own[UNCOVERED].mean).enumerate();
    let most = uncovered.reduce(|most, next| if next.1 > most.1 { next } else { most });
    let (zone, mwh) = most.unwrap_or_default();
    let id = report.results.header.zones.get(zone).map_or("", |id| id.as_str());
    let (mwh, draws) = (number(mwh, DECIMALS, report.language), draws(report.results).to_string());
    fill(FigureWords::of(report.language).zones_note, &[&name(report, 0), id, &mwh, &draws])
}

fn table(report: &Report<'_>, all: &[Zones]) -> Table {
    let w = FigureWords::of(report.language);
    let head = [
        w.scenario,
        w.zone,
        w.nominated_mwh,
        MetricWords::of(report.language).cut_mwh,
        w.uncovered_mwh,
        w.band,
        w.uncovered_hours,
        w.zone_difference,
    ];
    let number = |value: f64| number(value, DECIMALS, report.language);
    let row = |scenario: usize, zone: usize, own: &[Summary; 4]| {
        let uncovered = &own[UNCOVERED];
        let mut row = vec![name(report, scenario), report.results.header.zones[zone].to_string()];
        row.extend(own[..=UNCOVERED].iter().map(|own| number(own.mean)));
        row.push(format!("{} … {}", number(uncovered.low), number(uncovered.high)));
        row.push(number(own[HOURS].mean));
        row.push(if scenario > 0 { signed(report, DECIMALS, uncovered) } else { String::new() });
        row
    };
    let rows = all.iter().enumerate().flat_map(|(scenario, zones)| {
        zones.iter().enumerate().map(move |(zone, own)| row(scenario, zone, own))
    });
    Table { head: head.map(str::to_owned).into(), words: 2, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::{results, with_scenarios};

    #[test]
    fn every_zone_of_every_scenario_is_told_and_the_shortest_of_power_is_named() {
        let results = results();
        let report = Report { results: &results, language: Language::En };
        let figure = figure(&report);
        assert_eq!(figure.table.rows.len(), 3 * 3);
        let mean = |zone| zone_summaries(&results, 0, zone).unwrap()[UNCOVERED].mean;
        assert!((0..3).all(|zone| mean(zone) <= mean(1)), "made so");
        assert!(figure.note.starts_with("base: south stays short most"), "{}", figure.note);
        let [base, cold] = [0, 3].map(|row: usize| figure.table.rows[row].last().unwrap().clone());
        assert!(base.is_empty() && cold.starts_with('+') && cold.contains(" ± "), "{base} {cold}");
        assert!(figure.svg().contains(">north-south</text>"));
    }

    #[test]
    fn discs_do_not_touch_whatever_the_number_of_zones() {
        for (zones, scenarios) in [(1, 1), (2, 3), (3, 7), (5, 4), (8, 2), (12, 3)] {
            let mut results = with_scenarios(scenarios);
            let ids: Vec<String> = (0..zones).map(|zone| format!("zone-{zone}")).collect();
            results.header.zones = serde_json::from_value(ids.into()).unwrap();
            let report = Report { results: &results, language: Language::Ru };
            let map = Map::new(&report, 1.0);
            for (one, other) in (0..zones).flat_map(|one| (0..one).map(move |other| (one, other))) {
                let (one, other) = (map.place(scenarios - 1, one), map.place(scenarios - 1, other));
                let apart = (one.0 - other.0).hypot(one.1 - other.1);
                assert!(apart > 2.0 * RADIUS + 4.0, "{zones} zones: {apart}");
            }
        }
    }
}
