//! A plot with its axes: a heading that names what goes up, with its unit, and marks below.

use super::ink;
use super::scale::Scale;
use super::svg::{Anchor, MEDIUM, Pen, SMALL, Svg, between, through};
use kezek_pages::Language;
use kezek_pages::figures::number;

/// Values across and up.
type Values<'v> = &'v [(f64, f64)];

/// Where a plot stands, and what it shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panel {
    /// Its left and upper corner, without the figures of its scale.
    pub(crate) corner: (f64, f64),
    /// Its width and height.
    pub(crate) size: (f64, f64),
    /// Where the way across ends; it begins at nothing.
    pub(crate) across: f64,
    /// The way up.
    pub(crate) up: Scale,
}

impl Panel {
    /// Where a value across stands.
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.corner.0 + self.size.0 * value / self.across
    }

    /// Where a value up stands.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.corner.1 + self.size.1 * (1.0 - value / self.up.top)
    }

    /// The lower edge.
    pub(crate) fn floor(&self) -> f64 {
        self.corner.1 + self.size.1
    }

    /// Lines of the scale with their figures, and the heading.
    pub(crate) fn levels(&self, svg: &mut Svg, heading: &str, language: Language) {
        let right = self.corner.0 + self.size.0;
        for value in self.up.lines() {
            let y = self.y(value);
            svg.line(&through([(self.corner.0, y), (right, y)]), Pen::plain(ink::LINE, 1.0));
            let figure = number(value, self.up.decimals(), language);
            svg.text((self.corner.0 - 7.0, y + 4.5), Anchor::End, (SMALL, ink::TEXT), &figure);
        }
        svg.text((self.corner.0, self.corner.1 - 10.0), Anchor::Start, (MEDIUM, ink::TEXT), heading);
    }

    /// Marks below, and what they are.
    pub(crate) fn marks(&self, svg: &mut Svg, marks: &[(f64, String)], meaning: &str) {
        for (value, text) in marks {
            let x = self.x(*value);
            let (above, below) = (self.floor(), self.floor() + 5.0);
            svg.line(&through([(x, above), (x, below)]), Pen::plain(ink::NORMAL, 1.0));
            svg.text((x, below + 13.0), Anchor::Middle, (SMALL, ink::TEXT), text);
        }
        let middle = self.corner.0 + self.size.0 / 2.0;
        svg.text((middle, self.floor() + 36.0), Anchor::Middle, (SMALL, ink::TEXT), meaning);
    }

    /// A line through values.
    pub(crate) fn line(&self, svg: &mut Svg, values: Values<'_>, pen: Pen<'_>) {
        svg.line(&through(values.iter().map(|own| self.place(own))), pen);
    }

    /// What lies between two lines.
    pub(crate) fn band(
        &self,
        svg: &mut Svg,
        (lower, upper): (Values<'_>, Values<'_>),
        ink: &str,
        opacity: f64,
    ) {
        let place = |own: &(f64, f64)| self.place(own);
        svg.area(&between(lower.iter().map(place), upper.iter().map(place)), ink, opacity);
    }

    fn place(&self, (across, up): &(f64, f64)) -> (f64, f64) {
        (self.x(*across), self.y(*up))
    }
}

/// Values of days as steps: each holds from its day to the next.
pub(crate) fn steps(values: impl IntoIterator<Item = f64>) -> Vec<(f64, f64)> {
    let ends = |(day, value)| [(day as f64, value), (day as f64 + 1.0, value)];
    values.into_iter().enumerate().flat_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_scale_says() {
        let panel = Panel { corner: (50.0, 10.0), size: (100.0, 40.0), across: 10.0, up: Scale::to(8.0) };
        assert_eq!((panel.x(5.0), panel.y(0.0), panel.y(8.0), panel.floor()), (100.0, 50.0, 10.0, 50.0));
        assert_eq!(steps([3.0, 4.0]), [(0.0, 3.0), (1.0, 3.0), (1.0, 4.0), (2.0, 4.0)]);
    }

    #[test]
    fn levels_say_their_figures_the_way_of_the_language() {
        let panel = Panel { corner: (50.0, 10.0), size: (100.0, 40.0), across: 1.0, up: Scale::to(12.0) };
        let mut svg = Svg::default();
        panel.levels(&mut svg, "МВт", Language::Kk);
        let svg = svg.ended();
        assert!(svg.contains(">2,5<") && svg.contains(">12,5<") && svg.contains(">МВт<"), "{svg}");
    }
}
