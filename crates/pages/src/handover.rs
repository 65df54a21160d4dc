//! The sheet that one shift leaves to the next: what is under way, whom to call, what waits, what was done.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::audit::{AuditWords, Deed};
use crate::figures::fill;
use crate::frame::Frame;
use crate::issuing::{Frozen, IssuingWords};
use crate::orders::{Call, OrdersWords, Row, Standing};
use crate::plans::{PlanRow, PlansWords};
use crate::words;

words! {
    /// Words of the handover.
    HandoverWords {
        title: "Shift handover", "Сдача смены", "Ауысым тапсыру";
        stamp: "As of {0}, {1}", "По состоянию на {0}, {1}", "{0} жағдайы бойынша, {1}";
        print: "Print it: A4, black on white, with lines to sign.", "Распечатайте: А4, чёрным по белому, со строками для подписи.", "Басып шығарыңыз: А4, ақ қағазға қара, қол қоятын жолдарымен.";
        under_way: "Under way", "Идёт сейчас", "Қазір жүріп жатыр";
        standing: "{0} orders stand, {1} MW; accepted {2}, {3} MW.", "Действует распоряжений: {0}, {1} МВт; принято {2}, {3} МВт.", "Күшіндегі өкімдер: {0}, {1} МВт; қабылданды {2}, {3} МВт.";
        attention: "Orders that need a person", "Распоряжения, которым нужен человек", "Адам керек өкімдер";
        no_attention: "None.", "Нет.", "Жоқ.";
        more: "{0} more stand on the board of orders.", "Ещё {0} на доске распоряжений.", "Тағы {0} өкімдер тақтасында.";
        plans: "Plans that wait", "Планы, которые ждут", "Күтіп тұрған жоспарлар";
        trouble: "Faults and freezes", "Неисправности и заморозки", "Ақаулар мен тоқтатулар";
        no_trouble: "None.", "Нет.", "Жоқ.";
        old: "{0}: older than it should be, {1}", "{0}: устарело, {1}", "{0}: ескірген, {1}";
        missing: "{0}: none yet", "{0}: ещё нет", "{0}: әзірге жоқ";
        warnings: "Latest warnings", "Последние предупреждения", "Соңғы ескертулер";
        deeds: "What people did in the last 12 hours", "Действия людей за последние 12 часов", "Соңғы 12 сағаттағы әрекеттер";
        no_deeds: "Nobody did anything.", "Никто ничего не делал.", "Ешкім ештеңе жасаған жоқ.";
        not_all: "There were more; see the audit.", "Было и больше; см. журнал действий.", "Бұдан көп болды; әрекеттер журналын қараңыз.";
        notes: "Notes", "Заметки", "Ескертпелер";
        gives: "Handed over by", "Смену сдал", "Ауысымды тапсырды";
        takes: "Taken over by", "Смену принял", "Ауысымды қабылдады";
        time: "Time", "Время", "Уақыты";
        said: "Last call", "Последний звонок", "Соңғы қоңырау";
        nobody_called: "nobody has called", "не звонили", "қоңырау шалынбаған";
    }
}

/// A warning of the control room, in its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warned {
    /// When.
    pub at: DateTime<Utc>,
    /// The order, where one is meant.
    pub order_no: Option<String>,
    /// What happened, as the engine says it.
    pub text: String,
}

/// The sheet.
#[derive(Debug, Template)]
#[template(path = "handover.html")]
pub struct Handover<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static HandoverWords,
    /// Words of orders.
    pub b: &'static OrdersWords,
    /// Words of plans.
    pub p: &'static PlansWords,
    /// Words of the audit.
    pub a: &'static AuditWords,
    /// Words of a freeze.
    pub i: &'static IssuingWords,
    /// What stands.
    pub standing: Standing,
    /// Orders that need a person, worst first.
    pub attention: Vec<Row>,
    /// How many more there are.
    pub more: usize,
    /// Plans that wait for people.
    pub plans: Vec<PlanRow>,
    /// The freeze that lasts.
    pub frozen: Option<Frozen>,
    /// What is wrong, in the language of the page.
    pub trouble: Vec<String>,
    /// The latest warnings.
    pub warnings: Vec<Warned>,
    /// What people did, newest first.
    pub deeds: Vec<Deed>,
    /// Whether that is not all.
    pub not_all: bool,
}

impl Handover<'_> {
    fn stamp(&self) -> String {
        let stamp = format!("{} {}", self.frame.stamp(&self.frame.now), self.frame.offset());
        fill(self.w.stamp, &[&stamp, &self.frame.environment])
    }

    fn standing(&self) -> String {
        let Standing { orders, accepted, power, certain, .. } = &self.standing;
        let figures =
            [orders.to_string(), self.frame.mw(power), accepted.to_string(), self.frame.mw(certain)];
        fill(self.w.standing, &figures.each_ref().map(String::as_str))
    }

    fn more(&self) -> String {
        fill(self.w.more, &[&self.more.to_string()])
    }

    fn said(&self, call: &Option<Call>) -> String {
        match call {
            Some(call) => format!("{} {}: {}", self.frame.stamp(&call.at), call.person, call.answer),
            None => self.w.nobody_called.into(),
        }
    }

    fn with(&self, second: &str) -> String {
        fill(self.a.with, &[second])
    }

    fn is_sound(&self) -> bool {
        self.trouble.is_empty() && self.frozen.is_none()
    }

    /// What people write by hand at its foot.
    fn signatures(&self) -> [&'static str; 2] {
        [self.w.gives, self.w.takes]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tests::deed;
    use crate::frame::tests::frame;
    use crate::orders::tests::row;
    use kezek_model::registry::Language;
    use kezek_model::units::Kw;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(HandoverWords::TABLE, &[]);
    }

    #[test]
    fn the_sheet_says_what_stands_whom_to_call_and_what_was_done() {
        let frame = frame(Language::Ru);
        let sheet = Handover {
            frame: &frame,
            w: HandoverWords::of(frame.language),
            b: OrdersWords::of(frame.language),
            p: PlansWords::of(frame.language),
            a: AuditWords::of(frame.language),
            i: IssuingWords::of(frame.language),
            standing: Standing {
                orders: 45,
                accepted: 39,
                drills: 0,
                power: Kw(310_000),
                certain: Kw(268_000),
            },
            attention: vec![row(&frame)],
            more: 3,
            plans: vec![],
            frozen: Some(Frozen { by: "B.".into(), reason: "<old> forecast".into(), since: frame.now }),
            trouble: vec!["<fault>".into()],
            warnings: vec![Warned { at: frame.now, order_no: None, text: "<silent>".into() }],
            deeds: vec![deed(&frame)],
            not_all: true,
        };
        let html = sheet.render().unwrap();
        for text in [
            "По состоянию на сб 24 янв 12:41 UTC+05, kz-test",
            "Действует распоряжений: 45, 310,0 МВт; принято 39, 268,0 МВт.",
            "Ещё 3 на доске",
            "&#60;old&#62; forecast",
            "&#60;fault&#62;",
            "&#60;b&#62;over",
            "Было и больше",
            "Смену сдал",
            "class=\"blank\"",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        for raw in ["<old>", "<fault>", "<silent>", "<b>", "<Duty>"] {
            assert!(!html.contains(raw), "{raw}: {html}");
        }
    }
}
