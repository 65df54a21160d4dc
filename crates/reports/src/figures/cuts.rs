//! Who was cut when: facilities down, days or weeks across.

use super::{Figure, Made, Table, date, scenarios};
use crate::Report;
use crate::draw::ink::{self, width};
use crate::draw::svg::{Anchor, SMALL, Svg, WIDTH};
use crate::facts::name;
use crate::season::draws;
use crate::words::FigureWords;
use kezek_pages::figures::{day_of_month, fill, number};

const ROW: f64 = 21.0;
const TOP: f64 = 58.0;
const CELL: f64 = 12.0;
/// For the sum of the season, at the right.
const SUM: f64 = 74.0;
/// Steps of the ramp in the key.
const STEPS: usize = 6;

/// Mean MWh by facility and span.
type Cuts = Vec<Vec<f64>>;

/// A figure for every scenario, all on one ramp.
pub(super) fn figures(report: &Report<'_>) -> Vec<Figure> {
    let all: Vec<Cuts> = scenarios(report).map(|scenario| means(report, scenario)).collect();
    let most = all.iter().flatten().flatten().copied().fold(0.0, f64::max);
    all.iter().enumerate().map(|(scenario, cuts)| figure(report, scenario, cuts, most)).collect()
}

fn means(report: &Report<'_>, scenario: usize) -> Cuts {
    let header = &report.results.header;
    let spans = header.days.div_ceil(header.span_days.max(1));
    let mut sums = vec![vec![0_i64; spans]; header.facilities.len()];
    for (_, own) in report.results.of(scenario) {
        for (sums, own) in sums.iter_mut().zip(&own.cut_by_span_kwh) {
            sums.iter_mut().zip(own).for_each(|(sum, kwh)| *sum += kwh);
        }
    }
    let draws = report.results.of(scenario).count().max(1) as f64;
    let mean = |kwh: i64| kwh as f64 / 1000.0 / draws;
    sums.into_iter().map(|row| row.into_iter().map(mean).collect()).collect()
}

fn figure(report: &Report<'_>, scenario: usize, cuts: &Cuts, most: f64) -> Figure {
    let w = FigureWords::of(report.language);
    let matrix = Matrix::new(report, cuts, most);
    let mut svg = Svg::default();
    let meaning = if report.results.header.span_days == 1 { w.cuts_day } else { w.cuts_week };
    svg.text((16.0, 16.0), Anchor::Start, (SMALL, ink::TEXT), meaning);
    matrix.head(&mut svg);
    for facility in 0..cuts.len() {
        matrix.row(&mut svg, facility);
    }
    matrix.key(&mut svg);
    Made {
        name: format!("cuts-{}", file_name(&report.results.header.scenarios[scenario].0)),
        title: format!("{}: {}", w.cuts, name(report, scenario)),
        note: note(report, scenario, cuts),
        table: table(report, cuts),
        svg,
        height: TOP + ROW * cuts.len() as f64 + 42.0,
    }
    .figure(report)
}

/// A name that any file system takes.
fn file_name(scenario: &str) -> String {
    scenario.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}

struct Matrix<'m> {
    report: &'m Report<'m>,
    cuts: &'m Cuts,
    most: f64,
    left: f64,
    cell: f64,
    decimals: usize,
}

impl<'m> Matrix<'m> {
    fn new(report: &'m Report<'m>, cuts: &'m Cuts, most: f64) -> Self {
        let header = &report.results.header;
        let longest = header.facilities.iter().map(|own| width(own.id.as_str(), SMALL)).fold(0.0, f64::max);
        let (left, spans) = (longest.min(240.0) + 28.0, cuts.first().map_or(1, Vec::len).max(1));
        let decimals = usize::from(most < 10.0);
        Self { report, cuts, most, left, cell: (WIDTH - left - SUM) / spans as f64, decimals }
    }

    fn x(&self, span: usize) -> f64 {
        self.left + self.cell * span as f64
    }

    fn head(&self, svg: &mut Svg) {
        let header = &self.report.results.header;
        let day = |span: usize| header.first_day + chrono::TimeDelta::days((span * header.span_days) as i64);
        let text = |span| day_of_month(day(span), self.report.language);
        let spans = self.cuts.first().map_or(0, Vec::len);
        let widest = (0..spans).map(|span| width(&text(span), CELL)).fold(1.0, f64::max) + 8.0;
        for span in (0..spans).step_by((widest / self.cell).ceil().max(1.0) as usize) {
            svg.text((self.x(span) + 2.0, TOP - 8.0), Anchor::Start, (CELL, ink::TEXT), &text(span));
        }
        let season = FigureWords::of(self.report.language).season;
        svg.text((WIDTH - 12.0, TOP - 8.0), Anchor::End, (CELL, ink::TEXT), season);
    }

    fn row(&self, svg: &mut Svg, facility: usize) {
        let (own, cuts) = (&self.report.results.header.facilities[facility], &self.cuts[facility]);
        let (top, letters) = (TOP + ROW * facility as f64, TOP + ROW * facility as f64 + 15.0);
        svg.text((self.left - 10.0, letters), Anchor::End, (SMALL, ink::TEXT), own.id.as_str());
        for (span, &mwh) in cuts.iter().enumerate().filter(|(_, mwh)| **mwh > 0.0) {
            let share = mwh / self.most;
            let size = (self.cell - 1.0, ROW - 1.0);
            svg.rect((self.x(span), top), size, &ink::ramp(share));
            let figure = self.number(mwh);
            if width(&figure, CELL) + 4.0 <= self.cell
                && figure.chars().any(|digit| matches!(digit, '1'..='9'))
            {
                let middle = self.x(span) + size.0 / 2.0;
                svg.text((middle, letters - 0.5), Anchor::Middle, (CELL, ink::on_ramp(share)), &figure);
            }
        }
        let sum = self.number(cuts.iter().sum());
        svg.text((WIDTH - 12.0, letters), Anchor::End, (SMALL, ink::TEXT), &sum);
    }

    fn key(&self, svg: &mut Svg) {
        let y = TOP + ROW * self.cuts.len() as f64 + 12.0;
        for step in 0..STEPS {
            let share = step as f64 / (STEPS - 1) as f64;
            let x = self.left + 62.0 * step as f64;
            svg.rect((x, y), (61.0, ROW - 1.0), &ink::ramp(share));
            let figure = self.number(share * self.most);
            svg.text((x + 30.0, y + 14.5), Anchor::Middle, (CELL, ink::on_ramp(share)), &figure);
        }
    }

    fn number(&self, mwh: f64) -> String {
        number(mwh, self.decimals, self.report.language)
    }
}

fn note(report: &Report<'_>, scenario: usize, cuts: &Cuts) -> String {
    let sums = cuts.iter().map(|own| own.iter().sum::<f64>()).enumerate();
    let most = sums.reduce(|most, next| if next.1 > most.1 { next } else { most }).unwrap_or((0, 0.0));
    let facility = report.results.header.facilities.get(most.0).map_or("", |own| own.id.as_str());
    let figures = [
        &name(report, scenario),
        facility,
        &number(most.1, 1, report.language),
        &draws(report.results).to_string(),
    ];
    fill(FigureWords::of(report.language).cuts_note, &figures)
}

fn table(report: &Report<'_>, cuts: &Cuts) -> Table {
    let (w, header) = (FigureWords::of(report.language), &report.results.header);
    let spans = cuts.first().map_or(0, Vec::len);
    let dates = (0..spans).map(|span| date(report, span * header.span_days));
    let head = [w.facility, w.zone].map(str::to_owned).into_iter().chain(dates).chain([w.season.to_owned()]);
    let row = |(facility, own): (usize, &Vec<f64>)| {
        let named = &header.facilities[facility];
        let figures = own.iter().copied().chain([own.iter().sum()]);
        let figures = figures.map(|mwh| number(mwh, 1, report.language));
        [named.id.to_string(), named.zone.to_string()].into_iter().chain(figures).collect()
    };
    Table { head: head.collect(), words: 2, rows: cuts.iter().enumerate().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::results;

    #[test]
    fn a_cell_is_the_mean_of_the_draws_and_nothing_is_blank() {
        let mut results = results();
        for (draw, own) in results.lived.values_mut().enumerate() {
            own.cut_by_span_kwh[0].fill(0);
            own.cut_by_span_kwh[0][1] = if draw % 6 == 0 { 4000 } else { 0 };
        }
        let report = Report { results: &results, language: Language::En };
        let cuts = means(&report, 0);
        assert!((cuts[0][1] - 2.0).abs() < 1e-9 && cuts[0][0] == 0.0, "{:?}", cuts[0]);
        let matrix = Matrix::new(&report, &cuts, 4.0);
        let mut svg = Svg::default();
        matrix.row(&mut svg, 0);
        let svg = svg.ended();
        assert_eq!(
            (svg.matches("<rect").count(), svg.matches(">2.0<").count()),
            (1, 2),
            "cell and sum: {svg}"
        );
    }
}
