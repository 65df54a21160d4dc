//! A licence in time: since when, until when, and whether it is suspended; drawn and in words.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of a licence.
    LicenceWords {
        holds: "holds", "действует", "күшінде";
        begins: "not yet valid", "ещё не действует", "әлі күшіне енбеген";
        over: "expired", "истекла", "мерзімі өткен";
        suspended: "SUSPENDED since {0}", "ПРИОСТАНОВЛЕНА с {0}", "{0} бастап ТОҚТАТЫЛҒАН";
        unbounded: "no days are given", "сроки не указаны", "мерзімі көрсетілмеген";
        from: "from {0}", "с {0}", "{0} бастап";
        until: "until {0} inclusive", "по {0} включительно", "{0} қоса алғанда дейін";
        line: "Licence {0}: {1}", "Лицензия {0}: {1}", "{0} лицензиясы: {1}";
    }
}

/// Who has suspended a licence, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A licence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licence {
    /// Its number.
    pub number: String,
    /// Whose, where the registry says so.
    pub holder: String,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day, inclusive.
    pub to: Option<NaiveDate>,
    /// The suspension that lasts.
    pub suspended: Option<Suspended>,
}

const DAYS_BEFORE: i64 = 180;
const DAYS_AFTER: i64 = 360;
const WIDTH: i64 = DAYS_BEFORE + DAYS_AFTER;

impl Licence {
    /// Whether it allows to draw power on the day of the page.
    #[must_use]
    pub fn holds(&self, frame: &Frame) -> bool {
        let today = today(frame);
        let has_begun = self.from.is_none_or(|from| from <= today);
        has_begun && self.to.is_none_or(|to| today <= to) && self.suspended.is_none()
    }

    /// How it stands, in a few words.
    #[must_use]
    pub fn stand(&self, frame: &Frame) -> String {
        let (w, today) = (LicenceWords::of(frame.language), today(frame));
        match (&self.suspended, self.from, self.to) {
            (Some(suspended), ..) => fill(w.suspended, &[&frame.stamp(&suspended.since)]),
            (None, Some(from), _) if today < from => w.begins.into(),
            (None, _, Some(to)) if to < today => w.over.into(),
            _ => w.holds.into(),
        }
    }

    /// Its days in words.
    #[must_use]
    pub fn days(&self, frame: &Frame) -> String {
        let w = LicenceWords::of(frame.language);
        let day = |text: &str, date: &NaiveDate| fill(text, &[&frame.date(date)]);
        match (&self.from, &self.to) {
            (None, None) => w.unbounded.into(),
            (Some(from), None) => day(w.from, from),
            (None, Some(to)) => day(w.until, to),
            (Some(from), Some(to)) => format!("{} {}", day(w.from, from), day(w.until, to)),
        }
    }

    /// Its days in figures.
    #[must_use]
    pub fn dates(&self, frame: &Frame) -> String {
        let date = |date: &Option<NaiveDate>| date.map_or_else(|| "…".into(), |date| frame.date(&date));
        format!("{}\u{2013}{}", date(&self.from), date(&self.to))
    }

    /// Half a year back and a year ahead: filled while it is valid, crossed out while it is suspended, a line for today.
    #[must_use]
    pub fn strip(&self, frame: &Frame) -> String {
        let w = LicenceWords::of(frame.language);
        let today = today(frame);
        let first = today - TimeDelta::days(DAYS_BEFORE);
        let place = |date: NaiveDate| (date - first).num_days().clamp(0, WIDTH);
        let from = self.from.map_or(0, place);
        let to = self.to.and_then(|to| to.succ_opt()).map_or(WIDTH, place);
        let words = format!("{}, {}", self.stand(frame), self.days(frame));
        let label = fill(w.line, &[&self.number, &words]);
        let mut svg = String::new();
        // Writing to a text does not fail.
        let _ = write!(
            svg,
            "<svg class=\"strip\" viewBox=\"0 0 {WIDTH} 40\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
             <path d=\"M0 20H{WIDTH}\" stroke=\"var(--line)\" stroke-width=\"4\"/>\
             <path d=\"M{from} 8H{}V32H{from}Z\" fill=\"var(--normal)\"/>",
            crate::chart::escape(&label),
            to.max(from),
        );
        if let Some(suspended) = &self.suspended {
            let since = place(suspended.since.with_timezone(&frame.zone).date_naive());
            let now = DAYS_BEFORE.max(since + 8);
            let _ = write!(
                svg,
                "<path d=\"M{since} 2H{now}V38H{since}Z\" fill=\"var(--panel)\" stroke=\"var(--red)\" stroke-width=\"4\"/>\
                 <path d=\"M{since} 2L{now} 38M{since} 38L{now} 2\" stroke=\"var(--red)\" stroke-width=\"3\"/>"
            );
        }
        let _ =
            write!(svg, "<path d=\"M{DAYS_BEFORE} 0V40\" stroke=\"var(--text)\" stroke-width=\"5\"/></svg>");
        svg
    }
}

fn today(frame: &Frame) -> NaiveDate {
    frame.now.with_timezone(&frame.zone).date_naive()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    /// A licence of two years.
    pub(crate) fn licence() -> Licence {
        let day = |text: &str| Some(text.parse().unwrap());
        let (number, holder) = ("KZ-<17>".into(), "Example LLP".into());
        Licence { number, holder, from: day("2025-03-01"), to: day("2026-02-28"), suspended: None }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(LicenceWords::TABLE, &[]);
    }

    #[test]
    fn a_licence_is_told_by_its_days_and_by_its_suspension() {
        let frame = frame(Language::Ru);
        let mut licence = licence();
        assert_eq!((licence.stand(&frame).as_str(), licence.holds(&frame)), ("действует", true));
        assert_eq!(licence.days(&frame), "с 01.03.2025 по 28.02.2026 включительно");
        assert_eq!(licence.dates(&frame), "01.03.2025–28.02.2026");
        licence.to = Some("2026-01-23".parse().unwrap());
        assert_eq!((licence.stand(&frame).as_str(), licence.holds(&frame)), ("истекла", false));
        licence.to = Some("2026-01-24".parse().unwrap());
        assert!(licence.holds(&frame), "the last day is inclusive");
        licence.from = Some("2026-01-25".parse().unwrap());
        assert_eq!(licence.stand(&frame), "ещё не действует");
        licence.suspended = Some(Suspended { by: "D".into(), reason: "order 7".into(), since: frame.now });
        assert!(licence.stand(&frame).starts_with("ПРИОСТАНОВЛЕНА с сб 24 янв 12:41"));
    }

    #[test]
    fn the_strip_says_what_it_shows_and_today_lies_on_it() {
        let frame = frame(Language::En);
        let mut licence = licence();
        let svg = licence.strip(&frame);
        assert!(svg.contains("M180 0V40") && svg.contains("M0 8H216V32"), "{svg}");
        assert!(svg.contains("KZ-&lt;17>") && !svg.contains("<17>") && !svg.contains("red"), "{svg}");
        licence.suspended =
            Some(Suspended { by: "D".into(), reason: "x".into(), since: frame.now - TimeDelta::days(10) });
        let svg = licence.strip(&frame);
        assert!(svg.contains("M170 2H180V38") && svg.contains("SUSPENDED since Wed 14 Jan"), "{svg}");
    }
}
