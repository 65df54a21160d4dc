//! What a person of a facility reads of an order that has not arrived: a short message and an e-mail, in the language of
//! the contact, with the local time of the facility.
//!
//! Neither is the order. Both carry its number and a check mark of its signed bytes, which the control room reads out
//! over the telephone, for anybody can write such a message.

mod words;

use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use chrono_tz::Tz;
use kezek_model::canonical::CanonicalError;
use kezek_model::order::{Order, OrderKind, Priority, Segment};
use kezek_model::registry::Language;
use kezek_model::units::Kw;

use words::Words;

/// Longest short message, in parts that a gateway bills and a network may lose: details are left out beyond it.
const MOST_PARTS: usize = 5;

/// A moment in a short message; the year stands in the number of the order.
const SHORT: &str = "%d.%m %H:%M";
/// A moment in an e-mail.
const LONG: &str = "%d.%m.%Y %H:%M";

/// The texts of one order for one reader.
pub(crate) struct Notice<'a> {
    order: &'a Order,
    zone: Tz,
    words: &'static Words,
    language: Language,
    check_mark: String,
}

impl<'a> Notice<'a> {
    pub(crate) fn new(order: &'a Order, zone: Tz, language: Language) -> Result<Self, CanonicalError> {
        Ok(Self { order, zone, words: words::of(language), language, check_mark: order.check_mark()? })
    }

    /// As much as fits into a few parts; what must be done, when, and whom to call always does.
    pub(crate) fn short(&self) -> String {
        let most = self.order.segments.len().max(1);
        let texts = (1..=most).rev().map(|steps| self.short_with(steps));
        let mut last = String::new();
        for text in texts {
            if parts(&text) <= MOST_PARTS {
                return text;
            }
            last = text;
        }
        last
    }

    fn short_with(&self, steps: usize) -> String {
        let words = self.words;
        let parts = [
            format!("KEZEK {}:", self.order.order_no),
            self.warning().to_owned(),
            self.what(steps, SHORT),
            fill(words.zone, &[&self.zone_name()]),
            fill(words.confirm_by, &[&self.moment(self.order.ack_by, SHORT)]),
            fill(words.call, &[&self.order.notice.contact.phone]),
            fill(words.check, &[&self.check_mark]),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }

    /// What stands in the list of a mailbox.
    pub(crate) fn subject(&self) -> String {
        let parts = [self.warning(), self.words.title(self.order.kind)];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("KEZEK {}: {}", self.order.order_no, parts.join(" "))
    }

    /// Everything that a notice says, a line each.
    pub(crate) fn long(&self) -> String {
        let (words, notice) = (self.words, &self.order.notice);
        let reason = match self.language {
            Language::Kk => &notice.reason.kk,
            Language::Ru => &notice.reason.ru,
            Language::En => &notice.reason.en,
        };
        let contact = format!("{}, {}", notice.contact.name, notice.contact.phone);
        let mut lines = vec![self.subject(), String::new(), self.what(usize::MAX, LONG)];
        lines.push(fill(words.zone, &[&self.zone_name()]));
        lines.push(fill(words.confirm_by, &[&self.moment(self.order.ack_by, LONG)]));
        lines.push(fill(words.call, &[&contact]));
        lines.push(String::new());
        for (label, text) in [
            (words.reason, reason),
            (words.basis, &notice.legal_basis),
            (words.condition, &notice.condition),
            (words.issuer, &notice.issuer),
            (words.signatory, &notice.signatory),
        ] {
            if !text.is_empty() {
                lines.push(format!("{label}: {text}"));
            }
        }
        lines.push(format!("{}: {} ({})", words.facility, self.order.facility, self.order.environment));
        lines.push(fill(words.check, &[&self.check_mark]));
        lines.push(String::new());
        lines.push(words.not_the_order.to_owned());
        lines.join("\n") + "\n"
    }

    /// What nobody may overlook: a drill moves no load (S14).
    fn warning(&self) -> &'static str {
        match self.order.priority {
            Priority::Drill => self.words.drill,
            Priority::Emergency => self.words.emergency,
            Priority::Normal => "",
        }
    }

    fn what(&self, steps: usize, form: &str) -> String {
        let words = self.words;
        let replaced = self.order.supersedes.as_ref().map(ToString::to_string).unwrap_or_default();
        if self.order.kind == OrderKind::Recall {
            return fill(words.recalled, &[&replaced]);
        }
        let (from, to) = (self.moment(self.order.window_from, form), self.moment(self.order.window_to, form));
        let mut said: Vec<String> = match self.order.segments.is_empty() {
            true => vec![fill(words.free, &[&from, &to])],
            false => self.order.segments.iter().take(steps).map(|segment| self.step(segment, form)).collect(),
        };
        let more = self.order.segments.len().saturating_sub(steps);
        if more > 0 {
            said.push(fill(words.more, &[&more.to_string()]));
        }
        if let Some(slot) = self.returns() {
            said.push(fill(words.returns, &[&self.moment(slot, form)]));
        }
        if !replaced.is_empty() {
            said.push(fill(words.replaces, &[&replaced]));
        }
        said.join(" ")
    }

    fn step(&self, segment: &Segment, form: &str) -> String {
        let (from, to) = (self.moment(segment.from, form), self.moment(segment.to, form));
        fill(self.words.reduce, &[&self.power(segment.limit), &self.power(segment.cut), &from, &to])
    }

    /// MW with the decimal mark of the language.
    fn power(&self, power: Kw) -> String {
        match self.language {
            Language::En => power.to_string(),
            Language::Kk | Language::Ru => power.to_string().replace('.', ","),
        }
    }

    /// Where load must wait beyond its last limit.
    fn returns(&self) -> Option<DateTime<Utc>> {
        let last = self.order.segments.last()?;
        let slot = self.order.restore.as_ref()?;
        (last.to < slot.from).then_some(slot.from)
    }

    /// A civil moment; where the clocks are changed in between, with its own offset.
    fn moment(&self, at: DateTime<Utc>, form: &str) -> String {
        let local = at.with_timezone(&self.zone);
        let text = local.format(form).to_string();
        match self.offset(at) == self.offset(self.order.window_from) {
            true => text,
            false => format!("{text} ({})", offset_name(self.offset(at))),
        }
    }

    fn offset(&self, at: DateTime<Utc>) -> FixedOffset {
        at.with_timezone(&self.zone).offset().fix()
    }

    /// For instance `Almaty, UTC+6`.
    fn zone_name(&self) -> String {
        let offset = offset_name(self.offset(self.order.window_from));
        match self.zone {
            Tz::UTC => offset,
            zone => {
                let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
                format!("{city}, {offset}")
            }
        }
    }
}

fn offset_name(offset: FixedOffset) -> String {
    let seconds = offset.local_minus_utc();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    match (seconds, minutes % 60) {
        (0, _) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{}", minutes / 60),
        (_, rest) => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
}

/// Puts values into the places `{0}`, `{1}` ... of a text of this program.
fn fill(template: &str, values: &[&str]) -> String {
    let mut text = template.to_owned();
    for (place, value) in values.iter().enumerate() {
        text = text.replace(&format!("{{{place}}}"), value);
    }
    text
}

/// How many parts a short message takes: 160 letters of the GSM alphabet, or 70 of any other, in one; 153 or 67 in each
/// of several.
pub(crate) fn parts(text: &str) -> usize {
    let (count, single, each) = match text.chars().all(is_gsm) {
        true => {
            (text.chars().map(|letter| if "^{}\\[~]|€".contains(letter) { 2 } else { 1 }).sum(), 160, 153)
        }
        false => (text.encode_utf16().count(), 70, 67),
    };
    let count: usize = count;
    if count <= single { 1 } else { count.div_ceil(each) }
}

/// The letters of GSM 03.38 that these texts could hold; any other makes the message one of 16-bit letters.
fn is_gsm(letter: char) -> bool {
    matches!(letter, ' '..='_' | 'a'..='~' | '\n' | '£' | '¥' | '€') && letter != '`'
}

#[cfg(test)]
mod tests {
    use super::*;
    use kezek_model::order::{Contact, Head, RestoreSlot, Texts};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn order() -> Order {
        let segment = |from: &str, to: &str, limit, cut| Segment {
            from: at(from),
            to: at(to),
            limit: Kw(limit),
            cut: Kw(cut),
        };
        Order {
            order_no: "2022-0124-F012-v1".into(),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            environment: "kz-live".into(),
            facility: "F012".into(),
            sequence: 1,
            epoch: 1,
            supersedes: None,
            plan_digest: "p".into(),
            notice: kezek_model::order::Notice {
                issuer: "System operator".into(),
                legal_basis: "Grid rules, 14".into(),
                reason: Texts {
                    kk: "тапшылық".into(), ru: "дефицит".into(), en: "shortage".into()
                },
                contact: Contact { name: "Duty dispatcher".into(), phone: "+7 700 000 00 00".into() },
                ..Default::default()
            },
            issued_at: at("2022-01-23T12:00:00Z"),
            not_before: at("2022-01-23T12:00:00Z"),
            expires: at("2022-01-24T00:15:00Z"),
            ack_by: at("2022-01-23T12:30:00Z"),
            deliver_by: at("2022-01-23T12:30:00Z"),
            window_from: at("2022-01-23T18:00:00Z"),
            window_to: at("2022-01-24T00:00:00Z"),
            segments: vec![
                segment("2022-01-23T18:00:00Z", "2022-01-23T20:00:00Z", 2_000, 18_000),
                segment("2022-01-23T20:00:00Z", "2022-01-24T00:00:00Z", 12_500, 7_500),
            ],
            depth_base: "nominated".into(),
            floor: Kw(0),
            ramp_up: None,
            restore: Some(RestoreSlot { from: at("2022-01-24T00:15:00Z"), to: Kw(20_000) }),
            journal_head: Head::empty(),
        }
    }

    fn short(order: &Order, language: Language) -> String {
        Notice::new(order, Tz::Asia__Almaty, language).unwrap().short()
    }

    #[test]
    fn a_short_message_says_what_a_person_needs_first() {
        let order = order();
        let mark = order.check_mark().unwrap();
        let expected = format!(
            "KEZEK 2022-0124-F012-v1: Reduce to 2.0 MW (cut 18.0 MW) from 24.01 00:00 until 24.01 02:00. Reduce to \
             12.5 MW (cut 7.5 MW) from 24.01 02:00 until 24.01 06:00. Return not before 24.01 06:15. Local \
             time: Almaty, UTC+6. Confirm by 23.01 18:30. Call +7 700 000 00 00. Check {mark}."
        );
        assert_eq!(short(&order, Language::En), expected);
        assert_eq!(parts(&expected), 2);
    }

    #[test]
    fn every_language_says_the_same_figures_within_the_parts_allowed() {
        for language in [Language::Kk, Language::Ru, Language::En] {
            let text = short(&order(), language);
            let mark = if language == Language::En { '.' } else { ',' };
            for power in ["2.0", "18.0", "12.5"].map(|power| power.replace('.', &mark.to_string())) {
                assert!(text.contains(&power), "{power}: {text}");
            }
            for figure in ["24.01 00:00", "06:15", "23.01 18:30", "UTC+6", "+7 700"] {
                assert!(text.contains(figure), "{figure}: {text}");
            }
            assert!(!text.contains('{'), "{text}");
            assert!(parts(&text) <= MOST_PARTS, "{} parts: {text}", parts(&text));
        }
    }

    #[test]
    fn many_steps_are_cut_short_and_say_so() {
        let mut order = order();
        let step = |hour: i64| Segment {
            from: order.window_from + chrono::TimeDelta::hours(hour),
            to: order.window_from + chrono::TimeDelta::hours(hour + 1),
            limit: Kw(1000 * hour),
            cut: Kw(500),
        };
        order.segments = (0..24).map(step).collect();
        for language in [Language::Kk, Language::Ru, Language::En] {
            let text = short(&order, language);
            assert!(parts(&text) <= MOST_PARTS, "{} parts: {text}", parts(&text));
            let long = Notice::new(&order, Tz::Asia__Almaty, language).unwrap().long();
            assert!(long.contains("23.0") || long.contains("23,0"), "the e-mail has them all");
        }
        assert!(short(&order, Language::En).contains("more steps"));
    }

    #[test]
    fn a_drill_a_recall_and_a_release_cannot_be_mistaken_for_a_cut() {
        let drill = Order { priority: Priority::Drill, ..order() };
        let recall = Order {
            kind: OrderKind::Recall,
            supersedes: Some("2022-0124-F012-v1".into()),
            order_no: "2022-0124-F012-v2".into(),
            segments: vec![],
            restore: None,
            ..order()
        };
        let free = Order { kind: OrderKind::Limit, ..recall.clone() };
        for (language, no_load, withdrawn, unlimited) in [
            (Language::En, "DRILL", "WITHDRAWN", "No limit"),
            (Language::Ru, "УЧЕНИЕ", "ОТМЕНЕНО", "Без ограничения"),
            (Language::Kk, "ОҚУ-ЖАТТЫҒУ", "КҮШІ ЖОЙЫЛДЫ", "Шектеу жоқ"),
        ] {
            let of = |order: &Order| Notice::new(order, Tz::UTC, language).unwrap().subject();
            assert!(short(&drill, language).contains(no_load) && of(&drill).contains(no_load));
            let text = short(&recall, language);
            assert!(text.contains(withdrawn) && text.contains("F012-v1") && !text.contains("MW"), "{text}");
            assert!(short(&free, language).contains(unlimited), "{}", short(&free, language));
        }
    }

    #[test]
    fn where_the_clocks_are_changed_each_moment_says_its_offset() {
        let mut order = order();
        order.window_from = at("2024-02-29T12:00:00Z");
        order.segments[0].from = at("2024-02-29T12:00:00Z");
        order.segments[0].to = at("2024-02-29T20:00:00Z");
        let text = short(&order, Language::En);
        assert!(text.contains("29.02 18:00 until 01.03 01:00 (UTC+5)"), "{text}");
    }

    #[test]
    fn parts_are_counted_as_networks_do() {
        assert_eq!([1, 160, 161, 306, 307].map(|n| parts(&"a".repeat(n))), [1, 1, 2, 2, 3]);
        assert_eq!([1, 70, 71, 134, 135].map(|n| parts(&"ж".repeat(n))), [1, 1, 2, 2, 3]);
        assert_eq!(parts(&"[".repeat(81)), 2, "two letters each");
    }
}
