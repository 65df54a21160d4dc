//! The figures of a report. Each is a function of the results, has a sentence that says what is seen, and a twin as a table.

mod burden;
mod cuts;
mod duration;
mod fan;
mod losses;
mod money;
mod waterfall;
mod zones;

use crate::Report;
use crate::draw::ink;
use crate::draw::key::{Entry, Sample, row};
use crate::draw::svg::{Anchor, Pen, Svg, WIDTH, escape};
use crate::facts;
use base64::Engine as _;
use kezek_pages::fonts;

/// A table: the first columns are words, the others figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Names of columns.
    pub head: Vec<String>,
    /// How many columns are words.
    pub words: usize,
    /// Rows, as wide.
    pub rows: Vec<Vec<String>>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Names its files.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What is seen, for those who have five seconds and those who do not see it.
    pub note: String,
    /// The same as figures.
    pub table: Table,
    foot: String,
    drawing: String,
    height: f64,
}

/// What the letters of figures are called in a document that brings them along.
const FAMILY: &str = "'Kezek Figures','DejaVu Sans Condensed','DejaVu Sans',sans-serif";
/// Above and below a figure that stands for itself.
const TITLE: f64 = 52.0;
const FOOT: f64 = 30.0;
/// From the top of plots up to their key, which may need two rows.
const KEYS: f64 = 72.0;
/// Series in one plot, the base among them; more come in plots of their own.
const SERIES: usize = 5;

/// All figures, in the order of a report.
#[must_use]
pub fn all(report: &Report<'_>) -> Vec<Figure> {
    let mut figures = plots(report);
    figures.push(map(report));
    figures
}

/// How much, when and who.
#[must_use]
pub fn plots(report: &Report<'_>) -> Vec<Figure> {
    let mut figures = vec![duration::figure(report)];
    figures.extend(cuts::figures(report));
    figures.extend([fan::figure(report), burden::figure(report)]);
    figures.extend(waterfall::figure(report));
    figures.push(losses::figure(report));
    figures
}

/// Where.
#[must_use]
pub fn map(report: &Report<'_>) -> Figure {
    zones::figure(report)
}

impl Figure {
    /// The drawing for a page that has said its title, and brings the letters.
    #[must_use]
    pub fn inline(&self) -> String {
        self.wrapped(0.0, self.height, "", &self.drawing)
    }

    /// A document of its own: with title, foot and letters.
    #[must_use]
    pub fn svg(&self) -> String {
        self.whole(&format!("<style>{}</style>", letters()))
    }

    /// The same for a painter that has the letters already.
    #[must_use]
    pub fn for_painter(&self) -> String {
        self.whole("")
    }

    fn whole(&self, style: &str) -> String {
        let mut around = Svg::default();
        around.text((16.0, 32.0 - TITLE), Anchor::Start, (20.0, ink::TEXT), &self.title);
        around.text((16.0, self.height + 14.0), Anchor::Start, (12.0, ink::NORMAL), &self.foot);
        let drawn = around.ended() + &self.drawing;
        self.wrapped(-TITLE, self.height + TITLE + FOOT, style, &drawn)
    }

    fn wrapped(&self, top: f64, height: f64, style: &str, drawn: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 {top:.0} {WIDTH} {height:.0}\" width=\"{WIDTH}\" \
             height=\"{height:.0}\" role=\"img\" aria-label=\"{}\" font-family=\"{FAMILY}\">{style}\
             <rect y=\"{top:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"{}\"/>{drawn}</svg>\n",
            escape(&self.note),
            ink::GROUND
        )
    }
}

/// The rule of style that brings the letters along.
#[must_use]
pub fn letters() -> String {
    let font = base64::prelude::BASE64_STANDARD.encode(fonts::REGULAR);
    format!("@font-face{{font-family:'Kezek Figures';src:url(data:font/ttf;base64,{font})}}")
}

/// What a figure is made of.
struct Made {
    name: String,
    title: String,
    note: String,
    table: Table,
    svg: Svg,
    height: f64,
}

impl Made {
    fn figure(self, report: &Report<'_>) -> Figure {
        let Self { name, title, note, table, svg, height } = self;
        Figure { name, title, note, table, foot: facts::foot(report), drawing: svg.ended(), height }
    }
}

/// Positions of the scenarios.
fn scenarios(report: &Report<'_>) -> std::ops::Range<usize> {
    0..report.results.header.scenarios.len()
}

/// Scenarios that share a plot: the base stands in each, so that every line has what it is compared with.
fn groups(report: &Report<'_>) -> Vec<Vec<usize>> {
    let others: Vec<usize> = scenarios(report).skip(1).collect();
    if others.is_empty() {
        return vec![vec![0]];
    }
    others.chunks(SERIES - 1).map(|some| [&[0], some].concat()).collect()
}

/// A key to the lines of scenarios, above the heading of their plots. There is no corner that every line leaves empty.
fn line_keys(svg: &mut Svg, report: &Report<'_>, (left, top): (f64, f64), some: &[usize]) {
    let entry = |(place, &own): (usize, &usize)| (Sample::Line(Pen::series(place)), facts::name(report, own));
    let entries: Vec<Entry<'_>> = some.iter().enumerate().map(entry).collect();
    row(svg, left, top - KEYS, &entries);
}

/// Some days of the season that fit below a plot, with their dates.
fn day_marks(report: &Report<'_>, most: usize) -> Vec<(f64, String)> {
    let header = &report.results.header;
    let every = header.days.div_ceil(most).max(1);
    let date = |day: usize| header.first_day + chrono::TimeDelta::days(day as i64);
    let mark = |day| (day as f64, kezek_pages::figures::day_of_month(date(day), report.language));
    (0..header.days).step_by(every).map(mark).collect()
}

/// The date of a day of the season.
fn date(report: &Report<'_>, day: usize) -> String {
    let first = report.results.header.first_day;
    kezek_pages::figures::date(first + chrono::TimeDelta::days(day as i64), report.language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::made::{results, with_scenarios};

    #[test]
    fn every_figure_has_its_title_its_sentence_and_its_table_in_every_language() {
        let results = results();
        for language in [Language::Kk, Language::Ru, Language::En] {
            let figures = all(&Report { results: &results, language });
            let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
            let expected = [
                "duration",
                "cuts-base",
                "cuts-cold",
                "cuts-tight",
                "fan",
                "burden",
                "cost",
                "losses",
                "zones",
            ];
            assert_eq!(names, expected);
            for figure in &figures {
                let svg = figure.svg();
                assert!(svg.contains(&escape(&figure.title)) && svg.contains(&escape(&figure.note)));
                let is_filled =
                    |text: &str| !text.contains("{0}") && !text.contains("NaN") && !text.contains("inf");
                assert!(is_filled(&figure.note) && is_filled(&svg), "{}", figure.note);
                let wide = figure.table.head.len();
                assert!(!figure.table.rows.is_empty());
                assert!(figure.table.rows.iter().all(|row| row.len() == wide), "{}", figure.name);
            }
        }
    }

    #[test]
    fn a_drawing_is_well_formed_and_stays_in_its_frame() {
        let (results, painter) = (with_scenarios(7), crate::png::Painter::new());
        let figures = |language| all(&Report { results: &results, language });
        for figure in [Language::Kk, Language::Ru, Language::En].into_iter().flat_map(figures) {
            let tree = resvg::usvg::Tree::from_str(&figure.svg(), &painter.options).unwrap();
            let (inside, frame) = (tree.root().abs_bounding_box(), tree.size());
            assert!(
                inside.left() >= -0.5 && inside.right() <= frame.width() + 0.5,
                "{}: {inside:?}",
                figure.name
            );
            assert!(
                inside.top() >= -0.5 && inside.bottom() <= frame.height() + 0.5,
                "{}: {inside:?}",
                figure.name
            );
        }
    }

    #[test]
    fn no_plot_has_more_than_five_lines_and_the_base_is_in_each() {
        let groups_of = |count| {
            let results = with_scenarios(count);
            groups(&Report { results: &results, language: Language::En })
        };
        assert_eq!(groups_of(1), [[0]]);
        assert_eq!(groups_of(5), [[0, 1, 2, 3, 4]]);
        assert_eq!(groups_of(7), [vec![0, 1, 2, 3, 4], vec![0, 5, 6]]);
    }

    #[test]
    fn a_study_without_scenarios_and_without_shortage_is_drawn_too() {
        let mut results = with_scenarios(1);
        for own in results.lived.values_mut() {
            own.days.iter_mut().flatten().for_each(|value| *value = 0);
            for curve in [&mut own.need_curve_kw, &mut own.uncovered_curve_kw, &mut own.cut_kwh] {
                curve.fill(0);
            }
            own.cut_by_span_kwh.iter_mut().flatten().for_each(|value| *value = 0);
        }
        let figures = all(&Report { results: &results, language: Language::En });
        assert!(figures.iter().all(|figure| figure.name != "cost"), "nothing to compare");
        assert!(figures.iter().all(|figure| !figure.svg().contains("NaN")));
    }
}
