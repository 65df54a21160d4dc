//! What lines and areas stand for.

use super::ink;
use super::svg::{Anchor, Pen, SMALL, Svg, WIDTH, through};

/// A sample.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sample<'a> {
    /// A line.
    Line(Pen<'a>),
    /// An area.
    Area(&'a str, f64),
}

const LENGTH: f64 = 34.0;
const GAP: f64 = 8.0;
const HEIGHT: f64 = 20.0;
/// Between two in a row.
const APART: f64 = 26.0;

/// An entry of a key.
pub(crate) type Entry<'a> = (Sample<'a>, String);

/// Entries beside each other, on as many rows as they need; returns how high they are.
pub(crate) fn row(svg: &mut Svg, left: f64, top: f64, entries: &[Entry<'_>]) -> f64 {
    let (mut x, mut y) = (left, top);
    for entry in entries {
        let wide = LENGTH + GAP + ink::width(&entry.1, SMALL);
        if x > left && x + wide > WIDTH - 8.0 {
            (x, y) = (left, y + HEIGHT);
        }
        drawn(svg, (x, y + HEIGHT / 2.0), entry);
        x += wide + APART;
    }
    y + HEIGHT - top
}

fn drawn(svg: &mut Svg, (x, y): (f64, f64), (sample, name): &Entry<'_>) {
    match *sample {
        Sample::Line(pen) => svg.line(&through([(x, y), (x + LENGTH, y)]), pen),
        Sample::Area(ink, opacity) => {
            let (above, below, right) = (y - 6.0, y + 6.0, x + LENGTH);
            svg.area(
                &(through([(x, above), (right, above), (right, below), (x, below)]) + "Z"),
                ink,
                opacity,
            );
        }
    }
    svg.text((x + LENGTH + GAP, y + 4.5), Anchor::Start, (SMALL, ink::TEXT), name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_full_goes_on_below() {
        let entry = |name: &str| (Sample::Area("#000", 0.2), name.repeat(30));
        let (mut one, mut many) = (Svg::default(), Svg::default());
        assert_eq!(row(&mut one, 50.0, 0.0, &[entry("a")]), HEIGHT);
        assert_eq!(
            row(&mut many, 50.0, 0.0, &[entry("a"), entry("b"), entry("c"), entry("d")]),
            2.0 * HEIGHT
        );
    }
}
