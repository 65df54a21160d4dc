//! What a person of a facility reads of an order that has not arrived: a short message and an e-mail, in the language of
//! the contact, with the local time of the facility, in words that the operator can edit ([`folder`]).
//!
//! Neither is the order. Both carry its number and a check mark of its signed bytes, which the control room reads out
//! over the telephone, for anybody can write such a message.

pub mod folder;
mod template;

use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use chrono_tz::Tz;
use kezek_model::canonical::CanonicalError;
use kezek_model::order::{Order, OrderKind, Priority, Segment};
use kezek_model::registry::Language;
use kezek_model::units::Kw;

use folder::Texts;
use template::{About, Template, Values};

/// Longest short message, in parts that a gateway bills and a network may lose: details are left out beyond it.
const MOST_PARTS: usize = 5;

/// With what a drill begins, whatever a text says: nobody may take it for a cut (S14).
fn drill_word(language: Language) -> &'static str {
    match language {
        Language::Kk => "ЖАТТЫҒУ",
        Language::Ru => "УЧЕНИЯ",
        Language::En => "DRILL",
    }
}

/// The texts of one order for one reader.
pub(crate) struct Notice<'a> {
    order: &'a Order,
    zone: Tz,
    texts: &'a Texts,
    language: Language,
    check_mark: String,
}

impl<'a> Notice<'a> {
    pub(crate) fn new(
        order: &'a Order,
        zone: Tz,
        texts: &'a Texts,
        language: Language,
    ) -> Result<Self, CanonicalError> {
        Ok(Self { order, zone, texts, language, check_mark: order.check_mark()? })
    }

    /// As much as fits into a few parts; what must be done, when, and whom to call always does.
    pub(crate) fn short(&self) -> String {
        let text = |steps| self.lines(self.texts.sms(self.language), steps).join("\n");
        let most = self.order.segments.len().max(1);
        let fitting = (1..=most).rev().map(text).find(|text| parts(text) <= MOST_PARTS);
        fitting.unwrap_or_else(|| text(1))
    }

    /// What stands in the list of a mailbox: the first line.
    pub(crate) fn subject(&self) -> String {
        self.lines(self.texts.email(self.language), 1).into_iter().next().unwrap_or_default()
    }

    /// Everything that a notice says.
    pub(crate) fn long(&self) -> String {
        self.lines(self.texts.email(self.language), usize::MAX).join("\n") + "\n"
    }

    /// The legal text, a paragraph each.
    pub(crate) fn legal(&self) -> Vec<String> {
        self.texts.legal(self.language).filled(self.about(), &self.values(usize::MAX), &[])
    }

    fn lines(&self, template: &Template, steps: usize) -> Vec<String> {
        let further = self.order.segments.iter().take(steps).skip(1).map(|segment| self.step(segment));
        let mut lines = template.filled(self.about(), &self.values(steps), &further.collect::<Vec<_>>());
        let word = drill_word(self.language);
        if let Some(first) = lines.first_mut().filter(|_| self.order.priority == Priority::Drill)
            && !first.starts_with(word)
        {
            *first = format!("{word}: {first}");
        }
        lines
    }

    fn about(&self) -> About {
        match (self.order.kind, self.order.priority) {
            (OrderKind::Recall, _) => About::Recall,
            _ if self.order.segments.is_empty() => About::Free,
            (_, Priority::Drill) => About::Drill,
            (_, Priority::Emergency) => About::Emergency,
            (_, Priority::Normal) => About::Cut,
        }
    }

    /// What goes to each place; `steps` limits are told.
    fn values(&self, steps: usize) -> Values {
        let (order, notice) = (self.order, &self.order.notice);
        let reason = match self.language {
            Language::Kk => &notice.reason.kk,
            Language::Ru => &notice.reason.ru,
            Language::En => &notice.reason.en,
        };
        let before = order.supersedes.as_ref().map(ToString::to_string).unwrap_or_default();
        let is_recall = order.kind == OrderKind::Recall;
        let more = order.segments.len().saturating_sub(steps);
        let contact = [notice.contact.name.as_str(), notice.contact.phone.as_str()];
        let contact: Vec<&str> = contact.into_iter().filter(|part| !part.is_empty()).collect();
        let mut values = Values::from([
            ("basis", notice.legal_basis.clone()),
            ("check", self.check_mark.clone()),
            ("condition", notice.condition.clone()),
            ("confirm_by", self.moment(order.ack_by)),
            ("contact", contact.join(", ")),
            ("environment", order.environment.clone()),
            ("facility", order.facility.to_string()),
            ("issuer", notice.issuer.clone()),
            ("more", if more > 0 { more.to_string() } else { String::new() }),
            ("offset", offset_name(self.offset(order.window_from))),
            ("order_no", order.order_no.to_string()),
            ("phone", notice.contact.phone.clone()),
            ("reason", reason.clone()),
            ("replaces", if is_recall { String::new() } else { before.clone() }),
            ("returns", self.returns().map(|at| self.moment(at)).unwrap_or_default()),
            ("scope", notice.scope.clone()),
            ("signatory", notice.signatory.clone()),
            ("withdraws", if is_recall { before } else { String::new() }),
            ("zone", self.zone_name()),
        ]);
        values.extend(match order.segments.first() {
            Some(segment) => self.step(segment),
            None => self.window(order.window_from, order.window_to),
        });
        values
    }

    fn step(&self, segment: &Segment) -> Values {
        let mut values = self.window(segment.from, segment.to);
        values.insert("limit_mw", self.power(segment.limit));
        values.insert("cut_mw", self.power(segment.cut));
        values
    }

    /// Two moments, the second without the day where it is that of the first.
    fn window(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Values {
        let day = |at: DateTime<Utc>| at.with_timezone(&self.zone).date_naive();
        let is_same = day(from) == day(to) && self.offset(from) == self.offset(to);
        let end = if is_same { self.hour(to) } else { self.moment(to) };
        Values::from([("from", self.moment(from)), ("to", end)])
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
        let slot = self.order.restore.as_ref().filter(|_| self.order.priority != Priority::Drill)?;
        (last.to < slot.from).then_some(slot.from)
    }

    fn hour(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M").to_string()
    }

    /// A civil moment; where the clocks are changed in between, with its own offset. The year stands in the number.
    fn moment(&self, at: DateTime<Utc>) -> String {
        let form = if self.language == Language::En { "%-d %b %H:%M" } else { "%d.%m %H:%M" };
        let text = at.with_timezone(&self.zone).format(form).to_string();
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
    match minutes % 60 {
        0 => format!("UTC{sign}{}", minutes / 60),
        rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
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
    use kezek_model::order::{Contact, Head, RestoreSlot};

    fn built_in() -> &'static Texts {
        static TEXTS: std::sync::LazyLock<Texts> = std::sync::LazyLock::new(Texts::default);
        &TEXTS
    }

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
                reason: kezek_model::order::Texts {
                    kk: "тапшылық".into(),
                    ru: "дефицит".into(),
                    en: "shortage".into(),
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
        Notice::new(order, Tz::Asia__Almaty, built_in(), language).unwrap().short()
    }

    #[test]
    fn a_short_message_says_what_a_person_needs_first() {
        let order = order();
        let mark = order.check_mark().unwrap();
        let expected = format!(
            "CUT F012 to 2.0 MW 24 Jan 00:00-02:00 UTC+6 No 2022-0124-F012-v1\nthen to 12.5 MW 24 Jan 02:00-06:00\n\
             Return not before 24 Jan 06:15\nConfirm by 23 Jan 18:30\nCall +7 700 000 00 00\nCheck {mark}"
        );
        assert_eq!(short(&order, Language::En), expected);
        assert_eq!(parts(&expected), 2);
    }

    #[test]
    fn every_language_says_the_same_figures_within_the_parts_allowed() {
        for (language, most) in [(Language::Kk, 4), (Language::Ru, 4), (Language::En, 2)] {
            let text = short(&order(), language);
            let (mark, day) = if language == Language::En { (".", "24 Jan") } else { (",", "24.01") };
            for power in ["2.0", "12.5"].map(|power| power.replace('.', mark)) {
                assert!(text.contains(&power), "{power}: {text}");
            }
            for figure in [&format!("{day} 00:00-02:00"), "06:15", "18:30", "UTC+6", "+7 700"] {
                assert!(text.contains(figure), "{figure}: {text}");
            }
            assert!(!text.contains('{'), "{text}");
            assert_eq!(parts(&text), most, "{text}");
        }
    }

    #[test]
    fn number_level_and_times_stand_in_the_first_part() {
        let mut order = order();
        order.segments.truncate(1);
        for (language, room) in [(Language::Kk, 67), (Language::Ru, 67), (Language::En, 153)] {
            let text = short(&order, language);
            let first: String = text.chars().take(room).collect();
            for figure in ["F012", "2022-0124-F012-v1", "02:00", "UTC+6", "00:00"] {
                assert!(first.contains(figure), "{figure} is not in {first:?} of {text:?}");
            }
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
            let long = Notice::new(&order, Tz::Asia__Almaty, built_in(), language).unwrap().long();
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
            (Language::En, "DRILL", "WITHDRAWN", "NO LIMIT"),
            (Language::Ru, "УЧЕНИЯ", "ОТМЕНЕНО", "БЕЗ ОГРАНИЧЕНИЙ"),
            (Language::Kk, "ЖАТТЫҒУ", "КҮШІ ЖОЙЫЛДЫ", "ШЕК ЖОҚ"),
        ] {
            let of = |order: &Order| Notice::new(order, Tz::UTC, built_in(), language).unwrap().subject();
            assert!(short(&drill, language).starts_with(no_load) && of(&drill).starts_with(no_load));
            let withdrawn_drill = Order { priority: Priority::Drill, ..recall.clone() };
            assert!(short(&withdrawn_drill, language).starts_with(no_load), "whatever the text says");
            let text = short(&recall, language);
            assert!(text.contains(withdrawn) && text.contains("F012-v1") && !text.contains("2.0"), "{text}");
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
        assert!(text.contains("29 Feb 18:00-1 Mar 01:00 (UTC+5) UTC+6"), "{text}");
    }

    #[test]
    fn parts_are_counted_as_networks_do() {
        assert_eq!([1, 160, 161, 306, 307].map(|n| parts(&"a".repeat(n))), [1, 1, 2, 2, 3]);
        assert_eq!([1, 70, 71, 134, 135].map(|n| parts(&"ж".repeat(n))), [1, 1, 2, 2, 3]);
        assert_eq!(parts(&"[".repeat(81)), 2, "two letters each");
    }
}
