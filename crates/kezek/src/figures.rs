//! Numbers as people read them.

/// One decimal, thousands apart: `45 801.9`.
pub(crate) fn one(value: f64) -> String {
    with_decimals(value, 1)
}

/// Two decimals, for money: `45 801 903.88`.
pub(crate) fn money(value: f64) -> String {
    with_decimals(value, 2)
}

/// One decimal with its sign: `+12.0`, `-3.5`, `0.0`.
pub(crate) fn change(value: f64, decimals: usize) -> String {
    let text = with_decimals(value, decimals);
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value > 0.0 && !zero { format!("+{text}") } else { text }
}

/// A share as percent with one decimal.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A number and what is counted: `1 facility`, `3 facilities`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A figure with decimals, thousands apart, never `-0.0`.
pub(crate) fn with_decimals(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !zero { "-" } else { "" };
    format!("{sign}{}{rest}", in_threes(whole))
}

fn in_threes(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(money(45_801_903.88), "45 801 903.88");
        assert_eq!(one(999.94), "999.9");
        assert_eq!(one(999.96), "1 000.0");
        assert_eq!(one(-1_802.0), "-1 802.0");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(one(-0.04), "0.0");
        assert_eq!(change(0.04, 1), "0.0");
        assert_eq!(change(2.0, 1), "+2.0");
        assert_eq!(change(-2.0, 1), "-2.0");
    }
}
