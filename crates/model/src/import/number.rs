//! Numbers as people write them: decimal comma, groups of thousands.

/// How numbers are written in a table.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    pub(super) decimal: char,
    pub(super) thousands: Vec<char>,
}

/// More digits than this have no exact place in a double.
const MAX_DIGITS: usize = 15;

impl Spelling {
    /// The number, or nothing where the text is not one number in exactly this spelling. Groups of thousands must
    /// have three digits, or a decimal sign taken for a separator of thousands would pass as a larger number.
    pub(super) fn parse(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let (sign, text) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (-1.0, rest),
            None => (1.0, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match text.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let whole = self.without_groups(whole)?;
        let fraction = fraction.unwrap_or("0");
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || fraction.is_empty()
            || whole.len() > MAX_DIGITS
            || !digits(&whole)
            || !digits(fraction)
        {
            return None;
        }
        format!("{whole}.{fraction}").parse::<f64>().ok().map(|number| sign * number)
    }

    fn without_groups(&self, whole: &str) -> Option<String> {
        let groups: Vec<&str> = whole.split(self.thousands.as_slice()).collect();
        let (first, rest) = groups.split_first()?;
        let grouped = !rest.is_empty();
        if grouped && (first.is_empty() || first.len() > 3 || rest.iter().any(|group| group.len() != 3)) {
            return None;
        }
        Some(groups.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn office_spelling() {
        let spelling = Spelling { decimal: ',', thousands: vec![' ', '\u{a0}'] };
        for (text, expected) in [
            ("1 234,5", Some(1234.5)),
            ("1\u{a0}234\u{a0}567", Some(1_234_567.0)),
            ("\u{2212}0,25", Some(-0.25)),
            ("+7", Some(7.0)),
            (" 12 ", Some(12.0)),
            ("1234,5", Some(1234.5)),
            ("1.5", None),
            ("1 23", None),
            ("1234 567", None),
            ("1,2,3", None),
            ("1,", None),
            (",5", None),
            ("1e3", None),
            ("NaN", None),
            ("--1", None),
            ("", None),
            ("9999999999999999", None),
        ] {
            assert_eq!(spelling.parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_decimal_point_never_passes_as_thousands() {
        let spelling = Spelling { decimal: ',', thousands: vec!['.'] };
        assert_eq!(spelling.parse("1.234,5"), Some(1234.5));
        assert_eq!(spelling.parse("1.5"), None);
    }
}
