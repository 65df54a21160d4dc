//! SVG text.

use super::ink;
use std::fmt::Write as _;

/// Units of all drawings from left to right.
pub(crate) const WIDTH: f64 = 960.0;
/// Of letters on axes and in tables.
pub(crate) const SMALL: f64 = 13.0;
/// Of headings of panels.
pub(crate) const MEDIUM: f64 = 14.0;

/// Where a text hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What a line is drawn with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen<'a> {
    pub(crate) ink: &'a str,
    pub(crate) width: f64,
    pub(crate) dash: &'a str,
}

impl Pen<'static> {
    /// The line of one of several.
    pub(crate) fn series(place: usize) -> Self {
        let place = place % ink::SERIES.len();
        Self { ink: ink::SERIES[place], width: 2.5, dash: ink::DASHES[place] }
    }

    /// Drawn through.
    pub(crate) fn plain(ink: &'static str, width: f64) -> Self {
        Self { ink, width, dash: "none" }
    }
}

/// A drawing under way.
#[derive(Debug, Default)]
pub(crate) struct Svg(String);

// Writing to a text does not fail.
impl Svg {
    /// What was drawn.
    pub(crate) fn ended(self) -> String {
        self.0
    }

    pub(crate) fn line(&mut self, path: &str, pen: Pen<'_>) {
        let Pen { ink, width, dash } = pen;
        let _ = write!(
            self.0,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\" stroke-dasharray=\"{dash}\" \
             stroke-linejoin=\"round\"/>"
        );
    }

    pub(crate) fn area(&mut self, path: &str, ink: &str, opacity: f64) {
        let _ = write!(self.0, "<path d=\"{path}\" fill=\"{ink}\" fill-opacity=\"{opacity}\"/>");
    }

    pub(crate) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), ink: &str) {
        let _ = write!(
            self.0,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{ink}\"/>"
        );
    }

    /// A disc, filled and edged.
    pub(crate) fn disc(&mut self, (x, y): (f64, f64), radius: f64, (ink, edge): (&str, &str)) {
        let _ = write!(
            self.0,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{ink}\" stroke=\"{edge}\" stroke-width=\"1.5\"/>"
        );
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, (size, ink): (f64, &str), text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = write!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\"{anchor} font-size=\"{size}\" fill=\"{ink}\">{}</text>",
            escape(text)
        );
    }

    /// Small letters in the middle of a place, with no line running through them.
    pub(crate) fn grounded(&mut self, (x, y): (f64, f64), text: &str) {
        let wide = ink::width(text, SMALL) + 6.0;
        self.rect((x - wide / 2.0, y - SMALL + 1.0), (wide, SMALL + 2.0), ink::GROUND);
        self.text((x, y), Anchor::Middle, (SMALL, ink::TEXT), text);
    }

    /// Lines of text, each below the other.
    pub(crate) fn lines(&mut self, (x, y): (f64, f64), anchor: Anchor, style: (f64, &str), lines: &[String]) {
        for (place, line) in lines.iter().enumerate() {
            self.text((x, y + place as f64 * style.0 * 1.25), anchor, style, line);
        }
    }
}

/// A text inside of an attribute or element of SVG.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A line through points.
pub(crate) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
    }
    path
}

/// The area between two lines.
pub(crate) fn between(
    lower: impl IntoIterator<Item = (f64, f64)>,
    upper: impl IntoIterator<Item = (f64, f64), IntoIter: DoubleEndedIterator>,
) -> String {
    through(lower.into_iter().chain(upper.into_iter().rev())) + "Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_call_things_is_text_and_no_markup() {
        let mut svg = Svg::default();
        svg.text((1.0, 2.0), Anchor::End, (13.0, ink::TEXT), "<b> & \"c\"");
        let svg = svg.ended();
        assert!(svg.contains(">&lt;b&gt; &amp; &quot;c&quot;</text>") && svg.contains("\"end\""), "{svg}");
    }

    #[test]
    fn an_area_goes_there_and_back() {
        let path = between([(0.0, 1.0), (2.0, 1.0)], [(0.0, 0.0), (2.0, 0.5)]);
        assert_eq!(path, "M0.0 1.0L2.0 1.0L2.0 0.5L0.0 0.0Z");
    }
}
