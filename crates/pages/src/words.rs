//! The words of a page, in three languages side by side.

use kezek_model::registry::Language;

/// Makes a table of words: a struct with a field for each, and `of` for the table of a language. A word that is missing
/// in a language does not compile; a word that is the same in all is a name or is not translated, which a test asks.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($key:ident: $en:literal, $ru:literal, $kk:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        #[allow(missing_docs)]
        pub struct $name { $(pub $key: &'static str,)* }

        impl $name {
            const EN: Self = Self { $($key: $en,)* };
            const RU: Self = Self { $($key: $ru,)* };
            const KK: Self = Self { $($key: $kk,)* };
            /// Every word: its key, then English, Russian, Kazakh.
            pub const TABLE: &'static [(&'static str, [&'static str; 3])] =
                &[$((stringify!($key), [$en, $ru, $kk]),)*];

            /// The words of a language.
            #[must_use]
            pub const fn of(language: $crate::Language) -> &'static Self {
                match language {
                    $crate::Language::En => &Self::EN,
                    $crate::Language::Ru => &Self::RU,
                    $crate::Language::Kk => &Self::KK,
                }
            }
        }
    };
}

words! {
    /// Words that stand on every page.
    Common {
        product: "Kezek", "Kezek", "Kezek";
        day: "Day", "Сутки", "Тәулік";
        plans: "Plans", "Планы", "Жоспарлар";
        orders: "Orders", "Распоряжения", "Өкімдер";
        mine: "My facility", "Мой объект", "Менің нысаным";
        facilities: "Facilities", "Объекты", "Нысандар";
        handover: "Shift handover", "Сдача смены", "Ауысым тапсыру";
        verdicts: "Verdicts", "Исполнение", "Орындалуы";
        burden: "Burden", "Распределение снижения", "Кеміту бөлінісі";
        drills: "Drills", "Учения", "Жаттығулар";
        training: "TRAINING", "УЧЕБНЫЙ РЕЖИМ", "ОҚУ РЕЖИМІ";
        feeds: "Data", "Данные", "Деректер";
        studies: "Studies", "Исследования", "Зерттеулер";
        audit: "Audit", "Журнал действий", "Әрекеттер журналы";
        further: "More", "Ещё", "Тағы";
        issuing: "Freeze", "Заморозка", "Тоқтату";
        skip: "To the content", "К содержанию", "Мазмұнға өту";
        menu: "Main menu", "Главное меню", "Негізгі мәзір";
        language: "Language", "Язык", "Тіл";
        appearance: "Appearance", "Вид", "Көрініс";
        light: "light", "светлый", "ашық";
        dark: "dark", "тёмный", "күңгірт";
        sign_out: "Sign out", "Выйти", "Шығу";
        sign_in: "Sign in", "Войти", "Кіру";
        meters: "meters", "счётчики", "есептеуіштер";
        answers: "answers", "ответы", "жауаптар";
        forecast: "forecast", "прогноз", "болжам";
        none_yet: "none yet", "ещё нет", "әзірге жоқ";
        minutes: "min", "мин", "мин";
        hours: "h", "ч", "сағ";
        days: "d", "сут", "тәул";
        ago: "ago", "назад", "бұрын";
        mw: "MW", "МВт", "МВт";
        mwh: "MWh", "МВт·ч", "МВт·сағ";
        frozen: "FROZEN: nothing leaves until two people thaw it", "ЗАМОРОЖЕНО: ничего не уходит, пока двое не разморозят", "ТОҚТАТЫЛДЫ: екі адам ашпайынша ештеңе жіберілмейді";
        stopped: "ISSUING HAS STOPPED: a promise would be broken", "ВЫДАЧА ОСТАНОВЛЕНА: было бы нарушено обещание", "ШЫҒАРУ ТОҚТАДЫ: уәде бұзылар еді";
        journal: "The journal cannot be written: nothing is issued, watching goes on", "Журнал не пишется: распоряжения не выдаются, наблюдение идёт", "Журналға жазылмайды: өкім шығарылмайды, бақылау жалғасады";
        registry: "The registry has faults; the one before stays in force", "Реестр с ошибками; действует прежний", "Тізілімде қате бар; бұрынғысы күшінде";
        notices: "Texts of notices have faults; the built-in ones stand in for them", "В текстах сообщений ошибки; вместо них действуют встроенные", "Хабарлама мәтіндерінде қате бар; олардың орнына кірістірілгендері қолданылады";
        accounts: "The file of the accounts has faults; the one before stays in force", "Файл учётных записей с ошибками; действует прежний", "Тіркелгілер файлында қате бар; бұрынғысы күшінде";
        refused: "This was not done", "Это не выполнено", "Бұл орындалмады";
        back: "Back", "Назад", "Артқа";
        yes: "yes", "да", "иә";
        no: "no", "нет", "жоқ";
        dispatcher: "dispatcher", "диспетчер", "диспетчер";
        approver: "approver", "утверждающий", "бекітуші";
        planner: "planner", "плановик", "жоспарлаушы";
        auditor: "auditor", "аудитор", "аудитор";
        administrator: "administrator", "администратор", "әкімші";
        facility: "facility", "объект", "нысан";
        offline: "No connection to the control room since", "Нет связи с диспетчерской с", "Диспетчерлікпен байланыс жоқ:";
        no_such_page: "There is no such page.", "Такой страницы нет.", "Мұндай бет жоқ.";
        table: "as a table", "таблицей", "кесте түрінде";
        zone: "Zone", "Зона", "Аймақ";
        password: "Password", "Пароль", "Құпиясөз";
        code: "Code", "Код", "Код (бір реттік)";
        total: "Total", "Всего", "Барлығы";
    }
}

/// The code of a language, as `lang` in HTML.
#[must_use]
pub fn code(language: Language) -> &'static str {
    match language {
        Language::Kk => "kk",
        Language::Ru => "ru",
        Language::En => "en",
    }
}

/// The language of a code.
#[must_use]
pub fn from_code(code: &str) -> Option<Language> {
    [Language::Kk, Language::Ru, Language::En].into_iter().find(|known| self::code(*known) == code)
}

/// For tests: holds a table to the rules: no word is empty, kk and ru differ from English but for names, and have its figures.
#[doc(hidden)]
pub fn judge(table: &[(&str, [&str; 3])], names: &[&str]) {
    for (key, [en, ru, kk]) in table {
        assert!([en, ru, kk].iter().all(|word| !word.trim().is_empty()), "{key}");
        let differs = ru != en && kk != en;
        assert!(differs || names.contains(key), "{key} is not translated: {en:?} {ru:?} {kk:?}");
        let places = |word: &str| word.matches('{').count();
        assert_eq!([places(ru), places(kk)], [places(en); 2], "{key}");
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) use super::judge;

    #[test]
    fn every_common_word_is_translated() {
        judge(Common::TABLE, &["product"]);
    }

    #[test]
    fn languages_have_codes() {
        for language in [Language::Kk, Language::Ru, Language::En] {
            assert_eq!(from_code(code(language)), Some(language));
        }
        assert_eq!(from_code("de"), None);
    }
}
