//! What the house says in English, said in the language of a page.
//!
//! Planner, engine and server write one language: the reasons in a `plan.json`, warnings, refusals, what a check finds.
//! Tables here hold every such sentence as a pattern (`kezek_model::phrase`) in three languages side by side. A sentence
//! that no pattern fits, from a plan that others wrote or out of a library, is shown as it is, and marked as English.

mod deliveries;
mod findings;
mod judging;
mod promises;
mod reasons;
mod refusals;
mod requests;
mod warnings;

use std::cell::Cell;

use askama::filters::{Escaper as _, Html};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_model::phrase::{Kind, fill, read};
use kezek_model::registry::Language;

use crate::figures::{digits, is_number, stamp};
use crate::frame::Frame;
use crate::plans::short;

/// A pattern in English, Russian, Kazakh.
type Row = [&'static str; 3];

/// Makes a table of patterns.
macro_rules! rows {
    ($(#[$meta:meta])* $name:ident { $($en:expr, $ru:literal, $kk:literal;)* }) => {
        $(#[$meta])*
        pub(super) const $name: &[super::Row] = &[$([$en, $ru, $kk],)*];
    };
}
use rows;

/// Patterns of whole sentences. The first that fits is taken.
const SENTENCES: [&[Row]; 8] = [
    reasons::SENTENCES,
    refusals::SENTENCES,
    promises::SENTENCES,
    warnings::SENTENCES,
    findings::SENTENCES,
    deliveries::SENTENCES,
    requests::SENTENCES,
    judging::SENTENCES,
];

/// Patterns of what stands inside of sentences only: alone they would fit too much.
const PARTS: [&[Row]; 5] =
    [refusals::PARTS, findings::PARTS, requests::PARTS, judging::PARTS, promises::PARTS];

/// Bytes beyond which nothing is looked at.
const LONGEST: usize = 4_000;
/// Parts that are looked at for one sentence, so that none written in bad faith takes for ever.
const MOST_TRIES: u32 = 20_000;
/// Sentences within sentences.
const DEEPEST: u32 = 12;

/// A sentence of the house in another language, its times on the clock of a zone; none where no pattern fits.
#[must_use]
pub fn known(english: &str, language: Language, zone: Tz) -> Option<String> {
    if english.len() > LONGEST {
        return None;
    }
    Reader { language, zone, tries: Cell::new(MOST_TRIES) }.one_of(&SENTENCES, english, 0)
}

impl Frame {
    /// A sentence of the house as HTML: in the language of the page, or as it is and marked as English.
    #[must_use]
    pub fn said(&self, english: &str) -> String {
        let known = known(english, self.language, self.zone);
        let is_foreign = known.is_none() && self.language != Language::En;
        let (open, close) = if is_foreign { ("<span lang=\"en\">", "</span>") } else { ("", "") };
        let mut html = String::from(open);
        // Writing into a text cannot fail.
        let _ = Html.write_escaped_str(&mut html, known.as_deref().unwrap_or(english));
        html + close
    }

    /// The same as plain text, where it stands inside of other words.
    #[must_use]
    pub fn told(&self, english: &str) -> String {
        known(english, self.language, self.zone).unwrap_or_else(|| english.to_owned())
    }
}

/// Reads one sentence.
struct Reader {
    language: Language,
    zone: Tz,
    tries: Cell<u32>,
}

impl Reader {
    fn one_of(&self, tables: &[&[Row]], english: &str, depth: u32) -> Option<String> {
        let column = match self.language {
            Language::En => 0,
            Language::Ru => 1,
            Language::Kk => 2,
        };
        tables.iter().copied().flatten().find_map(|row| {
            let parts = read(row[0], english, &|kind, part| self.part(kind, part, depth + 1))?;
            let of =
                |place: &str| parts.iter().find(|(known, _)| *known == place).map_or("", |(_, part)| part);
            Some(fill(row[column], of))
        })
    }

    fn number(&self, part: &str) -> Option<String> {
        is_number(part).then(|| digits(part, self.language))
    }

    fn part(&self, kind: Kind, part: &str, depth: u32) -> Option<String> {
        self.tries.set(self.tries.get().checked_sub(1)?);
        let inner = || {
            let tables = [&SENTENCES[..], &PARTS[..]];
            tables.into_iter().filter(|_| depth < DEEPEST).find_map(|tables| self.one_of(tables, part, depth))
        };
        match kind {
            Kind::Words => Some(words(part)),
            Kind::Number => self.number(part),
            Kind::Instant => Some(stamp(part.parse::<DateTime<Utc>>().ok()?, self.zone, self.language)),
            Kind::Sentence => inner(),
            Kind::Either => inner().or_else(|| self.number(part)).or_else(|| Some(words(part))),
        }
    }
}

/// Words as they are; a digest as people call it.
fn words(part: &str) -> String {
    let is_digest = part.len() == 64 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_digest { short(part).to_owned() } else { part.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use std::collections::BTreeSet;

    fn plain(english: &str, language: Language) -> Option<String> {
        known(english, language, chrono_tz::Asia::Almaty)
    }

    fn all() -> impl Iterator<Item = &'static Row> {
        SENTENCES.iter().chain(&PARTS).copied().flatten()
    }

    /// The places of a pattern, in no order.
    fn places(pattern: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        fill(pattern, |place| {
            found.insert(place);
            ""
        });
        found
    }

    #[test]
    fn every_pattern_is_translated_with_all_its_places() {
        for [en, ru, kk] in all() {
            assert!(en != ru && en != kk, "{en}");
            assert_eq!([places(ru), places(kk)], [places(en), places(en)], "{en}");
            let cyrillic = |text: &str| text.chars().any(|letter| ('а'..='я').contains(&letter));
            assert!(!cyrillic(en) && cyrillic(ru) && cyrillic(kk), "{en}");
        }
    }

    #[test]
    fn no_pattern_stands_twice() {
        let mut seen = BTreeSet::new();
        all().for_each(|row| assert!(seen.insert(row[0]), "{}", row[0]));
    }

    #[test]
    fn every_reason_of_a_plan_is_there() {
        let known: BTreeSet<&str> = all().map(|row| row[0]).collect();
        let missing: Vec<_> = kezek_model::reason::ALL.iter().filter(|one| !known.contains(*one)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_sentence_is_said_with_its_parts_in_the_language_of_the_page() {
        let text =
            "without it zone South is short of 1234.500 MW; deeper because it moves in blocks of 6.000 MW";
        let said = |language| plain(text, language).unwrap();
        assert_eq!(
            said(Language::Ru),
            "без него зоне South не хватит 1\u{202f}234,500 МВт; глубже, потому что он снижается блоками по 6,000 МВт"
        );
        assert_eq!(
            said(Language::Kk),
            "онсыз South аймағына 1\u{202f}234,500 МВт жетпейді; тереңірек, себебі ол 6,000 МВт блоктармен кемітіледі"
        );
        assert_eq!(said(Language::En), text.replace("1234", "1\u{202f}234"));
    }

    #[test]
    fn times_are_those_of_the_clock_of_the_page() {
        let text = "approving this plan was possible until 2026-01-24 12:00:00 UTC";
        assert_eq!(
            plain(text, Language::En).unwrap(),
            "approving this plan was possible until Sat 24 Jan 17:00"
        );
    }

    #[test]
    fn a_digest_is_said_as_people_call_it() {
        let text = format!("no plan {} has been proposed; propose it first", "0123456789abcdef".repeat(4));
        assert_eq!(plain(&text, Language::Ru).unwrap(), "план 01234567 не подавался; сначала подайте его");
    }

    #[test]
    fn a_sentence_that_nobody_here_wrote_is_shown_as_it_is_and_marked() {
        let frame = frame(Language::Kk);
        assert_eq!(frame.said("the <pump> broke"), "<span lang=\"en\">the &#60;pump&#62; broke</span>");
        assert_eq!(frame.told("the pump broke"), "the pump broke");
        assert_eq!(frame.said("protected: never cut"), "қорғалған: ешқашан кемітілмейді");
        assert_eq!(plain("F1 18.0 MW", Language::Kk), None, "a part alone is no sentence");
    }

    #[test]
    fn a_sentence_in_bad_faith_takes_no_longer_than_others() {
        let began = std::time::Instant::now();
        for piece in [": ", "; expected ", ": found ", ": already known, nothing changes", " MW, ", " of "] {
            let text = format!("refused: promise S5: {}", piece.repeat(LONGEST / piece.len() / 2));
            assert!(plain(&text, Language::Ru).is_none_or(|said| said.len() < 4 * LONGEST));
        }
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
