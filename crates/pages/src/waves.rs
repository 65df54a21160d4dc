//! The waves in which load returns: how much, of whom, when, and who says so?

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the waves.
    WavesWords {
        title: "Restore waves", "Волны возврата", "Қайтару толқындары";
        none: "No load waits for its return.", "Возврата не ждёт никто.", "Қайтаруды күтіп тұрған жүктеме жоқ.";
        next: "Next: {0} MW from {1}, facilities: {2}", "Ближайшая: {0} МВт с {1}, объектов: {2}", "Келесі: {1} бастап {0} МВт, нысандар: {2}";
        all_over: "All slots have begun; {0} MW have not said that they are back.", "Все слоты начались; не сообщили о возврате: {0} МВт.", "Барлық кезек басталды; қайтқанын хабарламағаны: {0} МВт.";
        nothing_to_do: "Nobody sends anything: each order carries its own slot. A new order holds a wave.", "Отправлять ничего не нужно: слот записан в каждом распоряжении. Волну задержит новое распоряжение.", "Ештеңе жіберудің қажеті жоқ: кезек әр өкімде жазылған. Толқынды жаңа өкім ғана кідіртеді.";
        slot: "From", "С", "Басы";
        returns: "Returns, MW", "Возврат, МВт", "Қайтады, МВт";
        back: "Say that they are back", "Сообщили о возврате", "Қайтқанын хабарлағандар";
        who: "Facilities", "Объекты", "Нысандар";
        state: "State", "Состояние", "Күйі";
        waits: "waits", "ждёт", "күтуде";
        begun: "begun", "началась", "басталды";
        done: "all are back", "все вернулись", "бәрі қайтты";
    }
}

/// The facilities of a zone whose slots begin together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub zone: String,
    /// Order, facility, what returns, and whether it has said so.
    pub members: Vec<Member>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its order.
    pub order_no: String,
    /// Whose.
    pub facility: String,
    /// What returns.
    pub power: Kw,
    /// Whether it says that it is back.
    pub is_back: bool,
}

impl Wave {
    fn power(&self) -> Kw {
        self.members.iter().map(|one| one.power).sum()
    }

    fn back(&self) -> usize {
        self.members.iter().filter(|one| one.is_back).count()
    }

    fn is_done(&self) -> bool {
        self.back() == self.members.len()
    }
}

/// The waves.
#[derive(Debug, Template)]
#[template(path = "waves.html")]
pub struct Waves<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static WavesWords,
    /// By time.
    pub waves: Vec<Wave>,
}

impl Waves<'_> {
    /// What is said first.
    fn sentence(&self) -> String {
        let Some(next) = self.waves.iter().find(|wave| self.frame.now < wave.at) else {
            let missing = self.waves.iter().flat_map(|wave| &wave.members).filter(|one| !one.is_back);
            let power: Kw = missing.map(|one| one.power).sum();
            return if self.waves.is_empty() || power == Kw::ZERO {
                self.w.none.into()
            } else {
                fill(self.w.all_over, &[&self.frame.mw(&power)])
            };
        };
        let together = || self.waves.iter().filter(|wave| wave.at == next.at);
        let power: Kw = together().map(Wave::power).sum();
        let count: usize = together().map(|wave| wave.members.len()).sum();
        fill(self.w.next, &[&self.frame.mw(&power), &self.frame.stamp(&next.at), &count.to_string()])
    }

    fn power(&self, wave: &Wave) -> String {
        self.frame.mw(&wave.power())
    }

    /// Class, shape and word of a wave.
    fn state(&self, wave: &Wave) -> (&'static str, &'static str, &'static str) {
        match () {
            () if wave.is_done() => ("", "\u{2013}", self.w.done),
            () if self.frame.now < wave.at => ("waits", "○", self.w.waits),
            () => ("soon", "\u{25b2}", self.w.begun),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    fn wave(frame: &Frame, minutes: i64, backs: &[bool]) -> Wave {
        let member = |(n, is_back): (usize, &bool)| Member {
            order_no: format!("2026-0124-S{n}-v1"),
            facility: format!("S{n}"),
            power: Kw(10_000),
            is_back: *is_back,
        };
        let members = backs.iter().enumerate().map(member).collect();
        Wave { at: frame.now + TimeDelta::minutes(minutes), zone: "South".into(), members }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(WavesWords::TABLE, &[]);
    }

    #[test]
    fn the_next_wave_is_said_first_and_who_is_not_back_is_marked() {
        let frame = frame(Language::Ru);
        let waves = vec![wave(&frame, -10, &[true, false]), wave(&frame, 20, &[false, false])];
        let page = Waves { frame: &frame, w: WavesWords::of(frame.language), waves };
        let html = page.render().unwrap();
        for text in
            ["Ближайшая: 20,0 МВт с", "объектов: 2", "1 / 2", "началась", "href=\"/orders/2026-0124-S1-v1\""]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        let late = Waves { waves: vec![wave(&frame, -10, &[true, false])], ..page };
        assert!(late.sentence().contains("не сообщили о возврате: 10,0 МВт"), "{}", late.sentence());
        let over = Waves { waves: vec![wave(&frame, -10, &[true])], ..late };
        assert_eq!(over.sentence(), over.w.none);
    }
}
