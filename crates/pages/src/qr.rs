//! A square code that says which order a paper or a page is about: to be held against what the control room has.

use chrono::{DateTime, Utc};
use kezek_model::order::{Order, OrderKind, Segment};
use qrcode::{Color, EcLevel, QrCode};

/// Blank squares around the code, as its standard asks for.
const QUIET: usize = 4;

/// Levels that a code of paper size holds; how many more there are is told.
const MOST_LEVELS: usize = 4;

/// A code of dark squares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Squares along a side, the blank ones included.
    pub side: usize,
    /// The dark squares as a path of SVG.
    pub path: String,
}

/// What the code of an order says, so that it can be read out on the phone: number and sequence, window, levels in MW with
/// their times (UTC, ends exclusive), and the SHA-256 of its signed bytes, which begins with the check mark.
#[must_use]
pub fn of_order(order: &Order, digest: &str) -> String {
    let time = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%MZ");
    let number = format!("KEZEK {} SEQ {}\n", order.order_no, order.sequence);
    let recalled = order.supersedes.as_ref().filter(|_| order.kind == OrderKind::Recall);
    let recalled = recalled.map_or_else(String::new, |number| format!("RECALLS {number}\n"));
    let window = format!("{}/{}\n", time(order.window_from), time(order.window_to));
    let level = |own: &Segment| format!("{:.3} MW {}/{}\n", own.limit.mw(), time(own.from), time(own.to));
    let levels: String = order.segments.iter().take(MOST_LEVELS).map(level).collect();
    let more = order.segments.len().saturating_sub(MOST_LEVELS);
    let more = if more > 0 { format!("+{more}\n") } else { String::new() };
    format!("{number}{recalled}{window}{levels}{more}SHA-256 {digest}")
}

/// The code of a text; none where the text is too long for one.
#[must_use]
pub fn code(text: &str) -> Option<Code> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, mut path) = (code.width(), String::new());
    for (place, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        path += &format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET);
    }
    Some(Code { side: width + 2 * QUIET, path })
}

impl Code {
    /// The code as a file of its own, dark on white.
    #[must_use]
    pub fn svg(&self) -> String {
        let Self { side, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{side}\" \
             height=\"{side}\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
             <path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_blank_edge() {
        let code = code(&"9c1e".repeat(16)).unwrap();
        let dark = |x: usize, y: usize| code.path.contains(&format!("M{x} {y}h"));
        let last = code.side - QUIET - 1;
        for (x, y) in [(QUIET, QUIET), (last, QUIET), (QUIET, last)] {
            assert!(dark(x, y), "{x} {y}");
        }
        assert!(
            (0..code.side).all(|place| !dark(place, 0) && !dark(0, place) && !dark(place, code.side - 1))
        );
        assert!(code.svg().contains("viewBox=\"0 0 "));
    }

    #[test]
    fn another_text_is_another_code_and_too_long_is_none() {
        assert_ne!(code("1").unwrap(), code("2").unwrap());
        assert_eq!(code(&"x".repeat(5_000)), None);
    }
}
