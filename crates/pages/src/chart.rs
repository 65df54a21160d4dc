//! The curve of a day, drawn as SVG: steps for what is planned, a thick line for what was metered, a line for now.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::frame::Frame;

/// One interval of the curve. Powers in MW.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// What is short before any cut.
    pub need_mw: f64,
    /// What is planned to be cut.
    pub planned_mw: f64,
    /// What was cut by the meters, once they have told.
    pub metered_mw: Option<f64>,
    /// What stays uncovered by the plan.
    pub uncovered_mw: f64,
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 52.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 12.0;
/// Where lines are named, below.
const LEGEND: f64 = 26.0;
/// Lines of the scale.
const LINES: u32 = 4;

struct Scale {
    from: i64,
    seconds: f64,
    top_mw: f64,
}

impl Scale {
    fn x(&self, at: DateTime<Utc>) -> f64 {
        LEFT + (WIDTH - LEFT - 8.0) * (at.timestamp() - self.from) as f64 / self.seconds
    }

    fn y(&self, mw: f64) -> f64 {
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - mw / self.top_mw)
    }
}

/// The next figure of 1, 2, 2.5, 5, 10 times a power of ten that leaves whole lines.
fn round_up(mw: f64) -> f64 {
    let power = 10_f64.powf(mw.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|top| *top >= mw).unwrap_or(10.0 * power)
}

/// The curve; nothing where there are no points. `label` is the sentence for those who do not see it.
#[must_use]
pub fn curve(points: &[Point], frame: &Frame, label: &str) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let highest =
        points.iter().flat_map(|point| [point.need_mw, point.planned_mw, point.metered_mw.unwrap_or(0.0)]);
    let scale = Scale {
        from: first.from.timestamp(),
        seconds: (last.to - first.from).num_seconds().max(1) as f64,
        top_mw: round_up(highest.fold(1.0, f64::max)),
    };
    let mut svg = String::new();
    // Writing to a text does not fail.
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\
         <defs><pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <path d=\"M0 0V7\" stroke=\"var(--normal)\" stroke-width=\"2\"/></pattern></defs>",
        escape(label)
    );
    grid(&mut svg, &scale, points, frame);
    let planned = steps(points, &scale, |point| Some(point.planned_mw), true);
    let need = steps(points, &scale, |point| Some(point.need_mw), false);
    let metered = steps(points, &scale, |point| point.metered_mw, false);
    let _ = write!(
        svg,
        "<path d=\"{planned}\" fill=\"url(#hatch)\" stroke=\"var(--normal)\"/>\
         <path d=\"{need}\" fill=\"none\" stroke=\"var(--text)\" stroke-width=\"2\" stroke-dasharray=\"7 4\"/>\
         <path d=\"{metered}\" fill=\"none\" stroke=\"var(--blue)\" stroke-width=\"4\"/>"
    );
    if first.from <= frame.now && frame.now < last.to {
        let x = scale.x(frame.now);
        let _ = write!(
            svg,
            "<path d=\"M{x:.1} {TOP}V{:.1}\" stroke=\"var(--text)\" stroke-width=\"2\"/>",
            HEIGHT - BOTTOM
        );
    }
    svg.push_str("</svg>");
    svg
}

/// One line of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Stands at its end.
    pub label: String,
    /// From an instant on that many MW; there is no line from where there is no figure.
    pub points: Vec<(DateTime<Utc>, Option<f64>)>,
}

/// How lines are told apart, by more than colour: the first is drawn through.
const DASHES: [&str; 5] = ["none", "9 4", "3 3", "14 4 3 4", "1 5"];

/// Lines in steps over one time, at most five. `label` is the sentence for those who do not see them.
#[must_use]
pub fn lines(all: &[Line], frame: &Frame, label: &str) -> String {
    let points = || all.iter().flat_map(|line| &line.points);
    let (Some(first), Some(last)) =
        (points().map(|point| point.0).min(), points().map(|point| point.0).max())
    else {
        return String::new();
    };
    let scale = Scale {
        from: first.timestamp(),
        seconds: (last - first).num_seconds().max(1) as f64,
        top_mw: round_up(points().filter_map(|point| point.1).fold(1.0, f64::max)),
    };
    let mut svg = String::new();
    // Writing to a text does not fail.
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{}\">",
        HEIGHT + LEGEND,
        escape(label)
    );
    levels(&mut svg, &scale, frame);
    hours(&mut svg, &scale, (first, last), frame);
    for (place, (line, dash)) in all.iter().zip(DASHES).enumerate() {
        let path = path_of(line, &scale);
        let (number, x, y) = (place + 1, LEFT + 160.0 * place as f64, HEIGHT + LEGEND - 9.0);
        let _ = write!(
            svg,
            "<path d=\"{path}M{x:.0} {:.0}h34\" fill=\"none\" stroke=\"var(--series-{number})\" stroke-width=\"3\" \
             stroke-dasharray=\"{dash}\"/><text x=\"{:.0}\" y=\"{y:.0}\">{}</text>",
            y - 4.5,
            x + 42.0,
            escape(&line.label)
        );
    }
    svg.push_str("</svg>");
    svg
}

fn path_of(line: &Line, scale: &Scale) -> String {
    let (mut path, mut pen_is_down) = (String::new(), false);
    for (at, mw) in &line.points {
        let x = scale.x(*at);
        if pen_is_down {
            let _ = write!(path, "H{x:.1}");
        }
        if let Some(mw) = mw {
            let y = scale.y(mw.max(0.0));
            let _ = if pen_is_down { write!(path, "V{y:.1}") } else { write!(path, "M{x:.1} {y:.1}") };
        }
        pen_is_down = mw.is_some();
    }
    path
}

/// Twelve hours at most stand below; or six days, where there is more than two.
fn hours(svg: &mut String, scale: &Scale, (from, to): (DateTime<Utc>, DateTime<Utc>), frame: &Frame) {
    let length = (to - from).num_hours();
    let is_long = length > 48;
    let step = chrono::TimeDelta::hours(length / if is_long { 6 } else { 12 } + 1);
    let mut at = from;
    while at < to {
        let (x, y) = (scale.x(at), HEIGHT - 8.0);
        let text = if is_long { frame.stamp(&at) } else { frame.hour(&at) };
        let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
        at += step;
    }
}

fn grid(svg: &mut String, scale: &Scale, points: &[Point], frame: &Frame) {
    levels(svg, scale, frame);
    let every = points.len().div_ceil(12).max(1);
    for point in points.iter().step_by(every) {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            scale.x(point.from),
            HEIGHT - 8.0,
            frame.hour(&point.from)
        );
    }
}

fn levels(svg: &mut String, scale: &Scale, frame: &Frame) {
    for line in 0..=LINES {
        let mw = scale.top_mw * f64::from(line) / f64::from(LINES);
        let y = scale.y(mw);
        let figure = crate::figures::number(mw, usize::from(scale.top_mw < 8.0), frame.language);
        let _ = write!(
            svg,
            "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"var(--line)\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{figure}</text>",
            WIDTH - 8.0,
            LEFT - 6.0,
            y + 4.5
        );
    }
}

/// A line in steps; where there is no figure it breaks off. A closed one goes down to nothing at both ends.
fn steps(points: &[Point], scale: &Scale, figure: impl Fn(&Point) -> Option<f64>, is_closed: bool) -> String {
    let (mut path, mut pen_is_down) = (String::new(), false);
    let floor = scale.y(0.0);
    for point in points {
        let Some(mw) = figure(point) else {
            pen_is_down = false;
            continue;
        };
        let (from, to, y) = (scale.x(point.from), scale.x(point.to), scale.y(mw.max(0.0)));
        if !pen_is_down {
            let start = if is_closed { floor } else { y };
            let _ = write!(path, "M{from:.1} {start:.1}");
            pen_is_down = true;
        }
        let _ = write!(path, "V{y:.1}H{to:.1}");
    }
    if is_closed && pen_is_down {
        let _ = write!(path, "V{floor:.1}Z");
    }
    path
}

/// A text inside of an attribute or element of SVG.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    fn points() -> Vec<Point> {
        let start: DateTime<Utc> = "2026-01-23T19:00:00Z".parse().unwrap();
        let hour = |t: i64| start + TimeDelta::hours(t);
        let point = |t: i64| Point {
            from: hour(t),
            to: hour(t + 1),
            need_mw: if (17..22).contains(&t) { 310.0 } else { 0.0 },
            planned_mw: if (17..22).contains(&t) { 300.0 } else { 0.0 },
            metered_mw: (t < 12).then_some(0.0),
            uncovered_mw: 0.0,
        };
        (0..24).map(point).collect()
    }

    #[test]
    fn a_scale_ends_on_a_round_figure() {
        let tops = [0.0, 1.0, 310.0, 400.0, 401.0, 99.0].map(round_up);
        assert_eq!(tops, [1.0, 1.0, 400.0, 400.0, 600.0, 100.0]);
    }

    #[test]
    fn the_curve_has_its_lines_its_hours_and_its_sentence() {
        let svg = curve(&points(), &frame(Language::En), "short <of> \"power\"");
        assert!(svg.contains("aria-label=\"short &lt;of> &quot;power&quot;\""), "{svg}");
        assert!(svg.contains(">400<") && svg.contains(">00:00<") && svg.contains(">22:00<"), "{svg}");
        assert_eq!(svg.matches("stroke-dasharray").count(), 1);
        assert_eq!(curve(&[], &frame(Language::En), ""), "");
    }

    #[test]
    fn of_several_lines_each_has_its_name_and_its_dash_and_gaps_stay_gaps() {
        let frame = frame(Language::Kk);
        let at = |hour: i64| frame.now + TimeDelta::hours(hour);
        let line = |label: &str, points: &[(i64, Option<f64>)]| Line {
            label: label.into(),
            points: points.iter().map(|(hour, mw)| (at(*hour), *mw)).collect(),
        };
        let gap = [(0, Some(10.0)), (1, None), (2, Some(5.0)), (3, Some(5.0))];
        let all = [line("<one>", &gap), line("two", &[(0, Some(0.0)), (3, Some(0.0))])];
        let svg = lines(&all, &frame, "sentence");
        assert!(svg.contains("&lt;one>") && svg.contains(">two<"), "{svg}");
        assert_eq!((svg.matches("9 4").count(), svg.matches("\"none\" stroke=").count()), (1, 2));
        let first = svg.split("<path d=\"").find(|part| part.contains("series-1")).unwrap();
        assert_eq!(
            first.split('"').next().unwrap().matches('M').count(),
            3,
            "two stretches and the name: {first}"
        );
        assert_eq!(lines(&[], &frame, ""), "");
    }

    #[test]
    fn a_line_breaks_off_where_no_meter_tells() {
        let mut points = points();
        points[3].metered_mw = None;
        let scale = Scale { from: points[0].from.timestamp(), seconds: 86_400.0, top_mw: 400.0 };
        let path = steps(&points, &scale, |point| point.metered_mw, false);
        assert_eq!(path.matches('M').count(), 2, "{path}");
    }
}
