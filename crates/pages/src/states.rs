//! The states of an order in words. The API names them in short English words; a person reads them in a language of his own.

use kezek_model::registry::Language;

use crate::words;

words! {
    /// Words of the states of an order, of what came of an attempt, and of what a facility has done.
    StateWords {
        waiting: "waits to be sent", "ждёт отправки", "жіберуді күтуде";
        sending: "being sent", "отправляется", "жіберілуде";
        relayed: "with the relay", "у посредника", "делдалда";
        received: "delivered", "доставлено", "жеткізілді";
        alarm: "stuck: address or key", "застряло: адрес или ключ", "тұрып қалды: мекенжай не кілт";
        gave_up: "not delivered", "не доставлено", "жеткізілмеді";
        no_answer: "no answer yet", "ответа ещё нет", "жауап әлі жоқ";
        accepted: "accepted", "принято", "қабылданды";
        refused: "refused", "отказ", "бас тартты";
        silent: "silent", "молчит", "үнсіз";
        no_limit: "no limit now", "сейчас не ограничен", "қазір шектеу жоқ";
        no_reading: "no fresh reading", "нет свежих показаний", "жаңа көрсеткіш жоқ";
        complying: "complies", "соблюдает", "сақтап отыр";
        drifting: "above the limit, within the tolerance", "выше предела, в пределах допуска", "шектен жоғары, рұқсат аясында";
        breach: "above the limit", "выше предела", "шектен асқан";
        live: "stands", "действует", "күшінде";
        superseded: "superseded", "заменено", "ауыстырылды";
        recalled: "recalled", "отозвано", "кері қайтарылды";
        expired: "over", "срок истёк", "мерзімі бітті";
        complied: "complied", "соблюдено", "сақталды";
        broken: "broken", "нарушено", "бұзылды";
        unproven: "not proven: readings are missing", "не доказано: нет показаний", "дәлелденбеді: көрсеткіш жоқ";
        emergency: "EMERGENCY", "АВАРИЙНОЕ", "АПАТТЫҚ";
        drill: "DRILL", "УЧЕНИЕ", "ЖАТТЫҒУ";
        recall: "RECALL", "ОТЗЫВ", "КЕРІ ҚАЙТАРУ";
        call_no_address: "has no address", "нет адреса", "мекенжайы жоқ";
        call_unconfirmed: "emergency lacks its second person", "аварийному плану нужен второй человек", "апаттық жоспарға екінші адам керек";
        call_relayed: "the relay took it, the facility says nothing", "посредник принял, объект молчит", "делдал алды, нысан үнсіз";
        call_alarm: "cannot be delivered", "доставить нельзя", "жеткізу мүмкін емес";
        call_not_received: "has not arrived", "не дошло", "жетпеді";
        call_refused: "cannot obey", "не может исполнить", "орындай алмайды";
        call_silent: "has not answered in time", "не ответили в срок", "мерзімінде жауап бермеді";
        under_way: "under way", "идёт", "жүріп жатыр";
        failed: "failed", "не удалось", "сәтсіз";
        told: "told", "сообщено", "хабарланды";
        passed_on: "taken by the relay", "принято посредником", "делдал қабылдады";
        limited: "limit set", "предел установлен", "шектеу қойылды";
        restored: "load returned", "нагрузка возвращена", "жүктеме қайтарылды";
        unknown: "unknown", "неизвестно", "белгісіз";
        kazakh: "Kazakh", "казахский", "қазақша";
        russian: "Russian", "русский", "орысша";
        english: "English", "английский", "ағылшынша";
    }
}

impl StateWords {
    /// Has it arrived? By the name of the API, as for all here.
    #[must_use]
    pub fn delivery(&self, name: &str) -> &'static str {
        match name {
            "waiting" => self.waiting,
            "sending" => self.sending,
            "relayed" => self.relayed,
            "received" => self.received,
            "alarm" => self.alarm,
            "gave-up" => self.gave_up,
            _ => self.unknown,
        }
    }

    /// Will it be obeyed?
    #[must_use]
    pub fn answer(&self, name: &str) -> &'static str {
        match name {
            "none" => self.no_answer,
            "accepted" => self.accepted,
            "refused" => self.refused,
            "silent" => self.silent,
            _ => self.unknown,
        }
    }

    /// Is it obeyed at this moment?
    #[must_use]
    pub fn meter(&self, name: &str) -> &'static str {
        match name {
            "no-limit" => self.no_limit,
            "unknown" => self.no_reading,
            "complying" => self.complying,
            "drifting" => self.drifting,
            "breach" => self.breach,
            _ => self.unknown,
        }
    }

    /// Does it stand?
    #[must_use]
    pub fn life(&self, name: &str) -> &'static str {
        match name {
            "live" => self.live,
            "superseded" => self.superseded,
            "recalled" => self.recalled,
            "expired" => self.expired,
            _ => self.unknown,
        }
    }

    /// Why a person must call.
    #[must_use]
    pub fn call(&self, name: &str) -> &'static str {
        match name {
            "no-address" => self.call_no_address,
            "unconfirmed" => self.call_unconfirmed,
            "relayed" => self.call_relayed,
            "alarm" => self.call_alarm,
            "not-received" => self.call_not_received,
            "refused" => self.call_refused,
            "silent" => self.call_silent,
            _ => self.unknown,
        }
    }

    /// A language that is spoken somewhere.
    #[must_use]
    pub fn language(&self, language: Language) -> &'static str {
        match language {
            Language::Kk => self.kazakh,
            Language::Ru => self.russian,
            Language::En => self.english,
        }
    }

    /// What came of an attempt or a message: its first word, `received (200)`, in the language, and the rest as it was
    /// said; none while it is under way.
    #[must_use]
    pub fn outcome(&self, said: Option<&str>) -> (&'static str, String) {
        let Some(said) = said else { return (self.under_way, String::new()) };
        let kinds = [
            ("relayed by ", self.passed_on),
            ("received ", self.received),
            ("told ", self.told),
            ("failed: ", self.failed),
            ("alarm: ", self.alarm),
        ];
        let found = kinds.into_iter().find_map(|(kind, word)| Some((word, said.strip_prefix(kind)?)));
        let (word, rest) = found.unwrap_or((self.unknown, said));
        (word, rest.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(StateWords::TABLE, &[]);
    }

    #[test]
    fn what_came_of_an_attempt_keeps_what_was_said() {
        let words = StateWords::of(Language::Ru);
        assert_eq!(words.outcome(Some("received (204)")), (words.received, "(204)".into()));
        assert_eq!(words.outcome(Some("relayed by T-11 (200)")), (words.passed_on, "T-11 (200)".into()));
        assert_eq!(words.outcome(Some("failed: no route: x")), (words.failed, "no route: x".into()));
        assert_eq!(words.outcome(Some("alarm: answered 410")), (words.alarm, "answered 410".into()));
        assert_eq!(words.outcome(None), (words.under_way, String::new()));
        assert_eq!(words.outcome(Some("other")), (words.unknown, "other".into()), "nothing is left out");
    }
}
