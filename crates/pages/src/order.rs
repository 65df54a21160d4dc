//! One order: what is ordered and when, how far it has come, what was answered, and what a dispatcher may do about it.

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::order::{Order, OrderKind, Priority, Texts};
use kezek_model::registry::Language;

use crate::figures::fill;
use crate::frame::Frame;
use crate::orders::{Call, Contact, OrdersWords, Row};
use crate::states::StateWords;
use crate::words;
use crate::words::code;

words! {
    /// Words of the page of an order.
    OrderWords {
        title: "Order {0}", "Распоряжение {0}", "{0} өкімі";
        reduce: "Reduce to {0} MW (cut by {1} MW), {2}", "Снизить до {0} МВт (на {1} МВт), {2}", "{0} МВт-қа дейін кеміту ({1} МВт-қа), {2}";
        steps: "Reduce in steps to {0} MW at the lowest (cut by up to {1} MW), {2}", "Снизить ступенями, ниже всего до {0} МВт (не более чем на {1} МВт), {2}", "Сатылап кеміту, ең төменгісі {0} МВт-қа дейін (ең көбі {1} МВт-қа), {2}";
        no_cut: "Nothing is cut: the facility is free in this window", "Снижения нет: в этом окне объект свободен", "Кеміту жоқ: бұл аралықта нысан еркін";
        withdraws: "Withdraws order {0}", "Отзывает распоряжение {0}", "{0} өкімін кері қайтарады";
        state: "State", "Состояние", "Күйі";
        life: "Order", "Распоряжение", "Өкім";
        replaced: "Replaced by", "Заменено на", "Орнына келген";
        replaces: "Replaces", "Заменяет", "Орнын басады";
        issued: "Issued", "Выдано", "Шығарылды";
        answer_by: "Answer due", "Ответ до", "Жауап мерзімі";
        window: "Governs", "Окно действия", "Әрекет аралығы";
        returns: "Load returns", "Возврат нагрузки", "Жүктеме қайтуы";
        returns_to: "to {0} MW from {1}", "до {0} МВт с {1}", "{1} бастап {0} МВт-қа дейін";
        plan: "Plan", "План", "Жоспар";
        why: "Why", "Причина", "Себебі";
        check_mark: "Check mark to read out", "Контрольный знак для голоса", "Дауыстап айтатын бақылау белгісі";
        limits: "Limits", "Пределы", "Шектер";
        attempts: "Attempts at delivery", "Попытки доставки", "Жеткізу әрекеттері";
        attempts_total: "{0} in all", "всего {0}", "барлығы {0}";
        messages: "Messages", "Сообщения", "Хабарламалар";
        answers: "Answers and reports of the facility", "Ответы и отчёты объекта", "Нысанның жауаптары мен есептері";
        calls: "Calls", "Звонки", "Қоңыраулар";
        contacts: "Whom to call", "Кому звонить", "Кімге қоңырау шалу";
        verdict: "Verdict", "Заключение", "Қорытынды";
        so_far: "so far", "пока что", "әзірге";
        intervals: "Intervals: {0} at or below the limit, {1} above, {2} unknown", "Интервалы: {0} не выше предела, {1} выше, {2} неизвестно", "Аралықтар: {0} шектен аспаған, {1} асқан, {2} белгісіз";
        energy: "Ordered {0} MWh, metered above the limit {1} MWh", "Предписано {0} МВт·ч, по счётчику выше предела {1} МВт·ч", "Бұйырылғаны {0} МВт·сағ, есептеуіш бойынша шектен жоғары {1} МВт·сағ";
        time: "Time", "Время", "Уақыты";
        outcome: "Outcome", "Итог", "Нәтиже";
        to_whom: "To", "Кому", "Кімге";
        who: "Who", "Кто", "Кім";
        what: "What", "Что", "Не";
        acts: "Act", "Действия", "Әрекеттер";
        on_paper: "On paper (PDF)", "Для печати (PDF)", "Басып шығаруға (PDF)";
        call_open: "Enter a call", "Записать звонок", "Қоңырауды жазу";
        call_says: "What was said goes into the journal under your name. It is no answer of the facility: only its signature is.", "Сказанное попадёт в журнал под вашим именем. Это не ответ объекта: ответ — только его подпись.", "Айтылған сөз журналға сіздің атыңызбен жазылады. Бұл нысанның жауабы емес: жауап — тек оның қолтаңбасы.";
        call_label: "What was said, or that nobody answered", "Что сказали или что никто не ответил", "Не айтылды, немесе ешкім жауап бермеді";
        call_do: "Enter the call", "Записать звонок", "Қоңырауды жазу";
        resend_open: "Send again", "Отправить снова", "Қайта жіберу";
        resend_says: "1 order, {0} MW, leaves again for {1}, the same signed bytes. Do so once what stopped it has been mended.", "1 распоряжение, {0} МВт, снова уйдёт на объект {1}, те же подписанные байты. Делайте это, когда причина устранена.", "1 өкім, {0} МВт, {1} нысанына қайта жіберіледі, сол қол қойылған байттар. Кедергі жойылған соң жасаңыз.";
        resend_do: "Send again", "Отправить снова", "Қайта жіберу";
        recall_open: "Recall", "Отозвать", "Кері қайтару";
        recall_says: "1 order leaves for {0}: it withdraws this one, and a cut of {1} MW falls away. What is ordered below it holds again; where there is nothing, the facility is free. A recall cannot be taken back: only a new plan cuts again.", "На объект {0} уйдёт 1 распоряжение: оно отзовёт это, и снижение на {1} МВт отпадёт. Снова действует то, что предписано под ним; если ничего нет, объект свободен. Отзыв нельзя отменить: снизить снова может только новый план.", "{0} нысанына 1 өкім жіберіледі: ол осыны кері қайтарады, {1} МВт кеміту жойылады. Оның астындағы өкім қайта күшіне енеді; ештеңе болмаса, нысан еркін. Кері қайтаруды болдырмауға болмайды: қайта кемітуді тек жаңа жоспар жасайды.";
        recall_label: "Reason, which the facility reads", "Причина, её прочтёт объект", "Себебі, оны нысан оқиды";
        recall_do: "Recall the order", "Отозвать распоряжение", "Өкімді кері қайтару";
    }
}

/// One attempt at delivery, or one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// 1 for the first.
    pub number: u32,
    /// When it was intended.
    pub at: DateTime<Utc>,
    /// To whom and over what; empty for the order itself.
    pub to: String,
    /// What came of it, in the language of the page.
    pub outcome: &'static str,
    /// And as it was said.
    pub said: String,
}

/// What a facility has said or done, by its own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What, in the language of the page.
    pub what: &'static str,
    /// More of it; may be empty.
    pub more: String,
}

/// The verdict as far as readings are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// In the language of the page.
    pub word: &'static str,
    /// Whether it may still change.
    pub so_far: bool,
    /// Intervals at or below the limit, above it, unknown.
    pub intervals: [u32; 3],
    /// Ordered, and metered above the limit, in MWh.
    pub energy: Option<[f64; 2]>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "order.html")]
pub struct OrderPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static OrderWords,
    /// Words of the board.
    pub b: &'static OrdersWords,
    /// Words of the states.
    pub s: &'static StateWords,
    /// In short.
    pub row: Row,
    /// What the facility is told.
    pub order: &'a Order,
    /// What is read out on the phone.
    pub check_mark: &'a str,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// Attempts so far; the latest of them are shown.
    pub attempts_total: u32,
    /// The latest attempts.
    pub attempts: Vec<Try>,
    /// Messages over the second channel.
    pub messages: Vec<Try>,
    /// What the facility has said and done.
    pub said: Vec<Word>,
    /// Calls about it.
    pub calls: Vec<Call>,
    /// The verdict.
    pub verdict: Option<Verdict>,
    /// Whether it may be sent again.
    pub may_resend: bool,
    /// Whether it may be recalled.
    pub may_recall: bool,
}

impl OrderPage<'_> {
    fn title(&self) -> String {
        fill(self.w.title, &[&self.row.order_no])
    }

    /// What is ordered: the level comes first, the cut in brackets.
    fn lead(&self) -> String {
        self.lead_in(self.frame, self.w)
    }

    fn lead_in(&self, frame: &Frame, w: &OrderWords) -> String {
        match (self.row.kind, self.row.limit, self.order.segments.first(), self.order.segments.last()) {
            (OrderKind::Recall, ..) => fill(w.withdraws, &[self.replaced()]),
            (_, Some(limit), Some(first), Some(last)) => {
                let when = frame.span(&first.from, &last.to);
                let is_even = self.order.segments.iter().all(|segment| segment.limit == limit);
                let text = if is_even { w.reduce } else { w.steps };
                fill(text, &[&frame.mw(&limit), &frame.mw(&self.row.cut), &when])
            }
            _ => w.no_cut.to_owned(),
        }
    }

    /// The order in Kazakh and in Russian, for paper: code of the language, title, what is ordered, further lines.
    fn sides(&self) -> [(&'static str, String, String, Vec<String>); 2] {
        [Language::Kk, Language::Ru].map(|language| {
            let (frame, w) = (Frame { language, ..self.frame.clone() }, OrderWords::of(language));
            let s = StateWords::of(language);
            let tag = match self.row.priority {
                _ if self.row.is_recall() => Some(s.recall),
                Priority::Drill => Some(s.drill),
                Priority::Emergency => Some(s.emergency),
                Priority::Normal => None,
            };
            let title = fill(w.title, &[&self.row.order_no]);
            let reason = reason(self.order, language);
            let lines = [
                self.returns_in(&frame, w).map(|text| format!("{}: {text}", w.returns)),
                Some(format!("{}: {}", w.answer_by, frame.stamp(&self.order.ack_by))),
                Some(format!("{}: {reason}", w.why)).filter(|_| !reason.is_empty()),
                Some(format!("{}: {}", w.check_mark, self.check_mark)),
            ];
            let lines = tag.map(str::to_owned).into_iter().chain(lines.into_iter().flatten());
            (code(language), title, self.lead_in(&frame, w), lines.collect())
        })
    }

    fn replaced(&self) -> &str {
        self.order.supersedes.as_ref().map_or("", |number| number.as_str())
    }

    fn returns(&self) -> Option<String> {
        self.returns_in(self.frame, self.w)
    }

    fn returns_in(&self, frame: &Frame, w: &OrderWords) -> Option<String> {
        let slot = self.order.restore.as_ref()?;
        Some(fill(w.returns_to, &[&frame.mw(&slot.to), &frame.stamp(&slot.from)]))
    }

    fn reason(&self) -> &str {
        reason(self.order, self.frame.language)
    }

    fn plan(&self) -> String {
        self.order.plan_digest.chars().take(8).collect()
    }

    /// Attempts and messages: the name in the page, the heading, the rows.
    fn tries(&self) -> [(&'static str, &'static str, &[Try]); 2] {
        let (attempts, messages) = (self.attempts.as_slice(), self.messages.as_slice());
        [("attempts", self.w.attempts, attempts), ("messages", self.w.messages, messages)]
    }

    fn attempts_total(&self) -> String {
        fill(self.w.attempts_total, &[&self.attempts_total.to_string()])
    }

    fn intervals(&self, verdict: &Verdict) -> String {
        let figures = verdict.intervals.map(|count| count.to_string());
        fill(self.w.intervals, &figures.each_ref().map(String::as_str))
    }

    fn energy(&self, verdict: &Verdict) -> Option<String> {
        let figures = verdict.energy?.map(|mwh| self.frame.tenth(&mwh));
        Some(fill(self.w.energy, &figures.each_ref().map(String::as_str)))
    }

    fn resend_says(&self) -> String {
        fill(self.w.resend_says, &[&self.frame.mw(&self.row.cut), &self.row.facility])
    }

    fn recall_says(&self) -> String {
        fill(self.w.recall_says, &[&self.row.facility, &self.frame.mw(&self.row.cut)])
    }
}

fn reason(order: &Order, language: Language) -> &str {
    let Texts { kk, ru, en } = &order.notice.reason;
    match language {
        Language::Kk => kk,
        Language::Ru => ru,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use crate::orders::tests::row;
    use kezek_model::order::{Head, Notice, RestoreSlot, Segment};
    use kezek_model::units::Kw;

    fn order(frame: &Frame) -> Order {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (from, to) = (at("2026-01-24T12:00:00Z"), at("2026-01-24T17:00:00Z"));
        let reason = Texts { ru: "<дефицит>".into(), ..Texts::default() };
        Order {
            order_no: "2026-0124-S022-v5".into(),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            environment: "kz-test".into(),
            facility: "S-022".into(),
            sequence: 5,
            epoch: 1,
            supersedes: Some("2026-0124-S022-v4".into()),
            plan_digest: "0123456789abcdef".into(),
            notice: Notice { reason, ..Notice::default() },
            issued_at: frame.now,
            not_before: frame.now,
            expires: to,
            ack_by: frame.now,
            deliver_by: frame.now,
            window_from: from,
            window_to: to,
            segments: vec![Segment { from, to, limit: Kw(2_000), cut: Kw(18_000) }],
            depth_base: "nominated".into(),
            floor: Kw::ZERO,
            ramp_up: None,
            restore: Some(RestoreSlot { from: to, to: Kw(20_000) }),
            journal_head: Head::empty(),
        }
    }

    fn page<'a>(frame: &'a Frame, order: &'a Order, may: bool) -> OrderPage<'a> {
        let s = StateWords::of(frame.language);
        let outcome = s.failed;
        let attempt = Try { number: 1, at: frame.now, to: String::new(), outcome, said: "<503>".into() };
        OrderPage {
            frame,
            w: OrderWords::of(frame.language),
            b: OrdersWords::of(frame.language),
            s,
            row: row(frame),
            order,
            check_mark: "9c1e 04af",
            contacts: row(frame).contacts,
            attempts_total: 7,
            attempts: vec![attempt],
            messages: vec![],
            said: vec![],
            calls: vec![Call { person: "D".into(), at: frame.now, answer: "<no reply>".into() }],
            verdict: Some(Verdict {
                word: s.broken,
                so_far: true,
                intervals: [1, 2, 3],
                energy: Some([90.0, 4.0]),
            }),
            may_resend: may,
            may_recall: may,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(OrderWords::TABLE, &[]);
    }

    #[test]
    fn the_level_comes_first_and_nothing_is_unescaped() {
        let frame = frame(Language::Ru);
        let order = order(&frame);
        let html = page(&frame, &order, true).render().unwrap();
        for said in [
            "Снизить до 2,0 МВт (на 18,0 МВт), сб 24 янв 17:00–22:00",
            "до 20,0 МВт с сб 24 янв 22:00",
            "9c1e 04af",
            "&#60;дефицит&#62;",
            "&#60;503&#62;",
            "&#60;no reply&#62;",
            "/orders/2026-0124-S022-v4",
            "Интервалы: 1 не выше предела, 2 выше, 3 неизвестно",
            "снижение на 18,0 МВт отпадёт",
            "action=\"/orders/2026-0124-S022-v5/recall\"",
            "/orders/2026-0124-S022-v5/order.pdf",
            "<section lang=\"kk\">",
            "<section lang=\"ru\">",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(html.matches("name=\"seal\" value=\"s\"").count(), 4, "three forms, and signing out");
    }

    #[test]
    fn limits_of_different_depth_are_steps() {
        let frame = frame(Language::En);
        let mut order = order(&frame);
        let mut shallow = order.segments[0].clone();
        (shallow.from, shallow.to) = (shallow.to, shallow.to + chrono::TimeDelta::hours(1));
        shallow.limit = Kw(8_000);
        order.segments.push(shallow);
        let expected =
            "Reduce in steps to 2.0 MW at the lowest (cut by up to 18.0 MW), Sat 24 Jan 17:00–23:00";
        assert_eq!(page(&frame, &order, true).lead(), expected);
        order.segments.clear();
        let none = OrderPage { row: Row { limit: None, ..row(&frame) }, ..page(&frame, &order, true) };
        assert_eq!(none.lead(), none.w.no_cut);
        order.kind = OrderKind::Recall;
        let recall = Row { kind: OrderKind::Recall, limit: None, ..row(&frame) };
        let recall = OrderPage { row: recall, ..page(&frame, &order, true) };
        assert_eq!(recall.lead(), "Withdraws order 2026-0124-S022-v4");
    }

    #[test]
    fn what_may_not_be_done_is_not_offered() {
        let frame = frame(Language::En);
        let order = order(&frame);
        let html = page(&frame, &order, false).render().unwrap();
        assert!(!html.contains("/recall\"") && !html.contains("/resend\""), "{html}");
        assert!(html.contains("/called\""), "a call may always be entered");
        let mut reader = frame.clone();
        reader.who.as_mut().unwrap().roles = vec!["auditor".into()];
        let html = page(&reader, &order, true).render().unwrap();
        assert!(!html.contains("action=\"/orders/"), "only a dispatcher acts: {html}");
    }
}
