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
        was: "suspended {0} to {1} by {2}: {3}", "была приостановлена с {0} до {1}, {2}: {3}", "{0} – {1} тоқтатылған болатын, {2}: {3}";
        ended: "let hold again by {0}: {1}", "возобновлена, {0}: {1}", "қайта жандандырған {0}: {1}";
        times: "suspended before: {0}", "ранее приостановок: {0}", "бұрынғы тоқтатулар: {0}";
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

/// A suspension that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastSuspended {
    /// As it was.
    pub suspended: Suspended,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Who ended it.
    pub ended_by: String,
    /// Why.
    pub reason: String,
}

impl PastSuspended {
    /// Who suspended it and why, then who ended that and why.
    #[must_use]
    pub fn says(&self, frame: &Frame) -> [String; 2] {
        let (w, Suspended { by, reason, since }) = (LicenceWords::of(frame.language), &self.suspended);
        let was = fill(w.was, &[&frame.instant(since), &frame.instant(&self.until), by, reason]);
        [was, fill(w.ended, &[&self.ended_by, &self.reason])]
    }
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
    /// Those that have ended, in order of time.
    pub past: Vec<PastSuspended>,
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

    /// Half a year back and a year ahead: filled while it is valid, crossed out while it is or was suspended, a line for
    /// today.
    #[must_use]
    pub fn strip(&self, frame: &Frame) -> String {
        let w = LicenceWords::of(frame.language);
        let today = today(frame);
        let first = today - TimeDelta::days(DAYS_BEFORE);
        let place = |date: NaiveDate| (date - first).num_days().clamp(0, WIDTH);
        let from = self.from.map_or(0, place);
        let to = self.to.and_then(|to| to.succ_opt()).map_or(WIDTH, place);
        let before = (!self.past.is_empty()).then(|| fill(w.times, &[&self.past.len().to_string()]));
        let words = [Some(self.stand(frame)), Some(self.days(frame)), before];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
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
        let day = |at: DateTime<Utc>| place(at.with_timezone(&frame.zone).date_naive());
        for past in self.past.iter().filter(|past| day(past.until) > 0) {
            svg += &crossed(day(past.suspended.since), day(past.until), "normal");
        }
        if let Some(suspended) = &self.suspended {
            svg += &crossed(day(suspended.since), DAYS_BEFORE, "red");
        }
        let _ =
            write!(svg, "<path d=\"M{DAYS_BEFORE} 0V40\" stroke=\"var(--text)\" stroke-width=\"5\"/></svg>");
        svg
    }
}

/// Wide enough to be seen.
fn crossed(since: i64, until: i64, colour: &str) -> String {
    let until = until.max(since + 8);
    format!(
        "<path d=\"M{since} 2H{until}V38H{since}Z\" fill=\"var(--panel)\" stroke=\"var(--{colour})\" stroke-width=\"4\"/>\
         <path d=\"M{since} 2L{until} 38M{since} 38L{until} 2\" stroke=\"var(--{colour})\" stroke-width=\"3\"/>"
    )
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
        Licence { number, holder, from: day("2025-03-01"), to: day("2026-02-28"), ..Licence::default() }
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

    #[test]
    fn a_suspension_that_has_ended_stays_on_the_strip_in_grey_and_in_words() {
        let frame = frame(Language::En);
        let ago = |days| frame.now - TimeDelta::days(days);
        let past = |since, until| PastSuspended {
            suspended: Suspended { by: "D".into(), reason: "<order 7>".into(), since: ago(since) },
            until: ago(until),
            ended_by: "E".into(),
            reason: "paid".into(),
        };
        let licence = Licence { past: vec![past(400, 390), past(60, 30), past(20, 20)], ..licence() };
        let svg = licence.strip(&frame);
        assert!(svg.contains("M120 2H150V38") && svg.contains("M160 2H168V38"), "{svg}");
        assert_eq!(svg.matches("V38H").count(), 2, "what is too old is not drawn");
        assert!(svg.contains("suspended before: 3") && !svg.contains("red"), "{svg}");
        let said = licence.past[0].says(&frame);
        assert_eq!(
            said,
            ["suspended 20 Dec 2024 12:41 to 30 Dec 2024 12:41 by D: <order 7>", "let hold again by E: paid"]
        );
    }
}
