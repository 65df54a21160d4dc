//! Numbers and times the way a language writes them. Files have the plain form; this is for eyes.

use chrono::{DateTime, Datelike as _, NaiveDate, Offset as _, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use kezek_model::registry::Language;
use kezek_model::units::Kw;

/// Narrow no-break space.
const THIN: char = '\u{202f}';
/// The sign of negative numbers.
const MINUS: &str = "\u{2212}";

/// A number with so many decimals: digits in threes, decimal comma in Kazakh and Russian.
#[must_use]
pub fn number(value: f64, decimals: usize, language: Language) -> String {
    let plain = format!("{value:.decimals$}");
    let is_zero = plain.chars().all(|digit| matches!(digit, '-' | '0' | '.'));
    digits(if is_zero { plain.trim_start_matches('-') } else { &plain }, language)
}

/// The digits of a number in its plain form, `-1234.5`, the way a language writes them.
#[must_use]
pub fn digits(plain: &str, language: Language) -> String {
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |plain| (MINUS, plain));
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    if !part.is_empty() {
        text.push(if language == Language::En { '.' } else { ',' });
        text.push_str(part);
    }
    text
}

/// Whether a text is a number in its plain form.
#[must_use]
pub fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    [whole, part]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// A power in MW, with one decimal.
#[must_use]
pub fn mw(power: Kw, language: Language) -> String {
    number(power.mw(), 1, language)
}

/// Puts figures into the places `{0}`, `{1}` ... of a text.
#[must_use]
pub fn fill(text: &str, figures: &[&str]) -> String {
    let places = figures.iter().enumerate();
    places.fold(text.to_owned(), |text, (place, figure)| text.replace(&format!("{{{place}}}"), figure))
}

/// The hour of a zone of time, `17:00`.
#[must_use]
pub fn hour(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// Day and month with the day of the week.
#[must_use]
pub fn day(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let (weekdays, months) = names(language);
    let weekday = weekdays[local.weekday().num_days_from_monday() as usize];
    format!("{weekday} {} {}", local.day(), months[local.month0() as usize])
}

/// A civil day with its year: `24 Jan 2026`, `24.01.2026`.
#[must_use]
pub fn date(date: NaiveDate, language: Language) -> String {
    let (_, months) = names(language);
    match language {
        Language::En => format!("{} {} {}", date.day(), months[date.month0() as usize], date.year()),
        Language::Ru | Language::Kk => {
            format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
        }
    }
}

/// A civil day of a season whose year is known: `24 Jan`.
#[must_use]
pub fn day_of_month(date: NaiveDate, language: Language) -> String {
    format!("{} {}", date.day(), names(language).1[date.month0() as usize])
}

/// Day and hour.
#[must_use]
pub fn stamp(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    format!("{} {}", day(at, zone, language), hour(at, zone))
}

/// How far a zone of time is from UTC at an instant, `UTC+05`.
#[must_use]
pub fn offset(at: DateTime<Utc>, zone: Tz) -> String {
    let seconds = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    let sign = if seconds < 0 { MINUS } else { "+" };
    let minutes = seconds.abs() / 60;
    match minutes % 60 {
        0 => format!("UTC{sign}{:02}", minutes / 60),
        rest => format!("UTC{sign}{:02}:{rest:02}", minutes / 60),
    }
}

type Names = (&'static [&'static str; 7], &'static [&'static str; 12]);

fn names(language: Language) -> Names {
    match language {
        Language::En => (
            &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
            &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        ),
        Language::Ru => (
            &["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
            &["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
        ),
        Language::Kk => (
            &["дс", "сс", "ср", "бс", "жм", "сб", "жс"],
            &["қаң", "ақп", "нау", "сәу", "мам", "мау", "шіл", "там", "қыр", "қаз", "қар", "жел"],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_the_way_of_the_language() {
        assert_eq!(number(1234.56, 1, Language::Ru), "1\u{202f}234,6");
        assert_eq!(number(1_234_567.0, 0, Language::En), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-0.04, 1, Language::En), "0.0", "no minus before nothing");
        assert_eq!(number(-2.0, 1, Language::Kk), "\u{2212}2,0");
        assert_eq!(mw(Kw(18_250), Language::En), "18.2");
    }

    #[test]
    fn a_plain_number_keeps_its_digits() {
        let texts = ["1234567.890", "-0.5", "60"];
        let written = texts.map(|text| digits(text, Language::Kk));
        assert_eq!(written, ["1\u{202f}234\u{202f}567,890", "\u{2212}0,5", "60"]);
        assert!(texts.into_iter().all(is_number));
        assert!(!["", "-", "1.", ".5", "1e3", "inf", "0x1", "1,5", "2026-01-24"].into_iter().any(is_number));
    }

    #[test]
    fn almaty_moved_its_clock_and_the_zone_says_so() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (before, after) = (at("2024-02-29T17:00:00Z"), at("2024-02-29T19:00:00Z"));
        let zone = chrono_tz::Asia::Almaty;
        assert_eq!((offset(before, zone), offset(after, zone)), ("UTC+06".into(), "UTC+05".into()));
        assert_eq!((hour(before, zone), hour(after, zone)), ("23:00".into(), "00:00".into()));
        assert_eq!(stamp(after, zone, Language::Ru), "пт 1 мар 00:00");
    }

    #[test]
    fn a_day_far_away_has_its_year() {
        let day = "2026-01-04".parse().unwrap();
        let written = [Language::En, Language::Ru, Language::Kk].map(|language| date(day, language));
        assert_eq!(written, ["4 Jan 2026", "04.01.2026", "04.01.2026"]);
        assert_eq!(day_of_month(day, Language::Kk), "4 қаң");
    }

    #[test]
    fn figures_go_to_their_places() {
        assert_eq!(fill("{1} of {0}", &["5", "2"]), "2 of 5");
    }
}
