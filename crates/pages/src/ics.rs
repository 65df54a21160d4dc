//! Orders as a file for a calendar (RFC 5545).

use chrono::{DateTime, Utc};

/// The longest line, in octets, its end apart.
const LINE: usize = 75;

/// Which version of an entry: the number only ever goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Of the order that made it.
    pub number: u64,
    /// When that one was issued.
    pub at: DateTime<Utc>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The same for ever.
    pub uid: String,
    /// Which version.
    pub revision: Revision,
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// The title.
    pub summary: String,
    /// What else there is to say.
    pub description: String,
    /// Whether it holds no more.
    pub is_cancelled: bool,
}

/// A file with these entries.
#[must_use]
pub fn calendar(entries: &[Entry]) -> String {
    let mut text = String::new();
    let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kezek//Orders//EN", "CALSCALE:GREGORIAN"];
    head.iter().for_each(|head| line(&mut text, head));
    entries.iter().for_each(|one| entry(&mut text, one));
    line(&mut text, "END:VCALENDAR");
    text
}

fn entry(text: &mut String, one: &Entry) {
    let status = if one.is_cancelled { "CANCELLED" } else { "CONFIRMED" };
    line(text, "BEGIN:VEVENT");
    line(text, &format!("UID:{}", escaped(&one.uid)));
    line(text, &format!("DTSTAMP:{}", instant(one.revision.at)));
    line(text, &format!("SEQUENCE:{}", one.revision.number));
    line(text, &format!("DTSTART:{}", instant(one.from)));
    line(text, &format!("DTEND:{}", instant(one.to)));
    line(text, &format!("SUMMARY:{}", escaped(&one.summary)));
    line(text, &format!("DESCRIPTION:{}", escaped(&one.description)));
    line(text, &format!("STATUS:{status}"));
    line(text, "END:VEVENT");
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            // Anything else of that kind would end the line or break the file.
            _ if letter.is_control() => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// A line, folded where it is too long, but never inside a letter.
fn line(text: &mut String, content: &str) {
    let mut octets = 0;
    for letter in content.chars() {
        if octets + letter.len_utf8() > LINE {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(letter);
        octets += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(summary: &str) -> Entry {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        Entry {
            uid: "2026-0124-S022-v5-1@kz-test".into(),
            revision: Revision { number: 7, at: at("2026-01-24T07:20:00Z") },
            from: at("2026-01-24T12:00:00Z"),
            to: at("2026-01-24T17:10:00Z"),
            summary: summary.into(),
            description: "№ 5".into(),
            is_cancelled: false,
        }
    }

    #[test]
    fn an_entry_is_written_as_the_standard_says() {
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kezek//Orders//EN\r\nCALSCALE:GREGORIAN\r\n\
                        BEGIN:VEVENT\r\nUID:2026-0124-S022-v5-1@kz-test\r\nDTSTAMP:20260124T072000Z\r\nSEQUENCE:7\r\n\
                        DTSTART:20260124T120000Z\r\nDTEND:20260124T171000Z\r\nSUMMARY:CUT\\, 2 MW\r\n\
                        DESCRIPTION:№ 5\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(calendar(&[one("CUT, 2 MW")]), expected);
        let cancelled = Entry { is_cancelled: true, ..one("x") };
        assert!(calendar(&[cancelled]).contains("\r\nSTATUS:CANCELLED\r\n"));
    }

    #[test]
    fn long_lines_are_folded_between_letters_and_unfold_to_what_they_were() {
        for length in 60..160 {
            for letters in ["а", "x", "қ2", "😀"] {
                let summary: String = letters.chars().cycle().take(length).collect();
                let file = calendar(&[one(&summary)]);
                assert!(file.split("\r\n").all(|line| line.len() <= LINE), "{file}");
                let unfolded = file.replace("\r\n ", "");
                assert!(unfolded.contains(&format!("\r\nSUMMARY:{summary}\r\n")), "{file}");
            }
        }
    }

    #[test]
    fn nothing_in_a_text_becomes_a_line_of_its_own() {
        let file = calendar(&[one("a\r\nBEGIN:VEVENT;b\\c\u{0}")]);
        assert!(file.contains("\r\nSUMMARY:a\\nBEGIN:VEVENT\\;b\\\\c\r\n"), "{file}");
        assert_eq!(file.matches("\r\nBEGIN:VEVENT").count(), 1);
    }
}
