//! Whether orders leave: who froze them, why, and how two people let them go on.

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of freezing and thawing.
    IssuingWords {
        title: "Issuing of orders", "Выдача распоряжений", "Өкім шығару";
        goes_on: "Orders leave as they are approved.", "Распоряжения уходят по мере утверждения.", "Өкімдер бекітілген сайын жіберіледі.";
        frozen: "FROZEN", "ЗАМОРОЖЕНО", "ТОҚТАТЫЛҒАН";
        stopped: "STOPPED", "ОСТАНОВЛЕНО", "ТОҚТАҒАН";
        by: "By", "Кем", "Кім";
        since: "Since", "С какого времени", "Қашаннан";
        why: "Why", "Почему", "Себебі";
        for_so_long: "{0}, {1} ago", "{0}, {1} назад", "{0}, {1} бұрын";
        frozen_means: "Nothing is approved, recalled or sent. Answers and readings are still taken, and what was ordered still holds.", "Ничего не утверждается, не отменяется и не отправляется. Ответы и показания принимаются, выданное действует.", "Ештеңе бекітілмейді, күші жойылмайды, жіберілмейді. Жауаптар мен көрсетілімдер қабылданады, шығарылғаны күшінде.";
        stopped_means: "The control room stopped by itself, as a promise would be broken. Find the cause and mend it, then let two people resume.", "Диспетчерская остановилась сама: было бы нарушено обещание. Найдите и устраните причину, затем пусть двое возобновят.", "Диспетчерлік өзі тоқтады: уәде бұзылар еді. Себебін тауып, жойыңыз, содан кейін екі адам жалғастырсын.";
        standing: "Orders that stand: {0}, {1} MW. Of them not delivered: {2}, {3} MW.", "Действующих распоряжений: {0}, {1} МВт. Из них не доставлено: {2}, {3} МВт.", "Күшіндегі өкімдер: {0}, {1} МВт. Оның жеткізілмегені: {2}, {3} МВт.";
        freeze: "Freeze", "Заморозить", "Тоқтату";
        freeze_what: "At once nothing leaves any more: {0} orders ({1} MW) that are not delivered will wait, and no plan can be approved. What facilities have is not lifted. Only two people can thaw it.", "Сразу ничего больше не уходит: недоставленные распоряжения ({0}, {1} МВт) будут ждать, планы не утверждаются. То, что у объектов, остаётся в силе. Разморозить могут только двое.", "Бірден ештеңе жіберілмейді: жеткізілмеген өкімдер ({0}, {1} МВт) күтеді, жоспарлар бекітілмейді. Нысандардағы өкімдер күшінде қалады. Тек екі адам қайта аша алады.";
        thaw: "Thaw", "Разморозить", "Қайта ашу";
        thaw_what: "At once what waits goes out: {0} orders, {1} MW. Another person proves here that both want it.", "Сразу уйдёт то, что ждёт: распоряжений {0}, {1} МВт. Второй человек подтверждает здесь, что согласны оба.", "Күтіп тұрғаны бірден жіберіледі: {0} өкім, {1} МВт. Екінші адам екеуінің келіскенін осында растайды.";
        resume: "Resume", "Возобновить", "Жалғастыру";
        resume_what: "From then on plans can be approved again; {0} orders ({1} MW) are not delivered. Another person proves here that both want it.", "После этого планы снова утверждаются; не доставлено распоряжений: {0} ({1} МВт). Второй человек подтверждает здесь, что согласны оба.", "Содан кейін жоспарлар қайта бекітіледі; жеткізілмеген өкім: {0} ({1} МВт). Екінші адам екеуінің келіскенін осында растайды.";
        reason: "Reason, as it will stand in the journal", "Причина, как она войдёт в журнал", "Журналға жазылатын себеп";
        second: "The second person", "Второй человек", "Екінші адам";
        login: "Login", "Имя для входа", "Кіру аты";
        password: "Password", "Пароль", "Құпиясөз";
        code: "Code of the authenticator app", "Код из приложения-аутентификатора", "Аутентификатор қолданбасының коды";
        code_hint: "empty where there is none", "пусто, если его нет", "жоқ болса, бос қалдырыңыз";
        who_thaws: "Both must be dispatcher, approver or administrator.", "Оба должны быть диспетчером, утверждающим или администратором.", "Екеуі де диспетчер, бекітуші не әкімші болуы тиіс.";
        who_resumes: "Both must be approver or administrator.", "Оба должны быть утверждающим или администратором.", "Екеуі де бекітуші не әкімші болуы тиіс.";
        wrong: "Login, password or code of the second person is wrong.", "Имя, пароль или код второго человека неверны.", "Екінші адамның аты, құпиясөзі немесе коды қате.";
        locked: "Too many attempts for this person. Try again in {0} min.", "Слишком много попыток для этого человека. Повторите через {0} мин.", "Бұл адам үшін әрекет тым көп болды. {0} мин кейін қайталаңыз.";
    }
}

/// A freeze.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Who froze.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Orders and their highest cuts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub orders: usize,
    /// How much.
    pub cut: Kw,
}

/// Why the second person was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disbelief {
    /// Something typed is wrong.
    Wrong,
    /// Too many attempts.
    Locked {
        /// Until the next may be made.
        minutes: u64,
    },
}

impl Disbelief {
    /// In words.
    #[must_use]
    pub fn text(self, w: &IssuingWords) -> String {
        match self {
            Self::Wrong => w.wrong.into(),
            Self::Locked { minutes } => fill(w.locked, &[&minutes.to_string()]),
        }
    }
}

/// What two people do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// After a freeze.
    Thaw,
    /// After a broken promise.
    Resume,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "issuing.html")]
pub struct Issuing<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static IssuingWords,
    /// The freeze that lasts.
    pub frozen: Option<Frozen>,
    /// The promise that would be broken.
    pub stopped: Option<String>,
    /// What stands.
    pub standing: Count,
    /// What of it is not delivered.
    pub undelivered: Count,
    /// Whether the person may freeze, and thaw with another.
    pub may_freeze: bool,
    /// Whether the person may resume with another.
    pub may_resume: bool,
    /// What was just tried in vain, and why.
    pub tried: Option<(Deed, Disbelief)>,
    /// The reason typed then.
    pub reason: &'a str,
}

impl Issuing<'_> {
    /// The forms for two people that can be of use now.
    fn deeds(&self) -> Vec<Deed> {
        let thaw = (self.frozen.is_some() && self.may_freeze).then_some(Deed::Thaw);
        let resume = (self.stopped.is_some() && self.may_resume).then_some(Deed::Resume);
        [thaw, resume].into_iter().flatten().collect()
    }

    /// Path, name, what will happen, who may.
    fn form(&self, deed: &Deed) -> (&'static str, &'static str, String, &'static str) {
        let w = self.w;
        match deed {
            Deed::Thaw => ("thaw", w.thaw, self.waiting(w.thaw_what), w.who_thaws),
            Deed::Resume => ("resume", w.resume, self.waiting(w.resume_what), w.who_resumes),
        }
    }

    fn disbelief(&self, deed: &Deed) -> Option<String> {
        let (_, why) = self.tried.filter(|(tried, _)| tried == deed)?;
        Some(why.text(self.w))
    }

    fn waiting(&self, text: &str) -> String {
        fill(text, &[&self.undelivered.orders.to_string(), &self.frame.mw(&self.undelivered.cut)])
    }

    fn standing(&self) -> String {
        let [all, open] = [self.standing, self.undelivered];
        let count = |count: Count| [count.orders.to_string(), self.frame.mw(&count.cut)];
        let figures = [count(all), count(open)].concat();
        fill(self.w.standing, &figures.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn since(&self, frozen: &Frozen) -> String {
        fill(self.w.for_so_long, &[&self.frame.stamp(&frozen.since), &self.frame.age(&frozen.since)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    fn page(frame: &Frame) -> Issuing<'_> {
        Issuing {
            frame,
            w: IssuingWords::of(frame.language),
            frozen: None,
            stopped: None,
            standing: Count { orders: 45, cut: Kw(310_000) },
            undelivered: Count { orders: 3, cut: Kw(48_500) },
            may_freeze: true,
            may_resume: true,
            tried: None,
            reason: "",
        }
    }

    fn frozen(frame: &Frame) -> Frozen {
        let since = frame.now - chrono::TimeDelta::minutes(18);
        Frozen { by: "B. <Omarova>".into(), reason: "<old> forecast".into(), since }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(IssuingWords::TABLE, &[]);
    }

    #[test]
    fn freezing_says_first_what_will_happen() {
        let frame = frame(Language::Ru);
        let html = page(&frame).render().unwrap();
        for text in [
            "Распоряжения уходят по мере утверждения.",
            "Действующих распоряжений: 45, 310,0 МВт. Из них не доставлено: 3, 48,5 МВт.",
            "недоставленные распоряжения (3, 48,5 МВт) будут ждать",
            "action=\"/issuing/freeze\"",
            "name=\"seal\" value=\"s\"",
        ] {
            assert!(html.contains(text), "{text} is not on {html}");
        }
        assert!(!html.contains("/issuing/thaw") && !html.contains("/issuing/resume"), "{html}");
    }

    #[test]
    fn a_freeze_names_who_why_and_since_when_and_asks_for_a_second_person() {
        let frame = frame(Language::En);
        let html = Issuing { frozen: Some(frozen(&frame)), ..page(&frame) }.render().unwrap();
        for text in [
            "FROZEN",
            "B. &#60;Omarova&#62;",
            "&#60;old&#62; forecast",
            "Sat 24 Jan 12:23, 18 min ago",
            "3 orders, 48.5 MW",
            "action=\"/issuing/thaw\"",
            "name=\"login\"",
            "name=\"password\"",
        ] {
            assert!(html.contains(text), "{text} is not on {html}");
        }
        assert!(!html.contains("/issuing/freeze") && !html.contains("/issuing/resume"), "{html}");
        assert!(!html.contains("id=\"thaw\" open"), "two steps: {html}");
    }

    #[test]
    fn whoever_may_not_has_no_form_and_a_vain_attempt_keeps_the_reason() {
        let frame = frame(Language::En);
        let stopped = || Some("S11: the clock".to_owned());
        let html = Issuing { stopped: stopped(), may_resume: false, ..page(&frame) }.render().unwrap();
        assert!(html.contains("STOPPED") && html.contains("S11: the clock"), "{html}");
        assert!(!html.contains("/issuing/resume"), "{html}");
        let tried = Some((Deed::Resume, Disbelief::Locked { minutes: 3 }));
        let html =
            Issuing { stopped: stopped(), tried, reason: "<mended>", ..page(&frame) }.render().unwrap();
        assert!(html.contains("Try again in 3 min") && html.contains("&#60;mended&#62;"), "{html}");
        assert!(html.contains("id=\"resume\" open"), "{html}");
    }
}
