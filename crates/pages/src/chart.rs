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

fn grid(svg: &mut String, scale: &Scale, points: &[Point], frame: &Frame) {
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
    fn a_line_breaks_off_where_no_meter_tells() {
        let mut points = points();
        points[3].metered_mw = None;
        let scale = Scale { from: points[0].from.timestamp(), seconds: 86_400.0, top_mw: 400.0 };
        let path = steps(&points, &scale, |point| point.metered_mw, false);
        assert_eq!(path.matches('M').count(), 2, "{path}");
    }
}
