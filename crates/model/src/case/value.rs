//! Numbers, times and names as people spell them, and what is wrong with a spelling.

use super::names::{nearest, suggestion};
use crate::units::Kw;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// What should stand there, said to a person.
pub(super) type Expected = String;

/// The numbers that make sense somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    least: f64,
    most: f64,
    what: &'static str,
}

impl Bounds {
    pub(super) const fn new(least: f64, most: f64, what: &'static str) -> Self {
        Self { least, most, what }
    }

    /// The number, when it is finite and within the bounds.
    pub(super) fn accept(self, number: f64) -> Result<f64, Expected> {
        if !number.is_finite() {
            return Err(format!("{}, a finite number", self.what));
        }
        // Adding zero turns -0 into 0, so that both mean the same case.
        let within = number >= self.least && number <= self.most;
        if within { Ok(number + 0.0) } else { Err(self.what.to_owned()) }
    }
}

pub(super) const POWER: Bounds = Bounds::new(0.0, 1e6, "MW from 0 to 1000000");
pub(super) const SIGNED_POWER: Bounds = Bounds::new(-1e6, 1e6, "MW from -1000000 to 1000000");
pub(super) const ENERGY: Bounds = Bounds::new(0.0, 1e12, "MWh, zero or more");
pub(super) const OFFER: Bounds = Bounds::new(0.0, 1e6, "MWh from 0 to 1000000");
pub(super) const MONEY: Bounds = Bounds::new(0.0, 1e12, "money, zero or more");
pub(super) const HOURS: Bounds = Bounds::new(0.0, 1e6, "hours, zero or more");
pub(super) const MINUTES: Bounds = Bounds::new(0.0, 1e7, "whole minutes from 0 to 10000000");
pub(super) const COUNT: Bounds = Bounds::new(0.0, 1e6, "a whole number from 0 to 1000000");
pub(super) const PROBABILITY: Bounds = Bounds::new(0.0, 1.0, "a probability from 0 to 1");

/// A finite number with a decimal point.
pub(super) fn number(text: &str, bounds: Bounds) -> Result<f64, Expected> {
    let spelt = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E'));
    let expected = || Err(format!("{}{}", bounds.what, spelling_hint(text)));
    match text.parse::<f64>() {
        Ok(number) if spelt || !number.is_finite() => bounds.accept(number),
        _ => expected(),
    }
}

fn spelling_hint(text: &str) -> String {
    let digits = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'+');
    if text.matches(',').count() == 1 && digits(&text.replace(',', "")) {
        return format!(" with a decimal point, not a decimal comma: write {}", text.replace(',', "."));
    }
    let closed: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
    if closed != text && closed.parse::<f64>().is_ok() {
        return format!(", the digits not grouped: write {closed}");
    }
    ", written as a number with a decimal point and no unit".to_owned()
}

/// Power of a facility: at most three decimals, so that it is whole kW.
pub(super) fn kw(text: &str, bounds: Bounds) -> Result<Kw, Expected> {
    let mw = number(text, bounds)?;
    let fine = || format!("{}, at most three decimals (whole kW): round it", bounds.what);
    Kw::from_mw(mw).filter(|kw| kw.mw() == mw).ok_or_else(fine)
}

/// Energy, a price or an amount of money that is added up: its millionths, at most six decimals.
pub(super) fn millionths(text: &str, bounds: Bounds) -> Result<i64, Expected> {
    number(text, bounds)?;
    exact_millionths(text).ok_or_else(|| format!("{}, at most six decimals: round it", bounds.what))
}

/// The millionths that the digits say, without a detour by floats.
fn exact_millionths(text: &str) -> Option<i64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = format!("{whole}{fraction}0").parse().ok()?;
    if digits == 0 {
        return Some(0);
    }
    let shift = exponent.parse::<i64>().ok()?.checked_add(5 - i64::try_from(fraction.len()).ok()?)?;
    let scale = 10_i128.checked_pow(u32::try_from(shift.unsigned_abs()).ok()?)?;
    let millionths = match shift {
        0.. => digits.checked_mul(scale)?,
        _ if digits % scale == 0 => digits / scale,
        _ => return None,
    };
    i64::try_from(millionths).ok()
}

/// A whole number.
pub(super) fn whole(text: &str, bounds: Bounds) -> Result<i64, Expected> {
    number(text, bounds).and_then(|number| whole_of(number, bounds))
}

/// A number that is whole; the bounds keep it far inside of what fits.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn whole_of(number: f64, bounds: Bounds) -> Result<i64, Expected> {
    if number.fract() == 0.0 { Ok(number as i64) } else { Err(bounds.what.to_owned()) }
}

/// `true`, `false`.
pub(super) fn truth(text: &str) -> Result<bool, Expected> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("`true` or `false` in small letters, or a blank cell for false".to_owned()),
    }
}

/// A civil date.
pub(super) fn date(text: &str) -> Result<NaiveDate, Expected> {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let expected = || "a civil date of the calendar as YYYY-MM-DD, for example 2027-12-31".to_owned();
    parsed.filter(|date| text.len() == 10 && date.to_string() == text).ok_or_else(expected)
}

/// An instant with offset.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, Expected> {
    let example = "for example 2022-01-24T00:00:00+06:00 or 2022-01-23T18:00:00Z";
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    if is_naive(text) {
        return Err(format!(
            "an RFC 3339 instant with its offset, {example}: without offset nobody knows when that is"
        ));
    }
    Err(format!("an RFC 3339 instant with seconds and offset, {example}"))
}

fn is_naive(text: &str) -> bool {
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    forms.iter().any(|form| NaiveDateTime::parse_from_str(text, form).is_ok())
}

/// A time zone of the IANA data base.
pub(super) fn time_zone(text: &str) -> Result<Tz, Expected> {
    text.parse().map_err(|_| {
        let near = suggestion(nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())));
        format!("a time zone of the IANA data base, for example Asia/Almaty{near}")
    })
}

/// A name by which other files refer to something.
pub(super) fn name(text: &str) -> Result<&str, Expected> {
    let plain = text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if plain { Ok(text) } else { Err("a name of at most 200 letters on one line".to_owned()) }
}

/// A text as it stands in a message: in quotation marks, shortened.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// The beginning of a text, so that messages stay readable.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_whatever_their_spelling() {
        for text in ["1", "1.0", "1.000", "+1", "1e0", "0.1E1", "01"] {
            assert_eq!(kw(text, POWER), Ok(Kw(1000)), "{text}");
        }
        assert!(number("-0", POWER).unwrap().is_sign_positive());
    }

    #[test]
    fn hints_say_how_to_write_it() {
        assert!(number("12,5", POWER).unwrap_err().contains("write 12.5"));
        assert!(number("1\u{a0}250", POWER).unwrap_err().contains("write 1250"));
        assert!(number("NaN", POWER).unwrap_err().contains("finite"));
        assert!(number("-inf", SIGNED_POWER).unwrap_err().contains("finite"));
        assert!(number("1e999", POWER).unwrap_err().contains("finite"));
        assert!(number("12 MW", POWER).unwrap_err().contains("no unit"));
        assert!(number("0x10", POWER).is_err());
    }

    #[test]
    fn a_fraction_of_a_kw_is_refused_however_small() {
        assert!(kw("1.2345", POWER).unwrap_err().contains("three decimals"));
        assert!(kw("1.0000000001", POWER).is_err());
        for thousandths in (0..1_000_000_000).step_by(999_983) {
            let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            assert_eq!(kw(&text, POWER), Ok(Kw(thousandths)), "{text}");
        }
    }

    #[test]
    fn millionths_are_what_the_digits_say() {
        let exactly = [
            ("12", 12_000_000),
            ("0.1", 100_000),
            (".5", 500_000),
            ("+1.", 1_000_000),
            ("1.2345670000000000000000", 1_234_567),
            ("1e-6", 1),
            ("0.00012E2", 12_000),
            ("-0", 0),
            ("0e999", 0),
            ("999999999999.999999", 999_999_999_999_999_999),
        ];
        for (text, expected) in exactly {
            assert_eq!(millionths(text, MONEY), Ok(expected), "{text}");
        }
        for text in ["0.0000001", "1e-7", "1.23456789", "1e-400"] {
            assert!(millionths(text, MONEY).unwrap_err().contains("six decimals"), "{text}");
        }
        for text in ["-1", "1e13", "1,5", "", "."] {
            assert!(millionths(text, MONEY).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_need_an_offset() {
        assert_eq!(instant("2022-01-24T00:00:00+06:00"), instant("2022-01-23T18:00:00Z"));
        assert!(instant("2022-01-24T00:00:00").unwrap_err().contains("without offset"));
        assert!(instant("2022-01-24 00:00").unwrap_err().contains("without offset"));
        assert!(instant("24.01.2022 00:00").unwrap_err().contains("RFC 3339"));
    }

    #[test]
    fn zones_and_dates_are_real_ones() {
        assert!(time_zone("Asia/Almati").unwrap_err().contains("did you mean `Asia/Almaty`?"));
        assert!(date("2022-02-30").is_err());
        assert!(date("2022-2-3").is_err());
        assert!(date("+262142-12-31").is_err());
    }
}
