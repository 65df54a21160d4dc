//! The colours of the house, and the widths of its letters.

use kezek_pages::fonts;
use std::sync::LazyLock;
use ttf_parser::Face;

/// What is drawn on.
pub(crate) const GROUND: &str = "#f2f2f2";
/// Letters.
pub(crate) const TEXT: &str = "#1f1f1f";
/// What is as usual.
pub(crate) const NORMAL: &str = "#6b6b6b";
/// Lines of scales.
pub(crate) const LINE: &str = "#b9b9b9";
/// Lines of several.
pub(crate) const SERIES: [&str; 5] = ["#0072b2", "#d55e00", "#e69f00", "#56b4e9", "#1f1f1f"];
/// How lines are told apart, by more than colour.
pub(crate) const DASHES: [&str; 5] = ["none", "9 4", "3 3", "14 4 3 4", "1 4"];

/// Ends of the ramp of heat maps, from nothing to the most.
const RAMP: [[f64; 3]; 2] = [[228.0, 228.0, 228.0], [0.0, 114.0, 178.0]];

fn mixed(share: f64) -> [f64; 3] {
    std::array::from_fn(|at| RAMP[0][at] + share.clamp(0.0, 1.0) * (RAMP[1][at] - RAMP[0][at]))
}

/// The colour of a share of the most.
pub(crate) fn ramp(share: f64) -> String {
    let [red, green, blue] = mixed(share).map(|part| part.round() as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The colour in which letters are read best on the ramp.
pub(crate) fn on_ramp(share: f64) -> &'static str {
    let light = contrast(luminance(mixed(share)), 1.0);
    let dark = contrast(luminance(mixed(share)), luminance([31.0; 3]));
    if light > dark { "#ffffff" } else { TEXT }
}

/// Of WCAG 2.
fn luminance(rgb: [f64; 3]) -> f64 {
    let linear = |part: f64| match part / 255.0 {
        small if small <= 0.040_45 => small / 12.92,
        part => ((part + 0.055) / 1.055).powf(2.4),
    };
    let [red, green, blue] = rgb.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(fonts::REGULAR, 0).ok());

/// How wide a text is at a size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let Some(face) = &*FACE else { return 0.6 * size * text.chars().count() as f64 };
    let glyph = |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph));
    let units: u32 = text.chars().map(|letter| u32::from(glyph(letter).unwrap_or(0))).sum();
    f64::from(units) * size / f64::from(face.units_per_em())
}

/// A text in lines of at most a width; a word that is longer has a line of its own.
pub(crate) fn lines(text: &str, size: f64, wide: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= wide => *line = format!("{line} {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Whether the letters of a text have shapes.
#[cfg(test)]
pub(crate) fn has_shapes(text: &str) -> bool {
    text.chars().all(|letter| FACE.as_ref().unwrap().glyph_index(letter).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_on_every_shade_of_the_ramp() {
        assert_eq!((ramp(0.0), ramp(1.0)), ("#e4e4e4".into(), SERIES[0].into()));
        assert_eq!((on_ramp(0.0), on_ramp(1.0)), (TEXT, "#ffffff"));
        for step in 0..=100 {
            let share = f64::from(step) / 100.0;
            let letters = if on_ramp(share) == TEXT { luminance([31.0; 3]) } else { 1.0 };
            assert!(contrast(luminance(mixed(share)), letters) > 4.0, "{share}");
        }
    }

    #[test]
    fn a_wider_text_is_wider_and_lines_are_not() {
        assert!(width("MW", 14.0) > width("il", 14.0) && width("il", 14.0) > 0.0);
        assert!((width("Қуат", 28.0) - 2.0 * width("Қуат", 14.0)).abs() < 1e-9);
        let lines = lines("one two three four", 10.0, width("one two", 10.0));
        assert_eq!(lines, ["one two", "three", "four"]);
    }
}
