//! The order on paper: Kazakh and Russian side by side, its digest, a code to hold against the control room, lines to sign.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kezek_model::canonical::digest_of;
use kezek_model::order::{Order, OrderKind, Priority};
use kezek_model::registry::Language;
use kezek_model::units::Kw;
use kezek_pages::figures::{self, fill};
use kezek_pages::my::MyWords;
use kezek_pages::words;
use serde_json::{Value, json};

use crate::BOTH;
use crate::press::{PaperError, Sheet};

words! {
    /// Words of the order on paper.
    OrderPaperWords {
        title: "Order to limit consumption", "Распоряжение об ограничении потребления", "Тұтынуды шектеу туралы өкім";
        recall_title: "Order withdrawn", "Отмена распоряжения", "Өкімнің күшін жою";
        facility: "Facility", "Объект", "Нысан";
        steps: "Reduce in steps, to {0} MW at the lowest", "Снизить ступенями, ниже всего до {0} МВт", "Сатылап кеміту, ең төменгісі {0} МВт-қа дейін";
        from: "From", "С", "Басы";
        until: "Until", "До", "Соңы";
        level: "Not above, MW", "Не выше, МВт", "Ең көбі, МВт";
        cut: "Cut, MW", "Снижение, МВт", "Кеміту, МВт";
        ramp: "Return", "Возврат", "Қайтару";
        call: "Control room", "Диспетчерская", "Диспетчерлік";
        plan: "Plan", "План", "Жоспар";
        digest: "Digest of the signed order (SHA-256)", "Отпечаток подписанного распоряжения (SHA-256)", "Қол қойылған өкімнің таңбасы (SHA-256)";
        issued: "Issued", "Выдал", "Шығарған";
        approved: "Approved", "Утвердил", "Бекіткен";
        received: "Received at the facility", "Получил на объекте", "Нысанда алған";
        name: "name, signature", "фамилия, подпись", "тегі, қолы";
        time: "date, time", "дата, время", "күні, уақыты";
        paper_alone: "This paper is a copy for reading. What counts is the signed order with this digest; compare the check mark by telephone before acting on paper alone.", "Эта бумага служит для чтения. Силу имеет подписанное распоряжение с этим отпечатком; прежде чем действовать только по бумаге, сверьте контрольный знак по телефону.", "Бұл қағаз оқуға арналған. Күші бар құжат: осы таңбалы қол қойылған өкім; тек қағазға сүйеніп әрекет етпес бұрын бақылау белгісін телефон арқылы салыстырыңыз.";
        page: "page {0} of {1}", "страница {0} из {1}", "{1} беттің {0}-беті";
    }
}

/// The order on paper.
#[derive(Debug)]
pub struct OrderPaper<'a> {
    /// The order.
    pub order: &'a Order,
    /// The clock of the facility.
    pub zone: Tz,
    /// The legal text, a paragraph each, in Kazakh and in Russian.
    pub legal: [Vec<String>; 2],
}

impl OrderPaper<'_> {
    /// As PDF; the same for the same facts.
    ///
    /// # Errors
    /// When the typesetter refuses.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        self.sheet()?.pdf()
    }

    fn sheet(&self) -> Result<Sheet, PaperError> {
        let (order, digest) = (self.order, digest_of(self.order)?);
        let code = kezek_pages::qr::code(&kezek_pages::qr::of_order(order, &digest));
        let both = BOTH.map(OrderPaperWords::of);
        let said = |word: fn(&OrderPaperWords) -> &'static str| both.map(word).join(" / ");
        let line = |word: fn(&OrderPaperWords) -> &'static str, name: &str| json!([said(word), name]);
        let facts = json!({
            "number": order.order_no.as_str(),
            "facility": order.facility.as_str(),
            "environment": order.environment,
            "digest": digest,
            "digest_word": said(|w| w.digest),
            "plan": [said(|w| w.plan), order.plan_digest],
            "check_mark": order.check_mark()?,
            "check_word": BOTH.map(|language| MyWords::of(language).check_mark).join(" / "),
            "columns": [self.column(BOTH[0], &self.legal[0]), self.column(BOTH[1], &self.legal[1])],
            "is_drill": order.priority == Priority::Drill,
            "signatures": [
                line(|w| w.issued, &order.notice.signatory),
                line(|w| w.approved, ""),
                line(|w| w.received, ""),
            ],
            "name_word": said(|w| w.name),
            "time_word": said(|w| w.time),
            "page": both.map(|w| w.page),
        });
        Ok(Sheet {
            template: include_str!("../templates/order.typ"),
            facts,
            code: code.map(|code| code.svg()).unwrap_or_default(),
            ident: digest,
            dated: order.issued_at,
        })
    }

    fn column(&self, language: Language, legal: &[String]) -> Value {
        let (w, m) = (OrderPaperWords::of(language), MyWords::of(language));
        let order = self.order;
        let title = if order.kind == OrderKind::Recall { w.recall_title } else { w.title };
        let steps = order.segments.iter().map(|segment| {
            let (from, to) = (self.stamp(segment.from, language), self.stamp(segment.to, language));
            json!([from, to, figures::mw(segment.limit, language), figures::mw(segment.cut, language)])
        });
        let steps: Vec<Value> = steps.collect();
        json!({
            "language": kezek_pages::words::code(language),
            "title": title,
            "kind": self.kind(m),
            "sentence": self.sentence(w, m, language),
            "when": self.when(m, language),
            "step_head": [w.from, w.until, w.level, w.cut],
            "steps": steps,
            "rows": self.rows(language),
            "legal": legal,
            "paper_alone": w.paper_alone,
        })
    }

    fn kind(&self, m: &MyWords) -> &'static str {
        match (self.order.kind, self.order.priority) {
            (OrderKind::Recall, _) => m.recall,
            (_, Priority::Drill) => m.drill,
            _ if self.order.segments.is_empty() => m.free,
            (_, Priority::Emergency) => m.emergency,
            (_, Priority::Normal) => m.cut,
        }
    }

    /// The level, above everything else. Nobody may take a rehearsal for it.
    fn sentence(&self, w: &OrderPaperWords, m: &MyWords, language: Language) -> String {
        let limits = || self.order.segments.iter().map(|segment| segment.limit);
        let (lowest, is_even) = (limits().min(), limits().min() == limits().max());
        match (self.order.kind, lowest) {
            (OrderKind::Recall, _) => {
                let number = self.order.supersedes.as_ref().map_or("", |number| number.as_str());
                format!("{}: {number}", m.withdraws)
            }
            (_, None) => m.no_limit.to_owned(),
            (_, Some(limit)) => {
                let text = match self.order.priority {
                    Priority::Drill => m.rehearsed,
                    _ if !is_even => w.steps,
                    _ if limit <= Kw::ZERO => m.switch_off,
                    _ => m.reduce,
                };
                fill(text, &[&figures::mw(limit, language)])
            }
        }
    }

    fn when(&self, m: &MyWords, language: Language) -> String {
        let (first, last) = (self.order.segments.first(), self.order.segments.last());
        let from = first.map_or(self.order.window_from, |segment| segment.from);
        let to = last.map_or(self.order.window_to, |segment| segment.to);
        let offset = figures::offset(from, self.zone);
        fill(m.from_to, &[&self.dated(from, language), &self.dated(to, language), &offset])
    }

    fn rows(&self, language: Language) -> Vec<[String; 2]> {
        let (w, m) = (OrderPaperWords::of(language), MyWords::of(language));
        let (order, notice) = (self.order, &self.order.notice);
        let after = order.restore.as_ref().filter(|_| order.priority != Priority::Drill).map(|slot| {
            fill(m.back_to, &[&figures::mw(slot.to, language), &self.stamp(slot.from, language)])
        });
        let ramp = order.ramp_up.map(|ramp| fill(m.ramp, &[&figures::mw(ramp, language)]));
        let before = order.supersedes.as_ref().map(ToString::to_string);
        let before = before.filter(|_| order.kind != OrderKind::Recall);
        let reason = match language {
            Language::Kk => &notice.reason.kk,
            Language::Ru => &notice.reason.ru,
            Language::En => &notice.reason.en,
        };
        let call = [notice.contact.name.as_str(), notice.contact.phone.as_str()];
        let call = call.into_iter().filter(|part| !part.is_empty()).map(|part| part.replace(' ', "\u{a0}"));
        let call: Vec<String> = call.collect();
        let rows = [
            (w.facility, Some(order.facility.to_string())),
            (m.after, after),
            (w.ramp, ramp),
            (m.replaces, before),
            (m.why, Some(reason.clone())),
            (m.issued, Some(self.dated(order.issued_at, language))),
            (m.answer_by, Some(self.dated(order.ack_by, language))),
            (w.call, Some(call.join(", "))),
        ];
        let kept = rows.into_iter().filter_map(|(name, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some([name.to_owned(), value])
        });
        kept.collect()
    }

    /// Day, year and hour, by the clock of the facility.
    fn dated(&self, at: DateTime<Utc>, language: Language) -> String {
        let (day, year) = (figures::day(at, self.zone, language), at.with_timezone(&self.zone).format("%Y"));
        format!("{day} {year} {}", figures::hour(at, self.zone))
    }

    /// Day and hour, by the same clock.
    fn stamp(&self, at: DateTime<Utc>, language: Language) -> String {
        figures::stamp(at, self.zone, language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bare, unknown, words};
    use kezek_model::order::{Contact, Head, Notice, RestoreSlot, Segment, Texts};

    #[test]
    fn the_code_can_be_read_out_on_the_phone() {
        let said = kezek_pages::qr::of_order(&order(), "9c1e");
        let lines = [
            "KEZEK 2026-0124-S022-v5 SEQ 5",
            "2026-01-24T12:00Z/2026-01-24T17:00Z",
            "2.000 MW 2026-01-24T12:00Z/2026-01-24T17:00Z",
            "SHA-256 9c1e",
        ];
        assert_eq!(said.lines().collect::<Vec<_>>(), lines);
        let mut many = order();
        many.segments = vec![many.segments[0].clone(); 6];
        let said = kezek_pages::qr::of_order(&many, &"9c1e".repeat(16));
        assert!(said.contains("\n+2\n") && kezek_pages::qr::code(&said).is_some());
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn order() -> Order {
        let (from, to) = (at("2026-01-24T12:00:00Z"), at("2026-01-24T17:00:00Z"));
        let reason = Texts {
            kk: "тапшылық".into(), ru: "дефицит #let x = [".into(), en: "deficit".into()
        };
        Order {
            order_no: "2026-0124-S022-v5".into(),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            environment: "kz-test".into(),
            facility: "S-022".into(),
            sequence: 5,
            epoch: 1,
            supersedes: Some("2026-0124-S022-v4".into()),
            plan_digest: "0123456789abcdef".repeat(4),
            notice: Notice {
                issuer: "Системный оператор".into(),
                signatory: "Б. Омарова".into(),
                reason,
                contact: Contact {
                    name: "Кезекші диспетчер".into(), phone: "+7 717 200 00 00".into()
                },
                ..Notice::default()
            },
            issued_at: at("2026-01-24T07:20:00Z"),
            not_before: at("2026-01-24T07:20:00Z"),
            expires: at("2026-01-24T17:10:00Z"),
            ack_by: at("2026-01-24T07:50:00Z"),
            deliver_by: at("2026-01-24T07:50:00Z"),
            window_from: from,
            window_to: to,
            segments: vec![Segment { from, to, limit: Kw(2_000), cut: Kw(18_000) }],
            depth_base: "nominated".into(),
            floor: Kw::ZERO,
            ramp_up: None,
            restore: Some(RestoreSlot { from: at("2026-01-24T17:10:00Z"), to: Kw(20_000) }),
            journal_head: Head::empty(),
        }
    }

    fn paper(order: &Order) -> OrderPaper<'_> {
        let legal =
            [vec!["Негіздеме: ереже, 14-тармақ".to_owned()], vec!["Основание: правила, п. 14".to_owned()]];
        OrderPaper { order, zone: chrono_tz::Asia::Almaty, legal }
    }

    #[test]
    fn words_are_translated() {
        for (key, [en, ru, kk]) in OrderPaperWords::TABLE {
            assert!(en != ru && ru != kk && !kk.is_empty() && !ru.is_empty(), "{key}");
        }
    }

    #[test]
    fn one_page_says_it_in_kazakh_and_russian_and_no_letter_is_missing() {
        let order = order();
        let pages = paper(&order).sheet().unwrap().pages().unwrap();
        assert_eq!((pages.pages().len(), unknown(&pages)), (1, 0));
        let said = words(&pages);
        for text in [
            "Тұтынуды шектеу туралы өкім",
            "Распоряжение об ограничении",
            "2,0 МВт-қа дейін кеміту",
            "Снизить до 2,0 МВт",
            "С сб 24 янв 2026 17:00 до сб 24 янв 2026 22:00 (UTC+05)",
            "Негіздеме: ереже",
            "Основание: правила",
            "дефицит #let x = [",
            "страница 1 из 1",
            "2026-0124-S022-v5",
            &order.check_mark().unwrap(),
            "Б. Омарова",
        ] {
            assert!(said.contains(&bare(text)), "{text} is not in {said}");
        }
        assert!(said.contains(&digest_of(&order).unwrap()), "{said}");
    }

    #[test]
    fn many_steps_take_more_pages_and_each_says_which() {
        let mut order = order();
        let step = |hour: i64| Segment {
            from: order.window_from + chrono::TimeDelta::hours(hour),
            to: order.window_from + chrono::TimeDelta::hours(hour + 1),
            limit: Kw(1000 * hour),
            cut: Kw(500),
        };
        order.segments = (0..72).map(step).collect();
        let pages = paper(&order).sheet().unwrap().pages().unwrap();
        let (count, said) = (pages.pages().len(), words(&pages));
        assert!(said.contains(&bare("Снизить ступенями, ниже всего до 0,0 МВт")), "{said}");
        assert!(count > 1 && said.contains(&format!("страница{count}из{count}")), "{count}: {said}");
    }

    #[test]
    fn a_drill_and_a_withdrawal_cannot_be_taken_for_a_cut() {
        let drill = Order { priority: Priority::Drill, ..order() };
        let said = words(&paper(&drill).sheet().unwrap().pages().unwrap());
        assert!(said.contains("УЧЕНИЕ") && said.contains("ЖАТТЫҒУ"), "{said}");
        assert!(!said.contains("Снизитьдо") && !said.contains("вернутьсяк"), "{said}");
        let recall = Order { kind: OrderKind::Recall, segments: vec![], restore: None, ..order() };
        let said = words(&paper(&recall).sheet().unwrap().pages().unwrap());
        assert!(said.contains("Отменараспоряжения") && said.contains("2026-0124-S022-v4"), "{said}");
        assert!(!said.contains("Снизить"), "{said}");
    }

    #[test]
    fn the_same_facts_make_the_same_bytes_and_others_make_others() {
        let order = order();
        let bytes = paper(&order).pdf().unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
        assert_eq!(paper(&order).pdf().unwrap(), bytes);
        let other = Order { sequence: 6, ..order.clone() };
        assert_ne!(paper(&other).pdf().unwrap(), bytes);
    }
}
